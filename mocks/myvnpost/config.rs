//! What MyVNPost can be told to be.

use std::net::SocketAddr;
use std::time::Duration;

use crate::status::Status;

/// The mock's switches.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long an unused connection is kept; `None` keeps it for ever.
    pub idle: Option<Duration>,
    /// What stands before every path: nothing, or `/customer-partner`; both occur.
    pub prefix: String,
    /// Who may ask for a token.
    pub customers: Vec<Customer>,
    /// Life of a token; no document states it.
    pub token_life: Duration,
    /// HTTP status for a dead token: 401 and 403 occur.
    pub dead_token: u16,
    /// Whether the answer to a create has the record inside `data`; both occur.
    pub record_in_data: bool,
    /// Where an error has its reason.
    pub reason_member: ReasonMember,
    /// How moments are written.
    pub dates: DateForm,
    /// How the answer to a cancel looks.
    pub cancel_form: CancelForm,
    /// What a cancel before collection comes to.
    pub cancel_ends: CancelEnds,
    /// The way that an order goes unless it has a script of its own.
    pub script: Vec<Status>,
    /// Interval at which every open order moves one step; `None` leaves it to commands.
    pub advance_every: Option<Duration>,
}

/// One account of MyVNPost.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Customer code.
    pub code: String,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

impl Customer {
    /// A customer with its account.
    #[must_use]
    pub fn new(code: &str, username: &str, password: &str) -> Self {
        Self { code: code.to_owned(), username: username.to_owned(), password: password.to_owned() }
    }
}

/// Where an error has its reason; all three occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ReasonMember {
    /// `message`.
    #[value(name = "message")]
    Lower,
    /// `Message`.
    #[value(name = "Message")]
    Upper,
    /// `errorMessage`.
    #[value(name = "errorMessage")]
    Error,
}

impl ReasonMember {
    /// The member as it is spelt.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lower => "message",
            Self::Upper => "Message",
            Self::Error => "errorMessage",
        }
    }
}

/// How moments are written, all in the time of Việt Nam; all three occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DateForm {
    /// `05/11/2026 14:30:00`.
    Slashes,
    /// `05-11-2026 14:30:00`.
    Dashes,
    /// `2026-11-05T14:30:00`.
    Iso,
}

/// How the answer to a cancel looks; all four occur.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CancelForm {
    /// Whether it is a list of one.
    pub as_list: bool,
    /// Whether its members begin with a small letter.
    pub small_letters: bool,
}

/// What a cancel before collection comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CancelEnds {
    /// The order is cancelled: `00`.
    Accepted,
    /// A post office decides later: `02`, and [`crate::MyVnPost::decide`] is its decision.
    Asked,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            idle: None,
            prefix: String::new(),
            customers: vec![Customer::new("T000180000", "tienthanh_mc", "mat-khau-thu")],
            token_life: Duration::from_secs(3600),
            dead_token: 401,
            record_in_data: false,
            reason_member: ReasonMember::Lower,
            dates: DateForm::Slashes,
            cancel_form: CancelForm::default(),
            cancel_ends: CancelEnds::Accepted,
            script: vec![
                Status::NOTICED,
                Status::COLLECTED,
                Status::IN_TRANSIT,
                Status::ARRIVED,
                Status::OUT_FOR_DELIVERY,
                Status::DELIVERED,
            ],
            advance_every: None,
        }
    }
}
