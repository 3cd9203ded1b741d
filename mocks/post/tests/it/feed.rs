//! The way of an order, and what the feed tells of it.

use std::time::Duration;

use crate::support::{CUSTOMER, NUMBER, START, order, post};
use mock_post::{Advance, Config, Planted, Step};
use serde_json::{Value, json};

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
async fn cash_is_told_of_when_the_parcel_has_arrived_and_leaves_it_there() {
    let (running, client) = post(Config::default()).await;
    let steps = vec![Step::Collected, Step::Delivered, Step::CashCollected, Step::CashSettled];
    running.partner().script("A", steps.clone());
    client.order(&order("A")).await;
    client.order(&order("B")).await;
    assert_eq!(running.partner().advance_to("A", Step::Delivered), 2);
    running.partner().advance(&Advance { order: Some("A".to_owned()), steps: Some(5), ..Advance::default() });
    assert_eq!(running.partner().parcels("A")[0].steps, steps);
    assert_eq!(running.partner().parcels("A")[0].step(), Some(Step::Delivered));
    running.partner().advance_to("B", Step::Delivered);
    assert_eq!(running.partner().advance(&Advance::default()), 0, "nothing lies ahead of either");
    assert_eq!(running.partner().advance_to("B", Step::CashSettled), 1);
    let codes =
        |number| running.partner().feed_of(CUSTOMER, number).iter().map(|row| row.code).collect::<Vec<_>>();
    assert_eq!(codes("A"), [1, 4, 20, 21]);
    assert_eq!(codes("B").last(), Some(&21));
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
