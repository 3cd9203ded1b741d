//! Erasing payloads some days after the end, in small batches.
//!
//! Ids, hashes, order numbers and codes stay (at least 24 months); what may name a person goes. The newest snapshot of a
//! dossier stays as long as something may still be planned from it. News for the commune's own system names nobody: however
//! long it waits, it keeps nothing but itself.

use super::{Error, Journal, millis};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::state::DossierState;
use rusqlite::{Connection, params};

/// Owners looked at in one transaction: keeps commits short, and whoever waits behind them.
const BATCH: i64 = 20;

/// A snapshot that is still needed is looked at again after this time.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(24);

impl Journal {
    /// Erases payloads that are no longer needed; says how many.
    ///
    /// # Errors
    /// When the store fails; what was erased before stays erased.
    pub async fn erase(&self, now: Timestamp) -> Result<usize, Error> {
        let keep = SignedDuration::from_hours(24 * i64::from(self.payload_days));
        let ended_before = now.checked_sub(keep).unwrap_or(Timestamp::MIN);
        let mut erased = 0;
        loop {
            let batch = self.writer.write(move |tx| erase(tx, ended_before, now)).await?;
            erased += batch.erased;
            if batch.erased > 0 {
                crash_point!("erase.after_commit");
            }
            if batch.looked_at == 0 {
                return Ok(erased);
            }
        }
    }
}

#[derive(Default)]
struct Batch {
    looked_at: usize,
    erased: usize,
}

/// Edits are as many as persons made: they need no time of their own.
const OF_AN_ENDED_HANDOFF: &str =
    "EXISTS (SELECT 1 FROM handoff WHERE handoff.id = edit.handoff AND handoff.ended_at < ?1)";

/// Table, column and condition of payloads that are erased by their owner's time.
pub(super) const OWNERS: [(&str, &str, &str); 6] = [
    ("webhook", "payload", "arrived_at < ?1"),
    ("handoff", "content", "ended_at < ?1"),
    ("attempt", "said", "ended_at < ?1"),
    ("edit", "original", OF_AN_ENDED_HANDOFF),
    ("edit", "patch", OF_AN_ENDED_HANDOFF),
    (
        "inbox",
        "payload",
        "state <> 'waiting' AND arrived_at < ?1 AND NOT EXISTS (SELECT 1 FROM handoff WHERE handoff.dossier = inbox.dossier
             AND handoff.partner <> 'commune' AND handoff.state IN ('waiting', 'sending', 'uncertain', 'dead', 'held'))",
    ),
];

fn erase(tx: &Connection, ended_before: Timestamp, now: Timestamp) -> Result<Batch, Error> {
    let mut batch = Batch::default();
    for (table, column, condition) in OWNERS {
        let sql =
            format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL AND {condition} LIMIT ?2");
        let forget = format!("UPDATE {table} SET {column} = NULL WHERE id = ?1");
        for (owner, payload) in owners(tx, &sql, ended_before, left(&batch))? {
            tx.prepare_cached(&forget)?.execute([owner])?;
            delete(tx, payload, &mut batch)?;
        }
    }
    erase_snapshots(tx, ended_before, &mut batch)?;
    erase_quarantine(tx, now, &mut batch)?;
    if batch.erased > 0 {
        crash_point!("erase.before_commit");
    }
    Ok(batch)
}

fn left(batch: &Batch) -> i64 {
    BATCH - i64::try_from(batch.looked_at).unwrap_or(BATCH)
}

fn owners(tx: &Connection, sql: &str, before: Timestamp, most: i64) -> Result<Vec<(i64, i64)>, Error> {
    let mut statement = tx.prepare_cached(sql)?;
    let due = statement.query_map([millis(before), most], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(due.collect::<Result<_, _>>()?)
}

fn delete(tx: &Connection, payload: i64, batch: &mut Batch) -> Result<(), Error> {
    batch.looked_at += 1;
    batch.erased += tx.prepare_cached("DELETE FROM payload WHERE id = ?1")?.execute([payload])?;
    Ok(())
}

/// Erases newest snapshots of dossiers from which nothing more will be planned; the others are looked at again later.
fn erase_snapshots(tx: &Connection, ended_before: Timestamp, batch: &mut Batch) -> Result<(), Error> {
    let due = "SELECT id, basis FROM dossier
         WHERE basis IS NOT NULL AND max(updated_at, basis_since) < ?1 LIMIT ?2";
    let later = ended_before.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    for (dossier, basis) in owners(tx, due, ended_before, left(batch))? {
        if is_needed(tx, dossier)? {
            batch.looked_at += 1;
            tx.prepare_cached("UPDATE dossier SET basis_since = ?2 WHERE id = ?1")?
                .execute(params![dossier, millis(later)])?;
        } else {
            tx.prepare_cached("UPDATE dossier SET basis = NULL WHERE id = ?1")?.execute([dossier])?;
            delete(tx, basis, batch)?;
        }
    }
    Ok(())
}

/// Whether something may still be planned from the dossier's snapshot. A state that cannot be read is no reason to erase.
fn is_needed(tx: &Connection, dossier: i64) -> Result<bool, Error> {
    let (open, state): (bool, String) = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM handoff WHERE handoff.dossier = dossier.id AND handoff.partner <> 'commune'
                 AND handoff.state IN ('waiting', 'sending', 'uncertain', 'dead', 'held')), state
             FROM dossier WHERE id = ?1",
        )?
        .query_row([dossier], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let at_rest = serde_json::from_str(&state).is_ok_and(|state: DossierState| state.is_at_rest());
    Ok(open || !at_rest)
}

/// What was set aside goes at its time, with everything that its publisher wrote around it.
fn erase_quarantine(tx: &Connection, now: Timestamp, batch: &mut Batch) -> Result<(), Error> {
    let due: Vec<i64> = tx
        .prepare_cached("SELECT id FROM payload WHERE erase_at <= ?1 LIMIT ?2")?
        .query_map([millis(now), left(batch)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for payload in due {
        tx.prepare_cached(
            "UPDATE quarantine SET payload = NULL, headers = '[]', detail = '' WHERE payload = ?1",
        )?
        .execute([payload])?;
        delete(tx, payload, batch)?;
    }
    Ok(())
}
