//! The desk's outbox: publishes in order with confirms, and begins again behind the last confirmed message after every
//! failure, as `docs/publishing.md` asks.

use anyhow::Result;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::sleep;

/// Messages that wait for their confirm.
const WINDOW: usize = 64;
/// Before the next connection, and before it is looked again for something to publish.
const AGAIN: Duration = Duration::from_millis(50);

/// A message to publish.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) routing_key: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

/// An outbox with one sender.
pub(crate) struct Desk {
    url: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Message>,
    confirmed: usize,
    failures: u32,
    held: bool,
    busy: bool,
}

impl Desk {
    pub(crate) fn new(url: String) -> Self {
        Self { url, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts messages behind the others.
    pub(crate) fn push(&self, messages: impl IntoIterator<Item = Message>) {
        self.state().waiting.extend(messages);
    }

    /// Whether the broker has everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.state().waiting.is_empty()
    }

    /// Messages that the broker confirmed.
    pub(crate) fn confirmed(&self) -> usize {
        self.state().confirmed
    }

    /// How often it had to begin again.
    pub(crate) fn failures(&self) -> u32 {
        self.state().failures
    }

    /// Publishes nothing more until it is released.
    pub(crate) fn hold(&self) {
        self.state().held = true;
    }

    pub(crate) fn release(&self) {
        self.state().held = false;
    }

    /// Whether nothing is on its way to the broker.
    pub(crate) fn is_quiet(&self) -> bool {
        let state = self.state();
        state.held && !state.busy
    }

    /// Publishes for ever.
    pub(crate) async fn empty(&self) -> Result<()> {
        loop {
            if self.publish().await.is_err() {
                let mut state = self.state();
                (state.failures, state.busy) = (state.failures + 1, false);
            }
            sleep(AGAIN).await;
        }
    }

    /// One connection. The order of the outbox is the order at the broker: after a failure everything that is not
    /// confirmed is published again, the first of it first.
    async fn publish(&self) -> Result<()> {
        let named = ConnectionProperties::default().with_connection_name("soak: one-stop desk".into());
        let connection = Connection::connect(&self.url, named).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let mut window = VecDeque::new();
        loop {
            while let Some(message) = self.next(window.len()) {
                window.push_back(send(&channel, &message).await?);
            }
            let Some(confirm) = window.pop_front() else {
                self.state().busy = false;
                sleep(AGAIN).await;
                anyhow::ensure!(connection.status().connected(), "the connection ended");
                continue;
            };
            let confirmation = confirm.await?;
            anyhow::ensure!(confirmation == Confirmation::Ack(None), "not taken");
            let mut state = self.state();
            state.waiting.pop_front();
            state.confirmed += 1;
        }
    }

    /// The next message behind those that are on their way.
    fn next(&self, on_their_way: usize) -> Option<Message> {
        let mut state = self.state();
        if state.held || on_their_way >= WINDOW {
            return None;
        }
        let message = state.waiting.get(on_their_way).cloned();
        state.busy |= message.is_some();
        message
    }
}

async fn send(channel: &Channel, message: &Message) -> Result<PublisherConfirm> {
    let properties =
        BasicProperties::default().with_delivery_mode(2).with_content_type(message.content_type.into());
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let key = message.routing_key.as_str().into();
    Ok(channel.basic_publish("dossier.events".into(), key, options, &message.body, properties).await?)
}
