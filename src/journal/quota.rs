//! The daily quota of an account: calls of a day in Việt Nam, counted durably in front of each of them.
//!
//! Counted are attempts (replays and batches too, each one call), questions that reach the partner, probes, and pages of
//! the feed. Not counted are logins and an attempt's own second steps: who sells calls a day rarely counts them so, and a
//! quota should leave room for them. What a crash leaves behind counts as called.
//!
//! A claim knows the time at which it was asked for, and may be written after one of the next day: around midnight it counts
//! for the day that has begun, so that no day is counted anew. A clock that was ahead by more than that is not believed.

use super::{Error, Journal};
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::tables::day_in_vietnam;
use rusqlite::{Connection, OptionalExtension, params};

impl Journal {
    /// Counts a call that is made outside the lanes: a page of the feed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count_call(&self, account: &AccountName, now: Timestamp) -> Result<(), Error> {
        let Some(limit) = self.around.partners.get(account).and_then(|account| account.quota_per_day) else {
            return Ok(());
        };
        let account = account.clone();
        self.writer.write(move |tx| count(tx, &account, limit, 1, now)).await
    }
}

/// How many calls are left today.
pub(super) fn left(tx: &Connection, account: &AccountName, limit: u32, now: Timestamp) -> Result<u32, Error> {
    let used: Option<u32> = tx
        .prepare_cached("SELECT used FROM quota WHERE account = ?1 AND (day = ?2 OR day = ?3)")?
        .query_row(params![account.as_str(), day(now), day_after(now)], |row| row.get(0))
        .optional()?;
    Ok(limit.saturating_sub(used.unwrap_or(0)))
}

/// Counts calls, and tells once a day that none are left.
pub(super) fn count(
    tx: &Connection,
    account: &AccountName,
    limit: u32,
    calls: usize,
    now: Timestamp,
) -> Result<(), Error> {
    let calls = u32::try_from(calls).unwrap_or(u32::MAX);
    if calls == 0 {
        return Ok(());
    }
    let (used, told): (u32, bool) = tx
        .prepare_cached(
            "INSERT INTO quota (account, day, used) VALUES (?1, ?2, ?3)
             ON CONFLICT (account) DO UPDATE SET used = ?3 + CASE WHEN day = ?2 OR day = ?4 THEN used ELSE 0 END,
                 told = told AND (day = ?2 OR day = ?4), day = CASE WHEN day = ?4 THEN day ELSE ?2 END
             RETURNING used, told",
        )?
        .query_row(params![account.as_str(), day(now), calls, day_after(now)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if used >= limit && !told {
        tx.prepare_cached("UPDATE quota SET told = 1 WHERE account = ?1")?.execute([account.as_str()])?;
        tracing::warn!(account = %account, quota = limit, "the day's calls of an account are used up");
    }
    Ok(())
}

/// Takes back a call that was not made after all.
pub(super) fn give_back(tx: &Connection, account: &AccountName, now: Timestamp) -> Result<(), Error> {
    tx.prepare_cached(
        "UPDATE quota SET used = max(used - 1, 0) WHERE account = ?1 AND (day = ?2 OR day = ?3)",
    )?
    .execute(params![account.as_str(), day(now), day_after(now)])?;
    Ok(())
}

fn day(now: Timestamp) -> String {
    day_in_vietnam(now).to_string()
}

/// The day that has begun when others are ahead of `now` around midnight.
fn day_after(now: Timestamp) -> String {
    day_in_vietnam(now).saturating_add(jiff::Span::new().days(1)).to_string()
}
