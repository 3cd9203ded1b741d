//! What a partner gave for an order comes back with every handoff of that order.

use super::world::{World, at, event, reason, take};
use crate::journal::{Answered, Call};
use lienthong_core::event::EventKind;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::{LookUp, Sent};
use lienthong_core::receipt::Receipt;
use std::sync::Arc;

fn receipt() -> Receipt {
    Receipt { reference: Some("OR778100".to_owned()), waybill: Some("ED210000457VN".to_owned()) }
}

/// The order of a return, with its first call.
async fn ordered(world: &World) -> Call {
    world.admit([event(1, 1, 9)]).await;
    let order = take(&mut world.calls(at(1)).await, "post.order");
    assert_eq!(order.handoffs[0].receipt, Receipt::default());
    order
}

async fn withdrawn(world: &World, now: i64) -> Receipt {
    let mut withdrawn = event(1, 2, 9);
    withdrawn.kind = EventKind::ReturnWithdrawn;
    world.admit([withdrawn]).await;
    take(&mut world.calls(at(now)).await, "post.cancel").handoffs[0].receipt.clone()
}

#[tokio::test]
async fn what_an_answer_gave_goes_along_with_the_cancel() {
    let world = World::open();
    let call = ordered(&world).await;
    let outcome = Outcome::Accepted(reason("TEST-OK"));
    let sent = Sent { outcome, http_status: None, steps: Vec::new(), receipt: receipt() };
    world.journal.settle(Arc::new(Answered { call, sent, ended_at: at(2), draw: 0.5 })).await.unwrap();
    assert_eq!(withdrawn(&world, 3).await, receipt());
}

#[tokio::test]
async fn what_a_look_up_found_goes_along_with_the_cancel() {
    let world = World::open();
    let call = ordered(&world).await;
    world.settle(call, Outcome::Uncertain(reason("TEST-CUT")), at(2)).await;
    let question = world.questions(at(100_000)).await.remove(0);
    let found = LookUp::Found { same: true, receipt: receipt() };
    world.journal.settle_look_up(&question, found, at(100_001), 0.5).await.unwrap();
    assert_eq!(withdrawn(&world, 100_002).await, receipt());
}
