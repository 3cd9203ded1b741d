//! The pools of waybills.

use super::{JournalReport, optional_time, time};
use crate::journal::Error;
use jiff::Timestamp;
use rusqlite::params;
use serde::Serialize;

/// Where a waybill stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WaybillState {
    /// For the next order.
    Free,
    /// An order's, for as long as it may have been used.
    Bound,
    /// Never used any more.
    Retired,
}

impl WaybillState {
    fn condition(self) -> &'static str {
        match self {
            Self::Free => "number IS NULL AND retired_at IS NULL",
            Self::Bound => "number IS NOT NULL AND retired_at IS NULL",
            Self::Retired => "retired_at IS NOT NULL",
        }
    }
}

/// A waybill.
#[derive(Clone, Debug, Serialize)]
pub struct WaybillLine {
    /// It.
    pub waybill: String,
    /// Whose pool it is in.
    pub account: String,
    /// Where it stands.
    pub state: WaybillState,
    /// The order that it is bound to, or was when it was retired.
    pub order: Option<String>,
    /// When it came into the pool.
    pub imported_at: Timestamp,
    /// Since when it is bound.
    pub bound_at: Option<Timestamp>,
    /// When it was retired.
    pub retired_at: Option<Timestamp>,
    /// Why: the partner's code, or `hand`.
    pub reason: Option<String>,
}

/// A pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolLine {
    /// Whose.
    pub account: String,
    /// For the next orders.
    pub free: u32,
    /// Of orders.
    pub bound: u32,
    /// Never used any more.
    pub retired: u32,
    /// Orders that wait for one.
    pub waiting: u32,
    /// When one was last bound.
    pub last_bound_at: Option<Timestamp>,
}

impl JournalReport {
    /// Waybills of a state, of one account or of all, in their order.
    ///
    /// # Errors
    /// When the store fails.
    pub fn waybills(
        &self,
        account: Option<&str>,
        state: WaybillState,
        limit: u32,
    ) -> Result<Vec<WaybillLine>, Error> {
        let sql = format!(
            "SELECT code, account, number, imported_at, bound_at, retired_at, reason FROM waybill
             WHERE {} AND (?1 IS NULL OR account = ?1) ORDER BY account, code LIMIT ?2",
            state.condition()
        );
        let mut statement = self.connection.prepare(&sql)?;
        let lines = statement.query_map(params![account, limit], |row| {
            Ok(WaybillLine {
                waybill: row.get(0)?,
                account: row.get(1)?,
                state,
                order: row.get(2)?,
                imported_at: time(row, 3)?,
                bound_at: optional_time(row, 4)?,
                retired_at: optional_time(row, 5)?,
                reason: row.get(6)?,
            })
        })?;
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// The pool of an account.
    ///
    /// # Errors
    /// When the store fails.
    pub fn waybill_pool(&self, account: &str) -> Result<PoolLine, Error> {
        let sql = "SELECT
                 (SELECT count(*) FROM waybill INDEXED BY waybill_free
                  WHERE account = ?1 AND number IS NULL AND retired_at IS NULL),
                 (SELECT count(*) FROM waybill INDEXED BY waybill_bound
                  WHERE account = ?1 AND number IS NOT NULL AND retired_at IS NULL),
                 (SELECT count(*) FROM waybill INDEXED BY waybill_retired WHERE account = ?1 AND retired_at IS NOT NULL),
                 (SELECT count(*) FROM handoff INDEXED BY handoff_no_waybill
                  WHERE account = ?1 AND state = 'waiting' AND code = 'GATEWAY-NO-WAYBILL'),
                 nullif(max(
                     ifnull((SELECT max(bound_at) FROM waybill INDEXED BY waybill_bound
                         WHERE account = ?1 AND number IS NOT NULL AND retired_at IS NULL), -1),
                     ifnull((SELECT max(bound_at) FROM waybill INDEXED BY waybill_retired
                         WHERE account = ?1 AND retired_at IS NOT NULL), -1)), -1)";
        Ok(self.connection.query_row(sql, [account], |row| {
            Ok(PoolLine {
                account: account.to_owned(),
                free: row.get(0)?,
                bound: row.get(1)?,
                retired: row.get(2)?,
                waiting: row.get(3)?,
                last_bound_at: optional_time(row, 4)?,
            })
        })?)
    }
}
