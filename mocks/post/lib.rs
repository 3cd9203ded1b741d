//! Plays Vietnam Post's NGSP order API.
//!
//! Token call (client credentials), create, cancel, and one tracking feed per customer. Everything is read strictly by
//! [`ORDER_FIELDS`] and refused with the field and the rule. Orders move along by `POST /_mock/advance`, by
//! [`Post::advance`], or by themselves at an interval.
//!
//! *Evidenced* (OpenCPS v2 and the public SDK, read 08/2026): the calls, their fields and types, HTTP 201 for create and
//! cancel, the feed's shape, page size and cursor. *Assumed*: every `Status` but 100 (see [`codes`]), HTTP 401 for a dead
//! token, 400 for a field that breaks the contract, that a cancel is taken until collection and may be repeated, whether
//! numbers are unique, whether the feed shows an order before collection, and part of the feed's codes
//! ([`default_wire_codes`]; sources disagree on *delivered*: 4 or 5).
//!
//! The interface with waybills (`mocks/bcci`) is the same order service behind another front, and asks [`Post`] for what the two
//! share.
//!
//! The mock is written from the contract, and shares no type with the gateway.

pub mod codes;
mod config;
mod feed;
pub mod fields;
mod handle;
mod post;
mod store;

pub use config::{Config, Customer, Step, WireCode, default_wire_codes};
pub use feed::FeedRow;
pub use fields::{CANCEL_FIELDS, ORDER_FIELDS, TOKEN_FIELDS, TRACKING_FIELDS};
pub use handle::Doubled;
pub use post::{Post, unauthorised};
pub use store::{Advance, Order, Parcel, Planted};

/// A post that runs.
pub type Running = mock_kit::Running<Post>;

/// Starts posts.
#[derive(Debug)]
pub struct Mock;

impl Mock {
    /// Binds the configured address and serves until shut down.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(config: Config) -> std::io::Result<Running> {
        let options =
            mock_kit::Options { listen: config.listen, idle: config.idle, tick: config.advance_every };
        mock_kit::start(Post::new(config, mock_kit::now()), options).await
    }
}
