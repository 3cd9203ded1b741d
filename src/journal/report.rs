//! What the commands show of the journal, over a connection of their own that cannot write.
//!
//! The daemon may run or not. Nothing here names a person: payloads, which may, are read only by the functions that say
//! so, for an operator who asks for them.

mod acts;
mod digest;
mod figure_lists;
mod figures;
mod find;
mod flow;
mod halt;
mod letters;
mod lines;
mod missing;
mod overview;
mod partners;
mod post;
mod quarantine;
mod reconcile;
mod replays;
mod said;
mod waybills;

pub use acts::{AuditLine, DeskTaskLine, LaneLine, LanePlace};
pub use digest::{FailedLine, PauseBegun, StandingLine};
pub use figure_lists::{FigureLine, FigureList};
pub use figures::{AgencyCounts, Asked};
pub use find::{FoundBy, FoundLine};
pub use flow::{Counts, Flow, MOST as MOST_OPEN, Slices, Times};
pub use halt::Halt;
pub use letters::{EditLine, GroupLine, Member, Trend};
pub use lines::{
    AccountLine, AlarmLine, AttemptLine, BreakerLine, CashLine, DossierReport, EventLine, FlagLine,
    HandoffLine, OpenLine, Overview, PauseLine, QuarantineLine, TrackingLine,
};
pub use missing::{MissingLine, MissingPage};
pub use partners::AccountState;
pub use post::{OrderRow, Standing, Tab};
pub use reconcile::{FindingLine, PartLine, RunLine};
pub use replays::{ItemLine, TaskLine};
pub use said::Said;
pub use waybills::{PoolLine, WaybillLine, WaybillState};

use super::{Error, known, rows, timestamp};
use crate::users::Agencies;
use jiff::Timestamp;
use lienthong_core::event::Event;
use lienthong_core::ids::DossierKey;
use lienthong_core::plan::Known;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use std::path::Path;
use std::time::Duration;

/// Pages that a reading keeps, in KiB: the upper levels of a year's indexes, which the usual 2 MB do not hold.
const CACHE_KIB: i64 = 16 * 1024;

/// The journal, opened for reading.
pub struct JournalReport {
    connection: Connection,
    halt: Halt,
}

/// Reads what [`handoff_line`] takes, in its order.
const HANDOFFS: &str = "SELECT h.handoff_id, d.key, h.partner, h.account, h.kind, h.leg, h.number, h.row_status, h.state, \
     h.maybe_doubled, h.code, h.field, h.attempts, h.planned_at, h.due_at, h.dead_at, h.uncertain_since, h.ended_at, \
     h.partner_number, d.agency
     FROM handoff h JOIN dossier d ON d.id = h.dossier";

