//! Rules one by one: order of events, the portal's side, tracking, labels.

use super::sample::{self, CODE, at_desk, minute, pickup, slip, step, with};
use super::world::World;
use crate::event::{EventKind, Snapshot};
use crate::handoff::{Content, HandoffKind};
use crate::ids::{ProcedureCode, Source, UnitCode};
use crate::plan::sequence::{Position, place_of};
use crate::plan::{Born, Plan};
use crate::state::{DossierState, Heard};
use crate::status::Status;
use crate::tables::{CashOnDelivery, DoneMeans, Field, ProcedureRow, Reporter, SequenceRule, Validity};
use crate::tracking::TrackingState;

fn flags(plan: &Plan) -> Vec<&str> {
    plan.flags.iter().map(|flag| flag.code.as_str()).collect()
}

fn tra() -> String {
    format!("{CODE}-TRA-1")
}

#[test]
fn events_have_their_place_by_the_rule_of_their_source() {
    fn check(rule: SequenceRule, last: (Option<u64>, u64), new: (Option<u64>, u64), expected: Position) {
        let heard = Heard {
            source: Source::new(sample::SOURCE),
            slip: false,
            sequence: last.0,
            time: minute(last.1),
        };
        let state = DossierState { heard: vec![heard], ..DossierState::default() };
        let mut event = step(1, 4);
        (event.sequence, event.time) = (new.0, minute(new.1));
        let rules = sample::rules(rule, DoneMeans::HandedOver);
        assert_eq!(place_of(&event, &state, Some(&rules)), expected, "{rule:?} {last:?} {new:?}");
    }
    use SequenceRule::{Contiguous, Increasing, None as Uncounted};
    check(Contiguous, (Some(4), 40), (Some(5), 50), Position::InOrder);
    check(Contiguous, (Some(4), 40), (Some(5), 30), Position::InOrder);
    check(Contiguous, (Some(4), 40), (Some(6), 60), Position::Gap);
    check(Contiguous, (Some(4), 40), (Some(4), 50), Position::Late);
    check(Contiguous, (Some(4), 40), (Some(3), 50), Position::Late);
    check(Contiguous, (Some(4), 40), (None, 50), Position::InOrder);
    check(Contiguous, (Some(4), 40), (None, 30), Position::Late);
    check(Increasing, (Some(4), 40), (Some(9), 50), Position::InOrder);
    check(Increasing, (Some(4), 40), (Some(3), 50), Position::Late);
    check(Uncounted, (Some(4), 40), (Some(3), 50), Position::InOrder);
    check(Uncounted, (None, 40), (None, 40), Position::InOrder);
    check(Uncounted, (None, 40), (None, 39), Position::Late);
    assert_eq!(place_of(&step(7, 4), &DossierState::default(), None), Position::First);
}

#[test]
fn slips_and_other_sources_are_counted_apart() {
    let mut world = World::new();
    world.desk(&slip(9, EventKind::PickupRequested));
    let rules = world.tables.sources.values().next();
    assert_eq!(place_of(&step(2, 2), &world.state, rules), Position::First);
    assert_eq!(place_of(&slip(8, EventKind::PickupCancelled), &world.state, rules), Position::Late);
    let mut other = slip(8, EventKind::PickupCancelled);
    other.source = Source::new("urn:other");
    assert_eq!(place_of(&other, &world.state, rules), Position::First);
}

#[test]
fn a_dossier_may_begin_anywhere() {
    for kind in [EventKind::PapersForwarded, EventKind::FeesChanged, EventKind::ReturnRegistered] {
        let mut world = World::new();
        world.desk(&sample::event(17, kind, 4));
        assert_eq!(world.lanes()[0], "record 4", "{kind:?}");
    }
    let mut world = World::new();
    world.desk(&pickup(17, EventKind::PickupRequested, 1));
    assert_eq!(world.lanes(), ["order GOM-1"]);
}

