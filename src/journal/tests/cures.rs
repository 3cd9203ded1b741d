//! The cure is at the desk, whatever is damaged behind a dead letter.

use super::world::{World, at, event, reason, take};
use lienthong_core::event::Event;
use lienthong_core::ids::SlipNumber;
use lienthong_core::outcome::{Outcome, Reason};

use super::gaps::{pickup, slip_pickup};

const SLIP: &str = "EZ000041993VN";

fn refused_for_its_phone() -> Outcome {
    Outcome::Rejected(Reason { field: Some("postal.return.phone".to_owned()), ..reason("TEST-105") })
}

fn with_phone(mut event: Event, phone: &str) -> Event {
    event.snapshot.postal.return_to.as_mut().unwrap().phone = Some(phone.to_owned());
    event
}

/// A dossier whose order was refused for its phone; the rest was accepted.
async fn refused_order() -> World {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), refused_for_its_phone(), at(1)).await;
    world.settle(take(&mut calls, "portal.record"), Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    world.accept_all(at(1)).await;
    world
}

#[tokio::test]
async fn the_field_that_a_partner_named_brings_the_order_back_under_its_key() {
    let world = refused_order().await;
    world.admit([event(1, 2, 9)]).await;
    assert_eq!(world.state("post.order"), "dead", "the field is what it was");
    world.admit([with_phone(event(1, 3, 9), "0510000222")]).await;
    assert_eq!(world.state("post.order"), "waiting");
    world.accept_all(at(3)).await;
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'post.order'"), 1);
}

#[tokio::test]
async fn a_damaged_event_behind_a_dead_letter_does_not_stop_the_next_one() {
    let world = refused_order().await;
    let damage = "UPDATE payload SET body = CAST('x' AS BLOB) WHERE id IN (SELECT payload FROM inbox)";
    assert_eq!(world.file().execute(damage, []).unwrap(), 1);
    let counts = world.admit([with_phone(event(1, 2, 9), "0510000222")]).await;
    assert_eq!((counts.stored, counts.quarantined), (1, 0));
    assert_eq!(world.state("post.order"), "waiting", "what was corrected may be the field");
    world.accept_all(at(2)).await;
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE row_status = 9 AND state = 'accepted'"), 2);
}

fn naming(n: u64) -> Event {
    let mut event = event(1, n, 2);
    event.snapshot.dossier.slip = Some(SlipNumber::new(SLIP));
    event
}

/// Pickup orders by state.
fn pickups(world: &World) -> Vec<String> {
    let file = world.file();
    let sql = "SELECT state FROM handoff WHERE leg = 'GOM' ORDER BY state";
    let mut statement = file.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Two pickups of one dossier, under its code and under its slip, after what the post said of each; then they meet.
async fn met(own: Option<Outcome>, of_slip: Option<Outcome>) -> World {
    let world = World::open();
    world.admit([pickup(1, 1), slip_pickup(SLIP, 1)]).await;
    let away = || Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: true };
    for call in world.calls(at(1)).await {
        let is_slip = call.handoffs[0].dossier.as_str().starts_with("phieu:");
        let outcome = if is_slip { of_slip.clone() } else { own.clone() };
        world.settle(call, outcome.unwrap_or_else(away), at(1)).await;
    }
    world.admit([naming(2)]).await;
    world
}

#[tokio::test]
async fn a_refused_pickup_makes_way_for_the_other_when_a_slip_is_joined() {
    let accepted = || Some(Outcome::Accepted(reason("TEST-OK")));
    let refused = || Some(Outcome::Rejected(reason("TEST-150")));
    for (own, of_slip, expected) in [
        (accepted(), refused(), vec!["accepted", "superseded"]),
        (refused(), accepted(), vec!["accepted", "superseded"]),
        (refused(), None, vec!["superseded", "waiting"]),
        (None, refused(), vec!["superseded", "waiting"]),
        (refused(), refused(), vec!["dead", "superseded"]),
    ] {
        let world = met(own.clone(), of_slip.clone()).await;
        assert_eq!(pickups(&world), expected, "{own:?} {of_slip:?}");
        assert_eq!(world.count("SELECT count(*) FROM flag WHERE task = 1"), 0, "{own:?} {of_slip:?}");
        // Nothing holds the leg: what was not sent goes.
        world.accept_all(at(4000)).await;
        let living = "SELECT count(*) FROM handoff WHERE leg = 'GOM' AND state IN ('waiting', 'sending')";
        assert_eq!(world.count(living), 0, "{own:?} {of_slip:?}");
    }
}
