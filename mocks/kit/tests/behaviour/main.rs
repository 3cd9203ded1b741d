//! The kit over real TCP, with a partner that only counts.
#![cfg(test)]

mod connections;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use mock_kit::{
    Answer, Call, Deed, Fault, Garble, Line, Options, Partner, Reply, Request, Running, Stage, Verdict, Wait,
    start,
};
use serde_json::{Value, json};

/// Counts `POST /count` with a body such as `{"key":"a","account":"b"}`.
#[derive(Default)]
struct Counter {
    taken: AtomicU64,
}

impl Partner for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }
    fn endpoint(&self, _head: &Request) -> &'static str {
        "count"
    }
    fn read(&self, request: &Request) -> Call {
        let json: Result<Value, String> =
            serde_json::from_slice(&request.body).map_err(|error| error.to_string());
        let text = |name: &str| json.as_ref().ok().and_then(|body| body[name].as_str()).map(str::to_owned);
        let operation = if text("key").is_some() { "keyed" } else { "count" };
        Call {
            operation: operation.into(),
            account: text("account"),
            keys: text("key").into_iter().collect(),
            json,
        }
    }
    fn take(&self, _request: &Request, call: &Call, _now: Timestamp) -> Reply {
        match &call.json {
            Ok(_) => {
                let taken = self.taken.fetch_add(1, Ordering::Relaxed) + 1;
                Reply::accepted(Answer::json(200, &json!({ "taken": taken })))
            }
            Err(_) => Reply::refused(Answer::json(200, &json!({ "refused": true })), "not JSON"),
        }
    }
    fn speak(&self, line: &Line, _call: &Call, _request: &Request) -> Answer {
        Answer::json(200, &json!({ "line": format!("{line:?}") }))
    }
    fn state(&self) -> Value {
        json!({ "taken": self.taken.load(Ordering::Relaxed) })
    }
    fn duplicates(&self) -> Value {
        json!({})
    }
    fn reset(&self) {
        self.taken.store(0, Ordering::Relaxed);
    }
    fn command(&self, _request: &Request, _now: Timestamp) -> Option<Answer> {
        None
    }
    fn tick(&self, _now: Timestamp) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }
}

async fn counter() -> Running<Counter> {
    start(Counter::default(), Options::default()).await.unwrap()
}

fn client(patience: Duration) -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
    let builder = reqwest::Client::builder();
    builder.no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(patience).build().unwrap()
}

async fn body(response: reqwest::Response) -> reqwest::Result<String> {
    #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
    response.text().await
}

/// What the client saw of one request.
#[derive(Debug, PartialEq)]
enum Seen {
    Answer(u16, Option<String>, String),
    Broken,
    Silence,
}

