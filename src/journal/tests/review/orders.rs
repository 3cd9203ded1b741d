//! Orders that never left, that are in doubt, and whose cancel failed.

use super::super::world::{POST, World, at, code, event, reason, take};
use super::{accepted, away, lost, of_kind, rejected};
use crate::journal::{Call, FeedReading};
use lienthong_core::event::EventKind;
use lienthong_core::handoff::Content;
use lienthong_core::ids::{AccountName, OrderNumber};
use lienthong_core::outcome::Outcome;
use lienthong_core::port::LookUp;
use lienthong_core::tracking::{TrackingEvent, TrackingState};

const NEW_ADDRESS: &str = "7 Lê Lợi";

/// A dossier with its order after such attempts, one every ten minutes, and the time of the last.
async fn tried(outcomes: impl IntoIterator<Item = Outcome>) -> (World, i64) {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut now = 0;
    for outcome in outcomes {
        now += 600;
        world.settle(take(&mut world.calls(at(now)).await, "post.order"), outcome, at(now)).await;
    }
    (world, now)
}

async fn withdraw(world: &World, n: u64) {
    world.admit([of_kind(event(1, n, 9), EventKind::ReturnWithdrawn)]).await;
}

async fn move_house(world: &World, n: u64) {
    let mut event = event(1, n, 9);
    event.snapshot.postal.return_to.as_mut().unwrap().address = NEW_ADDRESS.to_owned();
    world.admit([event]).await;
}

/// Number and address of an order's call.
fn told(call: &Call) -> (String, String) {
    let Content::Order(order) = &call.handoffs[0].content else { panic!("an order") };
    (order.number.as_str().to_owned(), order.to.address.clone())
}

/// State of every order and cancel.
fn post(world: &World) -> Vec<String> {
    world.states().into_iter().filter(|state| state.starts_with("post.")).collect()
}

fn number(n: u32) -> String {
    format!("{}-TRA-{n}", code(1))
}

#[tokio::test]
async fn an_order_that_was_never_taken_is_corrected_before_it_is_sent_again() {
    for outcomes in [vec![away(None)], vec![away(Some(7)), away(None), away(None)]] {
        let (world, now) = tried(outcomes).await;
        move_house(&world, 2).await;
        assert_eq!(post(&world), ["post.order waiting"]);
        let call = take(&mut world.calls(at(now + 3_600)).await, "post.order");
        assert_eq!(told(&call), (number(1), NEW_ADDRESS.to_owned()));
        world.settle(call, accepted(), at(now + 3_600)).await;
        assert_eq!(post(&world), ["post.order accepted"]);
    }
}

#[tokio::test]
async fn an_order_that_was_never_taken_is_withdrawn_without_a_word_to_the_post() {
    for outcomes in [vec![], vec![away(None)], vec![Outcome::Blocked(reason("TEST-LOGIN"))]] {
        let (world, now) = tried(outcomes).await;
        withdraw(&world, 2).await;
        assert_eq!(post(&world), ["post.order superseded"]);
        world.file().execute("UPDATE account SET blocked_code = NULL", []).unwrap();
        world.admit([of_kind(event(1, 3, 9), EventKind::ReturnRegistered)]).await;
        let call = take(&mut world.calls(at(now + 3_600)).await, "post.order");
        assert_eq!(told(&call).0, number(1), "its number never left");
    }
}

#[tokio::test]
async fn an_order_that_may_have_been_taken_is_neither_corrected_nor_forgotten() {
    for outcomes in [vec![lost()], vec![away(None), lost()]] {
        let (world, _) = tried(outcomes).await;
        move_house(&world, 2).await;
        assert_eq!(post(&world), ["post.order uncertain"]);
        let new = format!(
            "SELECT count(*) FROM handoff JOIN payload ON payload.id = content
             WHERE kind = 'post.order' AND instr(body, '{NEW_ADDRESS}') > 0"
        );
        assert_eq!(world.count(&new), 0);
        withdraw(&world, 3).await;
        assert_eq!(post(&world), ["post.order uncertain", "post.cancel waiting"]);
    }
}

