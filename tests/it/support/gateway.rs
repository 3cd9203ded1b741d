//! The gateway as a child process: started, asked, killed, stopped.

use super::{DEADLINE, Journal, get, until};
use serde_json::Value;
use std::fs::{DirEntry, File};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::Instant;

/// Signal of a process that ended itself.
pub(crate) const ABORTED: i32 = 6;

/// Lines of the log that a failing test shows.
const SHOWN: usize = 60;

/// A gateway that runs, or ran; it ends when this is dropped.
pub(crate) struct Gateway {
    child: Child,
    log: PathBuf,
    admin: Option<SocketAddr>,
}

/// The binary with its configuration; the environment is empty, so that nothing of the machine decides.
pub(super) fn command(folder: &Path, arguments: &[&str]) -> Command {
    complete(Command::new(env!("CARGO_BIN_EXE_lienthong")), folder, arguments)
}

/// `run` with every write and every sync of every thread in a trace. The tracer is no parent: the child is the gateway.
fn traced(folder: &Path, trace: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-yy", "-xx", "-s", "1000000", "-e", "signal=none", "-e"]);
    command.arg("trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync").arg("-o").arg(trace);
    command.arg(env!("CARGO_BIN_EXE_lienthong"));
    complete(command, folder, &["run"])
}

fn complete(mut command: Command, folder: &Path, arguments: &[&str]) -> Command {
    command.args(arguments).arg("--config").arg(folder.join("gateway.toml"));
    command.env_clear().current_dir(folder).kill_on_drop(true).stdin(Stdio::null());
    // A sabotage of the test is one of the gateway that it tests (`make sabotage`).
    #[expect(clippy::disallowed_methods, reason = "a test's switch is no configuration")]
    command.envs(std::env::var("LIENTHONG_SABOTAGE").map(|off| ("LIENTHONG_SABOTAGE", off)));
    command
}

/// Runs a command to its end.
pub(super) async fn output(folder: &Path, arguments: &[&str], crash_at: Option<&str>) -> Output {
    let mut command = command(folder, arguments);
    command.envs(crash_at.map(|spot| ("LIENTHONG_CRASH_AT", spot)));
    let output = tokio::time::timeout(DEADLINE, command.output()).await;
    output.expect("a command ends").unwrap()
}

/// Runs a command to its end, where no world is needed.
pub(crate) async fn ended(folder: &Path, arguments: &[&str]) -> Output {
    output(folder, arguments, None).await
}

impl Gateway {
    /// Starts it; it dies at a crash point if one is given (`src/proof.rs`).
    pub(super) fn spawn(folder: &Path, number: usize, crash_at: Option<&str>) -> Self {
        let mut command = command(folder, &["run"]);
        command.envs(crash_at.map(|spot| ("LIENTHONG_CRASH_AT", spot)));
        Self::start(folder, number, command)
    }

    /// Starts it under a tracer, which writes what it sees to a file.
    ///
    /// # Panics
    /// When there is no strace; where tracing is forbidden, the gateway ends at once.
    pub(super) fn spawn_traced(folder: &Path, number: usize, trace: &Path) -> Self {
        Self::start(folder, number, traced(folder, trace))
    }

    /// Starts it under a service manager, who is told at this socket and wants a sign of life within this time.
    pub(super) fn spawn_managed(folder: &Path, number: usize, socket: &Path, watchdog: Duration) -> Self {
        let mut command = command(folder, &["run"]);
        command.env("NOTIFY_SOCKET", socket).env("WATCHDOG_USEC", watchdog.as_micros().to_string());
        Self::start(folder, number, command)
    }

    fn start(folder: &Path, number: usize, mut command: Command) -> Self {
        let log = folder.join(format!("gateway-{number}.log"));
        let file = File::create(&log).unwrap();
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { child, log, admin: None }
    }

    /// Waits until broker and journal are ready.
    pub(crate) async fn ready(&mut self) {
        self.until_readiness(200).await;
    }

