//! Comparisons with the post: its feed, and its list of orders where there is one.

use super::{HOUR, begin, expected, line, report, run_to_end, scope, told};
use crate::journal::FeedReading;
use crate::journal::tests::commands::operator;
use crate::journal::tests::world::{POST, World, at, code, event, reason};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, HandoffId, OrderNumber};
use lienthong_core::inspect::{Inspected, Theirs};
use lienthong_core::outcome::Outcome;
use lienthong_core::reconcile::Kind;
use lienthong_core::tracking::{TrackingEvent, TrackingState};

fn order(dossier: usize) -> String {
    format!("{}-TRA-1", code(dossier))
}

fn row(id: u32, number: &str, state: TrackingState, waybill: Option<&str>) -> TrackingEvent {
    TrackingEvent {
        feed_id: format!("{id:06}"),
        number: OrderNumber::new(number),
        meaning: state.into(),
        wire_code: "1".to_owned(),
        at: at(2 * HOUR),
        waybill: waybill.map(str::to_owned),
    }
}

async fn fed(world: &World, rows: Vec<TrackingEvent>) {
    let account = AccountName::new(POST);
    let reading =
        FeedReading { account, rows, cursor: None, more: false, stuck: false, read_at: at(49 * HOUR) };
    world.journal.track(reading, 0.5).await.unwrap();
}

#[tokio::test]
async fn orders_are_compared_with_the_feed_where_the_post_has_no_list() {
    let world = World::open();
    for dossier in 1..=3 {
        world.admit([event(dossier, 1, 9)]).await;
    }
    world.accept_all(at(1)).await;
    // One that was dismissed, and is there all the same.
    world.admit([event(4, 1, 9)]).await;
    for call in world.calls(at(2)).await {
        world.settle(call, Outcome::Rejected(reason("TEST-7")), at(2)).await;
    }
    let dead: String = world
        .file()
        .query_row("SELECT handoff_id FROM handoff WHERE state = 'dead' AND kind = 'post.order'", [], |row| {
            row.get(0)
        })
        .unwrap();
    operator(&world).dismiss(&HandoffId::new(dead), "không gửi nữa", at(3)).unwrap();
    let rows = vec![
        row(1, &order(1), TrackingState::Collected, Some("EN1VN")),
        row(2, &order(2), TrackingState::Collected, Some("EN2VN")),
        row(3, &order(2), TrackingState::InTransit, Some("EN3VN")),
        row(4, &order(4), TrackingState::Collected, Some("EN4VN")),
        row(5, "TU-GUI-1", TrackingState::Collected, Some("EN5VN")),
    ];
    fed(&world, rows).await;
    let run = begin(&world, &scope(Partner::Post));
    let asked = run_to_end(&world, at(50 * HOUR), |_| Inspected::NoQuestion).await;
    assert_eq!(asked, ["page -"]);
    let found = [
        expected(order(4), Kind::Differs, "ask-post"),
        expected(order(2), Kind::DoubleThere, "ask-post"),
        expected("TU-GUI-1".to_owned(), Kind::MissingHere, "ask-post"),
        expected(order(3), Kind::MissingThere, "call-post"),
    ];
    assert_eq!(told(&world, run), found);
    let unseen = report(&world).findings(run, Some(Kind::MissingThere)).unwrap().remove(0);
    assert_eq!((unseen.grade.as_str(), unseen.act, unseen.since), ("weak", "ask", Some(at(1))));
    let before = world.count("SELECT count(*) FROM handoff");
    assert_eq!(operator(&world).repair(run, None, None, at(50 * HOUR)).unwrap(), 4);
    world.journal.advance_reconciliation(true, at(50 * HOUR)).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM handoff"), before, "no order, no cancel, no row");
    let asked = "SELECT count(*) FROM flag WHERE task = 1 AND code LIKE 'RECONCILE-%'";
    assert_eq!(world.count(asked), 3);
    let unseen = "SELECT count(*) FROM flag WHERE code = 'RECONCILE-ORDER-UNSEEN' AND closed_at IS NULL";
    assert_eq!(world.count(unseen), 1);
}

#[tokio::test]
async fn a_list_of_orders_is_read_page_by_page_and_what_is_not_in_it_is_not_there() {
    let world = World::open();
    for dossier in 1..=4 {
        world.admit([event(dossier, 1, 9)]).await;
    }
    world.accept_all(at(1)).await;
    let run = begin(&world, &scope(Partner::Post));
    let there = |name: String, cash| Theirs {
        name,
        state: Some(TrackingState::Accepted),
        cash: Some(cash),
        ..Theirs::default()
    };
    let page = |things: Vec<Theirs>, next: Option<&str>| Inspected::Held {
        things,
        unreadable: 0,
        next: next.map(str::to_owned),
    };
    let asked = run_to_end(&world, at(50 * HOUR), |name| match name {
        "page -" => page(vec![there(order(1), 0), there("KHAC-1".to_owned(), 0)], Some("2")),
        "page 2" => page(vec![there(order(2), 70_000), there(order(3), 0)], Some("3")),
        _ => page(vec![there(order(3), 0)], None),
    })
    .await;
    assert_eq!(asked, ["page -", "page 2", "page 3"]);
    let found = [
        expected(order(2), Kind::Differs, "ask-post"),
        expected(order(3), Kind::DoubleThere, "ask-post"),
        expected("KHAC-1".to_owned(), Kind::MissingHere, "ask-post"),
        expected(order(4), Kind::MissingThere, "call-post"),
    ];
    assert_eq!(told(&world, run), found);
    let unseen = report(&world).findings(run, Some(Kind::MissingThere)).unwrap().remove(0);
    assert_eq!(unseen.grade, "firm");
    assert!(line(&world, run).parts[0].listed);
    assert_eq!(world.count("SELECT count(*) FROM reconcile_theirs"), 0);
}
