//! Stops, as they are remembered: a handoff forgets when and why it stopped once it goes again, and the daily digest must not.
//!
//! A row is added in the transaction in which the handoff stops, so that both stand or fall together.

use super::{Error, millis};
use jiff::Timestamp;
use lienthong_core::outcome::{Reason, gateway};
use rusqlite::{Connection, params};

/// Writes down that a handoff stopped (`dead`) or is held (`held`); of other states there is nothing to remember. What an
/// operator passes over did not fail.
pub(super) fn note(
    tx: &Connection,
    handoff: i64,
    state: &str,
    reason: Option<&Reason>,
    now: Timestamp,
) -> Result<(), Error> {
    let code = reason.map(|reason| reason.code.as_str());
    if !matches!(state, "dead" | "held") || code == Some(gateway::SKIPPED) {
        return Ok(());
    }
    let field = reason.and_then(|reason| reason.field.as_deref());
    tx.prepare_cached("INSERT INTO stop (handoff, at, state, code, field) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![handoff, millis(now), state, code, field])?;
    Ok(())
}
