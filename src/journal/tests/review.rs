//! What a review of the engine found and what holds since: modes, budgets, waits, storms, orders in doubt, damage.

mod budgets;
mod damage;
mod observing;
mod orders;

use super::world::{World, arrival, at, partners, reason};
use crate::config::settings::Settings;
use crate::journal::{Call, Journal};
use lienthong_core::event::{Event, EventKind};
use lienthong_core::outcome::Outcome;
use std::sync::Arc;
use std::time::Duration;

/// The same journal after a restart with changed settings.
fn restarted(world: World, change: impl FnOnce(&mut Settings)) -> World {
    let World { journal, mut settings, folder } = world;
    Arc::into_inner(journal).expect("nobody else holds it").close().unwrap();
    change(&mut settings);
    let journal = Journal::open(&settings, partners(), at(0)).unwrap();
    World { journal: Arc::new(journal), settings, folder }
}

/// The event as another kind.
fn of_kind(mut event: Event, kind: EventKind) -> Event {
    event.kind = kind;
    event
}

/// Admits an event under the routing key of its own agency.
async fn admit_of_its_agency(world: &World, event: Event) {
    let routing_key = format!("{}.{}", event.snapshot.agency.code, event.kind.type_name());
    let mut arrival = arrival(event, at(0));
    arrival.routing_key = routing_key;
    assert_eq!(world.journal.admit_batch(vec![arrival]).await.unwrap().stored, 1);
}

fn accepted() -> Outcome {
    Outcome::Accepted(reason("TEST-OK"))
}

fn rejected(code: &'static str) -> Outcome {
    Outcome::Rejected(reason(code))
}

/// The partner did not take it.
fn away(wait: Option<u64>) -> Outcome {
    Outcome::Unavailable { reason: reason("TEST-503"), wait: wait.map(Duration::from_secs), unsent: false }
}

/// The partner may have taken it.
fn lost() -> Outcome {
    Outcome::Uncertain(reason("TEST-NO-ANSWER"))
}

/// What calls carry, as `dossier's last digits kind`.
pub(super) fn carried(calls: &[Call]) -> Vec<String> {
    let told = |call: &Call| {
        let first = &call.handoffs[0];
        let dossier = first.dossier.as_str().rsplit('-').next().unwrap().trim_start_matches('0').to_owned();
        format!("{dossier} {}", first.kind().name())
    };
    let mut carried: Vec<_> = calls.iter().map(told).collect();
    carried.sort();
    carried
}

/// Takes a call among claimed ones, as [`carried`] tells it.
fn take_of(calls: &mut Vec<Call>, what: &str) -> Call {
    let found = calls.iter().position(|call| carried(std::slice::from_ref(call)) == [what]);
    calls.remove(found.unwrap_or_else(|| panic!("no {what} among {:?}", carried(calls))))
}
