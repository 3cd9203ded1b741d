//! What the figures of Decision 766/QĐ-TTg are counted from: facts of dossiers and orders, one agency and period at a time.
//!
//! Every query starts from an index (agency and time of receiving; agency and time of planning) and reads rows one by
//! one; no body is loaded, and nothing is kept but the counts and the lines that are shown. A dossier costs three look-ups: its
//! record, its order, its reported statuses. The facts stand in columns that outlive the payloads, with one exception: why
//! a dossier was never planned is read from its snapshot while that is kept, and only of the dossiers that are shown.
//!
//! `docs/figures.md` holds each number's definition and a query that gives it; the test `figures::docs` runs them all.

use super::super::{Error, millis, timestamp};
use super::{JournalReport, optional_time, time};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::figures::{Counted, Life, Parcel, Period, Step, Tally};
use lienthong_core::status::Status;
use lienthong_core::tracking::{Money, TrackingState};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What is counted, and as of when.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The days.
    pub period: Period,
    /// As of when: what the partners did until then counts.
    pub now: Timestamp,
    /// An order that the post took at this or before should have been collected.
    pub left_since: Timestamp,
    /// A date promised until then is near.
    pub at_risk_until: Timestamp,
}

impl Asked {
    /// The last instant of which the desk's doings count: the end of the period, or now.
    pub fn cut(&self) -> Timestamp {
        let moment = SignedDuration::from_millis(1);
        self.now.min(self.period.ends().checked_sub(moment).unwrap_or(Timestamp::MAX))
    }

    /// Whether the period is under way.
    pub fn is_open(&self) -> bool {
        self.period.begins() <= self.now && self.now < self.period.ends()
    }
}

/// What was counted for one agency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgencyCounts {
    /// Dossiers and orders.
    pub tally: Tally,
    /// Received according to the national report.
    pub reported: Option<u64>,
    /// Dossiers not ended whose promised date is near; none when the period is not under way.
    pub at_risk: u64,
    /// Messages of the period that were set aside.
    pub quarantined: u64,
    /// Events that wait behind a gap, and since when the oldest does.
    pub waiting: (u64, Option<Timestamp>),
}

/// A dossier as it is counted, before its life is cut.
#[derive(Clone, Debug)]
pub(super) struct DossierFacts {
    pub(super) id: i64,
    pub(super) key: String,
    received_at: Timestamp,
    promised_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    return_by_post: bool,
    pub(super) acknowledged: bool,
    return_ordered: bool,
    /// Everything that the desk reported until now.
    steps: Vec<Step>,
}

impl DossierFacts {
    /// As it stood at the cut.
    pub(super) fn counted(&self, cut: Timestamp) -> Counted<'_> {
        let seen = self.steps.partition_point(|step| step.at <= cut);
        Counted {
            life: Life {
                received_at: self.received_at,
                promised_at: self.promised_at,
                due_at: self.due_at,
                steps: self.steps.get(..seen).unwrap_or_default(),
            },
            acknowledged: self.acknowledged,
            return_by_post: self.return_by_post,
            return_ordered: self.return_ordered,
            done: self.steps.last().is_some_and(|last| last.status == Status::Done),
        }
    }

    pub(super) fn received_at(&self) -> Timestamp {
        self.received_at
    }

    pub(super) fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }
}

/// An order as it is counted.
pub(super) struct OrderFacts {
    pub(super) number: String,
    pub(super) dossier: String,
    pub(super) parcel: Parcel,
    pub(super) tracked_at: Option<Timestamp>,
}

/// Columns of [`DossierFacts`], in its order, its steps aside.
const DOSSIER: &str = "d.id, d.key, d.received_at, d.promised_at, d.due_at, d.return_by_post,
     EXISTS (SELECT 1 FROM handoff h INDEXED BY handoff_dossier WHERE h.dossier = d.id AND h.kind = 'portal.record'
         AND h.state IN ('accepted', 'resolved')),
     EXISTS (SELECT 1 FROM handoff h INDEXED BY handoff_dossier WHERE h.dossier = d.id AND h.kind = 'post.order'
         AND h.leg = 'TRA' AND h.state IN ('waiting', 'sending', 'uncertain', 'accepted', 'resolved'))";

