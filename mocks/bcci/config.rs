//! What the interface with waybills can be told to be.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use mock_post::{Step, WireCode};

/// The mock's switches.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long an unused connection is kept; `None` keeps it for ever.
    pub idle: Option<Duration>,
    /// How one is let in, and where the calls are.
    pub flavour: Flavour,
    /// Who may order.
    pub customers: Vec<Customer>,
    /// Postal provinces that exist; `None` takes every number from 1 to 99.
    pub provinces: Option<BTreeSet<i64>>,
    /// Whether the feed says nothing of an order before it is collected; public sources do not say.
    pub feed_silent: bool,
    /// HTTP status of what was taken, and of a business refusal; public sources do not say.
    pub done_status: u16,
    /// The way that an order goes unless it has a script of its own.
    pub script: Vec<Step>,
    /// What the feed calls each step.
    pub wire_codes: BTreeMap<Step, WireCode>,
    /// Interval at which every open order moves one step; `None` leaves it to commands.
    pub advance_every: Option<Duration>,
}

/// How one is let in, and where the calls are.
#[derive(Debug, Clone)]
pub enum Flavour {
    /// At the post itself.
    Direct(Direct),
    /// Behind a provincial bus.
    Lgsp(Lgsp),
}

/// Paths at the post; none is public.
#[derive(Debug, Clone)]
pub struct Direct {
    /// Orders with a waybill.
    pub waybill_order_path: String,
    /// Orders without.
    pub order_path: String,
    /// Cancels.
    pub cancel_path: String,
    /// The tracking feed.
    pub tracking_path: String,
}

/// Paths and names at a provincial bus; all are configured there.
#[derive(Debug, Clone)]
pub struct Lgsp {
    /// The token call.
    pub token_path: String,
    /// Life of a token.
    pub token_life: Duration,
    /// All services.
    pub path: String,
    /// `service` of an order.
    pub order_service: String,
    /// `service` of a cancel.
    pub cancel_service: String,
    /// `service` of the tracking feed.
    pub tracking_service: String,
}

/// One account.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Customer code.
    pub code: String,
    /// `access_token` at the post; `None` lets every request in that names the customer.
    pub access_token: Option<String>,
    /// Client id at the bus.
    pub key: String,
    /// Client secret at the bus.
    pub secret: String,
    /// Waybills that the post gave to the customer.
    pub ranges: Vec<Range>,
}

/// Waybills from one serial number to another, both included; their check digits follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The two letters.
    pub service: String,
    /// First serial number.
    pub from: u32,
    /// Last serial number.
    pub to: u32,
}

impl Range {
    /// All serial numbers from one to another.
    #[must_use]
    pub fn new(service: &str, from: u32, to: u32) -> Self {
        Self { service: service.to_owned(), from, to }
    }

    /// Whether a waybill is one of them.
    #[must_use]
    pub fn holds(&self, item_code: &str) -> bool {
        mock_kit::serial_of(item_code).is_some_and(|(service, serial)| {
            service == self.service && (self.from..=self.to).contains(&serial)
        })
    }
}

impl Default for Direct {
    fn default() -> Self {
        Self {
            waybill_order_path: "/bcci/orders/waybill".to_owned(),
            order_path: "/bcci/orders".to_owned(),
            cancel_path: "/bcci/orders/cancel".to_owned(),
            tracking_path: "/bcci/orders/tracking".to_owned(),
        }
    }
}

impl Default for Lgsp {
    fn default() -> Self {
        Self {
            token_path: "/token".to_owned(),
            token_life: Duration::from_secs(3600),
            path: "/lgsp/vnpost".to_owned(),
            order_service: "OrderPost".to_owned(),
            cancel_service: "OrderCancel".to_owned(),
            tracking_service: "OrderTracking".to_owned(),
        }
    }
}

impl Default for Customer {
    fn default() -> Self {
        Self {
            code: "LC_XA_TIENTHANH".to_owned(),
            access_token: Some("the-vao-thu".to_owned()),
            key: "khach-hang-thu".to_owned(),
            secret: "bi-mat-thu".to_owned(),
            ranges: vec![Range::new("CH", 10_020_000, 10_020_999)],
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        let post = mock_post::Config::default();
        Self {
            listen: post.listen,
            idle: None,
            flavour: Flavour::Direct(Direct::default()),
            customers: vec![Customer::default()],
            provinces: None,
            feed_silent: false,
            done_status: 200,
            script: post.script,
            wire_codes: post.wire_codes,
            advance_every: None,
        }
    }
}