#[test]
fn procedures_are_reported_by_whom_the_tables_say() {
    fn check(code: &str, expected: Option<&str>, born: Option<&str>) {
        let mut world = World::new();
        let plan = world.desk(&with(at_desk(step(1, 2)), |snapshot| {
            snapshot.dossier.procedure_code = ProcedureCode::new(code);
        }));
        let told = plan.handoffs.iter().find_map(|planned| match (&planned.content, &planned.born) {
            (Content::Record(record), Born::Due) => Some((record.procedure.as_str(), None)),
            (Content::Record(record), Born::Dead(reason) | Born::Held(reason)) => {
                Some((record.procedure.as_str(), Some((reason.code.as_str(), reason.field.as_deref()))))
            }
            (
                Content::Row(_)
                | Content::Status(_)
                | Content::Order(_)
                | Content::Cancel(_)
                | Content::News(_),
                _,
            ) => None,
        });
        let dead = born.map(|code| (code, Some("dossier.procedure_code")));
        assert_eq!(told, expected.map(|procedure| (procedure, dead)), "{code}");
    }
    check("1.004873", Some("1.004873"), None);
    check("1.000894.H56", Some("1.000894"), None);
    check("1.000894.000.00.00.H56", Some("1.000894"), None);
    check("TS_lop1", Some("1.004444"), None);
    check("2.000635", None, None);
    check("2.000635.H11", None, None);
    check("TS_lop2", Some("TS_lop2"), Some("GATEWAY-UNKNOWN-PROCEDURE"));
}

#[test]
fn null_keeps_a_list_and_a_delivery_keeps_it_too() {
    let mut world = World::new();
    world.desk(&with(step(1, 9), |snapshot| snapshot.dossier.results = Some(vec![sample::result()])));
    world.accept_all();
    let delivered = world.track(&tra(), TrackingState::Delivered, 15);
    let Content::Record(record) = &delivered.handoffs[0].content else { panic!("a record comes first") };
    assert_eq!(record.snapshot.dossier.results, Some(vec![sample::result()]));
    assert_eq!((record.status, record.returned_at), (Status::Returned, Some(minute(15))));
    let null = world.desk(&with(step(2, 10), |snapshot| snapshot.dossier.subject.push_str(" (bản sao)")));
    let Content::Record(record) = &null.handoffs[0].content else { panic!("a record comes first") };
    assert_eq!(record.snapshot.dossier.results, Some(vec![sample::result()]));
    assert_eq!((record.status, record.returned_at), (Status::Returned, Some(minute(15))));
}

#[test]
fn a_record_released_by_a_person_empties_the_list_for_good() {
    let results = |results| move |snapshot: &mut Snapshot| snapshot.dossier.results = Some(results);
    let mut world = World::new();
    world.desk(&with(at_desk(step(1, 9)), results(vec![sample::result()])));
    world.accept_all();
    world.desk(&with(at_desk(step(2, 4)), results(Vec::new())));
    assert_eq!(world.basis.as_ref().unwrap().dossier.results, Some(vec![sample::result()]));
    world.accept(HandoffKind::PortalRecord);
    assert_eq!(world.basis.as_ref().unwrap().dossier.results, Some(Vec::new()));
    world.accept_all();
    world.desk(&with(at_desk(step(3, 4)), results(Vec::new())));
    assert_eq!(world.lanes(), ["record 4", "row 4"]);
}

#[test]
fn a_dead_record_is_cured_by_any_event_that_corrects_it() {
    let mut world = World::new();
    world.desk(&with(at_desk(step(1, 2)), |snapshot| snapshot.dossier.subject = String::new()));
    assert_eq!(world.lanes(), ["record 2 DEAD", "row 2"]);
    world.desk(&at_desk(sample::event(2, EventKind::PickupCancelled, 2)));
    assert_eq!(world.lanes(), ["record 2", "row 2"]);
}

#[test]
fn a_second_supplement_is_a_warning() {
    let mut world = World::new();
    assert_eq!(flags(&world.desk(&at_desk(step(1, 5)))), [""; 0]);
    world.desk(&at_desk(step(2, 4)));
    assert_eq!(flags(&world.desk(&at_desk(step(3, 5)))), ["DESK-SECOND-SUPPLEMENT"]);
}

