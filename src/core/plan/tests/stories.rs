//! Whole lives of dossiers, told line by line: `+` planned, `-` taken back, `~` changed, `!` flagged.

use super::sample::{self, SLIP, pickup, slip, step, with};
use super::world::World;
use crate::event::{EventKind, Fee};
use crate::handoff::HandoffKind;
use crate::ids::Source;
use crate::plan::Stage;
use crate::state::DossierState;
use crate::tables::{DoneMeans, SequenceRule};
use crate::tracking::TrackingState;

fn golden(name: &str, world: &World) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!(name, format!("{}\nlanes: {:#?}\n", world.story(), world.lanes()));
    });
}

fn number(leg: &str) -> String {
    format!("{}-{leg}", sample::CODE)
}

#[test]
fn an_ordinary_dossier_ends_with_a_delivery() {
    let mut world = World::new();
    for (n, status) in [(1, 1), (2, 2), (3, 4), (4, 5), (5, 4), (6, 9)] {
        world.desk(&step(n, status));
        world.accept_all();
    }
    world.track(&number("TRA-1"), TrackingState::Accepted, 70);
    world.track(&number("TRA-1"), TrackingState::Collected, 80);
    world.track(&number("TRA-1"), TrackingState::InTransit, 90);
    world.track(&number("TRA-1"), TrackingState::FailedAttempt, 100);
    world.track(&number("TRA-1"), TrackingState::Delivered, 110);
    world.desk(&step(7, 10));
    golden("story-ordinary", &world);
}

#[test]
fn records_are_superseded_while_rows_need_them_no_more() {
    let mut world = World::new();
    for (n, status) in [(1, 2), (2, 4), (3, 9)] {
        world.desk(&with(step(n, status), |snapshot| snapshot.dossier.return_by_post = false));
    }
    assert_eq!(world.lanes(), ["record 2", "row 2", "row 4", "record 9", "row 9"]);
    golden("story-superseding", &world);
}

#[test]
fn a_dead_record_is_replaced_at_its_place() {
    let mut world = World::new();
    let refused = |snapshot: &mut crate::event::Snapshot| {
        snapshot.dossier.return_by_post = false;
        snapshot.dossier.subject = String::new();
    };
    world.desk(&with(step(1, 2), refused));
    world.desk(&with(step(2, 4), refused));
    world.desk(&with(step(3, 9), |snapshot| snapshot.dossier.return_by_post = false));
    assert_eq!(world.lanes(), ["record 9", "row 2", "row 4", "row 9"]);
    golden("story-dead-record", &world);
}

#[test]
fn a_record_that_dies_makes_way_for_a_newer_one_behind_it() {
    let mut world = World::new();
    world.desk(&step(1, 2));
    world.attempt(HandoffKind::PortalRecord, Stage::Sending);
    world.desk(&step(2, 4));
    world.refuse(HandoffKind::PortalRecord, "PORTAL-57", None);
    assert_eq!(world.lanes(), ["record 4", "row 2", "row 4"]);
    golden("story-record-dies", &world);
}

#[test]
fn reopened_before_collection_the_next_result_is_a_new_order() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.desk(&step(2, 4));
    world.desk(&step(3, 9));
    world.accept(HandoffKind::PostCancel);
    golden("story-reopened-uncollected", &world);
}

#[test]
fn reopened_after_collection_the_parcel_goes_on() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.track(&number("TRA-1"), TrackingState::Collected, 15);
    world.desk(&step(2, 4));
    world.desk(&step(3, 4));
    world.desk(&step(4, 9));
    world.track(&number("TRA-1"), TrackingState::Delivered, 60);
    golden("story-reopened-collected", &world);
}

#[test]
fn reopened_after_delivery_the_lasting_fact_ends() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.track(&number("TRA-1"), TrackingState::Delivered, 15);
    world.desk(&step(2, 4));
    world.desk(&step(3, 9));
    world.desk(&sample::event(4, EventKind::ReorderRequested, 9));
    golden("story-reopened-delivered", &world);
}

#[test]
fn a_slips_pickup_is_the_dossiers_pickup() {
    let mut world = World::new();
    world.desk(&slip(1, EventKind::PickupRequested));
    world.accept_all();
    let slip = std::mem::take(&mut world.state);
    world.state = DossierState::default().join(slip);
    world.desk(&pickup(1, EventKind::PickupRequested, 1));
    world.track(&format!("{SLIP}-GOM-1"), TrackingState::Delivered, 15);
    world.desk(&step(2, 2));
    world.accept_all();
    world.desk(&step(3, 3));
    golden("story-slip", &world);
}

