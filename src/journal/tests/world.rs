//! An open journal with two accounts whose ports say what a test wants, and events for it.

mod ports;

pub(crate) use ports::{Planning, abilities, account, partners, partners_of, partners_with};

use crate::config::settings::{
    AdminSettings, BrokerSettings, ConnectionSettings, FiguresSettings, IntakeSettings, JournalSettings,
    LogFormat, LogSettings, ReconcileSettings, Settings, UnitsSettings, WatchSettings, WebhookSettings,
};
use crate::intake::{AdmittedCounts, Arrival, Read};
use crate::journal::{Answered, Call, Claimed, Journal, Question, Transition, Want, Work};
use crate::partners::Partners;
use crate::users::SessionRules;
use jiff::{SignedDuration, Timestamp};
use lienthong_core::calendar::Calendars;
use lienthong_core::event::Event;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, AgencyCode, Source, TablesVersion, UnitCode};
use lienthong_core::outcome::{Outcome, Reason, ReasonCode};
use lienthong_core::port::Sent;
use lienthong_core::receipt::Receipt;
use lienthong_core::tables::{
    AgencyProfile, CashOnDelivery, Desk, DoneMeans, Mode, SequenceRule, SourceRules, Tables, TrackingTexts,
};
use lienthong_core::watch::Thresholds;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const PORTAL: &str = "portal-1";
pub(crate) const POST: &str = "post-1";
const SOURCE: &str = "urn:lienthong:commune:H11.01.07";
const FIXTURE: &str = include_str!("../../../adapters/commune/fixtures/valid/status-changed.json");

/// So many seconds after the beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2022-09-15T04:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub(crate) fn settings(folder: &Path) -> Settings {
    Settings {
        mode: Mode::Live,
        broker: broker(),
        reader: lienthong_commune::Reader::default(),
        intake: IntakeSettings {
            prefetch: 1,
            batch_most: 1,
            batch_wait: Duration::ZERO,
            message_cap: 1 << 20,
            quarantine_keep: 1 << 10,
            quarantine_days: 90,
            memory_ceiling: u64::MAX,
        },
        journal: JournalSettings {
            path: folder.join("journal.db"),
            disk_floor: 0,
            payload_days: 30,
            commit_limit: Duration::from_secs(60),
        },
        admin: AdminSettings {
            listen: ([127, 0, 0, 1], 0).into(),
            desk: true,
            sessions: SessionRules::default(),
            tls: None,
            behind_tls: false,
        },
        users: Vec::new(),
        webhook: WebhookSettings { listen: None, body_cap: 64 << 10 },
        log: LogSettings { format: LogFormat::Json, filter: "off".to_owned() },
        grace: Duration::from_secs(1),
        accounts: [].into(),
        reconcile: ReconcileSettings::default(),
        figures: FiguresSettings::default(),
        traces: None,
        maintenance: Vec::new(),
        tables: Arc::new(tables()),
        file: folder.join("gateway.toml"),
        secret_files: Vec::new(),
        calendars: Calendars::default(),
        areas: BTreeMap::new(),
        units: UnitsSettings::default(),
        watch: WatchSettings {
            every: Duration::from_secs(10),
            thresholds: Thresholds::default(),
            sources: [].into(),
        },
        warnings: Vec::new(),
    }
}

/// None that anybody reaches.
fn broker() -> BrokerSettings {
    BrokerSettings {
        connection: ConnectionSettings {
            url: "amqp://127.0.0.1:1".to_owned().into(),
            heartbeat: Duration::from_secs(1),
            authority: None,
        },
        exchange: String::new(),
        queue: String::new(),
        bindings: Vec::new(),
        declare: false,
        connection_name: String::new(),
        reconnect_first: Duration::from_secs(1),
        reconnect_longest: Duration::from_secs(1),
    }
}

fn tables() -> Tables {
    let commune = UnitCode::new("22966");
    let desk = Desk {
        name: "Bộ phận Một cửa".to_owned(),
        phone: "0510000901".to_owned(),
        address: "UBND xã".to_owned(),
        email: None,
        province_code: UnitCode::new("60"),
        district_code: None,
        commune_code: commune,
    };
    let agency = AgencyProfile {
        code: AgencyCode::new("H11.01.07"),
        name: "UBND xã".to_owned(),
        desk: Some(desk),
        portal_account: Some(AccountName::new(PORTAL).into()),
        post_account: Some(AccountName::new(POST).into()),
        commune_account: None,
        cash: CashOnDelivery::Off,
        mode: Mode::Live,
    };
    let rules = SourceRules {
        sequence: SequenceRule::Contiguous,
        gap_hold: SignedDuration::from_secs(600),
        done_means: DoneMeans::HandedOver,
        agencies: vec![agency.code.clone()],
        user_id: None,
    };
    let text = || "Bưu điện".to_owned();
    Tables {
        version: TablesVersion::new("tables-1"),
        agencies: [(agency.code.clone(), agency)].into(),
        procedures: [].into(),
        units: [].into(),
        sources: [(Source::new(SOURCE), rules)].into(),
        status_services: [].into(),
        tracking_texts: TrackingTexts {
            officer: text(),
            collected: text(),
            failed_attempt: text(),
            returned: text(),
            delivered: text(),
        },
        dead_row_holds: SignedDuration::from_hours(24),
    }
}

pub(crate) fn code(dossier: usize) -> String {
    format!("H11.01.07-220915-{dossier:04}")
}

