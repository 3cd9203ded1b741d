//! A desk with an outbox: publishes in order, and begins again behind the last confirmed message after every failure.

use crate::support::Event;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Confirmation, Connection, ConnectionProperties};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Messages that wait for their confirm.
const WINDOW: usize = 128;

/// Before the next connection.
const AGAIN: Duration = Duration::from_millis(50);

/// A message to publish: routing key and body.
struct Message(String, Vec<u8>);

/// A desk that publishes as far as it is allowed to.
pub(super) struct Desk {
    allowed: watch::Sender<usize>,
    counts: Arc<Counts>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Counts {
    confirmed: AtomicUsize,
    failures: AtomicUsize,
}

impl Desk {
    /// Opens; nothing is published before [`Desk::allow`].
    pub(super) fn open(url: &str, events: &[Event]) -> Self {
        let (allowed, watch) = watch::channel(0);
        let counts = Arc::<Counts>::default();
        let outbox = Outbox {
            url: url.to_owned(),
            messages: events.iter().map(|event| Message(event.routing_key(), event.body())).collect(),
            allowed: watch,
            counts: Arc::clone(&counts),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(outbox.empty());
        Self { allowed, counts, _tasks: tasks }
    }

    /// Lets it publish so many more; gives how many it may publish in all.
    pub(super) fn allow(&self, more: usize) -> usize {
        self.allowed.send_modify(|allowed| *allowed += more);
        *self.allowed.borrow()
    }

    /// Messages that the broker has confirmed.
    pub(super) fn confirmed(&self) -> usize {
        self.counts.confirmed.load(Ordering::SeqCst)
    }

    /// How often it had to begin again.
    pub(super) fn failures(&self) -> usize {
        self.counts.failures.load(Ordering::SeqCst)
    }
}

struct Outbox {
    url: String,
    messages: Vec<Message>,
    allowed: watch::Receiver<usize>,
    counts: Arc<Counts>,
}

/// The connection ended, or the broker did not take a message.
struct Failed;

impl From<lapin::Error> for Failed {
    fn from(_: lapin::Error) -> Self {
        Self
    }
}

impl Outbox {
    async fn empty(mut self) {
        while let Err(Failed) = self.publish().await {
            self.counts.failures.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Publishes from the first message that is not confirmed, until all are, or nobody allows more.
    async fn publish(&mut self) -> Result<(), Failed> {
        let connection = Connection::connect(&self.url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let mut next = self.counts.confirmed.load(Ordering::SeqCst);
        let mut window = VecDeque::with_capacity(WINDOW);
        loop {
            let allowed = *self.allowed.borrow_and_update();
            while next < allowed && window.len() < WINDOW {
                let Message(key, body) = &self.messages[next];
                let properties = BasicProperties::default()
                    .with_delivery_mode(2)
                    .with_content_type("application/cloudevents+json".into());
                let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
                let exchange = "dossier.events".into();
                let sent = channel.basic_publish(exchange, key.as_str().into(), options, body, properties);
                window.push_back(sent.await?);
                next += 1;
            }
            match window.pop_front() {
                Some(confirm) => match confirm.await? {
                    Confirmation::Ack(None) => self.counts.confirmed.fetch_add(1, Ordering::SeqCst),
                    Confirmation::Ack(Some(_)) | Confirmation::Nack(_) | Confirmation::NotRequested => {
                        return Err(Failed);
                    }
                },
                None if self.allowed.changed().await.is_err() => return Ok(()),
                None => continue,
            };
        }
    }
}
