//! A client of MyVNPost that shares nothing with the gateway's.

use std::time::Duration;

use mock_myvnpost::{Config, Mock, Running};
use serde_json::{Value, json};

pub(crate) const CUSTOMER: &str = "T000180000";
pub(crate) const NUMBER: &str = "H11.01.07-220915-0041-TRA-1";

pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
    base: String,
}

impl Client {
    pub(crate) async fn new(running: &Running, prefix: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
        let builder = reqwest::Client::builder();
        let http = builder.no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let mut client = Self { http, token: String::new(), base: format!("{}{prefix}", running.url()) };
        client.log_in().await;
        client
    }

    pub(crate) async fn log_in(&mut self) {
        let (status, answer) = self.post("GetAccessToken", &credentials()).await;
        assert_eq!((status, &answer["success"]), (200, &json!(true)), "{answer}");
        answer["token"].as_str().unwrap().clone_into(&mut self.token);
    }

    pub(crate) fn url(&self, call: &str) -> String {
        format!("{}/{call}", self.base)
    }

    pub(crate) async fn post(&self, call: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(self.url(call)).header("token", &self.token);
        read(request.json(body).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, call: &str) -> (u16, Value) {
        let request = self.http.get(self.url(call)).header("token", &self.token);
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn create(&self, order: &Value) -> (u16, Value) {
        self.post("CreateOrder", order).await
    }

    pub(crate) async fn try_create(&self, order: &Value) -> reqwest::Result<reqwest::Response> {
        self.http.post(self.url("CreateOrder")).header("token", &self.token).json(order).send().await
    }

    pub(crate) async fn cancel(&self, original: &str) -> Value {
        self.post("orderCancel", &json!({ "OriginalId": original })).await.1
    }

    pub(crate) async fn history(&self, code: &str) -> Value {
        self.get(&format!("GetStatusHistoryOrder?type=1&code={code}")).await.1
    }

    pub(crate) async fn list(&self, from: &str, to: &str, page: usize, size: usize) -> Vec<Value> {
        let query = format!(
            "lastUpdateFrom={from}&lastUpdateTo={to}&type=GUI&page={page}&size={size}&isInternational=false"
        );
        let (_, answer) = self.get(&format!("GetListOrder?{query}")).await;
        answer["results"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
    }
}

pub(crate) async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub(crate) async fn myvnpost(config: Config) -> (Running, Client) {
    let prefix = config.prefix.clone();
    let running = Mock::start(config).await.unwrap();
    let client = Client::new(&running, &prefix).await;
    (running, client)
}

pub(crate) fn credentials() -> Value {
    json!({ "username": "tienthanh_mc", "password": "mat-khau-thu", "customerCode": CUSTOMER })
}

pub(crate) fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// An object of texts as a query.
pub(crate) fn query(object: &Value) -> String {
    let pairs = object.as_object().unwrap().iter();
    pairs.map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect::<Vec<_>>().join("&")
}

pub(crate) fn order(number: &str) -> Value {
    json!({
        "orderCreationStatus": 1, "type": "GUI", "customerCode": CUSTOMER, "contractCode": null,
        "informationOrder": {
            "senderName": "Bộ phận Một cửa xã Tiến Thành", "senderPhone": "02163000111", "senderEmail": null,
            "senderAddress": "UBND xã Tiến Thành", "senderProvinceCode": "33", "senderDistrictCode": "VNPOST",
            "senderCommuneCode": "33112", "receiverName": "Lò Thị Bưởi", "receiverPhone": "0510000111",
            "receiverEmail": null, "receiverAddress": "12 Lạc Long Quân", "receiverProvinceCode": "33",
            "receiverDistrictCode": "VNPOST", "receiverCommuneCode": "33140", "serviceCode": "ETN011",
            "addonService": [{ "code": "GTG021", "propValue": "PROP0018:8000" }], "additionRequest": [],
            "orgCodeCollect": null, "orgCodeAccept": null, "saleOrderCode": number, "contentNote": "Kết quả TTHC",
            "weight": "100", "width": null, "length": null, "height": null, "vehicle": "BO", "sendType": "1",
            "isBroken": "0", "deliveryTime": null, "deliveryRequire": null, "deliveryInstruction": "Phát tận tay",
        },
    })
}