async fn see(running: &Running<Counter>, message: &Value, patience: Duration) -> Seen {
    let sent = client(patience).post(format!("{}/count", running.url())).json(message).send().await;
    let response = match sent {
        Ok(response) => response,
        Err(error) if error.is_timeout() => return Seen::Silence,
        Err(_) => return Seen::Broken,
    };
    let status = response.status().as_u16();
    let wait = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    match body(response).await {
        Ok(text) => Seen::Answer(status, wait, text),
        Err(error) if error.is_timeout() => Seen::Silence,
        Err(_) => Seen::Broken,
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

fn answer(status: u16, text: &str) -> Seen {
    Seen::Answer(status, None, text.to_owned())
}

/// One fault, what the client sees, and whether the request took effect.
async fn check(does: Deed, expected: Seen, taken: u64) {
    let running = counter().await;
    let patience = if expected == Seen::Silence { Duration::from_millis(300) } else { PATIENCE };
    let fault = running.fault(Fault::new(does.clone()).times(1));
    assert_eq!(see(&running, &json!({}), patience).await, expected, "{does:?}");
    assert_eq!(running.partner().taken.load(Ordering::Relaxed), taken, "{does:?}");
    assert_eq!(running.hits(fault), Some(1), "{does:?}");
    let entry = running.ledger()[0].clone();
    assert_eq!(entry.fault, Some(does.kind()));
    assert_eq!(entry.took_effect(), taken == 1, "{does:?}: {:?}", entry.verdict);
    let next = answer(200, &json!({ "taken": taken + 1 }).to_string());
    assert_eq!(see(&running, &json!({}), PATIENCE).await, next, "{does:?} is spent");
    running.shutdown().await;
}

#[tokio::test]
async fn a_fault_that_answers_says_what_it_was_told() {
    let page =
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
    let waits =
        |status, seconds: &str, text: &str| Seen::Answer(status, Some(seconds.to_owned()), text.to_owned());
    let line = |text: &str| answer(200, &json!({ "line": text }).to_string());
    let status = |taken| Deed::Status { status: 500, body: "lỗi".to_owned(), taken };
    check(status(false), answer(500, "lỗi"), 0).await;
    check(status(true), answer(500, "lỗi"), 1).await;
    check(Deed::TooMany { wait: Wait::None }, answer(429, "Too Many Requests"), 0).await;
    check(Deed::TooMany { wait: Wait::Seconds(7) }, waits(429, "7", "Too Many Requests"), 0).await;
    check(Deed::Unavailable { wait: Wait::Seconds(1) }, waits(503, "1", "Service Unavailable"), 0).await;
    check(Deed::HtmlPage { taken: false }, answer(502, page), 0).await;
    check(Deed::HtmlPage { taken: true }, answer(502, page), 1).await;
    check(Deed::Unreadable, answer(200, "{\"error_code\":\"0\",\"mess\u{fffd}"), 1).await;
    check(Deed::Huge { bytes: 100_000, taken: false }, answer(200, &" ".repeat(100_000)), 0).await;
    check(Deed::Redirect { location: "http://khac.example/".to_owned() }, answer(302, ""), 0).await;
    check(Deed::NotFound, answer(404, "Not Found"), 0).await;
    check(Deed::SessionExpired, line("SessionExpired"), 0).await;
    check(Deed::WrongCredentials, line("WrongCredentials"), 0).await;
    check(Deed::AlreadyExists, line("AlreadyExists"), 0).await;
    let refusal = Deed::Refuse { code: "9".to_owned(), message: "sai".to_owned() };
    check(refusal, line("Refusal { code: \"9\", message: \"sai\" }"), 0).await;
}

#[tokio::test]
async fn a_garbled_answer_took_effect_and_is_no_receipt() {
    let check = async |with: Garble, body: &str| check(Deed::Garbled { with }, answer(200, body), 1).await;
    check(Garble::Empty, "").await;
    check(Garble::Null, "null").await;
    check(Garble::NullMembers, r#"{"taken":null}"#).await;
    check(Garble::Foreign, r#"{"data":[],"ok":true}"#).await;
    check(Garble::OtherType, r#"{"taken":1}"#).await;
}

#[tokio::test]
async fn a_head_can_be_slow_and_huge() {
    check(Deed::SlowHead { ms_per_byte: 1 }, answer(200, r#"{"taken":1}"#), 1).await;
    check(Deed::HugeHead { bytes: 1_000_000, taken: true }, Seen::Broken, 1).await;
}

#[tokio::test]
async fn a_fault_that_breaks_off_leaves_no_answer() {
    check(Deed::Reset { stage: Stage::BeforeReading }, Seen::Broken, 0).await;
    check(Deed::Reset { stage: Stage::BeforeTaking }, Seen::Broken, 0).await;
    check(Deed::Reset { stage: Stage::AfterTaking }, Seen::Broken, 1).await;
    check(Deed::Silence { taken: false }, Seen::Silence, 0).await;
    check(Deed::Silence { taken: true }, Seen::Silence, 1).await;
}

#[tokio::test]
async fn a_fault_that_waits_takes_its_time() {
    let running = counter().await;
    for (taken, expected) in [(false, 0), (true, 1)] {
        running.reset();
        running.fault(Fault::new(Deed::Delay { ms: 60_000, taken }).times(1));
        assert_eq!(see(&running, &json!({}), Duration::from_millis(300)).await, Seen::Silence);
        assert_eq!(running.partner().taken.load(Ordering::Relaxed), expected, "taken: {taken}");
    }
    running.reset();
    running.fault(Fault::new(Deed::Delay { ms: 30, taken: false }));
    running.fault(Fault::new(Deed::Delay { ms: 30, taken: true }));
    running.fault(Fault::new(Deed::Slow { ms_per_byte: 5 }).times(1));
    let begin = tokio::time::Instant::now();
    assert_eq!(see(&running, &json!({}), PATIENCE).await, answer(200, r#"{"taken":1}"#));
    assert!(begin.elapsed() >= Duration::from_millis(30 + 30 + 11 * 5), "{:?}", begin.elapsed());
    running.shutdown().await;
}

#[tokio::test]
async fn a_retry_after_can_be_an_http_date() {
    let running = counter().await;
    running.fault(Fault::new(Deed::Unavailable { wait: Wait::DateIn(60) }));
    let Seen::Answer(503, Some(date), _) = see(&running, &json!({}), PATIENCE).await else {
        panic!("no wait");
    };
    let at = jiff::fmt::rfc2822::parse(&date).expect("an HTTP date").timestamp();
    assert!((at - mock_kit::now()).get_seconds() <= 60 && date.ends_with(" GMT"), "{date}");
    running.shutdown().await;
}

#[tokio::test]
async fn every_answer_has_its_date_and_a_date_to_wait_for_counts_from_it() {
    let running = counter().await;
    let answered = async || {
        let sent = client(PATIENCE).post(format!("{}/count", running.url())).json(&json!({})).send().await;
        let headers = sent.unwrap().headers().clone();
        let date = |name: &str| {
            let text = headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
            assert!(text.len() <= 1, "{name}: {text:?}");
            text.first().map(|text| jiff::fmt::rfc2822::parse(text).unwrap().timestamp().as_second())
        };
        (date("date"), date("retry-after"))
    };
    let before = mock_kit::now().as_second();
    let (Some(date), None) = answered().await else { panic!("a date, and no wait") };
    assert!((before..=mock_kit::now().as_second()).contains(&date), "{before} {date}");
    running.fault(Fault::new(Deed::TooMany { wait: Wait::DateIn(60) }));
    let (Some(date), Some(until)) = answered().await else { panic!("a date and a wait") };
    assert_eq!(until - date, 60);
    running.shutdown().await;
}

#[tokio::test]
async fn a_fault_strikes_only_what_it_selects() {
    let struck = answer(404, "Not Found");
    let running = counter().await;
    let fault = running.fault(Fault::new(Deed::NotFound).on("keyed").key("a").account("x").after(1).times(2));
    let check = async |message: Value, strikes: bool| {
        assert_eq!(see(&running, &message, PATIENCE).await == struck, strikes, "{message}");
    };
    check(json!({ "key": "b", "account": "x" }), false).await;
    check(json!({ "key": "a", "account": "y" }), false).await;
    check(json!({}), false).await;
    check(json!({ "key": "a", "account": "x" }), false).await;
    check(json!({ "key": "a", "account": "x" }), true).await;
    check(json!({ "key": "a", "account": "x" }), true).await;
    check(json!({ "key": "a", "account": "x" }), false).await;
    assert_eq!(running.hits(fault), Some(2));
    running.fault(Fault::new(Deed::NotFound).lasting(Duration::ZERO));
    check(json!({}), false).await;
    let until_cleared = running.fault(Fault::new(Deed::NotFound).on("count"));
    check(json!({ "key": "c" }), true).await;
    running.clear_fault(until_cleared);
    check(json!({}), false).await;
    running.shutdown().await;
}

#[tokio::test]
async fn a_lost_answer_is_entered_as_taken() {
    let running = counter().await;
    running.fault(Fault::lost_answer("keyed").key("a"));
    running.fault(Fault::new(Deed::Reset { stage: Stage::BeforeReading }).key("b").times(1));
    assert_eq!(see(&running, &json!({ "key": "a" }), PATIENCE).await, Seen::Broken);
    assert_eq!(see(&running, &json!({ "key": "b" }), PATIENCE).await, Seen::Broken);
    let ledger = running.ledger();
    assert_eq!((&ledger[0].verdict, ledger[0].status), (&Verdict::Accepted, None));
    assert_eq!(ledger[0].json(), json!({ "key": "a" }));
    assert_eq!((&ledger[1].verdict, ledger[1].body.len()), (&Verdict::NotRead, 0));
    running.shutdown().await;
}

#[tokio::test]
async fn a_partner_lives_at_its_interval() {
    let options = Options { tick: Some(Duration::from_millis(1)), ..Options::default() };
    let running = start(Counter::default(), options).await.unwrap();
    let ticked = running.until(PATIENCE, |running| running.partner().taken.load(Ordering::Relaxed) > 3).await;
    assert!(ticked);
    assert!(!running.until(Duration::from_millis(5), |running| running.ledger().len() == 1).await);
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_keeps_the_order_of_effects() {
    let running = Arc::new(counter().await);
    let client = client(PATIENCE);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let sending = client.post(format!("{}/count", running.url())).json(&json!({})).send();
        calls.spawn(async move { body(sending.await.unwrap()).await.unwrap() });
    }
    assert_eq!(calls.join_all().await.len(), 64);
    let ledger = running.ledger();
    let numbers: Vec<u64> = ledger.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=64).collect::<Vec<_>>());
    assert!(ledger.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[tokio::test]
async fn the_inspection_endpoints_show_and_command() {
    let running = counter().await;
    let client = client(PATIENCE);
    let url = |path: &str| format!("{}/_mock/{path}", running.url());
    let read = async |request: reqwest::RequestBuilder| -> Value {
        serde_json::from_str(&body(request.send().await.unwrap()).await.unwrap()).unwrap()
    };
    let fault = json!({ "operation": "keyed", "key": "a", "times": 1,
                        "does": { "kind": "reset", "stage": "after-taking" } });
    assert_eq!(read(client.post(url("faults")).json(&fault)).await, json!({ "id": 1 }));
    let refused =
        client.post(url("faults")).json(&json!({ "does": { "kind": "dance" } })).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 400);
    let strange = json!({ "does": { "kind": "silence", "token": true } });
    let refused = client.post(url("faults")).json(&strange).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 400);

    assert_eq!(see(&running, &json!({ "key": "a" }), PATIENCE).await, Seen::Broken);
    let traced = client.post(format!("{}/count?x=1", running.url())).header("traceparent", "00-1-2-01");
    read(traced.body("{}")).await;
    let ledger = read(client.get(url("ledger"))).await;
    assert_eq!(ledger["count"], 2);
    let first = &ledger["entries"][0];
    assert_eq!(
        (&first["number"], &first["operation"], &first["keys"]),
        (&json!(1), &json!("keyed"), &json!(["a"]))
    );
    assert_eq!((&first["fault"], &first["verdict"]["kind"]), (&json!("reset"), &json!("accepted")));
    let second = &ledger["entries"][1];
    assert_eq!((&second["traceparent"], &second["target"]), (&json!("00-1-2-01"), &json!("/count?x=1")));
    assert_eq!(read(client.get(url("ledger?since=1"))).await["count"], 1);
    assert_eq!(read(client.get(url("ledger?operation=keyed"))).await["count"], 1);
    assert_eq!(read(client.get(url("faults"))).await["faults"][0]["hits"], 1);
    assert_eq!(read(client.delete(url("faults"))).await, json!({ "done": true }));
    assert_eq!(read(client.get(url("faults"))).await, json!({ "faults": [] }));
    assert_eq!(read(client.get(url("state"))).await, json!({ "taken": 2 }));
    assert_eq!(read(client.post(url("reset"))).await, json!({ "done": true }));
    assert_eq!(read(client.get(url("ledger"))).await["count"], 0);
    assert_eq!(client.get(url("unknown")).send().await.unwrap().status().as_u16(), 404);
    running.shutdown().await;
}
