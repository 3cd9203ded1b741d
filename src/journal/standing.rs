//! How the journal and its accounts stand, for readiness and metrics.

use super::{Error, Journal, accounts, millis, timestamp, watch};
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::ReasonCode;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// States of handoffs that are counted, in this order.
const COUNTED: [&str; 5] = ["waiting", "sending", "uncertain", "dead", "held"];

/// How things stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Why the journal is not ready: nothing is taken in, or the store fails.
    pub intake: Option<&'static str>,
    /// Why each account is not called, if it is not.
    pub accounts: Vec<(AccountName, Option<ReasonCode>)>,
    /// Handoffs by state: how many, and the age of the oldest in seconds.
    pub handoffs: Vec<(&'static str, f64, f64)>,
}

impl Journal {
    /// Looks at the accounts and counts what is open. Counting is bounded: beyond 100,000 it says 100,000.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn standing(&self, now: Timestamp) -> Result<Standing, Error> {
        let around = Arc::clone(&self.around);
        let intake = self.pressure.trouble();
        self.reader
            .read(move |tx| {
                let mut standing = Standing { intake, ..Standing::default() };
                for account in around.partners.iter() {
                    let reason = reason(tx, &account.name, account.partner, now)?;
                    standing.accounts.push((account.name.clone(), reason));
                }
                for state in COUNTED {
                    standing.handoffs.push((state, count(tx, state)?, age_of_oldest(tx, state, now)?));
                }
                Ok(standing)
            })
            .await
    }
}

fn reason(
    tx: &Connection,
    account: &AccountName,
    partner: Partner,
    now: Timestamp,
) -> Result<Option<ReasonCode>, Error> {
    if let Some(code) = accounts::account(tx, account)?.blocked {
        return Ok(Some(code));
    }
    let paused: Option<i64> = tx
        .prepare_cached("SELECT 1 FROM pause WHERE scope IN (?1, ?2) AND (until IS NULL OR until > ?3)")?
        .query_row(params![account.as_str(), partner.name(), millis(now)], |row| row.get(0))
        .optional()?;
    Ok(paused.map(|_paused| ReasonCode::known(reasons::PAUSED)))
}

fn count(tx: &Connection, state: &str) -> Result<f64, Error> {
    let count: u32 = tx
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM handoff INDEXED BY handoff_state WHERE state = ?1 AND ended_at IS NULL LIMIT 100000)",
        )?
        .query_row([state], |row| row.get(0))?;
    Ok(f64::from(count))
}

/// Seconds since the oldest handoff in this state was planned; 0 when there is none. The first entry of each account in
/// the index is its oldest, whatever the backlog.
fn age_of_oldest(tx: &Connection, state: &str, now: Timestamp) -> Result<f64, Error> {
    let oldest = watch::oldest_of_accounts(state);
    let sql = format!("SELECT min(oldest) FROM ({oldest})");
    let planned_at: Option<i64> = tx.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
    Ok(planned_at.map_or(0.0, |planned_at| now.duration_since(timestamp(planned_at)).as_secs_f64().max(0.0)))
}
