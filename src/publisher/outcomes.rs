//! The port of a commune's own system: outcomes, published to an exchange at its broker.
//!
//! Told means confirmed: the broker's confirm is waited for, and a message that comes back because no queue is bound
//! counts as not told. Messages are persistent, and the handoff's id is their message id, so that one whose confirm was
//! lost is simply sent again and its reader drops the second.
//!
//! One message at a time is under way: the broker's client hands a returned message to whichever confirm is next, and
//! only with one outstanding is that the right one. `docs/outcomes.md` has what this comes to in numbers.

use super::PERSISTENT;
use crate::config::settings::OutcomesSettings;
use crate::intake::link::{self, Link};
use crate::reasons::{
    BROKER_QUEUE, BROKER_REFUSED, TOLD, TOLD_AWAY, TOLD_NACK, TOLD_NOBODY, TOLD_NOWHERE, TOLD_OTHER,
    TOLD_REFUSED, TOLD_UNCONFIRMED,
};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Confirmation, ExchangeKind};
use lienthong_commune::{OUTCOME_CONTENT_TYPE, encode_outcome, outcome_data};
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, Reason, ReasonCode, ReasonText};
use lienthong_core::port::{
    Abilities, FeedPage, LookUp, LookUpAbility, Pending, Port, Sent, Uniqueness, Waybills,
};
use lienthong_core::receipt::Receipt;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::Mutex;

/// The sentences of a reason's code, Vietnamese and English.
type Sentences = fn(&ReasonCode) -> Option<(&'static str, &'static str)>;

/// A commune's own system, told at an exchange.
pub struct OutcomePort {
    settings: OutcomesSettings,
    sentences: Sentences,
    /// Kept between messages; taken out while one is under way, so that whatever cuts it off closes the connection too.
    idle: Mutex<Option<Link>>,
}

impl OutcomePort {
    /// A port that connects when it is first needed. `sentences` says what reasons say to people.
    pub fn new(settings: OutcomesSettings, sentences: Sentences) -> Self {
        Self { settings, sentences, idle: Mutex::new(None) }
    }

    async fn tell(&self, handoffs: &[Handoff], trace: Option<&str>) -> Outcome {
        let [handoff] = handoffs else { return Outcome::Rejected(because(TOLD_OTHER)) };
        let Some(outcome) = encode_outcome(handoff, &self.sentences) else {
            return Outcome::Rejected(because(TOLD_OTHER));
        };
        let mut idle = self.idle.lock().await;
        let link = match self.link(idle.take()).await {
            Ok(link) => link,
            Err(outcome) => return outcome,
        };
        let key = format!("{}.{}", handoff.agency, outcome.kind);
        let published = self.publish(&link, &key, &outcome.body, properties(handoff, trace)).await;
        if link.is_up() && !matches!(published, Outcome::Uncertain(_)) {
            *idle = Some(link);
        }
        published
    }

    async fn publish(&self, link: &Link, key: &str, body: &[u8], properties: BasicProperties) -> Outcome {
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let exchange = self.settings.exchange.as_str().into();
        let confirmed = async {
            link.channel.basic_publish(exchange, key.into(), options, body, properties).await?.await
        };
        match tokio::time::timeout(self.settings.deadline, confirmed).await {
            Ok(Ok(confirmation)) => judge(&confirmation),
            Ok(Err(error)) => lost(&error),
            Err(_elapsed) => Outcome::Uncertain(because(TOLD_UNCONFIRMED)),
        }
    }

    /// The connection that is kept, if the broker still hears it, or a new one with everything that publishing needs.
    async fn link(&self, kept: Option<Link>) -> Result<Link, Outcome> {
        if let Some(link) = kept.filter(Link::is_up) {
            return Ok(link);
        }
        let link = Link::open(&self.settings.connection, &self.settings.connection_name).await;
        let link = link.map_err(|error| not_sent(error.reason()))?;
        match tokio::time::timeout(self.settings.deadline, self.prepare(&link)).await {
            Ok(Ok(())) => Ok(link),
            Ok(Err(error)) => Err(not_sent(link::reason(&error))),
            Err(_elapsed) => Err(unavailable(TOLD_AWAY, true)),
        }
    }

    async fn prepare(&self, link: &Link) -> lapin::Result<()> {
        let options =
            ExchangeDeclareOptions { passive: !self.settings.declare, durable: true, ..Default::default() };
        let exchange = self.settings.exchange.as_str().into();
        link.channel.exchange_declare(exchange, ExchangeKind::Topic, options, FieldTable::default()).await?;
        link.channel.confirm_select(ConfirmSelectOptions::default()).await
    }
}

