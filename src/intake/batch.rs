//! A batch: consecutive deliveries of one channel, and when it is time to commit them.
//!
//! Acknowledging a batch acknowledges its last tag with `multiple`, which covers every lower tag of the channel. That is
//! right because of two facts, and only because of them:
//!
//! 1. Deliveries of a channel come with rising tags, one by one, and are pushed in the order in which they come
//!    (checked in [`Batch::push`]).
//! 2. There is one batch in commitment at a time, and a batch is committed only after the one before it was
//!    acknowledged (`hand.rs`); a batch that is given up is followed by no other on that channel.
//!
//! So when a batch is acknowledged, every lower tag is either in it or was acknowledged before
//! (`only_what_is_committed_is_acknowledged`).

use jiff::Timestamp;
use lapin::message::Delivery;
use lapin::options::BasicAckOptions;
use std::time::Duration;
use tokio::time::Instant;

/// Deliveries that are committed together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    deliveries: Vec<(Delivery, Timestamp)>,
    due: Option<Instant>,
}

impl Batch {
    /// Takes the next delivery of the channel. The first one decides until when the batch may wait for more.
    pub(super) fn push(&mut self, delivery: Delivery, arrived_at: Timestamp, now: Instant, linger: Duration) {
        let last = self.deliveries.last().map_or(0, |(last, _)| last.delivery_tag);
        debug_assert!(last < delivery.delivery_tag, "tag {} came after {last}", delivery.delivery_tag);
        self.due.get_or_insert(now + linger);
        self.deliveries.push((delivery, arrived_at));
    }

    pub(super) fn len(&self) -> usize {
        self.deliveries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// When it is committed even if more could come; `None` while it is empty.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The deliveries with their times of arrival, in the queue's order.
    pub(super) fn deliveries(&self) -> impl Iterator<Item = (&Delivery, Timestamp)> {
        self.deliveries.iter().map(|(delivery, arrived_at)| (delivery, *arrived_at))
    }

    /// Acknowledges every delivery up to the last of this batch. False when the channel is over: the broker will
    /// deliver them again.
    pub(super) async fn acknowledge(&self) -> bool {
        let Some((last, _)) = self.deliveries.last() else { return true };
        match last.acker.ack(BasicAckOptions { multiple: true }).await {
            Ok(arrived) => arrived,
            Err(error) => {
                tracing::debug!(%error, "channel ended while a batch was acknowledged");
                false
            }
        }
    }
}
