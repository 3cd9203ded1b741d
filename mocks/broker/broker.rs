//! The broker that tests, demo and benchmark hold: start, virtual hosts, crashes, end.

use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use lapin::{Connection, ConnectionProperties};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::guard::Guard;
use crate::node::Node;

/// A start takes 5 s on an idle machine; the rest is for machines that compile at the same time.
const START_DEADLINE: Duration = Duration::from_secs(90);

/// A call of `rabbitmqctl` starts an Erlang VM of its own, half a second on an idle machine; `stop_app` may take ten.
const CTL_DEADLINE: Duration = Duration::from_secs(60);

/// For one login and its goodbye; a node that is up answers within milliseconds.
const LOGIN_DEADLINE: Duration = Duration::from_secs(10);

/// How often a condition is looked at that nothing announces.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Virtual hosts that are created in one go: with the node they cost nothing, later one call of `rabbitmqctl`.
const VHOSTS_AT_A_TIME: usize = 16;

/// A virtual host that nobody else uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vhost {
    /// Its name, random, usable in a URL as it is.
    pub name: String,
    /// The AMQP URL of this virtual host, credentials included.
    pub url: String,
}

/// A private RabbitMQ node; it ends when this is dropped, or with this process.
pub struct Broker {
    guard: Guard,
    epmd: Child,
    server: Child,
    unused_vhosts: Mutex<Vec<String>>,
    /// A virtual host that is never given away: who can log in to it, finds the broker ready.
    own_vhost: String,
    /// Declared last: its folder goes after the processes that write into it.
    node: Node,
}

impl Broker {
    /// Starts a node and waits until it accepts AMQP.
    ///
    /// # Errors
    ///
    /// When RabbitMQ is not installed, or the node ends or stays silent for 90 s; its last log lines are quoted.
    pub async fn start() -> Result<Self> {
        let mut vhosts = vhost_names();
        let node = Node::prepare(&vhosts).context("failed to prepare a private broker")?;
        let guard = Guard::start(node.folder(), &node.environment())
            .context("failed to start the guard of a private broker")?;
        let epmd = node.spawn_epmd(guard.group())?;
        let server = node.spawn_server(guard.group())?;
        let own_vhost = vhosts.pop().context("a broker has at least one virtual host")?;
        let mut broker = Self { guard, epmd, server, unused_vhosts: Mutex::new(vhosts), own_vhost, node };
        broker.accepts_amqp().await?;
        Ok(broker)
    }

    /// The one broker of this process: started by the first caller, ended with the process.
    ///
    /// For test binaries: a start costs seconds, a virtual host of its own per test ([`Broker::new_vhost`]) nearly nothing.
    ///
    /// # Errors
    ///
    /// As [`Broker::start`]; the next caller tries again.
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<Broker> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    /// The URL of a virtual host, with credentials; it need not exist.
    #[must_use]
    pub fn amqp_url(&self, vhost: &str) -> String {
        self.node.url(vhost)
    }

    /// Gives a virtual host with a random name that was given to nobody else.
    ///
    /// # Errors
    ///
    /// When the node does not take new virtual hosts, because it is stopped or killed.
    pub async fn new_vhost(&self) -> Result<Vhost> {
        let mut unused = self.unused_vhosts.lock().await;
        let name = match unused.pop() {
            Some(name) => name,
            None => {
                *unused = self.import_vhosts().await?;
                unused.pop().context("no virtual host was created")?
            }
        };
        let url = self.amqp_url(&name);
        Ok(Vhost { name, url })
    }

    async fn import_vhosts(&self) -> Result<Vec<String>> {
        let vhosts = vhost_names();
        let file = self.node.write_definitions("more", &vhosts)?;
        self.ctl(&["import_definitions", &file.display().to_string()]).await?;
        Ok(vhosts)
    }

