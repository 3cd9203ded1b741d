//! The one writer of the journal: a thread that owns the only connection which writes.
//!
//! Jobs that wait while a commit is under way share the next one (group commit); nothing is delayed when there is nobody
//! to wait for. They are first done *together*, without savepoints, which keep a copy of every page that is changed in
//! them. When one fails, nothing of that stands, and they are done once more *one by one*, each in a savepoint of its own:
//! a job that fails then takes back what it wrote and leaves its neighbours unharmed. So a job may run twice: what it changes
//! beside the store must bear that, as whose turn it is does, and what it logs is said twice then.
//!
//! An answer is given only after the commit, which syncs the file (`synchronous = FULL`): `Ok` means *on disk*.

use super::Error;
use super::apart::{run, together};
use super::pressure::{Commits, Turn};
use crate::reasons;
use rusqlite::{Connection, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Jobs in one commit at most: bounds how long the first one waits for the last.
const JOBS_PER_COMMIT: usize = 256;

/// Jobs that wait at most; producers wait beyond.
const WAITING_JOBS: usize = 1024;

trait Job: Send {
    fn run(&mut self, connection: &Connection);
    fn forget(&mut self);
    fn has_failed(&self) -> bool;
    fn store_failure(&self) -> Option<String>;
    fn finish(self: Box<Self>, failure: Option<&Arc<rusqlite::Error>>);
}

struct Task<T, F> {
    work: F,
    result: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, Error> + Send,
{
    fn run(&mut self, connection: &Connection) {
        let run = AssertUnwindSafe(|| (self.work)(connection));
        self.result = Some(catch_unwind(run).unwrap_or(Err(Error::Panicked("a job of the journal"))));
    }

    fn forget(&mut self) {
        self.result = None;
    }

    fn has_failed(&self) -> bool {
        !matches!(self.result, Some(Ok(_)))
    }

    fn store_failure(&self) -> Option<String> {
        let error = self.result.as_ref()?.as_ref().err()?;
        error.is_of_the_store().then(|| error.told())
    }

    fn finish(self: Box<Self>, failure: Option<&Arc<rusqlite::Error>>) {
        let result = match (self.result, failure) {
            (Some(Ok(_)), Some(cause)) => Err(Error::Commit(Arc::clone(cause))),
            (Some(result), _) => result,
            (None, Some(cause)) => Err(Error::Commit(Arc::clone(cause))),
            (None, None) => Err(Error::Stopped),
        };
        // The caller may have gone away; what was committed stands all the same.
        drop(self.reply.send(result));
    }
}

/// Commits that a test lets fail; outside of tests there are none.
#[derive(Clone, Default)]
pub(super) struct Refusals {
    /// Commits until the one that fails, itself included; 0: none does.
    #[cfg(test)]
    pub(super) until: std::sync::Arc<std::sync::atomic::AtomicU32>,
}

impl Refusals {
    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "only tests refuse a commit")]
    fn allow(&self) -> Result<(), rusqlite::Error> {
        Ok(())
    }

    #[cfg(test)]
    fn allow(&self) -> Result<(), rusqlite::Error> {
        use std::sync::atomic::Ordering::SeqCst;
        match self.until.fetch_update(SeqCst, SeqCst, |until| until.checked_sub(1)) {
            Ok(1) => Err(rusqlite::Error::ExecuteReturnedResults),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Work that was handed over and is on its way to the disk.
#[must_use = "whether it was written is known only afterwards"]
pub(super) struct Written<T> {
    answer: oneshot::Receiver<Result<T, Error>>,
}

impl<T> Written<T> {
    /// Waits for the commit.
    ///
    /// # Errors
    /// Those of the work, or the commit's; nothing of it is in the store then.
    ///
    /// # Cancel safety
    /// It is committed whether or not the answer is awaited.
    pub(super) async fn written(self) -> Result<T, Error> {
        self.answer.await.map_err(|_closed| Error::Stopped)?
    }
}

/// Handle to the writer thread.
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
    thread: Option<JoinHandle<()>>,
    #[cfg(test)]
    pub(super) refusals: Refusals,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection, commits: Arc<Commits>) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::channel(WAITING_JOBS);
        let refusals = Refusals::default();
        #[cfg(test)]
        let of_tests = refusals.clone();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_jobs(connection, waiting, &commits, &refusals))
            .map_err(Error::Thread)?;
        Ok(Self {
            jobs,
            thread: Some(thread),
            #[cfg(test)]
            refusals: of_tests,
        })
    }

    /// Runs `work` in the next commit; a second time when it, or a neighbour, failed.
    ///
    /// # Errors
    /// Those of `work`, or the commit's; nothing of it is in the store then.
    ///
    /// # Cancel safety
    /// Once the job is handed over it runs and is committed, whether or not the answer is awaited.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Error> + Send + 'static,
    {
        self.hand_over(work).await?.written().await
    }

    /// Gives `work` to the next commit and waits for that no longer: what is handed over afterwards sees what it did.
    ///
    /// # Errors
    /// When the writer has stopped.
    ///
    /// # Cancel safety
    /// A dropped future has handed nothing over.
    pub(super) async fn hand_over<T, F>(&self, work: F) -> Result<Written<T>, Error>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task { work, result: None, reply };
        self.jobs.send(Box::new(task)).await.map_err(|_closed| Error::Stopped)?;
        Ok(Written { answer })
    }

    /// Ends the thread once it has written what waits.
    pub(super) fn close(mut self) {
        let thread = self.thread.take();
        drop(self.jobs);
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer ended in a panic");
        }
    }
}