    /// Waits until `/ready` answers with this status, and gives the answer.
    pub(crate) async fn until_readiness(&mut self, wanted: u16) -> Value {
        let end = Instant::now() + DEADLINE;
        loop {
            if let Some((status, body)) = self.ask("/ready").await
                && status == wanted
            {
                return body;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the gateway has ended with {status}");
            }
            assert!(Instant::now() < end, "/ready does not answer {wanted}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Where its admin listener is, once it was asked anything.
    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin.expect("it was ready")
    }

    /// Asks the listener for health and metrics; `None` while there is none.
    pub(crate) async fn ask(&mut self, path: &str) -> Option<(u16, Value)> {
        if self.admin.is_none() {
            self.admin = self.lines().iter().find_map(|line| line["admin"].as_str()?.parse().ok());
        }
        get(self.admin?, path).await
    }

    /// Where page, API, health and metrics are; it must be ready.
    pub(crate) async fn address(&mut self) -> SocketAddr {
        self.ready().await;
        self.admin.expect("what is ready has told where it listens")
    }

    /// Waits until it is ready, or dead: some crash points lie in the start.
    pub(crate) async fn ready_or_dead(&mut self) {
        let end = Instant::now() + DEADLINE;
        while self.runs() {
            if self.ask("/ready").await.is_some_and(|(status, _)| status == 200) {
                return;
            }
            assert!(Instant::now() < end, "the gateway is neither ready nor dead");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether the process runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it has died at its crash point, and gives the point's last words: its name and details.
    pub(crate) async fn last_words(&mut self) -> String {
        let status = self.end().await;
        let words = last_words(&self.log());
        assert!(status.signal() == Some(ABORTED) && words.is_some(), "it ended with {status}: {words:?}");
        words.unwrap_or_default()
    }

    /// Kills it with signal 9: no goodbye to anybody.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Kills it while nothing is under way, as its journal says: no partner has a call of it, and nothing is in doubt
    /// afterwards. It stands still while the journal is looked at, so that what was seen holds.
    pub(crate) async fn kill_at_rest(self, journal: &Journal) {
        let end = Instant::now() + DEADLINE;
        loop {
            self.signal("-STOP");
            until("it stands still", DEADLINE, || self.stands_still()).await;
            if journal.is_at_rest() {
                return self.kill().await;
            }
            self.signal("-CONT");
            assert!(Instant::now() < end, "something is always under way");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether each of its threads is stopped.
    fn stands_still(&self) -> bool {
        let process = self.child.id().expect("the gateway runs");
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
        let state =
            |thread: std::io::Result<DirEntry>| std::fs::read_to_string(thread.unwrap().path().join("stat"));
        // The name in brackets may have blanks; the state follows it.
        threads.map(state).all(|stat| {
            stat.is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T')))
        })
    }

    /// Asks it to end with SIGTERM, and expects it to end well.
    pub(crate) async fn stop(mut self) {
        let status = self.terminate().await;
        assert!(status.success(), "the gateway has ended with {status}");
    }

    async fn terminate(&mut self) -> ExitStatus {
        self.signal("-TERM");
        self.end().await
    }

    /// Asks it with SIGHUP to read its secrets again.
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let process = self.child.id().expect("the gateway runs").to_string();
        let told = std::process::Command::new("kill").args([signal, &process]).status().unwrap();
        assert!(told.success());
    }

    /// Waits for its end.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        tokio::time::timeout(DEADLINE, self.child.wait()).await.expect("the gateway ends").unwrap()
    }

    /// Its log as it was written.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// The lines of its log, as far as they are JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// How often a line was logged.
    pub(crate) fn said(&self, message: &str) -> usize {
        self.lines().iter().filter(|line| line["message"] == message).count()
    }

    /// A file of its process, such as `cmdline`.
    pub(crate) fn process_file(&self, name: &str) -> String {
        let process = self.child.id().expect("the gateway runs");
        String::from_utf8_lossy(&std::fs::read(format!("/proc/{process}/{name}")).unwrap()).into_owned()
    }

    /// A number of kibibytes from `/proc/<pid>/status`, such as `VmRSS`.
    pub(crate) fn memory(&self, name: &str) -> u64 {
        let process = self.child.id().expect("the gateway runs");
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }
}

/// What a crash point said before it ended the process.
pub(crate) fn last_words(output: &str) -> Option<String> {
    output.lines().find_map(|line| line.strip_prefix("lienthong-crash-point ")).map(str::to_owned)
}

/// Shows the end of the log when the test is failing.
impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let shown = lines.split_at(lines.len().saturating_sub(SHOWN)).1.join("\n");
            println!("--- {} (last {SHOWN} of {} lines)\n{shown}", self.log.display(), lines.len());
        }
    }
}
