//! Plays the commune's own system where it hears what became of its dossiers: a durable queue, messages acknowledged one by
//! one, ids kept, as `docs/outcomes.md` asks of a reader. It shares no type with the gateway.

use anyhow::{Context as _, Result};
use futures_lite::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, Consumer, ExchangeKind};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// Where outcomes are published.
const EXCHANGE: &str = "dossier.outcomes";
/// The queue of the one-stop system.
const QUEUE: &str = "mot-cua.outcomes";
/// AMQP's delivery mode for messages that survive a restart of the broker.
const PERSISTENT: u8 = 2;

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Message id of the broker's properties.
    pub id: String,
    /// It survives a restart of the broker.
    pub persistent: bool,
    /// Its routing key.
    pub key: String,
    /// The outcome; null when it is not JSON.
    pub body: Value,
}

impl Heard {
    /// What it says, in one line: `portal record 9 accepted`, `parcel TRA delivered`.
    pub fn line(&self) -> String {
        let parts = self.body.get("data").and_then(Value::as_object);
        let Some((part, told)) = parts.and_then(|parts| parts.iter().next()) else { return String::new() };
        let field = |name: &&str| {
            let value = told.get(*name)?;
            value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
        };
        let words = ["update", "request", "leg", "status", "state"];
        let code = told.pointer("/reason/code").and_then(Value::as_str).map(str::to_owned);
        let words = words.iter().filter_map(field).chain(code);
        std::iter::once(part.clone()).chain(words).collect::<Vec<_>>().join(" ")
    }

    /// The dossier that it is about.
    pub fn subject(&self) -> &str {
        self.body.get("subject").and_then(Value::as_str).unwrap_or_default()
    }
}

/// Everything that a commune's system heard, in the order in which it came.
pub struct Listener {
    heard: Arc<Mutex<Vec<Heard>>>,
    connection: Connection,
    // Ends with the listener.
    _listening: JoinSet<()>,
}

impl Listener {
    /// Binds a queue by a key, such as `H11.01.07.#`, and listens.
    ///
    /// # Errors
    /// When the broker cannot be reached, or has the exchange or the queue with other properties.
    pub async fn bind(url: &str, key: &str) -> Result<Self> {
        let named = ConnectionProperties::default().with_connection_name("one-stop system: outcomes".into());
        let connection = Connection::connect(url, named).await.context("failed to connect to the broker")?;
        let consumer = consumer(&connection.create_channel().await?, key).await?;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut listening = JoinSet::new();
        listening.spawn(listen(consumer, Arc::clone(&heard)));
        Ok(Self { heard, connection, _listening: listening })
    }

    /// All messages, those that came twice twice.
    pub fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Each outcome once, as a system hears them that drops the ids it has seen.
    pub fn once(&self) -> Vec<Heard> {
        let mut seen = BTreeSet::new();
        let mut heard = self.all();
        heard.retain(|one| seen.insert(one.id.clone()));
        heard
    }

    /// The outcomes of a dossier, each once.
    pub fn of(&self, dossier: &str) -> Vec<Heard> {
        let mut heard = self.once();
        heard.retain(|one| one.subject() == dossier);
        heard
    }

    /// What they say.
    pub fn lines(&self, dossier: &str) -> Vec<String> {
        self.of(dossier).iter().map(Heard::line).collect()
    }

    /// Ends the connection.
    ///
    /// # Errors
    /// When it was over before.
    pub async fn close(self) -> Result<()> {
        self.connection.close(200, "done".into()).await.context("failed to close the connection")
    }
}

async fn consumer(channel: &Channel, key: &str) -> lapin::Result<Consumer> {
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let none = FieldTable::default;
    channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, none()).await?;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(QUEUE.into(), durable, none()).await?;
    let options = QueueBindOptions::default();
    channel.queue_bind(QUEUE.into(), EXCHANGE.into(), key.into(), options, none()).await?;
    channel.basic_consume(QUEUE.into(), "".into(), BasicConsumeOptions::default(), none()).await
}

/// Kept first, acknowledged second; ends with the connection.
async fn listen(mut consumer: Consumer, heard: Arc<Mutex<Vec<Heard>>>) {
    while let Some(Ok(message)) = consumer.next().await {
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(read(&message));
        if message.ack(BasicAckOptions::default()).await.is_err() {
            return;
        }
    }
}

fn read(message: &Delivery) -> Heard {
    let properties = &message.properties;
    Heard {
        id: properties.message_id().as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
        persistent: *properties.delivery_mode() == Some(PERSISTENT),
        key: message.routing_key.as_str().to_owned(),
        body: serde_json::from_slice(&message.data).unwrap_or_default(),
    }
}
