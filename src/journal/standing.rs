//! How the journal and its accounts stand, for readiness and metrics.

use super::{Error, Journal, OperationStanding, accounts, breakers, timestamp, watch};
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::ReasonCode;
use rusqlite::Connection;
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
    /// How each operation of each account stands.
    pub operations: Vec<OperationStanding>,
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
                    let operations = breakers::standing(tx, &account.name, account.partner)?;
                    let away = operations.iter().any(|operation| operation.away);
                    let away = away.then(|| ReasonCode::known(reasons::PARTNER_AWAY));
                    let closed = accounts::closed(tx, &around, &account.name, account.partner, now)?;
                    let reason = closed.and_then(accounts::Closed::reason).or(away);
                    standing.accounts.push((account.name.clone(), reason));
                    standing.operations.extend(operations);
                }
                for state in COUNTED {
                    standing.handoffs.push((state, count(tx, state)?, age_of_oldest(tx, state, now)?));
                }
                Ok(standing)
            })
            .await
    }
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
