//! What the commune's own system is told: what became of its dossier at the partners, in our words.
//!
//! News carries codes, numbers, states and times. No person is in it, and no partner's free text: the sentences that go
//! with a code are ours. Each piece is a handoff of its own, sent in the order in which it came about.

use crate::handoff::{Content, Leg};
use crate::ids::OrderNumber;
use crate::outcome::{Reason, ReasonCode};
use crate::status::Status;
use crate::tracking::{Money, TrackingState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing the commune's system is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Its place among all that is told of the dossier, from 1 on.
    pub sequence: u32,
    /// When it came about.
    pub at: Timestamp,
    /// What is told.
    pub told: Told,
}

/// What the commune's system is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// What became of something the portal is to be told.
    Portal(PortalNews),
    /// What became of something the post was asked for.
    Order(OrderNews),
    /// What the post reports about a parcel.
    Parcel(ParcelNews),
    /// What the post reports about the cash of an order.
    Cash(CashNews),
    /// Something the desk should see.
    Notice(Notice),
}

/// What became of something the portal is to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalNews {
    /// What it is.
    pub update: Update,
    /// The status that it tells the portal; `None` when that is no longer known.
    pub status: Option<Status>,
    /// What became of it.
    pub became: Became,
}

/// What the portal is told at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Update {
    /// The whole dossier.
    Record,
    /// One progress row.
    Progress,
    /// The status of a dossier that was lodged at the portal; told only when it stops, and when it goes on after that.
    Status,
}

/// What became of something the post was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderNews {
    /// What was asked for.
    pub request: Request,
    /// The leg it serves.
    pub leg: Leg,
    /// Our number of the order.
    pub number: OrderNumber,
    /// What became of it.
    pub became: Became,
}

/// What the post is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// To carry a parcel.
    Order,
    /// To call an order off.
    Cancel,
}

/// What became of a handoff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Became {
    /// The partner has it.
    Accepted,
    /// It stopped, for this reason: the desk or a person cures it.
    Stopped(Reason),
    /// It is held for a person.
    Held(Reason),
    /// A person settled it by hand.
    SettledByHand,
    /// A person took that back.
    Reopened,
    /// It was called off before it left.
    CalledOff,
}

impl Became {
    /// Why, without what the partner said in its own words.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Stopped(reason) | Self::Held(reason) => Some(reason),
            Self::Accepted | Self::SettledByHand | Self::Reopened | Self::CalledOff => None,
        }
    }

    /// It stopped, for this reason: code and field alone.
    pub fn stopped(reason: &Reason) -> Self {
        Self::Stopped(tellable(reason))
    }

    /// It is held, for this reason: code and field alone.
    pub fn held(reason: &Reason) -> Self {
        Self::Held(tellable(reason))
    }
}

/// What the post reports about a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelNews {
    /// The leg it serves; `None` of a parcel whose order is not its leg's newest and whose number was cut.
    pub leg: Option<Leg>,
    /// Our number of the order.
    pub number: OrderNumber,
    /// Where the parcel is.
    pub state: TrackingState,
    /// The waybill (mã vận đơn), once known.
    pub waybill: Option<String>,
}

/// What the post reports about the cash of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashNews {
    /// The leg it serves.
    pub leg: Leg,
    /// Our number of the order.
    pub number: OrderNumber,
    /// What became of the cash.
    pub money: Money,
}

/// Something the desk should see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Stable code, `DESK-…`.
    pub code: ReasonCode,
    /// It asks a person to act; else it only informs.
    pub task: bool,
}

impl Told {
    /// What is told when something other than news became so; `None` of news itself.
    pub fn of(content: &Content, became: Became) -> Option<Self> {
        Some(match content {
            Content::Record(record) => {
                Self::Portal(PortalNews { update: Update::Record, status: Some(record.status), became })
            }
            Content::Row(row) => {
                Self::Portal(PortalNews { update: Update::Progress, status: Some(row.status), became })
            }
            Content::Status(standing) => {
                Self::Portal(PortalNews { update: Update::Status, status: Some(standing.status), became })
            }
            Content::Order(order) => Self::Order(OrderNews {
                request: Request::Order,
                leg: order.leg,
                number: order.number.clone(),
                became,
            }),
            Content::Cancel(cancel) => Self::Order(OrderNews {
                request: Request::Cancel,
                leg: cancel.leg,
                number: cancel.number.clone(),
                became,
            }),
            Content::News(_) => return None,
        })
    }
}

/// A partner's own words may name a person, so they are not told.
fn tellable(reason: &Reason) -> Reason {
    Reason { said: None, ..reason.clone() }
}
