use crate::bcci::BcciPort;
use crate::bcci::config::{BcciSettings, Flavour};
use crate::bcci::testing::{self, SECRET, WAYBILL, lgsp, order, settings};
use crate::ngsp::testing::{Partner, Says, Seen, cancel, fixture as ngsp_fixture, token};
use lienthong_core::port::{FeedPage, LookUp, LookUpAbility, PoolRules, Port, Uniqueness, Waybills};
use lienthong_http::testing::Seen as _;
use serde_json::{Value, json};

/// Gives tokens, and answers the rest with `script`.
async fn partner(script: impl Fn(&Seen, usize) -> Says + Send + Sync + 'static) -> Partner {
    Partner::start(
        move |seen, before| if seen.what() == "token" { token(before + 1) } else { script(seen, before) },
    )
    .await
}

fn port(settings: BcciSettings) -> BcciPort {
    BcciPort::build(settings).unwrap()
}

fn says(status: &str) -> Says {
    (200, None, json!({ "Status": status, "Message": "" }))
}

/// The account without cancels and without a feed.
fn bare(mut settings: BcciSettings) -> BcciSettings {
    match &mut settings.flavour {
        Flavour::Direct { cancel_url, tracking_url, .. } => (*cancel_url, *tracking_url) = (None, None),
        Flavour::Lgsp { cancel_service, tracking_service, .. } => {
            (*cancel_service, *tracking_service) = (None, None);
        }
    }
    settings
}

#[tokio::test]
async fn an_order_goes_to_the_post_with_its_waybill_and_the_header() {
    let partner = partner(|_, _| says("100")).await;
    let sent = port(settings(&partner.url)).send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("accepted", "BCCI-OK"));
    assert_eq!((sent.http_status, sent.steps), (Some(200), vec!["create"]));
    let seen = partner.seen().remove(0);
    assert_eq!((&*seen.line, &*seen.content_type), ("POST /order", "application/json"));
    assert_eq!((seen.access_token.as_deref(), &*seen.authorization), (Some(SECRET), ""));
    let body: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!((&body["ItemCode"], &body["FlagConfig"]), (&json!(WAYBILL), &json!(2)));
    assert_eq!(body["CustomerCode"], json!("TH_XA102"));
}

#[tokio::test]
async fn an_order_goes_through_the_lgsp_with_a_token_and_its_service() {
    let partner = partner(|_, _| says("100")).await;
    let port = port(lgsp(&partner.url));
    let sent = port.send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.steps), ("accepted", vec!["token", "create"]));
    let sent = port.send(&[cancel("H11 41")], None).await;
    assert_eq!((sent.outcome.name(), sent.steps), ("accepted", vec!["cancel"]));
    let seen = partner.seen();
    assert_eq!(seen[0].authorization, "Basic a2hvYTptYXQta2hhdS1iY2Np");
    assert_eq!((&*seen[1].line, &*seen[1].authorization), ("POST /lgsp?v=1&service=order", "Bearer ma-1"));
    assert_eq!(seen[1].access_token, None);
    assert_eq!(seen[2].line, "GET /lgsp?v=1&service=cancel&CustomerCode=TH_XA102&OrderNumber=H11%2041");
}

#[tokio::test]
async fn an_order_that_is_there_already_is_ours() {
    let partner = partner(|_, _| says("101")).await;
    let sent = port(settings(&partner.url)).send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("accepted", "BCCI-101"));
}

#[tokio::test]
async fn an_order_without_a_waybill_never_leaves() {
    let partner = partner(|_, _| says("100")).await;
    let mut order = order();
    order.receipt.waybill = None;
    let sent = port(settings(&partner.url)).send(&[order], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("rejected", "BCCI-NO-WAYBILL"));
    assert!(partner.calls().is_empty() && sent.steps.is_empty());
}

#[tokio::test]
async fn a_cancel_without_an_address_is_for_a_person() {
    for settings in [settings as fn(&str) -> BcciSettings, lgsp] {
        let partner = partner(|_, _| says("100")).await;
        let port = port(bare(settings(&partner.url)));
        let sent = port.send(&[cancel("H11-1")], None).await;
        let reason = sent.outcome.reason().code.as_str();
        assert_eq!((sent.outcome.name(), reason), ("rejected", "GATEWAY-NO-CANCEL"));
        assert!(partner.calls().is_empty() && sent.steps.is_empty());
    }
}

