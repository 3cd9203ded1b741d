//! Intake: messages from the broker's queue, stored before they are acknowledged.
//!
//! ```text
//! connect ─ channel ─ qos ─ declare ─ consume ─┬─ read ─ collect ─▶ admit (one commit) ─▶ ack up to the last
//!    ▲                                         │              while one batch commits, the next is collected
//!    └─ wait ◀── lost, cancelled, deleted ─────┘
//! ```
//!
//! **Guarantees.** A message is acknowledged only after [`Admission::admit`] said that it is on disk, unreadable ones
//! included; order is kept; nothing is acknowledged that was not admitted. The broker delivers again whatever was not
//! acknowledged, so everything here may happen twice: dropping a batch, an acknowledgement that does not arrive, a crash
//! between commit and acknowledgement. That is harmless because admission knows events by their identity.
//!
//! **Not done here.** Identity, conflicts, sequence, and whether an agency may speak under a routing key: that is the
//! journal's admission. No message is rejected or sent back for its content.
//!
//! Each connection is an *epoch*. Deliveries, batches and acknowledgements never leave their epoch: they live in the
//! function that owns its channel.
//!
//! `run` calls [`Intake::run`] once. It ends only when told to stop.

mod arrival;
mod batch;
mod hand;
#[cfg(test)]
mod hand_tests;
pub(crate) mod link;
mod session;
pub(crate) mod topology;

pub use link::LinkError;

use crate::config::settings::{BrokerSettings, IntakeSettings};
use crate::reasons;
use crate::wait::Waits;
use jiff::Timestamp;
use lienthong_commune::{Headers, Refusal};
use lienthong_core::event::Event;
use lienthong_core::identity::{self, EventHash};
use session::Loss;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A connection that consumed for so long was healthy: the next wait is the first one again.
const HEALTHY: Duration = Duration::from_secs(60);

/// What [`Admission::admit`] gives: it can be awaited behind a reference to the trait.
pub type Admitting<'a> = Pin<Box<dyn Future<Output = Result<AdmittedCounts, AdmissionError>> + Send + 'a>>;

/// Reads one body by what stands beside it.
pub type Decode = dyn Fn(&Headers<'_>, &[u8]) -> Result<Event, Refusal> + Send + Sync;

/// Where messages go before they are acknowledged.
pub trait Admission: Send + Sync + 'static {
    /// Stores the batch in one transaction, plans included. `Ok` means: on disk.
    ///
    /// The order within the batch is the queue's. After an error the same messages are offered again, in the same order,
    /// with the same times of arrival. An error means that nothing of the batch is stored, or that it is unknown.
    fn admit(&self, batch: Vec<Arrival>) -> Admitting<'_>;

    /// Whether intake may run now (disk, store); the reason code when not. It is asked often and must not wait.
    ///
    /// # Errors
    ///
    /// When nothing should be taken from the queue; the code goes to readiness and logs.
    fn open(&self) -> Result<(), &'static str>;
}

/// Who wants to know how intake is doing: readiness.
pub trait IntakeWatch: Send + Sync + 'static {
    /// Messages are consumed in this epoch: after connecting, and again when a reason to pause is over.
    fn connected(&self, epoch: u64);
    /// There is no consumer, for this reason and cause; it is tried again for ever.
    fn lost(&self, reason: &'static str, cause: &str);
    /// Nothing is taken, for a reason that is not the connection's: admission is closed or fails, or the broker blocks us.
    fn paused(&self, reason: &'static str);
}

/// What became of the messages of one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdmittedCounts {
    /// Stored, with their plan or waiting for an earlier one.
    pub stored: usize,
    /// Of these, how many wait for an earlier one.
    pub waiting: usize,
    /// Known already, with the same content.
    pub duplicates: usize,
    /// Set aside: unreadable, in conflict, or not allowed.
    pub quarantined: usize,
}

/// The batch is not stored. Intake treats all causes alike: it keeps the batch and tries again.
#[derive(Debug, thiserror::Error)]
#[error("store a batch of messages")]
pub struct AdmissionError {
    #[source]
    cause: Box<dyn Error + Send + Sync>,
}

impl AdmissionError {
    /// Takes what went wrong, for the log.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: cause.into() }
    }
}

/// One message as it came.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When the gateway received it.
    pub arrived_at: Timestamp,
    /// Its routing key.
    pub routing_key: String,
    /// The broker's user that published it, where the publisher gave it; the broker has validated it.
    pub user_id: Option<String>,
    /// Its content type.
    pub content_type: Option<String>,
    /// W3C `traceparent`, when well-formed.
    pub trace: Option<String>,
    /// The other headers as text, without what could be a secret, capped.
    pub headers: Vec<(String, String)>,
    /// The broker has delivered it before.
    pub redelivered: bool,
    /// What its body says.
    pub read: Read,
}

