//! Publishes as a one-stop system should: persistent, mandatory, and sent only when the broker has confirmed.

use anyhow::{Context as _, Result, bail};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};

const EXCHANGE: &str = "dossier.events";
const PERSISTENT: u8 = 2;

/// A message to publish.
pub(crate) struct Message {
    pub(crate) routing_key: String,
    pub(crate) content_type: &'static str,
    pub(crate) id: String,
    pub(crate) body: Vec<u8>,
}

/// A connection to the broker.
pub(crate) struct Publisher {
    connection: Connection,
    channel: Channel,
}

impl Publisher {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let named = ConnectionProperties::default().with_connection_name("demo: one-stop desk".into());
        let connection = Connection::connect(url, named).await.context("failed to connect to the broker")?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { connection, channel })
    }

    /// Publishes in this order, and waits until the broker has confirmed all.
    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        let mut confirms = Vec::with_capacity(messages.len());
        for message in messages {
            let properties = BasicProperties::default()
                .with_delivery_mode(PERSISTENT)
                .with_content_type(message.content_type.into())
                .with_message_id(message.id.into());
            let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
            let key = ShortString::from(message.routing_key);
            let sent =
                self.channel.basic_publish(EXCHANGE.into(), key, options, &message.body, properties).await;
            confirms.push(sent.context("failed to publish")?);
        }
        for confirm in confirms {
            match confirm.await.context("the broker did not confirm")? {
                Confirmation::Ack(None) => {}
                Confirmation::Ack(Some(_)) => {
                    bail!("a message was returned: nothing is bound to the exchange")
                }
                Confirmation::Nack(_) | Confirmation::NotRequested => bail!("the broker refused a message"),
            }
        }
        Ok(())
    }

    pub(crate) async fn close(self) -> Result<()> {
        self.connection.close(200, "done".into()).await.context("failed to close the connection")
    }
}
