//! The MyVNPost mock over HTTP: what it takes, and that it refuses everything else.

use std::time::Duration;

use crate::support::{CUSTOMER, Client, NUMBER, at, myvnpost, order, query};
use mock_kit::{Deed, Fault, mutations};
use mock_myvnpost::{
    Advance, CANCEL_FIELDS, Config, Customer, LIST_FIELDS, Mock, ONE_FIELDS, ORDER_FIELDS, Planted,
    ReasonMember, Status, TOKEN_FIELDS,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_mutation_of_any_field_is_refused() {
    let (running, client) = myvnpost(Config::default()).await;
    let spoilt = mutations(&ORDER_FIELDS, &order(NUMBER));
    // Outer: drop, rename and retype for 5, lengthen for the 4 that are no object, null for 4. Inner: 4 for 31, but an
    // empty list has nothing to lengthen it with; null for the 21 that must carry a value; 5 for both of the one addition.
    assert_eq!(spoilt.len(), 5 * 3 + 4 + 4 + 31 * 4 - 1 + 21 + 2 * 5);
    for mutation in spoilt {
        let (status, answer) = client.create(&mutation.message).await;
        let what = format!("{} {}: {answer}", mutation.way, mutation.field);
        assert_eq!(
            (status, &answer["itemCode"], &answer["orderHdrID"]),
            (200, &Value::Null, &Value::Null),
            "{what}"
        );
        let message = answer["message"].as_str().unwrap().to_lowercase();
        assert!(message.contains(&mutation.field.to_lowercase()), "{what}");
    }
    assert_eq!(running.partner().taken(), 0);
    client.create(&order(NUMBER)).await;
    assert_eq!(running.partner().parcels(NUMBER)[0].information(), order(NUMBER)["informationOrder"]);
    running.shutdown().await;
}

#[tokio::test]
async fn a_mutation_of_any_other_call_is_refused() {
    let (running, client) = myvnpost(Config::default()).await;
    client.create(&order(NUMBER)).await;
    let parcel = running.partner().parcels(NUMBER).remove(0);
    for spoilt in mutations(&TOKEN_FIELDS, &crate::support::credentials()) {
        let answer = client.post("GetAccessToken", &spoilt.message).await.1;
        assert_eq!(answer["token"], Value::Null, "{} {}", spoilt.way, spoilt.field);
    }
    for spoilt in mutations(&CANCEL_FIELDS, &json!({ "OriginalId": parcel.original })) {
        let (_, answer) = client.post("orderCancel", &spoilt.message).await;
        assert_eq!(answer["Type"], Value::Null, "{} {}: {answer}", spoilt.way, spoilt.field);
        assert!(answer["message"].as_str().unwrap().to_lowercase().contains("originalid"), "{answer}");
    }
    let one = json!({ "type": "1", "code": parcel.item_code });
    let list = json!({ "lastUpdateFrom": "01-11-2026", "lastUpdateTo": "30-11-2026", "type": "GUI", "page": "0",
                       "size": "500", "isInternational": "false" });
    let calls = [
        ("getOrder", &ONE_FIELDS[..], &one),
        ("GetStatusHistoryOrder", &ONE_FIELDS[..], &one),
        ("GetListOrder", &LIST_FIELDS[..], &list),
    ];
    for (call, table, good) in calls {
        // A query has no types: what is null or a number there is a text.
        for spoilt in
            mutations(table, good).into_iter().filter(|spoilt| !["null", "retype"].contains(&spoilt.way))
        {
            let (_, answer) = client.get(&format!("{call}?{}", query(&spoilt.message))).await;
            assert!(answer["message"].is_string(), "{call} {} {}: {answer}", spoilt.way, spoilt.field);
        }
        assert!(client.get(&format!("{call}?{}", query(good))).await.1["message"].is_null(), "{call}");
    }
    for bad in ["size=501", "size=0", "lastUpdateFrom=2026-11-01", "page=x"] {
        let (name, value) = bad.split_once('=').unwrap();
        let mut list = list.clone();
        list[name] = json!(value);
        let (_, answer) = client.get(&format!("GetListOrder?{}", query(&list))).await;
        assert!(answer["message"].as_str().unwrap().contains(name), "{bad}: {answer}");
    }
    assert!(!running.partner().parcels(NUMBER)[0].is_cancelled());
    running.shutdown().await;
}

#[tokio::test]
async fn a_badly_coded_field_is_refused() {
    let (running, client) = myvnpost(Config::default()).await;
    let check = async |field: &str, value: Value, taken: bool| {
        let mut order = order(NUMBER);
        order["informationOrder"][field] = value.clone();
        let answer = client.create(&order).await.1;
        assert_eq!(answer["itemCode"].is_string(), taken, "{field} {value}: {answer}");
    };
    check("senderPhone", json!("+84510000111"), false).await;
    check("receiverPhone", json!("051++++111"), false).await;
    check("receiverDistrictCode", json!("VNP"), false).await;
    check("receiverCommuneCode", json!("3314"), false).await;
    check("receiverProvinceCode", json!(33), false).await;
    check("weight", json!("0"), false).await;
    check("weight", json!(100), false).await;
    check("vehicle", json!("BAY"), false).await;
    check("sendType", json!("3"), false).await;
    check("senderEmail", json!(""), false).await;
    check("saleOrderCode", json!("a b"), false).await;
    check("saleOrderCode", json!("a".repeat(51)), false).await;
    let addon = |code: &str, value: &str| json!([{ "code": code, "propValue": value }]);
    check("addonService", addon("GTG021", "PROP0018"), false).await;
    check("addonService", addon("GTG021", "PROP0019:8000"), false).await;
    check("addonService", addon("GTG021", "PROP0018:null"), false).await;
    check("addonService", addon("GTG008", "PROP0018:8000"), false).await;
    check("addonService", addon("GTG001", ""), true).await;
    check("addonService", json!([]), true).await;
    check("receiverDistrictCode", json!("3330"), true).await;
    check("sendType", json!("2"), true).await;
    let cash: Vec<i64> = running.partner().parcels(NUMBER).iter().map(|parcel| parcel.cash).collect();
    assert_eq!(cash, [0, 0, 8000, 8000]);
    running.shutdown().await;
}

#[tokio::test]
async fn a_token_belongs_to_one_customer_and_dies() {
    let other = Customer::new("T000180001", "xakhac_mc", "mat-khau-khac");
    let customers = vec![Config::default().customers.remove(0), other];
    let (running, mut client) = myvnpost(Config { customers, dead_token: 403, ..Config::default() }).await;
    let wrong =
        json!({ "success": false, "errorMessage": "Tên đăng nhập hoặc mật khẩu không đúng", "token": null });
    for (member, value) in [("password", "sai"), ("username", "sai"), ("customerCode", "T000180001")] {
        let mut credentials = crate::support::credentials();
        credentials[member] = json!(value);
        assert_eq!(client.post("GetAccessToken", &credentials).await, (200, wrong.clone()), "{member}");
    }
    let mut foreign = order(NUMBER);
    foreign["customerCode"] = json!("T000180001");
    assert_eq!(client.create(&foreign).await.1["message"], "Mã khách hàng không thuộc tài khoản này");

    let dead = (403, json!({ "message": "Token không hợp lệ hoặc đã hết hạn" }));
    running.partner().expire_tokens(Some("T000180001"));
    assert_eq!(client.create(&order(NUMBER)).await.0, 200);
    running.partner().expire_tokens(Some(CUSTOMER));
    assert_eq!(client.create(&order(NUMBER)).await, dead);
    client.log_in().await;
    running.fault(Fault::new(Deed::SessionExpired).on("CreateOrder").key(NUMBER).times(1));
    assert_eq!(client.create(&order(NUMBER)).await, dead);
    assert_eq!(client.create(&order(NUMBER)).await, dead, "the token itself is gone");
    // The token is not an authorization.
    client.log_in().await;
    let bearer = client.http.post(client.url("CreateOrder")).bearer_auth(&client.token).json(&order(NUMBER));
    assert_eq!(bearer.send().await.unwrap().status().as_u16(), 403);
    assert_eq!(running.partner().taken(), 1);
    running.shutdown().await;

    let (running, client) = myvnpost(Config { token_life: Duration::ZERO, ..Config::default() }).await;
    assert_eq!(client.create(&order(NUMBER)).await.0, 401);
    running.shutdown().await;
}

#[tokio::test]
async fn a_resent_create_makes_a_second_parcel_and_shows() {
    let (running, client) = myvnpost(Config::default()).await;
    running.fault(Fault::lost_answer("CreateOrder").key(NUMBER));
    client.try_create(&order(NUMBER)).await.unwrap_err();
    let (_, answer) = client.create(&order(NUMBER)).await;
    let parcels = running.partner().parcels(NUMBER);
    let second = &parcels[1];
    let expected = json!({ "orderHdrID": second.header, "originalID": second.original, "itemCode": second.item_code,
        "status": 1, "saleOrderCode": NUMBER, "totalFee": 30800, "mainFee": 28000, "vasFee": 0, "codAmount": 8000 });
    assert_eq!(answer, expected);
    assert!(parcels[0].item_code != second.item_code && mock_kit::is_waybill(&second.item_code));
    let doubled = running.partner().doubled();
    assert_eq!((doubled.len(), doubled[0].parcels, doubled[0].live), (1, 2, 2));
    let entries = running.received("CreateOrder");
    assert_eq!((entries.len(), entries.iter().filter(|entry| entry.took_effect()).count()), (2, 2));
    running.shutdown().await;
}

#[tokio::test]
async fn an_answer_is_written_as_configured() {
    let config = Config { record_in_data: true, prefix: "/customer-partner".to_owned(), ..Config::default() };
    let (running, client) = myvnpost(config).await;
    let (_, answer) = client.create(&order(NUMBER)).await;
    assert_eq!(answer["data"]["saleOrderCode"], NUMBER);
    let unprefixed = client.http.post(format!("{}/CreateOrder", running.url())).json(&order(NUMBER));
    assert_eq!(unprefixed.send().await.unwrap().status().as_u16(), 404);
    running.shutdown().await;
    for (reason_member, name) in [(ReasonMember::Upper, "Message"), (ReasonMember::Error, "errorMessage")] {
        let (running, client) = myvnpost(Config { reason_member, ..Config::default() }).await;
        let refusal = Deed::Refuse { code: "1".to_owned(), message: "Ngoài vùng phục vụ".to_owned() };
        running.fault(Fault::new(refusal).on("CreateOrder").times(1));
        assert_eq!(client.create(&order(NUMBER)).await, (200, json!({ name: "Ngoài vùng phục vụ" })));
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_draft_goes_nowhere() {
    let (running, client) = myvnpost(Config::default()).await;
    let mut draft = order(NUMBER);
    draft["orderCreationStatus"] = json!(0);
    assert_eq!(client.create(&draft).await.1["status"], 0);
    assert_eq!(running.partner().advance(&Advance::default()), 0);
    running.shutdown().await;
}

#[tokio::test]
async fn an_order_goes_the_way_of_its_script_and_its_history_tells() {
    let (running, client) = myvnpost(Config::default()).await;
    let way = [Status::COLLECTED, Status::FAILED, Status::RETURN_ASKED, Status::RETURNING, Status::RETURNED];
    running.partner().script("A", &way);
    client.create(&order("A")).await;
    client.create(&order("B")).await;
    let from = at("2026-11-05T07:30:00Z");
    let gone = running.partner().advance(&Advance { at: Some(from), ..Advance::of("A", Status::RETURNED) });
    assert_eq!(gone, 5);
    running.partner().advance_to("B", Status::DELIVERED);
    // What comes after the last of the script, and what nobody knows.
    for later in [Status::CASH_PAID, Status::SETTLED, Status(77)] {
        running.partner().advance_to("B", later);
    }
    let codes = |history: &Value| -> Vec<u64> {
        let rows = history["statusHistory"].as_array().unwrap().iter();
        rows.map(|row| row["statusCode"].as_u64().unwrap()).collect()
    };
    let a = client.history(&running.partner().parcels("A")[0].item_code).await;
    assert_eq!(codes(&a), [1, 6, 15, 16, 24, 19]);
    let failed = json!({ "createdDate": "05/11/2026", "createdHour": "14:30:01", "statusCode": 15,
                         "statusName": "Giao không thành công" });
    assert_eq!(a["statusHistory"][2], failed);
    let b = client.history(&running.partner().parcels("B")[0].item_code).await;
    assert_eq!(codes(&b), [1, 2, 6, 10, 11, 12, 14, 21, 28, 77]);
    assert_eq!(client.history("ED999999999VN").await, json!({ "statusHistory": [] }));
    running.shutdown().await;
}

#[tokio::test]
async fn orders_move_by_themselves_when_told_so() {
    let advance_every = Some(Duration::from_millis(1));
    let (running, client) = myvnpost(Config { advance_every, ..Config::default() }).await;
    client.create(&order(NUMBER)).await;
    let delivered =
        |running: &mock_myvnpost::Running| running.partner().parcels(NUMBER)[0].status() == Status::DELIVERED;
    assert!(running.until(Duration::from_secs(20), delivered).await);
    running.shutdown().await;
}

#[tokio::test]
async fn the_state_is_shown_and_commanded_over_http() {
    let (running, client) = myvnpost(Config::default()).await;
    let command = async |path: &str, body: Value| {
        crate::support::read(
            client.http.post(format!("{}/_mock/{path}", running.url())).json(&body).send().await.unwrap(),
        )
        .await
    };
    assert_eq!(command("script", json!({ "order": "A", "steps": [6, 14] })).await.0, 200);
    client.create(&order("A")).await;
    client.create(&order("A")).await;
    assert_eq!(command("advance", json!({ "order": "A", "to": 6 })).await.1, json!({ "steps": 2 }));
    assert_eq!(command("advance", json!({ "to": "nowhere" })).await.0, 400);
    let show = async |path: &str| {
        let response = client.http.get(format!("{}/_mock/{path}", running.url())).send().await.unwrap();
        crate::support::read(response).await.1
    };
    let state = show("state").await;
    assert_eq!(
        (&state["orders"]["A"][1]["status"], &state["orders"]["A"][0]["collected"]),
        (&json!(6), &json!(true))
    );
    let doubled = json!({ "orders": [{ "saleOrderCode": "A", "parcels": 2, "live": 2 }] });
    assert_eq!(show("duplicates").await, doubled);
    assert_eq!(command("expire", json!({})).await.0, 200);
    assert_eq!(client.create(&order("A")).await.0, 401);
    running.shutdown().await;
}

#[tokio::test]
async fn what_was_planted_is_found_by_whoever_lists() {
    let (running, client) = myvnpost(Config::default()).await;
    for number in ["A", "B", "C", "D"] {
        client.create(&order(number)).await;
    }
    let partner = running.partner();
    let at = at("2026-11-05T00:00:00Z");
    partner.advance(&Advance { at: Some(at), ..Advance::default() });
    let stranger = Planted {
        customer: CUSTOMER.to_owned(),
        number: "LA-1".to_owned(),
        cash: 0,
        at,
        statuses: vec![Status::COLLECTED],
    };
    assert_eq!(partner.plant(&stranger).status(), Status::COLLECTED);
    assert_eq!((partner.remove("B"), partner.set_cash("C", 9000)), (1, 1));
    assert!(partner.duplicate("D").is_some() && partner.duplicate("B").is_none());
    let listed = client.list("05-11-2026", "05-11-2026", 0, 500).await;
    let seen: Vec<(&str, i64)> = listed
        .iter()
        .map(|order| (order["saleOrderCode"].as_str().unwrap(), order["codAmount"].as_i64().unwrap()))
        .collect();
    assert_eq!(seen, [("A", 8000), ("C", 9000), ("D", 8000), ("LA-1", 0), ("D", 8000)]);
    let answer = client.cancel(&partner.parcels("LA-1")[0].original).await;
    assert_eq!(answer["Type"], "03", "only what came by the API can be cancelled: {answer}");
    running.shutdown().await;
}

#[tokio::test]
async fn a_wrong_method_or_path_gets_no_envelope() {
    let running = Mock::start(Config::default()).await.unwrap();
    let client = Client::new(&running, "").await;
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(client.http.get(client.url("CreateOrder"))).await, 405);
    assert_eq!(status(client.http.post(client.url("getOrder"))).await, 405);
    assert_eq!(status(client.http.post(client.url("orderCorrection"))).await, 404);
    assert_eq!(status(client.http.post(client.url("CreateOrder")).body("{}")).await, 415);
    running.fault(Fault::new(Deed::TooMany { wait: mock_kit::Wait::Seconds(7) }).on("getOrder").times(1));
    assert_eq!(status(client.http.get(client.url("getOrder"))).await, 429);
    running.shutdown().await;
}
