//! The provincial wrapper.

use crate::support::{CODE, portal, record, record_2020, row};
use mock_kit::{Deed, Fault, Field, mutations};
use mock_portal::{
    Agency, Config, FieldSet, Mock, PROGRESS_FIELDS, RECORD_FIELDS, RECORD_FIELDS_2020, Running, SuccessCode,
    Wrapper,
};
use serde_json::{Value, json};

const ADD: &str = "/KetNoiMotCuaQuocGia/ThemMoi";
const UPDATE: &str = "/KetNoiMotCuaQuocGia/CapNhat";
const PROGRESS: &str = "/KetNoiMotCuaQuocGia/DongBoTienTrinh";

/// A client without login.
struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    async fn post(&self, path: &str, body: &Value) -> Value {
        let response = self.http.post(format!("{}{path}", self.base)).json(body).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
        let text = response.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }
}

async fn wrapper(config: Config) -> (Running, Client) {
    let running = Mock::start(config).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
    let builder = reqwest::Client::builder();
    let client = Client { http: builder.no_proxy().build().unwrap(), base: running.url() };
    (running, client)
}

fn one_url(agency: &str, updating: &str) -> String {
    format!("/SynsTTHCC/DongBoHoSoMC?MaDinhDanhDV={agency}&isUpdating={updating}")
}

fn done() -> Value {
    json!({ "error_code": "0", "message": "Đồng bộ hồ sơ thành công" })
}

/// Every mutation of a good item is refused, and names its field.
async fn check_mutations(client: &Client, path: &str, table: &[Field], good: &Value) {
    let spoilt = mutations(table, good);
    assert!(spoilt.len() >= table.len() * 3, "{} mutations", spoilt.len());
    for mutation in spoilt {
        let answer = client.post(path, &json!([mutation.message])).await;
        let what = format!("{} {}: {answer}", mutation.way, mutation.field);
        assert_ne!(answer["error_code"], "0", "{what}");
        let message = answer["message"].as_str().or(answer.as_str()).unwrap().to_lowercase();
        assert!(!message.contains("thành công"), "{what}");
        let name = mutation.field.rsplit('.').next().unwrap().to_lowercase();
        assert!(message.contains(&name), "{what}");
    }
}

#[tokio::test]
async fn a_mutation_of_any_field_is_refused() {
    let (running, client) = wrapper(Config::default()).await;
    check_mutations(&client, ADD, &RECORD_FIELDS, &record(CODE, "2")).await;
    assert_eq!(running.partner().counts().dossiers, 0);
    client.post(ADD, &json!([record(CODE, "2")])).await;
    check_mutations(&client, UPDATE, &RECORD_FIELDS, &record(CODE, "4")).await;
    check_mutations(&client, PROGRESS, &PROGRESS_FIELDS, &row(CODE, "2", "Tiếp nhận")).await;
    assert_eq!((running.partner().counts().records, running.partner().counts().rows), (1, 0));
    for nothing in [json!([]), json!({}), json!([1]), json!({ "data": [record(CODE, "4")] })] {
        assert_eq!(client.post(UPDATE, &nothing).await["error_code"], "2", "{nothing}");
    }
    let eleven = Value::from(vec![row(CODE, "2", "Tiếp nhận"); 11]);
    assert_eq!(client.post(PROGRESS, &eleven).await, "body: có 11 phần tử, phải từ 1 đến 10");
    running.shutdown().await;

    let (running, client) = wrapper(Config { field_set: FieldSet::Set2020, ..Config::default() }).await;
    check_mutations(&client, ADD, &RECORD_FIELDS_2020, &record_2020(CODE, "2")).await;
    assert_eq!(client.post(ADD, &json!([record_2020(CODE, "2")])).await, done());
    running.shutdown().await;
}

#[tokio::test]
async fn both_variants_write_into_one_store() {
    let (running, direct) = portal(Config::default()).await;
    let client = Client { http: direct.http.clone(), base: running.url() };
    let absent = json!({ "error_code": "-4", "message": "Hồ sơ không tồn tại" });
    assert_eq!(client.post(UPDATE, &json!([record(CODE, "2")])).await, absent);
    assert_eq!(client.post(PROGRESS, &json!([row(CODE, "2", "Tiếp nhận")])).await, "Hồ sơ không tồn tại");
    assert_eq!(client.post(ADD, &json!([record(CODE, "2")])).await, done());
    let exists = json!({ "error_code": "3", "message": "Hồ sơ đã tồn tại" });
    assert_eq!(client.post(ADD, &json!([record(CODE, "2")])).await, exists);
    assert_eq!(direct.write("False", json!([record(CODE, "2")])).await, exists);
    assert_eq!(client.post(UPDATE, &json!([record(CODE, "4")])).await, done());
    assert_eq!(direct.write("True", json!([record(CODE, "9")])).await["error_code"], "0");
    let taken = client.post(PROGRESS, &json!([row(CODE, "2", "Tiếp nhận")])).await;
    assert_eq!(taken, "Đồng bộ tiến trình thành công");
    direct.append(json!([row(CODE, "2", "Tiếp nhận")])).await;

    let dossier = running.partner().dossier(CODE).unwrap();
    let statuses: Vec<&str> = dossier.versions.iter().map(|version| version.status.as_str()).collect();
    assert_eq!((statuses, dossier.agency.as_str()), (vec!["2", "4", "9"], "H11.01.07"));
    assert_eq!(running.partner().doubled_rows()[0].times, 2);
    assert_eq!(
        (running.count("ThemMoi"), running.count("CapNhat"), running.count("DongBoTienTrinh")),
        (2, 2, 2)
    );
    let entry = &running.received("ThemMoi")[0];
    assert_eq!((&entry.keys, entry.account.as_deref()), (&vec![CODE.to_owned()], Some("H11.01.07")));
    running.shutdown().await;
}

