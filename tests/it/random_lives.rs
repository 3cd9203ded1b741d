//! Promises 3 and 6 through everything at once: desks that change their minds, answers that get lost, kills.

use crate::support::{DEADLINE, Dossier, Event, Options, POST_ACCOUNT, World, until};
use mock_kit::{Deed, Fault, Stage, Wait};
use mock_post::{Parcel, Step};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

const DOSSIERS: usize = 40;
const ROUNDS: usize = 12;

/// A dossier at a desk that changes its mind.
struct Life {
    dossier: Dossier,
    status: u8,
}

impl Life {
    fn next(&mut self, chance: &mut StdRng) -> Event {
        let moves: &[u8] = match self.status {
            1 => &[2],
            2 => &[4, 9],
            4 => &[5, 6, 9, 9, 9],
            5 | 6 => &[4],
            9 => &[4, 9, 10],
            _ => &[4],
        };
        match chance.random_range(0..10) {
            0 => {
                self.dossier.pickup = true;
                self.dossier.event("pickup-requested", self.status)
            }
            1 => self.dossier.event("pickup-cancelled", self.status),
            2 => {
                self.dossier.by_post = true;
                self.dossier.event("return-registered", self.status)
            }
            3 => {
                self.dossier.by_post = false;
                self.dossier.event("return-withdrawn", self.status)
            }
            4 => self.dossier.event("reorder-requested", self.status),
            _ => {
                self.status = *moves.choose(chance).unwrap();
                self.dossier.status(self.status)
            }
        }
    }
}

/// Whether the parcel may still reach somebody.
fn lives(parcel: &Parcel) -> bool {
    !parcel.step().is_some_and(Step::is_last)
}

/// Leg and dossier of a number, without its count.
fn leg(number: &str) -> &str {
    number.rsplit_once('-').unwrap().0
}

/// At most one parcel of a leg lives; and a number never has two, living or not.
fn check_parcels(world: &World) {
    assert_eq!(world.post.partner().doubled(), []);
    let mut living: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (number, order) in world.post.partner().orders() {
        for _ in order.parcels.iter().filter(|parcel| lives(parcel)) {
            living.entry(leg(&number).to_owned()).or_default().push(number.clone());
        }
    }
    let crowded: Vec<_> = living.values().filter(|numbers| numbers.len() > 1).collect();
    assert!(crowded.is_empty(), "{crowded:?}");
}

/// The post moves some parcels on: takes note of them, collects them, brings some back.
fn move_on(world: &World, chance: &mut StdRng) {
    for (number, order) in world.post.partner().orders() {
        let Some(parcel) = order.parcels.last().filter(|parcel| lives(parcel)) else { continue };
        let next = match parcel.step() {
            None => Step::Accepted,
            Some(Step::Accepted) if chance.random_bool(0.3) => Step::Collected,
            Some(Step::Collected) => *[Step::Delivered, Step::Returned].choose(chance).unwrap(),
            Some(_) => continue,
        };
        world.post.partner().advance_to(&number, next);
    }
}

fn misfortunes(world: &World, chance: &mut StdRng) {
    let deeds = [
        Deed::Silence { taken: true },
        Deed::Silence { taken: false },
        Deed::Reset { stage: Stage::BeforeTaking },
        Deed::Reset { stage: Stage::AfterTaking },
        Deed::Status { status: 500, body: String::new(), taken: true },
        Deed::Unreadable,
        Deed::Unavailable { wait: Wait::None },
        Deed::SessionExpired,
        Deed::Delay { ms: 100, taken: true },
    ];
    for deed in deeds {
        for operation in ["order", "cancel"] {
            for _ in 0..3 {
                let fault = Fault::new(deed.clone()).on(operation).after(chance.random_range(0..40));
                world.post.fault(fault.times(chance.random_range(1..3)));
            }
        }
    }
}

#[tokio::test]
async fn no_leg_has_two_living_parcels_whatever_desk_post_and_chance_do() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let options =
        Options { deadline: "300ms", uncertain_limit: "2s", dead_row_holds: "1s", ..Options::default() };
    let world = World::with(options).await;
    misfortunes(&world, &mut chance);
    let mut lives: Vec<Life> =
        (0..DOSSIERS).map(|number| Life { dossier: Dossier::new(number).by_post(), status: 1 }).collect();
    for _ in 0..ROUNDS {
        let gateway = world.gateway().await;
        let events: Vec<Event> = lives.iter_mut().map(|life| life.next(&mut chance)).collect();
        world.publish(&events).await;
        tokio::time::sleep(Duration::from_millis(chance.random_range(50..400))).await;
        move_on(&world, &mut chance);
        check_parcels(&world);
        gateway.kill().await;
        // Two dead tokens in a row block the account; somebody looks after it between the kills.
        world.command(&["resume", POST_ACCOUNT]).await;
    }
    world.post.clear_faults();
    let gateway = world.gateway().await;
    let journal = world.journal();
    let events = i64::try_from(DOSSIERS * ROUNDS).unwrap();
    until("all events are stored", DEADLINE, || journal.events() == events).await;
    let busy = "state IN ('sending', 'uncertain') OR (state = 'waiting' AND ready_at IS NOT NULL)";
    let end = Instant::now() + Duration::from_secs(60);
    while journal.count(&format!("SELECT count(*) FROM handoff WHERE {busy}")) > 0 {
        move_on(&world, &mut chance);
        // Cancels of orders that never arrived are refused alike, which looks like a storm.
        world.command(&["resume", POST_ACCOUNT]).await;
        assert!(Instant::now() < end, "still going on: {:#?}", journal.lines(busy));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    check_parcels(&world);
    // What waits, waits behind something that a person sees.
    let handoffs = journal.handoffs();
    for waiting in handoffs.iter().filter(|handoff| !handoff.is_final() && !handoff.is_listed()) {
        let shown = |other: &&_| -> bool {
            let other: &crate::support::Handoff = other;
            other.dossier == waiting.dossier && other.is_listed()
        };
        assert!(handoffs.iter().any(|other| shown(&other)), "{waiting:?} waits behind nothing");
    }
    assert!(world.post.partner().taken() > DOSSIERS / 2, "too little has happened");
    gateway.stop().await;
}