impl JournalReport {
    /// Looks several times at one state of the journal.
    ///
    /// # Errors
    /// Those of the looks, and when the store fails.
    pub fn at_one_moment<T>(&self, look: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let _one_state = self.connection.unchecked_transaction()?;
        look()
    }

    /// Counts for one agency.
    ///
    /// # Errors
    /// When the store fails.
    pub fn figures(&self, agency: &str, asked: &Asked) -> Result<AgencyCounts, Error> {
        let mut counts = AgencyCounts {
            reported: self.reported(agency, asked.period)?,
            quarantined: self.quarantined_of(agency, asked.period)?,
            waiting: self.waiting_of(agency)?,
            ..AgencyCounts::default()
        };
        let cut = asked.cut();
        self.each_received(agency, asked, |dossier| {
            counts.tally.dossier(&dossier.counted(cut), cut);
            Ok(true)
        })?;
        self.each_order(agency, asked.period, |order| {
            counts.tally.parcel(&order.parcel, asked.left_since);
            Ok(true)
        })?;
        self.each_at_risk(agency, asked, |_dossier| {
            counts.at_risk += 1;
            Ok(true)
        })?;
        Ok(counts)
    }

    /// When the newest event arrived.
    ///
    /// # Errors
    /// When the store fails.
    pub fn newest_event(&self) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT arrived_at FROM inbox ORDER BY id DESC LIMIT 1";
        Ok(self.connection.query_row(sql, [], |row| time(row, 0)).optional()?)
    }

    fn reported(&self, agency: &str, period: Period) -> Result<Option<u64>, Error> {
        let Some(name) = period.name() else { return Ok(None) };
        let sql = "SELECT received FROM reported WHERE agency = ?1 AND period = ?2";
        let found: Option<i64> =
            self.connection.query_row(sql, params![agency, name], |row| row.get(0)).optional()?;
        Ok(found.and_then(|received| u64::try_from(received).ok()))
    }

    fn quarantined_of(&self, agency: &str, period: Period) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM quarantine INDEXED BY quarantine_arrived
             WHERE arrived_at >= ?1 AND arrived_at < ?2 AND instr(routing_key, ?3) = 1";
        let asked = params![millis(period.begins()), millis(period.ends()), speaks_for(agency)];
        let count: i64 = self.connection.query_row(sql, asked, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn waiting_of(&self, agency: &str) -> Result<(u64, Option<Timestamp>), Error> {
        let sql = "SELECT count(*), min(i.arrived_at) FROM inbox i INDEXED BY inbox_waiting
             JOIN dossier d ON d.id = i.dossier WHERE i.state = 'waiting' AND d.agency = ?1";
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?.unsigned_abs(), optional_time(row, 1)?));
        Ok(self.connection.query_row(sql, [agency], read)?)
    }

    /// Visits the dossiers received in the period, oldest first, until one says that it was the last.
    pub(super) fn each_received(
        &self,
        agency: &str,
        asked: &Asked,
        visit: impl FnMut(&DossierFacts) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let sql = format!(
            "SELECT {DOSSIER} FROM dossier d INDEXED BY dossier_received
             WHERE d.agency = ?1 AND d.received_at >= ?2 AND d.received_at < ?3 AND d.key NOT LIKE 'phieu:%'
             ORDER BY d.received_at"
        );
        let (from, to) = (millis(asked.period.begins()), millis(asked.period.ends()));
        self.each_dossier(&sql, params![agency, from, to], asked.now, visit)
    }

    /// Visits the dossiers whose promised date is near, whenever they were received; none when the period is not under way.
    pub(super) fn each_at_risk(
        &self,
        agency: &str,
        asked: &Asked,
        mut visit: impl FnMut(&DossierFacts) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        if !asked.is_open() {
            return Ok(());
        }
        let sql = format!(
            "SELECT {DOSSIER} FROM dossier d INDEXED BY dossier_due
             WHERE d.due_at BETWEEN ?2 AND ?3 AND d.agency = ?1 AND d.received_at IS NOT NULL AND d.key NOT LIKE 'phieu:%'
             ORDER BY d.due_at"
        );
        let (now, until) = (asked.now, asked.at_risk_until);
        self.each_dossier(&sql, params![agency, millis(now), millis(until)], now, |dossier| {
            if dossier.counted(now).life.is_at_risk(now, until) { visit(dossier) } else { Ok(true) }
        })
    }

    fn each_dossier(
        &self,
        sql: &str,
        asked: &[&dyn rusqlite::ToSql],
        now: Timestamp,
        mut visit: impl FnMut(&DossierFacts) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(asked)?;
        let mut steps = Steps::prepare(&self.connection)?;
        while let Some(row) = rows.next()? {
            let dossier = DossierFacts {
                id: row.get(0)?,
                key: row.get(1)?,
                received_at: time(row, 2)?,
                promised_at: optional_time(row, 3)?,
                due_at: optional_time(row, 4)?,
                return_by_post: row.get(5)?,
                acknowledged: row.get(6)?,
                return_ordered: row.get(7)?,
                steps: steps.of(row.get(0)?, now)?,
            };
            if !visit(&dossier)? {
                break;
            }
        }
        Ok(())
    }

    /// Visits the orders that were made in the period and that the post has taken.
    pub(super) fn each_order(
        &self,
        agency: &str,
        period: Period,
        mut visit: impl FnMut(&OrderFacts) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut statement = self.connection.prepare(
            "SELECT h.number, d.key, ifnull(h.ended_at, h.planned_at), t.state, t.at, t.cash, ifnull(h.cash, 0),
                 EXISTS (SELECT 1 FROM handoff c INDEXED BY handoff_dossier WHERE c.dossier = h.dossier
                     AND c.kind = 'post.cancel' AND c.number = h.number AND c.state IN ('accepted', 'resolved'))
             FROM handoff h INDEXED BY handoff_agency_orders JOIN dossier d ON d.id = h.dossier
             LEFT JOIN tracking t ON t.number = h.number
             WHERE h.kind = 'post.order' AND h.agency = ?1 AND h.planned_at >= ?2 AND h.planned_at < ?3
                 AND h.state IN ('accepted', 'resolved') AND h.number IS NOT NULL ORDER BY h.planned_at",
        )?;
        let mut rows = statement.query(params![agency, millis(period.begins()), millis(period.ends())])?;
        while let Some(row) = rows.next()? {
            if !visit(&order(row)?)? {
                break;
            }
        }
        Ok(())
    }
}

