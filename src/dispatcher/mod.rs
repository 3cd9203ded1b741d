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

mod gate;
#[cfg(test)]
mod tests;

use crate::admin::Health;
use crate::clock;
use crate::journal::{Answered, Call, Claimed, Error, Journal, Probe, Question, Want, Work, log_transitions};
use crate::partners::{Account, Partners};
use crate::telemetry::traces;
use crate::wait::Waits;
use futures_lite::FutureExt;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
pub use gate::Gates;
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::{Outcome, Reason, ReasonCode, gateway};
use lienthong_core::port::{LookUp, Sent};
use lienthong_core::receipt::Receipt;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
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
}

impl Dispatcher {
    /// A dispatcher for these accounts.
    pub fn new(journal: Arc<Journal>, partners: Partners, gates: Arc<Gates>, health: Arc<Health>) -> Self {
        Self { journal, partners, gates, health, attempts: TaskTracker::new() }
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
        // What they claim counts as begun.
        while rounds.next().await.is_some() {}
        drop(rounds);
        self.attempts.close();
        self.attempts.wait().await;
    }

    /// Claims what there is room for and starts it; says how long to sleep.
    async fn round(&self) -> Duration {
        let now = clock::now();
        let (wants, mut permits) = self.room();
        if wants.is_empty() {
            return self.gates.next_token().unwrap_or(SCAN).min(SCAN);
        }
        let claimed = self.journal.claim(wants, now).await;
        // While a claim is not answered, a round that finds no room beside it shows nothing of the journal.
        self.health.tick(clock::now());
        let pause = match claimed {
            Ok(claimed) => {
                let next_due = claimed.next_due;
                self.start(claimed, &mut permits);
                pause_until(next_due, clock::now())
            }
            Err(error) => {
                tracing::error!(error = error.told(), "failed to claim work from the journal");
                SCAN
            }
        };
        for (account, unused) in permits {
            self.gates.give_back(&account, unused);
        }
        // What found no room for lack of a token waits for nobody's wake.
        self.gates.next_token().map_or(pause, |token| pause.min(token))
    }

    /// What each account has room for, with the permits taken.
    fn room(&self) -> (Vec<Want>, BTreeMap<AccountName, Vec<OwnedSemaphorePermit>>) {
        let mut wants = Vec::new();
        let mut permits = BTreeMap::new();
        for account in self.partners.iter() {
            let taken = self.gates.take(&account.name);
            if taken.is_empty() {
                continue;
            }
            wants.push(Want {
                account: account.name.clone(),
                partner: account.partner,
                calls: taken.len(),
                rows_per_call: account.port.abilities().rows_per_call,
            });
            permits.insert(account.name.clone(), taken);
        }
        (wants, permits)
    }

    fn start(&self, claimed: Claimed, permits: &mut BTreeMap<AccountName, Vec<OwnedSemaphorePermit>>) {
        for (name, work) in claimed.work {
            let Some(account) = self.partners.get(&name).cloned() else { continue };
            let permit = permits.get_mut(&name).and_then(Vec::pop);
            let attempt = Attempt { account, journal: Arc::clone(&self.journal) };
            let wake = self.journal.wake();
            self.attempts.spawn(async move {
                // First the room, then the hint: the other way round the loop would look and find none.
                let leave = || {
                    drop(permit);
                    wake.notify_one();
                };
                match work {
                    Work::Send(call) => {
                        let answered = attempt.send(call).await;
                        attempt.settle(answered, leave).await;
                    }
                    Work::Ask(question) => {
                        attempt.ask(*question).await;
                        leave();
                    }
                    Work::Probe(probe) => {
                        attempt.probe(probe).await;
                        leave();
                    }
                }
            });
        }
    }
}

fn pause_until(next_due: Option<Timestamp>, now: Timestamp) -> Duration {
    let Some(due) = next_due else { return SCAN };
    let wait = Duration::try_from(due.duration_since(now)).unwrap_or(Duration::ZERO);
    // What is due already found no room: a permit that comes back wakes the loop.
    wait.clamp(Duration::from_millis(5), SCAN)
}

struct Attempt {
    account: Account,
    journal: Arc<Journal>,
}

