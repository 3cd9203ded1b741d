//! The pilot of the commune Tiến Thành, January to 15 September 2022, invented from a seed.
//!
//! 185 civil-status dossiers that the post clerk received at the desk, 162 guided online ones, 140 of citizens who were
//! helped to fill in: each with a life of desk events and of parcels ([`Pilot`]), and with what that life must have caused
//! at the post and at the portal in the end ([`expect`]). Nobody in it exists: names are drawn, phones begin with 0510,
//! identity numbers with 999.
//!
//! ```text
//! seed ─▶ lives ─▶ scripts: events, movements of parcels, waits ─▶ whoever plays them (the demo)
//!                      └──▶ expect: rows, record, orders, dead letters ─▶ whoever judges
//! ```
//!
//! **Independent.** The table of expected calls is written from the domain (what each event must cause at DVCQG and at
//! VNPost) and shares nothing with the gateway: no type, no planner, no adapter. It knows no retry and no clock. That it
//! can be so small rests on the scripts: a step that depends on what a partner knows stands behind a [`Condition`], as
//! days pass between such steps in life.
//!
//! **Not done here.** Publishing, mocks, faults, waiting, comparing: that is the demo. A script never tells what the
//! gateway does, only what the desk and the post do.

mod calendar;
mod chance;
#[cfg(test)]
mod checks;
mod desk;
mod dialect;
mod event;
mod expect;
mod incidents;
mod lives;
mod people;
mod script;
mod stray;

pub use calendar::{At, END};
pub use dialect::Dialect;
pub use event::{Applicant, Data, Dossier, Event, Kind};
pub use expect::{CashEnd, Expected, ExpectedOrder, ExpectedRow, OrderEnd, TEXTS, Texts, expect};
pub use lives::Pilot;
pub use people::DESK;
pub use script::{Condition, Group, Move, Publication, Script, Step, What};
pub use stray::Stray;

/// The source that publishes the pilot's events.
pub const SOURCE: &str = "urn:lienthong:commune:H11.01.07";
/// The agency whose dossiers they are.
pub const AGENCY: &str = "H11.01.07";
