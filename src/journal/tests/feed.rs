//! The tracking feed: cursor, index, and what reports cause.

use super::id_of;
use super::world::{POST, World, at, code, event, partners, reason, take};
use crate::journal::command::{Acted, CommandJournal, Refusal};
use crate::journal::{FeedProgress, FeedReading};
use lienthong_core::ids::{AccountName, OrderNumber};
use lienthong_core::outcome::Outcome;
use lienthong_core::port::LookUp;
use lienthong_core::tracking::{Meaning, Money, TrackingEvent, TrackingState};

pub(crate) fn row(feed_id: &str, says: impl Into<Meaning>, seconds: i64) -> TrackingEvent {
    row_of(1, feed_id, says, seconds)
}

/// The same about another dossier.
pub(super) fn row_of(dossier: usize, feed_id: &str, says: impl Into<Meaning>, seconds: i64) -> TrackingEvent {
    TrackingEvent {
        feed_id: feed_id.to_owned(),
        number: OrderNumber::new(format!("{}-TRA-1", code(dossier))),
        meaning: says.into(),
        wire_code: "1".to_owned(),
        at: at(seconds),
        waybill: None,
    }
}

fn account() -> AccountName {
    AccountName::new(POST)
}

async fn read(world: &World, rows: Vec<TrackingEvent>, cursor: Option<&str>) -> FeedProgress {
    let reading = FeedReading {
        account: account(),
        rows,
        cursor: cursor.map(str::to_owned),
        more: false,
        stuck: false,
        read_at: at(900),
    };
    world.journal.track(reading, 0.5).await.unwrap()
}

/// A dossier whose order was taken.
async fn ordered() -> World {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    world.accept_all(at(1)).await;
    world
}

#[tokio::test]
async fn a_row_read_twice_counts_once_and_the_cursor_survives_an_empty_page() {
    let world = ordered().await;
    let collected = row("a1", TrackingState::Collected, 500);
    assert_eq!(
        read(&world, vec![collected.clone()], Some("a1")).await,
        FeedProgress { new: 1, strangers: 0 }
    );
    assert_eq!(read(&world, vec![collected], Some("a1")).await, FeedProgress::default());
    read(&world, Vec::new(), None).await;
    assert_eq!(world.journal.feed_cursor(&account()).await.unwrap().as_deref(), Some("a1"));
    let world = world.die();
    assert_eq!(world.journal.feed_cursor(&account()).await.unwrap().as_deref(), Some("a1"));
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'portal.progress'"), 2);
}

#[tokio::test]
async fn an_older_report_never_overwrites_a_newer_one() {
    let world = ordered().await;
    read(&world, vec![row("a2", TrackingState::Delivered, 600)], Some("a2")).await;
    read(&world, vec![row("a3", TrackingState::Collected, 500)], Some("a3")).await;
    let newest = "SELECT count(*) FROM tracking WHERE state = 'delivered' AND feed_id = 'a2'";
    assert_eq!(world.count(newest), 1);
    let ten = "SELECT count(*) FROM handoff WHERE kind = 'portal.progress' AND row_status = 10";
    assert_eq!(world.count(ten), 1);
}

#[tokio::test]
async fn an_order_that_the_feed_shows_is_adopted_from_doubt_and_from_the_list() {
    for dead in [false, true] {
        let world = World::open();
        world.admit([event(1, 1, 9)]).await;
        let mut calls = world.calls(at(1)).await;
        let lost = Outcome::Uncertain(reason("TEST-NO-ANSWER"));
        world.settle(take(&mut calls, "post.order"), lost, at(1)).await;
        if dead {
            let bury = "UPDATE handoff SET state = 'dead', code = 'GATEWAY-UNCERTAIN', dead_at = 0 WHERE kind = 'post.order'";
            world.file().execute(bury, []).unwrap();
        }
        read(&world, vec![row("a1", TrackingState::Accepted, 500)], Some("a1")).await;
        assert_eq!(world.state("post.order"), "accepted", "dead before: {dead}");
        assert_eq!(world.count("SELECT count(*) FROM handoff WHERE code = 'GATEWAY-FOUND'"), 1);
    }
}

