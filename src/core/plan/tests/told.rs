//! A source that tells states, not requests: what it asks of the post is found by comparing.

use super::sample::{self, CODE, address, step, with};
use super::world::World;
use crate::event::{Event, PickupTold, PostTold};
use crate::handoff::Content;
use crate::plan::Plan;
use crate::tables::SequenceRule;
use crate::tracking::TrackingState;
use PickupTold::{NotWanted, UnderWay, Wanted};

const PICKUP: &str = "H11.01.07-220915-0041-GOM-1";
const PARCEL: &str = "H11.01.07-220915-0041-TRA-1";

fn pickup(n: u64, status: u8, told: Option<PickupTold>) -> Event {
    with(step(n, status), |snapshot| {
        snapshot.dossier.return_by_post = false;
        snapshot.postal.return_to = None;
        snapshot.postal.pickup = Some(address());
        snapshot.postal.told = Some(PostTold { pickup: told, return_ordered: false });
    })
}

fn parcel(n: u64, status: u8, by_post: bool, return_ordered: bool) -> Event {
    with(step(n, status), |snapshot| {
        snapshot.dossier.return_by_post = by_post;
        snapshot.postal.told = Some(PostTold { pickup: None, return_ordered });
    })
}

/// What the post is asked for by these plans, in order.
fn asked(plans: &[Plan]) -> Vec<String> {
    let contents = plans.iter().flat_map(|plan| &plan.handoffs).map(|planned| &planned.content);
    contents
        .filter_map(|content| match content {
            Content::Order(order) => Some(format!("order {}", order.number)),
            Content::Cancel(cancel) => Some(format!("cancel {}", cancel.number)),
            Content::Record(_) | Content::Row(_) | Content::Status(_) | Content::News(_) => None,
        })
        .map(|line| line.replace(&format!("{CODE}-"), ""))
        .collect()
}

fn flags(plan: &Plan) -> Vec<&str> {
    plan.flags.iter().map(|flag| flag.code.as_str()).collect()
}

#[test]
fn a_collection_is_ordered_once_however_often_it_is_told() {
    fn check(told: &[Option<PickupTold>], expected: &[&str]) {
        let mut world = World::new();
        let mut plans = Vec::new();
        for (n, told) in (1..).zip(told) {
            plans.push(world.desk(&pickup(n, 2, *told)));
            world.accept_all();
        }
        assert_eq!(asked(&plans), expected, "{told:?}");
    }
    check(&[None, Some(NotWanted)], &[]);
    check(&[Some(Wanted), Some(Wanted), Some(Wanted)], &["order GOM-1"]);
    check(&[Some(Wanted), Some(UnderWay), Some(UnderWay)], &["order GOM-1"]);
    check(&[Some(Wanted), None, Some(Wanted)], &["order GOM-1"]);
    check(&[Some(UnderWay), Some(UnderWay)], &[]);
    check(&[Some(Wanted), Some(NotWanted), Some(NotWanted)], &["order GOM-1", "cancel GOM-1"]);
    check(&[Some(Wanted), Some(NotWanted), Some(Wanted)], &["order GOM-1", "cancel GOM-1", "order GOM-2"]);
    check(&[Some(NotWanted), Some(Wanted)], &["order GOM-1"]);
}

#[test]
fn papers_that_came_are_collected_anew_only_when_that_is_told_anew() {
    fn check(told: &[Option<PickupTold>], expected: &[&str]) {
        let mut world = World::new();
        world.desk(&pickup(1, 1, Some(Wanted)));
        world.accept_all();
        world.track(PICKUP, TrackingState::Collected, 11);
        world.track(PICKUP, TrackingState::Delivered, 12);
        let plans: Vec<Plan> = (2..).zip(told).map(|(n, told)| world.desk(&pickup(n, 2, *told))).collect();
        assert_eq!(asked(&plans), expected, "{told:?}");
    }
    check(&[Some(Wanted), Some(Wanted)], &[]);
    check(&[Some(UnderWay), None], &[]);
    check(&[Some(NotWanted)], &[]);
    check(&[Some(UnderWay), Some(Wanted), Some(Wanted)], &["order GOM-2"]);
    check(&[Some(NotWanted), Some(Wanted)], &["order GOM-2"]);
}

#[test]
fn a_collected_pickup_that_is_called_off_is_a_task() {
    let mut world = World::new();
    world.desk(&pickup(1, 1, Some(Wanted)));
    world.accept_all();
    world.track(PICKUP, TrackingState::Collected, 11);
    let plan = world.desk(&pickup(2, 1, Some(NotWanted)));
    assert_eq!(
        (asked(std::slice::from_ref(&plan)), flags(&plan)),
        (vec![], vec!["DESK-REPEATED", "DESK-PARCEL-UNDERWAY"])
    );
}

#[test]
fn a_late_event_asks_nothing_of_the_collection() {
    let mut world = World::new();
    world.desk(&pickup(5, 2, Some(NotWanted)));
    let mut late = pickup(4, 1, Some(Wanted));
    // Its time says otherwise: the number is what counts.
    late.time = sample::minute(500);
    world.tables.sources.get_mut(&late.source).unwrap().sequence = SequenceRule::Increasing;
    assert_eq!(asked(&[world.desk(&late)]), [""; 0]);
}

#[test]
fn a_return_follows_the_newest_state() {
    fn check(told: &[(u8, bool, bool)], expected: &[&str]) {
        let mut world = World::new();
        let mut plans = Vec::new();
        for (n, (status, by_post, ordered)) in (1..).zip(told) {
            plans.push(world.desk(&parcel(n, *status, *by_post, *ordered)));
            world.accept_all();
        }
        assert_eq!(asked(&plans), expected, "{told:?}");
    }
    check(&[(4, true, false), (9, true, false), (9, true, true), (9, true, true)], &["order TRA-1"]);
    check(&[(9, false, false), (9, true, false)], &["order TRA-1"]);
    check(&[(9, true, false), (9, false, false)], &["order TRA-1", "cancel TRA-1"]);
    check(
        &[(9, true, false), (4, true, true), (9, true, true)],
        &["order TRA-1", "cancel TRA-1", "order TRA-2"],
    );
    check(&[(4, true, true), (9, true, true), (10, true, true)], &[]);
}

#[test]
fn a_parcel_ordered_elsewhere_is_told_to_the_desk_once() {
    let mut world = World::new();
    assert_eq!(flags(&world.desk(&parcel(1, 9, true, true))), ["DESK-ORDERED-ELSEWHERE"]);
    assert_eq!(flags(&world.desk(&parcel(2, 9, true, true))), ["DESK-REPEATED"]);
    let mut ours = World::new();
    ours.desk(&parcel(1, 9, true, false));
    ours.accept_all();
    assert_eq!(flags(&ours.desk(&parcel(2, 9, true, true))), ["DESK-REPEATED"]);
}

#[test]
fn what_the_desk_takes_over_of_a_delivery_is_an_echo() {
    let mut world = World::new();
    world.desk(&parcel(1, 9, true, false));
    world.accept_all();
    world.track(PARCEL, TrackingState::Collected, 11);
    world.track(PARCEL, TrackingState::Delivered, 12);
    world.accept_all();
    let plan = world.desk(&parcel(2, 10, true, true));
    assert_eq!(plan.handoffs, []);
}
