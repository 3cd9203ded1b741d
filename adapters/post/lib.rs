//! Vietnam Post: one module for each interface that its contracts name.
//!
//! Interfaces share what is the same whichever one is spoken: the post's numbers of areas ([`areas`]), what stands on a
//! parcel (`label`), and what a status says (`rows`); [`ngsp`] and [`bcci`] also the order service that both lead to
//! (`orders`). Everything else (words, codes, verdicts) stands in the interface's module: the same code means *delivered*
//! at one of them and *collecting* at another.

pub mod areas;
pub mod bcci;
pub mod myvnpost;
pub mod ngsp;

mod label;
mod orders;
mod rows;

use lienthong_http::settings::{SettingProblem, listed};

/// An account that cannot be built from its settings.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Settings that cannot be used, all of them.
    #[error("use the post's settings: {}", listed(.0))]
    Settings(Vec<SettingProblem>),
    /// Certificates or keys that cannot be used.
    #[error("set up calls to the post")]
    Client(#[source] lienthong_http::BuildError),
}
