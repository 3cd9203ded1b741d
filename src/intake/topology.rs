//! What the gateway needs at the broker: exchange, quorum queue, bindings.
//!
//! Declaring is harmless when everything is there already, and fails when it is there with other properties: nothing is
//! changed in silence. With `declare = false` it is only looked whether exchange and queue exist; their owner then also
//! owns the bindings, which AMQP cannot list.
//!
//! A dead-letter policy is advised and not declared, because policies belong to the broker's owner, and no delivery limit
//! is set, because it could drop.

use crate::config::settings::BrokerSettings;
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

/// Sees to it that there is something to consume from.
pub(crate) async fn ensure(channel: &Channel, settings: &BrokerSettings) -> lapin::Result<()> {
    let passive = !settings.declare;
    let (exchange, queue) = (settings.exchange.as_str(), settings.queue.as_str());
    let options = ExchangeDeclareOptions { passive, durable: true, ..Default::default() };
    channel.exchange_declare(exchange.into(), ExchangeKind::Topic, options, FieldTable::default()).await?;
    let options = QueueDeclareOptions { passive, durable: true, ..Default::default() };
    channel.queue_declare(queue.into(), options, queue_arguments()).await?;
    if settings.declare {
        for key in &settings.bindings {
            let options = QueueBindOptions::default();
            channel
                .queue_bind(
                    queue.into(),
                    exchange.into(),
                    key.as_str().into(),
                    options,
                    FieldTable::default(),
                )
                .await?;
        }
    }
    Ok(())
}

/// Replicated and on disk; one consumer at a time, because competing consumers destroy the order before it is seen.
fn queue_arguments() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
    arguments
}
