//! Ending a reading from outside: because whoever asked has gone, or because it takes too long.
//!
//! The store interrupts a statement that it is working on, and forgets that it was told so once none is under way. So the reading
//! asks, too, before each question and at each row that is counted: it ends soon, wherever it stands.

use crate::journal::Error;
use rusqlite::{Connection, InterruptHandle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Ends a reading; cheap to clone.
#[derive(Clone, Default)]
pub struct Halt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    called: AtomicBool,
    statement: OnceLock<InterruptHandle>,
}

impl Halt {
    /// Ends the reading, if it has not ended yet.
    pub fn call(&self) {
        self.0.called.store(true, Ordering::SeqCst);
        if let Some(statement) = self.0.statement.get() {
            statement.interrupt();
        }
    }

    /// Goes on, unless it was called off.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.0.called.load(Ordering::SeqCst) { Err(Error::Halted) } else { Ok(()) }
    }

    /// Takes the connection over whose statements are interrupted.
    pub(super) fn attend(&self, connection: &Connection) {
        self.0.statement.get_or_init(|| connection.get_interrupt_handle());
    }
}

#[cfg(test)]
mod tests {
    use super::super::JournalReport;
    use super::*;

    impl JournalReport {
        /// Asks the store one long question after the other, without end.
        pub(crate) fn endless(&self) -> Result<(), Error> {
            let sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000000)
                 SELECT count(*) FROM n";
            loop {
                self.list(sql, [], |_row| Ok(()))?;
            }
        }
    }

    #[test]
    fn what_was_called_off_asks_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        drop(Connection::open(&path).unwrap());
        let halt = Halt::default();
        let report = JournalReport::open_until(&path, halt.clone()).unwrap();
        assert_eq!(report.list("SELECT 1", [], |row| row.get::<_, i64>(0)).unwrap(), [1]);
        halt.call();
        let asked = report.list("SELECT 1", [], |row| row.get::<_, i64>(0));
        assert!(matches!(asked, Err(Error::Halted)), "no statement was under way to be interrupted");
    }
}
