//! Messages that were set aside, as the commands show them.

use super::{JournalReport, QuarantineLine, time};
use crate::journal::Error;
use rusqlite::OptionalExtension;

impl JournalReport {
    /// The newest messages in the quarantine.
    ///
    /// # Errors
    /// When the store fails.
    pub fn quarantine(&self, limit: u32) -> Result<Vec<QuarantineLine>, Error> {
        self.quarantined("ORDER BY id DESC LIMIT ?1", i64::from(limit))
    }

    /// One message in the quarantine.
    ///
    /// # Errors
    /// When the store fails.
    pub fn quarantined_message(&self, id: i64) -> Result<Option<QuarantineLine>, Error> {
        Ok(self.quarantined("WHERE id = ?1", id)?.pop())
    }

    /// The bytes of a message in the quarantine, unless they have been erased. They may name persons.
    ///
    /// # Errors
    /// When the store fails.
    pub fn quarantined_bytes(&self, id: i64) -> Result<Option<Vec<u8>>, Error> {
        let sql = "SELECT p.body FROM quarantine q JOIN payload p ON p.id = q.payload WHERE q.id = ?1";
        Ok(self.connection.query_row(sql, [id], |row| row.get(0)).optional()?)
    }

    fn quarantined(&self, which: &str, param: i64) -> Result<Vec<QuarantineLine>, Error> {
        let sql = format!(
            "SELECT id, arrived_at, code, field, detail, routing_key, content_type, size, lower(hex(sha256))
             FROM quarantine {which}"
        );
        self.list(&sql, [param], |row| {
            Ok(QuarantineLine {
                id: row.get(0)?,
                arrived_at: time(row, 1)?,
                code: row.get(2)?,
                field: row.get(3)?,
                detail: row.get(4)?,
                routing_key: row.get(5)?,
                content_type: row.get(6)?,
                size: row.get(7)?,
                sha256: row.get(8)?,
            })
        })
    }
}
