//! `mode = "observe"`: everything is stored, planned and logged, and nothing is sent, not even a login.

use crate::support::{DEADLINE, Dossier, Event, Options, World, until};
use std::collections::BTreeMap;

#[tokio::test]
async fn an_observing_gateway_plans_everything_and_calls_nobody() {
    let world = World::with(Options { observe: true, ..Options::default() }).await;
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..10).map(|number| Dossier::new(number).by_post()).collect();
    let events: Vec<Event> = dossiers.iter_mut().flat_map(|dossier| dossier.statuses(&[2, 4, 9])).collect();
    world.publish(&events).await;
    world.settled(events.len(), DEADLINE).await;
    let mut planned: BTreeMap<(String, String), usize> = BTreeMap::new();
    for handoff in world.journal().handoffs() {
        *planned.entry((handoff.kind, handoff.state)).or_default() += 1;
    }
    let expected = [("portal.progress", 30), ("portal.record", 30), ("post.order", 10)]
        .map(|(kind, count)| ((kind.to_owned(), "observed".to_owned()), count));
    assert_eq!(planned, BTreeMap::from(expected));
    // A line is written once its change is committed: the journal may be read in between.
    until("each is logged", DEADLINE, || gateway.said("a handoff was planned and not sent") == 70).await;
    // The feed, too, would be read within its interval.
    gateway.stop().await;
    assert_eq!((world.portal.ledger().len(), world.post.ledger().len()), (0, 0));
}
