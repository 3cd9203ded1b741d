use crate::myvnpost::MyVnPostPort;
use crate::myvnpost::config::MyVnPostSettings;
use crate::myvnpost::testing::{
    DOSSIER, Partner, SECRET, Says, Seen, cancel, now, order, record, sample, settings, token,
};
use lienthong_core::handoff::Handoff;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::{FeedPage, Port, Uniqueness};
use lienthong_core::receipt::Receipt;
use lienthong_core::tracking::{Meaning, TrackingState};
use lienthong_http::testing::Seen as _;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub(super) fn port(partner: &Partner) -> MyVnPostPort {
    MyVnPostPort::build(settings(&partner.url), now).unwrap()
}

pub(super) fn port_with(partner: &Partner, change: fn(&mut MyVnPostSettings)) -> MyVnPostPort {
    let mut settings = settings(&partner.url);
    change(&mut settings);
    MyVnPostPort::build(settings, now).unwrap()
}

/// Gives tokens, and answers the rest with `script`.
pub(super) async fn partner(script: impl Fn(&Seen, usize) -> Says + Send + Sync + 'static) -> Partner {
    let answer = move |seen: &Seen, before: usize| {
        if seen.what() == "GetAccessToken" { token(before + 1) } else { script(seen, before) }
    };
    Partner::start(answer).await
}

fn created() -> Says {
    (200, sample("sample-created.json"))
}

pub(super) fn list(records: &[Value]) -> Says {
    (200, json!({ "results": records }))
}

pub(super) fn number() -> String {
    format!("{DOSSIER}-TRA")
}

/// A cancel of the sample order, with what the post gave for it.
fn known_cancel() -> Handoff {
    Handoff { receipt: receipt(), ..cancel(&number()) }
}

pub(super) fn receipt() -> Receipt {
    Receipt { reference: Some("OR778100".to_owned()), waybill: Some("ED210000457VN".to_owned()) }
}

pub(super) fn ended(outcome: &Outcome) -> (&'static str, String) {
    (outcome.name(), outcome.reason().code.to_string())
}

#[tokio::test]
async fn an_order_goes_out_as_the_contract_says_and_brings_its_receipt() {
    let partner = partner(|_, _| created()).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let sent = port(&partner).send(&[order()], Some(trace)).await;
    assert_eq!(ended(&sent.outcome), ("accepted", "MYVNPOST-OK".to_owned()));
    assert_eq!((sent.http_status, sent.steps), (Some(200), vec!["token", "create"]));
    assert_eq!(sent.receipt, receipt());

    let seen = partner.seen();
    assert_eq!((&*seen[0].line, &seen[0].token), ("POST /GetAccessToken", &None));
    let login = json!({ "username": "yenbinh_mc", "password": SECRET, "customerCode": "T000180000" });
    assert_eq!(serde_json::from_str::<Value>(&seen[0].body).unwrap(), login);
    assert_eq!((&*seen[1].line, seen[1].token.as_deref()), ("POST /CreateOrder", Some("ma-1")));
    assert_eq!(seen[1].authorization, None, "the token is not an authorization");
    assert_eq!(seen[1].content_type.as_deref(), Some("application/json"));
    assert_eq!(seen[1].trace.as_deref(), Some(trace));
    let body: Value = serde_json::from_str(&seen[1].body).unwrap();
    assert_eq!(body["informationOrder"]["saleOrderCode"], json!(number()));
}

#[tokio::test]
async fn what_is_shown_is_what_is_sent() {
    let partner = partner(|_, _| created()).await;
    let port = port(&partner);
    let handoff = order();
    let shown = port.translate(&[&handoff.content]).unwrap();
    port.send(&[handoff], None).await;
    assert_eq!(serde_json::from_str::<Value>(&partner.seen()[1].body).unwrap(), shown);
    assert_eq!(
        port.translate(&[&cancel("H11-TRA-1").content]).unwrap(),
        json!({ "saleOrderCode": "H11-TRA-1" })
    );
}

