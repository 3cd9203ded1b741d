//! What a reconciliation has to find.

use crate::support::{CODE, portal, record, row};
use mock_portal::Config;
use serde_json::{Value, json};

#[tokio::test]
async fn what_was_planted_is_found_by_whoever_searches() {
    let (running, client) = portal(Config::default()).await;
    client.write("False", json!([record(CODE, "2"), record("A-1", "2"), record("A-2", "2")])).await;
    client.append(json!([row("A-1", "2", "Tiếp nhận")])).await;
    let partner = running.partner();
    assert!(partner.plant("H11.01.07", "LA-1", "9") && !partner.plant("H11.01.07", CODE, "9"));
    assert!(partner.set_status(CODE, "4") && !partner.set_status("A-9", "4"));
    assert!(partner.remove("A-1") && !partner.remove("A-1"));
    assert!(partner.find_often("A-2", 2) && !partner.find_often("A-9", 2));
    let search = async |code: &str| -> Value {
        client.post("s", &client.call("TraCuuHoSo", json!({ "mahoso": code }))).await["result"].clone()
    };
    let found = |code: &str, status: &str| json!({ "MAHOSO": code, "TRANGTHAI": status });
    assert_eq!(search("LA-1").await, json!([found("LA-1", "9")]));
    assert_eq!(search(CODE).await, json!([found(CODE, "4")]));
    assert_eq!(search("A-1").await, json!([]));
    assert_eq!(search("A-2").await, json!([found("A-2", "2"), found("A-2", "2")]));
    assert_eq!(client.write("True", json!([record("A-1", "4")])).await["error_code"], "-4");
    assert_eq!(partner.dossier(CODE).unwrap().record()["TrangThaiHoSo"], "4");
    running.shutdown().await;
}
