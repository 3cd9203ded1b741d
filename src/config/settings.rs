//! The settings of the daemon, read and checked: everything that starts from here is complete and consistent.
//!
//! [`Settings`] is what `load` returns after every problem has been found and reported; nothing later has to doubt it.

mod account;

pub use account::{AccountSettings, InterfaceSettings};

use crate::users::{SessionRules, User};
use jiff::SignedDuration;
use lienthong_core::calendar::Calendars;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, Source};
use lienthong_core::maintenance::Window;
use lienthong_core::reconcile::OffPeak;
use lienthong_core::tables::{Mode, Tables};
use lienthong_core::watch::Thresholds;
use lienthong_post::ngsp::config::AreaTable;
use lienthong_units::config::CatalogueSettings;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Everything that is configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Live, or only observing.
    pub mode: Mode,
    /// The broker and the queue.
    pub broker: BrokerSettings,
    /// How messages are taken in.
    pub intake: IntakeSettings,
    /// How their bodies are read.
    pub reader: lienthong_commune::Reader,
    /// The store.
    pub journal: JournalSettings,
    /// Health, metrics, and the operator's desk.
    pub admin: AdminSettings,
    /// Who may use the operator's desk; nobody: there is none.
    pub users: Vec<User>,
    /// What partners send by themselves.
    pub webhook: WebhookSettings,
    /// Logs.
    pub log: LogSettings,
    /// Traces; `None`: none are exported.
    pub traces: Option<TracesSettings>,
    /// How long a shutdown may take.
    pub grace: Duration,
    /// Accounts by name.
    pub accounts: BTreeMap<AccountName, AccountSettings>,
    /// When both sides are compared, and how.
    pub reconcile: ReconcileSettings,
    /// From when on figures call something late or left.
    pub figures: FiguresSettings,
    /// Announced maintenance.
    pub maintenance: Vec<Window>,
    /// Facts for planning.
    pub tables: Arc<Tables>,
    /// The configuration's file.
    pub file: PathBuf,
    /// Files that secrets were read from.
    pub secret_files: Vec<PathBuf>,
    /// Working time.
    pub calendars: Calendars,
    /// What is watched.
    pub watch: WatchSettings,
    /// The table of units, and where it is read anew.
    pub units: UnitsSettings,
    /// Postal areas by family.
    pub areas: AreaTables,
    /// What is doubtful without being wrong, such as a secret that everybody may read.
    pub warnings: Vec<super::problems::Problem>,
}

/// Postal areas by the family of their numbers.
pub type AreaTables = BTreeMap<String, Arc<AreaTable>>;

/// The table of units, and where it is read anew.
#[derive(Clone, Debug, Default)]
pub struct UnitsSettings {
    /// The table's file.
    pub file: PathBuf,
    /// The statistics office's catalogue.
    pub catalogue: CatalogueSettings,
}

/// The broker and what is declared there.
#[derive(Clone, Debug)]
pub struct BrokerSettings {
    /// How the broker is reached.
    pub connection: ConnectionSettings,
    /// Topic exchange of dossier events.
    pub exchange: String,
    /// Our quorum queue.
    pub queue: String,
    /// Binding keys of the queue.
    pub bindings: Vec<String>,
    /// Whether exchange, queue and bindings are declared at start.
    pub declare: bool,
    /// Name shown in the broker's list of connections.
    pub connection_name: String,
    /// First wait before connecting again.
    pub reconnect_first: Duration,
    /// Longest wait before connecting again.
    pub reconnect_longest: Duration,
}

/// How a broker is reached.
#[derive(Clone, Debug)]
pub struct ConnectionSettings {
    /// AMQP URL, with credentials.
    pub url: SecretString,
    /// Heartbeat of the connection.
    pub heartbeat: Duration,
    /// CA in PEM for amqps; `None`: the system's.
    pub authority: Option<PathBuf>,
}

/// The exchange that a commune's own system is told at.
#[derive(Clone, Debug)]
pub struct OutcomesSettings {
    /// How its broker is reached.
    pub connection: ConnectionSettings,
    /// Topic exchange of outcomes.
    pub exchange: String,
    /// Whether the exchange is declared; else it is only looked whether it is there.
    pub declare: bool,
    /// Name shown in the broker's list of connections.
    pub connection_name: String,
    /// How long the broker may take to confirm a message.
    pub deadline: Duration,
}

