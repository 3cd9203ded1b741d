//! The export against a collector that answers as it is told: what is sent, what is sent again, what is dropped.

use super::*;
use lienthong_http::FailureKind;
use lienthong_http::testing::{Arrived, Seen, StandIn};
use secrecy::SecretString;
use serde_json::Value as Json;
use tokio_util::task::TaskTracker;

/// A request as the collector reads it.
#[derive(Clone)]
struct Exported {
    line: String,
    content_type: Option<String>,
    key: Option<String>,
    service: String,
    names: Vec<String>,
}

impl Seen for Exported {
    fn read(arrived: Arrived) -> Self {
        let request = ExportTraceServiceRequest::decode(arrived.body.as_slice()).unwrap();
        let of = &request.resource_spans[0];
        let service = of.resource.as_ref().unwrap().attributes[0].value.clone().unwrap().value.unwrap();
        let Value::StringValue(service) = service else { panic!("{service:?}") };
        Self {
            content_type: arrived.header("content-type"),
            key: arrived.header("x-api-key"),
            service,
            names: of.scope_spans[0].spans.iter().map(|span| span.name.clone()).collect(),
            line: arrived.line,
        }
    }

    fn what(&self) -> String {
        "traces".to_owned()
    }
}

/// The names of the spans of each request.
fn names(collector: &StandIn<Exported>) -> Vec<String> {
    collector.seen().iter().map(|exported| exported.names.join(" ")).collect()
}

fn shipper(endpoint: &str) -> (Outlet, Shipper) {
    let (outlet, shipper) = Shipper::new(&TracesSettings {
        endpoint: endpoint.parse().unwrap(),
        service_name: "lienthong-xa".to_owned(),
        sampled_percent: 100,
        authority: None,
        header: Some(("X-Api-Key".to_owned(), SecretString::from("bi-mat".to_owned()))),
    })
    .unwrap();
    let waits = (Duration::from_millis(1), Duration::from_millis(1));
    (outlet, Shipper { linger: Duration::ZERO, waits, ..shipper })
}

fn spans(names: &[&str]) -> Vec<Span> {
    names.iter().map(|name| Span { name: (*name).to_owned(), ..Span::default() }).collect()
}

/// A span is left when the export is asked to stop, and the collector answers with this status.
async fn check_last(status: u16) {
    let collector: StandIn<Exported> = StandIn::start(move |_, _| (status, Json::Null)).await;
    let (outlet, shipper) = shipper(&format!("{}/v1/traces", collector.url));
    outlet.put(spans(&["a"]));
    let stop = CancellationToken::new();
    stop.cancel();
    shipper.run(stop).await;
    assert_eq!(names(&collector), ["a"], "{status}");
}

#[test]
fn an_answer_says_whether_the_spans_are_sent_again() {
    fn check(status: u16, body: &[u8], expected: Shipped) {
        let body = Bytes::copy_from_slice(body);
        let answer = Answer { status, content_type: None, retry_after: Some(Duration::from_secs(7)), body };
        assert_eq!(shipped(Ok(answer)), expected, "{status}");
    }
    let away = |status| Shipped::Away(format!("status {status}"), Duration::from_secs(7));
    check(200, b"", Shipped::Taken(0));
    // Field 1, in it field 1: three spans were rejected.
    check(200, &[0x0a, 0x02, 0x08, 0x03], Shipped::Taken(3));
    check(202, b"<p>ok</p>", Shipped::Taken(0));
    check(429, b"", away(429));
    check(502, b"", away(502));
    check(503, b"", away(503));
    check(504, b"", away(504));
    check(302, b"", Shipped::Refused("status 302".to_owned()));
    check(400, b"", Shipped::Refused("status 400".to_owned()));
    check(401, b"", Shipped::Refused("status 401".to_owned()));
    check(500, b"", Shipped::Refused("status 500".to_owned()));
}

#[tokio::test]
async fn a_collector_that_nobody_runs_is_away() {
    let (_outlet, shipper) = shipper("http://127.0.0.1:1/v1/traces");
    let expected = Shipped::Away(FailureKind::Refused.name().to_owned(), Duration::ZERO);
    assert_eq!(shipper.send(Bytes::new()).await, expected);
}

#[tokio::test]
async fn spans_go_to_the_configured_address_with_its_header_and_our_name() {
    let collector: StandIn<Exported> = StandIn::start(|_, _| (200, Json::Null)).await;
    let (outlet, shipper) = shipper(&format!("{}/v1/traces", collector.url));
    let stop = CancellationToken::new();
    outlet.put(spans(&["a", "b"]));
    stop.cancel();
    shipper.run(stop).await;
    let [exported] = collector.seen().try_into().ok().unwrap();
    assert_eq!((exported.line.as_str(), exported.service.as_str()), ("POST /v1/traces", "lienthong-xa"));
    assert_eq!(exported.content_type.as_deref(), Some("application/x-protobuf"));
    assert_eq!((exported.key.as_deref(), exported.names), (Some("bi-mat"), vec!["a".into(), "b".into()]));
}

#[tokio::test]
async fn what_is_left_at_the_end_is_sent_once() {
    check_last(200).await;
    check_last(503).await;
    check_last(400).await;
}

#[tokio::test]
async fn a_batch_waits_for_a_collector_that_comes_back_and_no_later_one_overtakes_it() {
    const STATUSES: [u16; 3] = [503, 429, 200];
    let collector: StandIn<Exported> =
        StandIn::start(|_, before| (STATUSES.get(before).copied().unwrap_or(200), Json::Null)).await;
    let (outlet, shipper) = shipper(&format!("{}/v1/traces", collector.url));
    outlet.put(spans(&["a"]));
    let stop = CancellationToken::new();
    let running = TaskTracker::new();
    running.spawn(shipper.run(stop.clone()));
    while collector.calls().len() < STATUSES.len() {
        tokio::task::yield_now().await;
    }
    outlet.put(spans(&["b"]));
    while collector.calls().len() < STATUSES.len() + 1 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.close();
    running.wait().await;
    assert_eq!(names(&collector), ["a", "a", "a", "b"]);
}

#[tokio::test]
async fn whoever_puts_spans_never_waits_and_the_queue_has_an_end() {
    let (outlet, mut shipper) = shipper("http://127.0.0.1:1/v1/traces");
    outlet.put(spans(&["a"; QUEUE + 5]));
    assert_eq!(shipper.queue.len(), QUEUE);
    let stop = CancellationToken::new();
    let batch = shipper.next_batch(&stop).await.unwrap();
    assert_eq!((batch.len(), shipper.queue.len()), (MOST, QUEUE - MOST));
    stop.cancel();
    while shipper.next_batch(&stop).await.is_some() {}
    outlet.put(spans(&["late"]));
    assert_eq!(shipper.queue.len(), 0, "after the end nothing is taken");
}
