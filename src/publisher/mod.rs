//! The publisher: events from files to the broker, for tests, for the demo, and for a day that has to be sent again.
//!
//! Sent means confirmed: the broker's confirm is waited for, and both a negative confirm and a message that came back
//! because no queue wanted it are failures, named in the report. Messages are persistent and carry the event's id, so
//! publishing a file twice does no harm: the gateway knows the events.
//!
//! Unless asked for raw messages, every event is read with the gateway's own decoder before the first is sent: a file
//! with one unreadable line publishes nothing.
//!
//! This is a tool, not a one-stop system's outbox: it keeps no record of what it sent. `docs/publishing.md` shows how a
//! system publishes.

mod files;
mod outcomes;
mod progress;

pub use files::Origin;
pub use outcomes::OutcomePort;
pub use progress::bar;

use crate::config::settings::BrokerSettings;
use crate::intake::link::Link;
use crate::intake::{Decode, LinkError, topology};
use files::{Message, Messages};
use futures_lite::{Stream, StreamExt as _};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use lienthong_commune::{DIALECT_HEADER, Family, Headers, Refusal, SOURCE_HEADER};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::time::Duration;
use tokio::time::Instant;

/// Messages whose confirms are outstanding. A quorum queue confirms in groups; more gained nothing.
const WINDOW: usize = 256;

/// For one confirm. A broker that says that it is under a memory or disk alarm is waited for; one that says nothing is not.
const CONFIRM: Duration = Duration::from_secs(60);

/// Failures and refusals that are named one by one; the rest is counted.
const NAMED: usize = 100;

/// What is done with a message that the decoder refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nothing is published when one message is refused.
    Events,
    /// It is published as it is, under the routing key `unknown.unreadable`.
    Raw,
}

/// How messages are published.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// What is done with those that cannot be read.
    pub check: Check,
    /// The dialects they are in.
    pub family: Family,
    /// The source, named in a header where the body names none.
    pub source: Option<&'a str>,
}

impl Manner<'_> {
    /// Of CloudEvents.
    pub fn of(check: Check) -> Self {
        Self { check, family: Family::CloudEvents, source: None }
    }
}

/// What the caller hears while messages are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News<'a> {
    /// So many of so many are settled.
    Done(u64, u64),
    /// The broker takes nothing for now, in its own words; publishing waits for it.
    Blocked(&'a str),
    /// It takes messages again.
    Unblocked,
}

/// What was published.
#[derive(Debug, Default)]
pub struct Report {
    /// Messages that the broker confirmed and routed.
    pub published: u64,
    /// Messages that it did not.
    pub failed: u64,
    /// The first hundred failures.
    pub failures: Vec<Failure>,
}

/// A message that the broker did not take.
#[derive(Debug)]
pub struct Failure {
    /// Where it stands.
    pub origin: Origin,
    /// Its event id.
    pub event: Option<String>,
    /// What happened.
    pub why: Why,
}

/// Why a message counts as not published.
#[derive(Debug, PartialEq, Eq)]
pub enum Why {
    /// The broker refused it.
    Nack,
    /// No queue is bound for its routing key; the broker's own words.
    Returned(String),
    /// The connection ended, or the broker stayed silent, before it was confirmed: it may have arrived.
    Unconfirmed,
}

/// A message that the decoder refuses.
#[derive(Debug)]
pub struct Unreadable {
    /// Where it stands.
    pub origin: Origin,
    /// Why.
    pub refusal: Refusal,
}

/// Why publishing ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The name does not tell the dialect.
    #[error("tell the dialect of {0}: name it .json, .jsonl or .xml")]
    Kind(PathBuf),
    /// A message is too large to be worth sending.
    #[error("send {0}: it has more than {cap} bytes", cap = files::MESSAGE_CAP)]
    TooLarge(Origin),
    /// Some messages are not events. Nothing was published.
    #[error("read {count} of the events; nothing was published")]
    Unreadable {
        /// How many.
        count: u64,
        /// The first hundred.
        first: Vec<Unreadable>,
    },
    /// No connection.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The broker has no such exchange, or refuses us.
    #[error("prepare the exchange for publishing")]
    Prepare(#[source] lapin::Error),
    /// The connection ended between the messages, or the broker stayed silent.
    #[error("publish all: {} of {total} were confirmed, {} are uncertain", .report.published, .report.failed)]
    Interrupted {
        /// What was published until then.
        report: Report,
        /// How many there are.
        total: u64,
        /// Why; `None` when no confirm came within a minute.
        #[source]
        source: Option<lapin::Error>,
    },
}