#[test]
fn a_jump_says_nothing_to_the_post_and_leaves_the_dossier_as_it_was() {
    for (from, to) in [(9, 1), (9, 3), (10, 1), (3, 9)] {
        let mut world = World::new();
        world.desk(&step(1, from));
        let (before, basis) = (world.state.portal.clone(), world.basis.clone());
        let jump = world.desk(&step(2, to));
        assert_eq!(jump.handoffs.len(), 1, "{from} -> {to}");
        assert!(
            matches!(&jump.handoffs[0].born, Born::Dead(reason) if reason.code.as_str() == "GATEWAY-STATUS-JUMP")
        );
        assert_eq!((world.state.portal, world.basis), (before, basis), "{from} -> {to}");
    }
}

#[test]
fn only_credible_deliveries_are_told_to_the_portal() {
    fn check(at: u64, expected: &[&str], flag: &[&str]) {
        let mut world = World::new();
        world.now = minute(3000);
        world.desk(&step(200, 9));
        world.accept_all();
        let plan = world.track(&tra(), TrackingState::Delivered, at);
        assert_eq!(world.lanes(), expected, "{at}");
        assert_eq!(flags(&plan), flag, "{at}");
    }
    check(2500, &["record 10", "row 10"], &[]);
    check(2000 - 1440, &["record 10", "row 10"], &[]);
    check(2000 - 1441, &[], &["DESK-DELIVERY-TIME"]);
    check(3060, &["record 10", "row 10"], &[]);
    check(3061, &[], &["DESK-DELIVERY-TIME"]);
}

#[test]
fn an_older_report_never_overwrites_a_newer_one() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.track(&tra(), TrackingState::FailedAttempt, 30);
    world.track(&tra(), TrackingState::Collected, 20);
    world.track(&tra(), TrackingState::Unknown, 40);
    world.track(&tra(), TrackingState::Delivered, 25);
    world.track(&tra(), TrackingState::OutForDelivery, 50);
    world.track(&tra(), TrackingState::Delivered, 60);
    assert_eq!(world.lanes(), ["row 9", "record 10", "row 10"]);
}

#[test]
fn a_delivery_before_the_desk_took_the_dossier_up_again_is_no_end() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.desk(&step(3, 4));
    let open = world.track(&tra(), TrackingState::Delivered, 25);
    assert!(flags(&open).contains(&"DESK-DELIVERED-WHILE-OPEN"));
    assert_eq!(world.state.portal.reported(), Some(Status::Processing));
}

#[test]
fn phones_of_the_applicant_stand_in_and_notes_are_neutral() {
    fn check(change: impl FnOnce(&mut Snapshot), phone: &str, note: Option<&str>, expected: &[&str]) {
        let mut world = World::new();
        let plan = world.desk(&with(step(1, 9), change));
        let Content::Order(order) = &plan.handoffs[2].content else { panic!("the order comes last") };
        assert_eq!((order.to.phone.as_str(), order.note.as_deref()), (phone, note));
        assert_eq!(flags(&plan), expected);
    }
    fn to(snapshot: &mut Snapshot) -> &mut crate::event::PostalAddress {
        snapshot.postal.return_to.as_mut().unwrap()
    }
    fn note(text: &str) -> impl FnOnce(&mut Snapshot) {
        move |snapshot| {
            snapshot.dossier.results = Some(vec![sample::result()]);
            to(snapshot).note = Some(text.to_owned());
        }
    }
    check(|snapshot| to(snapshot).phone = Some("+84 510 000 333".into()), "0510000333", None, &[]);
    check(|snapshot| to(snapshot).phone = Some("12".into()), "0510000111", None, &["DESK-PHONE-REPLACED"]);
    check(
        |snapshot| to(snapshot).commune_code = UnitCode::new("1"),
        "0510000111",
        None,
        &["DESK-UNKNOWN-UNIT"],
    );
    check(note("Gọi trước khi đến"), "0510000111", Some("Gọi trước khi đến"), &[]);
    check(note("Trả GIẤY XÁC NHẬN tận tay"), "0510000111", None, &["DESK-NOTE-DROPPED"]);
    check(note("xác nhận tình trạng hôn nhân"), "0510000111", None, &["DESK-NOTE-DROPPED"]);
}

