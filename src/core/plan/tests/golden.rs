//! One golden file per kind of event: the whole plan, every field.

use super::sample::{self, pickup, slip, step, with};
use super::world::World;
use crate::event::{Event, EventKind};
use crate::tracking::TrackingState;

fn golden(name: &str, plan: &crate::plan::Plan) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!(name, plan));
}

fn after(earlier: &[Event], event: &Event) -> crate::plan::Plan {
    let mut world = World::new();
    for event in earlier {
        world.desk(event);
        world.accept_all();
    }
    world.desk(event)
}

#[test]
fn a_status_is_a_record_and_a_row() {
    golden("status-changed", &after(&[], &step(1, 2)));
}

#[test]
fn a_result_for_the_post_is_an_order_as_well() {
    let done = with(step(2, 9), |snapshot| {
        snapshot.dossier.results = Some(vec![sample::result()]);
        snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = false);
    });
    golden("status-changed-to-done", &after(&[step(1, 2)], &done));
}

#[test]
fn a_pickup_is_an_order_and_nothing_at_the_portal() {
    golden("pickup-requested", &after(&[], &slip(1, EventKind::PickupRequested)));
}

#[test]
fn a_pickup_called_off_is_a_cancel() {
    let earlier = [pickup(1, EventKind::PickupRequested, 1)];
    golden("pickup-cancelled", &after(&earlier, &pickup(2, EventKind::PickupCancelled, 1)));
}

#[test]
fn a_return_registered_after_the_end_is_a_record_and_an_order() {
    let done = with(step(1, 9), |snapshot| snapshot.dossier.return_by_post = false);
    let registered = sample::event(2, EventKind::ReturnRegistered, 9);
    golden("return-registered", &after(&[done], &registered));
}

#[test]
fn a_return_withdrawn_is_a_record_and_a_cancel() {
    let withdrawn = sample::event(2, EventKind::ReturnWithdrawn, 9);
    golden("return-withdrawn", &after(&[step(1, 9)], &withdrawn));
}

#[test]
fn papers_forwarded_are_a_row_and_an_order() {
    let forwarded = sample::event(2, EventKind::PapersForwarded, 4);
    let forwarded = with(forwarded, |snapshot| snapshot.postal.forward = Some(sample::forward()));
    golden("papers-forwarded", &after(&[step(1, 4)], &forwarded));
}

#[test]
fn changed_fees_are_a_record() {
    let paid = with(sample::event(2, EventKind::FeesChanged, 6), |snapshot| {
        snapshot.fees.iter_mut().flatten().for_each(|fee| fee.amount = 12_000);
    });
    golden("fees-changed", &after(&[step(1, 6)], &paid));
}

#[test]
fn a_reorder_is_the_next_number() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.track(&format!("{}-TRA-1", sample::CODE), TrackingState::Returned, 50);
    golden("reorder-requested", &world.desk(&sample::event(6, EventKind::ReorderRequested, 9)));
}

#[test]
fn a_delivery_is_ten_for_good() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    golden(
        "tracking-delivered",
        &world.track(&format!("{}-TRA-1", sample::CODE), TrackingState::Delivered, 50),
    );
}

#[test]
fn a_late_event_is_a_row_and_a_fresh_newest_record() {
    golden("late-event", &after(&[step(1, 2), step(3, 9)], &step(2, 4)));
}
