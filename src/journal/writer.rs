//! The one writer of the journal: a thread that owns the only connection which writes.
//!
//! Jobs that wait while a commit is under way share the next one (group commit), and so do those that come while these are
//! done. Claims are done last: one finds what a batch of the same commit brings, and its calls wait for one commit, not for two.
//! On a disk whose commits are slow, one waits a little for company; on any other, nothing is delayed. Jobs are first done *together*, without savepoints, which keep a copy of every page that is changed in
//! them. When one fails, nothing of that stands, and they are done once more *one by one*, each in a savepoint of its own:
//! a job that fails then takes back what it wrote and leaves its neighbours unharmed. So a job may run twice: what it changes
//! beside the store must bear that, as whose turn it is does, and what it logs is said twice then.
//!
//! An answer is given only after the commit, which syncs the file (`synchronous = FULL`): `Ok` means *on disk*.

use super::Error;
use super::apart::{run, together};
use super::checkpoints::Checkpoints;
use super::pressure::{Commits, Turn};
use crate::reasons;
use rusqlite::{Connection, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Jobs in one commit at most: bounds how long the first one waits for the last.
const JOBS_PER_COMMIT: usize = 256;

/// Jobs that wait at most; producers wait beyond.
const WAITING_JOBS: usize = 1024;

/// A commit that takes this long is slow: whoever misses it waits long for the next.
const SLOW: Duration = Duration::from_millis(4);

/// How much of a slow commit's time the next one waits for company, which comes with the answers of the one before.
const COMPANY: u32 = 8;

/// Longest wait for company.
const MOST_COMPANY: Duration = Duration::from_millis(10);

trait Job: Send {
    fn comes_last(&self) -> bool;
    fn run(&mut self, connection: &Connection);
    fn forget(&mut self);
    fn has_failed(&self) -> bool;
    fn store_failure(&self) -> Option<String>;
    fn finish(self: Box<Self>, failure: Option<&Arc<rusqlite::Error>>);
}

struct Task<T, F> {
    work: F,
    comes_last: bool,
    result: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, Error> + Send,
{
    fn comes_last(&self) -> bool {
        self.comes_last
    }

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
    pub(super) fn start(
        connection: Connection,
        commits: Arc<Commits>,
        checkpoints: Option<Checkpoints>,
    ) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::channel(WAITING_JOBS);
        let refusals = Refusals::default();
        #[cfg(test)]
        let of_tests = refusals.clone();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_jobs(connection, waiting, &commits, checkpoints, &refusals))
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

    /// The same for work that finds what the others bring: it is done when nothing else waits.
    ///
    /// # Errors
    /// Those of `work`, or the commit's; nothing of it is in the store then.
    ///
    /// # Cancel safety
    /// Once the job is handed over it runs and is committed, whether or not the answer is awaited.
    pub(super) async fn write_last<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Error> + Send + 'static,
    {
        self.put(work, true).await?.written().await
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
        self.put(work, false).await
    }

    async fn put<T, F>(&self, work: F, comes_last: bool) -> Result<Written<T>, Error>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task { work, comes_last, result: None, reply };
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
    mut checkpoints: Option<Checkpoints>,
    refusals: &Refusals,
) {
    let mut company = Duration::ZERO;
    while let Some(first) = waiting.blocking_recv() {
        let mut jobs = vec![first];
        let (begun, written) = (Instant::now(), connection.total_changes());
        commits.begin();
        let failure =
            commit(&mut connection, &mut jobs, &mut waiting, &mut company, refusals).err().map(Arc::new);
        metrics::histogram!("lienthong_journal_commit_seconds").record(begun.elapsed().as_secs_f64());
        let wrote = failure.is_none() && connection.total_changes() > written;
        if wrote && let Some(checkpoints) = &mut checkpoints {
            checkpoints.note();
        }
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
    jobs: &mut Vec<Box<dyn Job>>,
    waiting: &mut mpsc::Receiver<Box<dyn Job>>,
    company: &mut Duration,
    refusals: &Refusals,
) -> Result<(), rusqlite::Error> {
    // Whoever waits shares the failure when somebody else holds the store.
    join(jobs, waiting);
    let mut tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !do_together(&tx, jobs, waiting, *company) {
        jobs.iter_mut().for_each(|job| job.forget());
        tx.rollback()?;
        tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        do_one_by_one(&tx, jobs)?;
    }
    refusals.allow()?;
    crash_point!("journal.before_commit");
    let begun = Instant::now();
    tx.commit()?;
    let took = begun.elapsed();
    *company = if took >= SLOW { (took / COMPANY).min(MOST_COMPANY) } else { Duration::ZERO };
    crash_point!("journal.after_commit");
    Ok(())
}

/// Does all jobs and those that join them meanwhile, until one fails; says whether none did.
fn do_together(
    tx: &Connection,
    jobs: &mut Vec<Box<dyn Job>>,
    waiting: &mut mpsc::Receiver<Box<dyn Job>>,
    mut company: Duration,
) -> bool {
    together(|| {
        let mut done = 0;
        loop {
            join(jobs, waiting);
            let next = jobs.iter().skip(done).position(|job| !job.comes_last());
            if next.is_none() && !company.is_zero() && jobs.len() < JOBS_PER_COMMIT {
                wait_for_company(std::mem::take(&mut company));
                continue;
            }
            if let Some(next) = next {
                jobs.swap(done, done + next);
            }
            let Some(job) = jobs.get_mut(done) else { return true };
            job.run(tx);
            if job.has_failed() {
                return false;
            }
            done += 1;
        }
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the writer is a thread of its own; whoever comes meanwhile waits in its channel"
)]
fn wait_for_company(company: Duration) {
    std::thread::sleep(company);
}

/// Takes the jobs that wait into the commit.
fn join(jobs: &mut Vec<Box<dyn Job>>, waiting: &mut mpsc::Receiver<Box<dyn Job>>) {
    while jobs.len() < JOBS_PER_COMMIT {
        match waiting.try_recv() {
            Ok(job) => jobs.push(job),
            Err(_empty_or_closed) => return,
        }
    }
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
