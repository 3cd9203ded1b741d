//! Postal orders: wanted against present.

use super::sample::{self, CODE, SLIP, pickup, slip, step, with};
use super::world::World;
use crate::event::{Event, EventKind};
use crate::handoff::Leg;
use crate::handoff::{Content, HandoffKind};
use crate::ids::UnitCode;
use crate::plan::{Plan, Stage};
use crate::state::{DossierState, LegStage, LegState};
use crate::tracking::TrackingState;

const ORDER: HandoffKind = HandoffKind::PostOrder;
const CANCEL: HandoffKind = HandoffKind::PostCancel;

fn flags(plan: &Plan) -> Vec<&str> {
    plan.flags.iter().map(|flag| flag.code.as_str()).collect()
}

/// What the post's lane holds.
fn lane(world: &World) -> Vec<String> {
    world.lanes().into_iter().filter(|line| line.starts_with("order") || line.starts_with("cancel")).collect()
}

fn tra(n: u32) -> String {
    format!("{CODE}-TRA-{n}")
}

fn registered(n: u64, house: &str) -> Event {
    with(sample::event(n, EventKind::ReturnRegistered, 9), |snapshot| {
        snapshot.postal.return_to.as_mut().unwrap().address = house.to_owned();
    })
}

fn withdrawn(n: u64) -> Event {
    sample::event(n, EventKind::ReturnWithdrawn, 9)
}

fn order_of(world: &World) -> &crate::handoff::Order {
    let found = world.open.iter().rev().find_map(|open| match &open.content {
        Some(Content::Order(order)) => Some(order),
        Some(
            Content::Record(_) | Content::Row(_) | Content::Status(_) | Content::Cancel(_) | Content::News(_),
        )
        | None => None,
    });
    found.unwrap()
}

#[test]
fn an_order_that_never_left_is_annihilated_and_its_number_used_again() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.desk(&withdrawn(2));
    assert_eq!(lane(&world), [""; 0]);
    world.desk(&registered(3, "12 Lạc Long Quân"));
    assert_eq!(lane(&world), ["order TRA-1"]);
}

#[test]
fn an_order_that_may_have_left_is_cancelled_behind_itself() {
    for stage in [Stage::Waiting, Stage::Sending, Stage::Uncertain] {
        let mut world = World::new();
        world.desk(&step(1, 9));
        world.attempt(ORDER, stage);
        world.desk(&withdrawn(2));
        let lane = lane(&world);
        assert!(lane[0].starts_with("order TRA-1") && lane[1] == "cancel TRA-1", "{stage:?}: {lane:?}");
    }
}

#[test]
fn a_dead_order_is_annihilated_only_when_the_post_surely_has_not_taken_it() {
    fn check(code: &'static str, expected: &[&str]) {
        let mut world = World::new();
        world.desk(&step(1, 9));
        world.refuse(ORDER, code, None);
        world.desk(&withdrawn(2));
        assert_eq!(lane(&world), expected, "{code}");
    }
    check("POST-102", &[]);
    check("GATEWAY-UNCERTAIN", &["order TRA-1 DEAD", "cancel TRA-1"]);
    check("GATEWAY-BUDGET-SPENT", &["order TRA-1 DEAD", "cancel TRA-1"]);
}

#[test]
fn registered_again_while_the_cancel_is_on_its_way_waits_for_its_answer() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.desk(&withdrawn(2));
    world.desk(&registered(3, "5 Trần Phú"));
    assert_eq!(lane(&world), ["cancel TRA-1"]);
    world.accept(CANCEL);
    assert_eq!(lane(&world), ["order TRA-2"]);
    assert_eq!(order_of(&world).to.address, "5 Trần Phú");
}

#[test]
fn a_cancel_that_fails_is_a_task_and_no_second_parcel() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.desk(&withdrawn(2));
    world.desk(&registered(3, "12 Lạc Long Quân"));
    let failed = world.refuse(CANCEL, "POST-104", None);
    assert_eq!(flags(&failed), ["DESK-CANCEL-TOO-LATE"]);
    assert!(failed.handoffs.is_empty());
    let again = world.desk(&sample::event(4, EventKind::ReorderRequested, 9));
    assert_eq!(flags(&again), ["DESK-PARCEL-UNDERWAY"]);
    assert_eq!(lane(&world), ["cancel TRA-1 DEAD"]);
}

#[test]
fn an_order_refused_after_its_cancel_was_planned_needs_no_cancel() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.attempt(ORDER, Stage::Sending);
    world.desk(&withdrawn(2));
    world.desk(&registered(3, "5 Trần Phú"));
    world.refuse(ORDER, "POST-102", None);
    assert_eq!(lane(&world), ["order TRA-1"]);
    assert_eq!(order_of(&world).to.address, "5 Trần Phú");
}

