//! The yardstick: a relay that keeps nothing.
//!
//! ```text
//! queue ─▶ decode ─▶ plan, as of a dossier never heard of ─▶ the same calls, the same bodies ─▶ ack in groups of 50
//! ```
//!
//! What somebody would write in an afternoon who trusts that nothing ever breaks: no database, no order between events, no
//! memory of what was sent, nothing coalesced, nothing repeated; connections are kept and reused for every call. It reads
//! the gateway's own configuration, so prefetch and concurrency are the gateway's. Events are decoded, planned and
//! translated by the gateway's own pure crates, so that both sides of a pair make the same calls with the same fields.
//! It ends on the first failure: a relay that lost something measures nothing.
//!
//! Frozen: a change here moves the yardstick, and every figure that was measured with it.

mod acks;
mod calls;

use acks::Acks;
use anyhow::{Context as _, Result};
use calls::Partners;
use futures_lite::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use lienthong_commune::{Limits, decode};
use secrecy::ExposeSecret as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a group that does not fill waits: the end of a backlog.
const PATIENCE: Duration = Duration::from_millis(50);

/// Runs until standard input ends.
///
/// # Errors
/// When anything at all goes wrong.
pub(crate) async fn run(config: &Path) -> Result<()> {
    let settings = lienthong::config::load(config).map_err(|problems| anyhow::anyhow!("{problems}"))?;
    let partners = Arc::new(Partners::reach(&settings).await?);
    let connection = crate::amqp::connect(settings.broker.connection.url.expose_secret(), "relay").await?;
    let channel = connection.create_channel().await?;
    channel.basic_qos(settings.intake.prefetch, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let consumer = channel
        .basic_consume(crate::amqp::QUEUE.into(), "relay".into(), options, FieldTable::default())
        .await?;
    let relay = Relay { partners, channel, acks: Acks::default(), under_way: JoinSet::new() };
    tokio::select! {
        ended = relay.consume(consumer) => ended,
        _ = crate::end_of_input() => Ok(()),
    }
}

struct Relay {
    partners: Arc<Partners>,
    channel: Channel,
    acks: Acks,
    under_way: JoinSet<Result<u64>>,
}

impl Relay {
    async fn consume(mut self, mut consumer: Consumer) -> Result<()> {
        let mut patience = tokio::time::interval(PATIENCE);
        loop {
            tokio::select! {
                delivery = consumer.next() => {
                    let delivery = delivery.context("the queue is gone")??;
                    let partners = Arc::clone(&self.partners);
                    self.under_way.spawn(async move { relay(&partners, &delivery).await });
                }
                Some(told) = self.under_way.join_next() => {
                    if let Some(tag) = self.acks.done(told??) {
                        self.acknowledge(tag).await?;
                    }
                }
                _ = patience.tick() => {
                    if let Some(tag) = self.acks.rest() {
                        self.acknowledge(tag).await?;
                    }
                }
            }
        }
    }

    async fn acknowledge(&self, tag: u64) -> Result<()> {
        self.channel.basic_ack(tag, BasicAckOptions { multiple: true }).await.context("failed to acknowledge")
    }
}

async fn relay(partners: &Partners, delivery: &Delivery) -> Result<u64> {
    let content_type = delivery.properties.content_type().as_ref().map(lapin::types::ShortString::as_str);
    let event = decode(content_type, &delivery.data, &Limits::default())
        .map_err(|refusal| anyhow::anyhow!("an event cannot be read: {refusal:?}"))?;
    partners.tell(&event).await?;
    Ok(delivery.delivery_tag)
}
