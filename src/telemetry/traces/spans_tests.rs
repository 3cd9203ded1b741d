//! Which spans come of an event and of its attempts: parentage, links, what they carry.

use super::*;
use crate::journal::tests::world::{arrival, event};
use lienthong_core::handoff::{Cancel, Content, Leg};
use lienthong_core::ids::{AgencyCode, DossierKey, HandoffId, OrderNumber};
use lienthong_core::outcome::{Reason, ReasonCode};
use lienthong_core::receipt::Receipt;

const PUBLISHER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const OTHER: &str = "00-11111111111111111111111111111111-2222222222222222-01";
const UNRECORDED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

fn handoff(id: &str) -> Handoff {
    Handoff {
        id: HandoffId::new(id),
        dossier: DossierKey::new("H11.01.07-220915-0001"),
        agency: AgencyCode::new("H11.01.07"),
        account: AccountName::new("post-tien-thanh"),
        content: Content::Cancel(Cancel {
            number: OrderNumber::new("H11.01.07-220915-0001-TRA-1"),
            leg: Leg::Return,
        }),
        receipt: Receipt::default(),
    }
}

fn traced(trace: Option<&str>, attempt: u32, again: bool) -> Traced {
    Traced { trace: trace.map(str::to_owned), attempt, again }
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn sent(outcome: Outcome, http_status: Option<u16>) -> Sent {
    Sent { outcome, http_status, steps: vec!["login", "cancel"], receipt: Receipt::default() }
}

fn reason(code: &'static str) -> Reason {
    Reason::new(ReasonCode::known(code))
}

fn spans(partner: Partner, members: &[(Handoff, Traced)], sent: &Sent) -> Vec<Span> {
    let (handoffs, traced): (Vec<_>, Vec<_>) = members.iter().cloned().unzip();
    let account = AccountName::new("post-tien-thanh");
    let tried = Tried {
        partner,
        account: &account,
        handoffs: &handoffs,
        traced: &traced,
        started_at: second(1_700_000_000),
    };
    tried.spans(sent, second(1_700_000_002), 100)
}

/// The context that a span's own ids say.
fn own(span: &Span) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.span_id))
}

fn of(context: &str) -> Context {
    Context::read(context).unwrap()
}

fn links(span: &Span) -> Vec<(Vec<u8>, Vec<u8>)> {
    span.links.iter().map(|link| (link.trace_id.clone(), link.span_id.clone())).collect()
}

fn attributes(span: &Span) -> Vec<(&str, String)> {
    let shown = span.attributes.iter().map(|attribute| {
        let value = match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
            Some(Value::StringValue(text)) => text.clone(),
            Some(Value::IntValue(number)) => number.to_string(),
            other => panic!("{other:?}"),
        };
        (attribute.key.as_str(), value)
    });
    shown.collect()
}

#[test]
fn an_event_is_received_in_its_publishers_trace_or_begins_one() {
    fn check(header: Option<&str>, percent: u8, told: bool, in_publishers: bool) {
        let event = event(1, 1, 2);
        let mut arrival = arrival(event.clone(), second(1_700_000_000));
        arrival.trace = header.map(str::to_owned);
        let context = context_of(header, &event, percent);
        assert_eq!(context, context_of(header, &event, percent), "derived, not drawn");
        assert_eq!(context.trace == of(PUBLISHER).trace, in_publishers, "{header:?}");
        assert_eq!(context.is_sampled(), told, "{header:?} {percent}");
        let span = receive(&arrival, &event, "dossier-events", percent);
        assert_eq!(span.is_some(), told, "{header:?} {percent}");
        let Some(span) = span else { return };
        let (parent, flags) =
            if in_publishers { (of(PUBLISHER).span.to_vec(), 0x301) } else { (Vec::new(), 0x01) };
        assert_eq!((own(&span), span.kind()), (context.written(), SpanKind::Consumer));
        assert_eq!((span.parent_span_id, span.flags), (parent, flags));
    }
    check(Some(PUBLISHER), 100, true, true);
    // Who began the trace decides; our share is for those that begin here.
    check(Some(PUBLISHER), 0, true, true);
    check(Some(UNRECORDED), 100, false, true);
    check(None, 100, true, false);
    check(None, 0, false, false);
    check(Some("nonsense"), 100, true, false);
    check(Some("00-00000000000000000000000000000000-b7ad6b7169203331-01"), 100, true, false);
}

