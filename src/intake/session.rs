//! One epoch: one connection with one consumer, from connecting to its end.
//!
//! What was delivered and not acknowledged goes back to the queue by closing the connection, not by `basic.nack`. On a
//! quorum queue without a delivery limit `nack(requeue)` puts messages at the *back*, behind the whole backlog (seen on
//! RabbitMQ 3.10.8); what a closed channel held returns to the front, in order
//! (`what_a_failing_store_holds_goes_back_in_order_when_intake_closes`). The price: the broker counts one more delivery
//! for each of at most `prefetch` messages, which matters only where a delivery limit is set
//! (`docs/decisions/0005-give-back-by-closing.md`).

use super::hand::{End as Ended, Hand, Source};
use super::link::{self, Link, OPENING};
use super::{Intake, LinkError, chain, millis, topology};
use crate::reasons::BROKER_LOST;
use lapin::Consumer;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How an epoch ended.
pub(super) enum End {
    /// The caller wanted it.
    Stopped,
    /// Admission is closed, for this reason; nothing is held any more.
    Closed(&'static str),
    /// Connection, channel, consumer or queue are gone, or never were there.
    Lost(Loss),
}

/// Why there is no consumer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// For readiness: a stable code.
    pub(super) reason: &'static str,
    /// For the log: the chain of errors.
    pub(super) cause: String,
}

impl Loss {
    /// There is no connection any more, for a cause in our words.
    pub(super) fn of_connection(cause: &str) -> Self {
        Self { reason: BROKER_LOST, cause: cause.to_owned() }
    }
}

impl From<lapin::Error> for Loss {
    fn from(error: lapin::Error) -> Self {
        Self { reason: link::reason(&error), cause: chain(&error) }
    }
}

impl From<LinkError> for Loss {
    fn from(error: LinkError) -> Self {
        Self { reason: error.reason(), cause: chain(&error) }
    }
}

/// An epoch that is over.
pub(super) struct Over {
    pub(super) end: End,
    /// How long it consumed; `None` when it did not come so far.
    pub(super) consumed_for: Option<Duration>,
}

/// Lives through one epoch.
pub(super) async fn run(
    intake: &Intake,
    epoch: u64,
    prefetch: u16,
    stop: &CancellationToken,
    grace: Duration,
) -> Over {
    let opened = tokio::select! {
        () = stop.cancelled() => return Over { end: End::Stopped, consumed_for: None },
        opened = prepare(intake, epoch, prefetch) => opened,
    };
    let (link, consumer) = match opened {
        Ok(opened) => opened,
        Err(loss) => return Over { end: End::Lost(loss), consumed_for: None },
    };
    let queue = intake.broker.queue.as_str();
    tracing::info!(epoch, queue, prefetch, "intake consumes");
    metrics::counter!("lienthong_intake_connections_total").increment(1);
    intake.watch.connected(epoch);
    let since = Instant::now();
    let end = Session { intake, epoch, link: &link }.consume(consumer, stop, grace).await;
    let consumed_for = Some(since.elapsed());
    link.close().await;
    Over { end, consumed_for }
}

async fn prepare(intake: &Intake, epoch: u64, prefetch: u16) -> Result<(Link, Consumer), Loss> {
    let link = Link::open(&intake.broker.connection, &intake.broker.connection_name).await?;
    match tokio::time::timeout(OPENING, start_consumer(intake, epoch, prefetch, &link)).await {
        Ok(Ok(consumer)) => Ok((link, consumer)),
        Ok(Err(error)) => {
            link.close().await;
            Err(error.into())
        }
        Err(_elapsed) => {
            link.close().await;
            Err(LinkError::Late.into())
        }
    }
}

async fn start_consumer(intake: &Intake, epoch: u64, prefetch: u16, link: &Link) -> lapin::Result<Consumer> {
    // Per consumer: RabbitMQ 4.3 refuses the global kind.
    let options = BasicQosOptions { global: false };
    link.channel.basic_qos(prefetch, options).await?;
    topology::ensure(&link.channel, &intake.broker).await?;
    let tag = format!("{}.{epoch}", intake.broker.connection_name);
    let queue = intake.broker.queue.as_str().into();
    link.channel.basic_consume(queue, tag.into(), BasicConsumeOptions::default(), FieldTable::default()).await
}

struct Session<'a> {
    intake: &'a Intake,
    epoch: u64,
    link: &'a Link,
}

impl Session<'_> {
    async fn consume(&self, mut consumer: Consumer, stop: &CancellationToken, grace: Duration) -> End {
        let mut events = Box::pin(self.link.events());
        let mut hand = Hand::new(self.intake, self.epoch);
        let is_up = || self.link.is_up();
        let source = Source { deliveries: &mut consumer, events: &mut events, is_up: &is_up };
        match hand.gather(source, stop).await {
            Ended::Lost(loss) => {
                hand.give_up().await;
                End::Lost(loss)
            }
            Ended::Closed(reason) => {
                // Whether or not the broker hears it: the connection is closed next.
                self.cancel(&consumer).await;
                hand.give_up().await;
                End::Closed(reason)
            }
            Ended::Stopped => {
                self.drain(&consumer, hand, grace).await;
                End::Stopped
            }
        }
    }

    async fn cancel(&self, consumer: &Consumer) {
        let cancelled = self.link.channel.basic_cancel(consumer.tag(), BasicCancelOptions::default()).await;
        if let Err(error) = cancelled {
            tracing::debug!(epoch = self.epoch, %error, "consumer ended before it was cancelled");
        }
    }

    async fn drain(&self, consumer: &Consumer, hand: Hand<'_>, grace: Duration) {
        let drained = async {
            self.cancel(consumer).await;
            hand.finish().await;
        };
        if tokio::time::timeout(grace, drained).await.is_err() {
            let grace_ms = millis(grace);
            tracing::warn!(epoch = self.epoch, grace_ms, "grace ended; the broker keeps what was in hand");
        }
    }
}