#[tokio::test]
async fn an_order_under_way_is_not_taken_for_one_that_never_left() {
    let (world, now) = tried([away(None)]).await;
    let call = take(&mut world.calls(at(now + 15)).await, "post.order");
    withdraw(&world, 2).await;
    assert_eq!(post(&world), ["post.order sending", "post.cancel waiting"]);
    world.settle(call, accepted(), at(now + 16)).await;
    take(&mut world.calls(at(now + 16)).await, "post.cancel");
}

/// An order in doubt whose cancel overtook it and was refused as unknown, and the time of that.
async fn refused_as_unknown() -> (World, i64) {
    let (world, now) = tried([lost()]).await;
    withdraw(&world, 2).await;
    let cancel = take(&mut world.calls(at(now + 1)).await, "post.cancel");
    world.settle(cancel, rejected("TEST-103"), at(now + 1)).await;
    assert_eq!(post(&world), ["post.order uncertain", "post.cancel waiting"], "its refusal says nothing");
    assert!(
        world.calls(at(now + 50)).await.iter().all(|call| call.handoffs[0].kind().name() != "post.cancel")
    );
    (world, now + 1)
}

async fn answer(world: &World, look_up: LookUp, now: i64) {
    let mut questions = world.questions(at(now)).await;
    let question = questions.pop().expect("the order is asked about");
    world.journal.settle_look_up(&question, look_up, at(now), 0.5).await.unwrap();
}

#[tokio::test]
async fn a_cancel_that_was_refused_as_unknown_is_asked_again_when_its_order_is_found() {
    for (outcome, expected, tasks) in
        [(accepted(), "post.cancel accepted", 0), (rejected("TEST-104"), "post.cancel dead", 1)]
    {
        let (world, now) = refused_as_unknown().await;
        answer(&world, LookUp::found(true), now + 60).await;
        let cancel = take(&mut world.calls(at(now + 61)).await, "post.cancel");
        assert_eq!(cancel.attempt, 2);
        world.settle(cancel, outcome, at(now + 62)).await;
        assert_eq!(post(&world), ["post.order accepted", expected]);
        assert_eq!(world.count("SELECT count(*) FROM flag WHERE task = 1"), tasks);
        assert!(world.calls(at(now + DAY)).await.iter().all(|call| told_kind(call) != "post.cancel"));
    }
}

const DAY: i64 = 24 * 3600;

fn told_kind(call: &Call) -> &'static str {
    call.handoffs[0].kind().name()
}

#[tokio::test]
async fn a_cancel_whose_order_is_never_found_is_asked_once_more_and_ends() {
    let (world, mut now) = refused_as_unknown().await;
    while world.state("post.order") == "uncertain" {
        now += 60;
        for question in world.questions(at(now)).await {
            world.journal.settle_look_up(&question, LookUp::AskTheFeed, at(now), 0.5).await.unwrap();
        }
    }
    let cancel = take(&mut world.calls(at(now)).await, "post.cancel");
    world.settle(cancel, rejected("TEST-103"), at(now)).await;
    assert_eq!(post(&world), ["post.order dead", "post.cancel dead"]);
    assert!(world.calls(at(now + DAY)).await.iter().all(|call| !told_kind(call).starts_with("post.")));
}

#[tokio::test]
async fn a_dead_cancel_holds_no_later_order_of_its_leg() {
    let (world, _) = tried([accepted()]).await;
    world.accept_all(at(600)).await;
    withdraw(&world, 2).await;
    world.settle(take(&mut world.calls(at(601)).await, "post.cancel"), rejected("TEST-104"), at(601)).await;
    // The parcel went on, came back, and the desk sends it once more.
    let returned = TrackingEvent {
        feed_id: "a1".to_owned(),
        number: OrderNumber::new(number(1)),
        meaning: TrackingState::Returned.into(),
        wire_code: "1".to_owned(),
        at: at(700),
        waybill: None,
    };
    let account = AccountName::new(POST);
    let reading = FeedReading {
        account,
        rows: vec![returned],
        cursor: None,
        more: false,
        stuck: false,
        read_at: at(900),
    };
    world.journal.track(reading, 0.5).await.unwrap();
    world.admit([of_kind(event(1, 3, 9), EventKind::ReorderRequested)]).await;
    assert_eq!(post(&world), ["post.order accepted", "post.cancel dead", "post.order waiting"]);
    let call = take(&mut world.calls(at(901)).await, "post.order");
    assert_eq!(told(&call).0, number(2));
}
