//! What the pure parts cost, one by one: `cargo bench -p bench --bench micro`.
//!
//! The event is the one of the fixtures, a result that goes home by post: a record, a row and an order. Settings and
//! tables are those of `make bench`, so what is measured here is what an event costs there beside disk and network.

use divan::{Bencher, black_box};
use jiff::Timestamp;
use lienthong::config::Settings;
use lienthong::config::settings::InterfaceSettings;
use lienthong::partners::{Partners, build};
use lienthong_commune::{Limits, decode};
use lienthong_core::event::Event;
use lienthong_core::handoff::{Content, HandoffKind};
use lienthong_core::identity::EventHash;
use lienthong_core::plan::{Cause, Known, Plan, plan};
use lienthong_core::port::Port;
use lienthong_http::Answer;
use std::sync::{Arc, LazyLock};

const JSON: &[u8] = include_bytes!("../../adapters/commune/fixtures/valid/status-changed.json");
const XML: &[u8] = include_bytes!("../../adapters/commune/fixtures/valid/status-changed.xml");

fn main() {
    divan::main();
}

/// Settings, accounts, and the event with its plan.
struct Scene {
    settings: Settings,
    partners: Partners,
    event: Event,
    planned: Plan,
    now: Timestamp,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let settings = settings();
    let partners = build(&settings.accounts).expect("the accounts of a benchmark can be built");
    let event = decode(Some("application/json"), JSON, &Limits::default()).expect("the fixture is an event");
    let now = lienthong::clock::now();
    let planned = plan(Cause::Desk(&event), &Known::default(), &settings.tables, &partners, now);
    Scene { settings, partners, event, planned, now }
});

fn settings() -> Settings {
    let folder = tempfile::tempdir().expect("there is room for two small files");
    let config = include_str!("../runner/gateway.toml").replace("@CONCURRENCY@", "8");
    let file = folder.path().join("gateway.toml");
    std::fs::write(&file, config).expect("there is room for a small file");
    let agencies = include_str!("../runner/agencies.toml");
    std::fs::write(folder.path().join("agencies.toml"), agencies).expect("there is room for a small file");
    let data = folder.path().display().to_string();
    let value = |name: &str| match name {
        "BENCH_DATA" => Some(data.clone()),
        "BENCH_TABLES" => Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/tables").to_owned()),
        "BENCH_AMQP_URL" => Some("amqp://127.0.0.1".to_owned()),
        "BENCH_ADMIN_PORT" => Some("0".to_owned()),
        "BENCH_SECRET" => Some("mat-khau-thu".to_owned()),
        _ => Some("http://127.0.0.1:1".to_owned()),
    };
    lienthong::config::load_with(&file, &value).expect("the configuration of a benchmark can be read")
}

/// The first content of a kind in the event's plan, and the port of its account.
fn content(kind: HandoffKind) -> (&'static Content, Arc<dyn Port>) {
    let handoffs = &SCENE.planned.handoffs;
    let handoff = handoffs.iter().find(|handoff| handoff.content.kind() == kind);
    let handoff = handoff.expect("the event of the fixture makes a record, a row and an order");
    let account = SCENE.partners.get(&handoff.account).expect("plans name accounts that are configured");
    (&handoff.content, Arc::clone(&account.port))
}

#[divan::bench]
fn decode_json() -> bool {
    decode(Some("application/json"), black_box(JSON), &Limits::default()).is_ok()
}

#[divan::bench]
fn decode_xml() -> bool {
    decode(Some("application/xml"), black_box(XML), &Limits::default()).is_ok()
}

#[divan::bench]
fn hash(bencher: Bencher<'_, '_>) {
    let event = &SCENE.event;
    bencher.bench(|| EventHash::of(black_box(event)));
}

/// A dossier never heard of; every content is checked by its adapter, as in the gateway.
#[divan::bench]
fn plan_first_event(bencher: Bencher<'_, '_>) {
    let Scene { settings, partners, event, now, .. } = &*SCENE;
    let known = Known::default();
    bencher.bench(|| plan(Cause::Desk(black_box(event)), &known, &settings.tables, partners, *now));
}

/// The same dossier again: what is known of it is compared with what the event says.
#[divan::bench]
fn plan_next_event(bencher: Bencher<'_, '_>) {
    let Scene { settings, partners, event, planned, now } = &*SCENE;
    let agency = Some(event.snapshot.agency.code.clone());
    let known =
        Known { agency, state: planned.state.clone(), basis: planned.basis.clone(), open: Vec::new() };
    bencher.bench(|| plan(Cause::Desk(black_box(event)), &known, &settings.tables, partners, *now));
}

#[divan::bench(args = [HandoffKind::PortalRecord, HandoffKind::PortalProgress, HandoffKind::PostOrder])]
fn translate(bencher: Bencher<'_, '_>, kind: HandoffKind) {
    let (content, port) = content(kind);
    bencher.bench(|| port.translate(&[black_box(content)]));
}

fn answer(status: u16, body: &'static str) -> Answer {
    let content_type = Some("application/json".to_owned());
    Answer { status, content_type, retry_after: None, body: body.as_bytes().into() }
}

/// With the phrases folded each time, which the adapter does once an account.
#[divan::bench]
fn classify_portal(bencher: Bencher<'_, '_>) {
    use lienthong_portal::axis::answers::{Asked, meaning};
    let answer = answer(200, r#"{"error_code":"0","message":"Đồng bộ hồ sơ thành công"}"#);
    let accounts = SCENE.settings.accounts.values();
    let mut settings = accounts.filter_map(|account| {
        if let InterfaceSettings::PortalAdapter(portal) = &account.interface { Some(portal) } else { None }
    });
    let settings = settings.next_back().expect("there is an account at the portal");
    bencher.bench(|| meaning(Asked::Create, black_box(&answer), settings));
}

#[divan::bench]
fn classify_post(bencher: Bencher<'_, '_>) {
    use lienthong_post::ngsp::answers::{Asked, meaning};
    let answer = answer(201, r#"{"Status":100,"Message":""}"#);
    let accounts = SCENE.settings.accounts.values();
    let mut settings = accounts.filter_map(|account| {
        if let InterfaceSettings::PostNgsp(post) = &account.interface { Some(post) } else { None }
    });
    let settings = settings.next_back().expect("there is an account at the post");
    bencher.bench(|| meaning(Asked::Create, black_box(&answer), settings));
}
