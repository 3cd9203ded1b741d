//! What the watchdogs look at, and the alarms that stand.
//!
//! Looking reads over the reader's connection and is bounded: the oldest of each group is the first entry of an index,
//! and counting stops at [`MOST`]. Which condition is an alarm, and when it is said, the core decides.

use super::breakers::Rooms;
use super::{Error, Journal, Surroundings, accounts, millis, timestamp, turns, waybills};
use crate::partners::Account;
use jiff::Timestamp;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, Source};
use lienthong_core::port::LookUpAbility;
use lienthong_core::watch::{Alarm, Bounds, Change, Found, Head, Watchdog};
use lienthong_core::waybill::low;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Counted at most, in each group.
const MOST: u32 = 1000;

/// Groups of one watchdog at most: a partner that invents codes must not make alarms without end.
const GROUPS: u32 = 200;

/// States that are not final, and where a handoff in them stands.
const PLACES: [(&str, &str); 5] = [
    ("waiting", "under-way"),
    ("sending", "under-way"),
    ("uncertain", "under-way"),
    ("dead", "stopped"),
    ("held", "stopped"),
];

/// Days within which an order that nobody has reported as ended counts as under way.
pub(super) const UNDER_WAY_DAYS: i64 = 30;

/// How long a promised date that has passed is still told as near, in milliseconds: then its age is alarm enough.
const DAY: i64 = 24 * 3600 * 1000;

/// How long a handoff may wait although its dossier is due soon, in milliseconds: what is just being sent is no alarm.
const UNTOLD: i64 = 30 * 60 * 1000;

/// What was seen in one look.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Conditions that stand.
    pub found: Vec<Found>,
    /// The next handoff of each account that is open.
    pub heads: Vec<Head>,
    /// Free waybills of each account that has a pool.
    pub waybills: Vec<(AccountName, u32)>,
}

impl Journal {
    /// Looks for everything that stands beyond its bound.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn look(&self, bounds: Bounds) -> Result<Sight, Error> {
        let around = Arc::clone(&self.around);
        let live: Vec<_> = self.around.partners.iter().map(|account| account.name.clone()).collect();
        let live = live.into_iter().filter(|account| self.is_live(account, bounds.now)).collect();
        self.reader.read(move |tx| Looking { tx, around: &around, live, bounds: &bounds }.look()).await
    }

    /// The alarms that stand.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, Error> {
        self.reader.read(alarms).await
    }

    /// Remembers what was said.
    ///
    /// # Errors
    /// When the store fails; nothing of it is remembered then.
    pub async fn keep_alarms(&self, changes: Vec<Change>) -> Result<(), Error> {
        self.writer.write(move |tx| changes.iter().try_for_each(|change| keep(tx, change))).await
    }
}

/// Reads the alarms that stand; codes of another version of the program are left alone.
pub(super) fn alarms(tx: &Connection) -> Result<Vec<Alarm>, Error> {
    let sql = "SELECT code, scope, raised_at, since, count, mark FROM alarm ORDER BY raised_at, code, scope";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let code: String = row.get(0)?;
        let alarm = |watchdog| {
            Ok(Alarm {
                watchdog,
                scope: row.get(1)?,
                raised_at: timestamp(row.get(2)?),
                since: timestamp(row.get(3)?),
                count: row.get(4)?,
                mark: row.get(5)?,
            })
        };
        Watchdog::from_code(&code).map(alarm).transpose()
    })?;
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}

fn keep(tx: &Connection, change: &Change) -> Result<(), Error> {
    match change {
        Change::Raised(alarm) | Change::Grown(alarm) => {
            tx.prepare_cached(
                "INSERT INTO alarm (code, scope, raised_at, since, count, mark) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (code, scope) DO UPDATE SET raised_at = ?3, since = ?4, count = ?5, mark = ?6",
            )?
            .execute(params![
                alarm.watchdog.code(),
                alarm.scope,
                millis(alarm.raised_at),
                millis(alarm.since),
                alarm.count,
                alarm.mark
            ])?;
        }
        Change::Cleared(alarm) => {
            tx.prepare_cached("DELETE FROM alarm WHERE code = ?1 AND scope = ?2")?
                .execute(params![alarm.watchdog.code(), alarm.scope])?;
        }
    }
    Ok(())
}

/// One look, over one state of the journal.
struct Looking<'a> {
    tx: &'a Connection,
    around: &'a Surroundings,
    live: Vec<AccountName>,
    bounds: &'a Bounds,
}

