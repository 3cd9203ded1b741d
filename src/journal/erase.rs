//! Erasing payloads some days after the end, in small batches.
//!
//! Ids, hashes, order numbers and codes stay (at least 24 months); what may name a person goes.

use super::{Error, Journal, millis};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

/// Payloads erased in one transaction: keeps commits short.
const BATCH: i64 = 200;

impl Journal {
    /// Erases payloads that are no longer needed; says how many. Call again while the answer is not zero.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn erase(&self, now: Timestamp) -> Result<usize, Error> {
        let keep = SignedDuration::from_hours(24 * i64::from(self.payload_days));
        let ended_before = millis(now.checked_sub(keep).unwrap_or(Timestamp::MIN));
        self.writer.write(move |tx| erase(tx, ended_before, millis(now))).await
    }
}

/// Each: ids of payloads with the owner's column set to NULL first, so that nothing points into the void.
const OWNERS: [(&str, &str, &str); 4] = [
    ("handoff", "content", "ended_at < ?1"),
    ("attempt", "said", "ended_at < ?1"),
    (
        "inbox",
        "payload",
        "state = 'planned' AND arrived_at < ?1 AND NOT EXISTS (SELECT 1 FROM handoff WHERE handoff.dossier = inbox.dossier
             AND handoff.state IN ('waiting', 'sending', 'uncertain', 'dead', 'held'))",
    ),
    (
        "dossier",
        "basis",
        "updated_at < ?1 AND NOT EXISTS (SELECT 1 FROM handoff WHERE handoff.dossier = dossier.id
             AND handoff.state IN ('waiting', 'sending', 'uncertain', 'dead', 'held'))",
    ),
];

fn erase(tx: &Connection, ended_before: i64, now: i64) -> Result<usize, Error> {
    let mut erased = 0;
    for (table, column, condition) in OWNERS {
        let sql =
            format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL AND {condition} LIMIT ?2");
        let due: Vec<(i64, i64)> = tx
            .prepare_cached(&sql)?
            .query_map(params![ended_before, BATCH], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (owner, payload) in due {
            let forget = format!("UPDATE {table} SET {column} = NULL WHERE id = ?1");
            tx.prepare_cached(&forget)?.execute([owner])?;
            erased += tx.prepare_cached("DELETE FROM payload WHERE id = ?1")?.execute([payload])?;
        }
    }
    erased += erase_quarantine(tx, now)?;
    Ok(erased)
}

fn erase_quarantine(tx: &Connection, now: i64) -> Result<usize, Error> {
    let due: Vec<i64> = tx
        .prepare_cached("SELECT id FROM payload WHERE erase_at <= ?1 LIMIT ?2")?
        .query_map(params![now, BATCH], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for payload in &due {
        tx.prepare_cached("UPDATE quarantine SET payload = NULL WHERE payload = ?1")?.execute([payload])?;
        tx.prepare_cached("DELETE FROM payload WHERE id = ?1")?.execute([payload])?;
    }
    Ok(due.len())
}
