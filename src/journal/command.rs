//! What operator commands change in the journal, from a process of their own.
//!
//! The daemon may run or not: SQLite lets one writer in at a time, and the daemon's scan finds what a command changed.

use super::recover::may_be_there;
use super::rows;
use super::settle::Settling;
use super::{Error, Surroundings, lanes, millis, open};
use crate::config::settings::Settings;
use crate::partners::Partners;
use jiff::Timestamp;
use lienthong_core::ids::HandoffId;
use lienthong_core::plan::Ended;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::sync::Arc;

/// The journal, opened for one command.
pub struct CommandJournal {
    connection: Connection,
    around: Surroundings,
}

/// What became of a dead letter that was to be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// It is due again, under the same key.
    Due,
    /// There is no such handoff.
    Unknown,
    /// It is not a dead letter.
    NotDead,
    /// The partner may have it: replaying needs the word of somebody who asked the partner.
    MayBeThere,
    /// Its content has been erased.
    Erased,
    /// Its account is not configured: nothing would send it.
    NoAccount,
}

impl CommandJournal {
    /// Opens an existing journal beside a running daemon.
    ///
    /// # Errors
    /// When there is none, or the store fails.
    pub fn open(settings: &Settings, partners: Partners) -> Result<Self, Error> {
        let path = &settings.journal.path;
        if !path.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Error::Open { path: path.clone(), source });
        }
        let around = Surroundings {
            tables: Arc::clone(&settings.tables),
            partners,
            mode: settings.mode,
            quarantine_days: settings.intake.quarantine_days,
        };
        Ok(Self { connection: open::connect(path)?, around })
    }

    /// Pauses a partner (`post`, `portal`) or an account; survives a restart and wins over automation.
    ///
    /// # Errors
    /// When the store fails.
    pub fn pause(
        &mut self,
        scope: &str,
        reason: &str,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let tx = self.begin()?;
        tx.execute(
            "INSERT INTO pause (scope, reason, since, until) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (scope) DO UPDATE SET reason = ?2, until = ?4",
            params![scope, reason, millis(now), until.map(millis)],
        )?;
        crash_point!("command.before_commit", "pause");
        tx.commit()?;
        crash_point!("command.after_commit", "pause");
        Ok(())
    }

    /// Ends a pause, and the block of an account; says whether there was one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn resume(&mut self, scope: &str) -> Result<bool, Error> {
        let tx = self.begin()?;
        let paused = tx.execute("DELETE FROM pause WHERE scope = ?1", [scope])?;
        let blocked = tx.execute(
            "UPDATE account SET blocked_code = NULL, blocked_at = NULL WHERE name = ?1 AND blocked_code IS NOT NULL",
            [scope],
        )?;
        crash_point!("command.before_commit", "resume");
        tx.commit()?;
        crash_point!("command.after_commit", "resume");
        Ok(paused + blocked > 0)
    }

    /// Sets a dead letter due again under the same key. What may be at the partner needs `not_there`: the word of
    /// somebody who asked.
    ///
    /// # Errors
    /// When the store fails.
    pub fn replay(&mut self, id: &HandoffId, not_there: bool, now: Timestamp) -> Result<Replayed, Error> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(row) = rows::handoff_row_of(&tx, id)? else { return Ok(Replayed::Unknown) };
        if row.state != "dead" && row.state != "held" {
            return Ok(Replayed::NotDead);
        }
        if row.content.is_none() {
            return Ok(Replayed::Erased);
        }
        if self.around.partners.get(&row.account).is_none() {
            return Ok(Replayed::NoAccount);
        }
        if may_be_there(&row) && !not_there {
            return Ok(Replayed::MayBeThere);
        }
        tx.execute(
            "UPDATE handoff SET state = 'waiting', due_at = ?2, dead_at = NULL, code = NULL, field = NULL, failures = 0,
                 counted_attempts = 0, counted_age_ms = 0, uncertain_since = NULL, absent_looks = 0 WHERE id = ?1",
            params![row.id, millis(now)],
        )?;
        lanes::refresh(&tx, row.dossier, &self.around.tables)?;
        crash_point!("command.before_commit", "replay");
        tx.commit()?;
        crash_point!("command.after_commit", "replay");
        Ok(Replayed::Due)
    }

    /// Ends a dead letter by hand: nothing more is done about it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn dismiss(&mut self, id: &HandoffId, now: Timestamp) -> Result<Replayed, Error> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(row) = rows::handoff_row_of(&tx, id)? else { return Ok(Replayed::Unknown) };
        if row.state != "dead" && row.state != "held" {
            return Ok(Replayed::NotDead);
        }
        rows::end(&tx, row.id, "dismissed", None, now)?;
        Settling { tx: &tx, around: &self.around, now, draw: 0.5 }.follow_up(&row, Ended::ByHand)?;
        lanes::refresh(&tx, row.dossier, &self.around.tables)?;
        crash_point!("command.before_commit", "dismiss");
        tx.commit()?;
        crash_point!("command.after_commit", "dismiss");
        Ok(Replayed::Due)
    }

    fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}
