//! Migrations of the journal: embedded SQL with version and checksum.
//!
//! Each runs once, in a transaction with the row that remembers it. A file that differs from what was applied, or a
//! journal newer than this program, stops the start: guessing at somebody's durable state is not for us.

use super::Error;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "journal", sql: include_str!("migrations/0001-journal.sql") },
    Migration { version: 2, name: "breakers", sql: include_str!("migrations/0002-breakers.sql") },
    Migration { version: 3, name: "letters", sql: include_str!("migrations/0003-letters.sql") },
    Migration { version: 4, name: "watch", sql: include_str!("migrations/0004-watch.sql") },
    Migration { version: 5, name: "due", sql: include_str!("migrations/0005-due.sql") },
    Migration { version: 6, name: "receipts", sql: include_str!("migrations/0006-receipts.sql") },
    Migration { version: 7, name: "waybills", sql: include_str!("migrations/0007-waybills.sql") },
    Migration { version: 8, name: "webhook", sql: include_str!("migrations/0008-webhook.sql") },
    Migration { version: 9, name: "money", sql: include_str!("migrations/0009-money.sql") },
    Migration { version: 10, name: "reconcile", sql: include_str!("migrations/0010-reconcile.sql") },
    Migration { version: 11, name: "desk", sql: include_str!("migrations/0011-desk.sql") },
    Migration { version: 12, name: "figures", sql: include_str!("migrations/0012-figures.sql") },
    Migration { version: 13, name: "desk-lists", sql: include_str!("migrations/0013-desk-lists.sql") },
    Migration { version: 14, name: "stops", sql: include_str!("migrations/0014-stops.sql") },
    Migration { version: 15, name: "words", sql: include_str!("migrations/0015-words.sql") },
    Migration { version: 16, name: "short-indexes", sql: include_str!("migrations/0016-short-indexes.sql") },
];

/// Where the journal remembers what was applied.
const MEMORY: &str = "CREATE TABLE IF NOT EXISTS migration (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL
) STRICT;";

/// Brings the journal to this program's version.
///
/// # Errors
/// When the store fails, when an applied migration has another checksum, or when the journal is newer.
pub(super) fn migrate(connection: &mut Connection, now: Timestamp) -> Result<(), Error> {
    connection.execute_batch(MEMORY)?;
    let newest: Option<i64> =
        connection.query_row("SELECT max(version) FROM migration", [], |row| row.get(0))?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
    if newest.unwrap_or(0) > known {
        return Err(Error::NewerJournal { found: newest.unwrap_or(0), known });
    }
    MIGRATIONS.iter().try_for_each(|migration| apply(connection, migration, now))
}

/// Brings an empty journal to an earlier version.
#[cfg(test)]
pub(super) fn migrate_to(connection: &mut Connection, version: i64, now: Timestamp) -> Result<(), Error> {
    connection.execute_batch(MEMORY)?;
    let mut until = MIGRATIONS.iter().filter(|migration| migration.version <= version);
    until.try_for_each(|migration| apply(connection, migration, now))
}

/// Refuses a journal that a command of this version cannot write to: the daemon migrates, commands do not.
pub(super) fn is_current(connection: &Connection) -> Result<(), Error> {
    let found: Option<i64> =
        connection.query_row("SELECT max(version) FROM migration", [], |row| row.get(0))?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
    match found.unwrap_or(0) {
        found if found > known => Err(Error::NewerJournal { found, known }),
        found if found < known => Err(Error::OlderJournal { found, known }),
        _same => Ok(()),
    }
}

fn apply(connection: &mut Connection, migration: &Migration, now: Timestamp) -> Result<(), Error> {
    let checksum = checksum(migration.sql);
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let applied: Option<String> = tx
        .query_row("SELECT checksum FROM migration WHERE version = ?1", [migration.version], |row| row.get(0))
        .optional()?;
    match applied {
        Some(found) if found == checksum => Ok(()),
        Some(_) => Err(Error::MigrationChanged { version: migration.version, name: migration.name }),
        None => {
            tx.execute_batch(migration.sql)?;
            tx.execute(
                "INSERT INTO migration (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
                params![migration.version, migration.name, checksum, now.as_millisecond()],
            )?;
            crash_point!("migrate.before_commit");
            tx.commit()?;
            crash_point!("migrate.after_commit");
            Ok(())
        }
    }
}

fn checksum(sql: &str) -> String {
    Sha256::digest(sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_migrated_once_and_a_changed_file_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        connection.execute("UPDATE migration SET checksum = 'other' WHERE version = 1", []).unwrap();
        let refused = migrate(&mut connection, Timestamp::UNIX_EPOCH);
        assert!(matches!(refused, Err(Error::MigrationChanged { version: 1, .. })));
    }

    #[test]
    fn a_newer_journal_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        connection.execute("INSERT INTO migration VALUES (99, 'later', 'x', 0)", []).unwrap();
        let refused = migrate(&mut connection, Timestamp::UNIX_EPOCH);
        assert!(matches!(refused, Err(Error::NewerJournal { found: 99, .. })));
    }
}
