//! What was said to a partner, and what it answered. Names persons.

use super::JournalReport;
use crate::journal::{Error, known, rows};
use lienthong_core::handoff::Content;
use rusqlite::OptionalExtension;
use serde_json::Value;
use std::collections::BTreeMap;

/// A handoff's content, and the answers to its attempts.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// What it says; `None` when that has been erased.
    pub content: Option<Content>,
    /// Which attempts were answered, with what, as far as that was kept.
    pub answers: BTreeMap<u32, Value>,
}

impl JournalReport {
    /// What a handoff says, and what was answered. Names persons.
    ///
    /// # Errors
    /// When the store fails.
    pub fn said(&self, handoff: &str) -> Result<Said, Error> {
        let row = "SELECT id, content FROM handoff WHERE handoff_id = ?1";
        let row: Option<(i64, Option<i64>)> =
            self.connection.query_row(row, [handoff], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((id, content)) = row else { return Ok(Said::default()) };
        let answers = "SELECT n, said FROM attempt WHERE handoff = ?1 AND said IS NOT NULL ORDER BY n";
        let mut said = Said {
            content: known::readable(rows::payload(&self.connection, content))?,
            answers: BTreeMap::new(),
        };
        for (n, payload) in self.list(answers, [id], |row| Ok((row.get::<_, u32>(0)?, row.get(1)?)))? {
            if let Some(answer) = known::readable(rows::payload(&self.connection, payload))? {
                said.answers.insert(n, answer);
            }
        }
        Ok(said)
    }
}