impl Attempt {
    async fn send(&self, call: Call) -> Answered {
        crash_point!("claim.after_commit", &call.name());
        let trace = traces::told(&call);
        let sending = AssertUnwindSafe(self.account.port.send(&call.handoffs, trace.as_deref()));
        let sent = match sending.catch_unwind().await {
            Ok(sent) => sent,
            Err(_panic) => {
                tracing::error!(account = %self.account.name, "an attempt ended in a panic");
                let outcome = Outcome::Uncertain(Reason::new(ReasonCode::known(gateway::PANIC)));
                Sent { outcome, http_status: None, steps: Vec::new(), receipt: Receipt::default() }
            }
        };
        let ended_at = clock::now();
        log_attempt(&self.account, &call, &sent, ended_at);
        traces::attempted(&self.account, &call, &sent, ended_at);
        crash_point!("send.answered", &call.name(), sent.outcome.name());
        Answered { call, sent, ended_at, draw: rand::random() }
    }

    /// Settles what was answered. The room is left once the journal has the answer and not when it is on disk: the claim
    /// of the next call sees this settlement, waits, a block and all, and shares its commit.
    async fn settle(&self, answered: Answered, leave: impl FnOnce()) {
        let answered = Arc::new(answered);
        let mut leave = Some(leave);
        let mut waits = Waits::new(STORE_WAITS.0, STORE_WAITS.1);
        loop {
            let taken_in = self.journal.take_in(Arc::clone(&answered)).await;
            if let Some(leave) = leave.take() {
                leave();
            }
            let written = match taken_in {
                Ok(settlement) => settlement.written().await,
                Err(error) => Err(error),
            };
            match written {
                Ok(transitions) => {
                    crash_point!("settle.after_commit", &answered.call.name(), answered.sent.outcome.name());
                    return log_transitions(&transitions);
                }
                Err(Error::Stopped) => return,
                Err(error) => {
                    tracing::error!(error = error.told(), "failed to settle an attempt, trying again");
                    tokio::time::sleep(waits.next_wait()).await;
                }
            }
        }
    }

    async fn ask(&self, question: Question) {
        crash_point!("claim.after_commit", "question");
        let asking = AssertUnwindSafe(self.account.port.look_up(&question.handoff));
        let answer = asking.catch_unwind().await.unwrap_or_else(|_panic| {
            tracing::error!(account = %self.account.name, "a look-up ended in a panic");
            LookUp::CouldNotAsk(Reason::new(ReasonCode::known(gateway::PANIC)))
        });
        match self.journal.settle_look_up(&question, answer, clock::now(), rand::random()).await {
            Ok(transitions) => log_transitions(&transitions),
            Err(error) => tracing::error!(error = error.told(), "failed to settle a look-up"),
        }
    }

    async fn probe(&self, probe: Probe) {
        let probing = AssertUnwindSafe(self.account.port.probe());
        let outcome = probing.catch_unwind().await.unwrap_or_else(|_panic| {
            tracing::error!(account = %self.account.name, "a probe ended in a panic");
            Outcome::Uncertain(Reason::new(ReasonCode::known(gateway::PANIC)))
        });
        tracing::debug!(
            account = %self.account.name, outcome = outcome.name(), reason = %outcome.reason().code, "a probe ended"
        );
        if let Err(error) = self.journal.settle_probe(probe, outcome, clock::now()).await {
            tracing::error!(error = error.told(), "failed to settle a probe");
        }
    }
}

fn log_attempt(account: &Account, call: &Call, sent: &Sent, ended_at: Timestamp) {
    let Some(first) = call.handoffs.first() else { return };
    let outcome = sent.outcome.name();
    let duration = Duration::try_from(ended_at.duration_since(call.started_at)).unwrap_or(Duration::ZERO);
    // JSON has no number of 128 bits: as_millis would be logged as a text.
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let partner = account.partner.name();
    let kind = first.kind().name();
    metrics::counter!("lienthong_attempts_total", "partner" => partner, "kind" => kind, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("lienthong_attempt_seconds", "partner" => partner, "kind" => kind)
        .record(duration.as_secs_f64());
    tracing::info!(
        handoff.id = %first.id, dossier.code = %first.dossier, partner, account = %account.name, kind,
        handoffs = call.handoffs.len(), attempt = call.attempt, outcome, reason = %sent.outcome.reason().code,
        field = sent.outcome.reason().field.as_deref().unwrap_or(""), http_status = sent.http_status,
        steps = sent.steps.join(" "), duration_ms, "an attempt ended"
    );
}
