//! The faults of each edge: one task an edge, each with a generator of its own from the seed, so that an edge's faults do
//! not depend on how long another's took.

#[path = "faults/broker.rs"]
mod broker;
#[path = "faults/partner.rs"]
mod partner;
#[path = "faults/process.rs"]
mod process;
#[path = "faults/store.rs"]
mod store;

use crate::stage::Stage;
use anyhow::{Context as _, Result};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Edges whose faults are counted; each must have struck.
pub(crate) const EDGES: [&str; 7] = ["broker", "network", "portal", "post", "process", "store", "operator"];

/// Where faults strike until they are over.
pub(crate) struct Edges {
    pub(crate) stage: Arc<Stage>,
    pub(crate) over: CancellationToken,
    pub(crate) seed: u64,
}

/// One edge.
struct Edge {
    stage: Arc<Stage>,
    over: CancellationToken,
    chance: StdRng,
}

impl Edges {
    /// Strikes at every edge; each task ends, healed, when the faults are over.
    pub(crate) fn strike(&self) -> JoinSet<Result<&'static str>> {
        let mut tasks = JoinSet::new();
        tasks.spawn(named("broker", broker::strike(self.edge(1))));
        tasks.spawn(named("portal", partner::strike_portal(self.edge(2))));
        tasks.spawn(named("post", partner::strike_post(self.edge(3))));
        tasks.spawn(named("process", process::strike(self.edge(4))));
        tasks.spawn(named("store", store::strike(self.edge(5))));
        tasks
    }

    fn edge(&self, number: u64) -> Edge {
        let chance = StdRng::seed_from_u64(self.seed.wrapping_mul(8).wrapping_add(number));
        Edge { stage: Arc::clone(&self.stage), over: self.over.clone(), chance }
    }
}

async fn named(name: &'static str, edge: impl Future<Output = Result<()>>) -> Result<&'static str> {
    edge.await.with_context(|| format!("the faults of the edge {name} failed")).map(|()| name)
}

impl Edge {
    /// Waits for a time of chance; false when the faults are over.
    async fn waits(&mut self, least: u64, most: u64) -> bool {
        let wait = Duration::from_millis(self.chance.random_range(least..=most));
        self.over.run_until_cancelled(sleep(wait)).await.is_some()
    }

    /// Takes the next of a deck; a deck that is used up is shuffled anew, so that everything comes as often.
    fn draw<T: Clone>(&mut self, deck: &mut Vec<T>, whole: &[T]) -> T {
        if deck.is_empty() {
            deck.extend_from_slice(whole);
            deck.shuffle(&mut self.chance);
        }
        deck.pop().expect("a deck has cards")
    }
}
