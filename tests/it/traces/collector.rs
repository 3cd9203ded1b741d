//! A collector of traces: takes what is exported by OTLP over HTTP, and keeps the bytes.

use crate::support::World;
use lienthong_http::testing::{Arrived, Seen, StandIn};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span as Wire;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;
use std::collections::BTreeMap;

/// The body of a request.
#[derive(Clone)]
struct Exported(Vec<u8>);

impl Seen for Exported {
    fn read(arrived: Arrived) -> Self {
        assert_eq!(arrived.line, "POST /v1/traces");
        assert_eq!(arrived.header("content-type").as_deref(), Some("application/x-protobuf"));
        Self(arrived.body)
    }

    fn what(&self) -> String {
        "traces".to_owned()
    }
}

/// A span as a tool would show it; ids in hexadecimal digits.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) trace: String,
    pub(super) id: String,
    pub(super) parent: String,
    pub(super) name: String,
    pub(super) kind: SpanKind,
    pub(super) failed: bool,
    pub(super) attributes: BTreeMap<String, String>,
    /// Trace and span of each.
    pub(super) links: Vec<(String, String)>,
}

impl Span {
    fn read(wire: &Wire) -> Self {
        assert!(
            wire.start_time_unix_nano > 0 && wire.end_time_unix_nano >= wire.start_time_unix_nano,
            "{wire:?}"
        );
        Self {
            trace: hex(&wire.trace_id),
            id: hex(&wire.span_id),
            parent: hex(&wire.parent_span_id),
            name: wire.name.clone(),
            kind: wire.kind(),
            failed: wire.status.as_ref().is_some_and(|status| status.code == 2),
            attributes: wire.attributes.iter().map(attribute).collect(),
            links: wire.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect(),
        }
    }

    /// An attribute; empty when it is not there.
    pub(super) fn get(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }

    /// What a link to it says.
    pub(super) fn place(&self) -> (String, String) {
        (self.trace.clone(), self.id.clone())
    }

    /// What a partner is told that is called within it.
    pub(super) fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.trace, self.id)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(attribute: &KeyValue) -> (String, String) {
    let value = match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{other:?}"),
    };
    (attribute.key.clone(), value)
}

/// The collector; it ends when it is dropped.
pub(super) struct Collector {
    stand_in: StandIn<Exported>,
}

impl Collector {
    /// Starts it, and tells the gateway of this world where it is.
    pub(super) async fn of(world: &World) -> Self {
        let stand_in = StandIn::start(|_: &Exported, _| (200, serde_json::Value::Null)).await;
        world.configure(&format!("[traces]\nendpoint = \"{}/v1/traces\"", stand_in.url));
        Self { stand_in }
    }

    /// Everything that was exported, as it came.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.stand_in.seen().into_iter().flat_map(|exported| exported.0).collect()
    }

    /// All spans, in the order in which they came.
    pub(super) fn spans(&self) -> Vec<Span> {
        let requests = self.stand_in.seen();
        let requests =
            requests.iter().map(|exported| ExportTraceServiceRequest::decode(exported.0.as_slice()).unwrap());
        let scopes = requests.flat_map(|request| request.resource_spans).flat_map(|of| of.scope_spans);
        scopes.flat_map(|scope| scope.spans).map(|span| Span::read(&span)).collect()
    }
}
