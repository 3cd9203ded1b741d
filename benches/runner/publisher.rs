//! Publishes as a one-stop system should: persistent, and sent only when the broker has confirmed.

use crate::load::{ROUTING_KEY, Told};
use crate::{amqp, clock};
use anyhow::{Context as _, Result, bail};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, PublisherConfirm};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

const PERSISTENT: u8 = 2;
/// Messages whose confirms are outstanding; a quorum queue confirms in groups.
const WINDOW: usize = 1_024;
/// How often a paced publisher looks what is due.
const BEAT: Duration = Duration::from_millis(1);

/// A desk's connection to the broker.
pub(crate) struct Publisher {
    connection: Connection,
    channel: Channel,
}

/// What waits in the queue, and who takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queue {
    pub(crate) messages: u32,
    pub(crate) consumers: u32,
}

impl Publisher {
    /// Connects, and declares what the gateway would declare.
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let connection = amqp::connect(url, "bench: one-stop desk").await?;
        amqp::declare(&connection).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { connection, channel })
    }

    /// Publishes as fast as the broker takes it; done when all is confirmed.
    pub(crate) async fn publish(&self, told: impl Iterator<Item = Told>) -> Result<()> {
        let mut confirms = VecDeque::new();
        for told in told {
            self.send(told, &mut confirms).await?;
        }
        settle(confirms).await
    }

    /// Publishes so many a second, each at its own time; gives the times at which they were in fact published.
    pub(crate) async fn publish_paced(&self, told: &[Told], per_second: u32) -> Result<Vec<u64>> {
        let (mut confirms, mut times) = (VecDeque::new(), Vec::with_capacity(told.len()));
        let begun = Instant::now();
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut rest = told.iter();
        while rest.len() > 0 {
            beat.tick().await;
            let due = begun.elapsed().as_secs_f64() * f64::from(per_second);
            while f64::from(u32::try_from(times.len())?) < due {
                let Some(told) = rest.next() else { break };
                times.push(clock::now());
                self.send(*told, &mut confirms).await?;
            }
        }
        settle(confirms).await?;
        Ok(times)
    }

    async fn send(&self, told: Told, confirms: &mut VecDeque<PublisherConfirm>) -> Result<()> {
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_content_type("application/cloudevents+json".into());
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let (exchange, key) = (amqp::EXCHANGE.into(), ROUTING_KEY.into());
        let sent = self.channel.basic_publish(exchange, key, options, &told.body(), properties).await;
        confirms.push_back(sent.context("failed to publish")?);
        if confirms.len() > WINDOW
            && let Some(oldest) = confirms.pop_front()
        {
            confirmed(oldest).await?;
        }
        Ok(())
    }

    /// What waits in the queue.
    pub(crate) async fn queue(&self) -> Result<Queue> {
        // A channel of its own: who asks for a queue that is not there loses the channel.
        let channel = self.connection.create_channel().await?;
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue = channel.queue_declare(amqp::QUEUE.into(), options, FieldTable::default()).await?;
        let found = Queue { messages: queue.message_count(), consumers: queue.consumer_count() };
        channel.close(200, "asked".into()).await?;
        Ok(found)
    }

    /// Says goodbye.
    pub(crate) async fn close(self) -> Result<()> {
        self.connection.close(200, "done".into()).await.context("failed to close the connection")
    }
}

async fn settle(confirms: VecDeque<PublisherConfirm>) -> Result<()> {
    for confirm in confirms {
        confirmed(confirm).await?;
    }
    Ok(())
}

async fn confirmed(confirm: PublisherConfirm) -> Result<()> {
    match confirm.await.context("the broker did not confirm")? {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_)) => bail!("a message was returned: nothing is bound to the exchange"),
        Confirmation::Nack(_) | Confirmation::NotRequested => bail!("the broker refused a message"),
    }
}
