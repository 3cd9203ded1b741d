//! The journal: the durable store of everything the gateway knows, and the queue of everything it has to do.
//!
//! SQLite in WAL mode with `synchronous = FULL`; one thread writes and commits in groups ([`writer`]), another one only
//! reads, so that looking never stands in front of a commit ([`reader`]), and a third copies the write-ahead log into the
//! file meanwhile ([`checkpoints`]); a file lock refuses a second daemon. The database is the queue: wake-ups are hints, and a scan finds the same work after a start,
//! a crash or a notification. Payloads stand in one table, so that erasing them touches one place.
//!
//! ```text
//! admit   event → inbox, plan, handoffs            (then the broker is acknowledged)
//! claim   ready handoffs → sending + open attempts (then the request leaves)
//! settle  outcome → attempt, handoff, follow-up plan
//! track   feed page → cursor, index, follow-up plans
//! reconcile an answer of a partner → what differs; then what repairs it
//! recover open attempts of a dead process → due again, or uncertain
//! ```
//!
//! Each of these is one transaction. What a crash in between leaves behind stands in `ARCHITECTURE.md`, with its test.

mod accounts;
mod admit;
mod apart;
mod audit;
mod breakers;
mod budget;
mod checkpoints;
mod claim;
pub mod command;
mod erase;
mod follow;
mod gaps;
mod hand_back;
mod inbox;
mod known;
mod lanes;
mod log;
mod migrate;
mod newborn;
mod open;
mod pauses;
mod planning;
mod pressure;
mod quota;
mod reader;
mod receipts;
mod reconcile;
mod recover;
mod replay;
mod replay_tasks;
pub mod report;
mod rotation;
mod rows;
mod settle;
mod slips;
mod standing;
mod stops;
mod storms;
mod traced;
mod track;
mod turns;
mod watch;
mod waybills;
mod webhooks;
mod writer;

pub use breakers::{OperationStanding, Probe};
pub use claim::{Call, Claimed, Question, Want, Work};
pub use log::transitions as log_transitions;
pub use open::configure;
pub use pauses::Hold;
pub use planning::Transition;
pub use reconcile::{Asked, Query, Scope};
pub use settle::Answered;
pub use standing::Standing;
pub use track::{FeedProgress, FeedReading};
pub use watch::Sight;
pub use webhooks::Webhook;

use crate::partners::Partners;
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::maintenance::Window;
use lienthong_core::tables::{Mode, Tables};
use lienthong_core::turns::Turns;
use pressure::Pressure;
use reader::Reader;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use writer::Writer;

/// Why the journal could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused a statement.
    #[error("failed to read or write the journal")]
    Store(#[from] rusqlite::Error),
    /// The commit failed: nothing of it stands.
    #[error("failed to commit to the journal")]
    Commit(#[source] Arc<rusqlite::Error>),
    /// The writer has stopped.
    #[error("the journal is closed")]
    Stopped,
    /// The writer thread could not be started.
    #[error("failed to start the journal's writer")]
    Thread(#[source] std::io::Error),
    /// Another daemon holds the journal.
    #[error("another instance holds the journal at {path}")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// The file or its lock could not be opened.
    #[error("failed to open {path}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The journal was written by a newer program.
    #[error("the journal is at version {found}, this program knows up to {known}: install the newer program")]
    NewerJournal {
        /// Version of the journal.
        found: i64,
        /// Newest version known here.
        known: i64,
    },
    /// The journal was written by an older program, and only the daemon brings it up to date.
    #[error(
        "the journal is at version {found}, this program needs {known}: start the daemon of this version first"
    )]
    OlderJournal {
        /// Version of the journal.
        found: i64,
        /// Version needed here.
        known: i64,
    },
    /// A migration that was applied differs from this program's.
    #[error("migration {version} ({name}) differs from the one that was applied")]
    MigrationChanged {
        /// Its version.
        version: i64,
        /// Its name.
        name: &'static str,
    },
    /// Something stored cannot be read back.
    #[error("failed to read back {what} from the journal")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Something that must be there is not.
    #[error("the journal lacks {0}")]
    Missing(&'static str),
    /// A reading was called off: whoever asked has gone, or it took too long.
    #[error("the reading was called off")]
    Halted,
    /// Something failed among jobs that were done together: they are done once more, one by one.
    #[error("something failed beside others, and is done again by itself")]
    Together,
    /// The gateway broke inside; what it wrote was taken back.
    #[error("{0} ended in a panic")]
    Panicked(&'static str),
}

impl Error {
    /// Whether the store failed, so that trying again later may help; else the fault is in what was to be done.
    fn is_of_the_store(&self) -> bool {
        match self {
            Self::Store(error) => !blames_the_work(error),
            Self::Commit(_)
            | Self::Stopped
            | Self::Thread(_)
            | Self::Locked { .. }
            | Self::Open { .. }
            | Self::NewerJournal { .. }
            | Self::OlderJournal { .. }
            | Self::MigrationChanged { .. }
            | Self::Together => true,
            Self::Unreadable { .. } | Self::Missing(_) | Self::Halted | Self::Panicked(_) => false,
        }
    }
}

/// Whether the store works and refuses what it was given: a broken rule of the schema, or a row that does not fit.
fn blames_the_work(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    use rusqlite::ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
    match error.sqlite_error_code() {
        Some(code) => [ConstraintViolation, TooBig, TypeMismatch].contains(&code),
        None => matches!(
            error,
            E::FromSqlConversionFailure(..)
                | E::ToSqlConversionFailure(_)
                | E::InvalidColumnType(..)
                | E::IntegralValueOutOfRange(..)
                | E::QueryReturnedNoRows
        ),
    }
}

/// What planning inside the journal needs beside the store.
pub(crate) struct Surroundings {
    pub(crate) tables: Arc<Tables>,
    pub(crate) partners: Partners,
    pub(crate) mode: Mode,
    pub(crate) quarantine_days: u16,
    pub(crate) maintenance: Vec<Window>,
}

/// The open journal of a running daemon.
pub struct Journal {
    writer: Writer,
    reader: Reader,
    pressure: Pressure,
    around: Arc<Surroundings>,
    path: PathBuf,
    payload_days: u16,
    wake: Arc<Notify>,
    turns: Arc<Mutex<BTreeMap<AccountName, Turns>>>,
    lock: File,
}

impl Journal {
    /// Told whenever work may have become ready. A hint: a scan finds the same work.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Lets the writer hang until it is told to go on.
    #[cfg(test)]
    pub(crate) async fn hold(
        &self,
        until: std::sync::mpsc::Receiver<()>,
    ) -> Result<impl Future<Output = Result<(), Error>>, Error> {
        let hanging =
            move |_tx: &rusqlite::Connection| until.recv().map_err(|_gone| Error::Missing("a word to go on"));
        Ok(self.writer.hand_over(hanging).await?.written())
    }

    /// Writes what waits and releases the lock.
    ///
    /// # Errors
    /// When the lock cannot be released; the end of the process releases it too.
    pub fn close(self) -> Result<(), Error> {
        self.reader.close();
        self.writer.close();
        self.lock.unlock().map_err(|source| Error::Open { path: self.path, source })
    }
}

/// Milliseconds since 1970, as the journal stores time.
fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// Reads a stored time.
fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod model;
#[cfg(test)]
pub(crate) mod tests;
