//! The mock with waybills over HTTP: what it takes, and that it refuses everything else.
#![cfg(test)]

use std::time::Duration;

use mock_bcci::{
    Config, Customer, Direct, Flavour, Lgsp, Mock, Offence, PLAIN_ORDER_FIELDS, Range, Running,
    WAYBILL_ORDER_FIELDS,
};
use mock_kit::{Deed, Fault, mutations, waybill};
use mock_post::{Advance, Step};
use serde_json::{Value, json};

const CUSTOMER: &str = "LC_XA_TIENTHANH";
const NUMBER: &str = "H11.01.07-220915-0041-TRA-1";
const START: &str = "000000000000000000000000";
const AT_BUS: &str = "/lgsp/vnpost?service=";

/// A client of one flavour.
struct Client {
    http: reqwest::Client,
    base: String,
    /// Header that lets it in, with its value.
    key: (&'static str, String),
    at_bus: bool,
}

impl Client {
    async fn new(running: &Running, flavour: &Flavour) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
        let builder = reqwest::Client::builder();
        let http = builder.no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let at_bus = matches!(flavour, Flavour::Lgsp(_));
        let key = ("access_token", "the-vao-thu".to_owned());
        let mut client = Self { http, base: running.url(), key, at_bus };
        if at_bus {
            client.log_in().await;
        }
        client
    }

    async fn log_in(&mut self) {
        let request = self.http.post(format!("{}/token", self.base));
        let request = request.basic_auth("khach-hang-thu", Some("bi-mat-thu"));
        let form = request.header("content-type", "application/x-www-form-urlencoded");
        let (status, answer) = read(form.body("grant_type=client_credentials").send().await.unwrap()).await;
        assert_eq!(status, 200, "{answer}");
        self.key = ("authorization", format!("Bearer {}", answer["access_token"].as_str().unwrap()));
    }

    /// Where an order goes.
    fn url(&self, with_waybill: bool) -> String {
        let tail = match (self.at_bus, with_waybill) {
            (true, _) => format!("{AT_BUS}OrderPost"),
            (false, true) => "/bcci/orders/waybill".to_owned(),
            (false, false) => "/bcci/orders".to_owned(),
        };
        format!("{}{tail}", self.base)
    }

    async fn send(&self, order: &Value, with_waybill: bool) -> (u16, Value) {
        let request = self.http.post(self.url(with_waybill)).header(self.key.0, &self.key.1);
        read(request.json(order).send().await.unwrap()).await
    }

    async fn order(&self, number: &str, item_code: &str) -> (u16, Value) {
        self.send(&order(number, item_code), true).await
    }

    async fn get(&self, call: &str, query: &str) -> (u16, Value) {
        let tail = match (self.at_bus, call) {
            (false, call) => format!("/bcci/orders/{call}?"),
            (true, "cancel") => format!("{AT_BUS}OrderCancel&"),
            (true, _) => format!("{AT_BUS}OrderTracking&"),
        };
        let request = self.http.get(format!("{}{tail}{query}", self.base)).header(self.key.0, &self.key.1);
        read(request.send().await.unwrap()).await
    }

    async fn cancel(&self, number: &str) -> (u16, Value) {
        self.get("cancel", &format!("CustomerCode={CUSTOMER}&OrderNumber={number}")).await
    }