    /// Calls `rabbitmqctl` for this node and gives what it printed.
    ///
    /// # Errors
    ///
    /// When it fails or takes longer than a minute; what it printed is quoted.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future kills the call; the node may or may not have taken it.
    pub async fn ctl(&self, arguments: &[&str]) -> Result<String> {
        let call = || format!("rabbitmqctl {}", arguments.join(" "));
        let mut command = self.node.ctl(arguments, self.guard.group());
        let output = timeout(CTL_DEADLINE, command.output())
            .await
            .with_context(|| format!("`{}` took longer than {CTL_DEADLINE:?}", call()))?
            .with_context(|| format!("failed to call `{}`", call()))?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("`{}` ended with {}\n{printed}{errors}", call(), output.status);
        }
        Ok(printed)
    }

    /// Stops RabbitMQ inside the Erlang VM, as an operator does: connections end, queues stay.
    ///
    /// # Errors
    ///
    /// As [`Broker::ctl`].
    pub async fn stop_app(&mut self) -> Result<()> {
        self.ctl(&["stop_app"]).await.map(drop)
    }

    /// Starts RabbitMQ again after [`Broker::stop_app`], and waits until it accepts AMQP.
    ///
    /// # Errors
    ///
    /// As [`Broker::ctl`] and [`Broker::start`].
    pub async fn start_app(&mut self) -> Result<()> {
        self.ctl(&["start_app"]).await?;
        self.accepts_amqp().await
    }

    /// Kills the Erlang VM with signal 9: no goodbye to clients.
    ///
    /// Half a second before, while clients go on, the list of quorum queues is written to disk: RabbitMQ 3.10 writes it
    /// lazily, and a queue declared within that half second would lose what was confirmed. What tests kill brokers for
    /// is what happens to queues that were there before.
    ///
    /// # Errors
    ///
    /// When there is no such process, or it is still there ten seconds later.
    pub async fn kill_node(&mut self) -> Result<()> {
        self.ctl(&["eval", "[dets:sync(Table) || Table <- dets:all()]."]).await?;
        let process = self.node.vm_process()?;
        let killed = Command::new("sh").args(["-c", r#"kill -KILL "$1""#, "sh", &process]).status()?;
        if !killed.success() {
            bail!("failed to kill the Erlang VM, process {process}");
        }
        // The script that started the VM ends when the VM is gone.
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.server.try_wait()?.is_none() {
            if Instant::now() > deadline {
                bail!("the Erlang VM, process {process}, survived signal 9 for 10 s");
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// Starts a killed node again, on the same data and ports, and waits until it accepts AMQP.
    ///
    /// # Errors
    ///
    /// When the node still runs, and as [`Broker::start`].
    pub async fn start_again(&mut self) -> Result<()> {
        if self.server.try_wait()?.is_none() {
            bail!("the node still runs; kill it first");
        }
        self.server = self.node.spawn_server(self.guard.group())?;
        self.accepts_amqp().await
    }

    /// Ends the broker and removes its data; dropping does the same, but blocks the thread for some milliseconds.
    ///
    /// # Errors
    ///
    /// When the task that waits for the end panics.
    pub async fn shutdown(self) -> Result<()> {
        tokio::task::spawn_blocking(move || drop(self)).await.context("failed to end the private broker")
    }

    /// Ready means that a client can log in to a virtual host: the port opens earlier.
    async fn accepts_amqp(&mut self) -> Result<()> {
        let url = self.amqp_url(&self.own_vhost);
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            let error = match timeout(LOGIN_DEADLINE, log_in(&url)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error.to_string(),
                // A node that is just starting or stopping may accept and then say nothing.
                Err(_elapsed) => format!("no answer within {LOGIN_DEADLINE:?}"),
            };
            if let Some(status) = self.server.try_wait()? {
                bail!(
                    "the private broker ended with {status} before it accepted AMQP{}",
                    self.node.last_words()
                );
            }
            if Instant::now() > deadline {
                let last_words = self.node.last_words();
                bail!(
                    "the private broker does not accept AMQP after {START_DEADLINE:?}: {error}{last_words}"
                );
            }
            sleep(LOOK_AGAIN).await;
        }
    }
}

/// Blocks for the milliseconds that signal 9 takes; nothing is left to report an error to.
impl Drop for Broker {
    fn drop(&mut self) {
        let ended = [self.guard.end(), self.server.kill(), self.epmd.kill()];
        let reaped = [self.server.wait(), self.epmd.wait()];
        drop((ended, reaped));
    }
}

async fn log_in(url: &str) -> lapin::Result<()> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    connection.close(200, "ready".into()).await
}

fn vhost_names() -> Vec<String> {
    (0..VHOSTS_AT_A_TIME).map(|_| format!("test-{}", Uuid::new_v4().simple())).collect()
}
