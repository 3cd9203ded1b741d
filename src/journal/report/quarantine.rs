//! Messages that were set aside, as the commands show them.

use super::{JournalReport, QuarantineLine, time};
use crate::journal::Error;
use crate::users::Agencies;
use lienthong_core::event::EventKind;
use rusqlite::{OptionalExtension, Row};

impl JournalReport {
    /// The newest messages in the quarantine that are shown.
    ///
    /// # Errors
    /// When the store fails.
    pub fn quarantine(&self, limit: usize, agencies: &Agencies) -> Result<Vec<QuarantineLine>, Error> {
        self.first(&format!("{QUARANTINE} ORDER BY id DESC"), limit, quarantine_line, |line| {
            agencies.has(agency_of(&line.routing_key))
        })
    }

    /// One message in the quarantine, if it is shown.
    ///
    /// # Errors
    /// When the store fails.
    pub fn quarantined_message(&self, id: i64, agencies: &Agencies) -> Result<Option<QuarantineLine>, Error> {
        let found = self.list(&format!("{QUARANTINE} WHERE id = ?1"), [id], quarantine_line)?;
        Ok(found.into_iter().find(|line| agencies.has(agency_of(&line.routing_key))))
    }

    /// The bytes of a message in the quarantine, unless they have been erased. They may name persons.
    ///
    /// # Errors
    /// When the store fails.
    pub fn quarantined_bytes(&self, id: i64) -> Result<Option<Vec<u8>>, Error> {
        let sql = "SELECT p.body FROM quarantine q JOIN payload p ON p.id = q.payload WHERE q.id = ?1";
        Ok(self.connection.query_row(sql, [id], |row| row.get(0)).optional()?)
    }
}

const QUARANTINE: &str =
    "SELECT id, arrived_at, code, field, detail, routing_key, content_type, size, lower(hex(sha256))
     FROM quarantine";

fn quarantine_line(row: &Row<'_>) -> rusqlite::Result<QuarantineLine> {
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
}

/// The agency that a routing key names, `<agency>.vn.dossier.<kind>`; the empty code, which is no agency's, where it names
/// none. Nobody has checked that the message is that agency's: it was refused.
pub(crate) fn agency_of(routing_key: &str) -> &str {
    let named = |kind: EventKind| routing_key.strip_suffix(kind.type_name().as_str())?.strip_suffix('.');
    EventKind::ALL.into_iter().find_map(named).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routing_key_names_its_agency_or_nobody() {
        fn check(key: &str, expected: &str) {
            assert_eq!(agency_of(key), expected, "{key}");
        }
        check("H11.01.07.vn.dossier.status-changed", "H11.01.07");
        check("000.00.25.H56.vn.dossier.fees-changed", "000.00.25.H56");
        check("vn.dossier.status-changed", "");
        check("H11.01.07.vn.dossier.unheard-of", "");
        check("H11.01.07", "");
        check("", "");
    }
}
