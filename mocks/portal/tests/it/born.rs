//! Dossiers that were born on the portal.

use crate::support::{check_mutations, portal};
use mock_kit::{Deed, Fault};
use mock_portal::{BORN_CALL_FIELDS, Config};
use serde_json::{Value, json};

const NUMBER: &str = "G22.99.1-220913-0142";
const LOCAL: &str = "H11.01.07-220913-0012";

fn told(number: &str, status: &str) -> Value {
    json!({ "MaHoSo": number, "MaHoSoDonVi": LOCAL, "MaDoiTuong": "a81f-77c2", "NoiDung": "Đã tiếp nhận",
            "NgayXuLy": "20220913101010", "TrangThai": status, "TaiLieuXuLy": [] })
}

#[tokio::test]
async fn a_mutation_of_any_field_is_refused() {
    let (running, client) = portal(Config::default()).await;
    running.partner().bear("H11.01.07", NUMBER);
    let good = client.call("DongBoTrangThaiHoSo", json!({ "type": "2", "data": told(NUMBER, "2") }));
    check_mutations(&running, &client, "g", &BORN_CALL_FIELDS, &good).await;
    assert!(running.partner().born(NUMBER).unwrap().updates.is_empty());
    assert_eq!(client.post("g", &good).await["error_code"], "0");
    assert_eq!(running.partner().born(NUMBER).unwrap().updates[0].whole(), told(NUMBER, "2"));
    running.shutdown().await;
}

#[tokio::test]
async fn only_what_was_born_on_the_portal_is_known_there() {
    let (running, client) = portal(Config::default()).await;
    running.partner().bear("H11.01.07", NUMBER);
    let bear = client.http.post(format!("{}/_mock/bear", running.url()));
    let other = json!({ "agency": "H11.01.08", "number": "G22.99.1-220913-0143" });
    assert_eq!(bear.json(&other).send().await.unwrap().status().as_u16(), 200);
    assert_eq!(running.partner().born("G22.99.1-220913-0143").unwrap().agency, "H11.01.08");
    let tell = async |data: Value| {
        client.post("g", &client.call("DongBoTrangThaiHoSo", json!({ "type": "2", "data": data }))).await
    };
    let absent = json!({ "error_code": "-4", "message": "Hồ sơ không tồn tại" });
    assert_eq!(tell(told("G22.99.1-220913-0001", "2")).await, absent);
    assert_eq!(tell(told("G22.99.1-220913-0143", "2")).await, absent, "another agency's");
    let done = json!({ "error_code": "0", "message": "Đồng bộ trạng thái hồ sơ thành công" });
    for status in ["2", "5", "11"] {
        assert_eq!(tell(told(NUMBER, status)).await, done);
    }
    for status in ["1", "4", "9", "10", ""] {
        assert_eq!(tell(told(NUMBER, status)).await["error_code"], "2", "{status}");
    }
    let mut other = told(NUMBER, "2");
    other["MaHoSoDonVi"] = json!("H11.01.07-220913-0013");
    assert_eq!(tell(other).await["error_code"], "-7");

    let birth = running.partner().born(NUMBER).unwrap();
    let statuses: Vec<&str> = birth.updates.iter().map(|update| update.status.as_str()).collect();
    assert_eq!((birth.local.as_deref(), statuses), (Some(LOCAL), vec!["2", "5", "11"]));
    // Neither number is a dossier that this interface wrote.
    assert_eq!(running.partner().counts().dossiers, 0);
    running.fault(Fault::new(Deed::SessionExpired).on("DongBoTrangThaiHoSo").key(LOCAL).times(1));
    assert_eq!(tell(told(NUMBER, "2")).await["error_code"], "-1");
    assert_eq!(running.received("DongBoTrangThaiHoSo")[0].keys, ["G22.99.1-220913-0001", LOCAL]);
    running.shutdown().await;
}
