//! How much comes in, goes out and stands open, over the last hours and since the day began.
//!
//! Everything here is bounded by its span, and looks at indexes: events by their arrival and handoffs by their end as long
//! as their contents are kept, which is a day at least. What stands open is counted up to [`MOST`].

use super::{JournalReport, time};
use crate::journal::{Error, millis, timestamp, watch};
use crate::users::Agencies;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, params};

/// Open handoffs are counted up to this many.
pub const MOST: u32 = 100_000;

/// Events whose times are compared with when they arrived.
const NEWEST: u32 = 1000;

/// States that are not final.
const OPEN: [&str; 5] = ["waiting", "sending", "uncertain", "dead", "held"];

/// States of which the partner has not got it, and nobody stopped it.
const UNDELIVERED: [&str; 3] = ["waiting", "sending", "uncertain"];

/// Acts that made an ended handoff stand open again, since the parameter 1.
const REOPENED: &str =
    "SELECT id, at, subject FROM audit INDEXED BY audit_at WHERE at >= ?1 AND act = 'reopen'";

/// A span of time in slices of one length; shorter than a day.
#[derive(Clone, Copy, Debug)]
pub struct Slices {
    /// Its beginning.
    pub since: Timestamp,
    /// How long a slice is.
    pub each: SignedDuration,
    /// How many there are.
    pub count: usize,
}

impl Slices {
    /// Its end.
    pub fn until(&self) -> Timestamp {
        let count = i32::try_from(self.count).unwrap_or(i32::MAX);
        self.since + self.each.checked_mul(count).unwrap_or(SignedDuration::ZERO)
    }
}

/// What happened in each slice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Events that arrived.
    pub events: Vec<u32>,
    /// Handoffs that were planned.
    pub planned: Vec<u32>,
    /// Handoffs that ended, though some of them stand open again.
    pub ended: Vec<u32>,
    /// Handoffs that had ended and were reopened.
    pub reopened: Vec<u32>,
    /// Handoffs that stand open now; at [`MOST`], there are as many at least.
    pub open: u32,
}

/// What happened since a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Events that arrived.
    pub events: u32,
    /// Handoffs that ended: partner, state, how many.
    pub ended: Vec<(String, String, u32)>,
    /// Handoffs that stopped and still stand so.
    pub stopped: u32,
    /// Messages that were set aside; belongs to no agency.
    pub quarantined: u32,
}

/// What the clock is judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// When the newest event arrived, by our clock then.
    pub arrived_at: Option<Timestamp>,
    /// When the newest attempt began, by our clock then.
    pub attempted_at: Option<Timestamp>,
    /// Of the newest events, the one whose own time lies furthest behind its arrival: source, its time, its arrival.
    pub ahead: Option<(String, Timestamp, Timestamp)>,
}

impl JournalReport {
    /// What happened in each slice, at these agencies.
    ///
    /// # Errors
    /// When the store fails.
    pub fn flow(&self, agencies: &Agencies, slices: Slices) -> Result<Flow, Error> {
        let from = self.first_planned(slices.since)?;
        let planned = format!(
            "SELECT (planned_at - ?1) / ?2, count(*) FROM handoff WHERE id >= {from} AND planned_at >= ?1
                 AND planned_at < ?3 AND {} GROUP BY 1",
            seen("agency", "?4")
        );
        let ended = format!(
            "SELECT (ended_at - ?1) / ?2, count(*) FROM handoff INDEXED BY handoff_content_due
             WHERE content IS NOT NULL AND ended_at >= ?1 AND ended_at < ?3 AND {} GROUP BY 1",
            seen("agency", "?4")
        );
        // Reopening takes the end away from the row; the audit has both. Only dismissed handoffs can be reopened.
        let reopened = format!(
            "SELECT (at - ?1) / ?2, count(*) FROM ({REOPENED}) JOIN handoff ON handoff_id = subject
             WHERE at < ?3 AND {} GROUP BY 1",
            seen("agency", "?4")
        );
        let undone = format!(
            "WITH reopened AS MATERIALIZED ({REOPENED})
             SELECT (at - ?1) / ?2, count(*) FROM audit INDEXED BY audit_at JOIN handoff ON handoff_id = subject
             WHERE at >= ?1 AND at < ?3 AND act IN ('dismiss', 'skip') AND {}
                 AND EXISTS (SELECT 1 FROM reopened WHERE reopened.subject = audit.subject AND reopened.id > audit.id)
             GROUP BY 1",
            seen("agency", "?4")
        );
        let events = format!(
            "SELECT (arrived_at - ?1) / ?2, count(*) FROM {} WHERE payload IS NOT NULL AND arrived_at >= ?1
                 AND arrived_at < ?3 AND {} GROUP BY 1",
            arrivals(agencies),
            seen("agency", "?4")
        );
        let (ended, undone) =
            (self.sliced(&ended, agencies, slices)?, self.sliced(&undone, agencies, slices)?);
        Ok(Flow {
            events: self.sliced(&events, agencies, slices)?,
            planned: self.sliced(&planned, agencies, slices)?,
            ended: ended.into_iter().zip(undone).map(|(stands, undone)| stands + undone).collect(),
            reopened: self.sliced(&reopened, agencies, slices)?,
            open: self.open_now(agencies)?,
        })
    }