/// The n-th event of a dossier: a change of status, the result returned by post.
pub(crate) fn event(dossier: usize, n: u64, status: u8) -> Event {
    let mut event: Value = serde_json::from_str(FIXTURE).unwrap();
    event["id"] = json!(format!("{dossier}/{n}"));
    event["subject"] = json!(code(dossier));
    event["sequence"] = json!(n.to_string());
    event["time"] = json!(format!("2022-09-15T10:{n:02}:00+07:00"));
    event["data"]["dossier"]["code"] = json!(code(dossier));
    event["data"]["dossier"]["status"] = json!(status);
    decoded(&event)
}

/// The event with another text in its step.
pub(crate) fn saying(mut event: Event, text: &str) -> Event {
    text.clone_into(&mut event.snapshot.step.text);
    event
}

fn decoded(event: &Value) -> Event {
    let limits = lienthong_commune::Limits::default();
    lienthong_commune::decode(Some("application/json"), event.to_string().as_bytes(), &limits).unwrap()
}

pub(crate) fn arrival(event: Event, arrived_at: Timestamp) -> Arrival {
    Arrival {
        arrived_at,
        routing_key: format!("H11.01.07.{}", event.kind.type_name()),
        user_id: None,
        content_type: None,
        trace: None,
        headers: Vec::new(),
        redelivered: false,
        read: Read::Event(Box::new(event.into())),
    }
}

pub(crate) fn reason(code: &'static str) -> Reason {
    Reason::new(ReasonCode::known(code))
}

/// A journal in a folder of its own.
pub(crate) struct World {
    pub(crate) journal: Arc<Journal>,
    pub(crate) settings: Settings,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn open() -> Self {
        Self::with(partners())
    }

    pub(crate) fn with(partners: Partners) -> Self {
        Self::changed(partners, |_settings| {})
    }

    /// The same, with changed settings.
    pub(crate) fn changed(partners: Partners, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        change(&mut settings);
        let journal = Arc::new(Journal::open(&settings, partners, at(0)).unwrap());
        Self { journal, settings, folder }
    }

    /// The process dies: nothing is settled, the lock is gone. The next one opens what it left.
    pub(crate) fn die(self) -> Self {
        self.die_with(partners())
    }

    /// The same, and the next one has these accounts.
    pub(crate) fn die_with(self, partners: Partners) -> Self {
        let Self { journal, settings, folder } = self;
        Arc::into_inner(journal).expect("nobody else holds the journal").close().unwrap();
        let journal = Arc::new(Journal::open(&settings, partners, at(0)).unwrap());
        Self { journal, settings, folder }
    }

    pub(crate) async fn admit(&self, events: impl IntoIterator<Item = Event>) -> AdmittedCounts {
        self.admit_at(at(0), events).await
    }

    /// Takes in events at a later time.
    pub(crate) async fn admit_at(
        &self,
        now: Timestamp,
        events: impl IntoIterator<Item = Event>,
    ) -> AdmittedCounts {
        let batch = events.into_iter().map(|event| arrival(event, now)).collect();
        self.journal.admit_batch(batch).await.unwrap()
    }

    /// Claims for both accounts.
    pub(crate) async fn claim(&self, now: Timestamp) -> Claimed {
        let want = |name: &str, partner| Want {
            account: AccountName::new(name),
            partner,
            calls: 100,
            ahead: 0,
            rows_per_call: 10,
        };
        let wants = vec![want(PORTAL, Partner::Portal), want(POST, Partner::Post)];
        self.journal.claim(wants, now).await.unwrap()
    }

    /// Claims calls.
    pub(crate) async fn calls(&self, now: Timestamp) -> Vec<Call> {
        let work = self.claim(now).await.work.into_iter().map(|(_, work)| work);
        work.filter_map(|work| if let Work::Send(call) = work { Some(call) } else { None }).collect()
    }

    /// Claims questions.
    pub(crate) async fn questions(&self, now: Timestamp) -> Vec<Question> {
        let work = self.claim(now).await.work.into_iter().map(|(_, work)| work);
        work.filter_map(|work| if let Work::Ask(question) = work { Some(*question) } else { None }).collect()
    }

    pub(crate) async fn settle(&self, call: Call, outcome: Outcome, ended_at: Timestamp) -> Vec<Transition> {
        let sent = Sent { outcome, http_status: None, steps: Vec::new(), receipt: Receipt::default() };
        self.journal.settle(Arc::new(Answered { call, sent, ended_at, draw: 0.5 })).await.unwrap()
    }

    /// Sends everything that is ready until nothing is, and all of it is accepted.
    pub(crate) async fn accept_all(&self, now: Timestamp) {
        loop {
            let calls = self.calls(now).await;
            if calls.is_empty() {
                return;
            }
            for call in calls {
                self.settle(call, Outcome::Accepted(reason("TEST-OK")), now).await;
            }
        }
    }

    /// A connection of somebody else: it sees only what is committed.
    pub(crate) fn file(&self) -> Connection {
        Connection::open(self.folder.path().join("journal.db")).unwrap()
    }

    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.file().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Kind and state of every handoff, lane by lane.
    pub(crate) fn states(&self) -> Vec<String> {
        let file = self.file();
        let sql = "SELECT kind || ' ' || state FROM handoff ORDER BY dossier, partner, place, id";
        let mut statement = file.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// State of the only handoff of this kind.
    pub(crate) fn state(&self, kind: &str) -> String {
        let sql = "SELECT state FROM handoff WHERE kind = ?1";
        self.file().query_row(sql, [kind], |row| row.get(0)).unwrap()
    }
}

/// The call of a kind among claimed ones.
pub(crate) fn take(calls: &mut Vec<Call>, kind: &str) -> Call {
    let index = calls.iter().position(|call| call.handoffs[0].kind().name() == kind);
    calls.remove(index.unwrap_or_else(|| panic!("no {kind} among the calls")))
}
