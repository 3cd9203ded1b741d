//! The order service that two interfaces of the post lead to: NGSP, and BCCI directly or through a province's LGSP.
//!
//! Both take the same fields of an order, answer with the same envelope, and differ in where they stand, how an account
//! shows who it is, and what they call their verdicts. What is the same stands here, once; an interface brings its
//! settings, its [`Words`](classify::Words) and its [`Service`](client::Service). The daemon knows the interfaces only.
//!
//! ```text
//! Content ─translate─▶ wire ─client (credential)─▶ answer ─classify─▶ Outcome
//!                                      feed page ─track─▶ TrackingEvents
//! ```

pub(crate) mod classify;
pub(crate) mod client;
pub(crate) mod rows;
pub(crate) mod settings;
pub(crate) mod token;
pub(crate) mod track;
pub(crate) mod translate;
pub(crate) mod wire;