#[test]
fn an_attempt_is_a_child_of_what_is_stored_and_links_to_the_attempt_before() {
    let before = spans(
        Partner::Post,
        &[(handoff("h1"), traced(Some(PUBLISHER), 1, false))],
        &sent(Outcome::Uncertain(reason("GATEWAY-DEADLINE")), None),
    );
    let span = &spans(
        Partner::Post,
        &[(handoff("h1"), traced(Some(PUBLISHER), 2, true))],
        &sent(Outcome::Accepted(reason("POST-100")), Some(200)),
    )[0];
    assert_eq!(span.trace_id, of(PUBLISHER).trace);
    assert_eq!(span.parent_span_id, of(PUBLISHER).span);
    assert_eq!(links(span), [(before[0].trace_id.clone(), before[0].span_id.clone())]);
    assert!(before[0].links.is_empty() && before[0].span_id != span.span_id);
    let told = traceparent(&handoff("h1"), &traced(Some(PUBLISHER), 2, true), 100);
    assert_eq!(told.as_deref(), Some(own(span).as_str()), "the partner is told this span");
    assert_eq!((span.name.as_str(), span.kind()), ("send post.cancel", SpanKind::Client));
    assert_eq!(span.end_time_unix_nano - span.start_time_unix_nano, 2_000_000_000);
    assert_eq!(
        (&span.status, before[0].status.as_ref().map(|status| status.code())),
        (&None, Some(StatusCode::Error))
    );
    let carried = [
        ("handoff.id", "h1"),
        ("dossier.code", "H11.01.07-220915-0001"),
        ("partner", "post"),
        ("account", "post-tien-thanh"),
        ("kind", "post.cancel"),
        ("attempt", "2"),
        ("handoffs", "1"),
        ("outcome", "accepted"),
        ("reason", "POST-100"),
        ("steps", "login cancel"),
        ("http.response.status_code", "200"),
    ];
    assert_eq!(attributes(span), carried.map(|(key, value)| (key, value.to_owned())));
    assert_eq!(attributes(&before[0]).last(), Some(&("error.type", "GATEWAY-DEADLINE".to_owned())));
}

#[test]
fn what_was_planned_anew_for_a_later_event_links_to_no_attempt_of_another_trace() {
    let accepted = sent(Outcome::Accepted(reason("POST-100")), Some(200));
    let span = &spans(Partner::Post, &[(handoff("h1"), traced(Some(OTHER), 2, false))], &accepted)[0];
    assert_eq!((span.trace_id.as_slice(), links(span)), (of(OTHER).trace.as_slice(), vec![]));
}

#[test]
fn those_that_travel_together_stand_each_in_its_own_trace_and_link_to_each_other() {
    let rejected = sent(Outcome::Rejected(reason("PORTAL-58")), Some(200));
    let members = [
        (handoff("h1"), traced(Some(PUBLISHER), 1, false)),
        (handoff("h2"), traced(Some(OTHER), 3, true)),
        (handoff("h3"), traced(Some(UNRECORDED), 1, false)),
    ];
    let together = spans(Partner::Portal, &members, &rejected);
    let alone = |at: usize| spans(Partner::Portal, &members[at..=at], &rejected).remove(0);
    let place = |span: &Span| (span.trace_id.clone(), span.span_id.clone());
    let attempt_before = of(OTHER).at(span_id(&["attempt", "h2", "2"]));
    assert_eq!(together.len(), 2, "the third one's publisher does not record");
    assert_eq!(links(&together[0]), [place(&alone(1))]);
    assert_eq!(
        links(&together[1]),
        [(attempt_before.trace.to_vec(), attempt_before.span.to_vec()), place(&alone(0))]
    );
    assert_eq!(together.iter().map(place).collect::<Vec<_>>(), [place(&alone(0)), place(&alone(1))]);
}

#[test]
fn a_handoff_without_a_trace_begins_one_and_goes_on_in_it() {
    let away = sent(Outcome::Uncertain(reason("GATEWAY-DEADLINE")), None);
    let first = &spans(Partner::Commune, &[(handoff("h1"), traced(None, 1, false))], &away)[0];
    let second = &spans(Partner::Commune, &[(handoff("h1"), traced(None, 2, true))], &away)[0];
    assert_eq!((&first.trace_id, first.parent_span_id.len()), (&second.trace_id, 0));
    assert_eq!(links(second), [(first.trace_id.clone(), first.span_id.clone())]);
    assert_eq!(first.kind(), SpanKind::Producer);
    assert!(attributes(first).contains(&("messaging.operation.type", "send".to_owned())));
    assert_eq!(traceparent(&handoff("h1"), &traced(None, 1, false), 0), None, "it is not recorded");
}
