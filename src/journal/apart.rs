//! Work in a savepoint of its own: what fails half-way is taken back, so that its neighbours are unharmed.

use super::Error;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does the work; when it fails or panics, nothing of it is in the store.
///
/// # Errors
/// Those of `work`, and `Panicked` with the name of the work.
pub(super) fn apart<T>(
    tx: &Connection,
    name: &'static str,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    run(tx, "SAVEPOINT apart")?;
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Error::Panicked(name)));
    if done.is_err() {
        run(tx, "ROLLBACK TO apart")?;
    }
    run(tx, "RELEASE apart")?;
    done
}

/// Runs a statement that has neither parameters nor rows, prepared once.
pub(super) fn run(tx: &Connection, sql: &'static str) -> Result<(), rusqlite::Error> {
    tx.prepare_cached(sql)?.execute([]).map(drop)
}
