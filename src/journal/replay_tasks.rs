//! Bulk replays: durable tasks that the daemon moves forward, batch by batch.
//!
//! A task is a list of handoffs that was frozen when a person confirmed it. One goes first, then five, then
//! twenty-five at a time, each batch only when the one before has ended; when the same failure comes back, the task stops
//! itself. Every step is one transaction, so a restart goes on where the last one ended, and nothing is set due twice: an
//! item is begun in the transaction that sets its handoff due.

use super::apart::apart;
use super::audit::{self, Act};
use super::replay::{self, Refusal};
use super::rows::{self, HandoffRow};
use super::{Error, Journal, Surroundings, Transition, known, lanes, millis};
use jiff::Timestamp;
use lienthong_core::lane;
use lienthong_core::letters::{batch_size, fingerprint, stops};
use lienthong_core::plan::Stage;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// Items looked at in one step at most: those that cannot be replayed any more are passed over.
const LOOKED_AT: i64 = 200;

impl Journal {
    /// Moves every bulk replay forward by one step; says whether any is left running.
    ///
    /// # Errors
    /// When the store fails; nothing of the step stands then.
    pub async fn advance_replays(&self, now: Timestamp) -> Result<bool, Error> {
        let around = Arc::clone(&self.around);
        let (running, transitions) = self.writer.write(move |tx| advance(tx, &around, now)).await?;
        super::log::transitions(&transitions);
        if !transitions.is_empty() {
            self.wake.notify_one();
        }
        Ok(running)
    }
}

fn advance(tx: &Connection, around: &Surroundings, now: Timestamp) -> Result<(bool, Vec<Transition>), Error> {
    let mut transitions = Vec::new();
    let tasks = running(tx)?;
    for task in &tasks {
        let step = Step { tx, around, task, now };
        match apart(tx, "a step of a bulk replay", || step.advance()) {
            Ok(changed) => transitions.extend(changed),
            Err(error) if error.is_of_the_store() => return Err(error),
            Err(error) => {
                tracing::error!(task = task.id, error = error.told(), "a bulk replay could not go on");
                end(tx, task.id, "stopped", Some("fault"), now)?;
            }
        }
    }
    Ok((!tasks.is_empty(), transitions))
}

struct Task {
    id: i64,
    fingerprint: String,
    who: String,
    reason: Option<String>,
    batches: u32,
}

fn running(tx: &Connection) -> Result<Vec<Task>, Error> {
    let mut statement = tx.prepare_cached(
        "SELECT id, fingerprint, who, reason, batches FROM replay_task WHERE state = 'running' ORDER BY id",
    )?;
    let tasks = statement.query_map([], |row| {
        Ok(Task {
            id: row.get(0)?,
            fingerprint: row.get(1)?,
            who: row.get(2)?,
            reason: row.get(3)?,
            batches: row.get(4)?,
        })
    })?;
    Ok(tasks.collect::<Result<_, _>>()?)
}

struct Step<'a> {
    tx: &'a Connection,
    around: &'a Surroundings,
    task: &'a Task,
    now: Timestamp,
}

