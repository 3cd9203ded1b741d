//! The audit: what operators did, in the transaction in which they did it.
//!
//! Rows are added, never changed and never deleted (the schema refuses both). They hold keys, codes and the operator's
//! own reason; no payload goes in.

use super::{Error, millis};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// What an operator did.
pub(super) struct Act<'a> {
    /// Who: a user of the system, with the name given beside it.
    pub(super) who: &'a str,
    /// What was done: one word of `docs/commands.md`.
    pub(super) act: &'static str,
    /// To what: a handoff, dossier, partner, account, or the number of a task.
    pub(super) subject: &'a str,
    /// The dossier concerned.
    pub(super) dossier: Option<&'a str>,
    /// Why, in the operator's words.
    pub(super) reason: Option<&'a str>,
    /// Anything else worth knowing: codes and numbers only.
    pub(super) detail: Option<&'a str>,
}

/// Writes it down.
pub(super) fn note(tx: &Connection, act: &Act<'_>, now: Timestamp) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO audit (at, who, act, subject, dossier, reason, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![millis(now), act.who, act.act, act.subject, act.dossier, act.reason, act.detail])?;
    Ok(())
}