/// Publishes every event of the files, in their order; `hear` is told how it goes.
///
/// # Errors
///
/// When a file cannot be read or holds something else than events (nothing is published then), and when the broker cannot
/// be reached or is lost. Messages that the broker refused are no error: they stand in the report.
pub async fn publish_files(
    settings: &BrokerSettings,
    files: &[PathBuf],
    manner: Manner<'_>,
    decode: &Decode,
    hear: impl FnMut(News<'_>),
) -> Result<Report, Error> {
    let total = count(files, manner, decode).await?;
    let link = Link::open(&settings.connection, &format!("{}.publish", settings.connection_name)).await?;
    let published = publish_over(&link, settings, total, hear, Messages::of(files, manner, decode)).await;
    link.close().await;
    published
}

async fn publish_over(
    link: &Link,
    settings: &BrokerSettings,
    total: u64,
    hear: impl FnMut(News<'_>),
    messages: Messages<'_>,
) -> Result<Report, Error> {
    prepare(&link.channel, settings).await.map_err(Error::Prepare)?;
    let publishing = Publishing {
        channel: &link.channel,
        events: Box::pin(link.events()),
        blocked: false,
        exchange: settings.exchange.as_str().into(),
        window: VecDeque::with_capacity(WINDOW),
        report: Report::default(),
        total,
        hear,
    };
    publishing.publish(messages).await
}

async fn count(files: &[PathBuf], manner: Manner<'_>, decode: &Decode) -> Result<u64, Error> {
    let (mut total, mut count, mut first) = (0, 0, Vec::new());
    let mut messages = Messages::of(files, manner, decode);
    while let Some(message) = messages.next().await? {
        total += 1;
        match (manner.check, message.refusal) {
            (Check::Events, Some(refusal)) => {
                count += 1;
                if first.len() < NAMED {
                    first.push(Unreadable { origin: message.origin, refusal });
                }
            }
            (Check::Events, None) | (Check::Raw, _) => {}
        }
    }
    if count > 0 { Err(Error::Unreadable { count, first }) } else { Ok(total) }
}

async fn prepare(channel: &Channel, settings: &BrokerSettings) -> lapin::Result<()> {
    topology::ensure(channel, settings).await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await
}

struct Publishing<'a, P> {
    channel: &'a Channel,
    events: Pin<Box<dyn Stream<Item = lapin::Event> + Send + 'a>>,
    blocked: bool,
    exchange: ShortString,
    window: VecDeque<(Origin, Option<String>, PublisherConfirm)>,
    report: Report,
    total: u64,
    hear: P,
}

impl<P: FnMut(News<'_>)> Publishing<'_, P> {
    async fn publish(mut self, mut messages: Messages<'_>) -> Result<Report, Error> {
        while let Some(message) = messages.next().await? {
            if self.window.len() >= WINDOW
                && let Err(source) = self.settle_oldest().await
            {
                return Err(self.interrupted(source));
            }
            if let Err(source) = self.send(message).await {
                return Err(self.interrupted(source));
            }
        }
        while !self.window.is_empty() {
            if let Err(source) = self.settle_oldest().await {
                return Err(self.interrupted(source));
            }
        }
        Ok(self.report)
    }

    /// `Err(None)`: the broker stayed silent.
    async fn send(&mut self, message: Message<'_>) -> Result<(), Option<lapin::Error>> {
        let mut properties = BasicProperties::default()
            .with_content_type(message.headers.content_type.unwrap_or_default().into())
            .with_headers(table(&message.headers))
            .with_delivery_mode(PERSISTENT);
        if let Some(id) = &message.id {
            // A short string of AMQP has at most 255 bytes; a longer id stands in the body alone.
            if id.len() <= 255 {
                properties = properties.with_message_id(id.as_str().into());
            }
        }
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let key = message.routing_key.as_str().into();
        let exchange = self.exchange.clone();
        let sent = self.channel.basic_publish(exchange, key, options, &message.body, properties);
        match self.within_patience(sent).await {
            Some(Ok(confirm)) => {
                self.window.push_back((message.origin, message.id, confirm));
                Ok(())
            }
            Some(Err(error)) => Err(Some(error)),
            None => Err(None),
        }
    }

    async fn settle_oldest(&mut self) -> Result<(), Option<lapin::Error>> {
        let Some((origin, event, confirm)) = self.window.pop_front() else { return Ok(()) };
        let (confirmation, ended) = match self.within_patience(confirm).await {
            Some(Ok(confirmation)) => (Some(confirmation), None),
            Some(Err(error)) => (None, Some(Some(error))),
            None => (None, Some(None)),
        };
        crash_point!("publisher.confirmed");
        self.settle(origin, event, confirmation);
        ended.map_or(Ok(()), Err)
    }

    /// What the broker answers; `None` when it stays silent for too long. While it says that it is blocked, no time counts.
    async fn within_patience<T>(&mut self, answer: impl Future<Output = T>) -> Option<T> {
        let mut answer = pin!(answer);
        let mut end = Instant::now() + CONFIRM;
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return Some(answer),
                Some(event) = self.events.next() => {
                    self.note(&event);
                    end = Instant::now() + CONFIRM;
                }
                () = tokio::time::sleep_until(end), if !self.blocked => return None,
            }
        }
    }

    fn note(&mut self, event: &lapin::Event) {
        match event {
            lapin::Event::ConnectionBlocked(why) => {
                self.blocked = true;
                (self.hear)(News::Blocked(why.as_str()));
            }
            lapin::Event::ConnectionUnblocked => {
                self.blocked = false;
                (self.hear)(News::Unblocked);
            }
            // An error ends the answer that is waited for. lapin may add events.
            lapin::Event::Connected | lapin::Event::SendFlow(_) | lapin::Event::Error(_) | _ => {}
        }
    }

    fn settle(&mut self, origin: Origin, event: Option<String>, confirmation: Option<Confirmation>) {
        let (event, why) = match confirmation {
            Some(Confirmation::Ack(None)) => (event, None),
            // lapin hands a returned message to the confirm that happens to be next; the message itself knows better.
            Some(Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned))) => {
                let id = returned.properties.message_id().as_ref().map(|id| id.as_str().to_owned());
                (id.or(event), Some(Why::Returned(returned.reply_text.as_str().to_owned())))
            }
            Some(Confirmation::Nack(None)) => (event, Some(Why::Nack)),
            Some(Confirmation::NotRequested) | None => (event, Some(Why::Unconfirmed)),
        };
        match why {
            None => self.report.published += 1,
            Some(why) => self.failed(Failure { origin, event, why }),
        }
        (self.hear)(News::Done(self.report.published + self.report.failed, self.total));
    }

    fn failed(&mut self, failure: Failure) {
        self.report.failed += 1;
        if self.report.failures.len() < NAMED {
            self.report.failures.push(failure);
        }
    }

    fn interrupted(mut self, source: Option<lapin::Error>) -> Error {
        for (origin, event, _) in std::mem::take(&mut self.window) {
            self.failed(Failure { origin, event, why: Why::Unconfirmed });
        }
        Error::Interrupted { report: self.report, total: self.total, source }
    }
}

/// The headers that say how to read a message, where it has any.
fn table(headers: &Headers<'_>) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in [(DIALECT_HEADER, headers.dialect), (SOURCE_HEADER, headers.source)] {
        if let Some(value) = value {
            table.insert(name.into(), AMQPValue::LongString(value.into()));
        }
    }
    table
}

/// AMQP's delivery mode for messages that survive a restart of the broker.
const PERSISTENT: u8 = 2;
