use super::*;
use crate::myvnpost::testing;
use lienthong_core::ids::UnitCode;
use serde_json::{Value, json};

fn json(order: &Order, settings: &MyVnPostSettings) -> Value {
    serde_json::to_value(create(order, settings).unwrap()).unwrap()
}

/// The order of the contract's sample.
fn sample_order() -> Order {
    Order { note: Some("Phát tận tay".to_owned()), ..testing::return_order() }
}

#[test]
fn a_return_becomes_the_contracts_sample() {
    let settings = testing::settings("http://my.example");
    assert_eq!(json(&sample_order(), &settings), testing::sample("sample-order.json"));
}

#[test]
fn the_members_stand_in_the_contracts_order() {
    let settings = testing::settings("http://my.example");
    let text = serde_json::to_string(&create(&sample_order(), &settings).unwrap()).unwrap();
    let sample = String::from_utf8(testing::fixture("sample-order.json")).unwrap();
    let names = |text: &str| -> Vec<String> {
        let parts: Vec<&str> = text.split('"').collect();
        let named = parts.windows(2).filter(|pair| pair[1].trim_start().starts_with(':'));
        named.map(|pair| pair[0].to_owned()).collect()
    };
    assert_eq!(names(&text).len(), 38);
    assert_eq!(names(&text), names(&sample));
}

#[test]
fn a_pickup_goes_from_the_citizen_to_the_desk_and_is_collected_at_the_door() {
    let mut settings = testing::settings("http://my.example");
    settings.send_type = SendType::Brought;
    let order = &json(&testing::pickup_order(), &settings)["informationOrder"];
    assert_eq!(
        (&order["senderName"], &order["receiverName"]),
        (&json!("Lò Thị Bưởi"), &json!("Bộ phận một cửa xã Yên Bình"))
    );
    assert_eq!((&order["sendType"], &order["contentNote"]), (&json!("1"), &json!("Hồ sơ TTHC")));
    assert_eq!(order["addonService"], json!([]), "no money is collected");
    assert_eq!(json(&sample_order(), &settings)["informationOrder"]["sendType"], json!("2"));
}

#[test]
fn an_address_of_the_old_level_names_its_district() {
    let settings = testing::settings("http://my.example");
    let mut order = sample_order();
    order.to.commune_code = UnitCode::new("04390");
    let order = &json(&order, &settings)["informationOrder"];
    assert_eq!(order["receiverDistrictCode"], json!("3330"));
    assert_eq!(order["senderDistrictCode"], json!("VNPOST"));
}

#[test]
fn what_the_contract_says_goes_out_as_configured() {
    let mut settings = testing::settings("http://my.example");
    settings.contract_code = Some("HD-2026-01".to_owned());
    settings.service_code = "CTN001".to_owned();
    settings.weight = 250;
    settings.cash_properties = "PROP0018:{amount};PROP0019:null".to_owned();
    let order = json(&sample_order(), &settings);
    assert_eq!(order["contractCode"], json!("HD-2026-01"));
    let order = &order["informationOrder"];
    assert_eq!((&order["serviceCode"], &order["weight"]), (&json!("CTN001"), &json!("250")));
    assert_eq!(
        order["addonService"],
        json!([{ "code": "GTG021", "propValue": "PROP0018:8000;PROP0019:null" }])
    );
}

#[test]
fn every_problem_names_the_field_to_correct() {
    fn check(leg: Leg, change: fn(&mut Order), expected: &[(&str, &str)]) {
        let settings = testing::settings("http://my.example");
        let mut order = Order { leg, ..testing::return_order() };
        change(&mut order);
        let problems = create(&order, &settings).unwrap_err();
        let found: Vec<(&str, &str)> =
            problems.iter().map(|problem| (problem.code.as_str(), problem.field.as_str())).collect();
        assert_eq!(found, expected, "{leg:?}");
    }
    let no_phone: fn(&mut Order) = |order| order.to.phone = "không có".to_owned();
    check(Leg::Return, no_phone, &[("GATEWAY-NO-PHONE", "postal.return.phone")]);
    // The province has a number, the commune has none.
    let not_numbered: fn(&mut Order) = |order| order.to.commune_code = UnitCode::new("04999");
    check(Leg::Forward, not_numbered, &[("GATEWAY-UNKNOWN-AREA", "postal.forward.commune_code")]);
    let desk: fn(&mut Order) = |order| order.from.commune_code = UnitCode::new("04999");
    check(Leg::Return, desk, &[("GATEWAY-UNKNOWN-AREA", "agency.code")]);
}

#[test]
fn only_one_order_or_cancel_travels_in_a_call() {
    let settings = testing::settings("http://my.example");
    let order = Content::Order(Box::new(testing::return_order()));
    for contents in [&[][..], &[&order, &order][..]] {
        assert_eq!(cargo(contents, &settings).unwrap_err()[0].code.as_str(), WRONG_CONTENT);
    }
}
