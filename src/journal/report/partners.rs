//! What the journal knows of accounts, for whoever looks after partners.

use super::{JournalReport, optional_time};
use crate::journal::Error;
use jiff::Timestamp;
use lienthong_core::tables::day_in_vietnam;

/// What the journal knows of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// Its name.
    pub account: String,
    /// Why it is blocked.
    pub blocked: Option<String>,
    /// Since when.
    pub blocked_at: Option<Timestamp>,
    /// Its last success.
    pub last_success_at: Option<Timestamp>,
    /// Until when the partner asked it to wait.
    pub not_before: Option<Timestamp>,
    /// When its tracking feed was last read.
    pub feed_read_at: Option<Timestamp>,
    /// When its tracking feed last brought a new row.
    pub feed_row_at: Option<Timestamp>,
    /// Since when its tracking feed answers and does not move on.
    pub feed_stuck_at: Option<Timestamp>,
    /// Calls of today in Việt Nam; counted where there is a quota.
    pub used_today: u32,
}

impl JournalReport {
    /// What the journal knows of each account that did anything, or has a quota.
    ///
    /// # Errors
    /// When the store fails.
    pub fn account_states(&self, now: Timestamp) -> Result<Vec<AccountState>, Error> {
        let sql = "SELECT names.name, blocked_code, blocked_at, last_success_at, not_before, feed_read_at, feed_row_at,
                 feed_stuck_at, ifnull((SELECT used FROM quota WHERE quota.account = names.name AND day = ?1), 0)
             FROM (SELECT name FROM account UNION SELECT account FROM quota) AS names
             LEFT JOIN account ON account.name = names.name ORDER BY names.name";
        self.list(sql, [day_in_vietnam(now).to_string()], |row| {
            Ok(AccountState {
                account: row.get(0)?,
                blocked: row.get(1)?,
                blocked_at: optional_time(row, 2)?,
                last_success_at: optional_time(row, 3)?,
                not_before: optional_time(row, 4)?,
                feed_read_at: optional_time(row, 5)?,
                feed_row_at: optional_time(row, 6)?,
                feed_stuck_at: optional_time(row, 7)?,
                used_today: row.get(8)?,
            })
        })
    }
}
