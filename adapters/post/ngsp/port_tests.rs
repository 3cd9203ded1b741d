use crate::ngsp::NgspPort;
use crate::ngsp::testing::{self, Partner, Says, Seen, cancel, order, says, settings, token};
use jiff::Timestamp;
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::Outcome;
use lienthong_core::port::{FeedPage, LookUp, LookUpAbility, Port, Uniqueness};
use lienthong_core::tracking::TrackingState;
use lienthong_http::testing::Seen as _;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn port(partner: &Partner) -> NgspPort {
    NgspPort::build(settings(&partner.url)).unwrap()
}

/// Gives tokens, and answers the rest with `script`.
async fn partner(script: impl Fn(&Seen, usize) -> Says + Send + Sync + 'static) -> Partner {
    Partner::start(
        move |seen, before| if seen.what() == "token" { token(before + 1) } else { script(seen, before) },
    )
    .await
}

#[tokio::test]
async fn an_order_goes_out_as_the_contract_says() {
    let partner = partner(|_, _| says(201, 100)).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let sent = port(&partner).send(&[order()], Some(trace)).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("accepted", "POST-OK"));
    assert_eq!((sent.http_status, sent.steps), (Some(201), vec!["token", "create"]));

    let seen = partner.seen();
    assert_eq!(seen[0].line, "POST /token");
    assert_eq!(seen[0].authorization, "Basic a2hvYTptYXQta2hhdS1idXUtZGllbg==");
    assert_eq!(seen[0].content_type, "application/x-www-form-urlencoded");
    assert_eq!(seen[0].body, "grant_type=client_credentials");
    assert_eq!(seen[1].line, "POST /order");
    assert_eq!(seen[1].authorization, "Bearer ma-1");
    assert_eq!(seen[1].content_type, "application/json");
    assert_eq!(seen[1].trace.as_deref(), Some(trace));
    let sample: Value = serde_json::from_slice(&testing::fixture("sample-return.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&seen[1].body).unwrap(), sample);
}

#[tokio::test]
async fn what_is_shown_is_what_is_sent() {
    let partner = partner(|_, _| says(201, 100)).await;
    let port = port(&partner);
    let handoff = order();
    let shown = port.translate(&[&handoff.content]).unwrap();
    port.send(&[handoff], None).await;
    assert_eq!(serde_json::from_str::<Value>(&partner.seen()[1].body).unwrap(), shown);
    let shown = port.translate(&[&cancel("H11 41/TRA+1").content]).unwrap();
    assert_eq!(shown, json!({ "CustomerCode": "YB_XA041", "OrderNumber": "H11 41/TRA+1" }));
}

#[tokio::test]
async fn a_cancel_is_a_get_with_its_query_encoded() {
    let partner = partner(|_, _| says(201, 100)).await;
    let sent = port(&partner).send(&[cancel("H11 41/TRA+1")], None).await;
    assert_eq!((sent.outcome.name(), sent.steps), ("accepted", vec!["token", "cancel"]));
    let expected = "GET /cancel?v=1&CustomerCode=YB_XA041&OrderNumber=H11%2041%2FTRA%2B1";
    assert_eq!(partner.seen()[1].line, expected);
}

#[tokio::test]
async fn an_order_that_is_there_already_is_ours() {
    let partner =
        partner(|_, _| (201, None, json!({ "Status": "101", "Message": "Đơn hàng đã tồn tại" }))).await;
    let sent = port(&partner).send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("accepted", "POST-101"));
    assert_eq!(sent.outcome.reason().said.as_deref(), Some("Đơn hàng đã tồn tại"));
}

#[tokio::test]
async fn fifty_sends_at_once_ask_for_one_token() {
    let partner = partner(|_, _| says(201, 100)).await;
    let port = Arc::new(port(&partner));
    let mut sends = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let port = Arc::clone(&port);
        sends.spawn(async move { port.send(&[order()], None).await.outcome.name() });
    }
    assert!(sends.join_all().await.iter().all(|name| *name == "accepted"));
    assert_eq!(partner.calls().iter().filter(|call| *call == "token").count(), 1);
    assert_eq!(partner.calls().len(), 51);
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_renewed_once() {
    for status in [401, 403] {
        let partner = partner(move |seen, _| {
            if seen.authorization == "Bearer ma-1" { (status, None, json!("")) } else { says(201, 100) }
        })
        .await;
        let sent = port(&partner).send(&[order()], None).await;
        assert_eq!(sent.outcome.name(), "accepted");
        assert_eq!(sent.steps, ["token", "create", "renew", "create"]);
    }
}

#[tokio::test]
async fn an_account_whose_new_token_is_not_taken_either_is_blocked() {
    let partner = partner(|_, _| (401, None, json!(""))).await;
    let sent = port(&partner).send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("blocked", "POST-HTTP-401"));
    assert_eq!(partner.calls(), ["token", "order", "token", "order"]);
}

#[tokio::test]
async fn a_refused_credential_is_asked_about_once() {
    let partner = Partner::start(|_, _| (401, None, json!({ "error": "invalid_client" }))).await;
    let port = port(&partner);
    for round in 0..5 {
        let sent = port.send(&[order()], None).await;
        assert_eq!(
            (sent.outcome.name(), sent.outcome.reason().code.as_str()),
            ("blocked", "POST-TOKEN-REFUSED")
        );
        assert_eq!(sent.outcome.reason().said, None, "what a token request brings is not kept");
        assert_eq!(sent.steps.len(), usize::from(round == 0));
    }
    assert_eq!(port.probe().await.name(), "blocked");
    assert_eq!(partner.calls(), ["token"]);
}