#[tokio::test]
async fn a_header_that_is_not_taken_is_not_sent_twice() {
    let partner = partner(|_, _| (401, None, json!(""))).await;
    let sent = port(settings(&partner.url)).send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("blocked", "BCCI-HTTP-401"));
    assert_eq!(partner.calls(), ["order"]);
}

#[tokio::test]
async fn a_create_without_an_answer_is_uncertain_and_is_not_repeated() {
    let partner = partner(|_, _| (0, None, json!(""))).await;
    let sent = port(settings(&partner.url)).send(&[order()], None).await;
    assert_eq!((sent.outcome.name(), sent.outcome.reason().code.as_str()), ("uncertain", "BCCI-NO-ANSWER"));
    assert_eq!(partner.calls(), ["order"]);
}

#[tokio::test]
async fn the_feed_is_read_where_there_is_one() {
    let page = || serde_json::from_slice(&ngsp_fixture("sample-feed.json")).unwrap();
    let partner = partner(move |_, _| (200, None, page())).await;
    let direct = port(settings(&partner.url));
    let FeedPage::Rows { rows, .. } = direct.read_feed(Some("5f01")).await else { panic!("rows") };
    assert_eq!(rows.len(), 2);
    port(lgsp(&partner.url)).read_feed(None).await;
    let lines: Vec<String> = partner.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines[0], "GET /tracking?pagesize=500&lastId=5f01");
    let all = "GET /lgsp?v=1&service=tracking&pagesize=500&lastId=000000000000000000000000";
    assert_eq!(lines[2], all);
    assert_eq!(port(bare(settings(&partner.url))).read_feed(None).await, FeedPage::NoFeed);
}

#[tokio::test]
async fn what_the_account_can_do_follows_from_its_settings() {
    let mut settings = settings("http://bcci.example");
    assert_eq!(port(settings.clone()).abilities().look_up, LookUpAbility::PositiveOnly);
    assert_eq!(port(settings.clone()).abilities().number_unique, Uniqueness::Yes);
    let Waybills::Pool(PoolRules { unusable, not_taken }) = port(settings.clone()).abilities().waybills
    else {
        panic!("orders are told their waybills")
    };
    assert!(unusable == "BCCI-105" && not_taken.contains(&unusable) && !not_taken.contains(&"BCCI-UNLISTED"));
    settings.number_unique = Uniqueness::No;
    assert_eq!(port(settings.clone()).abilities().number_unique, Uniqueness::No);
    let port = port(bare(settings));
    assert_eq!(port.abilities().look_up, LookUpAbility::None);
    assert_eq!(port.look_up(&order()).await, LookUp::AskTheFeed);
}

#[tokio::test]
async fn a_probe_makes_a_call_that_leaves_nothing_or_none() {
    async fn check(settings: fn(&str) -> BcciSettings, code: &str, calls: &[&str]) {
        let page = || serde_json::from_slice(&ngsp_fixture("sample-feed.json")).unwrap();
        let partner = partner(move |_, _| (200, None, page())).await;
        let outcome = port(settings(&partner.url)).probe().await;
        assert_eq!((outcome.name(), outcome.reason().code.as_str()), ("accepted", code));
        assert_eq!(partner.calls(), calls);
    }
    check(lgsp, "BCCI-OK", &["token"]).await;
    check(settings, "BCCI-OK", &["tracking"]).await;
    check(|url| bare(settings(url)), "GATEWAY-NOT-ASKED", &[]).await;
    let refusing = partner(|_, _| (401, None, json!(""))).await;
    assert_eq!(port(settings(&refusing.url)).probe().await.name(), "blocked");
}

#[tokio::test]
async fn what_is_shown_is_what_is_sent_beside_the_waybill() {
    let partner = partner(|_, _| says("100")).await;
    let port = port(settings(&partner.url));
    let handoff = order();
    let mut shown = port.translate(&[&handoff.content]).unwrap();
    assert_eq!(shown["ItemCode"], Value::Null);
    shown["ItemCode"] = json!(testing::WAYBILL);
    port.send(&[handoff], None).await;
    assert_eq!(serde_json::from_str::<Value>(&partner.seen()[0].body).unwrap(), shown);
}
