//! The gateway as a child process, and its commands.
//!
//! The program is the one beside this example: `target/<profile>/lienthong`. Its configuration is `config/demo.toml`,
//! whose variables are set here; a small script in the demo's folder sets them for people, too.

use crate::member::Password;
use crate::stage::address;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval, timeout};

/// A start opens an empty journal and connects; a drain has `grace` in the configuration. All of it takes a second or
/// two, and several times that beside whatever else the machine does.
const READY: Duration = Duration::from_secs(60);
const STOPPED: Duration = Duration::from_secs(60);
const COMMAND: Duration = Duration::from_secs(60);

/// Health and metrics, of which there are some hundred lines.
const ANSWER: u64 = 1024 * 1024;

/// What the gateway is told of its surroundings.
pub(crate) struct Surroundings {
    pub(crate) folder: PathBuf,
    pub(crate) amqp_url: String,
    pub(crate) portal_url: String,
    pub(crate) post_url: String,
    pub(crate) secret: &'static str,
}

/// The gateway.
pub(crate) struct Gateway {
    child: Child,
    program: PathBuf,
    config: PathBuf,
    folder: PathBuf,
    admin_port: u16,
    password: String,
    variables: Vec<(&'static str, String)>,
}

impl Gateway {
    /// Starts it and waits until `/ready` says yes.
    pub(crate) async fn start(around: Surroundings) -> Result<Self> {
        let program = program()?;
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo.toml");
        let admin_port = address().await?.port();
        let password = Password::new(&program).await?;
        let variables = vec![
            ("DEMO_AMQP_URL", around.amqp_url),
            ("DEMO_DATA", around.folder.display().to_string()),
            ("DEMO_ADMIN_PORT", admin_port.to_string()),
            ("DEMO_PORTAL_URL", around.portal_url),
            ("DEMO_POST_URL", around.post_url),
            ("DEMO_SECRET", around.secret.to_owned()),
            ("DEMO_USER_PASSWORD", password.hash),
        ];
        let folder = around.folder;
        let log = File::create(folder.join("gateway.log"))?;
        let mut command = Command::new(&program);
        command.args(["run", "--config"]).arg(&config).envs(variables.iter().cloned());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true).process_group(0);
        let child = command.spawn().with_context(|| format!("failed to start {}", program.display()))?;
        let password = password.text;
        let mut gateway = Self { child, program, config, folder, admin_port, password, variables };
        gateway.write_command()?;
        gateway.until_ready().await?;
        Ok(gateway)
    }

    /// Base URL of page, health and metrics.
    pub(crate) fn admin(&self) -> String {
        format!("http://127.0.0.1:{}", self.admin_port)
    }

    /// What the page's user logs in with.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.folder.join("gateway.log")
    }

    pub(crate) fn config_file(&self) -> &Path {
        &self.config
    }

    /// A script that calls the program with this demo's configuration.
    pub(crate) fn command_file(&self) -> PathBuf {
        self.folder.join("lienthong")
    }

    /// What one of its commands answers in JSON.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(&self.config).arg("--json").args(arguments);
        command.envs(self.variables.iter().cloned()).stdin(Stdio::null()).kill_on_drop(true);
        let name = arguments.join(" ");
        let output =
            timeout(COMMAND, command.output()).await.with_context(|| format!("`{name}` took too long"))??;
        if !output.status.success() {
            bail!("`{name}` ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("`{name}` did not answer in JSON"))
    }

    /// A counter of its metrics, by name and labels; 0 before it first counted.
    pub(crate) async fn metric(&self, name: &str) -> Result<u64> {
        let answer = timeout(COMMAND, self.get("/metrics")).await.context("the metrics took too long")??;
        let value = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(Ok(0), |value| value.parse().with_context(|| format!("{name} is {value:?}")))
    }

    /// Asks it to drain and end.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let Some(id) = self.child.id() else { bail!("the gateway ended on its own; see its log") };
        let killed = Command::new("kill").args(["-TERM", &id.to_string()]).status().await;
        if !killed.context("failed to call kill")?.success() {
            bail!("the gateway could not be asked to stop");
        }
        match timeout(STOPPED, self.child.wait()).await {
            Ok(ended) if ended.as_ref().is_ok_and(std::process::ExitStatus::success) => Ok(()),
            Ok(ended) => bail!("the gateway ended with {}", ended?),
            Err(_late) => {
                self.child.kill().await?;
                bail!("the gateway did not end within {STOPPED:?} and was killed: {}", self.last_words())
            }
        }
    }

    async fn until_ready(&mut self) -> Result<()> {
        let end = Instant::now() + READY;
        let mut beat = interval(Duration::from_millis(50));
        loop {
            beat.tick().await;
            if let Some(status) = self.child.try_wait()? {
                bail!("the gateway ended with {status}: {}", self.last_words());
            }
            if self.is_ready().await.unwrap_or(false) {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("the gateway was not ready within {READY:?}: {}", self.last_words());
            }
        }
    }

    async fn is_ready(&self) -> std::io::Result<bool> {
        Ok(self.get("/ready").await?.starts_with("HTTP/1.1 200"))
    }

    /// What the admin listener answers, head and body.
    async fn get(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.admin_port)).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(ANSWER).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.iter().skip(lines.len().saturating_sub(12));
        last.fold(String::new(), |words, line| words + "\n  " + line)
    }

    fn write_command(&self) -> Result<()> {
        let exports = self.variables.iter().map(|(name, value)| format!("export {name}='{value}'\n"));
        let (program, config) = (self.program.display(), self.config.display());
        let exports: String = exports.collect();
        let script = format!("#!/bin/sh\n{exports}exec '{program}' --config '{config}' \"$@\"\n");
        std::fs::write(self.command_file(), script)?;
        std::fs::set_permissions(self.command_file(), Permissions::from_mode(0o700))?;
        Ok(())
    }
}

/// `target/<profile>/examples/demo` → `target/<profile>/lienthong`.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let program = own.ancestors().nth(2).context("this example lies in no target folder")?.join("lienthong");
    if !program.is_file() {
        bail!(
            "{} is missing; `cargo build --bin lienthong` makes it, and so does `make demo`",
            program.display()
        );
    }
    Ok(program)
}
