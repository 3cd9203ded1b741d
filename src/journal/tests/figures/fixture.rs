//! The fixed journal: built from events, answers of the partners and reports of the post, through the journal's own doors.

use super::super::world::{POST, World, arrival, event, partners, reason};
use crate::config::settings::Settings;
use crate::journal::command::CommandJournal;
use crate::journal::{Call, FeedReading};
use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use lienthong_core::calendar::Calendar;
use lienthong_core::event::{Event, Fee, Subject};
use lienthong_core::figures::reported;
use lienthong_core::handoff::HandoffKind;
use lienthong_core::ids::{AccountName, AgencyCode, DossierCode, EventId, OrderNumber};
use lienthong_core::outcome::Outcome;
use lienthong_core::tables::{CashOnDelivery, SourceRules};
use lienthong_core::tracking::{Meaning, Money, TrackingEvent, TrackingState};
use std::sync::Arc;

pub(crate) const A: &str = "H11.01.07";
pub(crate) const B: &str = "H11.01.08";
pub(crate) const C: &str = "H11.01.09";

/// A time in Việt Nam, of November 2026 unless a month stands in front: `05T16:00`, `10-31T23:59:59.999`.
pub(crate) fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once('T').unwrap();
    let day = if day.contains('-') { day.to_owned() } else { format!("11-{day}") };
    let seconds = if time.matches(':').count() == 1 { ":00" } else { "" };
    format!("2026-{day}T{time}{seconds}+07:00").parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    at("20T10:00")
}

/// A dossier as its row of the table has it.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    n: u16,
    agency: &'static str,
    received: Option<&'static str>,
    due: Option<&'static str>,
    /// `status@time`, oldest first.
    steps: &'static str,
    /// Goes back by post, with so much to collect.
    post: Option<u64>,
}

const fn row(
    n: u16,
    received: Option<&'static str>,
    due: Option<&'static str>,
    steps: &'static str,
    post: Option<u64>,
) -> Row {
    Row { n, agency: A, received, due, steps, post }
}

pub(crate) const ROWS: [Row; 18] = [
    row(1, Some("10-31T23:59:59.999"), Some("04T17:00"), "2@10-31T23:59:59.999 9@03T10:00", None),
    row(2, Some("01T00:00"), Some("05T17:00"), "2@01T00:00 9@05T16:00", None),
    row(3, Some("02T08:00"), Some("06T17:00"), "2@02T08:00 10@09T09:00", None),
    row(4, Some("03T08:00"), Some("10T17:00"), "2@03T08:00 5@04T10:00 4@09T10:00 9@14T10:00", None),
    row(
        5,
        Some("03T08:10"),
        Some("25T17:00"),
        "2@03T08:10 5@04T11:00 4@05T10:00 5@06T10:00 4@09T11:00",
        None,
    ),
    row(6, Some("10T08:00"), Some("23T09:00"), "2@20T09:59", None),
    row(7, Some("10T08:10"), Some("19T17:00"), "2@10T08:10 4@10T09:00", None),
    row(8, Some("11T08:00"), None, "2@11T08:00 4@11T09:00", None),
    row(9, Some("12T08:00"), Some("18T17:00"), "2@12T08:00 9@16T10:00", Some(0)),
    row(10, Some("12T08:01"), Some("20T17:00"), "2@12T08:01 9@17T09:00", Some(8000)),
    row(11, Some("12T08:02"), Some("19T17:00"), "2@12T08:02 9@13T09:00", Some(15000)),
    row(12, Some("12T08:03"), Some("19T17:00"), "2@12T08:03 9@18T11:00", Some(20000)),
    row(13, Some("12T08:04"), Some("19T17:00"), "2@12T08:04 9@16T11:00", Some(9000)),
    row(14, None, Some("25T17:00"), "1@12T09:00", None),
    row(15, Some("13T08:00"), Some("18T17:00"), "2@13T08:00 7@19T08:00", None),
    row(16, Some("19T06:30"), Some("24T17:00"), "2@20T09:58", None),
    row(17, Some("12T08:05"), Some("19T17:00"), "2@12T08:05 9@13T10:00", Some(5000)),
    Row { agency: B, ..row(21, Some("05T08:00"), Some("06T17:00"), "2@05T08:00 9@06T09:00", None) },
];

pub(crate) fn code(row: &Row) -> String {
    format!("{}-2611-{:04}", row.agency, row.n)
}

/// The events of a dossier, each numbered.
fn events(row: &Row) -> Vec<Event> {
    let steps = row.steps.split_whitespace().map(|step| step.split_once('@').unwrap());
    (1..).zip(steps).map(|(n, (status, time))| step(row, n, status.parse().unwrap(), at(time))).collect()
}

fn step(row: &Row, n: u64, status: u8, time: Timestamp) -> Event {
    let mut event = event(usize::from(row.n), n, status);
    let code = DossierCode::new(code(row));
    event.id = EventId::new(format!("{}/{n}", row.n));
    event.time = time;
    event.subject = Subject::Dossier(code.clone());
    event.snapshot.agency.code = AgencyCode::new(row.agency);
    let dossier = &mut event.snapshot.dossier;
    dossier.code = Some(code);
    dossier.received_at = row.received.map(at);
    dossier.due_at = row.due.map(at);
    dossier.finished_at = None;
    dossier.return_by_post = row.post.is_some();
    if row.n == 9 {
        event.snapshot.applicant.phone = None;
        event.snapshot.postal.return_to.as_mut().unwrap().phone = None;
    }
    let fee = |amount| Fee { code: "LP01".to_owned(), name: "Lệ phí".to_owned(), amount, paid: false };
    event.snapshot.fees = Some(row.post.filter(|cash| *cash > 0).map(fee).into_iter().collect());
    event
}