impl Step<'_> {
    fn advance(&self) -> Result<Vec<Transition>, Error> {
        if self.is_under_way()? {
            return Ok(Vec::new());
        }
        if self.has_failed()? {
            tracing::warn!(
                task = self.task.id,
                group = self.task.fingerprint,
                "a bulk replay stops, the same failure came back"
            );
            end(self.tx, self.task.id, "stopped", Some("same-failure"), self.now)?;
            return Ok(Vec::new());
        }
        let Some(transitions) = self.begin_batch()? else {
            tracing::info!(task = self.task.id, group = self.task.fingerprint, "a bulk replay has ended");
            end(self.tx, self.task.id, "done", None, self.now)?;
            return Ok(Vec::new());
        };
        Ok(transitions)
    }

    /// Writes down what became of the items that were begun; says whether some are still under way.
    fn is_under_way(&self) -> Result<bool, Error> {
        let mut under_way = false;
        for (n, handoff) in self.items(
            "SELECT n, handoff FROM replay_item WHERE task = ?1 AND batch IS NOT NULL AND result IS NULL ORDER BY n LIMIT ?2",
        )? {
            match self.result_of(&rows::handoff_row(self.tx, handoff)?)? {
                Some(result) => self.conclude(n, &result)?,
                None => under_way = true,
            }
        }
        Ok(under_way)
    }

    fn result_of(&self, row: &HandoffRow) -> Result<Option<String>, Error> {
        Ok(match row.stage() {
            None => Some(row.state.clone()),
            Some(stage @ (Stage::Dead | Stage::Held)) => {
                let same = fingerprint(row.kind, stage, row.reason.as_ref()) == self.task.fingerprint;
                Some(if same { "failed-again" } else { "failed-otherwise" }.to_owned())
            }
            Some(Stage::Waiting) => self.is_held_back(row)?.then(|| "held-back".to_owned()),
            Some(Stage::Sending | Stage::Uncertain) => None,
        })
    }

    /// Whether it waits for a person: behind a dead letter, or in a paused lane. It goes when its lane goes.
    fn is_held_back(&self, row: &HandoffRow) -> Result<bool, Error> {
        let partner = row.kind.partner();
        if lanes::pauses(self.tx, row.dossier)?.iter().any(|(of, pause)| {
            of == partner.name() && !matches!(pause, lane::Pause::Until(end) if *end <= self.now)
        }) {
            return Ok(true);
        }
        let mut open = rows::open_rows(self.tx, row.dossier)?;
        open.retain(|other| other.kind.partner() == partner);
        let entries: Vec<_> = open.iter().filter_map(HandoffRow::entry).collect();
        let index = open.iter().position(|other| other.id == row.id);
        let holder = index.and_then(|index| lane::holder(&entries, index, self.around.tables.dead_row_holds));
        Ok(holder.and_then(|holder| entries.get(holder)).is_some_and(|entry| entry.stage == Stage::Dead))
    }

    /// Whether too many of the last batch failed as before.
    fn has_failed(&self) -> Result<bool, Error> {
        let Some(last) = self.task.batches.checked_sub(1) else { return Ok(false) };
        let (sent, again): (i64, i64) = self
            .tx
            .prepare_cached(
                "SELECT count(*) FILTER (WHERE result NOT LIKE 'refused-%'),
                     count(*) FILTER (WHERE result = 'failed-again')
                 FROM replay_item WHERE task = ?1 AND batch = ?2",
            )?
            .query_row(params![self.task.id, last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let size = |count: i64| usize::try_from(count).unwrap_or(0);
        Ok(stops(last, size(sent), size(again)))
    }

    /// Sets the next batch due; `None` when no item is left.
    fn begin_batch(&self) -> Result<Option<Vec<Transition>>, Error> {
        let (mut begun, mut transitions) = (0, Vec::new());
        let items = self.items(
            "SELECT n, handoff FROM replay_item WHERE task = ?1 AND batch IS NULL ORDER BY n LIMIT ?2",
        )?;
        if items.is_empty() {
            return Ok(None);
        }
        for (n, handoff) in items {
            if begun == batch_size(self.task.batches) {
                break;
            }
            self.tx
                .prepare_cached("UPDATE replay_item SET batch = ?3 WHERE task = ?1 AND n = ?2")?
                .execute(params![self.task.id, n, self.task.batches])?;
            let row = rows::handoff_row(self.tx, handoff)?;
            match self.begin(&row)? {
                Ok(changed) => {
                    begun += 1;
                    transitions.extend(changed);
                }
                Err(refusal) => self.conclude(n, &format!("refused-{}", refusal.name()))?,
            }
        }
        if begun > 0 {
            self.tx
                .prepare_cached("UPDATE replay_task SET batches = batches + 1 WHERE id = ?1")?
                .execute([self.task.id])?;
        }
        Ok(Some(transitions))
    }

    fn begin(&self, row: &HandoffRow) -> Result<Result<Vec<Transition>, Refusal>, Error> {
        let is_of_the_group = row
            .stage()
            .is_some_and(|stage| fingerprint(row.kind, stage, row.reason.as_ref()) == self.task.fingerprint);
        if !is_of_the_group {
            return Ok(Err(Refusal::NotDead));
        }
        let course = match replay::course_of(self.tx, self.around, row, false)? {
            Ok(course) => course,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let dossier = known::dossier(self.tx, row.dossier)?;
        let detail = format!("task {}", self.task.id);
        let act = Act {
            who: &self.task.who,
            act: "replay",
            subject: row.handoff_id.as_str(),
            dossier: Some(dossier.key.as_str()),
            reason: self.task.reason.as_deref(),
            detail: Some(&detail),
        };
        audit::note(self.tx, &act, self.now)?;
        replay::set_due(self.tx, self.around, row, course, self.now).map(Ok)
    }

    fn conclude(&self, n: i64, result: &str) -> Result<(), Error> {
        self.tx
            .prepare_cached("UPDATE replay_item SET result = ?3 WHERE task = ?1 AND n = ?2")?
            .execute(params![self.task.id, n, result])?;
        Ok(())
    }

    fn items(&self, sql: &str) -> Result<Vec<(i64, i64)>, Error> {
        let mut statement = self.tx.prepare_cached(sql)?;
        let items = statement
            .query_map(params![self.task.id, LOOKED_AT], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(items)
    }
}

/// Ends a task; says whether it ran.
pub(super) fn end(
    tx: &Connection,
    task: i64,
    state: &str,
    by: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let ended = tx
        .prepare_cached(
            "UPDATE replay_task SET state = ?2, stopped_by = ?3, ended_at = ?4 WHERE id = ?1 AND state = 'running'",
        )?
        .execute(params![task, state, by, millis(now)])?;
    Ok(ended > 0)
}

/// Makes a task of these handoffs, in this order.
pub(super) fn freeze(
    tx: &Connection,
    group: &str,
    handoffs: &[i64],
    (who, reason): (&str, Option<&str>),
    now: Timestamp,
) -> Result<Result<i64, Refusal>, Error> {
    let running: Option<i64> = tx
        .prepare_cached("SELECT id FROM replay_task WHERE state = 'running' AND fingerprint = ?1")?
        .query_row([group], |row| row.get(0))
        .optional()?;
    if let Some(running) = running {
        return Ok(Err(Refusal::TaskRuns(running)));
    }
    tx.prepare_cached(
        "INSERT INTO replay_task (fingerprint, who, reason, made_at, state) VALUES (?1, ?2, ?3, ?4, 'running')",
    )?
    .execute(params![group, who, reason, millis(now)])?;
    let task = tx.last_insert_rowid();
    let mut insert = tx.prepare_cached("INSERT INTO replay_item (task, n, handoff) VALUES (?1, ?2, ?3)")?;
    for (n, handoff) in (1i64..).zip(handoffs) {
        insert.execute(params![task, n, handoff])?;
    }
    Ok(Ok(task))
}

/// Whether a bulk replay has this handoff under way: it has a guard of its own against the same failure on many dossiers.
pub(super) fn is_under_bulk_replay(tx: &Connection, handoff: i64) -> Result<bool, Error> {
    Ok(tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM replay_item WHERE handoff = ?1 AND batch IS NOT NULL AND result IS NULL)",
        )?
        .query_row([handoff], |row| row.get(0))?)
}
