//! The export: spans go over a bounded queue to one task, and from there by OTLP over HTTP to the collector.
//!
//! ```text
//! put ─▶ queue (QUEUE; full: dropped, counted) ─▶ batch (MOST, or LINGER) ─▶ POST ─┬▶ taken
//!                                                      ▲ again, after a wait ◀─────┤ away, or asks for patience
//!                                                      └────── next ◀── counted ───┘ refused
//! ```
//!
//! Whoever puts a span never waits. One batch is under way at a time; while the collector is away it is kept and tried
//! again, the queue fills up behind it, and then the newest spans are dropped: the memory that traces take is bounded, and
//! a collector that was restarted misses nothing of a calm hour. A change between working and failing is one line of the
//! log. Asked to stop, it sends what is left, each batch once, and `run` bounds that by its grace period.
//!
//! Only the configured address is called, through the shared client: no proxy, no redirect, a deadline.

use crate::config::settings::TracesSettings;
use crate::wait::Waits;
use lienthong_http::{
    Answer, Body, BuildError, Client, ClientSettings, Connection, Failure, Method, Request,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use prost::bytes::Bytes;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Spans that wait at most: some 600 bytes each, so a megabyte or two.
const QUEUE: usize = 2048;

/// Spans in one request at most: OpenTelemetry's own batches have as many, and collectors take 4 MiB and more.
const MOST: usize = 512;

/// How long a batch that is not full waits for company.
const LINGER: Duration = Duration::from_secs(1);

/// How long the collector may take, and until a connection stands; those of OTLP's exporters.
const DEADLINE: Duration = Duration::from_secs(10);
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);

/// Largest answer that is read: it holds a number and a sentence.
const BODY_CAP: usize = 64 << 10;

/// First and longest wait before a batch is sent again.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Where spans are put.
pub(super) struct Outlet {
    queue: mpsc::Sender<Span>,
}

impl Outlet {
    /// Puts spans into the queue, and drops those that find no room.
    pub(super) fn put(&self, spans: impl IntoIterator<Item = Span>) {
        let dropped = spans.into_iter().filter_map(|span| self.queue.try_send(span).err()).count();
        count("dropped", dropped);
    }
}

/// Takes spans out of the queue and to the collector.
pub(super) struct Shipper {
    queue: mpsc::Receiver<Span>,
    client: Client,
    endpoint: Url,
    service: String,
    linger: Duration,
    waits: (Duration, Duration),
    fails: bool,
}

/// What became of a batch.
#[derive(Debug, PartialEq, Eq)]
enum Shipped {
    /// The collector has it, but for so many spans.
    Taken(usize),
    /// It will not take these spans.
    Refused(String),
    /// It may take them later, not before this wait.
    Away(String, Duration),
}

impl Shipper {
    /// A queue, and who empties it.
    ///
    /// # Errors
    /// When the collector's client cannot be made.
    pub(super) fn new(settings: &TracesSettings) -> Result<(Outlet, Self), BuildError> {
        let client = Client::build(ClientSettings {
            deadline: DEADLINE,
            connect_deadline: CONNECT_DEADLINE,
            body_cap: BODY_CAP,
            authorities: settings.authority.clone().into_iter().collect(),
            identity: None,
        })?;
        let client = match &settings.header {
            Some((name, value)) => client.always_sending(name, value)?,
            None => client,
        };
        let (sender, queue) = mpsc::channel(QUEUE);
        let (endpoint, service) = (settings.endpoint.clone(), settings.service_name.clone());
        let shipper = Self { queue, client, endpoint, service, linger: LINGER, waits: WAITS, fails: false };
        Ok((Outlet { queue: sender }, shipper))
    }

