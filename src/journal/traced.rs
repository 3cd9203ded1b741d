//! What a trace needs to know of a handoff that is being claimed.

use super::Error;
use super::rows::HandoffRow;
use crate::telemetry::traces::Traced;
use rusqlite::{Connection, OptionalExtension as _, params};

/// Reads it for the attempt that is being opened. A handoff that was planned anew for a later event goes on in that
/// event's trace: its attempt before lies in another, which nothing remembers, and is not linked to.
pub(super) fn of(tx: &Connection, row: &HandoffRow) -> Result<Traced, Error> {
    let event: Option<(Option<String>, i64)> = tx
        .prepare_cached("SELECT trace, arrived_at FROM inbox WHERE id = ?1")?
        .query_row([row.inbox], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let before: Option<i64> = tx
        .prepare_cached("SELECT max(started_at) FROM attempt WHERE handoff = ?1 AND n = ?2")?
        .query_row(params![row.id, row.attempts], |row| row.get(0))?;
    let (trace, arrived_at) = event.unwrap_or((None, i64::MIN));
    Ok(Traced { trace, attempt: row.attempts + 1, again: before.is_some_and(|before| before >= arrived_at) })
}
