//! What the figures of Decision 766/QĐ-TTg are counted from: facts of dossiers and orders, one agency and period at a time.
//!
//! Every query starts from an index (agency and time of receiving; agency and time of planning) and reads rows one by
//! one; no body is loaded, and nothing is kept but the counts and the lines that are shown. A dossier costs two look-ups, its
//! record and its reported statuses, and where its result goes back by post a third, its order. The facts stand in columns that outlive the payloads, with one exception: why
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
use std::collections::BTreeMap;

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
    pub(super) agency: String,
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
    pub(super) dossier: i64,
    pub(super) parcel: Parcel,
    pub(super) tracked_at: Option<Timestamp>,
}

/// Columns of [`DossierFacts`], in its order, its steps aside. The first record is the usual answer; whether there is no
/// order, only all handoffs of a dossier can tell, so that is asked only where one is wanted.
const DOSSIER: &str = "d.id, d.key, d.agency, d.received_at, d.promised_at, d.due_at, d.return_by_post,
     EXISTS (SELECT 1 FROM handoff h INDEXED BY handoff_dossier WHERE h.dossier = d.id AND h.kind = 'portal.record'
         AND h.state IN ('accepted', 'resolved')),
     CASE WHEN d.return_by_post = 1 THEN EXISTS (SELECT 1 FROM handoff h INDEXED BY handoff_dossier
         WHERE h.dossier = d.id AND h.kind = 'post.order' AND h.leg = 'TRA'
         AND h.state IN ('waiting', 'sending', 'uncertain', 'accepted', 'resolved')) ELSE 0 END";

impl JournalReport {
    /// Looks several times at one state of the journal.
    ///
    /// # Errors
    /// Those of the looks, and when the store fails.
    pub fn at_one_moment<T>(&self, look: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let _one_state = self.connection.unchecked_transaction()?;
        look()
    }

    /// Counts for these agencies, in their order. What lies in one index for all of them is read once for all.
    ///
    /// # Errors
    /// When the store fails.
    pub fn figures(&self, agencies: &[&str], asked: &Asked) -> Result<Vec<AgencyCounts>, Error> {
        let mut at_risk: BTreeMap<String, u64> = BTreeMap::new();
        self.each_at_risk(agencies, asked, |dossier| {
            *at_risk.entry(dossier.agency.clone()).or_default() += 1;
            Ok(true)
        })?;
        let (quarantined, waiting) = (self.quarantined(asked.period)?, self.waiting()?);
        let mut tallies = self.tallies(agencies, asked)?;
        let of = |agency: &&str| {
            let speaks = speaks_for(agency);
            let own = quarantined.iter().filter(|(routing_key, _)| routing_key.starts_with(&speaks));
            Ok(AgencyCounts {
                tally: tallies.remove(*agency).unwrap_or_default(),
                reported: self.reported(agency, asked.period)?,
                at_risk: at_risk.get(*agency).copied().unwrap_or_default(),
                quarantined: own.map(|(_, count)| count).sum(),
                waiting: waiting.get(*agency).copied().unwrap_or_default(),
            })
        };
        agencies.iter().map(of).collect()
    }

    fn tallies(&self, agencies: &[&str], asked: &Asked) -> Result<BTreeMap<String, Tally>, Error> {
        let (mut tallies, cut) = (BTreeMap::<String, Tally>::new(), asked.cut());
        self.each_known(agencies, asked, |dossier| {
            let counted = dossier.counted(cut);
            match tallies.get_mut(&dossier.agency) {
                Some(tally) => tally.dossier(&counted, cut),
                None => tallies.entry(dossier.agency.clone()).or_default().dossier(&counted, cut),
            }
            Ok(true)
        })?;
        for agency in agencies {
            let tally = tallies.entry((*agency).to_owned()).or_default();
            self.each_order(agency, asked.period, |order| {
                tally.parcel(&order.parcel, asked.left_since);
                Ok(true)
            })?;
        }
        Ok(tallies)
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

    /// Messages of the period that were set aside, by their routing key.
    fn quarantined(&self, period: Period) -> Result<Vec<(String, u64)>, Error> {
        let sql = "SELECT routing_key, count(*) FROM quarantine INDEXED BY quarantine_arrived
             WHERE arrived_at >= ?1 AND arrived_at < ?2 GROUP BY routing_key";
        self.list(sql, params![millis(period.begins()), millis(period.ends())], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })
    }

