//! What one day brought: what failed on it and what became of that, and how much came and went beside it.
//!
//! Only the day's own rows are read, each found by an index (a test reads the query plans): attempts that were not accepted,
//! stops, acts; of what came and went, only while contents are kept, because the indexes of times hold no more.

use super::flow::{filter, seen};
use super::quarantine::agency_of;
use super::{JournalReport, optional_time, time};
use crate::journal::{Error, millis};
use crate::users::Agencies;
use jiff::Timestamp;
use rusqlite::{Row, params};

/// A handoff that failed on a day, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedLine {
    /// The handoff.
    pub handoff: String,
    /// Its dossier.
    pub dossier: String,
    /// Row of the dossier.
    pub dossier_row: i64,
    /// The partner.
    pub partner: String,
    /// Its kind.
    pub kind: String,
    /// Its state now.
    pub state: String,
    /// Whether it waits for something that is ahead of it in its lane, or for a pause of the lane to be ended.
    pub behind: bool,
    /// The first failure of the day.
    pub first_at: Timestamp,
    /// The last failure of the day.
    pub last_at: Timestamp,
    /// Reason of the last failure of the day.
    pub code: Option<String>,
    /// Field that it names.
    pub field: Option<String>,
    /// Reason for which it stands stopped now.
    pub stopped_code: Option<String>,
    /// Field that this names.
    pub stopped_field: Option<String>,
    /// Since when it is dead or uncertain.
    pub stopped_at: Option<Timestamp>,
    /// Whether an operator acted on it since, or resumed the account that had refused or blocked it.
    pub by_hand: bool,
    /// Whether it stopped since, so that something set it going again.
    pub revived: bool,
}

/// What stands stopped, of one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingLine {
    /// `dead`, `held` or `uncertain`.
    pub state: String,
    /// How many.
    pub count: u32,
    /// Since when the oldest of it stands.
    pub since: Timestamp,
}

/// A pause that somebody began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseBegun {
    /// When.
    pub at: Timestamp,
    /// Of what.
    pub scope: String,
    /// Why.
    pub reason: Option<String>,
}

/// Attempts of the day that were not accepted, and stops of the day.
const FAILURES: &str = "failure (handoff, at, is_stop, outcome, code, field) AS (
         SELECT handoff, ended_at, 0, outcome, code, NULL FROM attempt INDEXED BY attempt_failed
         WHERE outcome <> 'accepted' AND ended_at >= ?1 AND ended_at < ?2
         UNION ALL
         SELECT handoff, at, 1, state, code, field FROM stop INDEXED BY stop_at WHERE at >= ?1 AND at < ?2),
     first_of (handoff, at) AS (SELECT handoff, min(at) FROM failure GROUP BY handoff),
     last_of AS (SELECT handoff, max(at * 2 + is_stop) AS rank, at, outcome, code, field FROM failure GROUP BY handoff)";

/// Whether an operator acted on the handoff since it first failed on the day, or resumed the account that had refused or
/// blocked it, before it ended.
const BY_HAND: &str = "EXISTS (SELECT 1 FROM audit WHERE subject = h.handoff_id AND at >= first_of.at
         AND act IN ('replay', 'replan', 'edit', 'resolve', 'reopen'))
     OR last_of.outcome IN ('rejected', 'blocked') AND EXISTS (SELECT 1 FROM audit WHERE subject = h.account
         AND at >= first_of.at AND at <= ifnull(h.ended_at, at) AND act = 'resume')";

fn failed_sql() -> String {
    format!(
        "WITH {FAILURES}
         SELECT h.handoff_id, d.key, d.id, h.partner, h.kind, h.state, h.state = 'waiting' AND h.ready_at IS NULL, first_of.at,
             last_of.at, last_of.code, last_of.field, h.code, h.field,
             CASE h.state WHEN 'dead' THEN h.dead_at WHEN 'uncertain' THEN h.uncertain_since END, {BY_HAND},
             EXISTS (SELECT 1 FROM stop WHERE stop.handoff = h.id AND stop.at >= first_of.at)
         FROM first_of CROSS JOIN last_of ON last_of.handoff = first_of.handoff CROSS JOIN handoff h ON h.id = first_of.handoff
             CROSS JOIN dossier d ON d.id = h.dossier
         WHERE {} ORDER BY first_of.at, h.id",
        seen("d.agency", "?3")
    )
}

