//! What the mocks of partners share.
//!
//! A mock is a [`Partner`] (what this partner says to a request, and what it remembers) served by [`start`] over a
//! hand-written HTTP/1.1 loop, because a mock must do what a web framework prevents: reset a connection before or after
//! reading, keep silent for ever, send a body byte by byte.
//!
//! ```text
//! TcpStream ─head─▶ fault before reading? ─body─▶ Partner::read ─▶ faults drawn ─▶ Partner::take ─▶ ledger ─▶ answer or misbehaviour
//! ```
//!
//! - [`Entry`]: every request in the order in which it took effect, with what became of it.
//! - [`Fault`]: misbehaviour on command, in process ([`Running::fault`]) or by `POST /_mock/faults`.
//! - [`Field`]: declarative field tables; whatever differs from them is refused with the field and the reason.
//! - [`mutations`]: every way in which a good message can be spoilt, computed from a field table.
//! - [`Advance`], [`Tokens`], [`waybill`]: what more than one partner has.
//!
//! Guarantee: the ledger's order is the order in which requests took effect, because both happen under one lock
//! (test `the_ledger_keeps_the_order_of_effects`). The kit knows no partner, and nothing of the gateway.

mod armed;
mod fault;
mod fields;
mod http;
mod inspect;
mod journey;
mod ledger;
mod mutate;
mod partner;
mod running;
mod s10;
mod server;
mod tokens;
mod wire;

pub use fault::{Deed, Fault, Garble, Stage, Wait};
pub use fields::{Field, Format, Kind, as_object, check, join, text};
pub use http::{Answer, Request, parse_query};
pub use inspect::obey;
pub use journey::{Advance, Script};
pub use ledger::{Entry, Verdict};
pub use mutate::{Mutation, mutations};
pub use partner::{Call, Line, Partner, Reply};
pub use running::{Options, Running, serve_until_signal, start};
pub use s10::{is_waybill, serial_of, waybill};
pub use tokens::Tokens;

/// The mock's clock: a partner has its own time, which nobody hands to it.
#[must_use]
pub fn now() -> jiff::Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the partner's own clock; the gateway's time is not the mock's"
    )]
    jiff::Timestamp::now()
}