    /// Events that wait behind a gap, by agency, and since when the oldest does.
    fn waiting(&self) -> Result<BTreeMap<String, (u64, Option<Timestamp>)>, Error> {
        let sql = "SELECT d.agency, count(*), min(i.arrived_at) FROM inbox i INDEXED BY inbox_waiting
             JOIN dossier d ON d.id = i.dossier WHERE i.state = 'waiting' GROUP BY d.agency";
        let read =
            |row: &Row<'_>| Ok((row.get(0)?, (row.get::<_, i64>(1)?.unsigned_abs(), optional_time(row, 2)?)));
        Ok(self.list(sql, [], read)?.into_iter().collect())
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

    /// Visits the same of several agencies, in the order in which they came to be known: what the journal keeps of one lies beside
    /// what it keeps of the next, whosever they are, so that a year is read on end and not page by page from all over the disk.
    fn each_known(
        &self,
        agencies: &[&str],
        asked: &Asked,
        visit: impl FnMut(&DossierFacts) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let sql = format!(
            "SELECT {DOSSIER} FROM dossier d WHERE d.id IN (SELECT id FROM dossier INDEXED BY dossier_received
                     WHERE agency IN (SELECT value FROM json_each(?1)) AND received_at >= ?2 AND received_at < ?3)
                 AND d.key NOT LIKE 'phieu:%' ORDER BY d.id"
        );
        let (from, to) = (millis(asked.period.begins()), millis(asked.period.ends()));
        self.each_dossier(&sql, params![names(agencies), from, to], asked.now, visit)
    }

    /// Visits the dossiers whose promised date is near, whenever they were received, agency by agency; none when the period
    /// is not under way.
    pub(super) fn each_at_risk(
        &self,
        agencies: &[&str],
        asked: &Asked,
        mut visit: impl FnMut(&DossierFacts) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        if !asked.is_open() {
            return Ok(());
        }
        let sql = format!(
            "SELECT {DOSSIER} FROM dossier d INDEXED BY dossier_due
             WHERE d.due_at BETWEEN ?2 AND ?3 AND d.agency IN (SELECT value FROM json_each(?1))
                 AND d.received_at IS NOT NULL AND d.key NOT LIKE 'phieu:%'
             ORDER BY d.agency, d.due_at"
        );
        let (now, until) = (asked.now, asked.at_risk_until);
        self.each_dossier(&sql, params![names(agencies), millis(now), millis(until)], now, |dossier| {
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
            self.halt.check()?;
            let dossier = DossierFacts {
                id: row.get(0)?,
                key: row.get(1)?,
                agency: row.get(2)?,
                received_at: time(row, 3)?,
                promised_at: optional_time(row, 4)?,
                due_at: optional_time(row, 5)?,
                return_by_post: row.get(6)?,
                acknowledged: row.get(7)?,
                return_ordered: row.get(8)?,
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
            "SELECT h.number, h.dossier, ifnull(h.ended_at, h.planned_at), t.state, t.at, t.cash, ifnull(h.cash, 0),
                 EXISTS (SELECT 1 FROM handoff c WHERE c.dossier = h.dossier
                     AND c.kind = 'post.cancel' AND c.number = h.number AND c.state IN ('accepted', 'resolved'))
             FROM handoff h INDEXED BY handoff_agency_orders LEFT JOIN tracking t ON t.number = h.number
             WHERE h.kind = 'post.order' AND h.agency = ?1 AND h.planned_at >= ?2 AND h.planned_at < ?3
                 AND h.state IN ('accepted', 'resolved') AND h.number IS NOT NULL ORDER BY h.planned_at",
        )?;
        let mut rows = statement.query(params![agency, millis(period.begins()), millis(period.ends())])?;
        while let Some(row) = rows.next()? {
            self.halt.check()?;
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
    /// A dossier has a few: they come in the order of the index and are put into theirs here, which the store does slower.
    fn prepare(connection: &'c Connection) -> Result<Self, Error> {
        Ok(Self(connection.prepare(
            "SELECT status, happened_at, sequence FROM inbox INDEXED BY inbox_dossier
             WHERE dossier = ?1 AND kind = 'status-changed' AND state = 'planned' AND status IS NOT NULL
                 AND happened_at <= ?2 ORDER BY id",
        )?))
    }

    fn of(&mut self, dossier: i64, now: Timestamp) -> Result<Vec<Step>, Error> {
        let mut steps: Vec<(i64, Option<i64>, u8)> = Vec::new();
        let mut rows = self.0.query(params![dossier, millis(now)])?;
        while let Some(row) = rows.next()? {
            steps.push((row.get(1)?, row.get(2)?, row.get(0)?));
        }
        // Stable, so that the order of their arrival decides last.
        steps.sort_by_key(|(at, sequence, _)| (*at, *sequence));
        // A number that is no status was never planned either.
        let step =
            |(at, _, code)| Status::try_from(code).ok().map(|status| Step { status, at: timestamp(at) });
        Ok(steps.into_iter().filter_map(step).collect())
    }
}

/// The agencies as a parameter.
fn names(agencies: &[&str]) -> String {
    serde_json::Value::from(agencies).to_string()
}

/// How the routing keys of an agency's events begin.
pub(super) fn speaks_for(agency: &str) -> String {
    format!("{agency}.vn.dossier.")
}
