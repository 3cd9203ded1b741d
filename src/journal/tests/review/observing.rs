//! A gateway that only observes, and one that goes live afterwards.

use super::super::world::{World, at, code, event, take};
use super::{accepted, admit_of_its_agency, carried, lost, of_kind, restarted, take_of};
use crate::config::settings::Settings;
use lienthong_core::event::{Event, EventKind, ForwardAddress};
use lienthong_core::handoff::Content;
use lienthong_core::ids::AgencyCode;
use lienthong_core::tables::Mode;
use std::sync::Arc;

const OWN: &str = "H11.01.07";
const NEIGHBOUR: &str = "H11.01.08";

fn set_global(settings: &mut Settings, mode: Mode) {
    settings.mode = mode;
}

/// The mode of one of two agencies that share their accounts; the neighbour is live.
fn set_agency(settings: &mut Settings, mode: Mode) {
    let tables = Arc::make_mut(&mut settings.tables);
    let own = tables.agencies.get_mut(&AgencyCode::new(OWN)).unwrap();
    own.mode = Mode::Live;
    let mut neighbour = own.clone();
    own.mode = mode;
    neighbour.code = AgencyCode::new(NEIGHBOUR);
    for rules in tables.sources.values_mut() {
        rules.agencies = vec![AgencyCode::new(OWN), neighbour.code.clone()];
    }
    tables.agencies.insert(neighbour.code.clone(), neighbour);
}

type Set = fn(&mut Settings, Mode);
const BOTH: [Set; 2] = [set_global, set_agency];

fn of_neighbour(mut event: Event) -> Event {
    event.snapshot.agency.code = AgencyCode::new(NEIGHBOUR);
    event
}

/// A gateway that observed these events and is live now.
async fn observed(set: Set, events: impl IntoIterator<Item = Event>) -> World {
    let world = restarted(World::open(), |settings| set(settings, Mode::Observe));
    world.admit(events).await;
    assert!(world.states().iter().all(|state| state.ends_with(" observed")), "{:?}", world.states());
    assert!(world.calls(at(1)).await.is_empty());
    restarted(world, |settings| set(settings, Mode::Live))
}

/// Number of the order that is claimed.
async fn number_claimed(world: &World) -> String {
    let call = take(&mut world.calls(at(1)).await, "post.order");
    let Content::Order(order) = &call.handoffs[0].content else { panic!("an order") };
    order.number.as_str().to_owned()
}

#[tokio::test]
async fn a_backlog_is_not_sent_while_the_gateway_observes_and_is_sent_when_it_goes_live() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    // One is in doubt: asking is a call as well.
    world.settle(take_of(&mut world.calls(at(1)).await, "2 post.order"), lost(), at(1)).await;
    world.file().execute("UPDATE handoff SET state = 'waiting' WHERE state = 'sending'", []).unwrap();
    let world = restarted(world, |settings| settings.mode = Mode::Observe);
    world.admit([event(2, 2, 10)]).await;
    for now in [1, 601, 7_200] {
        assert!(world.claim(at(now)).await.work.is_empty(), "{now}");
    }
    let world = restarted(world, |settings| settings.mode = Mode::Live);
    world.admit([event(1, 2, 10)]).await;
    assert_eq!(carried(&world.calls(at(7_200)).await)[..2], ["1 portal.record", "1 post.order"]);
    assert_eq!(world.questions(at(7_200)).await.len(), 0, "it was claimed with the calls");
    assert_eq!(world.questions(at(7_380)).await.len(), 1);
}

#[tokio::test]
async fn a_backlog_of_an_observed_agency_is_not_sent_and_its_neighbours_is() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let world = restarted(world, |settings| set_agency(settings, Mode::Observe));
    admit_of_its_agency(&world, of_neighbour(event(2, 1, 9))).await;
    assert_eq!(carried(&world.calls(at(1)).await), ["2 portal.record", "2 post.order"]);
    assert!(world.calls(at(601)).await.is_empty(), "it was looked at again");
    let world = restarted(world, |settings| set_agency(settings, Mode::Live));
    let calls = world.calls(at(1_201)).await;
    assert_eq!(carried(&calls), ["1 portal.record", "1 post.order"], "ten minutes later at the latest");
}

#[tokio::test]
async fn an_order_that_was_only_observed_is_ordered_once_when_the_return_is_registered_again() {
    for set in BOTH {
        let world = observed(set, [event(1, 1, 9)]).await;
        world.admit([of_kind(event(1, 2, 9), EventKind::ReturnRegistered)]).await;
        world.admit([of_kind(event(1, 3, 9), EventKind::ReturnRegistered)]).await;
        assert_eq!(number_claimed(&world).await, format!("{}-TRA-1", code(1)));
        world.accept_all(at(2)).await;
        world.admit([of_kind(event(1, 4, 9), EventKind::ReturnRegistered)]).await;
        let live = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state <> 'observed'";
        assert_eq!(world.count(live), 1, "what is ordered is not ordered again");
        assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'post.cancel'"), 0);
    }
}

#[tokio::test]
async fn papers_forwarded_after_going_live_have_a_record_before_their_row() {
    for set in BOTH {
        let world = observed(set, [event(1, 1, 4)]).await;
        let mut forwarded = of_kind(event(1, 2, 4), EventKind::PapersForwarded);
        let address = forwarded.snapshot.postal.return_to.clone().unwrap();
        forwarded.snapshot.postal.forward =
            Some(ForwardAddress { agency_code: AgencyCode::new("H11.02"), address });
        world.admit([forwarded]).await;
        let mut calls = world.calls(at(1)).await;
        assert_eq!(carried(&calls), ["1 portal.record", "1 post.order"]);
        world.settle(take(&mut calls, "portal.record"), accepted(), at(1)).await;
        assert_eq!(carried(&world.calls(at(1)).await), ["1 portal.progress"]);
    }
}

#[tokio::test]
async fn what_was_sent_since_going_live_is_not_forgotten() {
    let world = observed(set_global, [event(1, 1, 4)]).await;
    world.admit([event(1, 2, 4)]).await;
    let record = take(&mut world.calls(at(1)).await, "portal.record");
    world.settle(record, lost(), at(1)).await;
    let mut emptying = event(1, 3, 4);
    emptying.snapshot.dossier.results = Some(Vec::new());
    world.admit([emptying]).await;
    let held = "SELECT count(*) FROM handoff WHERE state = 'held' AND code = 'GATEWAY-EMPTIED-LIST'";
    assert_eq!(world.count(held), 1, "the portal may hold the list");
}
