//! What the citizen or the desk changes about a postal order, case by case: before the post has the parcel the gateway acts,
//! afterwards a person must. And a parcel that comes back.

use super::sample::{self, CODE, pickup, step, with};
use super::world::World;
use crate::event::{Event, EventKind};
use crate::handoff::{Content, HandoffKind};
use crate::plan::Plan;
use crate::tracking::TrackingState;

const CANCEL: HandoffKind = HandoffKind::PostCancel;

/// How far the order got before something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Got {
    Unsent,
    Taken,
    Collected,
}

/// What the post's lane holds, and what a person is asked.
fn came_of(world: &World, plan: &Plan) -> Vec<String> {
    let lane =
        world.lanes().into_iter().filter(|line| line.starts_with("order") || line.starts_with("cancel"));
    let tasks = plan.flags.iter().filter(|flag| flag.task).map(|flag| flag.code.as_str().to_owned());
    lane.chain(tasks).collect()
}

fn paid(event: Event, paid: bool) -> Event {
    with(event, |snapshot| snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = paid))
}

/// A world in which `first` ordered a parcel of that leg, and the parcel got so far.
fn ordered(first: &Event, leg: &str, got: Got) -> World {
    let mut world = World::new();
    world.desk(first);
    if got != Got::Unsent {
        world.accept_all();
    }
    if got == Got::Collected {
        world.track(&format!("{CODE}-{leg}-1"), TrackingState::Collected, 15);
        world.accept_all();
    }
    world
}

#[test]
fn a_pickup_that_is_cancelled_is_called_off_while_it_can_be() {
    for (got, expected) in
        [(Got::Unsent, &[][..]), (Got::Taken, &["cancel GOM-1"]), (Got::Collected, &["DESK-PARCEL-UNDERWAY"])]
    {
        let mut world = ordered(&pickup(1, EventKind::PickupRequested, 1), "GOM", got);
        let plan = world.desk(&pickup(2, EventKind::PickupCancelled, 1));
        assert_eq!(came_of(&world, &plan), expected, "{got:?}");
    }
}

#[test]
fn a_return_that_is_withdrawn_is_called_off_while_it_can_be() {
    for (got, expected) in
        [(Got::Unsent, &[][..]), (Got::Taken, &["cancel TRA-1"]), (Got::Collected, &["DESK-PARCEL-UNDERWAY"])]
    {
        let mut world = ordered(&step(1, 9), "TRA", got);
        let plan = world.desk(&sample::event(2, EventKind::ReturnWithdrawn, 9));
        assert_eq!(came_of(&world, &plan), expected, "{got:?}");
    }
}

#[test]
fn fees_paid_online_after_the_order_carried_cash_are_not_collected_again() {
    for (got, expected) in [
        (Got::Unsent, &["order TRA-1"][..]),
        (Got::Taken, &["cancel TRA-1"]),
        (Got::Collected, &["DESK-CASH-PAID-LATE"]),
    ] {
        let mut world = ordered(&paid(step(1, 9), false), "TRA", got);
        let plan = world.desk(&paid(sample::event(2, EventKind::FeesChanged, 9), true));
        assert_eq!(came_of(&world, &plan), expected, "{got:?}");
        if got == Got::Taken {
            world.accept(CANCEL);
            assert_eq!(came_of(&world, &Plan::default()), ["order TRA-2"]);
        }
        let orders = world.open.iter().filter_map(|open| match &open.content {
            Some(Content::Order(order)) => Some(order.cash),
            Some(
                Content::Record(_)
                | Content::Row(_)
                | Content::Cancel(_)
                | Content::Status(_)
                | Content::News(_),
            )
            | None => None,
        });
        assert!(orders.into_iter().all(|cash| cash == 0), "{got:?}");
    }
}

#[test]
fn cash_that_the_post_will_not_drop_is_a_task_at_once() {
    let mut world = ordered(&paid(step(1, 9), false), "TRA", Got::Taken);
    world.desk(&paid(sample::event(2, EventKind::FeesChanged, 9), true));
    let refused = world.refuse(CANCEL, "POST-104", None);
    let expected = ["cancel TRA-1 DEAD", "DESK-CANCEL-TOO-LATE", "DESK-CASH-PAID-LATE"];
    assert_eq!(came_of(&world, &refused), expected);
}

#[test]
fn a_result_that_is_fetched_in_person_needs_no_parcel_any_more() {
    for (got, expected) in
        [(Got::Unsent, &[][..]), (Got::Taken, &["cancel TRA-1"]), (Got::Collected, &["DESK-PARCEL-UNDERWAY"])]
    {
        let mut world = ordered(&step(1, 9), "TRA", got);
        let plan = world.desk(&step(2, 10));
        assert_eq!(came_of(&world, &plan), expected, "{got:?}");
    }
}

#[test]
fn a_parcel_that_comes_back_after_failed_deliveries_leaves_nine_and_is_ordered_again_on_request() {
    let mut world = ordered(&step(1, 9), "TRA", Got::Collected);
    let number = format!("{CODE}-TRA-1");
    let rows = world.rows.len();
    for (minute, state) in [
        (20, TrackingState::FailedAttempt),
        (30, TrackingState::FailedAttempt),
        (40, TrackingState::Returning),
        (50, TrackingState::Returned),
    ] {
        let plan = world.track(&number, state, minute);
        let asks = plan.flags.iter().any(|flag| flag.code.as_str() == "DESK-PARCEL-RETURNED");
        assert_eq!(asks, state == TrackingState::Returned, "{state:?}");
    }
    let told = world.rows.iter().skip(rows).map(|row| match row {
        Content::Row(row) => row.status.code(),
        Content::Record(_)
        | Content::Order(_)
        | Content::Cancel(_)
        | Content::Status(_)
        | Content::News(_) => 0,
    });
    let told = told.collect::<Vec<_>>();
    assert_eq!(told, [9, 9, 9], "each failed attempt and the return, none on the way back");
    assert_eq!(world.state.portal.delivered_at, None);
    world.accept_all();
    let again = world.desk(&sample::event(2, EventKind::ReorderRequested, 9));
    assert_eq!(came_of(&world, &again), ["order TRA-2"]);
}

#[test]
fn the_same_report_read_through_two_accounts_is_one() {
    let mut world = ordered(&step(1, 9), "TRA", Got::Collected);
    let number = format!("{CODE}-TRA-1");
    let first = world.track(&number, TrackingState::FailedAttempt, 20);
    let again = world.track(&number, TrackingState::FailedAttempt, 20);
    assert_eq!((first.handoffs.len(), again.handoffs.len()), (1, 0));
}
