//! What one private RabbitMQ node is made of: a folder, three ports, an environment, and the commands that use them.
//!
//! The environment is complete and starts from nothing, so that no `RABBITMQ_…` variable of the caller's shell leaks in.
//! The scripts are those of the package under `/usr/lib/rabbitmq/bin`: the wrappers in `sbin` insist on root or on
//! the user `rabbitmq`.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

const SCRIPTS: &str = "/usr/lib/rabbitmq/bin";

/// Where Debian and Ubuntu have `erl`, `epmd`, `sh` and what the scripts call.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Below Linux's range for outgoing connections (32768 and up): a client that dials a dead broker again and again
/// would one day be given the broker's own port there, and connect to itself.
const FIRST_PORT: u16 = 20_000;
const PORTS: u16 = 12_000;

/// The hash of the password `guest`: four bytes of salt, then SHA-256 of salt and password, in base64. The user must
/// come with the definitions, because a node that loads definitions makes no default user.
const GUEST_HASH: &str = "bHQhB4MBOduT59AzlQvksTORv9uOFDgARADrhoZjRICd43Az";

/// One scheduler and a small write-ahead log keep the node near 130 MiB and its start near five seconds; an alarm for
/// a disk that others fill would stop publishers for no fault of the test.
const CONFIGURATION: &str = "\
log.file.level = warning
disk_free_limit.absolute = 50MB
raft.wal_max_size_bytes = 64000000
";
const VM_ARGUMENTS: &str = "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}";

/// Lines of a log that an error quotes.
const QUOTED_LINES: usize = 20;

/// A TCP port on loopback that no other private broker takes while this value lives.
struct Port {
    number: u16,
    /// The UDP port of the same number: taken by nobody else here, and so the claim to the TCP port, which RabbitMQ
    /// itself must be able to bind, now and again after a crash.
    _claim: UdpSocket,
}

impl Port {
    fn claim() -> Result<Self> {
        for _ in 0..1_000 {
            let [high, low, ..] = Uuid::new_v4().into_bytes();
            let number = FIRST_PORT + u16::from_be_bytes([high, low]) % PORTS;
            let address = (Ipv4Addr::LOCALHOST, number);
            if let Ok(claim) = UdpSocket::bind(address)
                && TcpListener::bind(address).is_ok()
            {
                return Ok(Self { number, _claim: claim });
            }
        }
        bail!("no free port between {FIRST_PORT} and {}", FIRST_PORT + PORTS)
    }
}

/// The files, ports and commands of one node.
pub(crate) struct Node {
    name: String,
    amqp: Port,
    distribution: Port,
    epmd: Port,
    folder: TempDir,
}

impl Node {
    /// Writes the files of a node that will have these virtual hosts.
    pub(crate) fn prepare(vhosts: &[String]) -> Result<Self> {
        if !Path::new(SCRIPTS).join("rabbitmq-server").exists() {
            bail!("RabbitMQ is not installed; run `mocks/broker/install.sh rabbitmq-server`");
        }
        let folder = tempfile::Builder::new().prefix("private-broker-").tempdir()?;
        let mut name = Uuid::new_v4().simple().to_string();
        name.truncate(12);
        let node = Self {
            name: format!("private-{name}@localhost"),
            amqp: Port::claim()?,
            distribution: Port::claim()?,
            epmd: Port::claim()?,
            folder,
        };
        let definitions = node.write_definitions("start", vhosts)?;
        let definitions = format!("load_definitions = {}\n", definitions.display());
        fs::write(node.path("rabbitmq.conf"), definitions + CONFIGURATION)?;
        fs::write(node.path("enabled_plugins"), "[].\n")?;
        Ok(node)
    }

    /// The user `guest` with all rights in these virtual hosts, as a file that RabbitMQ imports.
    pub(crate) fn write_definitions(&self, name: &str, vhosts: &[String]) -> Result<PathBuf> {
        let permission = |vhost| json!({ "user": "guest", "vhost": vhost, "configure": ".*", "write": ".*", "read": ".*" });
        let definitions = json!({
            "users": [{ "name": "guest", "password_hash": GUEST_HASH, "tags": ["administrator"],
                        "hashing_algorithm": "rabbit_password_hashing_sha256" }],
            "vhosts": vhosts.iter().map(|vhost| json!({ "name": vhost })).collect::<Vec<_>>(),
            "permissions": vhosts.iter().map(permission).collect::<Vec<_>>(),
        });
        let file = self.path(&format!("definitions-{name}.json"));
        fs::write(&file, definitions.to_string())?;
        Ok(file)
    }

    /// Starts the port mapper in the foreground: left to itself, the Erlang VM starts one that stays for ever.
    pub(crate) fn spawn_epmd(&self, group: i32) -> Result<Child> {
        self.spawn(Command::new("epmd"), group).context("failed to start epmd")
    }

    /// Starts the node: a shell script whose child is the Erlang VM.
    pub(crate) fn spawn_server(&self, group: i32) -> Result<Child> {
        let server = Command::new(format!("{SCRIPTS}/rabbitmq-server"));
        self.spawn(server, group).context("failed to start rabbitmq-server")
    }

    fn spawn(&self, mut command: Command, group: i32) -> io::Result<Child> {
        let output = File::options().create(true).append(true).open(self.path("output.log"))?;
        command
            .env_clear()
            .envs(self.environment())
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(group)
            .spawn()
    }

    /// A call of `rabbitmqctl` for this node; dropping it ends it.
    pub(crate) fn ctl(&self, arguments: &[&str], group: i32) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(format!("{SCRIPTS}/rabbitmqctl"));
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .process_group(group)
            .kill_on_drop(true);
        command
    }

    /// The environment of every process of this node; the AMQP port in it marks them as one broker's.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.path(name).display().to_string();
        vec![
            ("PATH", PATH.to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("HOME", self.folder().display().to_string()),
            ("ERL_EPMD_PORT", self.epmd.number.to_string()),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
            ("ERL_CRASH_DUMP_BYTES", "0".to_owned()),
            ("RABBITMQ_NODENAME", self.name.clone()),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_NODE_PORT", self.amqp.number.to_string()),
            ("RABBITMQ_DIST_PORT", self.distribution.number.to_string()),
            ("RABBITMQ_MNESIA_BASE", path("data")),
            ("RABBITMQ_LOG_BASE", path("log")),
            ("RABBITMQ_LOGS", path("node.log")),
            ("RABBITMQ_PID_FILE", path("node.pid")),
            ("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins")),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null".to_owned()),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", VM_ARGUMENTS.to_owned()),
            ("RABBITMQ_CTL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}".to_owned()),
        ]
    }

    /// The process id of the Erlang VM, as the node itself wrote it.
    pub(crate) fn vm_process(&self) -> Result<String> {
        let process =
            fs::read_to_string(self.path("node.pid")).context("the node has written no process id")?;
        Ok(process.trim().to_owned())
    }

    pub(crate) fn url(&self, vhost: &str) -> String {
        let vhost = if vhost == "/" { "%2f" } else { vhost };
        format!("amqp://guest:guest@127.0.0.1:{}/{vhost}", self.amqp.number)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The last lines of what the node wrote, for errors.
    pub(crate) fn last_words(&self) -> String {
        ["output.log", "node.log"].map(|name| last_lines(name, &self.path(name))).concat()
    }
}

fn last_lines(name: &str, file: &Path) -> String {
    let text = fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(QUOTED_LINES)..).unwrap_or_default();
    if tail.is_empty() { String::new() } else { format!("\n--- end of {name}\n{}", tail.join("\n")) }
}