#[tokio::test]
async fn what_a_look_up_found_to_be_anothers_is_not_adopted_from_the_feed() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), Outcome::Uncertain(reason("TEST-NO-ANSWER")), at(1)).await;
    let question = world.questions(at(100)).await.remove(0);
    let differs = LookUp::found(false);
    world.journal.settle_look_up(&question, differs, at(101), 0.5).await.unwrap();
    read(&world, vec![row("a1", TrackingState::Accepted, 500)], Some("a1")).await;
    let dead = "SELECT count(*) FROM handoff WHERE state = 'dead' AND code = 'GATEWAY-DIFFERS'";
    assert_eq!(world.count(dead), 1);
    let mut operator = CommandJournal::open(&world.settings, partners(), "test").unwrap();
    let replayed = operator.replay(&id_of(&world, "post.order"), false, None, at(600)).unwrap();
    assert_eq!(replayed, Acted::Refused(Refusal::MayBeThere));
}

#[tokio::test]
async fn an_order_that_was_set_due_again_and_shows_after_all_is_adopted() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    let lost = Outcome::Uncertain(reason("TEST-NO-ANSWER"));
    world.settle(take(&mut calls, "post.order"), lost, at(1)).await;
    let bury = "UPDATE handoff SET state = 'dead', code = 'GATEWAY-UNCERTAIN', dead_at = 0 WHERE kind = 'post.order'";
    world.file().execute(bury, []).unwrap();
    let mut operator = CommandJournal::open(&world.settings, partners(), "test").unwrap();
    assert_eq!(operator.replay(&id_of(&world, "post.order"), true, None, at(2)).unwrap(), Acted::Done);
    read(&world, vec![row("a1", TrackingState::Accepted, 500)], Some("a1")).await;
    assert_eq!(world.state("post.order"), "accepted");
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE code = 'GATEWAY-FOUND'"), 1);
}

#[tokio::test]
async fn a_delivery_that_is_told_late_is_planned_and_stays() {
    let world = ordered().await;
    read(&world, vec![row("a1", TrackingState::OutForDelivery, 600)], Some("a1")).await;
    read(&world, vec![row("a2", TrackingState::Delivered, 500)], Some("a2")).await;
    let ten = "SELECT count(*) FROM handoff WHERE kind = 'portal.progress' AND row_status = 10";
    assert_eq!(world.count(ten), 1);
    let newest = "SELECT count(*) FROM tracking WHERE state = 'delivered' AND feed_id = 'a2'";
    assert_eq!(world.count(newest), 1);
    read(&world, vec![row("a3", TrackingState::InTransit, 700)], Some("a3")).await;
    assert_eq!(world.count(newest), 1, "what has ended is not reopened");
}

#[tokio::test]
async fn of_one_moment_the_later_row_of_the_feed_is_the_newest() {
    let world = ordered().await;
    let rows = vec![row("9", TrackingState::Collected, 500), row("10", TrackingState::InTransit, 500)];
    read(&world, rows, Some("10")).await;
    assert_eq!(world.count("SELECT count(*) FROM tracking WHERE feed_id = '10'"), 1);
}

#[tokio::test]
async fn a_report_that_cannot_be_planned_leaves_the_rest_of_the_page_unharmed() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    world.accept_all(at(1)).await;
    let broken = format!("UPDATE dossier SET state = '[' WHERE key = '{}'", code(1));
    world.file().execute(&broken, []).unwrap();
    let other = TrackingEvent {
        number: OrderNumber::new(format!("{}-TRA-1", code(2))),
        ..row("a2", TrackingState::Delivered, 500)
    };
    let page = vec![row("a1", TrackingState::Delivered, 500), other];
    assert_eq!(read(&world, page, Some("a2")).await, FeedProgress { new: 2, strangers: 0 });
    let ten = "SELECT count(*) FROM handoff WHERE kind = 'portal.progress' AND row_status = 10";
    assert_eq!(world.count(ten), 1);
    assert_eq!(world.count("SELECT count(*) FROM flag WHERE code = 'GATEWAY-UNPLANNABLE' AND task = 1"), 1);
    assert_eq!(world.journal.feed_cursor(&account()).await.unwrap().as_deref(), Some("a2"));
}