/// An event that was read.
#[derive(Clone, Debug)]
pub struct ReadEvent {
    /// The event.
    pub event: Event,
    /// Its canonical form, which is stored: written once, and not by the journal's thread.
    pub canonical: Vec<u8>,
    /// Hash of the canonical form.
    pub hash: EventHash,
}

impl From<Event> for ReadEvent {
    fn from(event: Event) -> Self {
        let canonical = identity::canonical(&event);
        let hash = EventHash::of_canonical(&canonical);
        Self { event, canonical, hash }
    }
}

/// What reading a body gave.
#[derive(Clone, Debug)]
pub enum Read {
    /// An event.
    Event(Box<ReadEvent>),
    /// Not an event: goes to quarantine.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The body without secrets, capped.
        bytes: Vec<u8>,
        /// The length of the whole body.
        size: usize,
        /// SHA-256 of the whole body without secrets: with what is kept, the hash of a short one could be tried out.
        sha256: [u8; 32],
    },
}

/// Everything that intake needs.
pub struct Intake {
    /// The broker.
    pub broker: BrokerSettings,
    /// Bounds and waits.
    pub settings: IntakeSettings,
    /// The journal.
    pub admission: Arc<dyn Admission>,
    /// Readiness.
    pub watch: Arc<dyn IntakeWatch>,
    /// The adapter of the commune.
    pub decode: Arc<Decode>,
    /// The clock.
    pub now: fn() -> Timestamp,
}

impl Intake {
    /// Consumes until told to stop; reconnects for ever.
    ///
    /// When `stop` is cancelled: cancels the consumer, commits and acknowledges what is in hand, within `grace`, and
    /// closes the connection, which gives everything else back to the queue.
    pub async fn run(self, stop: CancellationToken, grace: Duration) {
        let mut waits = Waits::new(self.broker.reconnect_first, self.broker.reconnect_longest);
        let (mut told, mut closed) = (None, None);
        let mut prefetch = self.settings.prefetch.max(1);
        for epoch in 1_u64.. {
            if !self.is_open(closed.take(), &stop).await {
                break;
            }
            let over = session::run(&self, epoch, prefetch, &stop, grace).await;
            if over.consumed_for.is_some() {
                told = None;
            }
            if over.consumed_for.is_some_and(|time| time >= HEALTHY) {
                waits.reset();
                prefetch = self.settings.prefetch.max(1);
            }
            let wait = waits.next_wait();
            match over.end {
                session::End::Stopped => break,
                session::End::Closed(reason) => {
                    self.paused(reason);
                    closed = Some(reason);
                    if reason == reasons::MEMORY {
                        prefetch = less(prefetch);
                    }
                }
                session::End::Lost(loss) => {
                    metrics::counter!("lienthong_intake_connections_lost_total").increment(1);
                    self.watch.lost(loss.reason, &loss.cause);
                    report(epoch, &loss, wait, told.as_ref(), over.consumed_for.is_some());
                    told = Some(loss);
                }
            }
            // After a pause too: a store that opens and closes must not become a storm of redeliveries.
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
        tracing::info!("intake stopped");
    }

    /// Waits until admission is open; false when stopped meanwhile. There is no connection while it is closed: the
    /// backlog belongs in the broker, where other instances can have it and operators see it.
    async fn is_open(&self, mut told: Option<&'static str>, stop: &CancellationToken) -> bool {
        while let Err(reason) = self.admission.open() {
            if told.replace(reason) != Some(reason) {
                self.paused(reason);
            }
            tokio::select! {
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(hand::LOOK) => {}
            }
        }
        !stop.is_cancelled()
    }

    fn paused(&self, reason: &'static str) {
        let runbook = reasons::page(reason);
        tracing::warn!(reason, runbook, "intake closed; the backlog stays in the queue");
        self.watch.paused(reason);
    }
}

/// What may be in hand after it was too much: the same again would be too much again.
fn less(prefetch: u16) -> u16 {
    (prefetch / 8).max(prefetch.min(8))
}

/// One line per change: a cause that stays the same is repeated at the debug level only.
fn report(epoch: u64, loss: &Loss, wait: Duration, told: Option<&Loss>, had_consumed: bool) {
    let wait_ms = millis(wait);
    let Loss { reason, cause } = loss;
    if told == Some(loss) {
        tracing::debug!(epoch, reason, cause, wait_ms, "still no connection to the broker");
    } else if had_consumed {
        tracing::warn!(epoch, reason, cause, wait_ms, "connection to the broker lost");
    } else {
        tracing::warn!(epoch, reason, cause, wait_ms, "no connection to the broker");
    }
}

/// As a field of a log line: a wider number would be written as a text.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// An error with its causes on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        // lapin repeats its source in its own text.
        if !line.contains(&text) {
            line.extend([": ", &text]);
        }
        source = error.source();
    }
    line
}
