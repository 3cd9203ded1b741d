//! The statistics office's catalogue of administrative units: which provinces and communes there are on a day.
//!
//! A SOAP 1.1 service, document/literal, whose answers are .NET data sets: an inline schema, then a diffgram with one
//! `TABLE` a unit. [`Catalogue`] asks for the provinces and for the communes of one day and gives the core's
//! [`Listed`](lienthong_core::units::Listed) units; what they change in the table of units is decided there.
//!
//! ```text
//! day ─client─▶ SOAP answer ─diffgram (a stream of rows)─▶ Listed ─corrections─▶ list of the day
//! ```
//!
//! The service is asked by a command that a person or a timer starts, never by the daemon. Questions write nothing, so
//! that each may be asked again. Not guaranteed: that the answer is complete. An answer that ends in the middle is seen
//! (`an_answer_that_is_cut_anywhere_is_refused`); one that is whole and lacks half of the country is not, and is stopped
//! by the core's rule for shrunken lists.

pub mod config;

mod client;
mod diffgram;
mod envelope;

pub use client::{Asked, Catalogue, Failed};
pub use diffgram::Unreadable;
pub use envelope::Operation;