#[test]
fn an_order_that_may_have_left_is_never_sent_again_once_its_cancel_is_confirmed() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.refuse(ORDER, "GATEWAY-UNCERTAIN", None);
    world.desk(&withdrawn(2));
    world.accept(CANCEL);
    assert_eq!(lane(&world), [""; 0]);
    world.desk(&registered(3, "5 Trần Phú"));
    assert_eq!(lane(&world), ["order TRA-2"]);
}

#[test]
fn a_parcel_collected_before_its_cancel_is_tried_goes_on() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.desk(&withdrawn(2));
    let collected = world.track(&tra(1), TrackingState::Collected, 30);
    assert_eq!(flags(&collected), ["DESK-CANCEL-TOO-LATE"]);
    assert_eq!(lane(&world), [""; 0]);
}

#[test]
fn a_changed_receiver_is_a_new_order_only_when_registered() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    let moved = with(sample::event(2, EventKind::FeesChanged, 9), |snapshot| {
        snapshot.postal.return_to.as_mut().unwrap().address = "5 Trần Phú".to_owned();
    });
    assert_eq!(flags(&world.desk(&moved)), ["DESK-RECEIVER-CHANGED"]);
    world.desk(&registered(3, "7 Hải Thượng Lãn Ông"));
    world.accept(CANCEL);
    assert_eq!(lane(&world), ["order TRA-2"]);
    world.accept(ORDER);
    world.track(&tra(2), TrackingState::Collected, 40);
    assert_eq!(flags(&world.desk(&registered(4, "9 Thủ Khoa Huân"))), ["DESK-RECEIVER-CHANGED"]);
}

#[test]
fn an_unsent_order_follows_the_desk() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.desk(&registered(2, "5 Trần Phú"));
    assert_eq!(lane(&world), ["order TRA-1"]);
    assert_eq!(order_of(&world).to.address, "5 Trần Phú");
}

#[test]
fn every_forwarding_is_an_order_of_its_own_unless_it_corrects_a_refused_one() {
    let forwarded = |n, province: &'static str| {
        with(sample::event(n, EventKind::PapersForwarded, 4), |snapshot| {
            let mut forward = sample::forward();
            forward.address.province_code = UnitCode::new(province);
            snapshot.postal.forward = Some(forward);
        })
    };
    let mut world = World::new();
    world.desk(&step(1, 4));
    world.desk(&forwarded(2, "60"));
    world.desk(&forwarded(3, "60"));
    assert_eq!(lane(&world), ["order CHUYEN-1", "order CHUYEN-2"]);
    let mut refused = World::new();
    refused.desk(&step(1, 4));
    refused.desk(&forwarded(2, "99"));
    refused.desk(&step(3, 5));
    assert_eq!(lane(&refused), ["order CHUYEN-1 DEAD"]);
    refused.desk(&forwarded(4, "60"));
    assert_eq!(lane(&refused), ["order CHUYEN-1"]);
}

#[test]
fn papers_go_back_only_when_a_pickup_brought_them() {
    fn check(collected: bool, status: u8, expected: &[&str]) {
        let mut world = World::new();
        world.desk(&pickup(1, EventKind::PickupRequested, 1));
        world.accept_all();
        if collected {
            world.track(&format!("{CODE}-GOM-1"), TrackingState::Collected, 15);
        }
        world.desk(&step(2, status));
        assert_eq!(lane(&world), expected, "{collected} {status}");
    }
    check(true, 3, &["order HOAN-1"]);
    check(true, 7, &["order HOAN-1"]);
    check(true, 8, &["order HOAN-1"]);
    check(true, 4, &[]);
    check(false, 3, &[]);
}

#[test]
fn papers_refused_before_tracking_tells_of_their_pickup_go_back_when_it_does() {
    let mut world = World::new();
    world.desk(&pickup(1, EventKind::PickupRequested, 1));
    world.accept_all();
    world.desk(&step(2, 3));
    assert_eq!(lane(&world), [""; 0]);
    world.track(&format!("{CODE}-GOM-1"), TrackingState::Delivered, 15);
    assert_eq!(lane(&world), ["order HOAN-1"]);
}

#[test]
fn a_withdrawn_dossier_needs_no_return() {
    for status in [4, 5, 7, 8] {
        let mut world = World::new();
        world.desk(&step(1, 9));
        world.accept_all();
        world.desk(&step(2, status));
        assert_eq!(lane(&world), ["cancel TRA-1"], "{status}");
    }
}

