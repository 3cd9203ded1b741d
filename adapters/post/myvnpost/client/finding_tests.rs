use crate::myvnpost::client::tests::{ended, list, number, partner, port, port_with, receipt};
use crate::myvnpost::config::MyVnPostSettings;
use crate::myvnpost::testing::{DOSSIER, Says, cancel, order, record};
use lienthong_core::ids::DossierCode;
use lienthong_core::inspect::{Inspected, Inspection, Theirs};
use lienthong_core::port::{LookUp, Port, Uniqueness};
use lienthong_core::tracking::TrackingState;
use lienthong_http::testing::Seen as _;
use serde_json::{Value, json};

#[tokio::test]
async fn a_refused_order_is_looked_for_where_numbers_are_unique() {
    async fn check(unique: fn(&mut MyVnPostSettings), found: Value, expected: (&str, &str), calls: usize) {
        let partner = partner(move |seen, _| match &*seen.what() {
            "CreateOrder" => (200, json!({ "message": "Mã đơn hàng đã tồn tại" })),
            _ => list(&[record(found.clone())]),
        })
        .await;
        let sent = port_with(&partner, unique).send(&[order()], None).await;
        assert_eq!(ended(&sent.outcome), (expected.0, expected.1.to_owned()));
        assert_eq!((sent.receipt.is_empty(), partner.calls().len()), (expected.0 != "accepted", calls));
    }
    let unique = |settings: &mut MyVnPostSettings| settings.number_unique = Uniqueness::Yes;
    check(unique, json!({}), ("accepted", "GATEWAY-FOUND"), 3).await;
    check(unique, json!({ "codAmount": 0 }), ("rejected", "MYVNPOST-UNLISTED"), 3).await;
    check(unique, json!({ "saleOrderCode": "other" }), ("rejected", "MYVNPOST-UNLISTED"), 3).await;
    check(|_| {}, json!({}), ("rejected", "MYVNPOST-UNLISTED"), 2).await;
}

#[tokio::test]
async fn an_order_is_found_by_its_number_on_whatever_page() {
    let partner = partner(|seen, _| {
        let other = |n: u32| record(json!({ "originalID": format!("OR{n}"), "saleOrderCode": "H11-GOM-1" }));
        if seen.asks("page=0") { list(&[other(1), other(2)]) } else { list(&[record(json!({}))]) }
    })
    .await;
    let port = port_with(&partner, |settings| settings.page_size = 2);
    let found = port.look_up(&order()).await;
    assert_eq!(found, LookUp::Found { same: true, receipt: receipt() });
    let days = "lastUpdateFrom=04-11-2026&lastUpdateTo=06-11-2026&type=GUI";
    let lines: Vec<String> = partner.seen().into_iter().skip(1).map(|seen| seen.line).collect();
    let page = |n: u32| format!("GET /GetListOrder?{days}&page={n}&size=2&isInternational=false");
    assert_eq!(lines, [page(0), page(1)]);
}

#[tokio::test]
async fn a_question_ends_in_what_the_list_shows() {
    async fn check(answer: Says, expected: LookUp) {
        let partner = partner(move |_, _| answer.clone()).await;
        assert_eq!(port(&partner).look_up(&order()).await, expected);
    }
    let two = [record(json!({})), record(json!({ "originalID": "OR2" }))];
    check(list(&[]), LookUp::Absent).await;
    check(list(&[record(json!({ "saleOrderCode": "other" }))]), LookUp::Absent).await;
    check(list(&two), LookUp::found(false)).await;
    check(list(&[record(json!({ "codAmount": 0 }))]), LookUp::Found { same: false, receipt: receipt() })
        .await;
    for (answer, code) in [
        ((200, json!({ "success": false, "message": "Lỗi" })), "MYVNPOST-UNREADABLE"),
        ((503, json!("")), "MYVNPOST-HTTP-503"),
        ((401, json!("")), "MYVNPOST-HTTP-401"),
    ] {
        let partner = partner(move |_, _| answer.clone()).await;
        let LookUp::CouldNotAsk(reason) = port(&partner).look_up(&order()).await else { panic!("{code}") };
        assert_eq!(reason.code.as_str(), code);
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_no_proof_of_absence() {
    let partner = partner(|seen, before| {
        assert!(seen.asks(&format!("page={before}")));
        list(&[record(json!({ "originalID": format!("OR{before}"), "saleOrderCode": "H11-GOM-1" }))])
    })
    .await;
    let port = port_with(&partner, |settings| settings.page_size = 1);
    let LookUp::CouldNotAsk(reason) = port.look_up(&order()).await else { panic!("could not ask") };
    assert_eq!(reason.code.as_str(), "MYVNPOST-TOO-MANY-ORDERS");
    assert_eq!(partner.calls().len(), 51);
}

#[tokio::test]
async fn the_list_shows_what_the_post_has_page_by_page() {
    let partner = partner(|seen, _| {
        let stranger = record(json!({ "originalID": "OR2", "saleOrderCode": "" }));
        if seen.asks("page=0") { list(&[record(json!({})), stranger]) } else { list(&[]) }
    })
    .await;
    let port = port_with(&partner, |settings| settings.page_size = 2);
    let (from, to) = ("2026-11-01T17:00:00Z".parse().unwrap(), "2026-11-03T05:00:00Z".parse().unwrap());
    let ask = |after| Inspection::Orders { from, to, after };
    let Inspected::Held { things, unreadable: 1, next } = port.inspect(&ask(None)).await else {
        panic!("a page")
    };
    let expected = Theirs {
        name: number(),
        status: Some("1".to_owned()),
        state: Some(TrackingState::Accepted),
        waybill: receipt().waybill,
        cash: Some(8000),
    };
    assert_eq!((things, next.as_deref()), (vec![expected], Some("1")));
    let Inspected::Held { things, next: None, .. } = port.inspect(&ask(next)).await else {
        panic!("the end")
    };
    assert!(things.is_empty());
    assert!(
        partner.seen()[1].asks("lastUpdateFrom=02-11-2026")
            && partner.seen()[2].asks("lastUpdateTo=03-11-2026")
    );
    let of_a_dossier = Inspection::Dossier(DossierCode::new(DOSSIER));
    assert_eq!(port.inspect(&of_a_dossier).await, Inspected::NoQuestion);
}

#[tokio::test]
async fn nobody_has_to_ask_about_a_cancel() {
    let partner = partner(|_, _| list(&[])).await;
    assert_eq!(port(&partner).look_up(&cancel(&number())).await, LookUp::AskTheFeed);
    assert!(partner.calls().is_empty());
}
