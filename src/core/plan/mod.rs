//! What an event causes: the plan.
//!
//! `plan` is pure and complete: execution chooses nothing. Its causes are desk events, tracking and settlements, all
//! planned the same way. It sees what the journal knows of the dossier and says what becomes true.
//!
//! ```text
//! desk event ─┐            ┌─ portal: record, then row   (portal, superseding, lists, moves)
//! tracking   ─┼─▶ Draft ──▶┼─ legs: wanted against present (legs, orders, label, cure)
//! settlement ─┘            └─ the commune's system: what came of all this (news)
//! ```
//!
//! The journal asks [`sequence::place_of`] first and holds an event behind a gap; it joins a slip to its dossier
//! ([`DossierState::join`]); it plans a settlement when [`Settlement::follows`] says so. Whether anything is sent at
//! all (`mode = "observe"`) is its business too: the plan is the same. The same cause and knowledge give the same plan,
//! with the same handoff ids, so planning again after a crash changes nothing. An agency may change its account at a partner
//! from a day on: what is planned goes through the one in force when it is planned, whenever its event happened. Handoffs of one partner stand in lane
//! order: a record before the row that needs it, a cancel behind its order.

pub mod again;
pub mod anew;
mod cure;
mod desk;
mod draft;
mod echo;
mod label;
mod legs;
mod lists;
mod money;
mod moves;
mod news;
mod orders;
mod portal;
pub mod reasons;
pub mod sequence;
mod settled;
mod superseding;
#[cfg(test)]
mod tests;
mod tracking;
mod wishes;
pub use settled::Follows;

use crate::event::{Event, Snapshot};
use crate::handoff::{Content, HandoffKind, Leg};
use crate::ids::{AccountName, AgencyCode, HandoffId, OrderNumber, TablesVersion};
use crate::outcome::{Reason, ReasonCode};
use crate::port::Translate;
use crate::state::DossierState;
use crate::status::Status;
use crate::tables::Tables;
use crate::tracking::TrackingEvent;
use draft::Draft;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a plan is made for.
#[derive(Clone, Copy, Debug)]
pub enum Cause<'a> {
    /// The desk said something.
    Desk(&'a Event),
    /// The post reported about an order of this dossier.
    Tracking(&'a TrackingEvent),
    /// A handoff of this dossier was settled in a way that other work may wait for.
    Settled(&'a Settlement),
}

/// A handoff that came to an end or to a stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Which.
    pub handoff: HandoffId,
    /// Its kind.
    pub kind: HandoffKind,
    /// Its leg, of postal handoffs.
    pub leg: Option<Leg>,
    /// Its order number, of postal handoffs.
    pub number: Option<OrderNumber>,
    /// The status that it tells the portal, of records and rows, where that is still known.
    pub status: Option<Status>,
    /// When it ended.
    pub at: Timestamp,
    /// How it ended.
    pub ended: Ended,
}

/// How a handoff ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// They have it.
    Accepted(Reason),
    /// It became a dead letter.
    Dead(Reason),
    /// A person said it is settled: dismissed, or skipped.
    ByHand,
    /// A person took that back: it is a dead letter again.
    Reopened,
    /// A person sends a row once more, after so many attempts, although later ones were accepted meanwhile.
    SentLate(u32),
}

impl Ended {
    fn name(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Dead(_) => "dead",
            Self::ByHand => "by-hand",
            Self::Reopened => "reopened",
            Self::SentLate(_) => "sent-late",
        }
    }
}

/// What the journal knows of the dossier before the cause.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Agency that the dossier belongs to.
    pub agency: Option<AgencyCode>,
    /// What earlier plans left.
    pub state: DossierState,
    /// Newest desk snapshot, its open lists filled.
    pub basis: Option<Snapshot>,
    /// Handoffs that are not final, in lane order.
    pub open: Vec<Open>,
}

