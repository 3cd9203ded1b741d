//! What intake has in its hand: one batch that is being committed, and the next one that is being collected.
//!
//! A batch goes on when it is full, when it waited long enough, or, if nothing was being committed when its first
//! message came, as soon as the broker has nothing more at this moment: an idle gateway waits for nothing, a busy one
//! collects while it commits, and where a commit takes longer than a batch may wait, it waits for the commit alone.
//!
//! There is one commitment at a time, so order is kept and every acknowledgement covers all lower tags (`batch.rs`). A
//! batch that cannot be stored is kept and tried again, and nothing behind it goes on; meanwhile the next batch fills up,
//! and then the prefetch stops the broker.

use super::batch::Batch;
use super::session::Loss;
use super::{AdmissionError, Arrival, Intake, arrival, chain};
use crate::reasons::{self, BROKER_BLOCKED, STORE_FAILED};
use crate::wait::Waits;
use futures_lite::{Stream, StreamExt as _};
use lapin::message::Delivery;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// How often admission is asked whether it is open, and a channel whether it is up while nothing is read from it.
pub(super) const LOOK: Duration = Duration::from_millis(250);

/// Waits between attempts to store a batch: a locked file is over at once, a full disk is looked at every few seconds.
const STORE_WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Why collecting ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The caller wants to stop.
    Stopped,
    /// Admission is closed, for this reason.
    Closed(&'static str),
    /// The connection, channel or consumer is over.
    Lost(Loss),
}

/// Where deliveries come from: a consumer of one channel and what is known about its connection.
pub(super) struct Source<'a, D, E> {
    pub(super) deliveries: &'a mut D,
    pub(super) events: &'a mut E,
    pub(super) is_up: &'a (dyn Fn() -> bool + Sync),
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Committed,
    GivenUp,
}

type Committing<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// The batches in hand.
pub(super) struct Hand<'a> {
    intake: &'a Intake,
    epoch: u64,
    collecting: Batch,
    arrivals: Vec<Arrival>,
    /// Nothing more is waited for than what the broker has at this moment.
    at_once: bool,
    committing: Option<Committing<'a>>,
    committing_since: Instant,
    give_up: CancellationToken,
}

impl<'a> Hand<'a> {
    pub(super) fn new(intake: &'a Intake, epoch: u64) -> Self {
        Self {
            intake,
            epoch,
            collecting: Batch::default(),
            arrivals: Vec::new(),
            at_once: true,
            committing: None,
            committing_since: Instant::now(),
            give_up: CancellationToken::new(),
        }
    }

    /// Collects and commits until there is a reason to end; what is in hand then stays in hand.
    pub(super) async fn gather<D, E>(&mut self, source: Source<'_, D, E>, stop: &CancellationToken) -> End
    where
        D: Stream<Item = lapin::Result<Delivery>> + Unpin,
        E: Stream<Item = lapin::Event> + Unpin,
    {
        let Source { deliveries, events, is_up } = source;
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let free = self.committing.is_none();
            let waiting = !self.collecting.is_empty() && free;
            let due = self.collecting.due().unwrap_or_else(Instant::now);
            if waiting && (self.is_full() || due <= Instant::now()) {
                self.hand_over();
                continue;
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return End::Stopped,
                _ = look.tick() => {
                    if let Err(reason) = self.intake.admission.open() {
                        return End::Closed(reason);
                    }
                    if !is_up() {
                        return End::Lost(Loss::of_connection("the channel ended"));
                    }
                }
                verdict = settled(&mut self.committing) => {
                    debug_assert_eq!(verdict, Verdict::Committed, "nobody gave up");
                    self.committing = None;
                    // What came meanwhile has waited for longer than it would for company.
                    self.at_once |= self.committing_since.elapsed() >= self.intake.settings.batch_wait;
                }
                Some(event) = events.next() => self.note(&event),
                delivery = deliveries.next(), if !self.is_full() => match delivery {
                    Some(Ok(delivery)) => self.take(delivery),
                    Some(Err(error)) => return End::Lost(error.into()),
                    None => return End::Lost(Loss::of_connection("the broker cancelled the consumer")),
                },
                () = std::future::ready(()), if waiting && self.at_once => self.hand_over(),
                () = tokio::time::sleep_until(due), if waiting => {}
            }
        }
    }

    /// Commits and acknowledges everything in hand, however long the store takes.
    pub(super) async fn finish(mut self) {
        if let Some(committing) = self.committing.take() {
            committing.await;
        }
        if !self.collecting.is_empty() {
            self.hand_over();
        }
        if let Some(committing) = self.committing.take() {
            committing.await;
        }
    }

    /// Lets go of everything in hand. An attempt to store that is under way is waited for, because it may succeed; its
    /// acknowledgement is not.
    /// Nothing is committed after a batch that was given up, so order survives.
    pub(super) async fn give_up(mut self) {
        self.give_up.cancel();
        if let Some(committing) = self.committing.take() {
            committing.await;
        }
    }

    fn is_full(&self) -> bool {
        self.collecting.len() >= self.intake.settings.batch_most.max(1)
    }

