//! Plays Vietnam Post's MyVNPost customer API, and its webhook.
//!
//! `GetAccessToken`, `CreateOrder`, `orderCancel`, `getOrder`, `GetListOrder` and `GetStatusHistoryOrder`, under a prefix
//! that may be empty. Everything is read strictly by [`ORDER_FIELDS`] and the other tables, and refused with the field and
//! the rule. Orders move along by `POST /_mock/advance`, by [`MyVnPost::advance`], or by themselves at an interval.
//! [`MyVnPost::packet`] and [`MyVnPost::send`] are the webhook: signed in both ways that occur, or not, and as often as wished.
//!
//! *Evidenced* (a Drupal module that quotes the post's documentation, and other public clients, read 08/2026): the calls,
//! their fields and types, the header `token`, the answer to a create and that it may stand inside `data`, errors at HTTP
//! 200, the answers to a cancel, paging and days of the list, the history, masked people, three forms of moments, the status
//! codes, and all that [`Signing`] describes. *Assumed*: HTTP 200 for every business refusal, the refusing types of a cancel
//! and all sentences (see [`codes`]), that a second cancel is refused, members and order of a list's records, that both its
//! days are included, that an unknown code gives an empty answer, and bounds. A resent create makes a second parcel: no
//! document knows a duplicate check.
//!
//! *Left out*: corrections, prices, drafts made into orders, catalogues and reports (404), and the codes `TGTN` and
//! `GHTBC`, of which it is not known where they stand.
//!
//! The mock is written from the contract, and shares no type with the gateway.

mod answers;
pub mod codes;
mod config;
mod fields;
mod myvnpost;
mod status;
mod store;
mod webhook;

pub use config::{CancelEnds, CancelForm, Config, Customer, DateForm, ReasonMember};
pub use fields::{
    ADDON_FIELDS, CANCEL_FIELDS, INFORMATION_FIELDS, LIST_FIELDS, ONE_FIELDS, ORDER_FIELDS, TOKEN_FIELDS,
};
pub use myvnpost::{Doubled, MyVnPost};
pub use status::Status;
pub use store::{Advance, Mark, Parcel, Planted};
pub use webhook::{Delivery, Keys, NotLoopback, Packet, Signing};

/// A MyVNPost that runs.
pub type Running = mock_kit::Running<MyVnPost>;

/// Starts MyVNPosts.
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
        mock_kit::start(MyVnPost::new(config), options).await
    }
}