fn order(row: &Row<'_>) -> rusqlite::Result<OrderFacts> {
    let state: Option<String> = row.get(3)?;
    let money: Option<String> = row.get(5)?;
    let money = money.and_then(|name| Money::ALL.into_iter().find(|money| money.name() == name));
    Ok(OrderFacts {
        number: row.get(0)?,
        dossier: row.get(1)?,
        tracked_at: optional_time(row, 4)?,
        parcel: Parcel {
            taken_at: time(row, 2)?,
            tracked: state.as_deref().and_then(TrackingState::from_name),
            cancelled: row.get(7)?,
            cash: row.get::<_, i64>(6)?.unsigned_abs(),
            money,
        },
    })
}

/// Reads what the desk reported of a dossier.
struct Steps<'c>(rusqlite::Statement<'c>);

impl<'c> Steps<'c> {
    fn prepare(connection: &'c Connection) -> Result<Self, Error> {
        Ok(Self(connection.prepare(
            "SELECT status, happened_at FROM inbox INDEXED BY inbox_dossier
             WHERE dossier = ?1 AND kind = 'status-changed' AND state = 'planned' AND status IS NOT NULL
                 AND happened_at <= ?2 ORDER BY happened_at, sequence, id",
        )?))
    }

    fn of(&mut self, dossier: i64, now: Timestamp) -> Result<Vec<Step>, Error> {
        let read = |row: &Row<'_>| Ok((row.get::<_, u8>(0)?, timestamp(row.get(1)?)));
        let mut steps = Vec::new();
        for step in self.0.query_map(params![dossier, millis(now)], read)? {
            let (code, at) = step?;
            // A number that is no status was never planned either.
            steps.extend(Status::try_from(code).ok().map(|status| Step { status, at }));
        }
        Ok(steps)
    }
}

/// How the routing keys of an agency's events begin.
pub(super) fn speaks_for(agency: &str) -> String {
    format!("{agency}.vn.dossier.")
}
