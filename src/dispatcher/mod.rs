//! The dispatcher: claims ready handoffs, makes attempts, settles outcomes.
//!
//! ```text
//! wake or due ─▶ claim (open attempts committed) ─▶ Port::send ─▶ settle (one commit) ─▶ wake
//! ```
//!
//! It decides nothing: which handoff may go is the lane's doing, what follows from an outcome is `next`'s. Its own duty
//! is to keep each account within its concurrency and rate, in front of *every* attempt, and to let no account wait for
//! another. Wake-ups are hints; a scan at least once a second finds the same work after a start, a crash or a hint that
//! got lost.
//!
//! On shutdown it claims nothing more and waits for the attempts under way; what the grace period cuts off stays an open
//! attempt in the journal, which counts as made.

mod ahead;
mod attempt;
mod gate;
#[cfg(test)]
mod tests;

use crate::admin::Health;
use crate::clock;
use crate::journal::{Claimed, Journal, Want};
use crate::partners::Partners;
use ahead::Places;
use attempt::{Attempt, Room};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
pub use gate::Gates;
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Longest time between two scans, whatever wakes get lost.
const SCAN: Duration = Duration::from_secs(1);

/// Rounds under way at most. While one waits for the commit of its claim, the next one has its claim in the commit after
/// that: no account waits for another's claim.
const ROUNDS: usize = 2;

/// First and longest wait before a settlement that the store refused is tried again.
const STORE_WAITS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// The dispatcher of all accounts.
pub struct Dispatcher {
    journal: Arc<Journal>,
    partners: Partners,
    gates: Arc<Gates>,
    health: Arc<Health>,
    attempts: TaskTracker,
    leaving: CancellationToken,
}

impl Dispatcher {
    /// A dispatcher for these accounts.
    pub fn new(journal: Arc<Journal>, partners: Partners, gates: Arc<Gates>, health: Arc<Health>) -> Self {
        let (attempts, leaving) = (TaskTracker::new(), CancellationToken::new());
        Self { journal, partners, gates, health, attempts, leaving }
    }

    /// Runs until told to stop, then waits for the attempts under way.
    ///
    /// # Cancel safety
    /// Dropping it leaves open attempts in the journal, which the next start settles.
    pub async fn run(&self, stop: CancellationToken) {
        let wake = self.journal.wake();
        let mut rounds = FuturesUnordered::new();
        let mut look_at = Instant::now();
        loop {
            if rounds.is_empty() {
                self.health.tick(clock::now());
            }
            let free = rounds.len() < ROUNDS;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(pause) = rounds.next(), if !rounds.is_empty() => look_at = look_at.min(Instant::now() + pause),
                () = wake.notified(), if free => rounds.push(self.round()),
                () = tokio::time::sleep_until(look_at), if free => {
                    look_at = Instant::now() + SCAN;
                    rounds.push(self.round());
                }
            }
        }
        self.leaving.cancel();
        // What they claim with room counts as begun.
        while rounds.next().await.is_some() {}
        drop(rounds);
        self.attempts.close();
        self.attempts.wait().await;
    }

    /// Claims what there is room for and starts it; says how long to sleep.
    async fn round(&self) -> Duration {
        let now = clock::now();
        let (wants, mut room) = self.room();
        if wants.is_empty() {
            return self.gates.next_token().unwrap_or(SCAN).min(SCAN);
        }
        let claimed = self.journal.claim(wants, now).await;
        // While a claim is not answered, a round that finds no room beside it shows nothing of the journal.
        self.health.tick(clock::now());
        let pause = match claimed {
            Ok(claimed) => {
                let next_due = claimed.next_due;
                self.start(claimed, &mut room);
                pause_until(next_due, clock::now())
            }
            Err(error) => {
                tracing::error!(error = error.told(), "failed to claim work from the journal");
                SCAN
            }
        };
        for (account, unused) in room {
            self.gates
                .give_back(&account, unused.permits.len() + unused.ahead.map_or(0, |places| places.len()));
        }
        // What found no room for lack of a token waits for nobody's wake.
        self.gates.next_token().map_or(pause, |token| pause.min(token))
    }

    /// What each account has room for, with the permits taken.
    fn room(&self) -> (Vec<Want>, BTreeMap<AccountName, Room>) {
        let mut wants = Vec::new();
        let mut rooms = BTreeMap::new();
        for account in self.partners.iter() {
            let permits = self.gates.take(&account.name);
            let ahead = self.gates.take_ahead(&account.name);
            let waiting = ahead.as_ref().map_or(0, Places::len);
            if permits.is_empty() && waiting == 0 {
                continue;
            }
            wants.push(Want {
                account: account.name.clone(),
                partner: account.partner,
                calls: permits.len(),
                ahead: waiting,
                rows_per_call: account.port.abilities().rows_per_call,
            });
            rooms.insert(account.name.clone(), Room { permits, ahead });
        }
        (wants, rooms)
    }

    fn start(&self, claimed: Claimed, rooms: &mut BTreeMap<AccountName, Room>) {
        for (name, work) in claimed.work {
            let Some(account) = self.partners.get(&name).cloned() else { continue };
            let pass = rooms.get_mut(&name).and_then(Room::pass);
            let (journal, gates) = (Arc::clone(&self.journal), Arc::clone(&self.gates));
            let attempt = Attempt { account, journal, gates, leaving: self.leaving.clone() };
            self.attempts.spawn(attempt.make(work, pass));
        }
    }
}

fn pause_until(next_due: Option<Timestamp>, now: Timestamp) -> Duration {
    let Some(due) = next_due else { return SCAN };
    let wait = Duration::try_from(due.duration_since(now)).unwrap_or(Duration::ZERO);
    // What is due already found no room: a permit that comes back wakes the loop.
    wait.clamp(Duration::from_millis(5), SCAN)
}