#[test]
fn unpaid_fees_are_collected_where_the_agency_says_so() {
    fn check(policy: CashOnDelivery, paid: bool, expected: u64) {
        let mut tables = sample::tables();
        tables.agencies.values_mut().for_each(|profile| profile.cash = policy);
        let plan = World::with_tables(tables).desk(&with(step(1, 9), |snapshot| {
            snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = paid);
        }));
        let Content::Order(order) = &plan.handoffs[2].content else { panic!("the order comes last") };
        assert_eq!(order.cash, expected, "{policy:?} {paid}");
    }
    check(CashOnDelivery::UnpaidFees, false, 8000);
    check(CashOnDelivery::UnpaidFees, true, 0);
    check(CashOnDelivery::Off, false, 0);
}

#[test]
fn late_events_ask_nothing_of_the_post_that_the_present_does_not_want() {
    let mut world = World::new();
    world.desk(&pickup(1, EventKind::PickupRequested, 1));
    world.desk(&pickup(3, EventKind::PickupCancelled, 1));
    world.desk(&pickup(2, EventKind::PickupRequested, 1));
    assert_eq!(world.lanes(), [""; 0]);
    world.desk(&step(5, 9));
    world.desk(&sample::event(4, EventKind::ReturnWithdrawn, 9));
    assert_eq!(world.lanes(), ["record 9", "row 9", "order TRA-1", "record 9"]);
    assert_eq!(flags(&world.desk(&sample::event(4, EventKind::PapersForwarded, 4))), ["DESK-LATE-EVENT"]);
    assert_eq!(world.lanes(), ["record 9", "row 9", "order TRA-1", "row 4", "record 9"]);
}

#[test]
fn a_late_change_that_only_a_record_tells_is_told() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    // Overtaken by an event that brings no record of its own.
    let withdrawn = |event| sample::with(event, |snapshot| snapshot.dossier.return_by_post = false);
    world.desk(&withdrawn(sample::event(3, EventKind::ReorderRequested, 9)));
    let late = world.desk(&sample::event(2, EventKind::ReturnWithdrawn, 9));
    let told = late.handoffs.iter().find_map(|planned| match &planned.content {
        Content::Record(record) => Some(record.snapshot.dossier.return_by_post),
        Content::Row(_) | Content::Status(_) | Content::Order(_) | Content::Cancel(_) | Content::News(_) => {
            None
        }
    });
    assert_eq!(told, Some(false));
}

#[test]
fn state_holds_no_person_and_stays_small() {
    let mut world = World::new();
    world.desk(&pickup(1, EventKind::PickupRequested, 1));
    world.desk(&step(2, 9));
    world.accept_all();
    world.track(&tra(), TrackingState::Delivered, 30);
    let stored = serde_json::to_string(&world.state).unwrap();
    for secret in ["Bưởi", "0510000", "Lạc Long", "9991990", "hôn nhân"] {
        assert!(!stored.contains(secret), "{secret}");
    }
    assert!(stored.len() < 1500, "{} bytes", stored.len());
    assert_eq!(serde_json::from_str::<DossierState>(&stored).unwrap(), world.state);
    assert_eq!(serde_json::from_str::<DossierState>("{}").unwrap(), DossierState::default());
}

#[test]
fn a_dossier_that_does_not_tell_its_field_gets_that_of_its_procedure() {
    fn check(told: &str, known: bool, expected: (&str, &str)) {
        let mut world = World::new();
        let row = ProcedureRow {
            national_code: ProcedureCode::new("1.004873"),
            reported_by: Reporter::Gateway,
            field: known.then(|| Field { code: "G15-TP03".into(), name: "Hộ tịch".into() }),
            validity: Validity::default(),
        };
        world.tables.procedures.insert(ProcedureCode::new("1.004873"), vec![row]);
        let event = with(step(1, 2), |snapshot| {
            snapshot.dossier.field_code = told.to_owned();
            snapshot.dossier.field_name = told.to_owned();
        });
        let plan = world.desk(&event);
        let record = plan.handoffs.iter().find(|planned| planned.content.kind() == HandoffKind::PortalRecord);
        let Some(Content::Record(record)) = record.map(|planned| &planned.content) else {
            panic!("no record")
        };
        let dossier = &record.snapshot.dossier;
        assert_eq!((dossier.field_code.as_str(), dossier.field_name.as_str()), expected, "{told:?} {known}");
    }
    check("", true, ("G15-TP03", "Hộ tịch"));
    check("", false, ("", ""));
    check("G05", true, ("G05", "G05"));
}