#[tokio::test]
async fn a_question_that_a_dead_process_was_asking_is_asked_by_the_next() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), Outcome::Uncertain(reason("TEST-NO-ANSWER")), at(1)).await;
    assert_eq!(world.questions(at(61)).await.len(), 1);
    let world = world.die();
    world.journal.recover(at(62), 0.5).await.unwrap();
    assert_eq!(world.questions(at(62)).await.len(), 1);
}

#[tokio::test]
async fn a_refused_order_is_not_adopted() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), Outcome::Rejected(reason("TEST-150")), at(1)).await;
    read(&world, vec![row("a1", TrackingState::Accepted, 500)], Some("a1")).await;
    assert_eq!(world.state("post.order"), "dead");
}

#[tokio::test]
async fn rows_of_strangers_are_kept_and_cause_nothing() {
    let world = ordered().await;
    let stranger =
        TrackingEvent { number: OrderNumber::new("X-1"), ..row("b1", TrackingState::Delivered, 500) };
    assert_eq!(read(&world, vec![stranger], Some("b1")).await, FeedProgress { new: 1, strangers: 1 });
    assert_eq!(world.count("SELECT count(*) FROM tracking_row WHERE number = 'X-1'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM handoff"), 3);
}

#[tokio::test]
async fn the_feed_is_worth_reading_often_while_a_parcel_is_under_way() {
    let world = World::open();
    assert!(!world.journal.has_open_orders(&account(), at(1)).await.unwrap());
    world.admit([event(1, 1, 9)]).await;
    world.accept_all(at(1)).await;
    assert!(world.journal.has_open_orders(&account(), at(2)).await.unwrap());
    read(&world, vec![row("a1", TrackingState::Delivered, 500)], Some("a1")).await;
    assert!(!world.journal.has_open_orders(&account(), at(901)).await.unwrap());
}

#[tokio::test]
async fn a_round_begins_behind_the_end_of_the_feed_and_sees_what_became_visible_late() {
    let world = ordered().await;
    let minutes = |minutes: i64| at(minutes * 60);
    let read = async |cursor: &str, more, read_at| {
        let row = row(cursor, TrackingState::InTransit, 500);
        let reading = FeedReading {
            account: account(),
            rows: vec![row],
            cursor: Some(cursor.to_owned()),
            more,
            stuck: false,
            read_at,
        };
        world.journal.track(reading, 0.5).await.unwrap();
        world.journal.feed_cursor(&account()).await.unwrap().unwrap()
    };
    assert_eq!(read("b1", false, minutes(1)).await, "b1", "the first mark");
    assert_eq!(read("b2", false, minutes(5)).await, "b1");
    assert_eq!(read("b3", true, minutes(12)).await, "b1", "a full page is not the end");
    assert_eq!(read("b4", false, minutes(12)).await, "b1", "now the mark is b4");
    assert_eq!(read("b5", false, minutes(21)).await, "b1");
    assert_eq!(read("b6", false, minutes(22)).await, "b4");
    let late = row("b5a", TrackingState::Delivered, 600);
    let reading = FeedReading {
        account: account(),
        rows: vec![late],
        cursor: Some("b6".to_owned()),
        more: false,
        stuck: false,
        read_at: minutes(23),
    };
    assert_eq!(world.journal.track(reading, 0.5).await.unwrap(), FeedProgress { new: 1, strangers: 0 });
    let world = world.die();
    assert_eq!(world.journal.feed_cursor(&account()).await.unwrap().as_deref(), Some("b4"));
}

#[tokio::test]
async fn a_feed_that_was_empty_is_read_from_its_first_row_until_there_is_a_mark() {
    let world = ordered().await;
    let read = async |cursor: Option<&str>, minutes: i64| {
        let rows: Vec<_> = cursor.map(|id| row(id, TrackingState::InTransit, 500)).into_iter().collect();
        let cursor = cursor.map(str::to_owned);
        let read_at = at(minutes * 60);
        let reading = FeedReading { account: account(), rows, cursor, more: false, stuck: false, read_at };
        world.journal.track(reading, 0.5).await.unwrap();
        world.journal.feed_cursor(&account()).await.unwrap()
    };
    assert_eq!(read(None, 1).await, None, "the first mark stands before the first row");
    assert_eq!(read(Some("b1"), 5).await, None);
    assert_eq!(read(Some("b2"), 11).await, None, "now the mark is b2");
    assert_eq!(read(Some("b3"), 21).await.as_deref(), Some("b2"));
}