impl JournalReport {
    /// Opens an existing journal.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_until(path, Halt::default())
    }

    /// The same, for a reading that ends when it is called off.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open_until(path: &Path, halt: Halt) -> Result<Self, Error> {
        if !path.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Error::Open { path: path.to_owned(), source });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        halt.attend(&connection);
        halt.check()?;
        Ok(Self { connection, halt })
    }

    /// Everything about a dossier, by its code, its slip (`phieu:…`) or its slip's bare number.
    ///
    /// # Errors
    /// When the store fails.
    pub fn dossier(&self, name: &str) -> Result<Option<DossierReport>, Error> {
        let Some(id) = self.dossier_id(name)? else { return Ok(None) };
        let head = "SELECT key, agency, updated_at, state FROM dossier WHERE id = ?1";
        let (report, state) = self.connection.query_row(head, [id], |row| {
            let report = DossierReport {
                dossier: row.get(0)?,
                agency: row.get(1)?,
                updated_at: time(row, 2)?,
                events: Vec::new(),
                handoffs: Vec::new(),
                tracking: Vec::new(),
                cash: Vec::new(),
                flags: Vec::new(),
                acts: Vec::new(),
            };
            Ok((report, row.get::<_, String>(3)?))
        })?;
        let mut handoffs = self.handoffs("h.dossier = ?1 ORDER BY h.id", [id])?;
        for handoff in &mut handoffs {
            handoff.tries = self.tries(&handoff.handoff)?;
        }
        let tracking = self.tracking(id)?;
        Ok(Some(DossierReport {
            events: self.events(id)?,
            handoffs,
            cash: lines::cash(&state, &tracking)?,
            tracking,
            flags: self.flags(id)?,
            acts: self.acts_on(id)?,
            ..report
        }))
    }

    /// What stopped, is held, or may be at a partner; oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stopped(&self, limit: usize, agencies: &Agencies) -> Result<Vec<HandoffLine>, Error> {
        let stopped = "(h.state = 'dead' OR h.state = 'held' OR h.state = 'uncertain')
             ORDER BY coalesce(h.dead_at, h.uncertain_since, h.planned_at), h.id";
        let sql = format!("{HANDOFFS} WHERE {stopped}");
        self.first(&sql, limit, handoff_line, |line| agencies.has(&line.agency))
    }

    /// One handoff with its attempts.
    ///
    /// # Errors
    /// When the store fails.
    pub fn handoff(&self, id: &str) -> Result<Option<HandoffLine>, Error> {
        let Some(mut handoff) = self.handoffs("h.handoff_id = ?1", [id])?.pop() else { return Ok(None) };
        handoff.tries = self.tries(id)?;
        Ok(Some(handoff))
    }

    /// What a handoff says, and the partner's last words about it. Names persons.
    ///
    /// # Errors
    /// When the store fails.
    pub fn handoff_payload(
        &self,
        id: &str,
    ) -> Result<(Option<serde_json::Value>, Option<serde_json::Value>), Error> {
        let content = "SELECT content FROM handoff WHERE handoff_id = ?1";
        let said = "SELECT a.said FROM attempt a JOIN handoff h ON h.id = a.handoff
             WHERE h.handoff_id = ?1 AND a.said IS NOT NULL ORDER BY a.n DESC LIMIT 1";
        Ok((self.payload(content, id)?, self.payload(said, id)?))
    }

    /// The hash of the event with this identity, if there is one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn seen(&self, event: &Event) -> Result<Option<Vec<u8>>, Error> {
        let sql = "SELECT hash FROM inbox WHERE source = ?1 AND event_id = ?2";
        let identity = params![event.source.as_str(), event.id.as_str()];
        Ok(self.connection.query_row(sql, identity, |row| row.get(0)).optional()?)
    }

    /// What planning would know of the event's dossier. Names persons.
    ///
    /// # Errors
    /// When the store fails.
    pub fn known(&self, event: &Event) -> Result<Known, Error> {
        match self.dossier_id(event.dossier_key().as_str())? {
            Some(id) => known::of(&self.connection, &known::dossier(&self.connection, id)?),
            None => Ok(Known::default()),
        }
    }

    fn dossier_id(&self, name: &str) -> Result<Option<i64>, Error> {
        let sql = "SELECT id FROM dossier WHERE key IN (?1, ?2)
             UNION ALL SELECT dossier FROM slip WHERE slip IN (?1, ?3) LIMIT 1";
        let slip = DossierKey::new(name).slip().map(|slip| slip.as_str().to_owned());
        let names = params![name, format!("phieu:{name}"), slip];
        Ok(self.connection.query_row(sql, names, |row| row.get(0)).optional()?)
    }

    fn events(&self, dossier: i64) -> Result<Vec<EventLine>, Error> {
        let sql = "SELECT event_id, kind, status, sequence, happened_at, arrived_at, state FROM inbox
             WHERE dossier = ?1 ORDER BY id";
        self.list(sql, [dossier], |row| {
            Ok(EventLine {
                event: row.get(0)?,
                kind: row.get(1)?,
                status: row.get(2)?,
                sequence: row.get(3)?,
                happened_at: time(row, 4)?,
                arrived_at: time(row, 5)?,
                state: row.get(6)?,
            })
        })
    }

    fn handoffs(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<HandoffLine>, Error> {
        self.list(&format!("{HANDOFFS} WHERE {which}"), params, handoff_line)
    }

    fn tries(&self, handoff: &str) -> Result<Vec<AttemptLine>, Error> {
        let sql = "SELECT a.n, a.started_at, a.outcome, a.code, a.http_status, a.duration_ms FROM attempt a
             JOIN handoff h ON h.id = a.handoff WHERE h.handoff_id = ?1 ORDER BY a.n";
        self.list(sql, [handoff], |row| {
            Ok(AttemptLine {
                n: row.get(0)?,
                started_at: time(row, 1)?,
                outcome: row.get(2)?,
                code: row.get(3)?,
                http_status: row.get(4)?,
                duration_ms: row.get(5)?,
            })
        })
    }

    fn tracking(&self, dossier: i64) -> Result<Vec<TrackingLine>, Error> {
        let sql =
            "SELECT t.number, nullif(t.state, ''), t.wire_code, t.at, t.waybill, t.cash FROM tracking_row t
             WHERE t.number IN (SELECT number FROM handoff WHERE dossier = ?1 AND kind = 'post.order')
             ORDER BY t.at, t.feed_id";
        self.list(sql, [dossier], |row| {
            Ok(TrackingLine {
                number: row.get(0)?,
                state: row.get(1)?,
                wire_code: row.get(2)?,
                at: time(row, 3)?,
                waybill: row.get(4)?,
                cash: row.get(5)?,
            })
        })
    }

    fn flags(&self, dossier: i64) -> Result<Vec<FlagLine>, Error> {
        let sql = "SELECT id, code, task, at, closed_at FROM flag WHERE dossier = ?1 ORDER BY id";
        self.list(sql, [dossier], |row| {
            Ok(FlagLine {
                id: row.get(0)?,
                code: row.get(1)?,
                task: row.get(2)?,
                at: time(row, 3)?,
                closed_at: optional_time(row, 4)?,
            })
        })
    }

    fn payload(&self, sql: &str, id: &str) -> Result<Option<serde_json::Value>, Error> {
        let payload: Option<Option<i64>> =
            self.connection.query_row(sql, [id], |row| row.get(0)).optional()?;
        rows::payload(&self.connection, payload.flatten())
    }

    fn list<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        self.halt.check()?;
        let mut statement = self.connection.prepare(sql)?;
        let lines = statement.query_map(params, read)?.collect::<Result<_, _>>()?;
        Ok(lines)
    }

    /// The first lines that are wanted, read no further than that.
    fn first<T>(
        &self,
        sql: &str,
        limit: usize,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, Error> {
        self.halt.check()?;
        let mut statement = self.connection.prepare(sql)?;
        let lines = statement.query_map([], read)?.filter(|line| line.as_ref().map_or(true, &wanted));
        Ok(lines.take(limit).collect::<Result<_, _>>()?)
    }
}

fn handoff_line(row: &Row<'_>) -> rusqlite::Result<HandoffLine> {
    Ok(HandoffLine {
        handoff: row.get(0)?,
        dossier: row.get(1)?,
        agency: row.get(19)?,
        partner: row.get(2)?,
        account: row.get(3)?,
        kind: row.get(4)?,
        leg: row.get(5)?,
        number: row.get(6)?,
        row_status: row.get(7)?,
        state: row.get(8)?,
        maybe_doubled: row.get(9)?,
        code: row.get(10)?,
        field: row.get(11)?,
        attempts: row.get(12)?,
        planned_at: time(row, 13)?,
        due_at: time(row, 14)?,
        dead_at: optional_time(row, 15)?,
        uncertain_since: optional_time(row, 16)?,
        ended_at: optional_time(row, 17)?,
        partner_number: row.get(18)?,
        tries: Vec::new(),
    })
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Ok(timestamp(row.get(column)?))
}

fn optional_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(timestamp))
}

#[cfg(test)]
mod tests;
