//! What the post takes, and that it refuses everything else.

use std::collections::BTreeSet;

use crate::support::{CUSTOMER, Client, NUMBER, done, order, post, read, refused};
use mock_kit::{Deed, Fault, mutations};
use mock_post::{Config, Customer, ORDER_FIELDS, Step};
use serde_json::{Value, json};

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
