//! A handoff that is planned and not written yet.

use super::{millis, rows, timestamp};
use jiff::Timestamp;
use lienthong_core::handoff::{Content, Leg};
use lienthong_core::ids::{HandoffId, OrderNumber};
use lienthong_core::lane::Entry;
use lienthong_core::outcome::Reason;
use lienthong_core::plan::{Born, Place, Planned};
use lienthong_core::status::Status;

/// A handoff that is about to be written.
pub(super) struct Newborn<'a> {
    pub(super) planned: &'a Planned,
    /// Of the one whose place it takes.
    pub(super) place: Option<i64>,
    pub(super) state: &'static str,
}

impl<'a> Newborn<'a> {
    pub(super) fn of(planned: &'a Planned, places: &[(HandoffId, i64)], observed: bool) -> Self {
        let place = match &planned.place {
            Place::Last => None,
            Place::Of(id) => places.iter().find(|(of, _)| of == id).map(|(_, place)| *place),
        };
        let state = if observed { "observed" } else { born_state(&planned.born) };
        Self { planned, place, state }
    }

    /// As its lane sees it; `None` when it is final from the start.
    pub(super) fn entry(&self, now: Timestamp) -> Option<Entry> {
        let (leg, number, row_status) = facets(&self.planned.content);
        // As it is stored, and read back later.
        let now = timestamp(millis(now));
        Some(Entry {
            kind: self.planned.content.kind(),
            leg,
            number: number.cloned(),
            stage: rows::stage(self.state)?,
            attempted: false,
            due: now,
            dead_since: (self.state == "dead").then_some(now),
            alone: row_status == Some(Status::SupplementAsked),
        })
    }
}

/// The state in which it is written down.
pub(super) fn born_state(born: &Born) -> &'static str {
    match born {
        Born::Due => "waiting",
        Born::Dead(_) => "dead",
        Born::Held(_) => "held",
    }
}

/// Why it is not due.
pub(super) fn born_reason(born: &Born) -> Option<Reason> {
    match born {
        Born::Due => None,
        Born::Dead(reason) | Born::Held(reason) => Some(reason.clone()),
    }
}

/// Cash that the postman collects for an order: it is counted when the content has long been erased.
pub(super) fn cash_of(content: &Content) -> Option<i64> {
    match content {
        Content::Order(order) => Some(i64::try_from(order.cash).unwrap_or(i64::MAX)),
        Content::Record(_) | Content::Row(_) | Content::Status(_) | Content::Cancel(_) | Content::News(_) => {
            None
        }
    }
}

/// What its row says of its content: the leg, the order's number, a row's status.
pub(super) fn facets(content: &Content) -> (Option<Leg>, Option<&OrderNumber>, Option<Status>) {
    match content {
        Content::Record(_) | Content::News(_) => (None, None, None),
        Content::Row(row) => (None, None, Some(row.status)),
        Content::Status(standing) => (None, None, Some(standing.status)),
        Content::Order(order) => (Some(order.leg), Some(&order.number), None),
        Content::Cancel(cancel) => (Some(cancel.leg), Some(&cancel.number), None),
    }
}