#[tokio::test]
async fn fifty_sends_at_once_ask_for_one_token() {
    let partner = partner(|_, _| created()).await;
    let port = Arc::new(port(&partner));
    let mut sends = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let port = Arc::clone(&port);
        sends.spawn(async move { port.send(&[order()], None).await.outcome.name() });
    }
    assert!(sends.join_all().await.iter().all(|name| *name == "accepted"));
    assert_eq!(partner.calls().iter().filter(|call| *call == "GetAccessToken").count(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_renewed_once() {
    for status in [401, 403] {
        let partner =
            partner(
                move |seen, _| {
                    if seen.token.as_deref() == Some("ma-1") { (status, json!("")) } else { created() }
                },
            )
            .await;
        let sent = port(&partner).send(&[order()], None).await;
        assert_eq!(
            (sent.outcome.name(), sent.steps),
            ("accepted", vec!["token", "create", "renew", "create"])
        );
    }
}

#[tokio::test]
async fn an_account_whose_new_token_is_not_taken_either_is_blocked() {
    let partner = partner(|_, _| (401, json!(""))).await;
    let sent = port(&partner).send(&[order()], None).await;
    assert_eq!(ended(&sent.outcome), ("blocked", "MYVNPOST-HTTP-401".to_owned()));
    assert_eq!(sent.steps, ["token", "create", "renew", "create"]);
}

#[tokio::test]
async fn a_refused_login_is_asked_about_once() {
    let partner =
        Partner::start(|_, _| (200, json!({ "success": false, "errorMessage": "Sai mật khẩu" }))).await;
    let port = port(&partner);
    for round in 0..5 {
        let sent = port.send(&[order()], None).await;
        assert_eq!(ended(&sent.outcome), ("blocked", "MYVNPOST-TOKEN-REFUSED".to_owned()));
        assert_eq!(sent.outcome.reason().said, None, "what a login brings is not kept");
        assert_eq!(sent.steps.len(), usize::from(round == 0));
    }
    assert_eq!(port.probe().await.name(), "blocked");
    assert_eq!(partner.calls(), ["GetAccessToken"]);
}

#[tokio::test]
async fn a_create_without_an_answer_is_uncertain_and_is_not_repeated() {
    let partner = partner(|_, _| (0, json!(""))).await;
    let sent = port(&partner).send(&[order()], None).await;
    assert_eq!(ended(&sent.outcome), ("uncertain", "MYVNPOST-NO-ANSWER".to_owned()));
    assert_eq!(partner.calls(), ["GetAccessToken", "CreateOrder"]);
}

#[tokio::test]
async fn orders_travel_on_connections_of_their_own_unless_numbers_are_unique() {
    async fn connections(number_unique: fn(&mut MyVnPostSettings)) -> usize {
        let partner = partner(|_, _| created()).await;
        let port = port_with(&partner, number_unique);
        for _ in 0..3 {
            port.send(&[order()], None).await;
        }
        let peers: std::collections::BTreeSet<_> = partner.seen().iter().map(|seen| seen.peer).collect();
        peers.len()
    }
    assert_eq!(connections(|settings| settings.number_unique = Uniqueness::No).await, 4);
    assert_eq!(connections(|settings| settings.number_unique = Uniqueness::Yes).await, 1);
}

#[tokio::test]
async fn what_our_own_translation_refuses_never_leaves() {
    let partner = partner(|_, _| created()).await;
    let sent = port(&partner).send(&[order(), order()], None).await;
    assert_eq!(ended(&sent.outcome), ("rejected", "MYVNPOST-WRONG-CONTENT".to_owned()));
    assert!(partner.calls().is_empty() && sent.steps.is_empty());
}

#[tokio::test]
async fn a_cancel_reads_its_order_and_names_it_as_the_post_does() {
    let partner = partner(|seen, _| match &*seen.what() {
        "getOrder" => (200, json!([{ "results": [record(json!({}))] }])),
        _ => (200, json!([{ "Type": "00", "Message": "" }])),
    })
    .await;
    let sent = port(&partner).send(&[known_cancel()], None).await;
    assert_eq!(ended(&sent.outcome), ("accepted", "MYVNPOST-OK".to_owned()));
    assert_eq!(sent.steps, ["token", "read", "cancel"]);
    let seen = partner.seen();
    assert_eq!(seen[1].line, "GET /getOrder?type=1&code=ED210000457VN");
    assert_eq!((&*seen[2].line, &*seen[2].body), ("POST /orderCancel", r#"{"OriginalId":"OR778100"}"#));
}

#[tokio::test]
async fn a_cancel_without_a_receipt_finds_its_order_by_the_number() {
    let partner = partner(|seen, _| match &*seen.what() {
        "GetListOrder" => list(&[record(json!({}))]),
        _ => (200, json!({ "type": "00" })),
    })
    .await;
    let sent = port(&partner).send(&[cancel(&number())], None).await;
    assert_eq!((sent.outcome.name(), sent.steps), ("accepted", vec!["token", "list", "cancel"]));
    assert_eq!(sent.receipt, receipt(), "what was found on the way is kept");
    assert!(partner.seen()[1].asks("lastUpdateFrom=07-10-2026"));
}

#[tokio::test]
async fn an_order_that_cannot_or_need_not_be_cancelled_is_left_alone() {
    async fn check(read: Value, expected: (&'static str, &str)) {
        let partner = partner(move |_, _| (200, read.clone())).await;
        let sent = port(&partner).send(&[known_cancel()], None).await;
        assert_eq!(ended(&sent.outcome), (expected.0, expected.1.to_owned()));
        assert_eq!(partner.calls(), ["GetAccessToken", "getOrder"]);
    }
    let read = |status: u32| json!([{ "results": [record(json!({ "status": status }))] }]);
    check(read(9), ("accepted", "MYVNPOST-ALREADY-CANCELLED")).await;
    check(read(22), ("accepted", "MYVNPOST-ALREADY-CANCELLED")).await;
    check(read(6), ("rejected", "MYVNPOST-ALREADY-COLLECTED")).await;
    check(read(14), ("rejected", "MYVNPOST-ALREADY-COLLECTED")).await;
    check(json!([{ "results": [] }]), ("rejected", "MYVNPOST-UNKNOWN-ORDER")).await;
    check(json!({ "success": false }), ("unavailable", "MYVNPOST-UNREADABLE")).await;
}

#[tokio::test]
async fn a_cancel_that_waits_for_approval_is_asked_once_and_then_read() {
    let status = Arc::new(AtomicU32::new(1));
    let shown = Arc::clone(&status);
    let partner = partner(move |seen, _| match &*seen.what() {
        "getOrder" => {
            (200, json!([{ "results": [record(json!({ "status": shown.load(Ordering::Relaxed) }))] }]))
        }
        _ => (200, json!([{ "Type": "02", "Message": "Chờ bưu cục phê duyệt" }])),
    })
    .await;
    let port = port(&partner);
    for _ in 0..3 {
        let Outcome::Unavailable { reason, wait, .. } = port.send(&[known_cancel()], None).await.outcome
        else {
            panic!("it waits")
        };
        assert_eq!(
            (reason.code.as_str(), wait),
            ("MYVNPOST-WAITS-FOR-APPROVAL", None),
            "no wait for the account"
        );
    }
    status.store(9, Ordering::Relaxed);
    let sent = port.send(&[known_cancel()], None).await;
    assert_eq!(ended(&sent.outcome), ("accepted", "MYVNPOST-ALREADY-CANCELLED".to_owned()));
    assert_eq!(partner.calls().iter().filter(|call| *call == "orderCancel").count(), 1);
}

#[tokio::test]
async fn the_feed_is_read_one_call_a_step() {
    let partner = partner(|seen, _| match &*seen.what() {
        "GetListOrder" => list(&[record(json!({ "receiverName": "Lò++++" }))]),
        _ => (200, sample("sample-history.json")),
    })
    .await;
    let port = port(&partner);
    let mut after: Option<String> = None;
    let mut states = Vec::new();
    let mut calls = Vec::new();
    loop {
        let FeedPage::Rows { rows, cursor, unreadable: 0, more } = port.read_feed(after.as_deref()).await
        else {
            panic!("rows")
        };
        states.extend(rows.into_iter().map(|row| row.meaning));
        calls.push(partner.calls().len());
        after = cursor;
        if !more {
            break;
        }
    }
    let expected = [TrackingState::Accepted, TrackingState::Collected, TrackingState::Delivered];
    assert_eq!(states, expected.map(Meaning::from));
    assert_eq!(calls, [2, 3, 3]);
    assert_eq!(after.as_deref(), Some("2026-11-06/0"));
    assert_eq!(partner.seen()[2].line, "GET /GetStatusHistoryOrder?type=1&code=ED210000457VN");
}

#[tokio::test]
async fn a_feed_that_cannot_be_read_says_why() {
    async fn check(answer: Says, name: &str, code: &str) {
        let partner = partner(move |_, _| answer.clone()).await;
        let FeedPage::Failed(outcome) = port(&partner).read_feed(None).await else { panic!("{code}") };
        assert_eq!(ended(&outcome), (outcome.name(), code.to_owned()));
        assert_eq!(outcome.name(), name);
    }
    check((200, json!("<html>")), "unavailable", "MYVNPOST-UNREADABLE").await;
    check((502, json!("<html>")), "unavailable", "MYVNPOST-HTTP-5XX").await;
    check((404, json!("")), "blocked", "MYVNPOST-WRONG-ADDRESS").await;
    check((0, json!("")), "unavailable", "MYVNPOST-NO-ANSWER").await;
}

#[tokio::test]
async fn one_order_without_a_history_does_not_stop_the_feed() {
    async fn check(answer: Says, goes_on: bool) {
        let told = answer.clone();
        let partner = partner(move |seen, _| match &*seen.what() {
            "GetListOrder" => list(&[record(json!({}))]),
            _ => answer.clone(),
        })
        .await;
        let port = port(&partner);
        let FeedPage::Rows { cursor, .. } = port.read_feed(None).await else { panic!("rows") };
        let page = port.read_feed(cursor.as_deref()).await;
        assert_eq!(matches!(page, FeedPage::Rows { unreadable: 1, more: true, .. }), goes_on, "{told:?}");
        assert_eq!(matches!(page, FeedPage::Failed(_)), !goes_on, "{told:?}");
    }
    check((200, json!({ "statusHistory": null })), true).await;
    check((500, json!("")), true).await;
    check((503, json!("")), false).await;
    check((401, json!("")), false).await;
    check((0, json!("")), false).await;
}
