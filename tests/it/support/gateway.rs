//! The gateway as a child process: started, asked, killed, stopped.

use super::{DEADLINE, get};
use serde_json::Value;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::Instant;

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
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(arguments).arg("--config").arg(folder.join("gateway.toml"));
    command.env_clear().current_dir(folder).kill_on_drop(true).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(super) async fn output(folder: &Path, arguments: &[&str]) -> Output {
    let output = tokio::time::timeout(DEADLINE, command(folder, arguments).output()).await;
    output.expect("a command ends").unwrap()
}

impl Gateway {
    pub(super) fn spawn(folder: &Path, number: usize) -> Self {
        let log = folder.join(format!("gateway-{number}.log"));
        let file = File::create(&log).unwrap();
        let mut command = command(folder, &["run"]);
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

    /// Asks the listener for health and metrics; `None` while there is none.
    pub(crate) async fn ask(&mut self, path: &str) -> Option<(u16, Value)> {
        if self.admin.is_none() {
            self.admin = self.lines().iter().find_map(|line| line["admin"].as_str()?.parse().ok());
        }
        get(self.admin?, path).await
    }

    /// Kills it with signal 9: no goodbye to anybody.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
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

    /// A number of kibibytes from `/proc/<pid>/status`, such as `VmRSS`.
    pub(crate) fn memory(&self, name: &str) -> u64 {
        let process = self.child.id().expect("the gateway runs");
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }
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