fn write_jobs(
    mut connection: Connection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    commits: &Commits,
    refusals: &Refusals,
) {
    while let Some(first) = waiting.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < JOBS_PER_COMMIT {
            match waiting.try_recv() {
                Ok(job) => jobs.push(job),
                Err(_empty_or_closed) => break,
            }
        }
        let (begun, written) = (Instant::now(), connection.total_changes());
        commits.begin();
        let failure = commit(&mut connection, &mut jobs, refusals).err().map(Arc::new);
        metrics::histogram!("lienthong_journal_commit_seconds").record(begun.elapsed().as_secs_f64());
        let wrote = failure.is_none() && connection.total_changes() > written;
        let refused = jobs.iter().find_map(|job| job.store_failure());
        let cause = failure.as_ref().map(ToString::to_string).or(refused);
        tell(commits.end(wrote, cause.is_some()), cause.as_deref().unwrap_or_default(), jobs.len());
        for job in jobs {
            job.finish(failure.as_ref());
        }
    }
}

/// One line per change: a store that goes on failing is told of at the debug level.
fn tell(turn: Turn, error: &str, jobs: usize) {
    match turn {
        Turn::Broke => {
            let (reason, runbook) = (reasons::STORE_FAILED, reasons::page(reasons::STORE_FAILED));
            tracing::error!(error, jobs, reason, runbook, "failed to write to the journal");
        }
        Turn::StillBroken => tracing::debug!(error, jobs, "failed to write to the journal again"),
        Turn::Same => {}
    }
}

fn commit(
    connection: &mut Connection,
    jobs: &mut [Box<dyn Job>],
    refusals: &Refusals,
) -> Result<(), rusqlite::Error> {
    let mut tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !do_together(&tx, jobs) {
        jobs.iter_mut().for_each(|job| job.forget());
        tx.rollback()?;
        tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        do_one_by_one(&tx, jobs)?;
    }
    refusals.allow()?;
    crash_point!("journal.before_commit");
    tx.commit()?;
    crash_point!("journal.after_commit");
    Ok(())
}

/// Does all jobs, until one fails; says whether none did.
fn do_together(tx: &Connection, jobs: &mut [Box<dyn Job>]) -> bool {
    together(|| {
        jobs.iter_mut().all(|job| {
            job.run(tx);
            !job.has_failed()
        })
    })
}

/// Does all jobs; what fails is taken back.
fn do_one_by_one(tx: &Connection, jobs: &mut [Box<dyn Job>]) -> Result<(), rusqlite::Error> {
    for job in jobs.iter_mut() {
        run(tx, "SAVEPOINT job")?;
        job.run(tx);
        if tx.is_autocommit() {
            // The store rolled everything back on its own (disk full, for one): nobody's work stands.
            return Err(rusqlite::Error::ExecuteReturnedResults);
        }
        if job.has_failed() {
            run(tx, "ROLLBACK TO job")?;
        }
        run(tx, "RELEASE job")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::sync_channel;

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (x INTEGER UNIQUE)").unwrap();
        Writer::start(connection, Arc::default()).unwrap()
    }

    #[tokio::test]
    async fn a_job_that_fails_leaves_its_neighbours_unharmed() {
        let writer = writer();
        let insert = |x: i64| {
            writer.write(move |tx| {
                tx.execute("INSERT INTO t VALUES (?1)", [x])?;
                if x == 2 { Err(Error::Missing("a reason to stay")) } else { Ok(x) }
            })
        };
        let (one, two, three) = tokio::join!(insert(1), insert(2), insert(3));
        assert!(one.is_ok() && two.is_err() && three.is_ok());
        let count: i64 = writer
            .write(|tx| Ok(tx.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?))
            .await
            .unwrap();
        assert_eq!(count, 2);
        writer.close();
    }

    #[tokio::test]
    async fn jobs_of_one_commit_are_done_again_one_by_one_when_one_fails() {
        let writer = writer();
        let runs = Arc::new(AtomicU32::new(0));
        let insert = |x: i64| {
            let runs = Arc::clone(&runs);
            move |tx: &Connection| {
                runs.fetch_add(1, Ordering::SeqCst);
                tx.execute("INSERT INTO t VALUES (?1)", [x])?;
                if x == 2 { Err(Error::Missing("a reason to stay")) } else { Ok(()) }
            }
        };
        // Holds the writer until the others wait for the commit after its own.
        let ((holds, held), (go, wait)) = (sync_channel::<()>(1), sync_channel::<()>(1));
        let holding = writer
            .hand_over(move |_tx| {
                let told = holds.send(()).is_ok() && wait.recv().is_ok();
                told.then_some(()).ok_or(Error::Missing("a word to go on"))
            })
            .await
            .unwrap();
        held.recv().unwrap();
        let mut waiting = Vec::new();
        for x in 1..=3 {
            waiting.push(writer.hand_over(insert(x)).await.unwrap());
        }
        go.send(()).unwrap();
        holding.written().await.unwrap();
        let mut ends = Vec::new();
        for written in waiting {
            ends.push(written.written().await);
        }
        assert!(matches!(ends.as_slice(), [Ok(()), Err(Error::Missing(_)), Ok(())]), "{ends:?}");
        let stored: Vec<i64> = writer
            .write(|tx| {
                Ok(tx
                    .prepare("SELECT x FROM t ORDER BY x")?
                    .query_map([], |row| row.get(0))?
                    .collect::<Result<_, _>>()?)
            })
            .await
            .unwrap();
        assert_eq!(stored, [1, 3]);
        assert_eq!(runs.load(Ordering::SeqCst), 5, "1 and 2 together, then 1, 2 and 3 one by one");
        writer.close();
    }
}
