//! A dossier's life as steps: what the desk publishes, how parcels move, and what must have come about before.

use crate::calendar::At;
use crate::dialect::Dialect;
use crate::event::Event;

/// How a dossier came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Received by the post clerk at the desk.
    Post,
    /// Lodged online with guidance.
    Online,
    /// Filled in with help at the desk.
    Direct,
}

/// One dossier's life.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its code.
    pub code: String,
    /// The slip it began with.
    pub slip: Option<String>,
    /// How it came in.
    pub group: Group,
    /// What its life is an example of.
    pub about: &'static str,
    /// Its steps, oldest first.
    pub steps: Vec<Step>,
}

impl Script {
    /// The events published for the first time, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.steps.iter().filter_map(|step| match &step.what {
            What::Publish { event, publication: Publication::First, .. } => Some(&**event),
            What::Publish { .. } | What::Move { .. } | What::Wait(_) => None,
        })
    }
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// When in 2022.
    pub at: At,
    /// What.
    pub what: What,
}

/// What a step is.
#[derive(Debug, Clone)]
pub enum What {
    /// The desk publishes an event.
    Publish {
        /// The event.
        event: Box<Event>,
        /// How it is written.
        dialect: Dialect,
        /// Whether it is the first of its id.
        publication: Publication,
    },
    /// A parcel moves.
    Move {
        /// Its order number.
        order: String,
        /// Where to.
        to: Move,
    },
    /// Time passes until this has come about.
    Wait(Condition),
}

/// Whether a message is the first of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Publication {
    /// The first.
    First,
    /// The same event once more.
    Again,
    /// Other content under an id that was used.
    Conflict,
}

/// Movements of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// The post took note of the order.
    Accepted,
    /// The postman has collected it.
    Collected,
    /// It left a post office.
    LeftOffice,
    /// It reached another.
    ArrivedOffice,
    /// The postman has it.
    OutForDelivery,
    /// Nobody was met.
    FailedAttempt,
    /// On the way back.
    Returning,
    /// Back with the sender.
    Returned,
    /// The receiver has it.
    Delivered,
    /// The postman has the receiver's cash.
    CashCollected,
    /// The post has paid the cash out.
    CashSettled,
}

/// Something that must have come about at a partner before a life goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The post took the order.
    Taken(String),
    /// The post cancelled the order.
    Cancelled(String),
    /// The portal has a row of this dossier with this time.
    Row(String, At),
    /// The commune's own system heard that the cash of the order was paid out.
    CashTold(String),
}
