//! What a run stands on: one private broker for all, and for each run a virtual host, stand-ins, a journal's folder.

use super::process::{Process, Usage, machine_busy};
use super::publisher::Publisher;
use super::standin::{Standin, ask};
use crate::standin::Accounts;
use anyhow::{Context as _, Result, bail};
use lienthong::config::Settings;
use private_broker::Broker;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::{Instant, interval};

/// A start opens a journal, connects and declares.
const READY: Duration = Duration::from_secs(60);

/// How much longer each sync takes on the slow disk of a scenario.
const SLOW_SYNC: &str = "inject=fdatasync,fsync:delay_exit=10000";

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// The gateway.
    Gateway,
    /// The relay that keeps nothing.
    Relay,
}

impl Side {
    /// The sides of a pair; who begins alternates.
    pub(crate) fn of_pair(pair: u16) -> [Self; 2] {
        if pair.is_multiple_of(2) { [Self::Gateway, Self::Relay] } else { [Self::Relay, Self::Gateway] }
    }

    /// Name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Relay => "relay",
        }
    }
}

/// The disk under the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disk {
    /// As it is.
    Plain,
    /// Each sync takes 10 ms longer.
    Slow,
}

/// What all runs share.
pub(crate) struct Stage {
    broker: Broker,
    /// `target/bench`.
    pub(crate) folder: PathBuf,
    program: PathBuf,
}

impl Stage {
    /// Starts the broker.
    pub(crate) async fn set(folder: PathBuf) -> Result<Self> {
        let own = std::env::current_exe()?;
        let program = own.parent().context("this program lies in a folder")?.join("lienthong");
        if !program.is_file() {
            bail!("{} is missing; `make bench` builds it", program.display());
        }
        std::fs::create_dir_all(&folder)?;
        Ok(Self { broker: Broker::start().await?, folder, program })
    }

    /// Version of the broker.
    pub(crate) async fn broker_version(&self) -> Result<String> {
        Ok(self.broker.ctl(&["version"]).await?.trim().to_owned())
    }

    /// Prepares a run: a queue, stand-ins and an empty folder of its own.
    pub(crate) async fn run(&self, concurrency: usize) -> Result<Run> {
        let vhost = self.broker.new_vhost().await?;
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(&self.folder)?;
        let config = include_str!("gateway.toml").replace("@CONCURRENCY@", &concurrency.to_string());
        std::fs::write(folder.path().join("gateway.toml"), config)?;
        std::fs::write(folder.path().join("agencies.toml"), include_str!("agencies.toml"))?;
        Ok(Run {
            publisher: Publisher::connect(&vhost.url).await?,
            standin: Standin::start().await?,
            admin: free_address()?,
            amqp_url: vhost.url,
            program: self.program.clone(),
            folder,
        })
    }

    /// Ends the broker.
    pub(crate) async fn strike(self) -> Result<()> {
        self.broker.shutdown().await
    }
}

/// Default concurrency of an account.
pub(crate) const CONCURRENCY: usize = 8;

/// One run's surroundings.
pub(crate) struct Run {
    pub(crate) publisher: Publisher,
    pub(crate) standin: Standin,
    admin: SocketAddr,
    amqp_url: String,
    program: PathBuf,
    folder: TempDir,
}

/// Who is measured, while it runs.
pub(crate) struct Subject {
    pub(crate) process: Process,
    side: Side,
    busy: f64,
}

/// What a run has cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Of the gateway or relay.
    pub(crate) own: Usage,
    /// Seconds of the stand-ins.
    pub(crate) standins: f64,
    /// Seconds of everything else on the machine, the broker above all; from the start of the gateway or relay.
    pub(crate) others: f64,
    /// Commits, and the seconds that they took.
    pub(crate) commits: Option<(f64, f64)>,
}

