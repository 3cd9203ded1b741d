//! The portal mock over HTTP: what it takes, and that it refuses everything else.

use std::time::Duration;

use crate::support::{CODE, DESTINATION, check_mutations, portal, record, record_2020, row};
use mock_kit::{Deed, Fault};
use mock_portal::{
    Agency, Config, Dstcode, DstcodePlace, FieldSet, LOGIN_FIELDS, LOOK_UP_CALL_FIELDS, Mock,
    PROCEDURE_CALL_FIELDS, PROGRESS_CALL_FIELDS, RECORD_CALL_FIELDS, RECORD_CALL_FIELDS_2020, SuccessCode,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_mutation_of_any_field_is_refused() {
    let (running, client) = portal(Config::default()).await;
    let create = client.call("DongBoHoSoMC", json!({ "isUpdating": "False", "data": [record(CODE, "2")] }));
    check_mutations(&running, &client, "g", &RECORD_CALL_FIELDS, &create).await;
    assert_eq!(client.post("g", &create).await["error_code"], "0");
    let progress = client.call("CapNhatTienDoHoSoMC", json!({ "data": [row(CODE, "2", "Tiếp nhận hồ sơ")] }));
    check_mutations(&running, &client, "g", &PROGRESS_CALL_FIELDS, &progress).await;
    let look_up = client.call("TraCuuHoSo", json!({ "mahoso": CODE }));
    check_mutations(&running, &client, "s", &LOOK_UP_CALL_FIELDS, &look_up).await;
    let procedure = client.call("LayThuTuc", json!({ "maTTHC": "1.004873" }));
    check_mutations(&running, &client, "s", &PROCEDURE_CALL_FIELDS, &procedure).await;
    let login = json!({ "username": "H11.01.07", "password": "mat-khau-thu" });
    check_mutations(&running, &client, "login", &LOGIN_FIELDS, &login).await;
    assert_eq!(running.partner().dossier(CODE).unwrap().rows.len(), 0);
    running.shutdown().await;
}

#[tokio::test]
async fn the_older_field_set_has_no_later_field() {
    let (running, client) = portal(Config { field_set: FieldSet::Set2020, ..Config::default() }).await;
    assert_eq!(client.write("False", json!([record(CODE, "2")])).await["error_code"], "2");
    let create =
        client.call("DongBoHoSoMC", json!({ "isUpdating": "False", "data": [record_2020(CODE, "2")] }));
    check_mutations(&running, &client, "g", &RECORD_CALL_FIELDS_2020, &create).await;
    assert_eq!(client.post("g", &create).await["error_code"], "0");
    running.shutdown().await;
}

#[tokio::test]
async fn a_badly_coded_field_is_refused() {
    let (running, client) = portal(Config::default()).await;
    client.write("False", json!([record(CODE, "2")])).await;
    let check = async |list: Option<&str>, field: &str, value: &str| {
        let mut record = record(CODE, "4");
        match list {
            Some(list) => record[list][0][field] = json!(value),
            None => record[field] = json!(value),
        }
        let answer = client.write("True", json!([record])).await;
        assert_eq!(answer["error_code"], "2", "{field} {value}");
        assert!(answer["message"].as_str().unwrap().contains(field), "{answer}");
    };
    check(None, "TrangThaiHoSo", "11").await;
    check(None, "TrangThaiHoSo", "02").await;
    check(None, "LoaiDoiTuong", "5").await;
    check(None, "KenhThucHien", "4").await;
    check(None, "HinhThuc", "2").await;
    check(None, "NgayTiepNhan", "20220931083015").await;
    check(None, "NgayTiepNhan", "2022-09-13T08:30").await;
    check(None, "MaTTHC", "KS-01").await;
    check(None, "MaHoSo", "a b").await;
    check(None, "TrichYeuHoSo", "").await;
    check(None, "TrichYeuHoSo", &"đ".repeat(1001)).await;
    check(None, "GhiChu", &"đ".repeat(2001)).await;
    check(Some("TaiLieuNop"), "IsDeleted", "false").await;
    check(Some("TaiLieuNop"), "DuongDanTaiTepTin", "f/1").await;
    check(Some("TaiLieuNop"), "DuocTaiSuDung", "3").await;
    check(Some("DinhDanhCHS"), "SoDinhDanh", "999199000").await;
    check(Some("DanhSachLePhi"), "Gia", "8.000").await;
    let mut longest = record(CODE, "4");
    longest["TrichYeuHoSo"] = json!("đ".repeat(1000));
    assert_eq!(client.write("True", json!([longest])).await["error_code"], "0");
    running.shutdown().await;
}

#[tokio::test]
async fn create_update_and_rows_follow_the_contract() {
    let (running, client) = portal(Config::default()).await;
    let absent = json!({ "error_code": "-4", "message": "Hồ sơ không tồn tại" });
    assert_eq!(client.write("True", json!([record(CODE, "2")])).await, absent);
    assert_eq!(client.append(json!([row(CODE, "2", "Tiếp nhận")])).await, absent);
    let found = client.post("s", &client.call("TraCuuHoSo", json!({ "mahoso": CODE }))).await;
    assert_eq!(found["result"], json!([]));

    let done = json!({ "error_code": "0", "message": "Đồng bộ hồ sơ thành công" });
    assert_eq!(client.write("False", json!([record(CODE, "2")])).await, done);
    let exists = json!({ "error_code": "3", "message": "Hồ sơ đã tồn tại" });
    assert_eq!(client.write("False", json!([record(CODE, "4")])).await, exists);
    // One dossier of two exists: neither is written.
    assert_eq!(client.write("False", json!([record("A-1", "2"), record(CODE, "4")])).await, exists);
    assert_eq!(running.partner().dossier("A-1").map(|_| ()), None);
    assert_eq!(client.write("True", json!([record(CODE, "9")])).await, done);
    let found = client.post("s", &client.call("TraCuuHoSo", json!({ "mahoso": CODE }))).await;
    assert_eq!(found["result"], json!([{ "MAHOSO": CODE, "TRANGTHAI": "9" }]));

    let rows = json!([row(CODE, "2", "Tiếp nhận"), row(CODE, "4", "Chuyển xử lý")]);
    assert_eq!(
        client.append(rows).await,
        json!({ "error_code": "0", "message": "Cập nhật tiến độ thành công" })
    );
    assert_eq!(client.append(json!([row(CODE, "9", "Xong"), row("A-1", "2", "Tiếp nhận")])).await, absent);
    assert_eq!(client.append(Value::from(vec![row(CODE, "9", "Xong"); 11])).await["error_code"], "2");
    assert_eq!(client.append(json!([])).await["error_code"], "2");

    let dossier = running.partner().dossier(CODE).unwrap();
    assert_eq!(dossier.record(), record(CODE, "9"));
    let statuses: Vec<&str> = dossier.versions.iter().map(|version| version.status.as_str()).collect();
    assert_eq!(statuses, ["2", "9"]);
    let texts: Vec<&str> = dossier.rows.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(texts, ["Tiếp nhận", "Chuyển xử lý"]);
    let counts = running.partner().counts();
    assert_eq!((counts.dossiers, counts.records, counts.rows), (1, 2, 2));
    assert_eq!(running.count("CapNhatTienDoHoSoMC"), 5);
    assert_eq!(running.received("DongBoHoSoMC")[0].keys, [CODE]);
    assert_eq!(running.received("DongBoHoSoMC")[0].account.as_deref(), Some("H11.01.07"));
    running.shutdown().await;
}

#[tokio::test]
async fn a_row_that_comes_twice_stands_twice_and_shows() {
    let (running, client) = portal(Config::default()).await;
    client.write("False", json!([record(CODE, "2")])).await;
    let rows = json!([row(CODE, "2", "Tiếp nhận")]);
    running.fault(Fault::lost_answer("CapNhatTienDoHoSoMC").key(CODE));
    let sent = client.http.post(format!("{}/g", client.base)).header("dstcode", DESTINATION);
    sent.json(&client.call("CapNhatTienDoHoSoMC", json!({ "data": rows }))).send().await.unwrap_err();
    assert_eq!(running.partner().doubled_rows(), []);
    assert_eq!(client.append(rows).await["error_code"], "0");
    let doubled = running.partner().doubled_rows();
    assert_eq!((doubled.len(), doubled[0].times, doubled[0].dossier.as_str()), (1, 2, CODE));
    running.shutdown().await;
}

#[tokio::test]
async fn success_and_existence_are_written_as_configured() {
    for (success, expected) in [
        (SuccessCode::Text, json!("0")),
        (SuccessCode::TwoZeros, json!("00")),
        (SuccessCode::Number, json!(0)),
    ] {
        let exists_code = "-3".to_owned();
        let (running, client) = portal(Config { success, exists_code, ..Config::default() }).await;
        assert_eq!(client.write("False", json!([record(CODE, "2")])).await["error_code"], expected);
        assert_eq!(client.write("False", json!([record(CODE, "2")])).await["error_code"], "-3");
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_session_belongs_to_one_agency_and_dies() {
    let agencies = vec![
        Agency::new("H11.01.07", "H11.01.07", "mat-khau-thu"),
        Agency::new("H11.01.08", "ten-khac", "mat-khau-khac"),
    ];
    let (running, mut client) = portal(Config { agencies, ..Config::default() }).await;
    let dead = json!({ "error_code": "-1", "message": "Phiên đăng nhập đã hết hạn, vui lòng đăng nhập lại" });
    let mut foreign = client.call("TraCuuHoSo", json!({ "mahoso": CODE }));
    foreign["madonvi"] = json!("H11.01.08");
    assert_eq!(client.post("s", &foreign).await["error_code"], "-5");
    let wrong = json!({ "username": "H11.01.07", "password": "sai" });
    let refused = json!({ "error_code": 1, "message": "Tài khoản hoặc mật khẩu không đúng" });
    assert_eq!(client.post("login", &wrong).await, refused);

    running.partner().expire_sessions(Some("H11.01.08"));
    assert_eq!(client.write("False", json!([record(CODE, "2")])).await["error_code"], "0");
    running.partner().expire_sessions(None);
    assert_eq!(client.write("True", json!([record(CODE, "4")])).await, dead);
    client.log_in().await;
    running.fault(Fault::new(Deed::SessionExpired).on("DongBoHoSoMC").account("H11.01.07").times(1));
    assert_eq!(client.write("True", json!([record(CODE, "4")])).await, dead);
    assert_eq!(client.write("True", json!([record(CODE, "4")])).await, dead, "the session itself is gone");
    client.log_in().await;
    assert_eq!(client.write("True", json!([record(CODE, "4")])).await["error_code"], "0");
    running.fault(Fault::new(Deed::WrongCredentials).on("login").account("H11.01.08"));
    client.log_in().await;
    let other = json!({ "username": "ten-khac", "password": "mat-khau-khac" });
    assert_eq!(client.post("login", &other).await, refused);
    running.shutdown().await;
}

#[tokio::test]
async fn a_session_lives_as_long_as_configured() {
    let (running, client) = portal(Config { session_life: Duration::ZERO, ..Config::default() }).await;
    assert_eq!(client.write("False", json!([record(CODE, "2")])).await["error_code"], "-1");
    running.shutdown().await;
}

#[tokio::test]
async fn a_request_that_misses_the_adapter_gets_no_envelope() {
    let dstcode = Dstcode { place: DstcodePlace::Query, value: DESTINATION.to_owned() };
    let running = Mock::start(Config { dstcode, ..Config::default() }).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
    let builder = reqwest::Client::builder();
    let http = builder.no_proxy().build().unwrap();
    let login = json!({ "username": "H11.01.07", "password": "mat-khau-thu" });
    let url = |tail: &str| format!("{}/XrdAdapter/RestService/forward/mapi/{tail}", running.url());
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    let encoded = DESTINATION.replace(':', "%3A");
    assert_eq!(status(http.post(url(&format!("login?dstcode={encoded}"))).json(&login)).await, 200);
    assert_eq!(status(http.post(url(&format!("login?dstcode={DESTINATION}"))).json(&login)).await, 200);
    assert_eq!(status(http.post(url("login")).header("dstcode", DESTINATION).json(&login)).await, 404);
    assert_eq!(status(http.post(url("login?dstcode=VN:COM:x:y")).json(&login)).await, 404);
    assert_eq!(status(http.get(url(&format!("login?dstcode={encoded}")))).await, 405);
    assert_eq!(status(http.post(url(&format!("login?dstcode={encoded}"))).body("{}")).await, 415);
    assert_eq!(status(http.post(url(&format!("x?dstcode={encoded}"))).json(&login)).await, 404);
    running.shutdown().await;
}

#[tokio::test]
async fn what_is_no_call_is_refused_in_the_envelope() {
    let (running, client) = portal(Config::default()).await;
    let raw = client.http.post(format!("{}/g", client.base)).header("dstcode", DESTINATION);
    let raw = raw.header("content-type", "application/json").body("{\"a\"").send().await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
    let answer: Value = raw.json().await.unwrap();
    assert_eq!(answer["error_code"], "2");
    let lost = client.call("TraCuuHoSo", json!({ "mahoso": CODE }));
    assert_eq!(client.post("g", &lost).await["error_code"], "-6");
    assert_eq!(client.post("g", &client.call("KhongCo", json!({}))).await["error_code"], "-6");
    assert_eq!(client.post("g", &json!([])).await["error_code"], "-6");
    running.shutdown().await;
}

#[tokio::test]
async fn the_state_is_shown_and_commanded_over_http() {
    let (running, client) = portal(Config::default()).await;
    client.write("False", json!([record(CODE, "2")])).await;
    client.append(json!([row(CODE, "2", "Tiếp nhận")])).await;
    client.append(json!([row(CODE, "2", "Tiếp nhận")])).await;
    let get = async |path: &str| -> Value {
        let response = client.http.get(format!("{}/_mock/{path}", running.url())).send().await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
        response.json().await.unwrap()
    };
    let state = get("state").await;
    let dossier = &state["dossiers"][CODE];
    assert_eq!((&dossier["record"], &dossier["versions"][0]["status"]), (&record(CODE, "2"), &json!("2")));
    assert_eq!(dossier["rows"], json!([row(CODE, "2", "Tiếp nhận"), row(CODE, "2", "Tiếp nhận")]));
    assert_eq!(get("duplicates").await["rows"][0]["times"], 2);
    client.http.post(format!("{}/_mock/expire", running.url())).send().await.unwrap();
    assert_eq!(get("state").await["sessions"], 0);
    running.shutdown().await;
}
