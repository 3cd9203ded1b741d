//! Work in a savepoint of its own: what fails half-way is taken back, so that its neighbours are unharmed.
//!
//! A savepoint keeps a copy of every page that is changed in it, and next to nothing fails. So the writer first does its
//! jobs [`together`]: what would be done apart then has no savepoint, and its failure fails the job, which is done once more
//! (`writer`).

use super::Error;
use rusqlite::Connection;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether this thread does what it does without savepoints: the writer's thread alone, and for a while.
    static TOGETHER: Cell<bool> = const { Cell::new(false) };
}

/// Does the work without savepoints: what fails in it must be taken back as a whole by whoever asks for this.
pub(super) fn together<T>(work: impl FnOnce() -> T) -> T {
    let _until_it_is_done = Together::begin();
    work()
}

struct Together;

impl Together {
    fn begin() -> Self {
        TOGETHER.set(true);
        Self
    }
}

impl Drop for Together {
    fn drop(&mut self) {
        TOGETHER.set(false);
    }
}

/// Does the work; when it fails or panics, nothing of it is in the store.
///
/// # Errors
/// Those of `work`, and `Panicked` with the name of the work. While jobs are done together, `Together` for each failure that
/// is not the store's.
pub(super) fn apart<T>(
    tx: &Connection,
    name: &'static str,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    if TOGETHER.get() {
        // What has failed is still in the store, so that nobody may take it for done with.
        return work().map_err(|error| if error.is_of_the_store() { error } else { Error::Together });
    }
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
