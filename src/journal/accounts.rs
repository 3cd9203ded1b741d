//! What the journal remembers of accounts: success, blocks, storms, pauses.

use super::{Error, Journal, millis, timestamp};
use jiff::Timestamp;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::ReasonCode;
use lienthong_core::storm::Storm;
use lienthong_core::tables::{AgencyProfile, Mode};
use rusqlite::{Connection, OptionalExtension, params};

/// An account's row.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountRow {
    pub(super) blocked: Option<ReasonCode>,
    pub(super) last_success_at: Option<Timestamp>,
    pub(super) storm: Storm,
}

impl Journal {
    /// Whether the account may be called now: neither paused nor blocked, and its agency not only observed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn may_call(
        &self,
        account: &AccountName,
        partner: Partner,
        now: Timestamp,
    ) -> Result<bool, Error> {
        if !self.is_live(account) {
            return Ok(false);
        }
        let account = account.clone();
        self.reader.read(move |tx| is_open(tx, &account, partner, now)).await
    }
}

impl Journal {
    /// Whether the account works for any agency that is not only observed: else it makes no call at all.
    pub(super) fn is_live(&self, account: &AccountName) -> bool {
        let uses = |agency: &AgencyProfile| {
            agency.mode == Mode::Live
                && [&agency.portal_account, &agency.post_account].contains(&&Some(account.clone()))
        };
        self.around.mode == Mode::Live && self.around.tables.agencies.values().any(uses)
    }
}

impl Journal {
    /// Blocks an account until somebody acts, as a call outside the lanes (the feed) was refused.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn block(&self, account: &AccountName, code: &ReasonCode, now: Timestamp) -> Result<(), Error> {
        let (account, code) = (account.clone(), code.clone());
        self.writer
            .write(move |tx| {
                if block(tx, &account, &code, now)? {
                    tracing::error!(account = %account, reason = %code, "an account is blocked until somebody acts");
                }
                crash_point!("block.before_commit");
                Ok(())
            })
            .await
    }
}

/// Reads an account; a new one is calm.
pub(super) fn account(tx: &Connection, name: &AccountName) -> Result<AccountRow, Error> {
    let row = tx
        .prepare_cached("SELECT blocked_code, last_success_at, storm FROM account WHERE name = ?1")?
        .query_row([name.as_str()], |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    let Some((blocked, success, storm)) = row else { return Ok(AccountRow::default()) };
    Ok(AccountRow {
        blocked: blocked.map(ReasonCode::stored),
        last_success_at: success.map(timestamp),
        storm: serde_json::from_str(&storm)
            .map_err(|source| Error::Unreadable { what: "a storm guard", source })?,
    })
}

/// Notes a success and calms the storm guard.
pub(super) fn succeeded(tx: &Connection, name: &AccountName, now: Timestamp) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO account (name, last_success_at) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET last_success_at = ?2, storm = '{}'",
    )?
    .execute(params![name.as_str(), millis(now)])?;
    Ok(())
}

/// Stores the storm guard.
pub(super) fn store_storm(tx: &Connection, name: &AccountName, storm: &Storm) -> Result<(), Error> {
    let storm =
        serde_json::to_string(storm).map_err(|source| Error::Unreadable { what: "a storm guard", source })?;
    tx.prepare_cached(
        "INSERT INTO account (name, storm) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET storm = ?2",
    )?
    .execute(params![name.as_str(), storm])?;
    Ok(())
}

/// Until when the partner asked this account to wait.
fn not_before(tx: &Connection, name: &AccountName) -> Result<Option<Timestamp>, Error> {
    let until: Option<Option<i64>> = tx
        .prepare_cached("SELECT not_before FROM account WHERE name = ?1")?
        .query_row([name.as_str()], |row| row.get(0))
        .optional()?;
    Ok(until.flatten().map(timestamp))
}

/// Notes that the partner asked this account to wait; a shorter wait, asked for by what was under way, ends none.
pub(super) fn hold_off(tx: &Connection, name: &AccountName, until: Timestamp) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO account (name, not_before) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET not_before = max(coalesce(not_before, ?2), ?2)",
    )?
    .execute(params![name.as_str(), millis(until)])?;
    Ok(())
}

/// Blocks an account until somebody acts; says whether it was open before.
pub(super) fn block(
    tx: &Connection,
    name: &AccountName,
    code: &ReasonCode,
    now: Timestamp,
) -> Result<bool, Error> {
    let was_open = account(tx, name)?.blocked.is_none();
    tx.prepare_cached(
        "INSERT INTO account (name, blocked_code, blocked_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET blocked_code = ?2, blocked_at = coalesce(blocked_at, ?3)",
    )?
    .execute(params![name.as_str(), code.as_str(), millis(now)])?;
    Ok(was_open)
}

/// Ends the block of an account.
pub(super) fn unblock(tx: &Connection, name: &AccountName) -> Result<(), Error> {
    tx.prepare_cached("UPDATE account SET blocked_code = NULL, blocked_at = NULL WHERE name = ?1")?
        .execute([name.as_str()])?;
    Ok(())
}

/// Whether anything may be sent through the account now.
pub(super) fn is_open(
    tx: &Connection,
    name: &AccountName,
    partner: Partner,
    now: Timestamp,
) -> Result<bool, Error> {
    if account(tx, name)?.blocked.is_some() || not_before(tx, name)?.is_some_and(|until| until > now) {
        return Ok(false);
    }
    let paused: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM pause WHERE scope IN (?1, ?2) AND (until IS NULL OR until > ?3))",
        )?
        .query_row(params![name.as_str(), partner.name(), millis(now)], |row| row.get(0))?;
    Ok(!paused)
}
