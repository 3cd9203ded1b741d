//! How everything stands: what is open, accounts, pauses, breakers, alarms.

use super::{
    AccountLine, AlarmLine, BreakerLine, JournalReport, OpenLine, Overview, PauseLine, optional_time, time,
};
use crate::journal::{Error, watch};
use lienthong_core::breaker::Phase;
use rusqlite::OptionalExtension as _;

impl JournalReport {
    /// The journal as a whole.
    ///
    /// # Errors
    /// When the store fails.
    pub fn overview(&self) -> Result<Overview, Error> {
        let count = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let last = "SELECT arrived_at FROM inbox ORDER BY id DESC LIMIT 1";
        Ok(Overview {
            open: self.open_handoffs()?,
            accounts: self.accounts()?,
            pauses: self.pauses()?,
            maintenance: Vec::new(),
            breakers: self.breakers()?,
            // Neither events nor messages set aside are ever deleted: the last number is how many there are.
            events: count("SELECT ifnull(max(id), 0) FROM inbox")?,
            waiting_events: count("SELECT count(*) FROM inbox WHERE state = 'waiting'")?,
            last_event_at: self.connection.query_row(last, [], |row| time(row, 0)).optional()?,
            alarms: self.alarms()?,
            quarantined: count("SELECT ifnull(max(id), 0) FROM quarantine")?,
            tasks: count("SELECT count(*) FROM flag WHERE task = 1 AND closed_at IS NULL")?,
        })
    }

    /// Accounts with handoffs under way, and how many those are.
    ///
    /// # Errors
    /// When the store fails.
    pub fn under_way(&self) -> Result<Vec<(String, i64)>, Error> {
        let sql = "SELECT account, count(*) FROM handoff
             WHERE state IN ('waiting', 'sending', 'uncertain') AND ended_at IS NULL GROUP BY account";
        self.list(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn open_handoffs(&self) -> Result<Vec<OpenLine>, Error> {
        let sql = "SELECT partner, state, count(*), min(planned_at) FROM handoff INDEXED BY handoff_state WHERE ended_at IS NULL
             GROUP BY partner, state ORDER BY partner, state";
        self.list(sql, [], |row| {
            Ok(OpenLine {
                partner: row.get(0)?,
                state: row.get(1)?,
                count: row.get(2)?,
                oldest: time(row, 3)?,
            })
        })
    }

    fn accounts(&self) -> Result<Vec<AccountLine>, Error> {
        let sql =
            "SELECT name, blocked_code, blocked_at, last_success_at, feed_read_at FROM account ORDER BY name";
        self.list(sql, [], |row| {
            Ok(AccountLine {
                account: row.get(0)?,
                blocked: row.get(1)?,
                blocked_at: optional_time(row, 2)?,
                last_success_at: optional_time(row, 3)?,
                feed_read_at: optional_time(row, 4)?,
            })
        })
    }

    /// Pauses that operators made; some may have ended.
    ///
    /// # Errors
    /// When the store fails.
    pub fn pauses(&self) -> Result<Vec<PauseLine>, Error> {
        self.list("SELECT scope, reason, since, until FROM pause ORDER BY scope", [], |row| {
            Ok(PauseLine {
                scope: row.get(0)?,
                reason: row.get(1)?,
                since: time(row, 2)?,
                until: optional_time(row, 3)?,
            })
        })
    }

    /// Alarms that stand.
    ///
    /// # Errors
    /// When the store fails.
    pub fn alarms(&self) -> Result<Vec<AlarmLine>, Error> {
        let alarms = watch::alarms(&self.connection)?;
        Ok(alarms.into_iter().map(AlarmLine::of).collect())
    }

    /// Operations that are left alone or carefully tried.
    ///
    /// # Errors
    /// When the store fails.
    pub fn breakers(&self) -> Result<Vec<BreakerLine>, Error> {
        let away = crate::journal::breakers::all(&self.connection)?.into_iter().filter_map(
            |(account, kind, breaker)| {
                let (state, next_probe_at) = match breaker.phase {
                    Phase::Closed => return None,
                    Phase::Open { until } => ("open", Some(until)),
                    Phase::Probing { until } => ("probing", Some(until)),
                    Phase::Trying { .. } => ("trying", None),
                };
                Some(BreakerLine {
                    account: account.as_str().to_owned(),
                    operation: kind.name(),
                    state,
                    since: breaker.opened_at,
                    next_probe_at,
                })
            },
        );
        Ok(away.collect())
    }
}