    async fn rows(&self) -> Vec<Value> {
        let (status, page) = self.get("tracking", &format!("pagesize=1000&lastId={START}")).await;
        assert_eq!(status, 200, "{page}");
        page["_embedded"]["rh:doc"].as_array().unwrap().clone()
    }
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn flavours() -> [Flavour; 2] {
    [Flavour::Direct(Direct::default()), Flavour::Lgsp(Lgsp::default())]
}

async fn bcci(flavour: &Flavour) -> (Running, Client) {
    let running = Mock::start(Config { flavour: flavour.clone(), ..Config::default() }).await.unwrap();
    let client = Client::new(&running, flavour).await;
    (running, client)
}

/// The customer's waybills, by their place in the range.
fn mine(place: u32) -> String {
    waybill("CH", 10_020_000 + place)
}

fn plain(number: &str) -> Value {
    json!({
        "CustomerCode": CUSTOMER, "OrderNumber": number, "CODAmount": 8000, "SenderProvince": 33,
        "SenderDistrict": 3300, "SenderAddress": "UBND xã Tiến Thành", "SenderName": "Bộ phận Một cửa xã Tiến Thành",
        "SenderTel": "02163000111", "SenderEmail": "mc@hoso.example", "SenderDesc": "Mã hồ sơ",
        "Description": "Gọi trước", "ReceiverName": "Lò Thị Bưởi", "ReceiverAddress": "12 Lạc Long Quân",
        "ReceiverTel": "0510000111", "ReceiverProvince": 34, "ReceiverDistrict": 0, "ReceiverEmail": "",
        "FlagConfig": 2,
    })
}

fn order(number: &str, item_code: &str) -> Value {
    let mut order = plain(number);
    order["ItemCode"] = json!(item_code);
    order
}

fn said(status: &str, message: &str) -> (u16, Value) {
    (200, json!({ "Status": status, "Message": message }))
}

#[tokio::test]
async fn a_mutation_of_any_field_is_refused() {
    for flavour in flavours() {
        let (running, client) = bcci(&flavour).await;
        let with: (&[_], Value) = (&WAYBILL_ORDER_FIELDS, order(NUMBER, &mine(1)));
        for (table, good) in [with, (&PLAIN_ORDER_FIELDS, plain(NUMBER))] {
            let with_waybill = table.len() == 19;
            let spoilt = mutations(table, &good);
            // Drop, rename, retype and lengthen for each; null for all but six.
            assert_eq!(spoilt.len(), table.len() * 5 - 6);
            for mutation in spoilt {
                // At the bus a body without waybill is an order of the other kind.
                if client.at_bus && mutation.field == "ItemCode" && ["drop", "null"].contains(&mutation.way) {
                    continue;
                }
                let (status, answer) = client.send(&mutation.message, with_waybill).await;
                let what = format!("{} {}: {answer}", mutation.way, mutation.field);
                assert_eq!((status, &answer["Status"]), (400, &json!("102")), "{what}");
                let message = answer["Message"].as_str().unwrap().to_lowercase();
                assert!(message.contains(&mutation.field.to_lowercase()), "{what}");
            }
        }
        assert_eq!((running.partner().post().taken(), running.partner().waybills().len()), (0, 0));
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_badly_coded_field_is_refused() {
    let (running, client) = bcci(&Flavour::Direct(Direct::default())).await;
    let check = async |field: &str, value: Value, expected: u16| {
        let mut order = order(NUMBER, &mine(1));
        order[field] = value.clone();
        assert_eq!(client.send(&order, true).await.0, expected, "{field} {value}");
    };
    assert_eq!(mine(1), "CH100200013VN");
    check("ItemCode", json!("CH100200014VN"), 400).await;
    check("ItemCode", json!("ch100200013VN"), 400).await;
    check("ItemCode", json!(""), 400).await;
    check("FlagConfig", json!(1), 400).await;
    check("FlagConfig", json!("2"), 400).await;
    check("CODAmount", Value::Null, 400).await;
    check("ReceiverTel", json!("+84510000111"), 400).await;
    check("SenderEmail", json!("mc"), 400).await;
    check("CustomerCode", json!("KHAC"), 403).await;
    assert_eq!(running.partner().post().taken(), 0);
    check("SenderEmail", Value::Null, 200).await;
    running.shutdown().await;
}

#[tokio::test]
async fn an_order_that_is_resent_is_already_there() {
    for flavour in flavours() {
        let (running, client) = bcci(&flavour).await;
        running.fault(Fault::lost_answer("order").key(NUMBER));
        let sent = client.http.post(client.url(true)).header(client.key.0, &client.key.1);
        sent.json(&order(NUMBER, &mine(1))).send().await.unwrap_err();
        assert_eq!(client.order(NUMBER, &mine(1)).await, said("101", "Đơn hàng đã tồn tại"));
        assert_eq!(client.order("B", &mine(2)).await, said("100", ""));
        let orders = running.partner().post().orders();
        assert_eq!((orders[NUMBER].parcels.len(), orders[NUMBER].refused), (1, 1));
        let used = running.partner().waybills();
        assert_eq!((used.len(), used[&mine(1)].as_str()), (2, NUMBER));
        assert_eq!(running.partner().violations(), []);
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_waybill_is_used_for_one_order_and_is_the_customers() {
    let (running, client) = bcci(&Flavour::Direct(Direct::default())).await;
    assert_eq!(client.order("A", &mine(1)).await, said("100", ""));
    let used = said("105", "Mã vận đơn đã được sử dụng cho đơn hàng khác");
    let foreign = said("105", "Mã vận đơn không thuộc dải được cấp cho khách hàng này");
    assert_eq!(client.order("B", &mine(1)).await, used);
    // A cancel does not give it back.
    client.cancel("A").await;
    assert_eq!(client.order("C", &mine(1)).await, used);
    assert_eq!(client.order("D", &mine(1000)).await, foreign);
    assert_eq!(client.order("D", &waybill("EN", 10_020_001)).await, foreign);
    let violations = running.partner().violations();
    let seen: Vec<(&str, &Offence)> =
        violations.iter().map(|violation| (violation.number.as_str(), &violation.offence)).collect();
    let used_for = Offence::UsedFor { number: "A".to_owned() };
    let expected = [("B", &used_for), ("C", &used_for), ("D", &Offence::NotYours), ("D", &Offence::NotYours)];
    assert_eq!(seen, expected);
    assert_eq!(running.partner().post().taken(), 1, "nothing is taken with a wrong waybill");
    assert_eq!(client.order("D", &mine(999)).await, said("100", ""));
    let shown = client.http.get(format!("{}/_mock/duplicates", running.url())).send().await.unwrap();
    let shown = read(shown).await.1;
    assert_eq!(
        (&shown["violations"][0]["used_for"], &shown["violations"][2]["used_for"]),
        (&json!("A"), &Value::Null)
    );
    running.shutdown().await;
}

#[tokio::test]
async fn an_order_without_a_waybill_gets_the_posts_own() {
    for flavour in flavours() {
        let (running, client) = bcci(&flavour).await;
        let mut empty = plain("B");
        empty["ItemCode"] = json!("");
        let mut null = plain("C");
        null["ItemCode"] = Value::Null;
        for order in [plain("A"), empty, null] {
            assert_eq!(client.send(&order, false).await, said("100", ""));
        }
        if !client.at_bus {
            assert_eq!(client.send(&order("D", &mine(1)), false).await.0, 400, "it goes to the other URL");
        }
        client.order("E", &mine(2)).await;
        running.partner().post().advance(&Advance { steps: Some(2), ..Advance::default() });
        let rows = client.rows().await;
        let codes = |number: &str| -> Vec<&str> {
            let of_number = rows.iter().filter(|row| row["OrderNumber"] == number);
            of_number.map(|row| row["ItemCode"].as_str().unwrap()).collect()
        };
        assert_eq!(codes("E"), [mine(2), mine(2)], "known from the first row on");
        assert!(matches!(codes("A")[..], ["", own] if own.starts_with("EN")), "{:?}", codes("A"));
        running.shutdown().await;
    }
}

#[tokio::test]
async fn cancel_and_feed_are_those_of_the_other_interface() {
    for flavour in flavours() {
        let (running, client) = bcci(&flavour).await;
        assert_eq!(client.cancel("A").await, said("103", "Không tìm thấy đơn hàng"));
        client.order("A", &mine(1)).await;
        client.order("B", &mine(2)).await;
        assert_eq!(client.cancel("A").await, said("100", ""));
        running.partner().post().advance_to("B", Step::Collected);
        assert_eq!(client.cancel("B").await, said("104", "Đơn hàng đã được thu gom, không thể hủy"));
        assert_eq!(client.get("cancel", &format!("CustomerCode={CUSTOMER}&OrderNumer=B")).await.0, 400);
        assert_eq!(client.get("cancel", "CustomerCode=KHAC&OrderNumber=B").await.0, 403);
        assert_eq!(client.get("tracking", "pagesize=0&lastId=0").await.0, 400);
        running.partner().post().advance_to("B", Step::Delivered);
        let codes: Vec<i64> =
            client.rows().await.iter().map(|row| row["StatusCode"].as_i64().unwrap()).collect();
        assert_eq!(codes, [9, 10, 1, 2, 3, 12, 4]);
        running.shutdown().await;
    }
}

#[tokio::test]
async fn nobody_comes_in_with_a_dead_key() {
    let other = Customer {
        code: "LC_XA_KHAC".to_owned(),
        access_token: Some("the-khac".to_owned()),
        ranges: vec![Range::new("CH", 10_021_000, 10_021_999)],
        ..Customer::default()
    };
    for flavour in flavours() {
        let customers = vec![Customer::default(), other.clone()];
        let config = Config { flavour: flavour.clone(), customers, ..Config::default() };
        let running = Mock::start(config).await.unwrap();
        let mut client = Client::new(&running, &flavour).await;
        assert_eq!(client.order("A", &mine(1000)).await.1["Status"], "105", "the other's waybill");
        running.partner().expire_tokens(Some("LC_XA_KHAC"));
        assert_eq!(client.order("A", &mine(1)).await.0, 200);
        running.fault(Fault::new(Deed::SessionExpired).on("order").key(&mine(2)).times(1));
        for _ in 0..2 {
            assert_eq!(client.order("B", &mine(2)).await.0, 401, "the key itself is dead");
        }
        assert_eq!(client.cancel("A").await.0, 401);
        running.partner().admit();
        if client.at_bus {
            client.log_in().await;
        }
        assert_eq!(client.order("B", &mine(2)).await.0, 200);
        client.key.1 = "sai".to_owned();
        assert_eq!(client.order("C", &mine(3)).await.0, 401);
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_post_without_access_token_goes_by_the_customers_name() {
    let customers = vec![Customer { access_token: None, ..Customer::default() }];
    let running = Mock::start(Config { customers, ..Config::default() }).await.unwrap();
    let mut client = Client::new(&running, &Flavour::Direct(Direct::default())).await;
    client.key = ("x-nothing", String::new());
    assert_eq!(client.order("A", &mine(1)).await, said("100", ""));
    running.partner().post().advance(&Advance::default());
    assert_eq!(client.rows().await.len(), 1);
    running.shutdown().await;
}

#[tokio::test]
async fn a_wrong_service_path_or_method_gets_no_envelope() {
    for flavour in flavours() {
        let (running, client) = bcci(&flavour).await;
        let status = async |request: reqwest::RequestBuilder| {
            request.header(client.key.0, &client.key.1).send().await.unwrap().status().as_u16()
        };
        assert_eq!(
            status(client.http.post(format!("{}/lgsp/vnpost?service=GetPrice", client.base))).await,
            404
        );
        assert_eq!(status(client.http.post(format!("{}/bcci", client.base))).await, 404);
        assert_eq!(status(client.http.get(client.url(true))).await, 405);
        assert_eq!(status(client.http.post(client.url(true)).body("{}")).await, 415);
        let torn =
            client.http.post(client.url(true)).header("content-type", "application/json").body("{\"a\"");
        assert_eq!(status(torn).await, 400);
        let refusal = Deed::Refuse { code: "120".to_owned(), message: "Ngoài vùng phục vụ".to_owned() };
        running.fault(Fault::new(refusal).on("order").account(CUSTOMER).times(1));
        assert_eq!(client.order("A", &mine(1)).await, said("120", "Ngoài vùng phục vụ"));
        running.fault(Fault::new(Deed::AlreadyExists).on("order").times(1));
        assert_eq!(client.order("A", &mine(1)).await.1["Status"], "101");
        assert_eq!(running.partner().waybills().len(), 0);
        running.shutdown().await;
    }
}