/// How messages are taken in.
#[derive(Clone, Debug)]
pub struct IntakeSettings {
    /// Unacknowledged messages at most.
    pub prefetch: u16,
    /// Messages in one commit at most.
    pub batch_most: usize,
    /// How long a commit waits for more once one message is there.
    pub batch_wait: Duration,
    /// Largest message read, in bytes; larger ones are quarantined unread.
    pub message_cap: usize,
    /// Bytes of a quarantined message that are kept.
    pub quarantine_keep: usize,
    /// Days after which quarantined bytes are erased.
    pub quarantine_days: u16,
    /// Resident memory of the process above which intake stops, in bytes.
    pub memory_ceiling: u64,
}

/// The store.
#[derive(Clone, Debug)]
pub struct JournalSettings {
    /// The SQLite file; its lock lies beside it.
    pub path: PathBuf,
    /// Free disk below which intake stops, in bytes.
    pub disk_floor: u64,
    /// Days after the end of a handoff when payloads are erased.
    pub payload_days: u16,
    /// How long a commit may take; when one takes longer, intake stops.
    pub commit_limit: Duration,
}

/// What must not stand in silence.
#[derive(Clone, Debug)]
pub struct WatchSettings {
    /// How often the watchdogs look.
    pub every: Duration,
    /// How long each condition may stand.
    pub thresholds: Thresholds,
    /// Working time without an event after which each source is told of; zero is off.
    pub sources: BTreeMap<Source, SignedDuration>,
}

/// From when on the figures call a dossier at risk and an order not collected.
#[derive(Clone, Copy, Debug)]
pub struct FiguresSettings {
    /// Before the promised date: working hours of the agencies.
    pub at_risk: SignedDuration,
    /// Since the post has the order: working hours of the post.
    pub not_collected: SignedDuration,
}

impl Default for FiguresSettings {
    fn default() -> Self {
        Self { at_risk: SignedDuration::from_hours(8), not_collected: SignedDuration::from_hours(16) }
    }
}

/// When both sides are compared, and how.
#[derive(Clone, Debug)]
pub struct ReconcileSettings {
    /// Whether it happens every night.
    pub nightly: bool,
    /// When it is night.
    pub off_peak: OffPeak,
    /// With whom.
    pub partners: Vec<Partner>,
    /// Through these accounts only; empty: through all.
    pub accounts: Vec<AccountName>,
    /// Days back that are compared, by night and where a command names none.
    pub days: u16,
    /// How long an order may take to show at the post.
    pub visible_after: SignedDuration,
    /// Whether the night repairs what repairs itself.
    pub automatic: bool,
}

impl Default for ReconcileSettings {
    fn default() -> Self {
        Self {
            nightly: false,
            off_peak: OffPeak::read("01:00-04:30").expect("it is a part of the day"),
            partners: vec![Partner::Portal, Partner::Post],
            accounts: Vec::new(),
            days: 7,
            visible_after: SignedDuration::from_hours(48),
            automatic: true,
        }
    }
}

/// Health, metrics, and the operator's desk.
#[derive(Clone, Debug)]
pub struct AdminSettings {
    /// Where `/live`, `/ready` and `/metrics` are served, and the desk.
    pub listen: SocketAddr,
    /// Whether page and API are served where users are configured.
    pub desk: bool,
    /// When a session of the page ends.
    pub sessions: SessionRules,
    /// Certificate and key; `None`: without TLS.
    pub tls: Option<TlsSettings>,
    /// Whether a proxy in front ends TLS.
    pub behind_tls: bool,
}

impl AdminSettings {
    /// Whether browsers come by https, to us or to a proxy in front.
    pub fn is_https(&self) -> bool {
        self.tls.is_some() || self.behind_tls
    }
}

/// What a listener shows to those who connect.
#[derive(Clone, Debug)]
pub struct TlsSettings {
    /// Chain of certificates in PEM, its own first.
    pub certificate: Vec<u8>,
    /// Private key in PEM.
    pub key: SecretString,
}

/// What partners send by themselves.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Where it is listened for; `None`: nowhere.
    pub listen: Option<SocketAddr>,
    /// Largest body that is read, in bytes.
    pub body_cap: usize,
}

/// Logs.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// One JSON object a line, or text.
    pub format: LogFormat,
    /// Filter in the syntax of `tracing-subscriber`, such as `info`.
    pub filter: String,
}

/// Where traces are exported to.
#[derive(Clone, Debug)]
pub struct TracesSettings {
    /// The collector's address for traces, by OTLP over HTTP.
    pub endpoint: Url,
    /// What the gateway calls itself there.
    pub service_name: String,
    /// Of a hundred traces that begin here, so many are recorded.
    pub sampled_percent: u8,
    /// Own certificate authority in PEM; `None`: those of the system.
    pub authority: Option<Vec<u8>>,
    /// A header that goes with every call.
    pub header: Option<(String, SecretString)>,
}

/// Form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}