    /// What happened since a time, less than a day ago, at these agencies.
    ///
    /// # Errors
    /// When the store fails.
    pub fn counts(&self, agencies: &Agencies, since: Timestamp) -> Result<Counts, Error> {
        let filter = params![millis(since), filter(agencies)];
        let one = |sql: &str| self.connection.query_row(sql, filter, |row| row.get(0));
        let seen_here = seen("agency", "?2");
        let ended = format!(
            "SELECT partner, state, count(*) FROM handoff INDEXED BY handoff_content_due
             WHERE content IS NOT NULL AND ended_at >= ?1 AND {seen_here} GROUP BY partner, state"
        );
        Ok(Counts {
            events: one(&format!(
                "SELECT count(*) FROM {} WHERE payload IS NOT NULL AND arrived_at >= ?1 AND {seen_here}",
                arrivals(agencies)
            ))?,
            ended: self.list(&ended, filter, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?,
            stopped: one(&format!(
                "SELECT count(*) FROM handoff INDEXED BY handoff_dead
                 WHERE (state = 'dead' OR state = 'held' OR state = 'uncertain') AND dead_at >= ?1 AND {seen_here}"
            ))?,
            quarantined: one(
                "SELECT count(*) FROM quarantine INDEXED BY quarantine_arrived WHERE arrived_at >= ?1 AND ?2 IS NULL",
            )?,
        })
    }

    /// When the oldest handoff was planned that an account has not sent, or of which nobody knows whether it was.
    ///
    /// # Errors
    /// When the store fails.
    pub fn oldest_undelivered(&self) -> Result<Vec<(String, Timestamp)>, Error> {
        let mut oldest = Vec::new();
        for state in UNDELIVERED {
            let sql = watch::oldest_of_accounts(state);
            oldest.extend(self.list(&sql, [], |row| Ok((row.get(0)?, time(row, 1)?)))?);
        }
        Ok(oldest)
    }

    /// What the clock is judged by.
    ///
    /// # Errors
    /// When the store fails.
    pub fn times(&self) -> Result<Times, Error> {
        let newest = |sql: &str| {
            let at = self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).optional()?;
            Ok::<_, Error>(at.map(timestamp))
        };
        let ahead = format!(
            "SELECT source, happened_at, arrived_at FROM (SELECT * FROM inbox ORDER BY id DESC LIMIT {NEWEST})
             ORDER BY happened_at - arrived_at DESC LIMIT 1"
        );
        let ahead = self.list(&ahead, [], |row| Ok((row.get(0)?, time(row, 1)?, time(row, 2)?)))?;
        Ok(Times {
            arrived_at: newest("SELECT arrived_at FROM inbox ORDER BY id DESC LIMIT 1")?,
            attempted_at: newest("SELECT started_at FROM attempt ORDER BY id DESC LIMIT 1")?,
            ahead: ahead.into_iter().next(),
        })
    }

    fn sliced(&self, sql: &str, agencies: &Agencies, slices: Slices) -> Result<Vec<u32>, Error> {
        let each = slices.each.as_millis();
        let each = i64::try_from(each).unwrap_or(i64::MAX).max(1);
        let bounds = params![millis(slices.since), each, millis(slices.until()), filter(agencies)];
        let counted = self.list(sql, bounds, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?)))?;
        let mut counts = vec![0; slices.count];
        for (slice, count) in counted {
            if let Some(place) = usize::try_from(slice).ok().and_then(|slice| counts.get_mut(slice)) {
                *place = count;
            }
        }
        Ok(counts)
    }

    fn open_now(&self, agencies: &Agencies) -> Result<u32, Error> {
        let mut open = 0;
        for state in OPEN {
            let sql = format!(
                "SELECT count(*) FROM (SELECT agency FROM {} LIMIT {MOST}) WHERE {}",
                watch::in_state(state),
                seen("agency", "?1")
            );
            open += self.connection.query_row(&sql, params![filter(agencies)], |row| row.get::<_, u32>(0))?;
        }
        Ok(open.min(MOST))
    }

    /// The first handoff that was planned since a time. They are planned in the order of their numbers, as long as the clock
    /// does not go back: halving finds it, where an index would have to be written with each.
    fn first_planned(&self, since: Timestamp) -> Result<i64, Error> {
        let mut at = self
            .connection
            .prepare("SELECT id, planned_at FROM handoff WHERE id >= ?1 ORDER BY id LIMIT 1")?;
        let last = "SELECT ifnull(max(id), 0) FROM handoff";
        let (mut low, mut high): (i64, i64) = (1, self.connection.query_row(last, [], |row| row.get(0))?);
        while low <= high {
            let middle = low + (high - low) / 2;
            let found = at
                .query_row([middle], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
                .optional()?;
            match found {
                Some((id, planned_at)) if planned_at < millis(since) => low = id + 1,
                Some(_) | None => high = middle - 1,
            }
        }
        Ok(low)
    }
}