impl Port for OutcomePort {
    fn abilities(&self) -> Abilities {
        Abilities {
            look_up: LookUpAbility::None,
            number_unique: Uniqueness::Unknown,
            rows_per_call: 1,
            visibility_delay: Duration::ZERO,
            absent_looks: u32::MAX,
            uncertain_limit: Duration::ZERO,
            waybills: Waybills::Partner,
        }
    }

    fn translate(&self, contents: &[&Content]) -> Result<Value, Vec<Problem>> {
        match contents {
            [Content::News(news)] => Ok(outcome_data(news, &self.sentences)),
            _others => Err(vec![Problem::new(TOLD_OTHER, "type")]),
        }
    }

    fn check(&self, contents: &[&Content]) -> Result<(), Vec<Problem>> {
        match contents {
            [Content::News(_)] => Ok(()),
            _others => Err(vec![Problem::new(TOLD_OTHER, "type")]),
        }
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], trace: Option<&'a str>) -> Pending<'a, Sent> {
        Box::pin(async move {
            let outcome = self.tell(handoffs, trace).await;
            Sent { outcome, http_status: None, steps: vec!["publish"], receipt: Receipt::default() }
        })
    }

    fn look_up<'a>(&'a self, _handoff: &'a Handoff) -> Pending<'a, LookUp> {
        // What may have been told is told again, never asked about.
        Box::pin(async { LookUp::CouldNotAsk(because(TOLD_OTHER)) })
    }

    fn inspect<'a>(&'a self, _inspection: &'a Inspection) -> Pending<'a, Inspected> {
        Box::pin(async { Inspected::NoQuestion })
    }

    fn probe(&self) -> Pending<'_, Outcome> {
        Box::pin(async {
            let mut idle = self.idle.lock().await;
            match self.link(idle.take()).await {
                Ok(link) => {
                    *idle = Some(link);
                    Outcome::Accepted(because(TOLD))
                }
                Err(outcome) => outcome,
            }
        })
    }

    fn read_feed<'a>(&'a self, _after: Option<&'a str>) -> Pending<'a, FeedPage> {
        Box::pin(async { FeedPage::NoFeed })
    }

    fn reasons(&self) -> &'static [ReasonText] {
        // They stand with the daemon's own.
        &[]
    }
}

fn properties(handoff: &Handoff, trace: Option<&str>) -> BasicProperties {
    let mut headers = FieldTable::default();
    if let Some(trace) = trace {
        headers.insert("traceparent".into(), AMQPValue::LongString(trace.into()));
    }
    BasicProperties::default()
        .with_content_type(OUTCOME_CONTENT_TYPE.into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(handoff.id.as_str().into())
        .with_headers(headers)
}

/// Returned is not told, whether or not it is confirmed beside: a broker confirms what it could not route.
fn judge(confirmation: &Confirmation) -> Outcome {
    match confirmation {
        Confirmation::Ack(None) => Outcome::Accepted(because(TOLD)),
        Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => unavailable(TOLD_NOBODY, false),
        Confirmation::Nack(None) => unavailable(TOLD_NACK, false),
        Confirmation::NotRequested => Outcome::Uncertain(because(TOLD_UNCONFIRMED)),
    }
}

/// The connection or the channel ended before the confirm. A broker that closes the channel because it does not let us
/// write, or has no such exchange, has not taken the message (AMQP 0-9-1, 403 and 404).
fn lost(error: &lapin::Error) -> Outcome {
    match link::reason(error) {
        BROKER_REFUSED => Outcome::Blocked(because(TOLD_REFUSED)),
        BROKER_QUEUE => unavailable(TOLD_NOWHERE, false),
        _lost => Outcome::Uncertain(because(TOLD_UNCONFIRMED)),
    }
}

/// Nothing was published: why, as the connection or its preparation failed.
fn not_sent(reason: &str) -> Outcome {
    match reason {
        BROKER_REFUSED => Outcome::Blocked(because(TOLD_REFUSED)),
        BROKER_QUEUE => unavailable(TOLD_NOWHERE, true),
        _lost => unavailable(TOLD_AWAY, true),
    }
}

fn unavailable(code: &'static str, unsent: bool) -> Outcome {
    Outcome::Unavailable { reason: because(code), wait: None, unsent }
}

fn because(code: &'static str) -> Reason {
    Reason::new(ReasonCode::known(code))
}
