//! The cash of an order: an axis of its own beside the parcel.

use super::sample::{self, CODE, step, with};
use super::world::World;
use crate::event::{Event, EventKind};
use crate::handoff::{Content, HandoffKind, Leg};
use crate::ids::AccountName;
use crate::news::Told;
use crate::plan::Plan;
use crate::state::{LegStage, LegState};
use crate::tracking::{Meaning, Money, TrackingState};

const CANCEL: HandoffKind = HandoffKind::PostCancel;
const DELIVERED_AND_PAID: Meaning =
    Meaning { parcel: Some(TrackingState::Delivered), money: Some(Money::Collected) };

fn tra(n: u32) -> String {
    format!("{CODE}-TRA-{n}")
}

fn paid(event: Event, paid: bool) -> Event {
    with(event, |snapshot| snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = paid))
}

/// A world whose commune is told, with an order that collects cash, or none.
fn ordered(cash: bool) -> World {
    let mut tables = sample::tables();
    for agency in tables.agencies.values_mut() {
        agency.commune_account = Some(AccountName::new("commune-tien-thanh").into());
    }
    let mut world = World::with_tables(tables);
    world.desk(&paid(step(1, 9), !cash));
    world.accept_all();
    world
}

/// What the commune is told of parcel and cash, and what the desk is asked.
fn heard(plan: &Plan) -> Vec<String> {
    let news = plan.handoffs.iter().filter_map(|planned| match &planned.content {
        Content::News(news) => Some(&news.told),
        Content::Record(_)
        | Content::Row(_)
        | Content::Order(_)
        | Content::Cancel(_)
        | Content::Status(_) => None,
    });
    news.filter_map(|told| match told {
        Told::Parcel(parcel) => Some(format!("parcel {}", parcel.state.name())),
        Told::Cash(cash) => Some(format!("cash {}", cash.money.name())),
        Told::Notice(notice) => Some(format!("{} {}", notice.code, notice.task)),
        Told::Portal(_) | Told::Order(_) => None,
    })
    .collect()
}

fn leg(world: &World) -> &LegState {
    &world.state.legs[&Leg::Return]
}

#[test]
fn money_after_a_delivery_is_told_once_a_step_and_changes_nothing_else() {
    let mut world = ordered(true);
    world.track(&tra(1), TrackingState::Delivered, 100);
    world.accept_all();
    let (stage, tracked) = (leg(&world).stage, leg(&world).tracked);
    let told = |world: &mut World, money: Money, minute| {
        let plan = world.track(&tra(1), money, minute);
        let others =
            plan.handoffs.iter().filter(|planned| planned.content.kind() != HandoffKind::CommuneEvent);
        assert_eq!((others.count(), plan.changes.len()), (0, 0), "{money:?} {minute}");
        heard(&plan)
    };
    assert_eq!(told(&mut world, Money::Collected, 110), ["cash collected"]);
    assert_eq!(told(&mut world, Money::Collected, 120), [""; 0], "the same once more");
    assert_eq!(told(&mut world, Money::Settled, 5000), ["cash settled"]);
    assert_eq!(told(&mut world, Money::Settled, 5000), [""; 0]);
    assert_eq!(told(&mut world, Money::Collected, 6000), [""; 0], "it never goes back");
    assert_eq!((leg(&world).stage, leg(&world).tracked), (stage, tracked));
    let cashed = leg(&world).cashed.unwrap();
    assert_eq!((cashed.money, cashed.at), (Money::Settled, sample::minute(5000)));
}

#[test]
fn a_code_may_say_that_it_was_delivered_and_paid_at_once() {
    let mut world = ordered(true);
    let plan = world.track(&tra(1), DELIVERED_AND_PAID, 100);
    assert_eq!(heard(&plan), ["parcel delivered", "cash collected"]);
    assert_eq!(leg(&world).stage, LegStage::Delivered);
    // An older report of the parcel is stale; what the same row says of the cash is not.
    let settled = Meaning { parcel: Some(TrackingState::Collected), money: Some(Money::Settled) };
    assert_eq!(heard(&world.track(&tra(1), settled, 90)), ["cash settled"]);
    assert_eq!(leg(&world).stage, LegStage::Delivered);
}

#[test]
fn money_is_never_final_for_the_parcel() {
    for money in Money::ALL {
        let mut world = ordered(true);
        world.track(&tra(1), TrackingState::Collected, 90);
        world.track(&tra(1), money, 100);
        assert!(leg(&world).stage.is_under_way(), "{money:?}");
        let delivered = world.track(&tra(1), TrackingState::Delivered, 95);
        assert!(heard(&delivered).contains(&"parcel delivered".to_owned()), "{money:?}");
        assert_eq!(
            world.state.portal.delivered_at,
            Some(sample::minute(95)),
            "older than the money: {money:?}"
        );
    }
}