#[tokio::test]
async fn one_url_says_the_agency_and_whether_it_changes() {
    let agencies = vec![
        Agency::new("H11.01.07", "H11.01.07", "mat-khau-thu"),
        Agency::new("H11.01.08", "ten-khac", "mat-khau-khac"),
    ];
    let (running, client) = wrapper(Config { agencies, ..Config::default() }).await;
    assert_eq!(client.post(&one_url("H11.01.08", "False"), &json!([record(CODE, "2")])).await, done());
    assert_eq!(client.post(&one_url("H11.01.08", "True"), &json!([record(CODE, "4")])).await, done());
    let foreign = json!({ "error_code": "-5", "message": "Mã đơn vị không hợp lệ" });
    assert_eq!(client.post(&one_url("H99", "True"), &json!([record(CODE, "4")])).await, foreign);
    let nobody = "/SynsTTHCC/DongBoHoSoMC?isUpdating=True";
    assert_eq!(client.post(nobody, &json!([record(CODE, "4")])).await, foreign);
    let dossier = running.partner().dossier(CODE).unwrap();
    assert_eq!((dossier.agency.as_str(), dossier.versions.len()), ("H11.01.08", 2));
    assert_eq!((running.count("ThemMoi"), running.count("CapNhat")), (1, 3));
    let vague = client.http.post(format!("{}{}", client.base, one_url("H11.01.08", "true")));
    assert_eq!(vague.json(&json!([])).send().await.unwrap().status().as_u16(), 404);
    running.shutdown().await;
}

#[tokio::test]
async fn the_wrapper_answers_as_configured() {
    let exists_code = "0".to_owned();
    let config = Config { success: SuccessCode::Number, exists_code, ..Config::default() };
    let (running, client) = wrapper(config).await;
    assert_eq!(client.post(ADD, &json!([record(CODE, "2")])).await, done(), "a code is a text here");
    let exists = client.post(ADD, &json!([record(CODE, "2")])).await;
    assert_eq!(exists, json!({ "error_code": "0", "message": "Hồ sơ đã tồn tại" }));
    running.shutdown().await;

    let wrapper_config = Wrapper { says_unsuccessful: true, quotes_text: true, ..Wrapper::default() };
    let (running, client) = wrapper(Config { wrapper: wrapper_config, ..Config::default() }).await;
    let refused = "Đồng bộ tiến trình không thành công: Hồ sơ không tồn tại";
    let sent =
        client.http.post(format!("{}{PROGRESS}", client.base)).json(&json!([row(CODE, "2", "Tiếp nhận")]));
    #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
    let raw = sent.send().await.unwrap().text().await.unwrap();
    assert_eq!(raw, format!("\"{refused}\""));
    running.shutdown().await;
}

#[tokio::test]
async fn a_fault_speaks_the_wrappers_language() {
    let (running, client) = wrapper(Config::default()).await;
    client.post(ADD, &json!([record(CODE, "2")])).await;
    let expired = "Phiên đăng nhập đã hết hạn, vui lòng đăng nhập lại";
    running.fault(Fault::new(Deed::SessionExpired).on("CapNhat").times(1));
    running.fault(Fault::new(Deed::SessionExpired).on("DongBoTienTrinh").key(CODE).times(1));
    let refusal = Deed::Refuse { code: "-9".to_owned(), message: "Hệ thống bận".to_owned() };
    running.fault(Fault::new(refusal).on("ThemMoi").times(1));
    let record = json!([record(CODE, "4")]);
    assert_eq!(client.post(UPDATE, &record).await, json!({ "error_code": "-1", "message": expired }));
    assert_eq!(client.post(PROGRESS, &json!([row(CODE, "4", "Xử lý")])).await, expired);
    assert_eq!(client.post(ADD, &record).await, json!({ "error_code": "-9", "message": "Hệ thống bận" }));
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(client.http.get(format!("{}{ADD}", client.base))).await, 405);
    assert_eq!(status(client.http.post(format!("{}{ADD}", client.base)).body("[]")).await, 415);
    assert_eq!(status(client.http.post(format!("{}/KetNoiMotCuaQuocGia/Khac", client.base))).await, 404);
    running.shutdown().await;
}
