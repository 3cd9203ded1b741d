//! Connections to the broker, as the gateway opens them: small packets leave at once.

use anyhow::{Context as _, Result};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::tcp::AsyncTcpStream;
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties, ExchangeKind};

/// Names of the gateway's default configuration.
pub(crate) const EXCHANGE: &str = "dossier.events";
pub(crate) const QUEUE: &str = "lienthong.dossier-events";

/// Connects.
///
/// # Errors
/// When the broker cannot be reached.
pub(crate) async fn connect(url: &str, name: &str) -> Result<Connection> {
    let uri: AMQPUri = url.parse().map_err(anyhow::Error::msg)?;
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let connection = Connection::connector(
        uri,
        lapin::runtime::default_runtime()?,
        async move |uri, runtime| {
            let address = runtime.to_socket_addrs((uri.authority.host.clone(), uri.authority.port));
            let stream = AsyncTcpStream::connect(&runtime, address).await?;
            if let AsyncTcpStream::Plain(plain) = &stream {
                plain.get_ref().set_nodelay(true)?;
            }
            Ok(stream)
        },
        properties,
    );
    connection.await.context("failed to connect to the broker")
}

/// Declares what the gateway declares, so that events can wait before it starts.
///
/// # Errors
/// When the broker refuses.
pub(crate) async fn declare(connection: &Connection) -> Result<()> {
    let channel = connection.create_channel().await?;
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, options, FieldTable::default()).await?;
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(QUEUE.into(), options, arguments).await?;
    let options = QueueBindOptions::default();
    channel.queue_bind(QUEUE.into(), EXCHANGE.into(), "#".into(), options, FieldTable::default()).await?;
    channel.close(200, "declared".into()).await.context("failed to close the channel")
}
