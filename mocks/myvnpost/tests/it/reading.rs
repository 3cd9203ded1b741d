//! The MyVNPost mock over HTTP: lists, masked people, cancels.

use crate::support::{NUMBER, at, myvnpost, order};
use mock_myvnpost::{Advance, CancelEnds, CancelForm, Config, DateForm, Status};
use serde_json::{Value, json};

#[tokio::test]
async fn a_list_and_an_order_mask_people() {
    let (running, client) = myvnpost(Config::default()).await;
    client.create(&order(NUMBER)).await;
    let parcel = running.partner().parcels(NUMBER).remove(0);
    let (_, found) = client.get(&format!("getOrder?type=1&code={}", parcel.item_code)).await;
    let record = &found[0]["results"][0];
    assert_eq!(
        (&record["senderPhone"], &record["receiverPhone"]),
        (&json!("021+++++111"), &json!("051++++111"))
    );
    assert_eq!(record["receiverAddress"], "12 +++ ++++ +uân");
    assert_eq!((&record["receiverName"], &record["saleOrderCode"]), (&json!("Lò Thị Bưởi"), &json!(NUMBER)));
    for code in ["ED999999999VN", &parcel.original] {
        let (_, absent) = client.get(&format!("getOrder?type=1&code={code}")).await;
        assert_eq!(absent, json!([{ "results": [] }]), "{code}: an order is asked for by its waybill");
    }
    running.shutdown().await;
}

#[tokio::test]
async fn a_list_is_paged_by_the_day_of_the_last_update() {
    let (running, client) = myvnpost(Config::default()).await;
    for number in 0..5 {
        client.create(&order(&format!("A-{number}"))).await;
    }
    // Half past one at night in Việt Nam, the day before in Greenwich.
    let night = at("2026-11-04T18:30:00Z");
    running.partner().advance(&Advance { at: Some(night), ..Advance::default() });
    let numbers = async |from: &str, to: &str, page: usize, size: usize| -> Vec<String> {
        let orders = client.list(from, to, page, size).await;
        orders.iter().map(|order| order["saleOrderCode"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(numbers("05-11-2026", "05-11-2026", 0, 2).await, ["A-0", "A-1"]);
    assert_eq!(numbers("05-11-2026", "06-11-2026", 2, 2).await, ["A-4"]);
    assert!(numbers("05-11-2026", "05-11-2026", 3, 2).await.is_empty());
    assert!(numbers("04-11-2026", "04-11-2026", 0, 500).await.is_empty());
    assert!(numbers("06-11-2026", "07-11-2026", 0, 500).await.is_empty());
    running.shutdown().await;
}

#[tokio::test]
async fn a_moment_is_written_as_configured() {
    let forms = [
        (DateForm::Slashes, "05/11/2026 14:30:00", "05/11/2026"),
        (DateForm::Dashes, "05-11-2026 14:30:00", "05-11-2026"),
        (DateForm::Iso, "2026-11-05T14:30:00", "2026-11-05"),
    ];
    for (dates, moment, day) in forms {
        let (running, client) = myvnpost(Config { dates, ..Config::default() }).await;
        client.create(&order(NUMBER)).await;
        let at = Some(at("2026-11-05T07:30:00Z"));
        running.partner().advance(&Advance { at, ..Advance::default() });
        let listed = client.list("05-11-2026", "05-11-2026", 0, 500).await;
        assert_eq!(listed[0]["updatedDate"], moment);
        let history = client.history(&running.partner().parcels(NUMBER)[0].item_code).await;
        let row = &history["statusHistory"][1];
        assert_eq!((&row["createdDate"], &row["createdHour"]), (&json!(day), &json!("14:30:00")));
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_cancel_is_taken_until_collection() {
    let (running, client) = myvnpost(Config::default()).await;
    let unknown = json!({ "Type": "01", "Message": "Không tìm thấy đơn hàng", "OriginalId": "OR1" });
    assert_eq!(client.cancel("OR1").await, unknown);
    client.create(&order("A")).await;
    client.create(&order("B")).await;
    let original = |number: &str| running.partner().parcels(number)[0].original.clone();
    let done = json!({ "Type": "00", "Message": "Hủy đơn hàng thành công", "OriginalId": original("A") });
    assert_eq!(client.cancel(&original("A")).await, done);
    assert_eq!(client.cancel(&original("A")).await["Type"], "05");
    assert_eq!(running.partner().parcels("A")[0].status(), Status(9));
    assert_eq!(running.partner().advance_to("A", Status::COLLECTED), 0, "a cancelled order stays");
    running.partner().advance_to("B", Status::COLLECTED);
    let late = client.cancel(&original("B")).await;
    assert_eq!(
        (&late["Type"], &late["Message"]),
        (&json!("04"), &json!("Bưu tá đã lấy hàng, không thể hủy"))
    );
    assert!(!running.partner().parcels("B")[0].is_cancelled());
    running.shutdown().await;
}

#[tokio::test]
async fn a_cancel_may_wait_for_a_post_office() {
    let (running, client) = myvnpost(Config { cancel_ends: CancelEnds::Asked, ..Config::default() }).await;
    let partner = running.partner();
    for number in ["A", "B", "C"] {
        client.create(&order(number)).await;
        let original = partner.parcels(number)[0].original.clone();
        let first = client.cancel(&original).await;
        assert_eq!((&first["Type"], &first["Message"]), (&json!("02"), &json!("Chờ bưu cục phê duyệt")));
        assert_eq!(
            client.cancel(&original).await["CaseId"],
            first["CaseId"],
            "one case, however often it is asked"
        );
    }
    assert!(!partner.parcels("A")[0].is_cancelled());
    assert!(partner.decide("A", true));
    assert!(!partner.decide("A", true), "nobody asks any more");
    assert!(!partner.decide("B", false));
    partner.advance_to("C", Status::COLLECTED);
    assert!(!partner.decide("C", true), "too late");
    let cancelled: Vec<bool> =
        ["A", "B", "C"].map(|number| partner.parcels(number)[0].is_cancelled()).into_iter().collect();
    assert_eq!(cancelled, [true, false, false]);
    running.shutdown().await;
}

#[tokio::test]
async fn the_answer_to_a_cancel_has_four_forms() {
    let check = async |cancel_form: CancelForm, pointer: &str| {
        let (running, client) = myvnpost(Config { cancel_form, ..Config::default() }).await;
        client.create(&order(NUMBER)).await;
        let answer: Value = client.cancel(&running.partner().parcels(NUMBER)[0].original).await;
        assert_eq!(answer.pointer(pointer), Some(&json!("00")), "{answer}");
        running.shutdown().await;
    };
    check(CancelForm { as_list: false, small_letters: false }, "/Type").await;
    check(CancelForm { as_list: false, small_letters: true }, "/type").await;
    check(CancelForm { as_list: true, small_letters: false }, "/0/Type").await;
    check(CancelForm { as_list: true, small_letters: true }, "/0/type").await;
}
