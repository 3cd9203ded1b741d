//! Bulk replays as they are begun and stopped by hand, and tasks of the desk as they are closed.

use super::super::replay::{self, Refusal};
use super::super::report::Member;
use super::super::{Error, millis, replay_tasks, rows};
use super::{Acted, CommandJournal, refused};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

impl CommandJournal {
    /// Each of these dead letters with what would refuse it in a bulk replay, if anything; writes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub fn judged(&self, members: Vec<Member>) -> Result<Vec<(Member, Option<Refusal>)>, Error> {
        let judge = |member: Member| {
            let row = rows::handoff_row(&self.connection, member.row)?;
            let course = replay::course_of(&self.connection, &self.around, &row, false)?;
            Ok((member, course.err()))
        };
        members.into_iter().map(judge).collect()
    }

    /// Makes a bulk replay of exactly these handoffs; the daemon moves it forward.
    ///
    /// # Errors
    /// When the store fails.
    pub fn start_task(
        &mut self,
        group: &str,
        handoffs: &[i64],
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<Result<i64, Refusal>, Error> {
        let mut task = Err(Refusal::Unknown);
        self.act("task-start", now, |acting| {
            task = replay_tasks::freeze(acting.tx, group, handoffs, (acting.who, reason), now)?;
            let id = match &task {
                Ok(id) => id.to_string(),
                Err(refusal) => return refused(refusal.clone()),
            };
            let detail = format!("{group}, {} handoffs", handoffs.len());
            acting.note_on(&id, None, reason, Some(&detail))?;
            Ok(Acted::Done)
        })?;
        Ok(task)
    }

    /// Stops a bulk replay: no further batch is begun.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stop_task(&mut self, task: i64, reason: Option<&str>, now: Timestamp) -> Result<Acted, Error> {
        self.act("task-stop", now, |acting| {
            if !replay_tasks::end(acting.tx, task, "stopped", Some("hand"), now)? {
                return refused(Refusal::Unknown);
            }
            acting.note_on(&task.to_string(), None, reason, None)?;
            Ok(Acted::Done)
        })
    }

    /// Closes a task of the desk.
    ///
    /// # Errors
    /// When the store fails.
    pub fn close_task(&mut self, flag: i64, reason: &str, now: Timestamp) -> Result<Acted, Error> {
        self.act("close", now, |acting| {
            let found: Option<(String, String)> = acting
                .tx
                .prepare_cached(
                    "SELECT d.key, f.code FROM flag f JOIN dossier d ON d.id = f.dossier
                     WHERE f.id = ?1 AND f.task = 1 AND f.closed_at IS NULL",
                )?
                .query_row([flag], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((dossier, code)) = found else { return refused(Refusal::Unknown) };
            acting
                .tx
                .prepare_cached("UPDATE flag SET closed_at = ?2 WHERE id = ?1")?
                .execute(params![flag, millis(now)])?;
            acting.note_on(&flag.to_string(), Some(&dossier), Some(reason), Some(&code))?;
            Ok(Acted::Done)
        })
    }
}
