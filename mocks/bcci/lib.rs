//! Plays Vietnam Post's order interface with pre-allocated waybills (BCCI), in two flavours.
//!
//! *Direct*: a static header `access_token`, and two URLs for an order: with a waybill (`ItemCode`), and without. *LGSP*: a
//! Bearer token for client credentials, and one URL at the provincial bus with `?service=<name>`. Behind both stands the order
//! service of the NGSP interface ([`mock_post::Post`], which [`Bcci::post`] hands out with all that a test can do to it):
//! orders, cancel, feed, and the way that an order goes. Everything is read strictly by [`WAYBILL_ORDER_FIELDS`] and
//! [`PLAIN_ORDER_FIELDS`].
//!
//! *Evidenced* (a provincial system of 2023 and OpenCPS v2's branch of 2021, read 08/2026): fields and types, `access_token`,
//! the second URL, the LGSP's token and `service`, answers as texts, `"100"` created, `"101"` already there.
//!
//! *Assumed*, because nothing public settles it:
//! - cancel and tracking feed have the form of the NGSP interface (GET with a query; at the LGSP with `service` as well);
//! - codes `"102"` and on ([`mock_post::codes`]: a field that breaks the contract, unknown order, already collected), and
//!   [`codes`]: `"105"` for a waybill that is not of the customer's range, or that another order has used, and `"106"` for
//!   another's customer code; nothing is taken then;
//! - HTTP 200 for what was taken and for business refusals, 400 and 403 as at the NGSP interface, 401 for a dead token;
//! - without a waybill, `ItemCode` is absent, null or empty; at the LGSP the same service takes both kinds of order;
//! - a number stays taken and a waybill stays used after a cancel; an absent mail address is null or empty;
//! - `FlagConfig` is 2, which is all that was ever seen.
//!
//! An `ItemCode` that comes for a second order, or from outside the range, is a [`Violation`]: a gateway never does this.
//!
//! The mock is written from the contract, and shares no type with the gateway.

mod bcci;
pub mod codes;
mod config;
mod fields;
mod waybills;

pub use bcci::Bcci;
pub use config::{Config, Customer, Direct, Flavour, Lgsp, Range};
pub use fields::{PLAIN_ORDER_FIELDS, WAYBILL_ORDER_FIELDS};
pub use waybills::{Offence, Violation};

/// A BCCI interface that runs.
pub type Running = mock_kit::Running<Bcci>;

/// Starts BCCI interfaces.
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
        mock_kit::start(Bcci::new(config, mock_kit::now()), options).await
    }
}
