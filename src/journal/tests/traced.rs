//! What a trace is told of a handoff: its event's context, and whether the attempt before was made for the same event.

use super::world::{World, arrival, at, event, reason, take};
use crate::journal::{rows, traced};
use crate::telemetry::traces::Traced;
use jiff::Timestamp;
use lienthong_core::event::Event;
use lienthong_core::ids::HandoffId;
use lienthong_core::outcome::{Outcome, Reason};

const FIRST: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const SECOND: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

async fn admit(world: &World, event: Event, trace: &str, now: Timestamp) {
    let mut arrival = arrival(event, now);
    arrival.trace = Some(trace.to_owned());
    world.journal.admit_batch(vec![arrival]).await.unwrap();
}

fn check(world: &World, id: &HandoffId, trace: &str, attempt: u32, again: bool) {
    let file = world.file();
    let row = rows::handoff_row_of(&file, id).unwrap().unwrap();
    let expected = Traced { trace: Some(trace.to_owned()), attempt, again };
    assert_eq!(traced::of(&file, &row).unwrap(), expected);
}

fn away() -> Outcome {
    Outcome::Unavailable { reason: reason("TEST-AWAY"), wait: None, unsent: false }
}

#[tokio::test]
async fn an_attempt_is_linked_to_the_one_before_unless_a_later_event_planned_it_anew() {
    let world = World::open();
    admit(&world, event(1, 1, 9), FIRST, at(0)).await;
    let id: String = world
        .file()
        .query_row("SELECT handoff_id FROM handoff WHERE kind = 'post.order'", [], |row| row.get(0))
        .unwrap();
    let id = HandoffId::new(id);
    check(&world, &id, FIRST, 1, false);
    let order = take(&mut world.calls(at(1)).await, "post.order");
    world.settle(order, away(), at(2)).await;
    check(&world, &id, FIRST, 2, true);
    let refused =
        Outcome::Rejected(Reason { field: Some("postal.return.phone".to_owned()), ..reason("TEST-105") });
    let order = take(&mut world.calls(at(100_000)).await, "post.order");
    assert_eq!((&order.handoffs[0].id, order.attempt), (&id, 2));
    world.settle(order, refused, at(100_001)).await;
    check(&world, &id, FIRST, 3, true);
    let mut corrected = event(1, 2, 9);
    corrected.snapshot.postal.return_to.as_mut().unwrap().phone = Some("0510000222".to_owned());
    admit(&world, corrected, SECOND, at(100_002)).await;
    check(&world, &id, SECOND, 3, false);
    let order = take(&mut world.calls(at(100_003)).await, "post.order");
    assert_eq!(order.handoffs[0].id, id, "it was planned anew under its number");
    world.settle(order, away(), at(100_004)).await;
    check(&world, &id, SECOND, 4, true);
}