#[tokio::test]
async fn money_is_kept_beside_the_parcel_and_only_goes_on() {
    let world = ordered().await;
    read(&world, vec![row("a1", TrackingState::Delivered, 500)], Some("a1")).await;
    let rows = |of: &str| world.count(&format!("SELECT count(*) FROM handoff WHERE kind = '{of}'"));
    let before = (rows("portal.record"), rows("portal.progress"));
    let kept = |state: &str, cash: &str, seconds| {
        let at = at(seconds).as_millisecond();
        let sql = format!(
            "SELECT count(*) FROM tracking WHERE state = '{state}' AND cash = '{cash}' AND cash_at = {at}"
        );
        assert_eq!(world.count(&sql), 1, "{state} {cash} {seconds}");
    };
    read(&world, vec![row("a2", Money::Collected, 520)], Some("a2")).await;
    kept("delivered", "collected", 520);
    read(&world, vec![row("a3", Money::Settled, 600)], Some("a3")).await;
    kept("delivered", "settled", 600);
    let again = vec![row("a4", Money::Collected, 700), row("a5", Money::Settled, 800)];
    assert_eq!(read(&world, again, Some("a5")).await.new, 2);
    kept("delivered", "settled", 600);
    assert_eq!(world.count("SELECT count(*) FROM tracking_row WHERE state = '' AND cash IS NOT NULL"), 4);
    assert_eq!((rows("portal.record"), rows("portal.progress")), before, "the portal is told nothing of it");
    assert_eq!(world.count("SELECT count(*) FROM flag WHERE code = 'DESK-CASH-UNEXPECTED'"), 1);
}

#[tokio::test]
async fn what_is_said_of_the_cash_first_says_nothing_of_the_parcel() {
    let world = ordered().await;
    read(&world, vec![row("a1", Money::Settled, 800)], Some("a1")).await;
    assert_eq!(world.count("SELECT count(*) FROM tracking WHERE state = 'unknown' AND cash = 'settled'"), 1);
    // However old, the first report of the parcel says more than none.
    let both = Meaning { parcel: Some(TrackingState::Delivered), money: Some(Money::Collected) };
    read(&world, vec![row("a2", both, 500)], Some("a2")).await;
    assert_eq!(
        world.count("SELECT count(*) FROM tracking WHERE state = 'delivered' AND cash = 'settled'"),
        1
    );
}

#[tokio::test]
async fn an_order_in_doubt_whose_cash_is_reported_is_there() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let order = take(&mut world.calls(at(1)).await, "post.order");
    world.settle(order, Outcome::Uncertain(reason("TEST-NO-ANSWER")), at(2)).await;
    read(&world, vec![row("a1", Money::Collected, 500)], Some("a1")).await;
    assert_eq!(world.state("post.order"), "accepted");
}

#[tokio::test]
async fn a_code_that_nobody_knows_is_stored_and_shown_and_ends_nothing() {
    let world = ordered().await;
    let handoffs = || world.count("SELECT count(*) FROM handoff");
    let before = handoffs();
    let strange = TrackingEvent { wire_code: "77".to_owned(), ..row("a1", Meaning::UNKNOWN, 500) };
    assert_eq!(read(&world, vec![strange], Some("a1")).await, FeedProgress { new: 1, strangers: 0 });
    let kept = |table: &str| {
        world.count(&format!("SELECT count(*) FROM {table} WHERE state = 'unknown' AND wire_code = '77'"))
    };
    assert_eq!((kept("tracking_row"), kept("tracking"), handoffs()), (1, 1, before));
    assert!(world.journal.has_open_orders(&account(), at(600)).await.unwrap(), "it is no end");
    // Nor does it take the place of one.
    let late = TrackingEvent { wire_code: "78".to_owned(), ..row("a3", Meaning::UNKNOWN, 700) };
    read(&world, vec![row("a2", TrackingState::Delivered, 600), late], Some("a3")).await;
    assert_eq!(world.count("SELECT count(*) FROM tracking WHERE state = 'delivered'"), 1);
}
