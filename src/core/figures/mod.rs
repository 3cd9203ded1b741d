//! The figures by which Decision 766/QĐ-TTg scores an agency, as far as the gateway can know them.
//!
//! ```text
//! facts of a dossier ──▶ Life ──▶ Ending, Standing ─┐
//! facts of an order  ──▶ Parcel ────────────────────┴─▶ Tally ─▶ what the page, the API and the command show
//! a dossier without acknowledged record ──▶ Missing: why, and who must act
//! ```
//!
//! Everything here is counted from plain facts; the journal reads them, and `docs/figures.md` says beside each number how
//! it is defined and which query gives it. Days are days of Việt Nam. The figures of a period are those of the dossiers
//! *received* in it, cut at its end: what the desk did later changes nothing of them, except that a record may still be
//! acknowledged. What cannot be known is left open, never made up: a share of nothing is no hundred per cent.
//!
//! The rules are those of the portal's own note on its formulas, as transcribed in 2026 (`docs/figures.md` says where that
//! note is silent, and what is done then).

mod life;
mod missing;
mod parcel;
mod period;
pub mod reported;
mod tally;

pub use life::{Ending, Life, Standing, Step};
pub use missing::{Missing, Record, RecordState, Who};
pub use parcel::Parcel;
pub use period::Period;
pub use reported::Reported;
pub use tally::{Cash, Counted, Orders, Share, Sync, Tally};
