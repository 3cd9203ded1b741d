//! Bulk replays, as they are shown.

use super::{JournalReport, Member, optional_time, time};
use crate::journal::{Error, millis};
use crate::users::Agencies;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// A bulk replay.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskLine {
    /// Its number.
    pub task: i64,
    /// What it replays.
    pub group: String,
    /// Who began it.
    pub who: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub made_at: Timestamp,
    /// `running`, `stopped` or `done`.
    pub state: String,
    /// What stopped it: `same-failure`, `hand` or `fault`.
    pub stopped_by: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Batches begun.
    pub batches: u32,
    /// Handoffs in it.
    pub total: usize,
    /// Handoffs under way.
    pub under_way: usize,
    /// Handoffs with a result, by result.
    pub results: BTreeMap<String, usize>,
    /// Dead letters of the group that are not in it.
    pub new_since: usize,
}

impl TaskLine {
    /// Handoffs that have a result.
    pub fn concluded(&self) -> usize {
        self.results.values().sum()
    }
}

/// A handoff of a bulk replay.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ItemLine {
    /// The handoff.
    pub handoff: String,
    /// Its dossier.
    pub dossier: String,
    /// Agency of the dossier.
    pub agency: String,
    /// The batch it went with.
    pub batch: Option<u32>,
    /// What became of it.
    pub result: Option<String>,
}

impl JournalReport {
    /// The newest bulk replays that hold anything that is shown.
    ///
    /// # Errors
    /// When the store fails.
    pub fn tasks(&self, limit: usize, agencies: &Agencies) -> Result<Vec<TaskLine>, Error> {
        let newest = self.list("SELECT id FROM replay_task ORDER BY id DESC", [], |row| row.get(0))?;
        // What stands stopped is read once for all of them.
        let stopped = self.members_by_group(agencies)?;
        let mut lines = Vec::new();
        for task in newest {
            if lines.len() == limit {
                break;
            }
            let Some(mut line) = self.counted(task, agencies)? else { continue };
            line.new_since = self.new_since(&line, stopped.get(&line.group).map_or(&[], Vec::as_slice))?;
            lines.push(line);
        }
        Ok(lines)
    }

    /// One bulk replay, if it holds anything that is shown; counted is only that.
    ///
    /// # Errors
    /// When the store fails.
    pub fn task(&self, task: i64, agencies: &Agencies) -> Result<Option<TaskLine>, Error> {
        let Some(mut line) = self.counted(task, agencies)? else { return Ok(None) };
        line.new_since = self.new_since(&line, &self.members(&line.group, agencies)?)?;
        Ok(Some(line))
    }

    /// One bulk replay with what became of its handoffs, beside which nothing is looked at.
    fn counted(&self, task: i64, agencies: &Agencies) -> Result<Option<TaskLine>, Error> {
        let sql =
            "SELECT fingerprint, who, reason, made_at, state, stopped_by, ended_at, batches FROM replay_task
             WHERE id = ?1";
        let line = self.connection.query_row(sql, [task], |row| {
            Ok(TaskLine {
                task,
                group: row.get(0)?,
                who: row.get(1)?,
                reason: row.get(2)?,
                made_at: time(row, 3)?,
                state: row.get(4)?,
                stopped_by: row.get(5)?,
                ended_at: optional_time(row, 6)?,
                batches: row.get(7)?,
                total: 0,
                under_way: 0,
                results: BTreeMap::new(),
                new_since: 0,
            })
        });
        let Some(mut line) = line.optional()? else { return Ok(None) };
        for (begun, result, count) in self.results(task, agencies)? {
            line.total += count;
            match (begun, result) {
                (_, Some(result)) => *line.results.entry(result).or_default() += count,
                (true, None) => line.under_way += count,
                (false, None) => {}
            }
        }
        Ok(Some(line).filter(|line| line.total > 0))
    }

    /// What became of the handoffs of a bulk replay that are shown: begun or not, the result, how many. Whose each is is only
    /// looked up where not all are shown.
    fn results(&self, task: i64, agencies: &Agencies) -> Result<Vec<(bool, Option<String>, usize)>, Error> {
        if agencies.is_all() {
            let sql =
                "SELECT batch IS NOT NULL, result, count(*) FROM replay_item WHERE task = ?1 GROUP BY 1, 2";
            return self.list(sql, [task], |row| {
                let count = row.get::<_, u32>(2)?;
                Ok((row.get(0)?, row.get(1)?, usize::try_from(count).unwrap_or(usize::MAX)))
            });
        }
        let items = self.items(task, agencies)?.into_iter();
        Ok(items.map(|item| (item.batch.is_some(), item.result, 1)).collect())
    }

    /// The handoffs of a bulk replay that are shown, in their order.
    ///
    /// # Errors
    /// When the store fails.
    pub fn items(&self, task: i64, agencies: &Agencies) -> Result<Vec<ItemLine>, Error> {
        let items = self.all_items(task)?;
        Ok(items.into_iter().filter(|item| agencies.has(&item.agency)).collect())
    }

    /// Whether all that a bulk replay holds is shown: only then may it be stopped.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_seen_whole(&self, task: i64, agencies: &Agencies) -> Result<bool, Error> {
        let items = self.all_items(task)?;
        Ok(!items.is_empty() && items.iter().all(|item| agencies.has(&item.agency)))
    }

    fn all_items(&self, task: i64) -> Result<Vec<ItemLine>, Error> {
        let sql = "SELECT h.handoff_id, d.key, d.agency, i.batch, i.result FROM replay_item i
             JOIN handoff h ON h.id = i.handoff JOIN dossier d ON d.id = h.dossier WHERE i.task = ?1 ORDER BY i.n";
        self.list(sql, [task], |row| {
            Ok(ItemLine {
                handoff: row.get(0)?,
                dossier: row.get(1)?,
                agency: row.get(2)?,
                batch: row.get(3)?,
                result: row.get(4)?,
            })
        })
    }

    /// Rows of exactly these handoffs, in their order; `None` when one of them is not shown.
    ///
    /// # Errors
    /// When the store fails.
    pub fn chosen(&self, handoffs: &[String], agencies: &Agencies) -> Result<Option<Vec<i64>>, Error> {
        let sql =
            "SELECT h.id, d.agency FROM handoff h JOIN dossier d ON d.id = h.dossier WHERE h.handoff_id = ?1";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = Vec::with_capacity(handoffs.len());
        for handoff in handoffs {
            let found: Option<(i64, String)> =
                statement.query_row([handoff], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            match found {
                Some((row, agency)) if agencies.has(&agency) => rows.push(row),
                Some(_) | None => return Ok(None),
            }
        }
        Ok(Some(rows))
    }

    fn new_since(&self, task: &TaskLine, members: &[Member]) -> Result<usize, Error> {
        if members.is_empty() {
            return Ok(0);
        }
        let sql = "SELECT handoff FROM replay_item WHERE task = ?1";
        let frozen: BTreeSet<i64> =
            self.list(sql, params![task.task], |row| row.get(0))?.into_iter().collect();
        let until = task.ended_at.map_or(i64::MAX, millis);
        let new = |member: &&Member| !frozen.contains(&member.row) && millis(member.since) <= until;
        Ok(members.iter().filter(new).count())
    }
}