    /// Exports until told to stop, then what is left.
    ///
    /// # Cancel safety
    /// Dropping it loses the spans that it has.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        while let Some(batch) = self.next_batch(&stop).await {
            self.ship(batch, &stop).await;
        }
    }

    /// The next batch; `None` when stopped and nothing is left.
    async fn next_batch(&mut self, stop: &CancellationToken) -> Option<Vec<Span>> {
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            _ = self.queue.recv_many(&mut batch, MOST) => {}
            () = stop.cancelled() => {
                // Whoever puts a span from here on is told that there is no room.
                self.queue.close();
                self.queue.recv_many(&mut batch, MOST).await;
            }
        }
        if batch.len() < MOST && !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.linger) => {}
            }
            while batch.len() < MOST
                && let Ok(span) = self.queue.try_recv()
            {
                batch.push(span);
            }
        }
        (!batch.is_empty()).then_some(batch)
    }

    async fn ship(&mut self, batch: Vec<Span>, stop: &CancellationToken) {
        let spans = batch.len();
        let body = Bytes::from(self.written(batch));
        let mut waits = Waits::new(self.waits.0, self.waits.1);
        loop {
            let last = stop.is_cancelled();
            match self.send(body.clone()).await {
                Shipped::Taken(refused) => {
                    let refused = refused.min(spans);
                    count("refused", refused);
                    count("exported", spans - refused);
                    return self.works();
                }
                Shipped::Refused(cause) => {
                    count("refused", spans);
                    return self.fails(&cause);
                }
                Shipped::Away(cause, asked) => {
                    self.fails(&cause);
                    if last {
                        return count("dropped", spans);
                    }
                    let wait = waits.next_wait().max(asked.min(self.waits.1));
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(wait) => {}
                    }
                }
            }
        }
    }

    fn written(&self, spans: Vec<Span>) -> Vec<u8> {
        let text = |key: &str, value: &str| KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(Value::StringValue(value.to_owned())) }),
            ..KeyValue::default()
        };
        let version = env!("CARGO_PKG_VERSION");
        let scope = InstrumentationScope {
            name: "lienthong".to_owned(),
            version: version.to_owned(),
            ..InstrumentationScope::default()
        };
        let attributes = vec![text("service.name", &self.service), text("service.version", version)];
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(Resource { attributes, ..Resource::default() }),
                scope_spans: vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }],
                ..ResourceSpans::default()
            }],
        };
        request.encode_to_vec()
    }

    async fn send(&self, body: Bytes) -> Shipped {
        let request = Request {
            method: Method::Post,
            url: self.endpoint.clone(),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            body: Body::Protobuf(body),
            connection: Connection::Kept,
            trace: None,
        };
        shipped(self.client.call(request).await)
    }

    fn fails(&mut self, cause: &str) {
        if !std::mem::replace(&mut self.fails, true) {
            tracing::warn!(cause, "traces cannot be exported; work goes on without");
        }
    }

    fn works(&mut self) {
        if std::mem::take(&mut self.fails) {
            tracing::info!("traces are exported again");
        }
    }
}

/// Reads an answer as OTLP's specification 1.8 has it, "OTLP/HTTP Response": 2xx, and 429, 502, 503 and 504 may be tried
/// again. Of the collector's words none are told: they may quote a span.
fn shipped(answer: Result<Answer, Failure>) -> Shipped {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return Shipped::Away(failure.kind.name().to_owned(), Duration::ZERO),
    };
    match answer.status {
        200..=299 => {
            // An answer that cannot be read is no reason to send the spans twice.
            let read = ExportTraceServiceResponse::decode(answer.body).unwrap_or_default();
            let refused = read.partial_success.map_or(0, |partial| partial.rejected_spans);
            Shipped::Taken(usize::try_from(refused).unwrap_or(0))
        }
        status @ (429 | 502 | 503 | 504) => {
            Shipped::Away(format!("status {status}"), answer.retry_after.unwrap_or_default())
        }
        status => Shipped::Refused(format!("status {status}")),
    }
}

fn count(verdict: &'static str, spans: usize) {
    if spans > 0 {
        let spans = u64::try_from(spans).unwrap_or(u64::MAX);
        metrics::counter!("lienthong_trace_spans_total", "verdict" => verdict).increment(spans);
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
