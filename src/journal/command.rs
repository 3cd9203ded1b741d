//! What operator commands change in the journal, from a process of their own.
//!
//! The daemon may run or not: SQLite lets one writer in at a time, and the daemon's scan finds what a command changed.
//! Every act is one transaction with its row in the audit.
//!
//! ```text
//! letters   replay, dismiss, reopen        resolve   what a person found out, checked where it can be
//! rewrite   planned anew, or edited        lanes     pause, release, skip
//! tasks     bulk replays, tasks of the desk       waybills  the pools of waybills
//! figures   counts of the national report
//! ```

mod figures;
mod lanes;
mod letters;
mod reconcile;
mod resolve;
mod rewrite;
mod tasks;
mod waybills;

pub use super::replay::Refusal;
pub use figures::Brought;
pub use resolve::{Resolution, Witness};
pub use rewrite::{Rewrite, Rewritten};
pub use waybills::Imported;

use super::audit::{self, Act};
use super::rows::HandoffRow;
use super::settle::Settling;
use super::{Error, Surroundings, breakers, known, migrate, millis, open};
use crate::config::settings::Settings;
use crate::partners::Partners;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The journal, opened for one command.
pub struct CommandJournal {
    connection: Connection,
    around: Surroundings,
    who: String,
}

/// What an operator's act came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acted {
    /// It is done.
    Done,
    /// The row is due, and will be added to the progress after later rows.
    DueLate,
    /// The look-up or the feed shows that the partner has it: it was adopted.
    Found,
    /// It was not allowed as things stand; nothing has changed.
    Refused(Refusal),
}

impl CommandJournal {
    /// Opens an existing journal beside a running daemon. `who` acts, and stands in the audit.
    ///
    /// # Errors
    /// When there is none, its version is not this program's, or the store fails.
    pub fn open(settings: &Settings, partners: Partners, who: &str) -> Result<Self, Error> {
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
            maintenance: settings.maintenance.clone(),
        };
        let connection = open::connect(path)?;
        migrate::is_current(&connection)?;
        Ok(Self { connection, around, who: who.to_owned() })
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
        let who = self.who.clone();
        let tx = self.begin()?;
        tx.execute(
            "INSERT INTO pause (scope, reason, since, until) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (scope) DO UPDATE SET reason = ?2, until = ?4",
            params![scope, reason, millis(now), until.map(millis)],
        )?;
        let until = until.map(|until| format!("until {until}"));
        let detail = until.as_deref();
        let act = Act { act: "pause", reason: Some(reason), detail, ..act_on_account(&who, scope) };
        audit::note(&tx, &act, now)?;
        crash_point!("command.before_commit", "pause");
        tx.commit()?;
        crash_point!("command.after_commit", "pause");
        Ok(())
    }

    /// Ends a pause, the block of an account, and a breaker's wait for its next probe; says whether there was one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn resume(&mut self, scope: &str, reason: Option<&str>, now: Timestamp) -> Result<bool, Error> {
        let who = self.who.clone();
        let tx = self.begin()?;
        let paused = tx.execute("DELETE FROM pause WHERE scope = ?1", [scope])?;
        let blocked = tx.execute(
            "UPDATE account SET blocked_code = NULL, blocked_at = NULL WHERE name = ?1 AND blocked_code IS NOT NULL",
            [scope],
        )?;
        let hurried = breakers::hurry(&tx, scope, now)?;
        if paused + blocked + hurried > 0 {
            audit::note(&tx, &Act { reason, ..act_on_account(&who, scope) }, now)?;
        }
        crash_point!("command.before_commit", "resume");
        tx.commit()?;
        crash_point!("command.after_commit", "resume");
        Ok(paused + blocked + hurried > 0)
    }

    /// Writes down that somebody saw persons unmasked: of a handoff, a dossier or a message, and why.
    ///
    /// # Errors
    /// When the store fails; then nobody may see them.
    pub fn unmasked(
        &mut self,
        subject: &str,
        dossier: Option<&str>,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.act("unmasked", now, |acting| {
            acting.note_on(subject, dossier, reason, None)?;
            Ok(Acted::Done)
        })
        .map(drop)
    }

    /// The same of a list: a row for each dossier in it, so that each tells who has seen its persons.
    ///
    /// # Errors
    /// When the store fails; then nobody may see them.
    pub fn unmasked_all(
        &mut self,
        subject: &str,
        dossiers: &BTreeSet<String>,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.act("unmasked", now, |acting| {
            for dossier in dossiers {
                acting.note_on(subject, Some(dossier), Some(reason), None)?;
            }
            Ok(Acted::Done)
        })
        .map(drop)
    }

    fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// One act in one transaction: what it did and what the audit says of it stand or fall together. A refused act
    /// leaves nothing.
    fn act(
        &mut self,
        name: &'static str,
        now: Timestamp,
        work: impl FnOnce(&Acting<'_>) -> Result<Acted, Error>,
    ) -> Result<Acted, Error> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let acted = work(&Acting { name, tx: &tx, around: &self.around, who: &self.who, now })?;
        match acted {
            Acted::Refused(_) => tx.rollback()?,
            Acted::Done | Acted::DueLate | Acted::Found => {
                crash_point!("command.before_commit", name);
                tx.commit()?;
                crash_point!("command.after_commit", name);
            }
        }
        Ok(acted)
    }
}

/// An operator at work, within one transaction.
struct Acting<'a> {
    /// What is done, as the audit calls it.
    name: &'static str,
    tx: &'a Connection,
    around: &'a Surroundings,
    who: &'a str,
    now: Timestamp,
}

impl Acting<'_> {
    /// Writes the act on a handoff into the audit.
    fn note(&self, row: &HandoffRow, reason: Option<&str>, detail: Option<&str>) -> Result<(), Error> {
        let dossier = known::dossier(self.tx, row.dossier)?;
        self.note_on(row.handoff_id.as_str(), Some(dossier.key.as_str()), reason, detail)
    }

    /// Writes the act on anything into the audit.
    fn note_on(
        &self,
        subject: &str,
        dossier: Option<&str>,
        reason: Option<&str>,
        detail: Option<&str>,
    ) -> Result<(), Error> {
        let act = Act { who: self.who, act: self.name, subject, dossier, reason, detail };
        audit::note(self.tx, &act, self.now)
    }

    /// It is sent by nobody here, so chance has no part in it.
    fn settling(&self) -> Settling<'_> {
        Settling { tx: self.tx, around: self.around, now: self.now, draw: 0.5 }
    }
}

fn act_on_account<'a>(who: &'a str, scope: &'a str) -> Act<'a> {
    Act { who, act: "resume", subject: scope, dossier: None, reason: None, detail: None }
}

/// Refuses an act.
fn refused(refusal: Refusal) -> Result<Acted, Error> {
    Ok(Acted::Refused(refusal))
}
