//! Recovery: what a process that died left half done.

use super::settle::Settling;
use super::{Error, Journal, lanes, millis};
use jiff::Timestamp;
use rusqlite::params;
use std::sync::Arc;

impl Journal {
    /// Settles attempts that were open when the process before ended: an open attempt counts as made. Questions that
    /// were being asked are asked again. Says how many attempts were open.
    ///
    /// Idempotent: dying in the middle leaves the rest to the next start.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recover(&self, now: Timestamp, draw: f64) -> Result<usize, Error> {
        let mut recovered = 0;
        loop {
            let around = Arc::clone(&self.around);
            let transitions = self
                .writer
                .write(move |tx| {
                    let sending: Vec<i64> = tx
                        .prepare_cached("SELECT id FROM handoff WHERE state = 'sending' AND ended_at IS NULL ORDER BY id LIMIT 500")?
                        .query_map([], |row| row.get(0))?
                        .collect::<Result<_, _>>()?;
                    let settling = Settling { tx, around: &around, now, draw };
                    let mut transitions = Vec::new();
                    for row in sending {
                        transitions.extend(settling.interrupted(row)?);
                    }
                    Ok(transitions)
                })
                .await?;
            super::log::transitions(&transitions);
            if transitions.is_empty() {
                break;
            }
            recovered += transitions.len();
        }
        self.ask_again(now).await?;
        Ok(recovered)
    }

    async fn ask_again(&self, now: Timestamp) -> Result<(), Error> {
        let around = Arc::clone(&self.around);
        self.writer
            .write(move |tx| {
                let asked: Vec<i64> = tx
                    .prepare_cached("SELECT dossier FROM handoff WHERE state = 'uncertain' AND ended_at IS NULL AND ready_at IS NULL")?
                    .query_map(params![], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                for dossier in asked {
                    lanes::refresh(tx, dossier, &around.tables)?;
                }
                tx.prepare_cached("DELETE FROM pause WHERE until IS NOT NULL AND until <= ?1")?
                    .execute([millis(now)])?;
                Ok(())
            })
            .await
    }
}
