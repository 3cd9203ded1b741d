//! Events that cannot be planned, or were waited for in vain, hold up nobody.

use super::world::{World, at, code, event};
use lienthong_core::event::{Event, EventKind, Subject};
use lienthong_core::ids::SlipNumber;

/// The citizen asks for a pickup under the dossier's code.
pub(super) fn pickup(dossier: usize, n: u64) -> Event {
    let mut event = event(dossier, n, 1);
    event.kind = EventKind::PickupRequested;
    event.snapshot.postal.pickup = event.snapshot.postal.return_to.clone();
    event
}

/// The citizen asks for a pickup before there is a code.
pub(super) fn slip_pickup(slip: &str, n: u64) -> Event {
    let mut event = pickup(900, n);
    event.subject = Subject::Slip(SlipNumber::new(slip));
    event.sequence = None;
    event.snapshot.dossier.code = None;
    event.snapshot.dossier.slip = Some(SlipNumber::new(slip));
    event.snapshot.dossier.status = None;
    event
}

#[tokio::test]
async fn events_behind_one_gap_are_planned_once_and_other_gaps_are_given_up_too() {
    let world = World::open();
    world.admit([event(1, 1, 2), event(2, 1, 2)]).await;
    world.admit([event(1, 3, 6), event(1, 4, 9), event(2, 3, 9)]).await;
    assert!(world.journal.release_gaps(at(600)).await.unwrap() > 0);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'portal.progress'"), 5);
    assert_eq!(world.count("SELECT count(*) FROM inbox WHERE state = 'waiting'"), 0);
    assert_eq!(world.journal.release_gaps(at(601)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_stored_event_that_cannot_be_planned_is_set_aside_once() {
    let world = World::open();
    world.admit([event(1, 1, 2), event(2, 1, 2)]).await;
    world.admit([event(1, 3, 6), event(1, 4, 9), event(2, 3, 9)]).await;
    let broken = "UPDATE payload SET body = x'00' WHERE id = (SELECT payload FROM inbox WHERE sequence = 3 AND dossier = 1)";
    world.file().execute(broken, []).unwrap();
    world.journal.release_gaps(at(600)).await.unwrap();
    world.journal.release_gaps(at(601)).await.unwrap();
    let aside = "SELECT count(*) FROM quarantine JOIN payload ON payload.id = quarantine.payload
         WHERE code = 'GATEWAY-UNPLANNABLE' AND erase_at > 0 AND routing_key = 'H11.01.07.vn.dossier.status-changed'";
    assert_eq!(world.count(aside), 1);
    assert_eq!(world.count("SELECT count(*) FROM inbox WHERE state = 'aside' AND payload IS NULL"), 1);
    assert_eq!(world.count("SELECT count(*) FROM inbox WHERE state = 'waiting'"), 0);
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE row_status = 9"),
        2,
        "its neighbours are planned"
    );
    assert_eq!(world.admit([event(1, 3, 6)]).await.duplicates, 1);
}

#[tokio::test]
async fn a_follower_that_cannot_be_planned_leaves_the_event_before_it_planned() {
    let world = World::open();
    world.admit([event(1, 1, 2), event(1, 3, 6)]).await;
    let broken = "UPDATE payload SET body = x'00' WHERE id = (SELECT payload FROM inbox WHERE sequence = 3)";
    world.file().execute(broken, []).unwrap();
    let counts = world.admit([event(1, 2, 4)]).await;
    assert_eq!((counts.stored, counts.quarantined), (1, 0));
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE row_status = 4"), 1);
    assert_eq!(world.count("SELECT count(*) FROM inbox WHERE state = 'aside'"), 1);
}

#[tokio::test]
async fn two_orders_of_one_number_set_one_event_aside_and_the_rest_goes_on() {
    let world = World::open();
    let counts = world.admit([slip_pickup(&code(1), 1), pickup(1, 1), event(2, 1, 9)]).await;
    assert_eq!((counts.stored, counts.quarantined), (2, 1));
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE code = 'GATEWAY-UNPLANNABLE'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE number LIKE '%-GOM-1'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE number LIKE '%-TRA-1'"), 1);
}