#[test]
fn cash_of_an_order_that_carries_none_is_a_task_once() {
    let mut world = ordered(false);
    world.track(&tra(1), TrackingState::Delivered, 100);
    let collected = world.track(&tra(1), Money::Collected, 110);
    assert_eq!(heard(&collected), ["cash collected", "DESK-CASH-UNEXPECTED true"]);
    assert_eq!(heard(&world.track(&tra(1), Money::Settled, 120)), ["cash settled"]);
    let mut alone = ordered(false);
    let settled = alone.track(&tra(1), Money::Settled, 110);
    assert_eq!(heard(&settled), ["cash settled", "DESK-CASH-UNEXPECTED true"]);
}

#[test]
fn cash_of_a_parcel_that_came_back_is_a_task_in_either_order() {
    let mut world = ordered(true);
    world.track(&tra(1), TrackingState::Returned, 100);
    let collected = world.track(&tra(1), Money::Collected, 110);
    assert_eq!(heard(&collected), ["cash collected", "DESK-CASH-RETURNED true"]);
    let mut world = ordered(true);
    world.track(&tra(1), Money::Collected, 100);
    let returned = world.track(&tra(1), TrackingState::Returned, 110);
    let expected = ["parcel returned", "DESK-PARCEL-RETURNED true", "DESK-CASH-RETURNED true"];
    assert_eq!(heard(&returned), expected);
    let mut world = ordered(true);
    let both = Meaning { parcel: Some(TrackingState::Returned), money: Some(Money::Collected) };
    let both = world.track(&tra(1), both, 100);
    let expected =
        ["parcel returned", "cash collected", "DESK-PARCEL-RETURNED true", "DESK-CASH-RETURNED true"];
    assert_eq!(heard(&both), expected);
}

#[test]
fn cash_of_an_order_that_was_called_off_is_a_task() {
    let mut world = ordered(true);
    world.desk(&paid(sample::event(2, EventKind::ReturnWithdrawn, 9), false));
    world.accept_all();
    assert_eq!(leg(&world).stage, LegStage::Cancelled);
    let collected = world.track(&tra(1), Money::Collected, 110);
    assert_eq!(heard(&collected), ["cash collected", "DESK-CASH-UNEXPECTED true"]);
}

#[test]
fn of_an_order_that_was_replaced_only_settled_cash_is_everyday_life() {
    let mut world = ordered(true);
    world.track(&tra(1), TrackingState::Returned, 100);
    world.desk(&paid(sample::event(2, EventKind::ReorderRequested, 9), false));
    world.accept_all();
    assert_eq!(leg(&world).number.as_str(), tra(2));
    assert_eq!(heard(&world.track(&tra(1), Money::Settled, 110)), ["cash settled"]);
    let collected = world.track(&tra(1), Money::Collected, 120);
    assert_eq!(heard(&collected), ["cash collected", "DESK-CASH-UNEXPECTED true"]);
    assert_eq!(leg(&world).cashed, None, "the new order's cash is another");
}

#[test]
fn fees_that_are_booked_once_the_postman_has_the_cash_are_no_second_payment() {
    for state in [None, Some(TrackingState::Collected)] {
        let mut world = ordered(true);
        if let Some(state) = state {
            world.track(&tra(1), state, 90);
        }
        world.track(&tra(1), Money::Collected, 100);
        let booked = world.desk(&paid(sample::event(2, EventKind::FeesChanged, 9), true));
        assert_eq!(heard(&booked), [""; 0], "{state:?}");
        let cancels = booked.handoffs.iter().filter(|planned| planned.content.kind() == CANCEL);
        assert_eq!(cancels.count(), 0, "{state:?}");
    }
}

#[test]
fn an_order_whose_receiver_paid_is_not_called_off() {
    let mut world = ordered(true);
    world.track(&tra(1), Money::Collected, 100);
    let withdrawn = world.desk(&paid(sample::event(2, EventKind::ReturnWithdrawn, 9), false));
    assert_eq!(heard(&withdrawn), ["DESK-PARCEL-UNDERWAY true"]);
    assert!(withdrawn.handoffs.iter().all(|planned| planned.content.kind() != CANCEL));
}

#[test]
fn a_code_that_nobody_knows_says_nothing_of_the_cash() {
    let mut world = ordered(true);
    let plan = world.track(&tra(1), Meaning::UNKNOWN, 100);
    assert!(plan.handoffs.is_empty() && plan.flags.is_empty());
    assert_eq!((leg(&world).tracked, leg(&world).cashed), (None, None));
}