/// Where arrivals are counted: in the index alone, unless it must be known whose they are.
fn arrivals(agencies: &Agencies) -> &'static str {
    if agencies.is_all() {
        "(SELECT arrived_at, payload, NULL AS agency FROM inbox INDEXED BY inbox_payload_due)"
    } else {
        "(SELECT arrived_at, inbox.payload, dossier.agency FROM inbox INDEXED BY inbox_payload_due
          JOIN dossier ON dossier.id = inbox.dossier)"
    }
}

/// The patterns of agencies for a parameter of [`seen`], or nothing for all of them.
pub(super) fn filter(agencies: &Agencies) -> Option<String> {
    (!agencies.is_all()).then(|| agencies.globs())
}

/// Whether the agency in a column is among the patterns of a parameter, which is nothing for all agencies.
pub(super) fn seen(column: &str, parameter: &str) -> String {
    format!(
        "({parameter} IS NULL OR EXISTS (SELECT 1 FROM json_each({parameter}) AS pattern WHERE {column} GLOB pattern.value))"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{migrate, open};

    const HERE: &str = "H11.01.07";
    const THERE: &str = "H11.02.01";

    /// Milliseconds of the beginning: nothing depends on them.
    const BASE: i64 = 1_700_000_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(BASE + millis).unwrap()
    }

    /// Events and handoffs in turns at two agencies, one each 10 ms; each third handoff has ended 35 ms later, each seventh
    /// has stopped.
    fn report(check: impl FnOnce(JournalReport)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let mut connection = open::connect(&path).unwrap();
        migrate::migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        connection
            .execute_batch(&format!(
                "INSERT INTO payload (id, body) VALUES (1, x'7b7d');
                 INSERT INTO dossier (id, key, agency, state, updated_at) VALUES (0, 'A', '{HERE}', '{{}}', 0),
                     (1, 'B', '{THERE}', '{{}}', 0);
                 WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100)
                 INSERT INTO inbox (source, event_id, hash, dossier, kind, happened_at, arrived_at, state, payload)
                 SELECT 'urn:s', n, x'00', n % 2, 'k', {BASE} + n * 10 + (n = 50) * 900, {BASE} + n * 10, 'planned', 1 FROM n;
                 WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100)
                 INSERT INTO handoff (handoff_id, dossier, agency, partner, account, kind, place, state, due_at, content,
                     tables_version, planned_at, ended_at, dead_at)
                 SELECT n, n % 2, iif(n % 2, '{THERE}', '{HERE}'), 'post', 'post-' || (n % 2), 'post.order', 1,
                     CASE WHEN n % 3 = 0 THEN 'accepted' WHEN n % 7 = 0 THEN 'dead' ELSE 'waiting' END, 0, 1, 'v',
                     {BASE} + n * 10, iif(n % 3 = 0, {BASE} + n * 10 + 35, NULL),
                     iif(n % 3 AND n % 7 = 0, {BASE} + n * 10 + 5, NULL) FROM n;
                 INSERT INTO quarantine (arrived_at, code, detail, sha256, size, routing_key, headers)
                 VALUES ({BASE} + 500, 'C', 'd', x'00', 1, 'k', '{{}}');"
            ))
            .unwrap();
        check(JournalReport::open(&path).unwrap());
    }

    /// How many of the hundred, of an agency or of both, come to a time in each slice.
    fn counted(of: Option<i64>, slices: Slices, time: impl Fn(i64) -> Option<i64>) -> Vec<u32> {
        let mut counts = vec![0; slices.count];
        for n in (1..=100).filter(|n| of.is_none_or(|of| n % 2 == of)) {
            let Some(time) = time(n) else { continue };
            let each = i64::try_from(slices.each.as_millis()).unwrap();
            let slice = (time - slices.since.as_millisecond() + BASE).div_euclid(each);
            if let Some(count) = usize::try_from(slice).ok().and_then(|slice| counts.get_mut(slice)) {
                *count += 1;
            }
        }
        counts
    }

    #[test]
    fn everything_is_counted_in_its_slice_and_at_the_agencies_that_are_seen() {
        report(|report| {
            for (agencies, of) in [(Agencies::all(), None), (Agencies::of(["H11.01.*"]).unwrap(), Some(0))] {
                for (since, each, count) in [(0, 100, 12), (333, 50, 7), (2000, 10, 3)] {
                    let slices = Slices { since: at(since), each: SignedDuration::from_millis(each), count };
                    let flow = report.flow(&agencies, slices).unwrap();
                    assert_eq!(flow.events, counted(of, slices, |n| Some(n * 10)), "{since} {of:?}");
                    assert_eq!(flow.planned, counted(of, slices, |n| Some(n * 10)), "{since} {of:?}");
                    let ended = |n| (n % 3 == 0).then_some(n * 10 + 35);
                    assert_eq!(flow.ended, counted(of, slices, ended), "{since} {of:?}");
                    let open = (1..=100).filter(|n| n % 3 != 0 && of.is_none_or(|of| n % 2 == of)).count();
                    assert_eq!(usize::try_from(flow.open).unwrap(), open, "{of:?}");
                }
            }
        });
    }

    /// Of H11.01.07: dismissed at 100, reopened at 300, dismissed again at 500. Of the other: skipped before the span, reopened
    /// in it, and open since. The rows say only how they stand now.
    #[test]
    fn a_reopened_handoff_had_ended_until_then() {
        report(|report| {
            let file = rusqlite::Connection::open(report.connection.path().unwrap()).unwrap();
            file.execute_batch(&format!(
                "UPDATE handoff SET state = 'dismissed', ended_at = {BASE} + 500 WHERE handoff_id = '2';
                 INSERT INTO audit (at, who, act, subject) VALUES
                     ({BASE} - 50, 'a', 'skip', '1'), ({BASE} + 100, 'a', 'dismiss', '2'), ({BASE} + 120, 'a', 'reopen', '1'),
                     ({BASE} + 300, 'a', 'reopen', '2'), ({BASE} + 500, 'a', 'dismiss', '2');"
            ))
            .unwrap();
            let slices = Slices { since: at(0), each: SignedDuration::from_millis(100), count: 12 };
            let ended = |n| if n == 2 { Some(500) } else { (n % 3 == 0).then_some(n * 10 + 35) };
            for (agencies, of, reopened) in [
                (Agencies::all(), None, [0, 1, 0, 1, 0]),
                (Agencies::of(["H11.01.*"]).unwrap(), Some(0), [0, 0, 0, 1, 0]),
            ] {
                let flow = report.flow(&agencies, slices).unwrap();
                assert_eq!(flow.reopened[..5], reopened, "{of:?}");
                let mut expected = counted(of, slices, ended);
                expected[1] += 1;
                assert_eq!(flow.ended, expected, "{of:?}");
            }
        });
    }

    #[test]
    fn counts_since_a_time_are_of_the_agencies_that_are_seen() {
        report(|report| {
            let all = report.counts(&Agencies::all(), at(500)).unwrap();
            let ended = (1..=100).filter(|n| n % 3 == 0 && n * 10 + 35 >= 500).count();
            let stopped = (1..=100).filter(|n| n % 3 != 0 && n % 7 == 0 && n * 10 + 5 >= 500).count();
            assert_eq!((all.events, all.quarantined), (51, 1));
            let count = |count: usize| u32::try_from(count).unwrap();
            assert_eq!(all.ended, [("post".to_owned(), "accepted".to_owned(), count(ended))]);
            assert_eq!(all.stopped, count(stopped));
            let here = report.counts(&Agencies::of([HERE]).unwrap(), at(500)).unwrap();
            assert_eq!((here.events, here.quarantined), (26, 0));
            assert!(here.stopped < all.stopped && here.stopped > 0);
            let nowhere = report.counts(&Agencies::of(["H99"]).unwrap(), at(0)).unwrap();
            assert_eq!((nowhere.events, nowhere.ended.len(), nowhere.stopped), (0, 0, 0));
        });
    }

    #[test]
    fn the_oldest_of_each_account_and_the_times_are_found() {
        report(|report| {
            let oldest = report.oldest_undelivered().unwrap();
            assert_eq!(oldest, [("post-0".to_owned(), at(20)), ("post-1".to_owned(), at(10))]);
            let times = report.times().unwrap();
            assert_eq!((times.arrived_at, times.attempted_at), (Some(at(1000)), None));
            assert_eq!(times.ahead, Some(("urn:s".to_owned(), at(1400), at(500))));
        });
    }
}
