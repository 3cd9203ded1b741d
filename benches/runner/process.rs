//! Processes that the runner started: what they used, and their end, by their id.

use crate::clock;
use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// For an end that was asked for: the gateway's grace and a checkpoint of a large journal.
const ENDED: Duration = Duration::from_secs(60);

/// A process that ends with this value, at the latest.
pub(crate) struct Process {
    name: &'static str,
    pub(crate) child: Child,
    id: u32,
    /// When it was started.
    pub(crate) started: u64,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// User and system time of all its threads, in seconds.
    pub(crate) cpu: f64,
    /// Highest resident memory, in KiB.
    pub(crate) peak: u32,
    /// Resident memory now, in KiB.
    pub(crate) resident: u32,
}

impl Process {
    /// Starts a process; its standard input stays open for as long as it may run.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::piped()).kill_on_drop(true).process_group(0);
        let started = clock::now();
        let child = command.spawn().with_context(|| format!("failed to start {name}"))?;
        let id = child.id().context("a process that has just begun has an id")?;
        Ok(Self { name, child, id, started })
    }

    /// An error when it ended on its own.
    pub(crate) fn is_alive(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended on its own with {status}", self.name),
        }
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> Result<Usage> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id))
            .with_context(|| format!("{} is gone", self.name))?;
        let number = |name: &str| -> Option<u32> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().ok()
        };
        Ok(Usage {
            cpu: self.cpu()?,
            peak: number("VmHWM").context("a process has a peak of memory")?,
            resident: number("VmRSS").context("a process has resident memory")?,
        })
    }

    /// Fields 14 and 15 of `/proc/<id>/stat` (proc(5)), counted behind the name, which may hold anything.
    fn cpu(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id))?;
        let (_, fields) = stat.rsplit_once(')').context("a stat line has a name")?;
        let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u32>().ok());
        let a_second = u32::try_from(rustix::param::clock_ticks_per_second())?;
        Ok(ticks.map(f64::from).sum::<f64>() / f64::from(a_second))
    }

    /// Asks it to end and waits: SIGTERM, and no more input.
    pub(crate) async fn stop(mut self) -> Result<ExitStatus> {
        self.is_alive()?;
        drop(self.child.stdin.take());
        self.signal(Signal::TERM)?;
        let Ok(ended) = timeout(ENDED, self.child.wait()).await else {
            self.child.kill().await?;
            bail!("{} did not end within {ENDED:?} and was killed", self.name);
        };
        ended.context("failed to wait for the end of a process")
    }

    /// Ends it at once: signal 9.
    pub(crate) async fn kill(mut self) -> Result<()> {
        self.is_alive()?;
        self.child.kill().await.context("failed to kill a process")
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = Pid::from_raw(i32::try_from(self.id)?).context("a process id is not zero")?;
        kill_process(id, signal).with_context(|| format!("failed to signal {}", self.name))
    }
}

/// Seconds that all cores of the machine have worked since it started.
pub(crate) fn machine_busy() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().context("/proc/stat has a first line")?;
    let ticks: Vec<f64> = line.split_whitespace().skip(1).filter_map(|ticks| ticks.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal.
    let busy = [0, 1, 2, 5, 6].into_iter().filter_map(|field| ticks.get(field)).sum::<f64>();
    Ok(busy / f64::from(u32::try_from(rustix::param::clock_ticks_per_second())?))
}