#[tokio::test]
async fn a_wait_asked_for_at_the_token_holds_the_next_send_too() {
    let partner = Partner::start(|_, _| (429, Some(120), json!(""))).await;
    let port = port(&partner);
    for _ in 0..3 {
        let Outcome::Unavailable { wait: Some(wait), unsent: false, reason } =
            port.send(&[order()], None).await.outcome
        else {
            panic!("unavailable");
        };
        assert!(wait <= Duration::from_secs(120) && wait > Duration::from_secs(60), "{wait:?}");
        assert_eq!(reason.code.as_str(), "POST-HTTP-429");
    }
    assert_eq!(partner.calls(), ["token"]);
}

#[tokio::test]
async fn a_create_without_an_answer_is_uncertain_and_is_not_repeated() {
    let partner = partner(|_, _| (0, None, json!(""))).await;
    let sent = port(&partner).send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("uncertain", "POST-NO-ANSWER"));
    assert_eq!(partner.calls(), ["token", "order"]);
}

#[tokio::test]
async fn a_token_without_an_answer_leaves_nothing_in_doubt() {
    let partner = Partner::start(|_, _| (0, None, json!(""))).await;
    let sent = port(&partner).send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("unavailable", "POST-NO-ANSWER"));
}

#[tokio::test]
async fn orders_travel_on_connections_of_their_own_unless_numbers_are_unique() {
    async fn connections(number_unique: Uniqueness) -> usize {
        let partner = partner(|_, _| says(201, 100)).await;
        let mut settings = settings(&partner.url);
        settings.number_unique = number_unique;
        let port = NgspPort::build(settings).unwrap();
        for _ in 0..3 {
            port.send(&[order()], None).await;
        }
        let peers: std::collections::BTreeSet<_> = partner.seen().iter().map(|seen| seen.peer).collect();
        peers.len()
    }
    assert_eq!(connections(Uniqueness::No).await, 4);
    assert_eq!(connections(Uniqueness::Unknown).await, 4);
    assert_eq!(connections(Uniqueness::Yes).await, 1);
}

#[tokio::test]
async fn what_our_own_translation_refuses_never_leaves() {
    let partner = partner(|_, _| says(201, 100)).await;
    let sent = port(&partner).send(&[order(), order()], None).await;
    assert_eq!(
        (sent.outcome.name(), sent.outcome.reason().code.as_str()),
        ("rejected", "POST-WRONG-CONTENT")
    );
    assert!(partner.calls().is_empty() && sent.steps.is_empty());
}

#[tokio::test]
async fn the_feed_is_read_after_its_cursor() {
    let partner = partner(|_, _| {
        let page: Value = serde_json::from_slice(&testing::fixture("sample-feed.json")).unwrap();
        (200, None, page)
    })
    .await;
    let port = port(&partner);
    let FeedPage::Rows { rows, cursor, unreadable, more } = port.read_feed(None).await else {
        panic!("rows")
    };
    assert_eq!((rows.len(), unreadable, more), (2, 0, false));
    assert_eq!(rows[1].meaning, TrackingState::Delivered.into());
    port.read_feed(cursor.as_deref()).await;
    let lines: Vec<String> = partner.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines[1], "GET /tracking?pagesize=500&lastId=000000000000000000000000");
    assert_eq!(lines[2], "GET /tracking?pagesize=500&lastId=5f0c1d2e3a4b5c6d7e8f9012");
}

#[tokio::test]
async fn a_feed_that_cannot_be_read_says_why() {
    async fn check(answer: Says, name: &str, code: &str) {
        let partner = partner(move |_, _| answer.clone()).await;
        let FeedPage::Failed(outcome) = port(&partner).read_feed(Some("5f01")).await else {
            panic!("{code}")
        };
        assert_eq!((outcome.name(), outcome.reason().code.as_str()), (name, code));
    }
    check((200, None, json!("<html>")), "unavailable", "POST-UNREADABLE").await;
    check((502, None, json!("<html>")), "unavailable", "POST-HTTP-5XX").await;
    check((400, None, json!({ "Status": 57 })), "unavailable", "POST-UNREADABLE").await;
    check((404, None, json!("")), "blocked", "POST-WRONG-ADDRESS").await;
    check((0, None, json!("")), "unavailable", "POST-NO-ANSWER").await;
}

#[tokio::test]
async fn only_the_feed_can_be_asked() {
    let partner = partner(|_, _| says(201, 100)).await;
    let port = port(&partner);
    assert_eq!(port.look_up(&order()).await, LookUp::AskTheFeed);
    let (from, to) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    let orders = Inspection::Orders { from, to, after: None };
    assert_eq!(port.inspect(&orders).await, Inspected::NoQuestion);
    assert_eq!(port.abilities().look_up, LookUpAbility::PositiveOnly);
    assert!(partner.calls().is_empty());
    assert_eq!(port.probe().await.name(), "accepted");
    assert_eq!(partner.calls(), ["token"]);
}
