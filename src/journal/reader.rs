//! The reader of the journal: a thread with a connection that cannot write.
//!
//! What is only counted or looked at goes here, so that it never stands in front of a commit. Each job sees one state of
//! the journal, the newest that is committed; nothing that is read here decides what is written, except by being read
//! again by the writer.

use super::{Error, open};
use rusqlite::{Connection, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Jobs that wait at most; whoever asks waits beyond. Readers are few and ask about once a second.
const WAITING_JOBS: usize = 64;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Handle to the reader thread.
pub(super) struct Reader {
    jobs: mpsc::Sender<Job>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Opens a connection to a journal that is open for writing, and starts the thread.
    ///
    /// # Errors
    /// When the file cannot be opened or the thread not started.
    pub(super) fn start(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(open::BUSY)?;
        open::keep_statements(&connection)?;
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING_JOBS);
        let work = move || {
            while let Some(job) = waiting.blocking_recv() {
                job(&mut connection);
            }
        };
        let thread = std::thread::Builder::new()
            .name("journal-reader".to_owned())
            .spawn(work)
            .map_err(Error::Thread)?;
        Ok(Self { jobs, thread: Some(thread) })
    }

    /// Reads.
    ///
    /// # Errors
    /// Those of `work`, or when the store cannot be read.
    ///
    /// # Cancel safety
    /// Nothing is changed by a read; dropping it drops the answer.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let read = AssertUnwindSafe(|| {
                let snapshot = connection.transaction()?;
                work(&snapshot)
            });
            let read = catch_unwind(read).unwrap_or(Err(Error::Panicked("a look into the journal")));
            // Whoever asked may have gone away.
            drop(reply.send(read));
        });
        self.jobs.send(job).await.map_err(|_closed| Error::Stopped)?;
        answer.await.map_err(|_closed| Error::Stopped)?
    }

    /// Ends the thread.
    pub(super) fn close(mut self) {
        let thread = self.thread.take();
        drop(self.jobs);
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the journal's reader ended in a panic");
        }
    }
}