    fn take(&mut self, delivery: Delivery) {
        if self.collecting.is_empty() {
            self.at_once = self.committing.is_none();
        }
        if delivery.redelivered {
            metrics::counter!("lienthong_intake_redelivered_total").increment(1);
        }
        let arrived_at = (self.intake.now)();
        let intake = self.intake;
        self.arrivals.push(arrival::read(&delivery, arrived_at, &intake.settings, &*intake.decode));
        self.collecting.push(delivery, arrived_at, Instant::now(), intake.settings.batch_wait);
    }

    fn hand_over(&mut self) {
        debug_assert!(self.committing.is_none(), "one commitment at a time");
        let batch = std::mem::take(&mut self.collecting);
        let arrivals = std::mem::take(&mut self.arrivals);
        let commit = commit(self.intake, self.epoch, batch, arrivals, self.give_up.clone());
        self.committing = Some(Box::pin(commit));
        self.committing_since = Instant::now();
    }

    fn note(&self, event: &lapin::Event) {
        let epoch = self.epoch;
        match event {
            lapin::Event::ConnectionBlocked(reason) => {
                tracing::warn!(epoch, %reason, "broker blocks the connection");
                self.intake.watch.paused(BROKER_BLOCKED);
            }
            lapin::Event::ConnectionUnblocked => {
                tracing::info!(epoch, "broker no longer blocks the connection");
                self.intake.watch.connected(epoch);
            }
            // An error also ends the stream of deliveries, which is where it is acted on. lapin may add events.
            lapin::Event::Connected | lapin::Event::SendFlow(_) | lapin::Event::Error(_) | _ => {
                tracing::debug!(epoch, ?event, "broker event");
            }
        }
    }
}

async fn settled(committing: &mut Option<Committing<'_>>) -> Verdict {
    match committing {
        Some(committing) => committing.await,
        None => std::future::pending().await,
    }
}

/// Stores a batch, trying until it works or it is given up, and then acknowledges it.
///
/// A crash or a lost channel between the two: the broker delivers the batch again, and admission knows it.
async fn commit(
    intake: &Intake,
    epoch: u64,
    batch: Batch,
    arrivals: Vec<Arrival>,
    give_up: CancellationToken,
) -> Verdict {
    let mut waits = Waits::new(STORE_WAITS.0, STORE_WAITS.1);
    let mut offered = Some(arrivals);
    let mut failures = 0_u64;
    let began = Instant::now();
    crash_point!("intake.received");
    if sabotaged!("ack-after-commit") {
        batch.acknowledge().await;
    }
    let counts = loop {
        let arrivals = offered.take().unwrap_or_else(|| read_again(intake, &batch));
        match intake.admission.admit(arrivals).await {
            Ok(counts) => break counts,
            Err(error) => {
                failures += 1;
                store_failed(intake, epoch, batch.len(), failures, &error);
            }
        }
        tokio::select! {
            () = give_up.cancelled() => return Verdict::GivenUp,
            () = tokio::time::sleep(waits.next_wait()) => {}
        }
    };
    metrics::histogram!("lienthong_intake_commit_seconds").record(began.elapsed().as_secs_f64());
    for (verdict, count) in
        [("stored", counts.stored), ("duplicate", counts.duplicates), ("quarantined", counts.quarantined)]
    {
        metrics::counter!("lienthong_intake_messages_total", "verdict" => verdict).increment(many(count));
    }
    if failures > 0 {
        tracing::info!(epoch, messages = batch.len(), failures, "store works again");
        intake.watch.connected(epoch);
    }
    crash_point!("intake.after_commit");
    if !sabotaged!("ack-after-commit") && !unless_given_up(batch.acknowledge(), &give_up).await {
        metrics::counter!("lienthong_intake_acks_lost_total").increment(many(batch.len()));
        tracing::debug!(
            epoch,
            messages = batch.len(),
            "acknowledgement lost with its channel; the broker delivers again"
        );
    }
    crash_point!("intake.acknowledged");
    Verdict::Committed
}

/// Whether an acknowledgement was handed to the connection. One that meets the end of its connection may never say so:
/// lapin 4.12 leaves what is asked of it behind its own goodbye in a queue that nobody reads (39 of 377 connections that
/// were cut while messages were acknowledged, on two busy cores). What was given up is not waited for, or a lost connection
/// would be lost for ever, and nobody told.
pub(super) async fn unless_given_up(
    acknowledging: impl Future<Output = bool>,
    give_up: &CancellationToken,
) -> bool {
    tokio::select! {
        biased;
        arrived = acknowledging => arrived,
        () = give_up.cancelled() => false,
    }
}

/// The bodies are read again after a failure, which is rare, rather than copied before every attempt.
fn read_again(intake: &Intake, batch: &Batch) -> Vec<Arrival> {
    batch
        .deliveries()
        .map(|(delivery, arrived_at)| arrival::read(delivery, arrived_at, &intake.settings, &*intake.decode))
        .collect()
}

fn store_failed(intake: &Intake, epoch: u64, messages: usize, failures: u64, error: &AdmissionError) {
    metrics::counter!("lienthong_intake_store_failures_total").increment(1);
    let cause = chain(error);
    if failures == 1 {
        let (reason, runbook) = (STORE_FAILED, reasons::page(STORE_FAILED));
        tracing::error!(epoch, messages, cause, reason, runbook, "failed to store a batch; it is kept");
        intake.watch.paused(STORE_FAILED);
    } else {
        tracing::debug!(epoch, messages, cause, failures, "failed to store a batch again");
    }
}

fn many(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
