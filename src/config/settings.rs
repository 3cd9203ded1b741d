//! The settings of the daemon, read and checked: everything that starts from here is complete and consistent.
//!
//! [`Settings`] is what `load` returns after every problem has been found and reported; nothing later has to doubt it.

use crate::users::{SessionRules, User};
use jiff::SignedDuration;
use lienthong_core::breaker::BreakerRules;
use lienthong_core::calendar::Calendars;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, Source};
use lienthong_core::maintenance::Window;
use lienthong_core::nudge::Judge;
use lienthong_core::reconcile::OffPeak;
use lienthong_core::schedule::Schedule;
use lienthong_core::status::Status;
use lienthong_core::tables::{Mode, Tables};
use lienthong_core::watch::Thresholds;
use lienthong_http::ClientSettings;
use lienthong_post::ngsp::config::AreaTable;
use lienthong_units::config::CatalogueSettings;
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

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

/// Form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// One account at one interface of a partner.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// Its name in the tables.
    pub name: AccountName,
    /// Attempts under way at once.
    pub concurrency: usize,
    /// Attempts a second at most.
    pub rate: u32,
    /// Calls a day at most, if there is a quota.
    pub quota_per_day: Option<u32>,
    /// When an operation that fails is left alone.
    pub breaker: BreakerRules,
    /// When it is tried again.
    pub schedule: Schedule,
    /// How often its tracking feed is read while orders are under way.
    pub feed_busy: Duration,
    /// How often its tracking feed is read else.
    pub feed_idle: Duration,
    /// The interface with its own settings.
    pub interface: InterfaceSettings,
}

impl AccountSettings {
    /// Whose interface it is.
    pub fn partner(&self) -> Partner {
        self.interface.facts().partner
    }

    /// What its orders name the sender by (mã khách hàng); `None` of other partners.
    pub fn customer_code(&self) -> Option<&str> {
        self.interface.facts().customer_code
    }

    /// The postal areas that its orders are addressed with; `None` for a partner that needs none.
    pub fn areas(&self) -> Option<&AreaTable> {
        self.interface.facts().areas
    }

    /// Statuses that it takes of dossiers that were lodged at the portal; none where it has no such service, or none is used.
    pub fn statuses(&self) -> BTreeSet<Status> {
        self.interface.facts().statuses
    }

    /// Whether its orders name communes by the post's own numbers.
    pub fn numbers_communes(&self) -> bool {
        self.interface.facts().numbers_communes
    }

    /// Judges what its partner sends by itself, where it takes that.
    pub fn judge(&self) -> Option<Arc<dyn Judge>> {
        self.interface.facts().judge
    }

    /// How it calls; `None` for an interface without HTTP.
    pub fn client(&self) -> Option<&ClientSettings> {
        match &self.interface {
            InterfaceSettings::PostNgsp(post) => Some(&post.client),
            InterfaceSettings::PostBcci(post) => Some(&post.client),
            InterfaceSettings::PostMyVnPost(post) => Some(&post.client),
            InterfaceSettings::PortalAdapter(portal) => Some(&portal.client),
            InterfaceSettings::PortalWrapper(wrapper) => Some(&wrapper.client),
            InterfaceSettings::CommuneAmqp(_) => None,
        }
    }

    /// The secret of its credential; empty where the interface has none.
    pub fn secret(&self) -> &SecretString {
        self.interface.facts().secret
    }

    /// The same account with another secret.
    #[must_use]
    pub fn with_secret(mut self, secret: SecretString) -> Self {
        self.interface.set_secret(secret);
        self
    }
}

/// The interfaces that there are adapters for.
#[derive(Clone, Debug)]
pub enum InterfaceSettings {
    /// Vietnam Post, NGSP order API.
    PostNgsp(Box<lienthong_post::ngsp::config::NgspSettings>),
    /// Vietnam Post, BCCI order service with waybills of our own.
    PostBcci(Box<lienthong_post::bcci::config::BcciSettings>),
    /// Vietnam Post, MyVNPost.
    PostMyVnPost(Box<lienthong_post::myvnpost::config::MyVnPostSettings>),
    /// National portal, adapter on the exchange axis.
    PortalAdapter(Box<lienthong_portal::axis::config::AxisSettings>),
    /// National portal, a province's wrapper in front of it.
    PortalWrapper(Box<lienthong_portal::wrapper::config::WrapperSettings>),
    /// The commune's own system, an exchange of outcomes at its broker.
    CommuneAmqp(Box<OutcomesSettings>),
}

/// What the daemon asks of an interface's settings, whichever it is.
struct Facts<'a> {
    partner: Partner,
    secret: &'a SecretString,
    customer_code: Option<&'a str>,
    areas: Option<&'a AreaTable>,
    statuses: BTreeSet<Status>,
    numbers_communes: bool,
    judge: Option<Arc<dyn Judge>>,
}

impl<'a> Facts<'a> {
    /// Of an interface of the post, by the customer's code and secret there.
    fn post((code, secret): (&'a str, &'a SecretString), areas: &'a AreaTable) -> Self {
        let other = Self::other(Partner::Post, secret, [].into());
        Self { customer_code: Some(code), areas: Some(areas), ..other }
    }

    /// Of an interface of a partner that carries nothing.
    fn other(partner: Partner, secret: &'a SecretString, statuses: BTreeSet<Status>) -> Self {
        let (customer_code, areas, judge) = (None, None, None);
        Self { partner, secret, customer_code, areas, statuses, numbers_communes: false, judge }
    }
}

impl InterfaceSettings {
    fn facts(&self) -> Facts<'_> {
        match self {
            Self::PostNgsp(post) => Facts::post((&post.customer_code, &post.customer_secret), &post.areas),
            Self::PostBcci(post) => Facts::post((&post.customer_code, post.flavour.secret()), &post.areas),
            Self::PostMyVnPost(post) => {
                let judge = post.webhook.clone().map(|signature| Arc::new(signature) as Arc<dyn Judge>);
                let post = Facts::post((&post.customer_code, &post.password), &post.areas);
                Facts { judge, numbers_communes: true, ..post }
            }
            Self::PortalAdapter(portal) => {
                let statuses = portal.status_codes.keys().copied().collect();
                Facts::other(Partner::Portal, &portal.password, statuses)
            }
            Self::PortalWrapper(wrapper) => {
                Facts::other(Partner::Portal, &wrapper.header_value, BTreeSet::new())
            }
            Self::CommuneAmqp(outcomes) => {
                Facts::other(Partner::Commune, &outcomes.connection.url, BTreeSet::new())
            }
        }
    }

    fn set_secret(&mut self, secret: SecretString) {
        match self {
            Self::PostNgsp(post) => post.customer_secret = secret,
            Self::PostBcci(post) => post.flavour.set_secret(secret),
            Self::PostMyVnPost(post) => post.password = secret,
            Self::PortalAdapter(portal) => portal.password = secret,
            Self::PortalWrapper(wrapper) => wrapper.header_value = secret,
            Self::CommuneAmqp(outcomes) => outcomes.connection.url = secret,
        }
    }
}
