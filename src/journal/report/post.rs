//! Postal orders as a post clerk asks for them: by agency, period, and where their parcels are.
//!
//! A period bounds every question: an index leads to an agency's orders of it, and a test reads the query plans. What an
//! order says, which names persons, is read by [`JournalReport::order_said`] alone.

use super::{JournalReport, optional_time};
use crate::journal::{Error, millis, rows, timestamp};
use jiff::Timestamp;
use lienthong_core::handoff::{Content, Order};
use lienthong_core::state::DossierState;
use lienthong_core::tracking::TrackingState;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an order's parcel is, as coarsely as a post clerk sorts her items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tab {
    /// Ordered, and the post does not have the order yet.
    Unsent,
    /// The post is to collect it at the citizen's home.
    Collect,
    /// The post is to take it from the desk.
    Desk,
    /// In the post's hands.
    Moving,
    /// The receiver has it.
    Delivered,
    /// On its way back, or back.
    Returned,
}

impl Tab {
    /// All of them, in the order in which a parcel goes.
    pub const ALL: [Self; 6] =
        [Self::Unsent, Self::Collect, Self::Desk, Self::Moving, Self::Delivered, Self::Returned];

    /// Its name in commands, addresses and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Collect => "collect",
            Self::Desk => "desk",
            Self::Moving => "moving",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.name() == name)
    }

    /// Where an order stands; `None` when nothing moves for it: it was called off, or ended by hand.
    fn of(state: &str, tracked: Option<TrackingState>, called_off: bool, is_pickup: bool) -> Option<Self> {
        match tracked {
            Some(TrackingState::Delivered) => Some(Self::Delivered),
            Some(TrackingState::Returning | TrackingState::Returned) => Some(Self::Returned),
            Some(
                TrackingState::Collected
                | TrackingState::InTransit
                | TrackingState::OutForDelivery
                | TrackingState::FailedAttempt,
            ) => Some(Self::Moving),
            Some(TrackingState::Cancelled) => None,
            Some(
                TrackingState::Requested
                | TrackingState::Accepted
                | TrackingState::Collecting
                | TrackingState::Unknown,
            )
            | None => match state {
                _any if called_off => None,
                "accepted" | "resolved" if is_pickup => Some(Self::Collect),
                "accepted" | "resolved" => Some(Self::Desk),
                "waiting" | "sending" | "uncertain" | "dead" | "held" => Some(Self::Unsent),
                _ended => None,
            },
        }
    }
}

/// An order's place among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its row.
    pub row: i64,
    /// Where its parcel is.
    pub tab: Tab,
    /// Since when.
    pub since: Timestamp,
    /// Its papers go from the citizen to the desk.
    pub is_pickup: bool,
}

/// An order without its persons.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// The handoff that orders it.
    pub handoff: String,
    /// Its dossier.
    pub dossier: String,
    /// Agency that it speaks for.
    pub agency: String,
    /// Leg.
    pub leg: String,
    /// Our number.
    pub number: String,
    /// Where the handoff stands.
    pub state: String,
    /// Why it stands there.
    pub code: Option<String>,
    /// When it was planned.
    pub planned_at: Timestamp,
    /// The post's newest report of the parcel.
    pub tracked: Option<String>,
    /// Waybill, once known.
    pub waybill: Option<String>,
    /// What the postman collects, in đồng, as far as the dossier's state still knows the order.
    pub cash: Option<u64>,
    /// What became of the cash, as the post reports.
    pub cashed: Option<String>,
    /// Since when.
    pub cashed_at: Option<Timestamp>,
}

impl JournalReport {
    /// Agencies that have orders.
    ///
    /// # Errors
    /// When the store fails.
    pub fn order_agencies(&self) -> Result<Vec<String>, Error> {
        self.list(AGENCIES, [], |row| row.get(0))
    }

