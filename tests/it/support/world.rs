//! A world: a virtual host, both partners, a folder.

use super::config::{Addresses, write};
use super::{
    AGENCY, AGENCY_2, Dossier, Event, Gateway, Journal, Options, Publisher, Row, Secrets, gateway, until,
};
use private_broker::{Broker, Vhost};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Child;
use tokio::sync::OnceCell;

/// Everything that one test needs, and nobody else touches.
pub(crate) struct World {
    /// The national portal.
    pub(crate) portal: mock_portal::Running,
    /// Vietnam Post.
    pub(crate) post: mock_post::Running,
    /// Its place at the broker.
    pub(crate) vhost: Vhost,
    publisher: OnceCell<Publisher>,
    folder: TempDir,
    started: AtomicUsize,
}

impl World {
    /// The usual world.
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// A world that differs from the usual one.
    pub(crate) async fn with(options: Options) -> Self {
        let vhost = Broker::shared().await.unwrap().new_vhost().await.unwrap();
        Self::at(vhost, options).await
    }

    /// A world in a virtual host whose queue is empty and which nobody else uses.
    pub(crate) async fn at(vhost: Vhost, options: Options) -> Self {
        let portal = mock_portal::Mock::start(mock_portal::Config {
            agencies: vec![
                mock_portal::Agency::new(AGENCY, AGENCY, Secrets::PORTAL),
                mock_portal::Agency::new(AGENCY_2, AGENCY_2, Secrets::PORTAL_2),
            ],
            ..mock_portal::Config::default()
        });
        let post = mock_post::Mock::start(mock_post::Config {
            customers: vec![
                mock_post::Customer::new("LC_XA_TIENTHANH", Secrets::POST_KEY, Secrets::POST),
                mock_post::Customer::new("LC_XA_TIENLOI", Secrets::POST_KEY_2, Secrets::POST_2),
            ],
            number_unique: options.number_unique,
            feed_silent: options.feed_silent,
            ..mock_post::Config::default()
        });
        let (portal, post) = (portal.await.unwrap(), post.await.unwrap());
        let folder = tempfile::tempdir().unwrap();
        let broker = options.broker.clone().unwrap_or_else(|| vhost.url.clone());
        write(folder.path(), &options, &Addresses { broker, portal: portal.url(), post: post.url() });
        Self { portal, post, vhost, publisher: OnceCell::new(), folder, started: AtomicUsize::new(0) }
    }

    /// Starts the gateway; it may not be ready yet.
    pub(crate) fn spawn(&self) -> Gateway {
        self.start(None)
    }

    /// Starts a gateway that dies at a crash point.
    pub(crate) fn spawn_to_die(&self, crash_at: &str) -> Gateway {
        self.start(Some(crash_at))
    }

    /// Starts a gateway whose writes and syncs are traced to a file.
    pub(crate) fn spawn_traced(&self, trace: &Path) -> Gateway {
        Gateway::spawn_traced(self.folder.path(), self.started.fetch_add(1, Ordering::Relaxed), trace)
    }

    /// Starts a gateway under a service manager: where it is told, and how often it wants a sign of life.
    pub(crate) fn spawn_managed(&self, socket: &Path, watchdog: Duration) -> Gateway {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        Gateway::spawn_managed(self.folder.path(), number, socket, watchdog)
    }

    fn start(&self, crash_at: Option<&str>) -> Gateway {
        Gateway::spawn(self.folder.path(), self.started.fetch_add(1, Ordering::Relaxed), crash_at)
    }

    /// Starts the gateway and waits until it is ready.
    pub(crate) async fn gateway(&self) -> Gateway {
        let mut gateway = self.spawn();
        gateway.ready().await;
        gateway
    }

    /// Runs another command of the binary with this world's configuration.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Output {
        gateway::output(self.folder.path(), arguments, None).await
    }

    /// The same, but it dies at a crash point.
    pub(crate) async fn command_to_die(&self, arguments: &[&str], crash_at: &str) -> Output {
        gateway::output(self.folder.path(), arguments, Some(crash_at)).await
    }

    /// Starts another command of the binary; what it says goes to a file.
    pub(crate) fn start_command(&self, arguments: &[&str], said: File) -> Child {
        let mut command = gateway::command(self.folder.path(), arguments);
        command.stdout(said.try_clone().unwrap()).stderr(said).spawn().unwrap()
    }

    /// What such a command prints with `--json`.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        let output = self.command(&arguments).await;
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A file of this world's folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Adds a section to the configuration, for the gateway that is started next.
    pub(crate) fn configure(&self, section: &str) {
        let path = self.file("gateway.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n{section}\n")).unwrap();
    }

    /// What the journal holds.
    pub(crate) fn journal(&self) -> Journal {
        Journal::at(self.file("journal.db"))
    }

    /// The publisher of this world; a gateway must have declared the exchange.
    pub(crate) async fn publisher(&self) -> &Publisher {
        self.publisher.get_or_init(|| Publisher::connect(&self.vhost.url)).await
    }

    /// Publishes events in their order.
    pub(crate) async fn publish(&self, events: &[Event]) {
        self.publisher().await.publish(events).await;
    }

    /// Waits until so many events are stored and nothing that can be sent is left to be sent.
    pub(crate) async fn settled(&self, events: usize, deadline: Duration) {
        let journal = self.journal();
        let events = i64::try_from(events).unwrap();
        until("all events are stored", deadline, || journal.events() >= events).await;
        until("all handoffs are settled", deadline, || journal.unfinished() == 0).await;
    }

    /// The rows that the portal holds of a dossier, in the order of their arrival.
    pub(crate) fn rows(&self, dossier: &Dossier) -> Vec<Row> {
        let held = self.portal.partner().dossier(&dossier.code);
        let rows = held.map(|held| held.rows).unwrap_or_default();
        rows.into_iter().map(|row| (row.time, row.status, row.text)).collect()
    }

    /// Status of the newest record that the portal holds of a dossier.
    pub(crate) fn record_status(&self, dossier: &Dossier) -> Option<String> {
        let held = self.portal.partner().dossier(&dossier.code)?;
        held.versions.last().map(|version| version.status.clone())
    }
}