fn standing_sql() -> String {
    format!(
        "SELECT h.state, count(*), min(coalesce(h.dead_at, h.uncertain_since, h.planned_at))
         FROM handoff h INDEXED BY handoff_dead CROSS JOIN dossier d ON d.id = h.dossier
         WHERE (h.state = 'dead' OR h.state = 'held' OR h.state = 'uncertain') AND {} GROUP BY h.state ORDER BY h.state",
        seen("d.agency", "?1")
    )
}

fn events_sql() -> String {
    format!(
        "SELECT count(*) FROM inbox i INDEXED BY inbox_payload_due CROSS JOIN dossier d ON d.id = i.dossier
         WHERE i.payload IS NOT NULL AND i.arrived_at >= ?1 AND i.arrived_at < ?2 AND {}",
        seen("d.agency", "?3")
    )
}

fn accepted_sql() -> String {
    format!(
        "SELECT h.kind, count(*) FROM handoff h INDEXED BY handoff_content_due CROSS JOIN dossier d ON d.id = h.dossier
         WHERE h.content IS NOT NULL AND h.ended_at >= ?1 AND h.ended_at < ?2 AND h.state = 'accepted' AND {}
         GROUP BY h.kind",
        seen("d.agency", "?3")
    )
}

/// An act on a slip is its dossier's, also after the slip was joined.
fn acts_sql() -> String {
    format!(
        "SELECT act, count(*) FROM audit WHERE at >= ?1 AND at < ?2 AND (?3 IS NULL OR EXISTS (
             SELECT 1 FROM dossier d WHERE d.id IN (SELECT id FROM dossier WHERE key = audit.dossier
                 UNION ALL SELECT slip.dossier FROM slip
                 WHERE audit.dossier LIKE 'phieu:%' AND slip.slip = substr(audit.dossier, 7)) AND {}))
         GROUP BY act ORDER BY act",
        seen("d.agency", "?3")
    )
}

const PAUSES: &str =
    "SELECT at, subject, reason FROM audit WHERE at >= ?1 AND at < ?2 AND act = 'pause' ORDER BY id";

const QUARANTINED: &str = "SELECT routing_key FROM quarantine INDEXED BY quarantine_arrived WHERE arrived_at >= ?1 AND arrived_at < ?2";

const BEHIND: &str = "SELECT count(*) FROM handoff INDEXED BY handoff_open
         WHERE dossier = ?1 AND partner = ?2 AND ended_at IS NULL AND state = 'waiting' AND ready_at IS NULL";

impl JournalReport {
    /// Tells what failed from a time to another, at these agencies, one by one in the order in which it first did: of a bad
    /// day there is too much to be held.
    ///
    /// # Errors
    /// When the store fails.
    pub fn failed(
        &self,
        (since, until): (Timestamp, Timestamp),
        agencies: &Agencies,
        mut tell: impl FnMut(FailedLine),
    ) -> Result<(), Error> {
        let span = params![millis(since), millis(until), filter(agencies)];
        let mut statement = self.connection.prepare(&failed_sql())?;
        for line in statement.query_map(span, failed_line)? {
            tell(line?);
        }
        Ok(())
    }

    /// What stands stopped now at these agencies, whenever it stopped.
    ///
    /// # Errors
    /// When the store fails.
    pub fn standing_stopped(&self, agencies: &Agencies) -> Result<Vec<StandingLine>, Error> {
        self.list(&standing_sql(), params![filter(agencies)], |row| {
            Ok(StandingLine { state: row.get(0)?, count: row.get(1)?, since: time(row, 2)? })
        })
    }

    /// How many handoffs of a lane wait for something ahead of them, or for its pause to be ended.
    ///
    /// # Errors
    /// When the store fails.
    pub fn waiting_behind(&self, dossier_row: i64, partner: &str) -> Result<u32, Error> {
        Ok(self
            .connection
            .prepare_cached(BEHIND)?
            .query_row(params![dossier_row, partner], |row| row.get(0))?)
    }

