//! A client of the post that shares nothing with the gateway's, and a good order.

use std::time::Duration;

use mock_post::{Config, Mock, Running};
use serde_json::{Value, json};

pub(crate) const CUSTOMER: &str = "LC_XA_TIENTHANH";
pub(crate) const NUMBER: &str = "H11.01.07-220915-0041-TRA-1";
pub(crate) const START: &str = "000000000000000000000000";

pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: String,
}

impl Client {
    pub(crate) async fn new(running: &Running) -> Self {
        Self::of(running, "khach-hang-thu", "bi-mat-thu").await
    }

    pub(crate) async fn of(running: &Running, key: &str, secret: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
        let builder = reqwest::Client::builder();
        let http = builder.no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let mut client = Self { http, base: running.url(), token: String::new() };
        client.log_in(key, secret).await;
        client
    }

    pub(crate) async fn log_in(&mut self, key: &str, secret: &str) {
        let (status, answer) = self.token(key, secret, "grant_type=client_credentials").await;
        assert_eq!((status, &answer["token_type"]), (200, &json!("Bearer")), "{answer}");
        answer["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    pub(crate) async fn token(&self, key: &str, secret: &str, form: &str) -> (u16, Value) {
        let request = self.http.post(format!("{}/token", self.base)).basic_auth(key, Some(secret));
        let form = request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        read(form.send().await.unwrap()).await
    }

    pub(crate) async fn order(&self, order: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/ngsp/orders", self.base)).bearer_auth(&self.token);
        read(request.json(order).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}/ngsp/orders/{path}", self.base)).bearer_auth(&self.token);
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn cancel(&self, number: &str) -> (u16, Value) {
        self.get(&format!("cancel?CustomerCode={CUSTOMER}&OrderNumber={number}")).await
    }

    pub(crate) async fn page_status(&self) -> u16 {
        self.get(&format!("tracking?pagesize=1&lastId={START}")).await.0
    }

    pub(crate) async fn page(&self, size: usize, cursor: &str) -> Value {
        let (status, page) = self.get(&format!("tracking?pagesize={size}&lastId={cursor}")).await;
        assert_eq!(status, 200, "{page}");
        page
    }
}

pub(crate) async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub(crate) async fn post(config: Config) -> (Running, Client) {
    let running = Mock::start(config).await.unwrap();
    let client = Client::new(&running).await;
    (running, client)
}

pub(crate) fn order(number: &str) -> Value {
    json!({
        "CustomerCode": CUSTOMER, "OrderNumber": number, "CODAmount": 8000, "SenderProvince": 33,
        "SenderDistrict": 3300, "SenderAddress": "UBND xã Tiến Thành", "SenderName": "Bộ phận Một cửa xã Tiến Thành",
        "SenderTel": "02163000111", "SenderEmail": null, "SenderDesc": "Mã hồ sơ", "Description": "Gọi trước",
        "ReceiverName": "Lò Thị Bưởi", "ReceiverAddress": "12 Lạc Long Quân", "ReceiverTel": "0510000111",
        "ReceiverProvince": 34, "ReceiverDistrict": 0, "ReceiverEmail": null,
    })
}

pub(crate) fn done() -> (u16, Value) {
    (201, json!({ "Status": 100, "Message": "" }))
}

pub(crate) fn refused(status: i64, message: &str) -> (u16, Value) {
    (201, json!({ "Status": status, "Message": message }))
}
