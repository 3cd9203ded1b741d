//! What the journal holds, read over a connection that cannot write.

use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// The journal of a world.
pub(crate) struct Journal {
    path: PathBuf,
    connection: Mutex<Option<Connection>>,
}

/// A handoff as the journal holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handoff {
    pub(crate) id: String,
    pub(crate) dossier: String,
    pub(crate) kind: String,
    pub(crate) number: Option<String>,
    pub(crate) state: String,
    pub(crate) code: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) maybe_doubled: bool,
}

impl Handoff {
    /// Whether a person sees it in the list of what stopped.
    pub(crate) fn is_listed(&self) -> bool {
        matches!(self.state.as_str(), "dead" | "held" | "uncertain")
    }

    /// Whether it came to an end.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.state.as_str(), "accepted" | "superseded" | "dismissed" | "resolved")
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            dossier: row.get(1)?,
            kind: row.get(2)?,
            number: row.get(3)?,
            state: row.get(4)?,
            code: row.get(5)?,
            attempts: row.get(6)?,
            maybe_doubled: row.get(7)?,
        })
    }
}

impl Journal {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path, connection: Mutex::default() }
    }

    /// Asks over one connection, opened when there is a journal; `None` until then.
    fn ask<T>(&self, question: impl FnOnce(&Connection) -> T) -> Option<T> {
        let mut connection = self.connection.lock().unwrap();
        if connection.is_none() {
            *connection = self.open();
        }
        connection.as_ref().map(question)
    }

    fn open(&self) -> Option<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).ok()?;
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        Some(connection)
    }

    /// One number; 0 while there is no journal.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.ask(|journal| journal.query_row(sql, [], |row| row.get(0)).unwrap_or(0)).unwrap_or(0)
    }

    /// Events stored.
    pub(crate) fn events(&self) -> i64 {
        self.count("SELECT count(*) FROM inbox")
    }

    /// Handoffs that wait for their turn or are under way.
    pub(crate) fn unfinished(&self) -> i64 {
        self.count("SELECT count(*) FROM handoff WHERE state IN ('waiting', 'sending')")
    }

    /// Attempts that have no end: under way, or cut off.
    pub(crate) fn open_attempts(&self) -> i64 {
        self.count("SELECT count(*) FROM attempt WHERE ended_at IS NULL")
    }

    /// Whether nothing is under way: no attempt is open, and nobody is writing. A commit that is on its way to the disk
    /// shows to nobody, and holds the write lock.
    pub(crate) fn is_at_rest(&self) -> bool {
        let mut journal = Connection::open(&self.path).unwrap();
        journal.busy_timeout(Duration::ZERO).unwrap();
        let Ok(alone) = journal.transaction_with_behavior(TransactionBehavior::Immediate) else {
            return false;
        };
        let open = "SELECT count(*) FROM attempt WHERE ended_at IS NULL";
        alone.query_row(open, [], |row| row.get::<_, i64>(0)).unwrap() == 0
    }

    /// All handoffs in the order in which they were planned.
    pub(crate) fn handoffs(&self) -> Vec<Handoff> {
        let sql = "SELECT h.handoff_id, d.key, h.kind, h.number, h.state, h.code, h.attempts, h.maybe_doubled
             FROM handoff h JOIN dossier d ON d.id = h.dossier ORDER BY h.id";
        self.list(sql, Handoff::read)
    }

    /// Accounts that are blocked until somebody acts.
    pub(crate) fn blocked(&self) -> Vec<String> {
        self.texts("SELECT name FROM account WHERE blocked_code IS NOT NULL")
    }

    /// Handoffs of one kind of one dossier.
    pub(crate) fn of(&self, dossier: &str, kind: &str) -> Vec<Handoff> {
        self.handoffs()
            .into_iter()
            .filter(|handoff| handoff.dossier == dossier && handoff.kind == kind)
            .collect()
    }

    /// Code and field of everything in the quarantine, in the order of arrival.
    pub(crate) fn quarantine(&self) -> Vec<(String, Option<String>)> {
        self.list("SELECT code, field FROM quarantine ORDER BY id", |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Order numbers with an attempt that ended as said.
    pub(crate) fn order_attempts(&self, code: &str) -> Vec<String> {
        let sql = format!(
            "SELECT DISTINCT h.number FROM attempt a JOIN handoff h ON h.id = a.handoff
             WHERE h.kind = 'post.order' AND a.code = '{code}'"
        );
        self.list(&sql, |row| row.get(0))
    }

    /// One text a row.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        self.list(sql, |row| row.get(0))
    }

    /// Handoffs that a condition picks, one line each, for a failing test.
    pub(crate) fn lines(&self, condition: &str) -> Vec<String> {
        let sql = format!(
            "SELECT d.key || ' ' || kind || ' ' || ifnull(number, '') || ' ' || h.state || ' ' || ifnull(code, '') || ' ready ' ||
                 ifnull(ready_at, 'never') || ' due ' || h.due_at || ' attempts ' || attempts
             FROM handoff h JOIN dossier d ON d.id = h.dossier WHERE {} ORDER BY h.id",
            condition.replace("state", "h.state")
        );
        self.list(&sql, |row| row.get(0))
    }

    /// Everything that it holds, column by column (`table.column`), the cells as text, one a line.
    pub(crate) fn columns(&self) -> Vec<(String, String)> {
        let tables: Vec<String> =
            self.list("SELECT name FROM sqlite_master WHERE type = 'table'", |row| row.get(0));
        let mut columns = Vec::new();
        for table in tables {
            let names =
                self.list(&format!("SELECT name FROM pragma_table_info('{table}')"), |row| row.get(0));
            for name in names {
                let name: String = name;
                let sql = format!("SELECT CAST({name} AS TEXT) FROM {table} WHERE {name} IS NOT NULL");
                let text =
                    |row: &Row<'_>| Ok(String::from_utf8_lossy(row.get_ref(0)?.as_bytes()?).into_owned());
                // The name stands first, so that an empty column has been looked at too.
                let cells = [vec![name.clone()], self.list(&sql, text)].concat();
                columns.push((format!("{table}.{name}"), cells.join("\n")));
            }
        }
        columns
    }

    /// Changes what it holds, as damage would; no gateway may run. Gives the number of rows.
    pub(crate) fn change(&self, sql: &str) -> usize {
        Connection::open(&self.path).unwrap().execute(sql, []).unwrap()
    }

    fn list<T>(&self, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        let list = |journal: &Connection| {
            let mut statement = journal.prepare(sql).unwrap();
            statement.query_map([], read).unwrap().collect::<Result<_, _>>().unwrap()
        };
        self.ask(list).unwrap_or_default()
    }
}
