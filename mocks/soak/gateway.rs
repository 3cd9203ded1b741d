//! The gateway as a child process that is killed, stopped and started again; and its commands.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, interval, timeout};

/// A start recovers what was open and reaches the broker, if there is one.
const READY: Duration = Duration::from_secs(60);
/// A drain has `grace` in the configuration, and the journal may be locked meanwhile.
const STOPPED: Duration = Duration::from_secs(30);
const COMMAND: Duration = Duration::from_secs(40);

/// The usual free disk below which intake stops, and one that no disk has.
pub(crate) const USUAL_FLOOR: &str = "16MiB";
pub(crate) const ENDLESS_FLOOR: &str = "4000000GiB";

/// A process this young may not listen for signals yet: SIGTERM ends it then as it ends any program.
const YOUNG: Duration = Duration::from_secs(3);
const SIGTERM: i32 = 15;

/// How the log ends when a start finds the journal locked.
const LOCKED: &str = "database is locked: Error code 5: database is locked";

/// What the gateway is told of its surroundings.
pub(crate) struct Surroundings {
    pub(crate) folder: PathBuf,
    pub(crate) amqp_url: String,
    pub(crate) admin_port: u16,
    pub(crate) portal_url: String,
    pub(crate) post_url: String,
    pub(crate) secret: &'static str,
}

/// Resident memory in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// When it was last looked at.
    pub(crate) now: u64,
    /// Highest of all processes so far.
    pub(crate) highest: u64,
}

/// The gateway.
pub(crate) struct Gateway {
    running: Mutex<Running>,
    program: PathBuf,
    config: PathBuf,
    folder: PathBuf,
    admin_port: u16,
    variables: Vec<(&'static str, String)>,
}

#[derive(Default)]
struct Running {
    child: Option<Child>,
    memory: Memory,
    locked_starts: u32,
    started: Option<Instant>,
}

/// The right to stop the gateway and to start it again.
pub(crate) struct Hold<'a> {
    gateway: &'a Gateway,
    running: MutexGuard<'a, Running>,
}

impl Gateway {
    pub(crate) fn new(around: Surroundings) -> Result<Self> {
        // Copies: what is built or edited meanwhile must not change a soak that goes on.
        let program = around.folder.join("lienthong");
        std::fs::copy(built()?, &program).context("failed to copy the gateway")?;
        let config = around.folder.join("gateway.toml");
        std::fs::write(&config, include_str!("gateway.toml"))?;
        let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/tables");
        let variables = vec![
            ("SOAK_TABLES", tables.display().to_string()),
            ("SOAK_AMQP_URL", around.amqp_url),
            ("SOAK_DATA", around.folder.display().to_string()),
            ("SOAK_ADMIN_PORT", around.admin_port.to_string()),
            ("SOAK_PORTAL_URL", around.portal_url),
            ("SOAK_POST_URL", around.post_url),
            ("SOAK_SECRET", around.secret.to_owned()),
        ];
        Ok(Self {
            running: Mutex::default(),
            program,
            config,
            folder: around.folder,
            admin_port: around.admin_port,
            variables,
        })
    }

    /// Starts it; it may not be ready yet.
    pub(crate) async fn start(&self) -> Result<()> {
        self.hold().await.start(USUAL_FLOOR)
    }