/// The settings of the world: three agencies, one source that speaks for them, and an office.
pub(crate) fn arrange(settings: &mut Settings) {
    let tables = Arc::make_mut(&mut settings.tables);
    let own = tables.agencies[&AgencyCode::new(A)].clone();
    for code in [A, B, C] {
        let mut profile = own.clone();
        (profile.code, profile.cash) = (AgencyCode::new(code), CashOnDelivery::UnpaidFees);
        tables.agencies.insert(profile.code.clone(), profile);
    }
    let agencies: Vec<AgencyCode> = tables.agencies.keys().cloned().collect();
    tables.sources.values_mut().for_each(|rules: &mut SourceRules| rules.agencies.clone_from(&agencies));
    let time = |hour, minute| Time::constant(hour, minute, 0, 0);
    let office = Calendar {
        hours: vec![(time(7, 0), time(11, 30)), (time(13, 30), time(17, 0))].into(),
        week: Weekday::Monday.cycle_forward().take(5).collect::<Vec<_>>().into(),
        ..Calendar::default()
    };
    (settings.calendars.agencies, settings.calendars.post) = (office.clone(), office);
}

/// The fixed journal.
pub(crate) async fn fixed() -> World {
    let world = World::changed(partners(), arrange);
    let mut events: Vec<Event> = ROWS.iter().flat_map(events).collect();
    events.sort_by_key(|event| event.time);
    for event in events {
        let time = event.time;
        take_in(&world, event, time).await;
        // What comes in the last minutes has no time to be sent.
        if time < at("20T09:59") {
            answer(&world, time).await;
        }
    }
    // Its 9 says that it is the fourth event of its dossier; the third has not come.
    take_in(&world, step(&ROWS[7], 4, 9, at("19T10:00")), at("19T10:01")).await;
    let mut other = step(&ROWS[1], 2, 9, at("05T16:00"));
    other.snapshot.step.text = "Nội dung khác".to_owned();
    take_in(&world, other, at("19T11:00")).await;
    report_parcels(&world).await;
    import(&world, "agency,period,received\nH11.01.08,2026-11,4\n");
    world
}

async fn take_in(world: &World, event: Event, time: Timestamp) {
    let agency = event.snapshot.agency.code.clone();
    let mut arrival = arrival(event, time);
    arrival.routing_key = format!("{agency}.vn.dossier.status-changed");
    world.journal.admit_batch(vec![arrival]).await.unwrap();
}

/// The partners take everything, but for the records of two dossiers.
async fn answer(world: &World, time: Timestamp) {
    loop {
        let calls = world.calls(time).await;
        if calls.is_empty() {
            return;
        }
        for call in calls {
            let outcome = outcome(&call);
            world.settle(call, outcome, time).await;
        }
    }
}

fn outcome(call: &Call) -> Outcome {
    let handoff = &call.handoffs[0];
    let is = |n: usize| {
        handoff.kind() == HandoffKind::PortalRecord && handoff.dossier.as_str() == code(&ROWS[n - 1])
    };
    if is(7) {
        return Outcome::Rejected(reason("TEST-57").at("fees.amount"));
    }
    if is(16) {
        return Outcome::Unavailable { reason: reason("TEST-DOWN"), wait: None, unsent: true };
    }
    Outcome::Accepted(reason("TEST-OK"))
}

async fn report_parcels(world: &World) {
    let says = |n: usize, feed: &str, meaning: Meaning, time: &str| TrackingEvent {
        feed_id: feed.to_owned(),
        number: OrderNumber::new(format!("{}-TRA-1", code(&ROWS[n - 1]))),
        meaning,
        wire_code: "1".to_owned(),
        at: at(time),
        waybill: None,
    };
    let rows = vec![
        says(11, "f1", TrackingState::Delivered.into(), "15T09:00"),
        says(11, "f2", Money::Settled.into(), "18T09:00"),
        says(12, "f3", TrackingState::FailedAttempt.into(), "19T09:00"),
        says(13, "f4", TrackingState::Returned.into(), "19T15:00"),
        says(
            17,
            "f5",
            Meaning { parcel: Some(TrackingState::Delivered), money: Some(Money::Collected) },
            "16T09:00",
        ),
    ];
    let account = AccountName::new(POST);
    let reading = FeedReading {
        account,
        rows,
        cursor: Some("f5".to_owned()),
        more: false,
        stuck: false,
        read_at: at("19T16:00"),
    };
    assert_eq!(world.journal.track(reading, 0.5).await.unwrap().strangers, 0);
}

pub(crate) fn import(world: &World, text: &str) {
    let counts = reported::read(text, |_agency| true).unwrap();
    let mut journal = CommandJournal::open(&world.settings, partners(), "test").unwrap();
    journal.import_reported(&counts, None, now()).unwrap();
}
