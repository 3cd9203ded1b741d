//! One trace from the publisher to the partners, with links from attempt to attempt, and nobody's name in it; and a
//! collector that is away is nobody's concern (`docs/operating.md`, "Traces").

mod collector;

use crate::support::{AGENCY, DEADLINE, Dossier, Event, Options, Secrets, World, until};
use collector::{Collector, Span};
use mock_commune::Listener;
use mock_kit::{Deed, Fault};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::Value;
use std::time::Duration;

/// What the publisher sends.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PUBLISHER: &str = "b7ad6b7169203331";

async fn publish(world: &World, event: &Event) {
    let header = format!("00-{TRACE}-{PUBLISHER}-01");
    let headers = [("traceparent", header.as_str())];
    let publisher = world.publisher().await;
    publisher
        .publish_with_headers(&event.routing_key(), "application/cloudevents+json", &headers, &event.body())
        .await;
}

/// Spans of one kind of handoff, by their attempts.
fn of_kind<'a>(spans: &'a [Span], kind: &str) -> Vec<&'a Span> {
    let name = format!("send {kind}");
    let mut found: Vec<&Span> = spans.iter().filter(|span| span.name == name).collect();
    found.sort_by_key(|span| span.get("attempt").parse::<u32>().unwrap());
    found
}

