//! A slip is joined to the dossier that names it.

use super::gaps::{pickup, slip_pickup};
use super::world::{World, at, event, reason, take};
use lienthong_core::event::Event;
use lienthong_core::ids::SlipNumber;
use lienthong_core::outcome::Outcome;

const SLIP: &str = "EZ000041993VN";

/// The dossier's n-th event, which names the slip and knows no pickup address.
fn naming(n: u64) -> Event {
    let mut event = event(1, n, 2);
    event.snapshot.dossier.slip = Some(SlipNumber::new(SLIP));
    event
}

/// Numbers of pickup orders that are still to be sent or were taken.
const LIVING: &str =
    "SELECT count(*) FROM handoff WHERE leg = 'GOM' AND kind = 'post.order' AND state <> 'superseded'";

#[tokio::test]
async fn a_slip_brings_its_pickup_address_and_leaves_no_copy_of_itself() {
    let world = World::open();
    world.admit([slip_pickup(SLIP, 1), event(1, 1, 1)]).await;
    world.admit([naming(2)]).await;
    let pickup = "SELECT count(*) FROM dossier JOIN payload ON payload.id = basis
         WHERE json_extract(CAST(body AS TEXT), '$.postal.pickup.address') IS NOT NULL";
    assert_eq!(world.count(pickup), 1);
    assert_eq!(world.count("SELECT count(*) FROM dossier"), 1);
    let owned = "SELECT count(*) FROM payload WHERE id NOT IN (SELECT payload FROM inbox UNION SELECT content FROM handoff
         UNION SELECT basis FROM dossier)";
    assert_eq!(world.count(owned), 0, "nothing is left without an owner");
}

#[tokio::test]
async fn of_two_pickups_one_stands_and_what_never_left_is_superseded() {
    for sent in [false, true] {
        let world = World::open();
        world.admit([pickup(1, 1)]).await;
        if sent {
            world.accept_all(at(1)).await;
        }
        world.admit([slip_pickup(SLIP, 1)]).await;
        assert_eq!(world.count(LIVING), 2);
        world.admit([naming(2)]).await;
        assert_eq!(world.count(LIVING), 1, "sent: {sent}");
        let accepted = "SELECT count(*) FROM handoff WHERE leg = 'GOM' AND state = 'accepted'";
        assert_eq!(world.count(accepted), i64::from(sent), "the one that left stands");
        assert_eq!(world.count("SELECT count(*) FROM flag WHERE task = 1"), 0);
    }
}

#[tokio::test]
async fn two_pickups_that_both_left_are_a_task() {
    let world = World::open();
    world.admit([pickup(1, 1), slip_pickup(SLIP, 1)]).await;
    let mut calls = world.calls(at(1)).await;
    for outcome in [Outcome::Accepted(reason("TEST-OK")), Outcome::Uncertain(reason("TEST-NO-ANSWER"))] {
        world.settle(take(&mut calls, "post.order"), outcome, at(1)).await;
    }
    world.admit([naming(2)]).await;
    assert_eq!(world.count(LIVING), 2);
    assert_eq!(world.count("SELECT count(*) FROM flag WHERE code = 'DESK-OLD-PARCEL' AND task = 1"), 1);
}
