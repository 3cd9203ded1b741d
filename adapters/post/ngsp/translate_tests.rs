use super::*;
use crate::ngsp::testing;
use crate::orders::settings::NoDistrict;
use lienthong_core::handoff::Leg;
use lienthong_core::ids::UnitCode;
use serde_json::{Value, json};

fn json(order: &Order, settings: &NgspSettings) -> Value {
    serde_json::to_value(create(order, settings).unwrap()).unwrap()
}

fn sample(name: &str) -> Value {
    serde_json::from_slice(&testing::fixture(name)).unwrap()
}

#[test]
fn a_return_becomes_the_contracts_first_sample() {
    let settings = testing::settings("http://ngsp.example");
    assert_eq!(json(&testing::return_order(), &settings), sample("sample-return.json"));
}

#[test]
fn a_pickup_becomes_the_contracts_second_sample_in_neutral_words() {
    let settings = testing::settings("http://ngsp.example");
    let mut expected = sample("sample-pickup.json");
    // The sample names the procedure, which the post is not told (decision 45/2016).
    expected["SenderDesc"] = json!(
        "Mã hồ sơ: 000.00.25.H56-261110-00003||Thành phần hồ sơ 1: Hồ sơ TTHC||Tên dịch vụ: Thu gom hồ sơ tại nhà"
    );
    assert_eq!(json(&testing::pickup_order(), &settings), expected);
}

#[test]
fn the_members_stand_in_the_contracts_order() {
    let settings = testing::settings("http://ngsp.example");
    let text = serde_json::to_string(&create(&testing::return_order(), &settings).unwrap()).unwrap();
    let sample = String::from_utf8(testing::fixture("sample-return.json")).unwrap();
    let names = |text: &str| -> Vec<String> {
        text.split('"')
            .filter(|part| part.starts_with(char::is_uppercase))
            .map(str::to_owned)
            .filter(|part| part.is_ascii() && !part.contains('_'))
            .collect()
    };
    assert_eq!(names(&text).len(), 17);
    assert_eq!(names(&text), names(&sample));
}

#[test]
fn no_district_is_zero_or_null_as_configured() {
    let mut order = testing::return_order();
    order.to.commune_code = UnitCode::new("04999");
    let mut settings = testing::settings("http://ngsp.example");
    assert_eq!(json(&order, &settings)["ReceiverDistrict"], json!(0));
    settings.no_district = NoDistrict::Null;
    assert_eq!(json(&order, &settings)["ReceiverDistrict"], Value::Null);
    assert_eq!(json(&order, &settings)["SenderDistrict"], json!(3300));
}

#[test]
fn phones_and_empty_members_go_out_as_the_post_wants_them() {
    let settings = testing::settings("http://ngsp.example");
    let mut order = testing::return_order();
    order.to.phone = "+84 510 000 222".to_owned();
    order.from.email = Some("mc@hoso.example".to_owned());
    order.to.email = Some(" ".to_owned());
    order.note = Some(" ".to_owned());
    let json = json(&order, &settings);
    assert_eq!(json["ReceiverTel"], json!("0510000222"));
    assert_eq!(json["SenderEmail"], json!("mc@hoso.example"));
    assert_eq!((&json["ReceiverEmail"], &json["Description"]), (&Value::Null, &Value::Null));
}

#[test]
fn every_problem_names_the_field_to_correct() {
    fn check(leg: Leg, change: fn(&mut Order), expected: &[(&str, &str)]) {
        let settings = testing::settings("http://ngsp.example");
        let mut order = Order { leg, ..testing::return_order() };
        if leg == Leg::Pickup {
            std::mem::swap(&mut order.from, &mut order.to);
        }
        change(&mut order);
        let problems = create(&order, &settings).unwrap_err();
        let found: Vec<(&str, &str)> =
            problems.iter().map(|problem| (problem.code.as_str(), problem.field.as_str())).collect();
        assert_eq!(found, expected, "{leg:?}");
    }
    let no_phone: fn(&mut Order) = |order| order.to.phone = "không có".to_owned();
    check(Leg::Return, no_phone, &[("GATEWAY-NO-PHONE", "postal.return.phone")]);
    check(Leg::PapersBack, no_phone, &[("GATEWAY-NO-PHONE", "postal.pickup.phone")]);
    check(Leg::Forward, no_phone, &[("GATEWAY-NO-PHONE", "postal.forward.phone")]);
    check(Leg::Pickup, |order| order.from.phone.clear(), &[("GATEWAY-NO-PHONE", "postal.pickup.phone")]);
    check(Leg::Pickup, no_phone, &[("GATEWAY-NO-AGENCY-PROFILE", "agency.code")]);
    check(
        Leg::Return,
        |order| {
            order.to.name = " ".to_owned();
            order.to.address.clear();
            order.to.province_code = UnitCode::new("99");
            order.to.commune_code = UnitCode::new("99999");
            order.from.province_code = UnitCode::new("99");
            order.from.commune_code = UnitCode::new("99999");
        },
        &[
            ("GATEWAY-UNKNOWN-AREA", "agency.code"),
            ("GATEWAY-MISSING-FIELD", "postal.return.name"),
            ("GATEWAY-NO-ADDRESS", "postal.return.address"),
            ("GATEWAY-UNKNOWN-AREA", "postal.return.commune_code"),
        ],
    );
}

#[test]
fn only_one_order_or_cancel_travels_in_a_call() {
    let settings = testing::settings("http://ngsp.example");
    let order = Content::Order(Box::new(testing::return_order()));
    for contents in [&[][..], &[&order, &order][..]] {
        assert_eq!(cargo(contents, &settings).unwrap_err()[0].code.as_str(), WRONG_CONTENT);
    }
}
