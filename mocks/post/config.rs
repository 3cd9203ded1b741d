//! What the post can be told to be.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The mock's switches.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long an unused connection is kept; `None` keeps it for ever.
    pub idle: Option<Duration>,
    /// Path of the token call.
    pub token_path: String,
    /// Path of the create.
    pub order_path: String,
    /// Path of the cancel.
    pub cancel_path: String,
    /// Path of the tracking feed.
    pub tracking_path: String,
    /// Who may ask for a token.
    pub customers: Vec<Customer>,
    /// Life of a token.
    pub token_life: Duration,
    /// Postal provinces that exist; `None` takes every number from 1 to 99.
    pub provinces: Option<BTreeSet<i64>>,
    /// Whether a second create under the same number is refused; public sources do not say.
    pub number_unique: bool,
    /// Whether the feed says nothing of an order before it is collected; public sources do not say.
    pub feed_silent: bool,
    /// Whether `Status` is written as a text; both occur.
    pub status_as_text: bool,
    /// HTTP status of what was taken, and of a business refusal: 201 is evidenced here.
    pub done_status: u16,
    /// The way that an order goes unless it has a script of its own.
    pub script: Vec<Step>,
    /// What the feed calls each step.
    pub wire_codes: BTreeMap<Step, WireCode>,
    /// Interval at which every open order moves one step; `None` leaves it to commands.
    pub advance_every: Option<Duration>,
}

/// One account of the post.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Customer code.
    pub code: String,
    /// Client id.
    pub key: String,
    /// Client secret.
    pub secret: String,
}

impl Customer {
    /// A customer with its client credentials.
    #[must_use]
    pub fn new(code: &str, key: &str, secret: &str) -> Self {
        Self { code: code.to_owned(), key: key.to_owned(), secret: secret.to_owned() }
    }
}

/// A station in the life of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The post took note of the order.
    Accepted,
    /// The parcel was collected.
    Collected,
    /// It left a post office.
    LeftOffice,
    /// It arrived at a post office.
    ArrivedOffice,
    /// The postman has it.
    OutForDelivery,
    /// The receiver has it.
    Delivered,
    /// The receiver was not met.
    FailedAttempt,
    /// It is on its way back.
    Returning,
    /// The sender has it again.
    Returned,
    /// The order was cancelled.
    Cancelled,
    /// The postman has the receiver's cash.
    CashCollected,
    /// The cash is paid out.
    CashSettled,
}

impl Step {
    /// Whether nothing follows.
    #[must_use]
    pub fn is_last(self) -> bool {
        matches!(self, Self::Delivered | Self::Returned | Self::Cancelled)
    }

    /// Whether the parcel is in the post's hands, or was.
    #[must_use]
    pub fn is_collected(self) -> bool {
        !matches!(self, Self::Accepted | Self::Cancelled) && !self.is_money()
    }

    /// Whether it is about the cash, which moves when the parcel has long arrived.
    #[must_use]
    pub fn is_money(self) -> bool {
        matches!(self, Self::CashCollected | Self::CashSettled)
    }
}

/// What the feed says of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireCode {
    /// `StatusCode`.
    pub code: i64,
    /// `StatusMessage`.
    pub message: String,
}

/// The table of [`Config::default`]. Evidenced are 1, 2, 3 and 12; *delivered* is 4 in one source and 5 in another; 6 to
/// 10 are invented, and so are 20 and 21: no public source names a code for cash at this interface.
#[must_use]
pub fn default_wire_codes() -> BTreeMap<Step, WireCode> {
    [
        (Step::Accepted, 10, "Đã tiếp nhận yêu cầu"),
        (Step::Collected, 1, "Đã nhận từ CQHC"),
        (Step::LeftOffice, 2, "Rời bưu cục"),
        (Step::ArrivedOffice, 3, "Đến bưu cục"),
        (Step::OutForDelivery, 12, "Giao bưu tá"),
        (Step::Delivered, 4, "Phát thành công"),
        (Step::FailedAttempt, 6, "Phát không thành công"),
        (Step::Returning, 7, "Đang chuyển hoàn"),
        (Step::Returned, 8, "Đã chuyển hoàn"),
        (Step::Cancelled, 9, "Đã hủy"),
        (Step::CashCollected, 20, "Đã thu tiền COD"),
        (Step::CashSettled, 21, "Đã trả tiền COD"),
    ]
    .into_iter()
    .map(|(step, code, message)| (step, WireCode { code, message: message.to_owned() }))
    .collect()
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            idle: None,
            token_path: "/token".to_owned(),
            order_path: "/ngsp/orders".to_owned(),
            cancel_path: "/ngsp/orders/cancel".to_owned(),
            tracking_path: "/ngsp/orders/tracking".to_owned(),
            customers: vec![Customer::new("LC_XA_TIENTHANH", "khach-hang-thu", "bi-mat-thu")],
            token_life: Duration::from_secs(3600),
            provinces: None,
            number_unique: false,
            feed_silent: false,
            status_as_text: false,
            done_status: 201,
            script: vec![
                Step::Accepted,
                Step::Collected,
                Step::LeftOffice,
                Step::ArrivedOffice,
                Step::OutForDelivery,
                Step::Delivered,
            ],
            wire_codes: default_wire_codes(),
            advance_every: None,
        }
    }
}