#[test]
fn a_pickup_asked_for_again_is_the_same_while_it_is_open_and_a_new_one_afterwards() {
    let mut world = World::new();
    world.desk(&slip(1, EventKind::PickupRequested));
    world.accept_all();
    world.state = DossierState::default().join(std::mem::take(&mut world.state));
    world.desk(&pickup(1, EventKind::PickupRequested, 1));
    assert_eq!(lane(&world), [""; 0]);
    world.track(&format!("{SLIP}-GOM-1"), TrackingState::Delivered, 25);
    world.desk(&pickup(2, EventKind::PickupRequested, 1));
    assert_eq!(lane(&world), [""; 0], "asked for before the first one was over");
    world.desk(&pickup(3, EventKind::PickupRequested, 5));
    assert_eq!(lane(&world), ["order GOM-2"]);
}

#[test]
fn a_pickup_called_off_after_collection_is_a_task() {
    let mut world = World::new();
    world.desk(&pickup(1, EventKind::PickupRequested, 1));
    world.accept_all();
    world.track(&format!("{CODE}-GOM-1"), TrackingState::Collected, 15);
    let late = world.desk(&pickup(2, EventKind::PickupCancelled, 1));
    assert_eq!(flags(&late), ["DESK-PARCEL-UNDERWAY"]);
    assert!(late.flags[0].task && late.handoffs.is_empty());
}

#[test]
fn what_the_post_cancels_on_its_own_is_ordered_again_only_on_request() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    let cancelled = world.track(&tra(1), TrackingState::Cancelled, 15);
    assert_eq!(flags(&cancelled), ["DESK-CANCELLED-BY-POST"]);
    world.desk(&step(2, 9));
    assert_eq!(lane(&world), [""; 0]);
    world.desk(&sample::event(3, EventKind::ReorderRequested, 9));
    assert_eq!(lane(&world), ["order TRA-2"]);
}

#[test]
fn a_reorder_may_name_another_receiver() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.accept_all();
    world.track(&tra(1), TrackingState::Returned, 15);
    let again = with(sample::event(2, EventKind::ReorderRequested, 9), |snapshot| {
        snapshot.postal.return_to.as_mut().unwrap().address = "5 Trần Phú".into();
    });
    assert_eq!(flags(&world.desk(&again)), [""; 0]);
    assert_eq!(lane(&world), ["order TRA-2"]);
}

#[test]
fn a_reorder_is_refused_while_a_parcel_lives_or_is_not_wanted() {
    fn check(status: u8, tracked: Option<TrackingState>, expected: &str) {
        let mut world = World::new();
        world.desk(&step(1, 9));
        world.accept_all();
        if let Some(state) = tracked {
            world.track(&tra(1), state, 15);
        }
        if status != 9 {
            world.desk(&step(2, status));
            world.accept_all();
        }
        let again = world.desk(&sample::event(3, EventKind::ReorderRequested, status));
        assert!(flags(&again).contains(&expected), "{status} {tracked:?} {:?}", again.flags);
        assert!(again.handoffs.is_empty(), "{status} {tracked:?}");
    }
    check(9, None, "DESK-REORDER-IGNORED");
    check(9, Some(TrackingState::Accepted), "DESK-REORDER-IGNORED");
    check(9, Some(TrackingState::FailedAttempt), "DESK-PARCEL-UNDERWAY");
    check(9, Some(TrackingState::Delivered), "DESK-REORDER-IGNORED");
    check(10, Some(TrackingState::Returned), "DESK-REORDER-IGNORED");
    check(4, Some(TrackingState::Returned), "DESK-REORDER-IGNORED");
}

#[test]
fn the_order_further_on_its_way_stands_when_slip_and_dossier_meet() {
    let with_pickup = |number: &str, stage| {
        let leg = LegState {
            n: 1,
            number: crate::ids::OrderNumber::new(number),
            order: crate::ids::HandoffId::new("h"),
            account: crate::ids::AccountName::new("post"),
            ordered_at: sample::minute(0),
            cash: 0,
            wanted: true,
            stage,
            tracked: None,
            cashed: None,
        };
        DossierState { legs: [(Leg::Pickup, leg)].into(), ..DossierState::default() }
    };
    fn number(state: &DossierState) -> &str {
        state.legs[&Leg::Pickup].number.as_str()
    }
    let own = with_pickup("own", LegStage::Ordered);
    let slip = with_pickup("slip", LegStage::Collected);
    assert_eq!(number(&own.clone().join(slip.clone())), "slip");
    assert_eq!(number(&slip.join(own)), "slip");
    let fresh = DossierState::default().join(with_pickup("slip", LegStage::Ordered));
    assert_eq!(number(&fresh), "slip");
}
