//! What operators change beside a running daemon.

use super::id_of;
use super::world::{World, at, event, partners, reason, take};
use crate::journal::command::{Acted, CommandJournal, Refusal};
use crate::partners::Partners;
use lienthong_core::ids::HandoffId;
use lienthong_core::outcome::Outcome;

pub(super) fn operator(world: &World) -> CommandJournal {
    CommandJournal::open(&world.settings, partners(), "canbo").unwrap()
}

/// A dossier whose order was refused for this reason.
pub(super) async fn refused(outcome: Outcome) -> World {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), outcome, at(1)).await;
    for call in calls {
        world.settle(call, Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    }
    world
}

#[tokio::test]
async fn a_replayed_dead_letter_is_sent_again_under_the_same_key() {
    let world = refused(Outcome::Rejected(reason("TEST-150"))).await;
    let id = id_of(&world, "post.order");
    assert_eq!(operator(&world).replay(&id, false, None, at(2)).unwrap(), Acted::Done);
    let call = take(&mut world.calls(at(2)).await, "post.order");
    assert_eq!((&call.handoffs[0].id, call.attempt), (&id, 2));
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'post.order'"), 1);
}

#[tokio::test]
async fn what_may_be_there_is_replayed_only_on_somebodys_word() {
    let world = refused(Outcome::Uncertain(reason("TEST-SILENT"))).await;
    let id = id_of(&world, "post.order");
    let unknown =
        "UPDATE handoff SET state = 'dead', code = 'GATEWAY-UNCERTAIN', dead_at = 1, ready_at = NULL
                       WHERE kind = 'post.order'";
    world.file().execute(unknown, []).unwrap();
    assert_eq!(
        operator(&world).replay(&id, false, None, at(2)).unwrap(),
        Acted::Refused(Refusal::MayBeThere)
    );
    assert_eq!(world.state("post.order"), "dead");
    assert_eq!(operator(&world).replay(&id, true, None, at(2)).unwrap(), Acted::Done);
    assert_eq!(world.calls(at(2)).await.len(), 2, "the order, and the row behind the record");
}

#[tokio::test]
async fn what_no_account_would_send_is_not_replayed() {
    let world = refused(Outcome::Rejected(reason("TEST-150"))).await;
    let id = id_of(&world, "post.order");
    let mut operator = CommandJournal::open(&world.settings, Partners::default(), "canbo").unwrap();
    assert_eq!(operator.replay(&id, true, None, at(2)).unwrap(), Acted::Refused(Refusal::NoAccount));
    assert_eq!(world.state("post.order"), "dead");
}

#[tokio::test]
async fn only_dead_letters_are_replayed() {
    let world = refused(Outcome::Rejected(reason("TEST-150"))).await;
    let mut operator = operator(&world);
    assert_eq!(
        operator.replay(&HandoffId::new("none"), false, None, at(2)).unwrap(),
        Acted::Refused(Refusal::Unknown)
    );
    let record = id_of(&world, "portal.record");
    assert_eq!(operator.replay(&record, false, None, at(2)).unwrap(), Acted::Refused(Refusal::NotDead));
    world.file().execute("UPDATE handoff SET content = NULL WHERE kind = 'post.order'", []).unwrap();
    let order = id_of(&world, "post.order");
    assert_eq!(operator.replay(&order, false, None, at(2)).unwrap(), Acted::Refused(Refusal::Erased));
}

#[tokio::test]
async fn a_dismissed_dead_letter_is_final_and_frees_its_lane() {
    let world = World::open();
    world.admit([event(1, 1, 2), event(1, 2, 4)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "portal.record"), Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    let first = "SELECT handoff_id FROM handoff WHERE row_status = 2";
    world
        .file()
        .execute("UPDATE handoff SET state = 'dead', dead_at = 1, ready_at = NULL WHERE row_status = 2", [])
        .unwrap();
    let id = HandoffId::new(world.file().query_row(first, [], |row| row.get::<_, String>(0)).unwrap());
    assert_eq!(operator(&world).dismiss(&id, "thử", at(2)).unwrap(), Acted::Done);
    world.accept_all(at(3)).await;
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dismissed'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE row_status = 4 AND state = 'accepted'"), 1);
}