    /// How many events arrived from a time to another, at these agencies. Right while contents of that time are kept.
    ///
    /// # Errors
    /// When the store fails.
    pub fn arrived(&self, (since, until): (Timestamp, Timestamp), agencies: &Agencies) -> Result<u32, Error> {
        let span = params![millis(since), millis(until), filter(agencies)];
        Ok(self.connection.query_row(&events_sql(), span, |row| row.get(0))?)
    }

    /// How many handoffs of each kind were accepted from a time to another, at these agencies. Right while contents of that
    /// time are kept.
    ///
    /// # Errors
    /// When the store fails.
    pub fn accepted(
        &self,
        (since, until): (Timestamp, Timestamp),
        agencies: &Agencies,
    ) -> Result<Vec<(String, u32)>, Error> {
        let span = params![millis(since), millis(until), filter(agencies)];
        self.list(&accepted_sql(), span, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// How many messages were set aside from a time to another whose routing keys name these agencies.
    ///
    /// # Errors
    /// When the store fails.
    pub fn set_aside(
        &self,
        (since, until): (Timestamp, Timestamp),
        agencies: &Agencies,
    ) -> Result<usize, Error> {
        let keys: Vec<String> =
            self.list(QUARANTINED, params![millis(since), millis(until)], |row| row.get(0))?;
        Ok(keys.iter().filter(|key| agencies.has(agency_of(key))).count())
    }

    /// How many acts of each sort were done from a time to another: to dossiers of these agencies.
    ///
    /// # Errors
    /// When the store fails.
    pub fn acts_done(
        &self,
        (since, until): (Timestamp, Timestamp),
        agencies: &Agencies,
    ) -> Result<Vec<(String, u32)>, Error> {
        let span = params![millis(since), millis(until), filter(agencies)];
        self.list(&acts_sql(), span, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The pauses of partners and accounts that were begun from a time to another.
    ///
    /// # Errors
    /// When the store fails.
    pub fn pauses_begun(&self, (since, until): (Timestamp, Timestamp)) -> Result<Vec<PauseBegun>, Error> {
        self.list(PAUSES, params![millis(since), millis(until)], |row| {
            Ok(PauseBegun { at: time(row, 0)?, scope: row.get(1)?, reason: row.get(2)? })
        })
    }
}

fn failed_line(row: &Row<'_>) -> rusqlite::Result<FailedLine> {
    Ok(FailedLine {
        handoff: row.get(0)?,
        dossier: row.get(1)?,
        dossier_row: row.get(2)?,
        partner: row.get(3)?,
        kind: row.get(4)?,
        state: row.get(5)?,
        behind: row.get(6)?,
        first_at: time(row, 7)?,
        last_at: time(row, 8)?,
        code: row.get(9)?,
        field: row.get(10)?,
        stopped_code: row.get(11)?,
        stopped_field: row.get(12)?,
        stopped_at: optional_time(row, 13)?,
        by_hand: row.get(14)?,
        revived: row.get(15)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{migrate, open};

    #[test]
    fn a_day_is_found_by_indexes_and_nothing_that_grows_is_walked() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open::connect(&folder.path().join("journal.db")).unwrap();
        migrate::migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        let statements = [
            failed_sql(),
            standing_sql(),
            events_sql(),
            accepted_sql(),
            acts_sql(),
            BEHIND.to_owned(),
            PAUSES.to_owned(),
            QUARANTINED.to_owned(),
        ];
        for sql in statements {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps: Vec<String> =
                plan.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
            let walks = |step: &&String| {
                let short = ["failure", "first_of", "last_of", "pattern", "json_each", "CONSTANT"];
                // What stands stopped now is a list by itself.
                let standing = step.contains("INDEX handoff_dead");
                let name = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
                name.is_some_and(|name| !standing && !short.contains(&name))
            };
            assert_eq!(steps.iter().find(walks), None, "{sql}\n{steps:#?}");
        }
    }
}
