//! Words and decisions of the gateway, without any IO.
//!
//! Everything the gateway *decides* lives here as a pure function over values: what an event causes ([`plan`]), which
//! handoff of a lane may be sent ([`lane`]), what follows from an outcome ([`next`]), when it is due again
//! ([`schedule`]). The daemon around it reads, waits, sends and stores, and chooses nothing.
//!
//! ```text
//! bytes ─decode─▶ Event ─▶ inbox ─plan─▶ handoffs ─▶ outbox ─▶ Port::send ─▶ Outcome ─next─▶ settled
//! ```
//!
//! The core knows three roles (commune, post, portal) and never an interface's words: the partner's spelling stays in
//! the partner's adapter. It has no clock, no random generator and no file, socket or environment access: `now` and
//! random draws are arguments. Its manifest and its own `clippy.toml` see to it.

pub mod breaker;
pub mod calendar;
pub mod dated;
pub mod event;
pub mod figures;
pub mod handoff;
pub mod identity;
pub mod ids;
pub mod inspect;
pub mod lane;
pub mod letters;
pub mod maintenance;
pub mod news;
pub mod next;
pub mod nudge;
pub mod outcome;
pub mod plan;
pub mod port;
pub mod pressure;
pub mod rate;
pub mod receipt;
pub mod reconcile;
pub mod schedule;
pub mod state;
pub mod status;
pub mod storm;
pub mod tables;
pub mod text;
pub mod tracking;
pub mod turns;
pub mod units;
pub mod watch;
pub mod waybill;
