//! Spans: from what the journal says to what OTLP carries. Pure.
//!
//! Names of attributes are those of the log's fields, and beside them those of OpenTelemetry's conventions for messaging
//! and HTTP (version 1.37: `messaging.*`, `http.response.status_code`, `error.type`).

use super::Traced;
use super::context::{Context, span_id};
use crate::intake::Arrival;
use jiff::Timestamp;
use lienthong_core::event::Event;
use lienthong_core::handoff::{Handoff, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::Sent;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::span::{Link, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};

/// OTLP's flags of a span whose parent is known to be of another process: both of bits 8 and 9 (`SpanFlags`).
const PARENT_IS_REMOTE: u32 = 0x300;

/// The context of an event's `receive` span: in the publisher's trace, or in one that begins here.
pub(super) fn context_of(header: Option<&str>, event: &Event, percent: u8) -> Context {
    let words = ["receive", event.source.as_str(), event.id.as_str()];
    match header.and_then(Context::read) {
        Some(publisher) => publisher.at(span_id(&words)),
        None => Context::begun(&words, percent),
    }
}

/// The span of an event that is being stored, but for its end.
pub(super) fn receive(arrival: &Arrival, event: &Event, queue: &str, percent: u8) -> Option<Span> {
    let header = arrival.trace.as_deref();
    let own = context_of(header, event, percent);
    let publisher = header.and_then(Context::read);
    let remote = if publisher.is_some() { PARENT_IS_REMOTE } else { 0 };
    own.is_sampled().then(|| Span {
        flags: u32::from(own.flags) | remote,
        attributes: vec![
            text("messaging.system", "rabbitmq"),
            text("messaging.destination.name", queue),
            text("messaging.operation.name", "receive"),
            text("messaging.operation.type", "process"),
            text("dossier.code", event.dossier_key().as_str()),
            text("kind", event.kind.name()),
        ],
        ..begun(
            own,
            publisher,
            format!("receive {}", event.kind.name()),
            SpanKind::Consumer,
            arrival.arrived_at,
        )
    })
}

/// An attempt with all that travelled in its call.
pub(super) struct Tried<'a> {
    pub(super) partner: Partner,
    pub(super) account: &'a AccountName,
    pub(super) handoffs: &'a [Handoff],
    /// Of each handoff, in the same order.
    pub(super) traced: &'a [Traced],
    pub(super) started_at: Timestamp,
}

impl Tried<'_> {
    /// The spans of the attempt when it has ended: one for each handoff, in the trace of its event. The first one's is what
    /// the partner was told; it and the others link to each other.
    pub(super) fn spans(&self, sent: &Sent, ended_at: Timestamp, percent: u8) -> Vec<Span> {
        let travelled = self.handoffs.iter().zip(self.traced);
        let places: Vec<Place> =
            travelled.clone().map(|(handoff, traced)| Place::of(handoff, traced, percent)).collect();
        let Some((first, others)) = places.split_first() else { return Vec::new() };
        let spans = travelled.zip(&places).enumerate().map(|(at, ((handoff, traced), place))| {
            let beside = if at == 0 { others } else { std::slice::from_ref(first) };
            let linked = place.before.into_iter().chain(beside.iter().map(|place| place.own));
            let mut span = Span {
                end_time_unix_nano: nanos(ended_at),
                links: linked.filter(|to| to.is_sampled()).map(link).collect(),
                ..self.begun(handoff, traced, place)
            };
            conclude(&mut span, sent);
            (place.own, span)
        });
        spans.filter_map(|(own, span)| own.is_sampled().then_some(span)).collect()
    }

    fn begun(&self, handoff: &Handoff, traced: &Traced, place: &Place) -> Span {
        let kind = handoff.kind().name();
        let mut attributes = vec![
            text("handoff.id", handoff.id.as_str()),
            text("dossier.code", handoff.dossier.as_str()),
            text("partner", self.partner.name()),
            text("account", self.account.as_str()),
            text("kind", kind),
            number("attempt", i64::from(traced.attempt)),
            number("handoffs", i64::try_from(self.handoffs.len()).unwrap_or(i64::MAX)),
        ];
        let span_kind = match self.partner {
            Partner::Commune => {
                attributes.extend([
                    text("messaging.system", "rabbitmq"),
                    text("messaging.operation.name", "publish"),
                    text("messaging.operation.type", "send"),
                ]);
                SpanKind::Producer
            }
            Partner::Post | Partner::Portal => SpanKind::Client,
        };
        let begun = begun(place.own, place.parent, format!("send {kind}"), span_kind, self.started_at);
        Span { flags: u32::from(place.own.flags), attributes, ..begun }
    }
}

/// What the partner is told of the attempt: its span, when it is recorded.
pub(super) fn traceparent(handoff: &Handoff, traced: &Traced, percent: u8) -> Option<String> {
    let place = Place::of(handoff, traced, percent);
    place.own.is_sampled().then(|| place.own.written())
}

/// Where an attempt stands among the traces.
struct Place {
    own: Context,
    parent: Option<Context>,
    before: Option<Context>,
}

impl Place {
    fn of(handoff: &Handoff, traced: &Traced, percent: u8) -> Self {
        let parent = traced.trace.as_deref().and_then(Context::read);
        let id = handoff.id.as_str();
        let trace = parent.unwrap_or_else(|| Context::begun(&["handoff", id], percent));
        let nth = |attempt: u32| trace.at(span_id(&["attempt", id, &attempt.to_string()]));
        let before = traced.again.then(|| nth(traced.attempt.saturating_sub(1)));
        Self { own: nth(traced.attempt), parent, before }
    }
}

/// Writes down how it ended. Of what the partner said only the code stands there.
fn conclude(span: &mut Span, sent: &Sent) {
    let reason = sent.outcome.reason().code.as_str();
    span.attributes.extend([
        text("outcome", sent.outcome.name()),
        text("reason", reason),
        text("steps", &sent.steps.join(" ")),
    ]);
    if let Some(status) = sent.http_status {
        span.attributes.push(number("http.response.status_code", i64::from(status)));
    }
    match sent.outcome {
        Outcome::Accepted(_) => {}
        Outcome::Rejected(_) | Outcome::Unavailable { .. } | Outcome::Uncertain(_) | Outcome::Blocked(_) => {
            span.attributes.push(text("error.type", reason));
            span.status = Some(Status { message: reason.to_owned(), code: StatusCode::Error.into() });
        }
    }
}

fn begun(own: Context, parent: Option<Context>, name: String, kind: SpanKind, at: Timestamp) -> Span {
    Span {
        trace_id: own.trace.to_vec(),
        span_id: own.span.to_vec(),
        parent_span_id: parent.map(|parent| parent.span.to_vec()).unwrap_or_default(),
        name,
        kind: kind.into(),
        start_time_unix_nano: nanos(at),
        ..Span::default()
    }
}

fn link(to: Context) -> Link {
    Link {
        trace_id: to.trace.to_vec(),
        span_id: to.span.to_vec(),
        flags: u32::from(to.flags),
        ..Link::default()
    }
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

fn number(key: &str, value: i64) -> KeyValue {
    attribute(key, Value::IntValue(value))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// OTLP's time: nanoseconds since 1970.
pub(super) fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.as_nanosecond()).unwrap_or_default()
}

#[cfg(test)]
#[path = "spans_tests.rs"]
mod tests;
