//! Whether the journal can take more: disk, memory, and how its commits go.
//!
//! The writer notes each commit in [`Commits`]; intake and readiness ask [`Pressure`], often and without waiting; the core
//! decides (`pressure`). While the store is doubted a probe writes some pages each second: nothing else may want to write,
//! and little writes prove little. So it is found out that the store works again, and no person is needed.

use super::{Error, Journal, millis};
use crate::config::settings::Settings;
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::pressure::{Limits, Reading, Stop, judge};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes that a probe writes: more than may happen to be free inside a file that cannot grow.
const FILLING: i64 = 256 << 10;

/// What the system says: free disk and resident memory, in bytes.
pub(super) type Senses = Box<dyn Fn() -> (Option<u64>, Option<u64>) + Send + Sync>;

/// How commits go, noted by the writer.
#[derive(Default)]
pub(super) struct Commits(Mutex<Seen>);

#[derive(Clone, Copy, Default)]
struct Seen {
    begun: Option<Instant>,
    last: Duration,
    failing_since: Option<Instant>,
}

/// What a commit changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It failed, and the one before did not.
    Broke,
    /// It failed again.
    StillBroken,
    /// Nothing.
    Same,
}

impl Commits {
    /// A commit begins.
    pub(super) fn begin(&self) {
        guard(&self.0).begun = Some(Instant::now());
    }

    /// It ended. One that wrote nothing says nothing about the time that writing takes. A failure ends only with a probe:
    /// small writes may still find room in a file that cannot grow.
    pub(super) fn end(&self, wrote: bool, failed: bool) -> Turn {
        let mut seen = guard(&self.0);
        let took = seen.begun.take().map_or(Duration::ZERO, |begun| begun.elapsed());
        if wrote || took > seen.last {
            seen.last = took;
        }
        match (failed, seen.failing_since) {
            (true, None) => {
                seen.failing_since = Some(Instant::now());
                Turn::Broke
            }
            (true, Some(_)) => Turn::StillBroken,
            (false, Some(_) | None) => Turn::Same,
        }
    }

    /// A probe was written.
    fn heal(&self) {
        if guard(&self.0).failing_since.take().is_some() {
            tracing::info!("the journal can be written again");
        }
    }

    fn seen(&self) -> Seen {
        *guard(&self.0)
    }
}

/// Whether more may be taken in.
pub(super) struct Pressure {
    limits: Limits,
    senses: Senses,
    commits: Arc<Commits>,
    closed: Mutex<Option<(Stop, Instant)>>,
}

impl Pressure {
    pub(super) fn new(settings: &Settings, senses: Senses, commits: Arc<Commits>) -> Self {
        let limits = Limits {
            disk_floor: settings.journal.disk_floor,
            memory_ceiling: settings.intake.memory_ceiling,
            commit: settings.journal.commit_limit,
        };
        Self { limits, senses, commits, closed: Mutex::new(None) }
    }

    /// Whether intake may run now.
    pub(super) fn open(&self) -> Result<(), &'static str> {
        let (free, resident) = (self.senses)();
        gauge("lienthong_journal_disk_free_bytes", free);
        gauge("lienthong_memory_resident_bytes", resident);
        let seen = self.commits.seen();
        let under_way = seen.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        let mut closed = guard(&self.closed);
        let reading = Reading {
            free,
            resident,
            commit: seen.last.max(under_way),
            failing: seen.failing_since.map(|since| since.elapsed()),
            closed_for: closed.map_or(Duration::ZERO, |(_, since)| since.elapsed()),
        };
        let before = closed.map(|(stop, _)| stop);
        let now = judge(before, reading, self.limits);
        if now != before {
            *closed = now.map(|stop| (stop, Instant::now()));
        }
        now.map_or(Ok(()), |stop| Err(code(stop)))
    }

    /// Why the journal is not ready, if it is not: a store that fails is told at once, before intake gives up waiting.
    pub(super) fn trouble(&self) -> Option<&'static str> {
        let failing = self.commits.seen().failing_since.map(|_since| reasons::STORE_FAILED);
        failing.or_else(|| self.open().err())
    }

    fn is_store_doubted(&self) -> bool {
        let slow = matches!(*guard(&self.closed), Some((Stop::StoreSlow, _)));
        slow || self.commits.seen().failing_since.is_some()
    }
}

impl Journal {
    /// Writes while the store is doubted, to find out whether it works again.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self, now: Timestamp) -> Result<(), Error> {
        if !self.pressure.is_store_doubted() {
            return Ok(());
        }
        let fill = "INSERT INTO probe (id, at, filling) VALUES (1, ?1, zeroblob(?2))
             ON CONFLICT (id) DO UPDATE SET at = ?1, filling = zeroblob(?2)";
        let filled =
            move |tx: &Connection| Ok(tx.prepare_cached(fill)?.execute(params![millis(now), FILLING])?);
        self.writer.write(filled).await?;
        let clear = "UPDATE probe SET filling = NULL WHERE id = 1";
        self.writer.write(move |tx| Ok(tx.prepare_cached(clear)?.execute([])?)).await?;
        self.pressure.commits.heal();
        Ok(())
    }
}

/// Asks the system about the disk of the journal and the memory of this process.
pub(super) fn senses(journal: &Path) -> Senses {
    let folder = journal.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    Box::new(move || (free(&folder), resident()))
}

fn free(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Resident memory of this process; `None` where the system does not tell it, which is elsewhere than on Linux.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn code(stop: Stop) -> &'static str {
    match stop {
        Stop::StoreFailed => reasons::STORE_FAILED,
        Stop::DiskUnknown => reasons::DISK_UNKNOWN,
        Stop::DiskFull => reasons::DISK_FULL,
        Stop::StoreSlow => reasons::STORE_SLOW,
        Stop::Memory => reasons::MEMORY,
    }
}

fn gauge(name: &'static str, bytes: Option<u64>) {
    // In steps of 1 MiB: a number of them is exact in a gauge, whatever the disk.
    let mebibytes = bytes.and_then(|bytes| u32::try_from(bytes >> 20).ok());
    metrics::gauge!(name)
        .set(mebibytes.map_or(f64::NAN, |mebibytes| f64::from(mebibytes) * f64::from(1 << 20)));
}

/// A panic elsewhere leaves whole values here: each change is one assignment.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_probe_ends_a_failure() {
        let commits = Commits::default();
        let turn = |wrote, failed| {
            commits.begin();
            commits.end(wrote, failed)
        };
        assert_eq!(turn(true, false), Turn::Same);
        assert_eq!(turn(false, true), Turn::Broke);
        assert_eq!(turn(false, true), Turn::StillBroken);
        assert_eq!(turn(false, false), Turn::Same);
        assert!(commits.seen().failing_since.is_some());
        assert_eq!(turn(true, false), Turn::Same);
        assert!(commits.seen().failing_since.is_some());
        commits.heal();
        assert!(commits.seen().failing_since.is_none());
        assert_eq!(turn(false, true), Turn::Broke);
    }

    #[test]
    fn the_system_tells_disk_and_memory() {
        let folder = tempfile::tempdir().unwrap();
        let (free, resident) = senses(&folder.path().join("journal.db"))();
        assert!(free.is_some());
        assert!(resident.is_some_and(|bytes| bytes > 1 << 20), "{resident:?}");
        assert_eq!(super::free(&folder.path().join("none")), None);
    }
}