/// Every text of the event that speaks of a person.
fn persons(event: &Event) -> Vec<String> {
    fn texts(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.push(text.clone()),
            Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut found = Vec::new();
    for part in ["applicant", "step", "postal"] {
        texts(&event.0["data"][part], &mut found);
    }
    // Codes of provinces and words such as "citizen" are no person, and three letters are found everywhere.
    found.retain(|text| text.chars().count() > 7);
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The post is out of service for two attempts at an order; the gateway is restarted, and the third or a later one is taken.
async fn live_through_a_restart(world: &World, listener: &Listener, dossier: &Dossier, event: &Event) {
    let away = Deed::Status { status: 503, body: String::new(), taken: false };
    world.post.fault(Fault::new(away).on("order"));
    let gateway = world.gateway().await;
    publish(world, event).await;
    let failed = || world.journal().of(&dossier.code, "post.order").iter().any(|order| order.attempts >= 2);
    until("two attempts at the order failed", DEADLINE, failed).await;
    gateway.stop().await;
    world.post.clear_faults();
    let gateway = world.gateway().await;
    world.settled(1, DEADLINE).await;
    until("the commune was told", DEADLINE, || {
        listener.lines(&dossier.code).iter().any(|line| line == "order order TRA accepted")
    })
    .await;
    gateway.stop().await;
}

/// The event's own span is the publisher's child, and all others are its children.
fn check_parents(spans: &[Span], dossier: &Dossier) {
    let received: Vec<&Span> = spans.iter().filter(|span| span.kind == SpanKind::Consumer).collect();
    let [received] = received[..] else { panic!("{received:?}") };
    assert_eq!((received.trace.as_str(), received.parent.as_str()), (TRACE, PUBLISHER));
    assert_eq!(received.get("messaging.destination.name"), "lienthong.dossier-events");
    for span in spans.iter().filter(|span| span.kind != SpanKind::Consumer) {
        assert_eq!((&span.trace, &span.parent), (&received.trace, &received.id), "{span:?}");
        assert_eq!(span.get("dossier.code"), dossier.code);
    }
}

/// A span for each attempt, before and after the restart, and a link from each to the one before.
fn check_attempts(world: &World, orders: &[&Span], dossier: &Dossier) {
    let order = world.journal().of(&dossier.code, "post.order").remove(0);
    assert_eq!(orders.len(), usize::try_from(order.attempts).unwrap());
    for (at, span) in orders.iter().enumerate() {
        let before: Vec<_> = at.checked_sub(1).map(|before| orders[before].place()).into_iter().collect();
        assert_eq!(span.links, before, "attempt {}", at + 1);
        let expected =
            if at + 1 == orders.len() { ("accepted", "201", false) } else { ("unavailable", "503", true) };
        let status = span.get("http.response.status_code");
        assert_eq!((span.get("outcome"), status, span.failed), expected, "attempt {}", at + 1);
        let whose = (span.kind, span.get("partner"), span.get("handoff.id"));
        assert_eq!(whose, (SpanKind::Client, "post", order.id.as_str()));
        assert!(!span.get("reason").is_empty(), "{span:?}");
    }
}

/// Whom the gateway called was told the span of the attempt, each time.
fn check_told(mut told: Vec<Option<String>>, spans: &[&Span]) {
    let mut expected: Vec<_> = spans.iter().map(|span| Some(span.traceparent())).collect();
    told.sort();
    expected.sort();
    assert!(!told.is_empty());
    assert_eq!(told, expected);
}

fn check_no_person(bytes: &[u8], event: &Event, dossier: &Dossier) {
    let persons = persons(event);
    assert!(persons.len() > 5 && holds(bytes, &dossier.code), "nothing was looked for");
    for secret in persons.iter().map(String::as_str).chain([Secrets::POST, Secrets::PORTAL]) {
        assert!(!holds(bytes, secret), "{secret:?} was exported");
    }
}

#[tokio::test]
async fn one_trace_goes_from_the_publisher_to_the_partners_and_links_attempts_over_a_restart() {
    let world = World::with(Options { told: true, ..Options::default() }).await;
    let collector = Collector::of(&world).await;
    let listener = Listener::bind(&world.vhost.url, &format!("{AGENCY}.#")).await.unwrap();
    let mut dossier = Dossier::new(1).by_post();
    let event = dossier.status(9);
    live_through_a_restart(&world, &listener, &dossier, &event).await;

    let spans = collector.spans();
    check_parents(&spans, &dossier);
    let orders = of_kind(&spans, "post.order");
    check_attempts(&world, &orders, &dossier);
    let asked = world.post.received("order");
    check_told(asked.iter().map(|order| order.traceparent.clone()).collect(), &orders);
    let recorded = world.portal.received("DongBoHoSoMC");
    let records = of_kind(&spans, "portal.record");
    check_told(recorded.iter().map(|record| record.traceparent.clone()).collect(), &records);
    let news = of_kind(&spans, "commune.event");
    assert!(news.iter().all(|span| span.kind == SpanKind::Producer), "{news:?}");
    let heard = listener.of(&dossier.code);
    check_told(heard.into_iter().map(|one| one.traceparent).collect(), &news);
    check_no_person(&collector.bytes(), &event, &dossier);
}

#[tokio::test]
async fn an_event_without_a_trace_begins_one_that_the_partner_hears_of() {
    let world = World::new().await;
    let collector = Collector::of(&world).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1);
    world.publish(&[dossier.status(2)]).await;
    world.settled(1, DEADLINE).await;
    gateway.stop().await;
    let spans = collector.spans();
    let received = spans.iter().find(|span| span.kind == SpanKind::Consumer).unwrap();
    assert_eq!(received.parent, "");
    let records = of_kind(&spans, "portal.record");
    assert_eq!((&records[0].trace, &records[0].parent), (&received.trace, &received.id));
    let record = &world.portal.received("DongBoHoSoMC")[0];
    assert_eq!(record.traceparent, Some(records[0].traceparent()));
}

#[tokio::test]
async fn a_dead_collector_hinders_nothing_and_is_told_of_once() {
    let world = World::new().await;
    world.configure("[traces]\nendpoint = \"http://127.0.0.1:1/v1/traces\"");
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..20).map(Dossier::new).collect();
    let events: Vec<Event> = dossiers.iter_mut().flat_map(|dossier| dossier.statuses(&[2, 4])).collect();
    world.publish(&events).await;
    world.settled(events.len(), DEADLINE).await;
    assert_eq!(world.journal().count("SELECT count(*) FROM handoff WHERE state <> 'accepted'"), 0);
    let warning = "traces cannot be exported; work goes on without";
    until("it is told of", DEADLINE, || gateway.said(warning) > 0).await;
    let log = world.file("gateway-0.log");
    let asked = std::time::Instant::now();
    gateway.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(5), "the end took {:?}", asked.elapsed());
    let lines = std::fs::read_to_string(log).unwrap();
    assert_eq!(lines.matches(warning).count(), 1, "{lines}");
}
