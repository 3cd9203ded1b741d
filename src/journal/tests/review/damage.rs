//! Content that cannot be read, content that was erased, and answers that never came.

use super::super::world::{World, at, event, take};
use super::{accepted, carried, lost, take_of};
use lienthong_core::ids::HandoffId;

/// Spoils the stored content of a handoff.
fn spoil(world: &World, condition: &str) {
    let sql = format!(
        "UPDATE payload SET body = CAST('x' AS BLOB) WHERE id IN (SELECT content FROM handoff WHERE {condition})"
    );
    assert_eq!(world.file().execute(&sql, []).unwrap(), 1, "{condition}");
}

fn dead(world: &World) -> Vec<String> {
    let file = world.file();
    let sql = "SELECT kind || ' ' || ifnull(row_status, '') || ' ' || code FROM handoff WHERE state = 'dead' ORDER BY id";
    let mut statement = file.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn a_damaged_handoff_is_a_dead_letter_and_its_neighbours_are_claimed() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    spoil(&world, "kind = 'portal.record' AND id = 1");
    let ready = ["1 post.order", "2 portal.record", "2 post.order"];
    assert_eq!(carried(&world.calls(at(1)).await), ready);
    assert_eq!(dead(&world), ["portal.record  GATEWAY-UNPLANNABLE"]);
    assert!(world.calls(at(2)).await.is_empty());
}

#[tokio::test]
async fn the_desks_next_event_replaces_a_damaged_handoff() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    spoil(&world, "kind = 'portal.record'");
    spoil(&world, "kind = 'post.order'");
    let calls = world.calls(at(1)).await;
    assert_eq!(carried(&calls), ["1 post.order"], "it is planned anew when it is found damaged");
    for call in calls {
        world.settle(call, accepted(), at(1)).await;
    }
    assert_eq!(dead(&world), ["portal.record  GATEWAY-UNPLANNABLE"]);
    assert_eq!(world.admit([event(1, 2, 9)]).await.quarantined, 0);
    world.accept_all(at(2)).await;
    assert_eq!(dead(&world), [""; 0]);
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE kind = 'portal.progress' AND state = 'accepted'"),
        2
    );
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'accepted'"),
        1
    );
}

#[tokio::test]
async fn a_damaged_order_in_doubt_is_never_repeated_on_a_guess() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    world.settle(take(&mut world.calls(at(1)).await, "post.order"), lost(), at(1)).await;
    spoil(&world, "kind = 'post.order'");
    assert!(world.questions(at(61)).await.is_empty());
    assert_eq!(dead(&world), ["post.order  GATEWAY-UNCERTAIN"]);
    let mut moved = event(1, 2, 9);
    moved.snapshot.postal.return_to.as_mut().unwrap().address = "7 Lê Lợi".to_owned();
    world.admit([moved]).await;
    assert_eq!(world.state("post.order"), "dead");
}

#[tokio::test]
async fn a_damaged_row_does_not_take_the_row_before_it_along_and_holds_those_behind_it_for_a_time() {
    let world = World::open();
    world.admit([event(1, 1, 2), event(1, 2, 4), event(1, 3, 6)]).await;
    spoil(&world, "row_status = 4");
    world.settle(take(&mut world.calls(at(1)).await, "portal.record"), accepted(), at(1)).await;
    let first = take(&mut world.calls(at(1)).await, "portal.progress");
    assert_eq!(first.handoffs.len(), 1);
    world.settle(first, accepted(), at(2)).await;
    assert!(world.calls(at(2)).await.is_empty());
    assert_eq!(dead(&world), ["portal.progress 4 GATEWAY-UNPLANNABLE"]);
    world.settle(take(&mut world.calls(at(2)).await, "portal.record"), accepted(), at(2)).await;
    let day = 24 * 3600;
    assert!(world.calls(at(2 + day - 1)).await.is_empty());
    assert_eq!(carried(&world.calls(at(2 + day)).await), ["1 portal.progress"]);
}

#[tokio::test]
async fn a_question_whose_answer_was_never_settled_is_asked_again() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    world.settle(take(&mut world.calls(at(1)).await, "post.order"), lost(), at(1)).await;
    let asked = async |now: i64| -> Vec<HandoffId> {
        world.questions(at(now)).await.into_iter().map(|question| question.handoff.id).collect()
    };
    let first = asked(61).await;
    assert_eq!(first.len(), 1);
    assert_eq!(asked(62).await, []);
    let ready = world.count("SELECT ready_at FROM handoff WHERE kind = 'post.order'");
    assert!(ready > at(61).as_millisecond(), "it stands in the queue");
    assert_eq!(asked(240).await, []);
    assert_eq!(asked(241).await, first);
    assert_eq!(world.count("SELECT absent_looks FROM handoff WHERE kind = 'post.order'"), 0);
}

#[tokio::test]
async fn a_list_that_only_the_portal_still_knows_is_not_emptied() {
    // Handed over at the desk: nothing more is to come of the dossier, and its snapshot may go.
    let handed_over = |n| {
        let mut event = event(1, n, 10);
        event.snapshot.dossier.return_by_post = false;
        event
    };
    let world = World::open();
    world.admit([handed_over(1)]).await;
    world.accept_all(at(2)).await;
    let months = 100 * 24 * 3600;
    world.journal.erase(at(months)).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM dossier WHERE basis IS NOT NULL"), 0);
    let mut silent = handed_over(2);
    silent.snapshot.dossier.results = None;
    world.admit([silent]).await;
    let held = "SELECT count(*) FROM handoff WHERE kind = 'portal.record' AND state = 'held'
         AND code = 'GATEWAY-EMPTIED-LIST' AND field = 'dossier.results'";
    assert_eq!(world.count(held), 1);
    let mut calls = world.calls(at(months)).await;
    assert_eq!(carried(&calls), ["1 portal.progress"], "the rows go on");
    world.settle(take_of(&mut calls, "1 portal.progress"), accepted(), at(months)).await;
    // An event that knows the list again releases it.
    world.admit([handed_over(3)]).await;
    assert_eq!(carried(&world.calls(at(months)).await), ["1 portal.record"]);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'held'"), 0);
}