/// A handoff that is not final.
#[derive(Clone, Debug)]
pub struct Open {
    /// Which.
    pub id: HandoffId,
    /// Its kind.
    pub kind: HandoffKind,
    /// Its leg, of postal handoffs.
    pub leg: Option<Leg>,
    /// Its order number, of postal handoffs.
    pub number: Option<OrderNumber>,
    /// Where it stands.
    pub stage: Stage,
    /// An attempt has been made.
    pub attempted: bool,
    /// Of a dead letter: why, with the field to correct.
    pub dead: Option<Reason>,
    /// Of a dead letter: the snapshot it was planned from, when still stored.
    pub planned_from: Option<Box<Snapshot>>,
    /// What it says, of orders that the planner may change: unsent or dead ones. A record is planned anew from the snapshot.
    pub content: Option<Content>,
}

/// Where a handoff stands that is not final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Waiting for its turn or its time.
    Waiting,
    /// An attempt is under way.
    Sending,
    /// They may have it.
    Uncertain,
    /// Stopped, for a person or the desk to cure.
    Dead,
    /// Held for a person without holding others.
    Held,
}

/// What an event causes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Plan {
    /// The dossier's state afterwards.
    pub state: DossierState,
    /// The newest snapshot afterwards, when it changed.
    pub basis: Option<Snapshot>,
    /// New handoffs, in lane order.
    pub handoffs: Vec<Planned>,
    /// What becomes of handoffs planned before.
    pub changes: Vec<Change>,
    /// Things the desk should see.
    pub flags: Vec<Flag>,
    /// Version of the tables it was made with.
    pub tables_version: Option<TablesVersion>,
}

/// A new handoff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// Its identity.
    pub id: HandoffId,
    /// Account that sends it.
    pub account: AccountName,
    /// What it says.
    pub content: Content,
    /// What it is born as.
    pub born: Born,
    /// Its place in the lane.
    pub place: Place,
}

/// What a handoff is born as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Born {
    /// To be sent when its turn comes.
    Due,
    /// A dead letter: our own translation refuses it.
    Dead(Reason),
    /// Held for a person; does not hold the handoffs behind it.
    Held(Reason),
}

/// Place of a new handoff in its lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// At the end.
    Last,
    /// Where a dead letter stood that it replaces.
    Of(HandoffId),
}

/// What becomes of a handoff planned before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A newer one says all that it said.
    Supersede {
        /// Which.
        id: HandoffId,
    },
    /// An order that never left is called off; its number is free again.
    Annihilate {
        /// Which.
        id: HandoffId,
    },
    /// A dead letter or an unsent order gets new content under the same key and becomes due.
    Replan {
        /// Which.
        id: HandoffId,
        /// What it says now.
        content: Box<Content>,
        /// What it is now: due, or still dead.
        born: Born,
    },
}

/// Something the desk should see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Stable code, `DESK-…`.
    pub code: ReasonCode,
    /// It asks a person to act; else it only informs.
    pub task: bool,
}

/// Plans what `cause` makes of what is `known`.
///
/// `now` says which accounts are in force, and bounds what tracking may claim; else the same cause and knowledge give the
/// same plan.
pub fn plan(
    cause: Cause<'_>,
    known: &Known,
    tables: &Tables,
    translate: &dyn Translate,
    now: Timestamp,
) -> Plan {
    match cause {
        Cause::Desk(event) => {
            let name = ["desk", event.source.as_str(), event.id.as_str()];
            let mut draft = Draft::new(&name, Some(event.time), now, known, tables, translate);
            desk::plan_event(&mut draft, event);
            draft.finish()
        }
        Cause::Tracking(report) => {
            let name = ["tracking", report.number.as_str(), &report.feed_id];
            let mut draft = Draft::new(&name, Some(report.at), now, known, tables, translate);
            tracking::plan_report(&mut draft, report, now);
            draft.finish()
        }
        Cause::Settled(settlement) => {
            let mut name = vec!["settled", settlement.handoff.as_str(), settlement.ended.name()];
            // A row may be sent late more than once, and each time a record of its own follows it.
            let attempts = if let Ended::SentLate(attempts) = settlement.ended { attempts } else { 0 };
            let attempts = attempts.to_string();
            if attempts != "0" {
                name.push(&attempts);
            }
            let mut draft = Draft::new(&name, Some(settlement.at), now, known, tables, translate);
            settled::plan_settlement(&mut draft, settlement);
            draft.finish()
        }
    }
}
