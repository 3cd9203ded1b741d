//! Checkpoints beside the writer: what stands in the write-ahead log is copied into the file while the writer goes on.
//!
//! The writer's own checkpoint comes within a commit, and everybody who waits for that commit waits for it too: tens of
//! milliseconds when thousands of pages have to go. So a thread with a connection of its own does it earlier, in smaller
//! pieces and without a lock that the writer wants; what it leaves, the writer does as before (`open::LOG_PAGES`).

use super::{Error, open};
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Commits after which it is time for one: a page that many of them change is copied once. Under a load of large commits
/// the writer comes first.
pub(super) const COMMITS: u32 = 256;

/// Handle to the thread that makes them.
pub(super) struct Checkpoints {
    hints: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    commits: u32,
}

impl Checkpoints {
    /// Opens a connection to a journal that is open for writing, and starts the thread.
    ///
    /// # Errors
    /// When the file cannot be opened or the thread not started.
    pub(super) fn start(path: &Path) -> Result<Self, Error> {
        let connection = open::connect(path)?;
        let (hints, hinted) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("journal-copy".to_owned())
            .spawn(move || {
                while hinted.recv().is_ok() {
                    make_one(&connection);
                }
            })
            .map_err(Error::Thread)?;
        Ok(Self { hints: Some(hints), thread: Some(thread), commits: 0 })
    }

    /// Notes a commit; never waits.
    pub(super) fn note(&mut self) {
        self.commits += 1;
        if self.commits >= COMMITS
            && let Some(hints) = &self.hints
        {
            self.commits = 0;
            // One that is under way, or asked for, is enough.
            hints.try_send(()).ok();
        }
    }
}

/// Copies what it can without waiting for anybody. What fails here fails in the writer too, which tells.
fn make_one(connection: &Connection) {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_row| Ok(())).ok();
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.hints.take());
        // A thread that ended in a panic has told it, and the writer does what it did.
        self.thread.take().map(JoinHandle::join);
    }
}