impl Run {
    /// Starts the gateway or the relay.
    pub(crate) fn start(&self, side: Side, disk: Disk) -> Result<Subject> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = match (side, disk) {
            (Side::Gateway, Disk::Plain) => Command::new(&self.program),
            (Side::Gateway, Disk::Slow) => self.traced(),
            (Side::Relay, _) => Command::new(std::env::current_exe()?),
        };
        let role = match side {
            Side::Gateway => "run",
            Side::Relay => "relay",
        };
        command.arg(role).arg("--config").arg(self.config()).envs(self.variables());
        command.stdout(log.try_clone()?).stderr(log);
        Ok(Subject { busy: machine_busy()?, process: Process::start(side.name(), &mut command)?, side })
    }

    /// The gateway on a slow disk: the tracer is a grandchild (`-D`), so that the process that was started is the gateway
    /// itself, and it stops the gateway at syncs and nowhere else (`--seccomp-bpf`).
    fn traced(&self) -> Command {
        let mut command = Command::new("strace");
        command.args(["-D", "-f", "--seccomp-bpf", "-qqq", "-o", "/dev/null"]);
        command.args(["-e", "trace=fdatasync,fsync", "-e", SLOW_SYNC]).arg(&self.program);
        command
    }

    /// Waits until the gateway says that it is ready, or the relay consumes.
    pub(crate) async fn ready(&self, subject: &mut Subject) -> Result<()> {
        let end = Instant::now() + READY;
        let mut beat = interval(Duration::from_millis(20));
        loop {
            beat.tick().await;
            subject.process.is_alive().with_context(|| self.last_words())?;
            let ready = match subject.side {
                Side::Gateway => ask(self.admin, "GET", "/ready").await.is_ok(),
                Side::Relay => self.publisher.queue().await?.consumers > 0,
            };
            if ready {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("the {} was not ready within {READY:?}: {}", subject.side.name(), self.last_words());
            }
        }
    }

    /// A number among the gateway's metrics, summed over its labels.
    pub(crate) async fn metric(&self, name: &str) -> Result<f64> {
        let text = String::from_utf8(ask(self.admin, "GET", "/metrics").await?)?;
        let lines = text.lines().filter_map(|line| line.strip_prefix(name));
        let lines = lines.filter(|rest| rest.starts_with([' ', '{']));
        Ok(lines.filter_map(|rest| rest.rsplit_once(' ')?.1.parse::<f64>().ok()).sum())
    }

    /// Commits that the gateway made so far, and the seconds that they took, as it says itself; nothing of the relay.
    async fn commits(&self, side: Side) -> Result<Option<(f64, f64)>> {
        if side == Side::Relay {
            return Ok(None);
        }
        let commits = self.metric("lienthong_journal_commit_seconds_count").await?;
        Ok(Some((commits, self.metric("lienthong_journal_commit_seconds_sum").await?)))
    }

    /// Calls one of the gateway's commands.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.config()).args(arguments).envs(self.variables()).kill_on_drop(true);
        let output = command.output().await?;
        if !output.status.success() {
            bail!("`lienthong {}` failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// What the run has cost so far.
    pub(crate) async fn cost(&self, subject: &Subject) -> Result<Cost> {
        let own = subject.process.usage()?;
        let standins = self.standin.process.usage()?.cpu;
        let others = machine_busy()? - subject.busy - own.cpu - standins;
        Ok(Cost { own, standins, others: others.max(0.0), commits: self.commits(subject.side).await? })
    }

    /// Ends the gateway or relay; the queue must be empty then, unless something is to stay in it.
    pub(crate) async fn stop(&self, subject: Subject) -> Result<()> {
        let side = subject.side;
        let status = subject.process.stop().await?;
        if side == Side::Gateway && !status.success() {
            bail!("the gateway ended with {status}: {}", self.last_words());
        }
        Ok(())
    }

    /// Ends what is left; the folder goes unless something was wrong.
    pub(crate) async fn close(self, well: bool) -> Result<()> {
        self.standin.process.stop().await?;
        self.publisher.close().await?;
        if well {
            self.folder.close().context("failed to remove the folder of a run")
        } else {
            super::say(&format!("    journal and log are kept in {}", self.folder.keep().display()));
            Ok(())
        }
    }

    /// The settings that the gateway would read.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let variables = self.variables();
        let value =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        let settings = lienthong::config::load_with(&self.config(), &value);
        settings.map_err(|problems| anyhow::anyhow!("{problems}"))
    }

    /// The folder of the run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The journal's file.
    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.db")
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("gateway.toml")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/tables");
        vec![
            ("BENCH_TABLES", tables.display().to_string()),
            ("BENCH_AMQP_URL", self.amqp_url.clone()),
            ("BENCH_DATA", self.folder.path().display().to_string()),
            ("BENCH_ADMIN_PORT", self.admin.port().to_string()),
            ("BENCH_PORTAL_URL", format!("http://{}", self.standin.addresses.portal)),
            ("BENCH_POST_URL", format!("http://{}", self.standin.addresses.post)),
            ("BENCH_SECRET", Accounts::default().secret),
        ]
    }

    /// The end of the log, for errors.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.iter().skip(lines.len().saturating_sub(12));
        last.fold(String::new(), |words, line| words + "\n  " + line)
    }
}

/// A port on loopback that is free now, below those that outgoing connections get.
fn free_address() -> Result<SocketAddr> {
    for _ in 0..1_000 {
        let address = SocketAddr::from(([127, 0, 0, 1], rand::random_range(10_000..20_000)));
        if std::net::TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port between 10000 and 20000")
}
