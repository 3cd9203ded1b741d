//! The National Public Service Portal (DVCQG) as our partner: one module per interface it speaks.
//!
//! [`axis`] is the agency's own adapter on the national data-exchange axis. A dossier and a progress row have the same
//! fields at every interface of the portal, so their wire types and what fills them stand here; what is around them
//! (envelope, login, addresses, answers) is the interface's own.

pub mod axis;

mod pair;
#[cfg(test)]
mod testing;
mod translate;
mod wire;

pub use translate::FieldSet;
