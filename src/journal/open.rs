//! Opening the journal: file mode, lock, pragmas, migrations.

use super::checkpoints::Checkpoints;
use super::pressure::{self, Commits, Pressure, Senses};
use super::{Error, Journal, Surroundings, migrate, reader::Reader, writer::Writer};
use crate::config::settings::Settings;
use crate::partners::Partners;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How long a command's write waits for the daemon's, and the other way round.
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// Pages of 4 KiB in the write-ahead log before the writer itself copies them into the file.
pub(super) const LOG_PAGES: i64 = 4_000;

/// Statements that a connection keeps prepared: more than the journal has.
const STATEMENTS: usize = 256;

impl Journal {
    /// Opens the journal for the daemon, alone.
    ///
    /// # Errors
    /// When another instance holds it, when its migrations do not fit, or when the store fails.
    pub fn open(settings: &Settings, partners: Partners, now: Timestamp) -> Result<Self, Error> {
        Self::sensing(settings, partners, now, pressure::senses(&settings.journal.path))
    }

    /// The same, told by somebody else how disk and memory are.
    pub(super) fn sensing(
        settings: &Settings,
        partners: Partners,
        now: Timestamp,
        senses: Senses,
    ) -> Result<Self, Error> {
        let path = settings.journal.path.clone();
        let lock = lock(&path)?;
        let mut connection = connect(&path)?;
        migrate::migrate(&mut connection, now)?;
        // What a commit changed is changed again by the next: pages are copied less often.
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        let around = Surroundings {
            tables: Arc::clone(&settings.tables),
            partners,
            mode: settings.mode,
            quarantine_days: settings.intake.quarantine_days,
            maintenance: settings.maintenance.clone(),
        };
        let commits = Arc::new(Commits::default());
        Ok(Self {
            writer: Writer::start(connection, Arc::clone(&commits), Some(Checkpoints::start(&path)?))?,
            pressure: Pressure::new(settings, senses, commits),
            reader: Reader::start(&path)?,
            around: Arc::new(around),
            path,
            payload_days: settings.journal.payload_days,
            wake: Arc::new(Notify::new()),
            turns: Arc::default(),
            lock,
        })
    }
}

fn lock(path: &Path) -> Result<File, Error> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock_path = PathBuf::from(lock_path);
    let file = private_file(&lock_path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) if sabotaged!("one-instance") => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::Locked { path: lock_path }),
        Err(std::fs::TryLockError::Error(source)) => Err(Error::Open { path: lock_path, source }),
    }
}

/// Opens or makes a file that only its owner may read: the journal holds personal data.
fn private_file(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| Error::Open { path: path.to_owned(), source })
}

/// Makes the journal's file if there is none. One that is there is not opened: to close it again would end the locks that this
/// process holds on it through SQLite, and others would take the journal for unused.
fn make_private(path: &Path) -> Result<(), Error> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_new) => Ok(()),
        Err(there) if there.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(Error::Open { path: path.to_owned(), source }),
    }
}

/// Opens a connection to the journal's file with the pragmas that its promises rest on.
///
/// # Errors
/// When the file cannot be opened or a pragma is refused.
pub(super) fn connect(path: &Path) -> Result<Connection, Error> {
    make_private(path)?;
    let connection = Connection::open(path)?;
    configure(&connection)?;
    Ok(connection)
}

/// Sets the pragmas of every connection that writes.
///
/// `FULL` and not `NORMAL`: in WAL mode `NORMAL` may lose the newest commits on power loss, after the broker was told.
///
/// # Errors
/// When the store refuses one.
pub fn configure(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", if sabotaged!("fsync") { "OFF" } else { "FULL" })?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What savepoints take back is kept in memory: a temporary file for it was a third of the writer's time.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    keep_statements(connection)
}

/// Statements are prepared once, not again for each value that is bound.
///
/// Without the promise of stable plans, SQLite prepares anew whatever compares a column of a partial index's condition
/// with a bound value, at each call: a fifth of the writer's time. An index is chosen by literals in the SQL alone.
///
/// # Errors
/// When the store refuses the setting.
pub(super) fn keep_statements(connection: &Connection) -> Result<(), Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}
