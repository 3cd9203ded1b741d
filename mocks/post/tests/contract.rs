//! The post mock over HTTP: what it takes, and that it refuses everything else.
#![cfg(test)]

use std::collections::BTreeSet;
use std::time::Duration;

use mock_kit::{Deed, Fault, mutations};
use mock_post::{Advance, Config, Customer, Mock, ORDER_FIELDS, Planted, Running, Step};
use serde_json::{Value, json};

const CUSTOMER: &str = "LC_XA_TIENTHANH";
const NUMBER: &str = "H11.01.07-220915-0041-TRA-1";
const START: &str = "000000000000000000000000";

struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    async fn new(running: &Running) -> Self {
        Self::of(running, "khach-hang-thu", "bi-mat-thu").await
    }

    async fn of(running: &Running, key: &str, secret: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
        let builder = reqwest::Client::builder();
        let http = builder.no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let mut client = Self { http, base: running.url(), token: String::new() };
        client.log_in(key, secret).await;
        client
    }

    async fn log_in(&mut self, key: &str, secret: &str) {
        let (status, answer) = self.token(key, secret, "grant_type=client_credentials").await;
        assert_eq!((status, &answer["token_type"]), (200, &json!("Bearer")), "{answer}");
        answer["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    async fn token(&self, key: &str, secret: &str, form: &str) -> (u16, Value) {
        let request = self.http.post(format!("{}/token", self.base)).basic_auth(key, Some(secret));
        let form = request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        read(form.send().await.unwrap()).await
    }

    async fn order(&self, order: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/ngsp/orders", self.base)).bearer_auth(&self.token);
        read(request.json(order).send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}/ngsp/orders/{path}", self.base)).bearer_auth(&self.token);
        read(request.send().await.unwrap()).await
    }

    async fn cancel(&self, number: &str) -> (u16, Value) {
        self.get(&format!("cancel?CustomerCode={CUSTOMER}&OrderNumber={number}")).await
    }

    async fn page_status(&self) -> u16 {
        self.get(&format!("tracking?pagesize=1&lastId={START}")).await.0
    }

    async fn page(&self, size: usize, cursor: &str) -> Value {
        let (status, page) = self.get(&format!("tracking?pagesize={size}&lastId={cursor}")).await;
        assert_eq!(status, 200, "{page}");
        page
    }
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn post(config: Config) -> (Running, Client) {
    let running = Mock::start(config).await.unwrap();
    let client = Client::new(&running).await;
    (running, client)
}

fn order(number: &str) -> Value {
    json!({
        "CustomerCode": CUSTOMER, "OrderNumber": number, "CODAmount": 8000, "SenderProvince": 33,
        "SenderDistrict": 3300, "SenderAddress": "UBND xã Tiến Thành", "SenderName": "Bộ phận Một cửa xã Tiến Thành",
        "SenderTel": "02163000111", "SenderEmail": null, "SenderDesc": "Mã hồ sơ", "Description": "Gọi trước",
        "ReceiverName": "Lò Thị Bưởi", "ReceiverAddress": "12 Lạc Long Quân", "ReceiverTel": "0510000111",
        "ReceiverProvince": 34, "ReceiverDistrict": 0, "ReceiverEmail": null,
    })
}

fn done() -> (u16, Value) {
    (201, json!({ "Status": 100, "Message": "" }))
}

fn refused(status: i64, message: &str) -> (u16, Value) {
    (201, json!({ "Status": status, "Message": message }))
}

#[tokio::test]
async fn a_mutation_of_any_field_is_refused() {
    let (running, client) = post(Config::default()).await;
    let spoilt = mutations(&ORDER_FIELDS, &order(NUMBER));
    // Drop, rename, retype and lengthen for each of 17, null for the 10 that must carry a value.
    assert_eq!(spoilt.len(), 17 * 4 + 10);
    for mutation in spoilt {
        let (status, answer) = client.order(&mutation.message).await;
        let what = format!("{} {}: {answer}", mutation.way, mutation.field);
        assert_eq!((status, &answer["Status"]), (400, &json!(102)), "{what}");
        let message = answer["Message"].as_str().unwrap().to_lowercase();
        assert!(message.contains(&mutation.field.to_lowercase()), "{what}");
    }
    assert!(running.partner().orders().is_empty());
    assert_eq!(client.order(&order(NUMBER)).await, done());
    assert_eq!(running.partner().parcels(NUMBER)[0].order(), order(NUMBER));
    running.shutdown().await;
}

#[tokio::test]
async fn a_badly_coded_field_is_refused() {
    let provinces = Some(BTreeSet::from([33, 34]));
    let (running, client) = post(Config { provinces, ..Config::default() }).await;
    let check = async |field: &str, value: Value, expected: u16| {
        let mut order = order(NUMBER);
        order[field] = value.clone();
        assert_eq!(client.order(&order).await.0, expected, "{field} {value}");
    };
    check("SenderTel", json!("+84510000111"), 400).await;
    check("ReceiverTel", json!("051000011"), 400).await;
    check("ReceiverTel", json!("051000011122"), 400).await;
    check("SenderProvince", json!(60), 400).await;
    check("ReceiverProvince", json!("33"), 400).await;
    check("CODAmount", json!(8000.5), 400).await;
    check("CODAmount", json!(-1), 400).await;
    check("SenderEmail", json!(""), 400).await;
    check("OrderNumber", json!("a b"), 400).await;
    check("OrderNumber", json!("a".repeat(51)), 400).await;
    check("ReceiverName", json!(""), 400).await;
    check("CustomerCode", json!("KHAC"), 403).await;
    check("OrderNumber", json!("a".repeat(50)), 201).await;
    for field in
        ["CODAmount", "SenderDistrict", "SenderDesc", "Description", "ReceiverDistrict", "ReceiverEmail"]
    {
        check(field, Value::Null, 201).await;
    }
    running.shutdown().await;
}

#[tokio::test]
async fn a_token_wants_the_right_client_and_the_right_form() {
    let customers = vec![
        Customer::new(CUSTOMER, "khach-hang-thu", "bi-mat-thu"),
        Customer::new("LC_XA_KHAC", "khach-khac", "bi-mat-khac"),
    ];
    let (running, mut client) = post(Config { customers, ..Config::default() }).await;
    let form = "grant_type=client_credentials";
    assert_eq!(client.token("khach-hang-thu", "sai", form).await.0, 401);
    assert_eq!(client.token("khach-hang-thu", "bi-mat-thu", "grant_type=password").await.0, 400);
    assert_eq!(client.token("khach-hang-thu", "bi-mat-thu", "").await.0, 400);
    assert_eq!(client.token("khach-hang-thu", "bi-mat-thu", &format!("{form}&scope=x")).await.0, 400);
    let plain =
        client.http.post(format!("{}/token", client.base)).basic_auth("khach-hang-thu", Some("bi-mat-thu"));
    assert_eq!(plain.body(form).send().await.unwrap().status().as_u16(), 400);

    let other = Client::of(&running, "khach-khac", "bi-mat-khac").await;
    assert_eq!(other.order(&order(NUMBER)).await.0, 403);
    assert_eq!(other.cancel(NUMBER).await.0, 403);
    running.partner().expire_tokens(Some("LC_XA_KHAC"));
    assert_eq!(other.page_status().await, 401);
    assert_eq!(client.order(&order(NUMBER)).await, done());

    running.fault(Fault::new(Deed::SessionExpired).on("order").key(NUMBER).times(1));
    assert_eq!(client.order(&order(NUMBER)).await.0, 401);
    assert_eq!(client.order(&order(NUMBER)).await.0, 401, "the token itself is gone");
    client.log_in("khach-hang-thu", "bi-mat-thu").await;
    assert_eq!(client.order(&order("B")).await, done());
    running.shutdown().await;
}

#[tokio::test]
async fn a_number_is_unique_only_when_told_so() {
    for (number_unique, parcels, refusals) in [(true, 1, 1), (false, 2, 0)] {
        let (running, client) = post(Config { number_unique, ..Config::default() }).await;
        running.fault(Fault::lost_answer("order").key(NUMBER));
        let sent = client.http.post(format!("{}/ngsp/orders", client.base)).bearer_auth(&client.token);
        sent.json(&order(NUMBER)).send().await.unwrap_err();
        let again = client.order(&order(NUMBER)).await;
        assert_eq!(again, if number_unique { refused(101, "Đơn hàng đã tồn tại") } else { done() });
        let orders = running.partner().orders();
        assert_eq!((orders[NUMBER].parcels.len(), orders[NUMBER].refused), (parcels, refusals));
        let live: Vec<usize> = running.partner().doubled().iter().map(|doubled| doubled.live).collect();
        assert_eq!(live, if number_unique { vec![] } else { vec![2] });
        assert_eq!((running.partner().taken(), running.received("order").len()), (parcels, 2));
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_cancel_is_taken_until_collection_and_may_be_repeated() {
    let (running, client) = post(Config::default()).await;
    assert_eq!(client.cancel(NUMBER).await, refused(103, "Không tìm thấy đơn hàng"));
    client.order(&order(NUMBER)).await;
    assert_eq!(client.cancel(NUMBER).await, done());
    assert_eq!(client.cancel(NUMBER).await, done());
    assert!(running.partner().parcels(NUMBER)[0].is_cancelled());
    assert_eq!(running.partner().advance_to(NUMBER, Step::Collected), 0, "a cancelled order stays");
    client.order(&order("B")).await;
    running.partner().advance_to("B", Step::Collected);
    assert_eq!(client.cancel("B").await, refused(104, "Đơn hàng đã được thu gom, không thể hủy"));
    let cancel = async |query: &str| client.get(&format!("cancel?{query}")).await.0;
    assert_eq!(cancel(&format!("CustomerCode={CUSTOMER}")).await, 400);
    assert_eq!(cancel(&format!("CustomerCode={CUSTOMER}&OrderNumer=B")).await, 400);
    assert_eq!(cancel(&format!("CustomerCode={CUSTOMER}&OrderNumber=B&OrderNumber=C")).await, 400);
    assert_eq!(cancel(&format!("CustomerCode={CUSTOMER}&OrderNumber=B&x=1")).await, 400);
    running.shutdown().await;
}

#[tokio::test]
async fn the_feed_is_read_by_a_cursor_that_only_grows() {
    let (running, client) = post(Config::default()).await;
    assert_eq!(client.page(10, START).await["_embedded"]["rh:doc"], json!([]));
    client.order(&order("A")).await;
    client.order(&order("B")).await;
    let at: jiff::Timestamp = "2022-09-15T03:00:00Z".parse().unwrap();
    let gone = running.partner().advance(&Advance { steps: Some(9), at: Some(at), ..Advance::default() });
    assert_eq!(gone, 12);
    let (mut cursor, mut rows) = (START.to_owned(), Vec::new());
    for (size, total, pages, returned) in [(5, 12, 3, 5), (5, 7, 2, 5), (5, 2, 1, 2), (5, 0, 0, 0)] {
        let page = client.page(size, &cursor).await;
        let head = (page["_size"].clone(), page["_total_pages"].clone(), page["_returned"].clone());
        assert_eq!(head, (json!(total), json!(pages), json!(returned)));
        for row in page["_embedded"]["rh:doc"].as_array().unwrap() {
            let id = row["_id"]["$oid"].as_str().unwrap().to_owned();
            assert!(id.len() == 24 && id > cursor, "{id} follows {cursor}");
            cursor = id;
            rows.push(row.clone());
        }
    }
    let of_a: Vec<i64> = rows
        .iter()
        .filter(|row| row["OrderNumber"] == "A")
        .map(|row| row["StatusCode"].as_i64().unwrap())
        .collect();
    assert_eq!(of_a, [10, 1, 2, 3, 12, 4]);
    assert_eq!((&rows[0]["ItemCode"], &rows[0]["EventTime"]), (&json!(""), &json!(at.as_millisecond())));
    let collected = json!({ "_id": rows[1]["_id"], "CustomerCode": CUSTOMER, "OrderNumber": "A",
        "EventTime": at.as_millisecond() + 1, "POSID": "331000", "ItemCode": "EN980000015VN", "StatusCode": 1,
        "StatusMessage": "Đã nhận từ CQHC", "Notes": "" });
    assert_eq!(rows[1], collected);
    assert_eq!(rows[5]["POSID"], "341000");

    running.reset();
    let mut client = client;
    client.log_in("khach-hang-thu", "bi-mat-thu").await;
    client.order(&order("C")).await;
    running.partner().advance(&Advance::default());
    assert_eq!(client.page(10, &cursor).await["_returned"], 1, "ids grow over a reset");
    for bad in ["pagesize=0&lastId=0", "pagesize=1001&lastId=000000000000000000000000", "pagesize=5", "x=1"] {
        assert_eq!(client.get(&format!("tracking?{bad}")).await.0, 400, "{bad}");
    }
    running.shutdown().await;
}

#[tokio::test]
async fn rows_that_are_late_are_shown_where_their_ids_place_them() {
    let (running, client) = post(Config::default()).await;
    client.order(&order("A")).await;
    client.order(&order("B")).await;
    running.partner().set_late("A", true);
    running.partner().advance(&Advance::default());
    let numbers = |page: &Value| -> Vec<String> {
        let rows = page["_embedded"]["rh:doc"].as_array().unwrap().iter();
        rows.map(|row| row["OrderNumber"].as_str().unwrap().to_owned()).collect()
    };
    let before = client.page(10, START).await;
    let cursor = before["_embedded"]["rh:doc"][0]["_id"]["$oid"].as_str().unwrap();
    assert_eq!((numbers(&before), &before["_size"]), (vec!["B".to_owned()], &json!(1)));
    running.partner().set_late("A", false);
    assert_eq!(numbers(&client.page(10, START).await), ["A", "B"]);
    assert_eq!(client.page(10, cursor).await["_returned"], 0, "it stands behind the cursor");
    running.shutdown().await;
}

#[tokio::test]
async fn a_silent_feed_shows_an_order_only_after_collection() {
    let (running, client) = post(Config { feed_silent: true, ..Config::default() }).await;
    client.order(&order("A")).await;
    client.order(&order("B")).await;
    client.cancel("B").await;
    running.partner().advance(&Advance::default());
    assert_eq!(client.page(10, START).await["_returned"], 0);
    running.partner().advance(&Advance::default());
    let page = client.page(10, START).await;
    assert_eq!((&page["_returned"], &page["_embedded"]["rh:doc"][0]["StatusCode"]), (&json!(1), &json!(1)));
    running.shutdown().await;
}

#[tokio::test]
async fn an_order_goes_the_way_of_its_script() {
    let (running, client) = post(Config::default()).await;
    let steps = vec![Step::Collected, Step::FailedAttempt, Step::Returning, Step::Returned];
    running.partner().script("A", steps.clone());
    client.order(&order("A")).await;
    client.order(&order("B")).await;
    assert_eq!(running.partner().advance_to("A", Step::Returning), 3);
    running.partner().advance(&Advance { steps: Some(5), ..Advance::default() });
    assert_eq!(running.partner().parcels("A")[0].steps, steps);
    // A step that does not lie ahead is taken directly.
    assert_eq!(running.partner().parcels("B")[0].step(), Some(Step::OutForDelivery));
    running.partner().advance_to("B", Step::FailedAttempt);
    running.partner().advance_to("B", Step::Delivered);
    let codes: Vec<i64> = running.partner().feed_of(CUSTOMER, "B").iter().map(|row| row.code).collect();
    assert_eq!(codes, [10, 1, 2, 3, 12, 6, 4]);
    running.shutdown().await;
}

#[tokio::test]
async fn what_was_planted_shows_in_the_feed() {
    let (running, client) = post(Config::default()).await;
    let partner = running.partner();
    for number in ["A", "B", "C"] {
        client.order(&order(number)).await;
    }
    partner.advance(&Advance { steps: Some(2), ..Advance::default() });
    partner.plant(&Planted {
        customer: CUSTOMER.to_owned(),
        number: "LA-1".to_owned(),
        order: order("LA-1"),
        steps: vec![Step::Accepted, Step::Collected, Step::Delivered],
        at: "2022-09-15T03:00:00Z".parse().unwrap(),
    });
    assert_eq!((partner.remove("A"), partner.remove("A")), (1, 0));
    assert_eq!((partner.set_cash("B", 9000), partner.set_cash("A", 9000)), (1, 0));
    assert!(partner.duplicate("C") && !partner.duplicate("A"));
    let page = client.page(100, START).await;
    let rows: Vec<(&str, i64)> = page["_embedded"]["rh:doc"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["OrderNumber"].as_str().unwrap(), row["StatusCode"].as_i64().unwrap()))
        .collect();
    let planted = [("LA-1", 10), ("LA-1", 1), ("LA-1", 4)];
    let twin = [("C", 10), ("C", 1)];
    assert_eq!(rows, [&[("B", 10), ("B", 1)], &twin[..], &planted, &twin].concat());
    assert_eq!(partner.parcels("B")[0].order()["CODAmount"], 9000);
    let twins = partner.parcels("C");
    assert!(twins.len() == 2 && twins[0].item_code != twins[1].item_code);
    running.shutdown().await;
}

#[tokio::test]
async fn orders_move_by_themselves_when_told_so() {
    let advance_every = Some(Duration::from_millis(1));
    let (running, client) = post(Config { advance_every, ..Config::default() }).await;
    client.order(&order(NUMBER)).await;
    let delivered = running
        .until(Duration::from_secs(20), |running| {
            running.partner().parcels(NUMBER)[0].step() == Some(Step::Delivered)
        })
        .await;
    assert!(delivered);
    running.shutdown().await;
}

#[tokio::test]
async fn a_status_can_be_a_text_and_a_refusal_is_scripted() {
    let (running, client) = post(Config { status_as_text: true, ..Config::default() }).await;
    running.fault(Fault::new(Deed::AlreadyExists).on("order").key("A").times(1));
    let refusal = Deed::Refuse { code: "120".to_owned(), message: "Ngoài vùng phục vụ".to_owned() };
    running.fault(Fault::new(refusal).on("order").key("B").times(1));
    let text = |status: &str, message: &str| (201, json!({ "Status": status, "Message": message }));
    assert_eq!(client.order(&order("A")).await, text("101", "Đơn hàng đã tồn tại"));
    assert_eq!(client.order(&order("B")).await, text("120", "Ngoài vùng phục vụ"));
    assert_eq!(client.order(&order("A")).await, text("100", ""));
    running.shutdown().await;
}

#[tokio::test]
async fn the_state_is_shown_and_commanded_over_http() {
    let (running, client) = post(Config::default()).await;
    let command = async |path: &str, body: Value| {
        read(client.http.post(format!("{}/_mock/{path}", running.url())).json(&body).send().await.unwrap())
            .await
    };
    let show = async |path: &str| {
        read(client.http.get(format!("{}/_mock/{path}", running.url())).send().await.unwrap()).await.1
    };
    assert_eq!(command("script", json!({ "order": "A", "steps": ["collected", "delivered"] })).await.0, 200);
    client.order(&order("A")).await;
    client.order(&order("A")).await;
    assert_eq!(command("advance", json!({ "order": "A", "to": "collected" })).await.1, json!({ "steps": 2 }));
    assert_eq!(command("advance", json!({ "to": "nowhere" })).await.0, 400);
    let state = show("state").await;
    let found = &state["orders"]["A"];
    assert_eq!(
        (&found["parcels"][0]["state"], &found["parcels"][1]["collected"]),
        (&json!("collected"), &json!(true))
    );
    assert_eq!((&found["parcels"][0]["order"], &found["feed"][0]["StatusCode"]), (&order("A"), &json!(1)));
    assert_eq!(
        show("duplicates").await,
        json!({ "orders": [{ "OrderNumber": "A", "parcels": 2, "live": 2 }] })
    );
    assert_eq!(command("expire", json!({})).await.0, 200);
    assert_eq!(client.page_status().await, 401);
    running.shutdown().await;
}