impl Looking<'_> {
    fn look(&self) -> Result<Sight, Error> {
        let mut found = self.old()?;
        found.extend(self.due_soon()?);
        found.extend(self.uncertain()?);
        found.extend(self.unanswered()?);
        found.extend(self.stopped()?);
        found.extend(self.quarantined()?);
        found.extend(self.gap()?);
        found.extend(self.nights()?);
        found.extend(self.without_waybill()?);
        let waybills = self.waybills()?;
        let least = self.bounds.waybills.unwrap_or(0);
        found.extend(
            waybills.iter().filter_map(|(account, free)| low(account, *free, least, self.bounds.now)),
        );
        let mut heads = Vec::new();
        for account in self.around.partners.iter().filter(|account| self.live.contains(&account.name)) {
            if accounts::closed(self.tx, self.around, &account.name, account.partner, self.bounds.now)?
                .is_none()
            {
                heads.extend(self.head(account)?);
                // Without any look-up there is no feed either.
                let has_feed = account.port.abilities().look_up != LookUpAbility::None;
                if account.partner == Partner::Post && has_feed {
                    found.extend(self.feed(&account.name)?);
                }
            }
        }
        for (source, bound) in &self.bounds.sources {
            found.extend(self.source(source, *bound)?);
        }
        Ok(Sight { found, heads, waybills })
    }

    /// Every handoff that is not final and older than the bound: promise 6. By account, and by whether it is under way:
    /// an alarm must not come and go with each attempt.
    fn old(&self) -> Result<Vec<Found>, Error> {
        let Some(bound) = self.bounds.old else { return Ok(Vec::new()) };
        let mut groups: BTreeMap<String, (i64, u32)> = BTreeMap::new();
        for (state, place) in PLACES {
            let (here, oldest) = (in_state(state), oldest_of_accounts(state));
            let sql = format!(
                "SELECT name, oldest, (SELECT count(*) FROM
                     (SELECT 1 FROM {here} AND account = name AND planned_at <= ?1 LIMIT ?2)) FROM ({oldest})"
            );
            let mut statement = self.tx.prepare_cached(&sql)?;
            let rows = statement.query_map(params![millis(bound), MOST], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
            })?;
            for row in rows {
                let (account, since, count): (_, i64, u32) = row?;
                let account = if account.is_empty() { "-" } else { &account };
                let group = groups.entry(format!("{account} {place}")).or_insert((since, 0));
                *group = (group.0.min(since), group.1 + count);
            }
        }
        let beyond = groups.into_iter().filter(|(_, (_, count))| *count > 0);
        let found = beyond.map(|(scope, (since, count))| Found {
            watchdog: Watchdog::Old,
            scope,
            since: timestamp(since),
            count: count.min(MOST),
            mark: None,
        });
        Ok(found.collect())
    }

    /// Dossiers promised for soon, or for the day that has passed, of which the portal has not been told all for a while.
    fn due_soon(&self) -> Result<Vec<Found>, Error> {
        let Some(bound) = self.bounds.due_soon else { return Ok(Vec::new()) };
        let sql = "SELECT handoff.account, min(handoff.planned_at), count(DISTINCT dossier.id)
             FROM dossier INDEXED BY dossier_due JOIN handoff INDEXED BY handoff_open ON handoff.dossier = dossier.id
             WHERE dossier.due_at BETWEEN ?1 AND ?2 AND handoff.partner = 'portal' AND handoff.planned_at <= ?3
                 AND handoff.ended_at IS NULL GROUP BY handoff.account";
        let now = millis(self.bounds.now);
        let mut statement = self.tx.prepare_cached(sql)?;
        let rows = statement.query_map(params![now - DAY, millis(bound), now - UNTOLD], |row| {
            self.found(Watchdog::DueSoon, row)
        })?;
        let found: Vec<Option<Found>> = rows.collect::<Result<_, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    fn uncertain(&self) -> Result<Vec<Found>, Error> {
        let sql = "SELECT account, min(uncertain_since), count(*) FROM handoff INDEXED BY handoff_uncertain
             WHERE state = 'uncertain' AND uncertain_since <= ?1 GROUP BY account";
        self.groups(Watchdog::Uncertain, sql, self.bounds.uncertain)
    }

    fn unanswered(&self) -> Result<Vec<Found>, Error> {
        // A person is asked with this code (`gateway::UNCERTAIN`).
        let sql = "SELECT account, min(dead_at), count(*) FROM handoff INDEXED BY handoff_stopped
             WHERE state IN ('dead', 'held') AND code = 'GATEWAY-UNCERTAIN' AND dead_at <= ?1 GROUP BY account";
        self.groups(Watchdog::Unanswered, sql, self.bounds.unanswered)
    }

    fn stopped(&self) -> Result<Vec<Found>, Error> {
        let sql = format!(
            "SELECT account || ' ' || kind || ' ' || ifnull(code, ''), ifnull(min(dead_at), ?1), count(*)
             FROM handoff INDEXED BY handoff_stopped WHERE state IN ('dead', 'held')
             GROUP BY account, kind, code LIMIT {GROUPS}"
        );
        self.groups(Watchdog::Stopped, &sql, self.bounds.stopped)
    }

    fn quarantined(&self) -> Result<Vec<Found>, Error> {
        let sql = format!(
            "SELECT code, min(arrived_at), count(*) FROM quarantine INDEXED BY quarantine_arrived
             WHERE arrived_at > ?1 GROUP BY code LIMIT {GROUPS}"
        );
        self.groups(Watchdog::Quarantine, &sql, self.bounds.quarantine)
    }

    fn gap(&self) -> Result<Vec<Found>, Error> {
        let sql = "SELECT 'inbox', min(plan_at), count(*) FROM inbox INDEXED BY inbox_waiting
             WHERE state = 'waiting' AND plan_at <= ?1";
        self.groups(Watchdog::Gap, sql, self.bounds.gap)
    }

    /// Comparisons of nights: those that should have ended, and what the newest of each partner found.
    fn nights(&self) -> Result<Vec<Found>, Error> {
        let unended = "SELECT partner, min(made_at), count(*) FROM reconcile_run
             WHERE ended_at IS NULL AND night IS NOT NULL AND made_at < ?1 GROUP BY partner";
        let newest = "SELECT partner, ended_at, (SELECT count(*) FROM reconcile_finding f
                 WHERE f.run = r.id AND f.result IS NULL AND f.chosen_by IS NULL)
             FROM reconcile_run r WHERE ?1 > 0 AND id IN
                 (SELECT max(id) FROM reconcile_run WHERE night IS NOT NULL AND state = 'done' GROUP BY partner)";
        let mut found = self.groups(Watchdog::Unreconciled, unended, self.bounds.night)?;
        found.extend(self.groups(Watchdog::Differing, newest, self.bounds.night)?);
        Ok(found)
    }

    /// Orders that wait for a waybill: as soon as there is one.
    fn without_waybill(&self) -> Result<Vec<Found>, Error> {
        let sql = "SELECT account, min(planned_at), count(*) FROM handoff INDEXED BY handoff_no_waybill
             WHERE state = 'waiting' AND code = 'GATEWAY-NO-WAYBILL' AND planned_at <= ?1 GROUP BY account";
        self.groups(Watchdog::WaybillsOut, sql, Some(self.bounds.now))
    }

    /// Free waybills of the accounts that send with them.
    fn waybills(&self) -> Result<Vec<(AccountName, u32)>, Error> {
        let pools = self.live.iter().filter(|account| waybills::rules(self.around, account).is_some());
        pools.map(|account| Ok((account.clone(), waybills::free(self.tx, account)?))).collect()
    }

    /// Groups of a query: scope, oldest time, count.
    fn groups(&self, watchdog: Watchdog, sql: &str, bound: Option<Timestamp>) -> Result<Vec<Found>, Error> {
        let Some(bound) = bound else { return Ok(Vec::new()) };
        let mut statement = self.tx.prepare_cached(sql)?;
        let rows = statement.query_map([millis(bound)], |row| self.found(watchdog, row))?;
        let found: Vec<Option<Found>> = rows.collect::<Result<_, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// A condition from the columns *scope*, *oldest time* and *count*; none when nothing was counted.
    fn found(&self, watchdog: Watchdog, row: &Row<'_>) -> rusqlite::Result<Option<Found>> {
        let (scope, since, count): (_, Option<i64>, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let since = since.map_or(self.bounds.now, timestamp);
        Ok((count > 0).then_some(Found { watchdog, scope, since, count: count.min(MOST), mark: None }))
    }

    /// What is due longest of what may go.
    fn head(&self, account: &Account) -> Result<Option<Head>, Error> {
        let rooms = Rooms::of(self.tx, &account.name, account.partner, &account.breaker, self.bounds.now)?;
        let queues = turns::queues(self.tx, &account.name)?.into_iter().filter(|queue| rooms.may_go(queue));
        let due = queues.filter_map(|queue| queue.head.filter(|(_, ready_at)| *ready_at <= self.bounds.now));
        let longest = due.min_by_key(|(handoff, ready_at)| (*ready_at, *handoff));
        Ok(longest.map(|(handoff, _)| Head { account: account.name.clone(), handoff }))
    }

    /// The tracking feed of an account that has orders under way.
    fn feed(&self, account: &AccountName) -> Result<Vec<Found>, Error> {
        let Some(oldest) = oldest_open_order(self.tx, account, self.bounds.now)? else {
            return Ok(Vec::new());
        };
        let times: Option<(Option<i64>, Option<i64>, Option<i64>)> = self
            .tx
            .prepare_cached("SELECT feed_read_at, feed_row_at, feed_stuck_at FROM account WHERE name = ?1")?
            .query_row([account.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (read_at, row_at, stuck_at) = times.unwrap_or_default();
        let found = |watchdog, at: Option<i64>, bound: Option<Timestamp>| {
            let since = at.map_or(oldest, |at| timestamp(at).max(oldest));
            let scope = account.to_string();
            bound.filter(|bound| since <= *bound).map(|_| Found {
                watchdog,
                scope,
                since,
                count: 1,
                mark: None,
            })
        };
        // A feed that does not move on may count as unread, and what is not read cannot bring anything: that is said once.
        let stuck = stuck_at.and_then(|at| found(Watchdog::FeedStuck, Some(at), self.bounds.feed_stuck));
        let unread = || found(Watchdog::FeedUnread, read_at, self.bounds.feed_unread);
        let silent = || found(Watchdog::FeedSilent, row_at, self.bounds.feed_silent);
        Ok(stuck.or_else(unread).or_else(silent).into_iter().collect())
    }

    fn source(&self, source: &Source, bound: Timestamp) -> Result<Option<Found>, Error> {
        let last: Option<i64> = self
            .tx
            .prepare_cached("SELECT max(arrived_at) FROM inbox INDEXED BY inbox_source WHERE source = ?1")?
            .query_row([source.as_str()], |row| row.get(0))?;
        let silent = last.map(timestamp).filter(|last| *last <= bound);
        Ok(silent.map(|since| Found {
            watchdog: Watchdog::SourceSilent,
            scope: source.to_string(),
            since,
            count: 1,
            mark: None,
        }))
    }
}

/// The rows of a state along the index.
pub(super) fn in_state(state: &str) -> String {
    format!("handoff INDEXED BY handoff_state WHERE state = '{state}' AND ended_at IS NULL")
}

/// Accounts with handoffs in a state (`name`), found by skipping from one to the next along the index, and when the
/// oldest of each was planned (`oldest`).
pub(super) fn oldest_of_accounts(state: &str) -> String {
    let here = in_state(state);
    format!(
        "WITH RECURSIVE with_some (name) AS (
             SELECT min(account) FROM {here}
             UNION ALL SELECT (SELECT min(account) FROM {here} AND account > name) FROM with_some WHERE name IS NOT NULL
         )
         SELECT name, (SELECT min(planned_at) FROM {here} AND account = name) AS oldest
         FROM with_some WHERE name IS NOT NULL"
    )
}

/// When the oldest order of the account was planned that is under way, as far as the feed has told.
pub(super) fn oldest_open_order(
    tx: &Connection,
    account: &AccountName,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let recent = millis(now) - UNDER_WAY_DAYS * 24 * 3600 * 1000;
    let planned_at: Option<i64> = tx
        .prepare_cached(
            "SELECT handoff.planned_at FROM handoff INDEXED BY handoff_orders
             LEFT JOIN tracking ON tracking.number = handoff.number
             WHERE handoff.account = ?1 AND handoff.kind = 'post.order'
               AND handoff.planned_at > ?2 AND handoff.state IN ('uncertain', 'accepted')
               AND ifnull(tracking.state, '') NOT IN ('delivered', 'returned', 'cancelled')
             ORDER BY handoff.planned_at LIMIT 1",
        )?
        .query_row(params![account.as_str(), recent], |row| row.get(0))
        .optional()?;
    Ok(planned_at.map(timestamp))
}
