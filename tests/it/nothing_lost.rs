//! Promise 1, and with it 3 and 4: an acknowledged event is on disk, whatever becomes of the process.

use crate::support::{DEADLINE, Dossier, Event, Options, Row, World, until};
use mock_kit::{Deed, Fault};
use mock_post::{Advance, Step};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Kills with calls in flight.
const KILLS: usize = 20;

/// Dossiers published before each start.
const DOSSIERS_PER_ROUND: usize = 15;

/// Calls that a living gateway has made at most when it is killed. A round has more, so that others are in flight then.
const CALLS_BEFORE_KILL: usize = 30;

/// What a dossier lives through: received, processed, done; the result goes home by post.
const LIFE: [u8; 3] = [2, 4, 9];

/// What the gateway is put through, and what was published.
struct Story {
    world: World,
    dossiers: Vec<Dossier>,
    rows: BTreeMap<String, Vec<Row>>,
    chance: StdRng,
}

impl Story {
    /// Order numbers that are not unique, a feed that is silent until collection, and answers that take their time: some
    /// before, some after the request took effect.
    async fn begin(seed: u64) -> Self {
        let options = Options { feed_silent: true, concurrency: 8, ..Options::default() };
        let world = World::with(options).await;
        for operation in ["order", "CapNhatTienDoHoSoMC", "DongBoHoSoMC"] {
            for taken in [false, true] {
                world.post.fault(Fault::new(Deed::Delay { ms: 40, taken }).on(operation));
                world.portal.fault(Fault::new(Deed::Delay { ms: 15, taken }).on(operation));
            }
        }
        Self { world, dossiers: Vec::new(), rows: BTreeMap::new(), chance: StdRng::seed_from_u64(seed) }
    }

    /// Publishes some dossiers, their events interleaved.
    async fn publish(&mut self) {
        let first = self.dossiers.len();
        let mut new: Vec<Dossier> =
            (first..first + DOSSIERS_PER_ROUND).map(|number| Dossier::new(number).by_post()).collect();
        let events: Vec<Event> = LIFE
            .iter()
            .flat_map(|status| new.iter_mut().map(|dossier| dossier.status(*status)).collect::<Vec<_>>())
            .collect();
        for event in &events {
            self.rows.entry(event.dossier().to_owned()).or_default().push(event.row());
        }
        self.world.publish(&events).await;
        self.dossiers.extend(new);
    }

    /// Starts the gateway and kills it at a moment of chance; says whether calls were in flight then.
    async fn run_and_kill(&mut self) -> bool {
        let mut gateway = self.world.spawn();
        let in_its_start = self.chance.random_bool(0.2);
        if in_its_start {
            // Somewhere in its start, recovery included.
            tokio::time::sleep(Duration::from_millis(self.chance.random_range(0..250))).await;
        } else {
            gateway.ready().await;
            let calls = || self.world.portal.ledger().len() + self.world.post.ledger().len();
            let wanted = calls() + self.chance.random_range(1..=CALLS_BEFORE_KILL);
            until("the gateway calls", DEADLINE, || calls() >= wanted).await;
        }
        gateway.kill().await;
        !in_its_start && self.world.journal().open_attempts() > 0
    }

    fn events(&self) -> usize {
        self.dossiers.len() * LIFE.len()
    }

    /// Every order has at most one parcel. One whose attempt was cut off is listed for a person until the feed shows it.
    fn check_orders(&self) {
        let (world, journal) = (&self.world, self.world.journal());
        assert_eq!(world.post.partner().doubled(), [], "a number has two parcels");
        let cut_off: BTreeSet<String> = journal.order_attempts("GATEWAY-INTERRUPTED").into_iter().collect();
        assert!(!cut_off.is_empty(), "no order was in flight in any kill");
        println!("{} orders were cut off", cut_off.len());
        let mut orders = 0;
        for order in journal.handoffs().iter().filter(|handoff| handoff.kind == "post.order") {
            let number = order.number.clone().unwrap();
            orders += 1;
            if cut_off.contains(&number) {
                assert_eq!(order.state, "uncertain", "{order:?}");
            } else {
                assert_eq!(
                    (order.state.as_str(), world.post.partner().parcels(&number).len()),
                    ("accepted", 1),
                    "{order:?}"
                );
            }
        }
        assert_eq!(orders, self.dossiers.len());
    }

    /// The feed tells the truth now: what is there is adopted, and what is not stays listed.
    async fn collect(&self) {
        let (world, journal) = (&self.world, self.world.journal());
        world.post.partner().advance(&Advance { to: Some(Step::Collected), ..Advance::default() });
        let parcels = i64::try_from(world.post.partner().taken()).unwrap();
        let accepted = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'accepted'";
        until("adopted", DEADLINE, || journal.count(accepted) == parcels).await;
        world.settled(self.events(), DEADLINE).await;
        for order in journal.handoffs().iter().filter(|handoff| handoff.kind == "post.order") {
            let parcels = world.post.partner().parcels(order.number.as_deref().unwrap()).len();
            assert_eq!(parcels, usize::from(order.state == "accepted"), "{order:?}");
            assert!(order.is_final() || order.is_listed(), "{order:?}");
        }
    }

    /// Rows arrive in their order, none missing; a row stands twice only where the journal says that it may.
    fn check_rows(&self) {
        let mut rows = 0;
        for dossier in &self.dossiers {
            let arrived = self.world.rows(dossier);
            let of_the_desk: Vec<Row> =
                arrived.iter().filter(|row| row.2.starts_with("Bước")).cloned().collect();
            let mut once: Vec<Row> = Vec::new();
            for row in &of_the_desk {
                if !once.contains(row) {
                    once.push(row.clone());
                }
            }
            assert_eq!(Some(&once), self.rows.get(&dossier.code), "{} got {arrived:?}", dossier.code);
            assert_eq!(self.world.record_status(dossier).as_deref(), Some("9"), "{}", dossier.code);
            let doubled = once.iter().filter(|row| of_the_desk.iter().filter(|told| told == row).count() > 1);
            let handoffs = self.world.journal().of(&dossier.code, "portal.progress");
            let doubtful = handoffs.iter().filter(|row| row.maybe_doubled).count();
            assert!(doubled.count() <= doubtful, "{} got {arrived:?}, {doubtful} marked", dossier.code);
            rows += once.len();
        }
        assert_eq!(rows, self.events());
    }
}

#[tokio::test]
async fn twenty_kills_lose_nothing_double_no_order_and_keep_the_order_of_rows() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut story = Story::begin(seed).await;
    story.world.gateway().await.stop().await;
    let (mut in_flight, mut kills) = (0, 0);
    while in_flight < KILLS {
        story.publish().await;
        kills += 1;
        in_flight += usize::from(story.run_and_kill().await);
        assert!(kills < 3 * KILLS, "only {in_flight} of {kills} kills met a call in flight");
    }
    println!("{kills} kills, {} dossiers", story.dossiers.len());
    let gateway = story.world.gateway().await;
    story.world.settled(story.events(), DEADLINE).await;
    assert_eq!(story.world.publisher().await.waiting().await, 0);
    story.check_orders();
    story.collect().await;
    story.check_rows();
    let lost = story
        .world
        .journal()
        .handoffs()
        .into_iter()
        .find(|handoff| !handoff.is_final() && !handoff.is_listed());
    assert_eq!(lost, None);
    gateway.stop().await;
}
