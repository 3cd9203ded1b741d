//! Finds dossiers by what stands on a paper: code, slip, order number, waybill. Never by a person: none of these names one.

use super::JournalReport;
use crate::journal::Error;
use lienthong_core::ids::DossierKey;
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use utoipa::ToSchema;

/// Shorter beginnings of codes would list half a province.
const SHORTEST: usize = 8;

/// Codes with one beginning that are looked at: what an operator may not see is passed over, not counted for ever.
const MOST_EXAMINED: u32 = 2000;

/// What led to a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FoundBy {
    /// Its code, or the beginning of it.
    Code,
    /// The slip that it began with.
    Slip,
    /// The number of one of its orders, ours or the partner's.
    Order,
    /// The waybill of one of its orders.
    Waybill,
}

/// A dossier that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundLine {
    /// Its code, or its slip.
    pub dossier: String,
    /// Its agency.
    pub agency: String,
    /// What led to it.
    pub by: FoundBy,
}

impl JournalReport {
    /// The one dossier that a code, slip, order number or waybill belongs to.
    ///
    /// # Errors
    /// When the store fails.
    pub fn find(&self, search: &str) -> Result<Option<FoundLine>, Error> {
        let (text, capital) = (search.trim(), search.trim().to_uppercase());
        for text in [text, capital.as_str()] {
            if let Some((dossier, by)) = self.found(text)? {
                let sql = "SELECT key, agency FROM dossier WHERE id = ?1";
                let line =
                    |row: &rusqlite::Row<'_>| Ok(FoundLine { dossier: row.get(0)?, agency: row.get(1)?, by });
                return Ok(Some(self.connection.query_row(sql, [dossier], line)?));
            }
        }
        Ok(None)
    }

    /// Dossiers whose codes begin so, of agencies that `sees` allows.
    ///
    /// # Errors
    /// When the store fails.
    pub fn beginning(
        &self,
        search: &str,
        limit: usize,
        sees: impl Fn(&str) -> bool,
    ) -> Result<Vec<FoundLine>, Error> {
        let beginning = search.trim().to_uppercase();
        if beginning.chars().count() < SHORTEST {
            return Ok(Vec::new());
        }
        // No character of a code is beyond U+10FFFF, so that everything that begins so lies between.
        let end = format!("{beginning}\u{10FFFF}");
        let sql = "SELECT key, agency FROM dossier WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
        let lines = self.list(sql, params![beginning, end, MOST_EXAMINED], |row| {
            Ok(FoundLine { dossier: row.get(0)?, agency: row.get(1)?, by: FoundBy::Code })
        })?;
        Ok(lines.into_iter().filter(|line| sees(&line.agency)).take(limit).collect())
    }

    fn found(&self, text: &str) -> Result<Option<(i64, FoundBy)>, Error> {
        if let Some(id) = self.dossier_id(text)? {
            let key = "SELECT 1 FROM dossier WHERE id = ?1 AND key = ?2";
            let by_code = self.connection.query_row(key, params![id, text], |_| Ok(())).optional()?;
            let is_slip = DossierKey::new(text).slip().is_some();
            let by = if by_code.is_some() && !is_slip { FoundBy::Code } else { FoundBy::Slip };
            return Ok(Some((id, by)));
        }
        if let Some(id) = self.one(BY_ORDER, text)? {
            return Ok(Some((id, FoundBy::Order)));
        }
        Ok(self.one(BY_WAYBILL, text)?.map(|id| (id, FoundBy::Waybill)))
    }

    fn one(&self, sql: &str, text: &str) -> Result<Option<i64>, Error> {
        Ok(self.connection.query_row(sql, [text], |row| row.get(0)).optional()?)
    }
}

/// By our number, or by the one that an officer was told when the order was resolved by hand.
pub(super) const BY_ORDER: &str = "SELECT dossier FROM handoff
     WHERE kind = 'post.order' AND state NOT IN ('superseded', 'observed') AND number = ?1
     UNION ALL SELECT dossier FROM handoff WHERE partner_number IS NOT NULL AND partner_number = ?1 LIMIT 1";

/// By what the feed, an answer, or the pool says an order's waybill is.
pub(super) const BY_WAYBILL: &str = "SELECT h.dossier FROM handoff h
     WHERE h.kind = 'post.order' AND h.state NOT IN ('superseded', 'observed') AND h.number IN (
         SELECT number FROM tracking WHERE waybill = ?1 AND waybill IS NOT NULL
         UNION ALL SELECT number FROM receipt WHERE waybill = ?1 AND waybill IS NOT NULL
         UNION ALL SELECT number FROM waybill WHERE code = ?1 AND retired_at IS NULL AND number IS NOT NULL) LIMIT 1";
