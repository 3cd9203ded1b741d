//! How the journal and its accounts stand, for readiness and metrics.

use super::{Error, Journal, accounts, millis};
use crate::intake::Admission;
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
    /// Why nothing is taken in, if nothing is.
    pub intake: Option<&'static str>,
    /// Why each account is not called, if it is not.
    pub accounts: Vec<(AccountName, Option<ReasonCode>)>,
    /// Handoffs by state.
    pub handoffs: Vec<(&'static str, f64)>,
}

impl Journal {
    /// Looks at the accounts and counts what is open. Counting is bounded: beyond 100,000 it says 100,000.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn standing(&self, now: Timestamp) -> Result<Standing, Error> {
        let around = Arc::clone(&self.around);
        let intake = self.open().err();
        self.writer
            .write(move |tx| {
                let mut standing = Standing { intake, ..Standing::default() };
                for account in around.partners.iter() {
                    let reason = reason(tx, &account.name, account.partner, now)?;
                    standing.accounts.push((account.name.clone(), reason));
                }
                for state in COUNTED {
                    standing.handoffs.push((state, count(tx, state)?));
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