#[test]
fn dispatched_is_nine_until_delivered() {
    let mut world = World::new();
    let rules = sample::rules(SequenceRule::Contiguous, DoneMeans::Dispatched);
    world.tables.sources.insert(Source::new(sample::SOURCE), rules);
    world.desk(&step(1, 9));
    world.accept_all();
    world.desk(&step(2, 10));
    world.track(&number("TRA-1"), TrackingState::Collected, 25);
    world.track(&number("TRA-1"), TrackingState::Delivered, 35);
    world.desk(&step(4, 10));
    golden("story-dispatched", &world);
}

#[test]
fn handed_over_at_the_desk_needs_no_parcel() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.desk(&step(2, 10));
    world.refuse(HandoffKind::PostCancel, "POST-104", None);
    world.track(&number("TRA-1"), TrackingState::Delivered, 30);
    golden("story-handed-over", &world);
}

#[test]
fn cash_paid_later_is_not_collected_twice() {
    let owed = |paid| {
        move |snapshot: &mut crate::event::Snapshot| {
            snapshot.fees =
                Some(vec![Fee { code: "LP01".into(), name: "Lệ phí".into(), amount: 8000, paid }]);
        }
    };
    let paid = |n| with(sample::event(n, EventKind::FeesChanged, 9), owed(true));
    let mut uncollected = World::new();
    uncollected.desk(&with(step(1, 9), owed(false)));
    uncollected.accept_all();
    uncollected.desk(&paid(2));
    uncollected.accept(HandoffKind::PostCancel);
    golden("story-cash-uncollected", &uncollected);

    let mut collected = World::new();
    collected.desk(&with(step(1, 9), owed(false)));
    collected.accept_all();
    collected.track(&number("TRA-1"), TrackingState::Collected, 15);
    collected.desk(&paid(2));
    golden("story-cash-collected", &collected);

    let mut unsent = World::new();
    unsent.desk(&with(step(1, 9), owed(false)));
    unsent.desk(&paid(2));
    golden("story-cash-unsent", &unsent);
}

#[test]
fn a_phone_cures_an_order_without_one() {
    let nobody = |snapshot: &mut crate::event::Snapshot| {
        snapshot.applicant.phone = None;
        snapshot.postal.return_to.as_mut().unwrap().phone = None;
    };
    let mut world = World::new();
    world.desk(&with(step(1, 9), nobody));
    world.desk(&with(sample::event(2, EventKind::FeesChanged, 9), nobody));
    world.desk(&sample::event(3, EventKind::FeesChanged, 9));
    golden("story-cure-phone", &world);
}

#[test]
fn an_emptied_list_is_held_until_it_is_restored() {
    let lists = |results: Option<Vec<_>>| {
        move |snapshot: &mut crate::event::Snapshot| {
            snapshot.dossier.return_by_post = false;
            snapshot.dossier.results = results;
        }
    };
    let mut world = World::new();
    world.desk(&with(step(1, 9), lists(Some(vec![sample::result()]))));
    world.accept_all();
    world.desk(&with(step(2, 4), lists(Some(Vec::new()))));
    world.desk(&with(step(3, 9), lists(Some(Vec::new()))));
    world.desk(&with(step(4, 9), lists(Some(vec![sample::result()]))));
    golden("story-emptied-list", &world);
}

#[test]
fn a_ministrys_dossier_has_a_postal_side_only() {
    let mut world = World::new();
    let ministry = |snapshot: &mut crate::event::Snapshot| {
        snapshot.dossier.procedure_code = crate::ids::ProcedureCode::new("2.000635");
    };
    world.desk(&with(step(1, 2), ministry));
    world.desk(&with(step(2, 9), ministry));
    world.accept_all();
    world.track(&number("TRA-1"), TrackingState::Delivered, 30);
    golden("story-ministry", &world);
}

#[test]
fn a_late_event_does_not_turn_the_dossier_back() {
    let mut world = World::new();
    world.desk(&step(1, 2));
    world.accept_all();
    world.desk(&step(3, 9));
    world.desk(&step(2, 4));
    golden("story-late", &world);
}

#[test]
fn a_status_that_cannot_follow_is_a_dead_row_and_nothing_else() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.desk(&step(2, 1));
    world.desk(&step(3, 10));
    golden("story-status-jump", &world);
}
