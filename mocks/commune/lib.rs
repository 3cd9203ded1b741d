//! Plays the commune's own system where it hears what became of its dossiers: a durable queue, messages acknowledged one by
//! one, ids kept, as `docs/outcomes.md` asks of a reader. It shares no type with the gateway.

use anyhow::{Context as _, Result};
use futures_lite::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties, Consumer, ExchangeKind};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Where outcomes are published.
const EXCHANGE: &str = "dossier.outcomes";
/// The queue of the one-stop system.
const QUEUE: &str = "mot-cua.outcomes";
/// Between two connections.
const AGAIN: Duration = Duration::from_millis(200);
/// For one connection: a broker that is just starting may accept and then say nothing.
const CONNECTING: Duration = Duration::from_secs(10);
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
    /// W3C trace context, as it came.
    pub traceparent: Option<String>,
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
        let words = ["update", "request", "leg", "status", "state", "cash"];
        let code = told.pointer("/reason/code").and_then(Value::as_str).map(str::to_owned);
        let words = words.iter().filter_map(field).chain(code);
        std::iter::once(part.clone()).chain(words).collect::<Vec<_>>().join(" ")
    }

    /// Order number and state of its cash, when that is the news.
    pub fn cash(&self) -> Option<(&str, &str)> {
        let order = self.body.pointer("/data/order")?;
        Some((order.get("number")?.as_str()?, order.get("cash")?.as_str()?))
    }

    /// The dossier that it is about.
    pub fn subject(&self) -> &str {
        self.body.get("subject").and_then(Value::as_str).unwrap_or_default()
    }
}

/// Everything that a commune's system heard, in the order in which it came.
pub struct Listener {
    heard: Arc<Mutex<Vec<Heard>>>,
    /// None where it stays: then connections come and go.
    connection: Option<Connection>,
    connected: Arc<AtomicUsize>,
    // Ends with the listener.
    _listening: JoinSet<()>,
}

impl Listener {
    /// Binds a queue by a key, such as `H11.01.07.#`, and listens.
    ///
    /// # Errors
    /// When the broker cannot be reached, or has the exchange or the queue with other properties.
    pub async fn bind(url: &str, key: &str) -> Result<Self> {
        let (connection, consumer) = connect(url, key).await?;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut listening = JoinSet::new();
        listening.spawn(listen(consumer, Arc::clone(&heard)));
        let connected = Arc::new(AtomicUsize::new(1));
        Ok(Self { heard, connection: Some(connection), connected, _listening: listening })
    }

    /// The same, and whenever its consumer ends, for whatever reason, it connects again: what the broker has kept
    /// meanwhile comes then.
    ///
    /// # Errors
    /// As [`Listener::bind`], of the first connection.
    pub async fn stay(url: &str, key: &str) -> Result<Self> {
        let first = connect(url, key).await?;
        let (heard, connected) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(1)));
        let stay = Stay {
            url: url.to_owned(),
            key: key.to_owned(),
            heard: Arc::clone(&heard),
            connected: Arc::clone(&connected),
        };
        let mut listening = JoinSet::new();
        listening.spawn(stay.listen(first));
        Ok(Self { heard, connection: None, connected, _listening: listening })
    }

    /// How often it has connected.
    pub fn connections(&self) -> usize {
        self.connected.load(Ordering::SeqCst)
    }

    /// All messages, those that came twice twice.
    pub fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many messages came.
    pub fn count(&self) -> usize {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether one of them is such.
    pub fn any(&self, is: impl Fn(&Heard) -> bool) -> bool {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).iter().any(is)
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
        let Some(connection) = self.connection else { return Ok(()) };
        connection.close(200, "done".into()).await.context("failed to close the connection")
    }
}

/// A listener that connects again.
struct Stay {
    url: String,
    key: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    connected: Arc<AtomicUsize>,
}

impl Stay {
    async fn listen(self, first: (Connection, Consumer)) {
        let mut next = Some(first);
        loop {
            if let Some((connection, consumer)) = next.take() {
                listen(consumer, Arc::clone(&self.heard)).await;
                // Mostly over already; a consumer can end without its connection.
                timeout(CONNECTING, connection.close(200, "again".into())).await.ok();
            }
            sleep(AGAIN).await;
            if let Ok(Ok(connected)) = timeout(CONNECTING, connect(&self.url, &self.key)).await {
                self.connected.fetch_add(1, Ordering::SeqCst);
                next = Some(connected);
            }
        }
    }
}

async fn connect(url: &str, key: &str) -> Result<(Connection, Consumer)> {
    let named = ConnectionProperties::default().with_connection_name("one-stop system: outcomes".into());
    let connection = Connection::connect(url, named).await.context("failed to connect to the broker")?;
    let consumer = consumer(&connection.create_channel().await?, key).await?;
    Ok((connection, consumer))
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
        traceparent: properties.headers().as_ref().and_then(|headers| {
            match headers.inner().get("traceparent") {
                Some(AMQPValue::LongString(text)) => {
                    Some(String::from_utf8_lossy(text.as_bytes()).into_owned())
                }
                _absent_or_no_text => None,
            }
        }),
        body: serde_json::from_slice(&message.data).unwrap_or_default(),
    }
}
