//! Publishes as a commune's system does: persistent, mandatory, with the broker's confirm.

use super::Event;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm};

/// Content type of an event in JSON.
const EVENT: &str = "application/cloudevents+json";

/// Publishes within one virtual host.
pub(crate) struct Publisher {
    channel: Channel,
    // The channel ends with its connection.
    _connection: Connection,
}

impl Publisher {
    /// Connects.
    pub(crate) async fn connect(url: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        Self { channel, _connection: connection }
    }

    /// Publishes events in their order and waits until the broker has all of them.
    pub(crate) async fn publish(&self, events: &[Event]) {
        let mut waiting = Vec::with_capacity(events.len());
        for event in events {
            waiting.push(self.send(&event.routing_key(), Some(EVENT), &event.body()).await);
        }
        confirmed(waiting).await;
    }

    /// Publishes bytes as they are.
    pub(crate) async fn publish_bytes(&self, routing_key: &str, content_type: Option<&str>, body: &[u8]) {
        confirmed(vec![self.send(routing_key, content_type, body).await]).await;
    }

    /// Publishes bytes with headers.
    pub(crate) async fn publish_with_headers(
        &self,
        routing_key: &str,
        content_type: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) {
        let mut table = FieldTable::default();
        for (name, value) in headers {
            table.insert((*name).into(), AMQPValue::LongString((*value).into()));
        }
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type(content_type.into())
            .with_headers(table);
        confirmed(vec![self.send_as(routing_key, properties, body).await]).await;
    }

    /// Messages that wait in the gateway's queue.
    pub(crate) async fn waiting(&self) -> u32 {
        let looking = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue =
            self.channel.queue_declare("lienthong.dossier-events".into(), looking, FieldTable::default());
        queue.await.unwrap().message_count()
    }

    async fn send(&self, routing_key: &str, content_type: Option<&str>, body: &[u8]) -> PublisherConfirm {
        let properties = BasicProperties::default().with_delivery_mode(2);
        let properties = match content_type {
            Some(content_type) => properties.with_content_type(content_type.into()),
            None => properties,
        };
        self.send_as(routing_key, properties, body).await
    }

    async fn send_as(&self, routing_key: &str, properties: BasicProperties, body: &[u8]) -> PublisherConfirm {
        let mandatory = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let exchange = "dossier.events".into();
        self.channel.basic_publish(exchange, routing_key.into(), mandatory, body, properties).await.unwrap()
    }
}

async fn confirmed(waiting: Vec<PublisherConfirm>) {
    for confirm in waiting {
        let confirmation = confirm.await.unwrap();
        assert!(matches!(confirmation, Confirmation::Ack(None)), "{confirmation:?}");
    }
}
