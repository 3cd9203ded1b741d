//! Gaps: events that waited long enough for an earlier one are planned without it.

use super::admit::Admitting;
use super::{Error, Journal, millis};
use jiff::Timestamp;
use rusqlite::Connection;
use std::sync::Arc;

/// Events released in one transaction: keeps commits short.
const BATCH: i64 = 100;

impl Journal {
    /// Plans the events whose wait for an earlier one is over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release_gaps(&self, now: Timestamp) -> Result<usize, Error> {
        let around = Arc::clone(&self.around);
        let transitions = self
            .writer
            .write(move |tx| {
                let mut admitting = Admitting::new(tx, &around);
                for (inbox, dossier) in due(tx, now)? {
                    // The event before it in this list may have brought it along as a follower.
                    admitting.plan_stored(inbox, dossier, now)?;
                    admitting.plan_followers(dossier, now)?;
                    crash_point!("gaps.before_commit");
                }
                Ok(admitting.transitions)
            })
            .await?;
        if !transitions.is_empty() {
            crash_point!("gaps.after_commit");
        }
        super::log::transitions(&transitions);
        Ok(transitions.len())
    }
}

fn due(tx: &Connection, now: Timestamp) -> Result<Vec<(i64, i64)>, Error> {
    let mut statement = tx.prepare_cached(
        "SELECT id, dossier FROM inbox INDEXED BY inbox_waiting WHERE state = 'waiting' AND plan_at <= ?1
         ORDER BY dossier, sequence LIMIT ?2",
    )?;
    let due = statement.query_map([millis(now), BATCH], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(due.collect::<Result<_, _>>()?)
}
