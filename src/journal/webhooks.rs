//! Webhooks as they came: kept as evidence, erased like all payloads, and known by their hash when they come again.
//!
//! Nothing is planned from one. Its commit is what is answered for; dying between the commit and the answer makes the
//! partner send it again, as the same message, and dying before the reading that it asked for leaves the reading to the
//! feed's own time.

use super::{Error, Journal, millis, rows};
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::nudge::Judged;
use rusqlite::params;
use sha2::{Digest, Sha256};

/// A message that a partner sent by itself.
#[derive(Debug)]
pub struct Webhook {
    /// For which account.
    pub account: AccountName,
    /// What it is.
    pub judged: Judged,
    /// As it came.
    pub body: Vec<u8>,
    /// When.
    pub arrived_at: Timestamp,
}

impl Journal {
    /// Stores a webhook; says whether it is new.
    ///
    /// # Errors
    /// When the store fails; nothing of it stands then.
    pub async fn keep_webhook(&self, webhook: Webhook) -> Result<bool, Error> {
        let hash = Sha256::digest(&webhook.body);
        self.writer
            .write(move |tx| {
                let known: bool = tx
                    .prepare_cached("SELECT EXISTS (SELECT 1 FROM webhook WHERE account = ?1 AND hash = ?2)")?
                    .query_row(params![webhook.account.as_str(), hash.as_slice()], |row| row.get(0))?;
                if known {
                    return Ok(false);
                }
                let payload = rows::put_bytes(tx, &webhook.body)?;
                tx.prepare_cached(
                    "INSERT INTO webhook (account, hash, signature, arrived_at, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    webhook.account.as_str(),
                    hash.as_slice(),
                    webhook.judged.name(),
                    millis(webhook.arrived_at),
                    payload
                ])?;
                Ok(true)
            })
            .await
    }
}