    /// Nobody else stops or starts it meanwhile.
    pub(crate) async fn hold(&self) -> Hold<'_> {
        Hold { gateway: self, running: self.running.lock().await }
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.folder.join("gateway.log")
    }

    pub(crate) fn journal_file(&self) -> PathBuf {
        self.folder.join("journal.db")
    }

    /// Starts that ended because the journal was locked.
    pub(crate) async fn locked_starts(&self) -> u32 {
        self.running.lock().await.locked_starts
    }

    /// Memory as last seen.
    pub(crate) async fn memory(&self) -> Memory {
        self.running.lock().await.memory
    }

    /// Looks at its memory, and whether it lives; while somebody holds it, it may be dead.
    pub(crate) async fn look(&self) -> Result<()> {
        let mut hold = self.hold().await;
        hold.start_again_after_a_lock()?;
        let running = &mut *hold.running;
        let Some(child) = &mut running.child else { return Ok(()) };
        if let Some(status) = child.try_wait()? {
            bail!("the gateway ended on its own with {status}: {}", self.last_words());
        }
        let Some(process) = child.id() else { return Ok(()) };
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let number = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().ok()
        };
        if let (Some(now), Some(highest)) = (number("VmRSS"), number("VmHWM")) {
            running.memory = Memory { now, highest: running.memory.highest.max(highest) };
        }
        Ok(())
    }

    /// What one of its commands answers in JSON; an error when it fails.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = self.command();
        command.arg("--json").args(arguments).stdin(Stdio::null());
        let name = arguments.iter().take(3).copied().collect::<Vec<_>>().join(" ");
        let output =
            timeout(COMMAND, command.output()).await.with_context(|| format!("`{name}` took too long"))??;
        if !output.status.success() {
            bail!("`{name}` ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("`{name}` did not answer in JSON"))
    }

    /// Waits until `/ready` says yes.
    pub(crate) async fn until_ready(&self) -> Result<()> {
        let end = Instant::now() + READY;
        let mut beat = interval(Duration::from_millis(50));
        while !self.is_ready().await.unwrap_or(false) {
            beat.tick().await;
            self.look().await?;
            if Instant::now() > end {
                bail!("the gateway was not ready within {READY:?}: {}", self.last_words());
            }
        }
        Ok(())
    }

    /// Ends it for good.
    pub(crate) async fn stop(&self) -> Result<()> {
        self.hold().await.stop().await
    }

    async fn is_ready(&self) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.admin_port)).await?;
        stream.write_all(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.take(64 * 1024).read_to_end(&mut answer).await?;
        Ok(answer.starts_with(b"HTTP/1.1 200"))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(&self.config).envs(self.variables.iter().cloned());
        command.env("SOAK_DISK_FLOOR", USUAL_FLOOR).kill_on_drop(true);
        command
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.iter().skip(lines.len().saturating_sub(12));
        last.fold(String::new(), |words, line| words + "\n  " + line)
    }
}

impl Hold<'_> {
    /// Starts the gateway with a floor of its disk.
    pub(crate) fn start(&mut self, floor: &str) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.gateway.log_file())?;
        let mut command = self.gateway.command();
        command.arg("run").env("SOAK_DISK_FLOOR", floor);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        self.running.child = Some(command.spawn().context("failed to start the gateway")?);
        self.running.started = Some(Instant::now());
        Ok(())
    }

    /// A start that finds the journal locked for longer than it waits ends with a complaint; whoever runs services starts
    /// it again, and so does the soak.
    fn start_again_after_a_lock(&mut self) -> Result<()> {
        let ended = self.running.child.as_mut().map(Child::try_wait).transpose()?.flatten();
        if ended.is_some_and(|status| status.code() == Some(1)) && self.gateway.last_words().ends_with(LOCKED)
        {
            self.running.locked_starts += 1;
            self.start(USUAL_FLOOR)?;
        }
        Ok(())
    }

    /// Signal 9: no goodbye to anybody.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.start_again_after_a_lock()?;
        let Some(mut child) = self.running.child.take() else { return Ok(()) };
        if let Some(status) = child.try_wait()? {
            bail!("the gateway ended on its own with {status}: {}", self.gateway.last_words());
        }
        Ok(child.kill().await?)
    }

    /// SIGTERM, and the end within its grace.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        self.start_again_after_a_lock()?;
        let Some(mut child) = self.running.child.take() else { return Ok(()) };
        let Some(id) = child.id() else { bail!("the gateway ended on its own; see its log") };
        let is_young = self.running.started.is_none_or(|started| started.elapsed() < YOUNG);
        let told = Command::new("kill").args(["-TERM", &id.to_string()]).status().await;
        if !told.context("failed to call kill")?.success() {
            bail!("the gateway could not be asked to stop");
        }
        match timeout(STOPPED, child.wait()).await {
            Ok(ended) if ended.as_ref().is_ok_and(std::process::ExitStatus::success) => Ok(()),
            Ok(Ok(ended)) if is_young && ended.signal() == Some(SIGTERM) => Ok(()),
            Ok(ended) => bail!("asked to stop, the gateway ended with {}", ended?),
            Err(_late) => {
                child.kill().await?;
                bail!("the gateway did not end within {STOPPED:?}: {}", self.gateway.last_words())
            }
        }
    }
}

/// `target/<profile>/examples/soak` → `target/<profile>/lienthong`.
fn built() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let program = own.ancestors().nth(2).context("this example lies in no target folder")?.join("lienthong");
    if !program.is_file() {
        bail!("{} is missing; `make soak` builds it", program.display());
    }
    Ok(program)
}
