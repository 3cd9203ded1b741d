//! Handing back: a call that was claimed ahead and for which no byte has left.

use super::{Call, Error, Journal, Surroundings, lanes};
use rusqlite::Connection;
use std::sync::Arc;

impl Journal {
    /// Takes back the claim of a call that nobody has begun: its handoffs wait as before, and no attempt is counted.
    ///
    /// # Errors
    /// When the store fails; the attempts stay open then, and the caller tries again. What is still open when the process ends
    /// counts as made.
    ///
    /// # Cancel safety
    /// Once the store has taken it over, it is handed back whether or not the answer is awaited.
    pub async fn hand_back(&self, call: &Call) -> Result<(), Error> {
        let (around, attempts) = (Arc::clone(&self.around), call.attempts.clone());
        self.writer
            .write(move |tx| {
                for (row, attempt) in &attempts {
                    hand_back(tx, &around, *row, *attempt)?;
                }
                Ok(())
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }
}

fn hand_back(tx: &Connection, around: &Surroundings, row: i64, attempt: i64) -> Result<(), Error> {
    let open =
        tx.prepare_cached("DELETE FROM attempt WHERE id = ?1 AND ended_at IS NULL")?.execute([attempt])?;
    if open == 0 {
        return Ok(());
    }
    // Whoever settled it meanwhile had the last word.
    tx.prepare_cached(
        "UPDATE handoff SET state = 'waiting', attempts = attempts - 1 WHERE id = ?1 AND state = 'sending'",
    )?
    .execute([row])?;
    let dossier =
        tx.prepare_cached("SELECT dossier FROM handoff WHERE id = ?1")?.query_row([row], |row| row.get(0))?;
    lanes::refresh(tx, dossier, &around.tables)
}
