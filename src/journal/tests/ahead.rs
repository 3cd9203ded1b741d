//! What is claimed ahead of the room for it, and handed back.

use super::world::{PORTAL, POST, World, arrival, at, event, reason};
use crate::journal::{Call, Want, Work};
use lienthong_core::handoff::{Content, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use std::sync::mpsc::sync_channel;

async fn claimed(
    world: &World,
    (account, partner): (&str, Partner),
    calls: usize,
    ahead: usize,
) -> Vec<Call> {
    let want = Want { account: AccountName::new(account), partner, calls, ahead, rows_per_call: 10 };
    let work = world.journal.claim(vec![want], at(10)).await.unwrap().work.into_iter();
    let call = |(_, work)| match work {
        Work::Send(call) => Some(call),
        Work::Ask(_) | Work::Probe(_) => None,
    };
    work.filter_map(call).collect()
}

const AT_PORTAL: (&str, Partner) = (PORTAL, Partner::Portal);
const AT_POST: (&str, Partner) = (POST, Partner::Post);

fn statuses(calls: &[Call]) -> Vec<u8> {
    let contents = calls.iter().map(|call| &call.handoffs[0].content);
    contents
        .filter_map(|content| if let Content::Row(row) = content { Some(u8::from(row.status)) } else { None })
        .collect()
}

#[tokio::test]
async fn first_attempts_of_records_and_rows_wait_for_room_and_nothing_else_does() {
    let world = World::open();
    world.admit((0..6).map(|dossier| event(dossier, 1, 2))).await;
    world
        .file()
        .execute("UPDATE handoff SET attempts = 3 WHERE kind = 'portal.record' AND id <= 2", [])
        .unwrap();
    let calls = claimed(&world, AT_PORTAL, 0, 10).await;
    assert_eq!(calls.len(), 5, "the retry waits for a call that may begin");
    assert_eq!(claimed(&world, AT_PORTAL, 1, 10).await.len(), 1);
}

#[tokio::test]
async fn an_order_is_never_claimed_without_room() {
    let world = World::open();
    world.admit((0..3).map(|dossier| event(dossier, 1, 9))).await;
    assert_eq!(claimed(&world, AT_POST, 0, 10).await.len(), 0);
    assert_eq!(claimed(&world, AT_POST, 1, 10).await.len(), 1);
}

#[tokio::test]
async fn a_row_with_status_5_is_never_claimed_without_room() {
    let world = World::open();
    world.admit([event(0, 1, 2), event(1, 1, 2)]).await;
    world.accept_all(at(1)).await;
    world.admit([event(0, 2, 5), event(1, 2, 4)]).await;
    for record in claimed(&world, AT_PORTAL, 10, 0).await {
        world.settle(record, Outcome::Accepted(reason("PORTAL-0")), at(10)).await;
    }
    assert!(!statuses(&claimed(&world, AT_PORTAL, 0, 10).await).contains(&5));
    let with_room = claimed(&world, AT_PORTAL, 2, 10).await;
    assert!(statuses(&with_room).contains(&5), "{:?}", statuses(&with_room));
}

#[tokio::test]
async fn what_is_handed_back_was_never_attempted_and_waits_as_before() {
    let world = World::open();
    world.admit([event(0, 1, 2)]).await;
    let calls = claimed(&world, AT_PORTAL, 0, 1).await;
    assert_eq!(world.count("SELECT count(*) FROM attempt WHERE ended_at IS NULL"), 1);
    world.journal.hand_back(&calls[0]).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM attempt"), 0);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'waiting' AND attempts = 0"), 2);
    // Twice is as once.
    world.journal.hand_back(&calls[0]).await.unwrap();
    let again = claimed(&world, AT_PORTAL, 1, 0).await;
    assert_eq!((again.len(), again[0].attempt), (1, 1));
}

/// A call waits for one commit and not for two: a claim that is asked for while a batch waits finds what it brings.
#[tokio::test]
async fn what_a_batch_brings_is_claimed_before_the_batch_is_on_disk() {
    let world = World::open();
    let (go_on, wait) = sync_channel::<()>(1);
    let held = world.journal.hold(wait).await.unwrap();
    let batch = vec![arrival(event(0, 1, 2), at(0))];
    // The claim stands in front of the batch; the batch wakes the dispatcher before it is on disk.
    let claim = claimed(&world, AT_PORTAL, 8, 0);
    let woken = async {
        world.journal.wake().notified().await;
        go_on.send(()).unwrap();
    };
    let (calls, admitted, ()) = tokio::join!(biased; claim, world.journal.admit_batch(batch), woken);
    held.await.unwrap();
    assert_eq!((admitted.unwrap().stored, calls.len()), (1, 1));
}