    /// An agency's orders that were planned in a period, and where their parcels are; oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn standings(&self, agency: &str, from: Timestamp, to: Timestamp) -> Result<Vec<Standing>, Error> {
        let rows = self.list(STANDINGS, params![agency, millis(from), millis(to)], Found::read)?;
        let standings = rows.into_iter().map(|found| self.standing(&found));
        Ok(standings.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn standing(&self, found: &Found) -> Result<Option<Standing>, Error> {
        let tracked = match &found.tracked {
            // The newest code says nothing, and a cash report alone says nothing of the parcel: what was known holds.
            Some((_, TrackingState::Unknown)) => self.known_report(&found.number)?,
            tracked => *tracked,
        };
        let state = tracked.map(|(_, state)| state);
        let Some(tab) = Tab::of(&found.state, state, found.called_off, found.is_pickup) else {
            return Ok(None);
        };
        let since = tracked.map_or(found.settled_at, |(at, _)| at);
        Ok(Some(Standing { row: found.row, tab, since, is_pickup: found.is_pickup }))
    }

    fn known_report(&self, number: &str) -> Result<Option<(Timestamp, TrackingState)>, Error> {
        let found = self.connection.prepare_cached(KNOWN_REPORT)?.query_row([number], report).optional()?;
        Ok(found.flatten())
    }

    /// An order by its row.
    ///
    /// # Errors
    /// When the store fails.
    pub fn order(&self, row: i64) -> Result<OrderRow, Error> {
        let (mut line, state) = self.connection.prepare_cached(ORDER)?.query_row([row], order)?;
        let state: DossierState = serde_json::from_str(&state)
            .map_err(|source| Error::Unreadable { what: "the state of a dossier", source })?;
        let leg = state.legs.values().find(|leg| leg.number.as_str() == line.number);
        line.cash = leg.map(|leg| leg.cash);
        Ok(line)
    }

    /// What an order says; `None` when it has been erased. Names persons.
    ///
    /// # Errors
    /// When the store fails.
    pub fn order_said(&self, row: i64) -> Result<Option<Order>, Error> {
        let content: Option<i64> = self
            .connection
            .prepare_cached("SELECT content FROM handoff WHERE id = ?1")?
            .query_row([row], |row| row.get(0))?;
        Ok(match rows::payload::<Content>(&self.connection, content)? {
            Some(Content::Order(order)) => Some(*order),
            Some(
                Content::Record(_)
                | Content::Row(_)
                | Content::Status(_)
                | Content::Cancel(_)
                | Content::News(_),
            )
            | None => None,
        })
    }
}

struct Found {
    row: i64,
    number: String,
    is_pickup: bool,
    state: String,
    settled_at: Timestamp,
    tracked: Option<(Timestamp, TrackingState)>,
    called_off: bool,
}

impl Found {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let tracked: Option<String> = row.get(5)?;
        let tracked = match tracked.as_deref().and_then(TrackingState::from_name) {
            Some(state) => Some((timestamp(row.get(6)?), state)),
            None => None,
        };
        Ok(Self {
            row: row.get(0)?,
            number: row.get(1)?,
            is_pickup: row.get(2)?,
            state: row.get(3)?,
            settled_at: timestamp(row.get(4)?),
            tracked,
            called_off: row.get(7)?,
        })
    }
}

fn report(row: &Row<'_>) -> rusqlite::Result<Option<(Timestamp, TrackingState)>> {
    let state: String = row.get(0)?;
    let at = timestamp(row.get(1)?);
    Ok(TrackingState::from_name(&state).map(|state| (at, state)))
}

fn order(row: &Row<'_>) -> rusqlite::Result<(OrderRow, String)> {
    let line = OrderRow {
        handoff: row.get(0)?,
        dossier: row.get(1)?,
        agency: row.get(2)?,
        leg: row.get(3)?,
        number: row.get(4)?,
        state: row.get(5)?,
        code: row.get(6)?,
        planned_at: timestamp(row.get(7)?),
        tracked: row.get(8)?,
        waybill: row.get(9)?,
        cash: None,
        cashed: row.get(10)?,
        cashed_at: optional_time(row, 11)?,
    };
    Ok((line, row.get(12)?))
}

/// One step of the index an agency, however many orders each has.
const AGENCIES: &str = "WITH RECURSIVE agencies (agency) AS (
         SELECT min(agency) FROM handoff INDEXED BY handoff_agency_orders WHERE kind = 'post.order'
         UNION ALL SELECT (SELECT min(h.agency) FROM handoff h INDEXED BY handoff_agency_orders
             WHERE h.kind = 'post.order' AND h.agency > agencies.agency) FROM agencies WHERE agency IS NOT NULL)
     SELECT agency FROM agencies WHERE agency IS NOT NULL";

const STANDINGS: &str = "SELECT h.id, h.number, h.leg = 'GOM', h.state,
         coalesce(h.ended_at, h.dead_at, h.uncertain_since, h.planned_at), t.state, t.at,
         EXISTS (SELECT 1 FROM handoff c WHERE c.dossier = h.dossier AND c.kind = 'post.cancel'
             AND c.number = h.number AND c.state IN ('accepted', 'resolved'))
     FROM handoff h INDEXED BY handoff_agency_orders LEFT JOIN tracking t ON t.number = h.number
     WHERE h.kind = 'post.order' AND h.agency = ?1 AND h.planned_at >= ?2 AND h.planned_at < ?3
         AND h.state NOT IN ('superseded', 'observed', 'dismissed')
     ORDER BY h.planned_at, h.id";

const KNOWN_REPORT: &str = "SELECT state, at FROM tracking_row
     WHERE number = ?1 AND state NOT IN ('', 'unknown') ORDER BY at DESC LIMIT 1";

const ORDER: &str = "SELECT h.handoff_id, d.key, h.agency, h.leg, h.number, h.state, h.code, h.planned_at,
         nullif(t.state, 'unknown'),
         coalesce((SELECT w.code FROM waybill w WHERE w.number = h.number AND w.account = h.account
             AND w.retired_at IS NULL), r.waybill, t.waybill), t.cash, t.cash_at, d.state
     FROM handoff h JOIN dossier d ON d.id = h.dossier LEFT JOIN tracking t ON t.number = h.number
         LEFT JOIN receipt r ON r.number = h.number WHERE h.id = ?1";

#[cfg(test)]
mod tests;
