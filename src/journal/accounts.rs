//! What the journal remembers of accounts, and why one is not called: blocks, pauses, waits, storms.

use super::{Error, Journal, Surroundings, millis, quota, timestamp};
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::maintenance;
use lienthong_core::outcome::{Outcome, ReasonCode};
use lienthong_core::schedule::later;
use lienthong_core::storm::Storm;
use lienthong_core::tables::{AgencyProfile, Mode, day_in_vietnam};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// An account's row.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountRow {
    pub(super) blocked: Option<ReasonCode>,
    pub(super) storm: Storm,
    /// Until when the partner asked it to wait.
    not_before: Option<Timestamp>,
}

impl Journal {
    /// Whether the account may be called now: nothing closes it, and its agency is not only observed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn may_call(
        &self,
        account: &AccountName,
        partner: Partner,
        now: Timestamp,
    ) -> Result<bool, Error> {
        if !self.is_live(account, now) {
            return Ok(false);
        }
        let (account, around) = (account.clone(), Arc::clone(&self.around));
        self.reader.read(move |tx| Ok(closed(tx, &around, &account, partner, now)?.is_none())).await
    }
}

impl Journal {
    /// Whether the account works for any agency that is not only observed: else it makes no call at all. One that an
    /// agency has left goes on with what it took; one that it will have makes no call before its first day.
    pub(super) fn is_live(&self, account: &AccountName, now: Timestamp) -> bool {
        let today = day_in_vietnam(now);
        let uses = |agency: &AgencyProfile| {
            let own = Partner::ALL.into_iter().filter_map(|partner| agency.accounts(partner));
            agency.mode == Mode::Live && own.flat_map(|own| own.until(today)).any(|own| own == account)
        };
        self.around.mode == Mode::Live && self.around.tables.agencies.values().any(uses)
    }
}

impl Journal {
    /// Notes on the account what a call outside the lanes (the feed) ended in: a block, or a wait that was asked for.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note_refused_call(
        &self,
        account: &AccountName,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (account, around) = (account.clone(), Arc::clone(&self.around));
        self.writer
            .write(move |tx| {
                note_refused_call(tx, &around, &account, &outcome, now)?;
                if let Outcome::Blocked(_) = outcome {
                    crash_point!("block.before_commit");
                }
                Ok(())
            })
            .await
    }
}

/// Why an account is not called now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// Until somebody acts.
    Blocked(ReasonCode),
    /// An operator paused it or its partner.
    Paused,
    /// Announced maintenance.
    Maintenance,
    /// The partner asked for a wait.
    AskedToWait,
    /// Today's calls are used up.
    QuotaSpent,
}

impl Closed {
    /// Its reason, where it is worth telling; a wait that was asked for is everyday life.
    pub(super) fn reason(self) -> Option<ReasonCode> {
        match self {
            Self::Blocked(code) => Some(code),
            Self::Paused => Some(ReasonCode::known(reasons::PAUSED)),
            Self::Maintenance => Some(ReasonCode::known(reasons::MAINTENANCE)),
            Self::AskedToWait => None,
            Self::QuotaSpent => Some(ReasonCode::known(reasons::QUOTA_SPENT)),
        }
    }
}

/// Blocks the account, or lets it wait, as the outcome says.
pub(super) fn note_refused_call(
    tx: &Connection,
    around: &Surroundings,
    account: &AccountName,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), Error> {
    match outcome {
        Outcome::Unavailable { wait: Some(asked), .. } => {
            let longest =
                around.partners.get(account).map_or(*asked, |account| account.schedule.longest_wait);
            hold_off(tx, account, later(now, (*asked).min(longest)))
        }
        Outcome::Blocked(reason) => block(tx, account, &reason.code, now),
        Outcome::Unavailable { wait: None, .. }
        | Outcome::Accepted(_)
        | Outcome::Rejected(_)
        | Outcome::Uncertain(_) => Ok(()),
    }
}

/// Reads an account; a new one is calm.
pub(super) fn account(tx: &Connection, name: &AccountName) -> Result<AccountRow, Error> {
    let row = tx
        .prepare_cached("SELECT blocked_code, storm, not_before FROM account WHERE name = ?1")?
        .query_row([name.as_str()], |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
        })
        .optional()?;
    let Some((blocked, storm, not_before)) = row else { return Ok(AccountRow::default()) };
    Ok(AccountRow {
        blocked: blocked.map(ReasonCode::stored),
        storm: serde_json::from_str(&storm)
            .map_err(|source| Error::Unreadable { what: "a storm guard", source })?,
        not_before: not_before.map(timestamp),
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

/// Notes that the partner asked this account to wait; a shorter wait, asked for by what was under way, ends none.
pub(super) fn hold_off(tx: &Connection, name: &AccountName, until: Timestamp) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO account (name, not_before) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET not_before = max(coalesce(not_before, ?2), ?2)",
    )?
    .execute(params![name.as_str(), millis(until)])?;
    Ok(())
}

/// Blocks an account until somebody acts, and says so when it was open before.
pub(super) fn block(
    tx: &Connection,
    name: &AccountName,
    code: &ReasonCode,
    now: Timestamp,
) -> Result<(), Error> {
    if sabotaged!("block") {
        return Ok(());
    }
    let was_open = account(tx, name)?.blocked.is_none();
    tx.prepare_cached(
        "INSERT INTO account (name, blocked_code, blocked_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET blocked_code = ?2, blocked_at = coalesce(blocked_at, ?3)",
    )?
    .execute(params![name.as_str(), code.as_str(), millis(now)])?;
    if was_open {
        tracing::error!(account = %name, reason = %code, "an account is blocked until somebody acts");
    }
    Ok(())
}

/// Ends the block of an account.
pub(super) fn unblock(tx: &Connection, name: &AccountName) -> Result<(), Error> {
    tx.prepare_cached("UPDATE account SET blocked_code = NULL, blocked_at = NULL WHERE name = ?1")?
        .execute([name.as_str()])?;
    Ok(())
}

/// Why nothing may be sent through the account now; `None` when it may.
pub(super) fn closed(
    tx: &Connection,
    around: &Surroundings,
    name: &AccountName,
    partner: Partner,
    now: Timestamp,
) -> Result<Option<Closed>, Error> {
    let account = account(tx, name)?;
    if let Some(code) = account.blocked {
        return Ok(Some(Closed::Blocked(code)));
    }
    let paused: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM pause WHERE scope IN (?1, ?2) AND (until IS NULL OR until > ?3))",
        )?
        .query_row(params![name.as_str(), partner.name(), millis(now)], |row| row.get(0))?;
    if paused {
        return Ok(Some(Closed::Paused));
    }
    if maintenance::current(&around.maintenance, &[name.as_str(), partner.name()], now).is_some() {
        return Ok(Some(Closed::Maintenance));
    }
    if account.not_before.is_some_and(|until| until > now) {
        return Ok(Some(Closed::AskedToWait));
    }
    match around.partners.get(name).and_then(|account| account.quota_per_day) {
        Some(limit) if quota::left(tx, name, limit, now)? == 0 => Ok(Some(Closed::QuotaSpent)),
        Some(_) | None => Ok(None),
    }
}
