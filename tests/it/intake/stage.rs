//! What the tests of intake share: a store in memory, an intake that runs, a desk.

use jiff::Timestamp;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use lienthong::config::settings::{BrokerSettings, ConnectionSettings, IntakeSettings};
use lienthong::intake::{
    Admission, AdmissionError, AdmittedCounts, Admitting, Arrival, Intake, IntakeWatch, Read,
};
use lienthong_commune::{Headers, Limits};
use private_broker::{Broker, Vhost};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(super) const QUEUE: &str = "lienthong.dossier-events";
const EXCHANGE: &str = "dossier.events";

/// Long enough for a busy machine; a condition that holds is seen within milliseconds.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// Stores by routing key (the tests number it); takes one permit for each attempt.
pub(super) struct Memory {
    pub(super) stored: Mutex<Vec<(u32, bool)>>,
    pub(super) refused: Mutex<Vec<(Vec<u8>, usize, String)>>,
    pub(super) offers: Mutex<usize>,
    pub(super) permits: Semaphore,
    pub(super) failures: Mutex<usize>,
    pub(super) closed: Mutex<Option<&'static str>>,
    pub(super) seen: Mutex<Vec<String>>,
}

/// As many attempts as a test makes.
pub(super) const FREE: usize = 1_000_000;

impl Memory {
    pub(super) fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            stored: Mutex::default(),
            refused: Mutex::default(),
            offers: Mutex::default(),
            permits: Semaphore::new(permits),
            failures: Mutex::default(),
            closed: Mutex::default(),
            seen: Mutex::default(),
        })
    }

    pub(super) fn numbers(&self) -> Vec<u32> {
        self.stored.lock().unwrap().iter().map(|(number, _)| *number).collect()
    }

    pub(super) fn has_seen(&self, what: &str) -> bool {
        self.seen.lock().unwrap().iter().any(|seen| seen.contains(what))
    }

    fn keep(&self, arrival: &Arrival) {
        let number = arrival.routing_key.rsplit('.').next().and_then(|number| number.parse().ok());
        self.stored.lock().unwrap().push((number.unwrap_or_default(), arrival.redelivered));
        if let Read::Refused { refusal, bytes, size, .. } = &arrival.read {
            let refused = (bytes.clone(), *size, refusal.reason.to_string());
            self.refused.lock().unwrap().push(refused);
        }
    }
}

impl Admission for Memory {
    fn admit(&self, batch: Vec<Arrival>) -> Admitting<'_> {
        Box::pin(async move {
            *self.offers.lock().unwrap() += 1;
            self.permits.acquire().await.unwrap().forget();
            let mut failures = self.failures.lock().unwrap();
            if *failures > 0 {
                *failures -= 1;
                return Err(AdmissionError::new("the disk is full"));
            }
            batch.iter().for_each(|arrival| self.keep(arrival));
            Ok(AdmittedCounts { stored: batch.len(), ..AdmittedCounts::default() })
        })
    }

    fn open(&self) -> Result<(), &'static str> {
        self.closed.lock().unwrap().map_or(Ok(()), Err)
    }
}

impl IntakeWatch for Memory {
    fn connected(&self, epoch: u64) {
        self.seen.lock().unwrap().push(format!("connected {epoch}"));
    }

    fn lost(&self, _reason: &'static str, cause: &str) {
        self.seen.lock().unwrap().push(format!("lost: {cause}"));
    }

    fn paused(&self, reason: &'static str) {
        self.seen.lock().unwrap().push(format!("paused: {reason}"));
    }
}

pub(super) fn broker_settings(vhost: &Vhost) -> BrokerSettings {
    BrokerSettings {
        connection: ConnectionSettings {
            url: vhost.url.clone().into(),
            heartbeat: Duration::from_secs(10),
            authority: None,
        },
        exchange: EXCHANGE.into(),
        queue: QUEUE.into(),
        bindings: vec!["#".into()],
        declare: true,
        connection_name: "lienthong-test".into(),
        reconnect_first: Duration::from_millis(50),
        reconnect_longest: Duration::from_millis(500),
    }
}

pub(super) fn decode(
    headers: &Headers<'_>,
    body: &[u8],
) -> Result<lienthong_core::event::Event, lienthong_commune::Refusal> {
    lienthong_commune::decode(headers.content_type, body, &Limits::default())
}

#[expect(clippy::disallowed_methods, reason = "no decision of these tests looks at the time of arrival")]
pub(super) fn intake(vhost: &Vhost, memory: &Arc<Memory>) -> Intake {
    Intake {
        broker: broker_settings(vhost),
        settings: IntakeSettings {
            prefetch: 50,
            batch_most: 10,
            batch_wait: Duration::from_millis(2),
            message_cap: 64 * 1024,
            quarantine_keep: 100,
            quarantine_days: 90,
            memory_ceiling: u64::MAX,
        },
        admission: Arc::clone(memory) as Arc<dyn Admission>,
        watch: Arc::clone(memory) as Arc<dyn IntakeWatch>,
        decode: Arc::new(decode),
        now: Timestamp::now,
    }
}

/// An intake that runs.
pub(super) struct Running {
    pub(super) stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Running {
    pub(super) fn start(intake: Intake, grace: Duration) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(intake.run(stop.clone(), grace));
        Self { stop, tasks }
    }

    /// Ends as on SIGTERM.
    pub(super) async fn stop(mut self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(DEADLINE, self.tasks.join_next()).await;
        ended.expect("intake did not stop").expect("one task").expect("intake panicked");
    }

    /// Ends as in a crash: nothing more is said to the broker but what the socket says.
    pub(super) async fn crash(mut self) {
        self.tasks.shutdown().await;
    }
}

/// The commune's side of one virtual host.
pub(super) struct Desk {
    pub(super) vhost: Vhost,
    pub(super) channel: Channel,
    _connection: Connection,
}

impl Desk {
    pub(super) async fn at(vhost: Vhost) -> Self {
        let connection = Connection::connect(&vhost.url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        Self { vhost, channel, _connection: connection }
    }

    pub(super) async fn open() -> Self {
        Self::at(Broker::shared().await.unwrap().new_vhost().await.unwrap()).await
    }

    pub(super) async fn publish(&self, numbers: std::ops::RangeInclusive<u32>) {
        for number in numbers {
            self.publish_body(number, b"not an event").await;
        }
    }

    pub(super) async fn publish_body(&self, number: u32, body: &[u8]) {
        let key = format!("H11.01.07.{number}");
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type("application/cloudevents+json".into());
        let confirm =
            self.channel.basic_publish(EXCHANGE.into(), key.into(), options, body, properties).await.unwrap();
        assert_eq!(confirm.await.unwrap(), lapin::Confirmation::Ack(None), "message {number} was not routed");
    }

    /// Ready messages and consumers. Ready messages do not count those that a consumer holds unacknowledged.
    pub(super) async fn queue(&self) -> (u32, u32) {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        let queue = self.channel.queue_declare(QUEUE.into(), options, FieldTable::default()).await.unwrap();
        (queue.message_count(), queue.consumer_count())
    }

    pub(super) async fn queue_becomes(&self, ready: u32, consumers: u32) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let queue = self.queue().await;
            if queue == (ready, consumers) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "(ready, consumers) is {queue:?}, not {:?}",
                (ready, consumers)
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub(super) async fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(super) async fn connected(memory: &Memory, epoch: u64) {
    until("connected", || memory.has_seen(&format!("connected {epoch}"))).await;
}

pub(super) fn all(numbers: std::ops::RangeInclusive<u32>) -> Vec<u32> {
    numbers.collect()
}
