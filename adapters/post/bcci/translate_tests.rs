use super::*;
use crate::bcci::testing;
use crate::ngsp::testing::{areas, citizen, desk, return_order};
use crate::orders::settings::NoDistrict;
use lienthong_core::handoff::Party;
use lienthong_core::ids::{OrderNumber, UnitCode};
use serde_json::json;

fn shown(order: Order, waybill: Option<&str>, settings: &BcciSettings) -> Value {
    cargo(&[&Content::Order(Box::new(order))], waybill, settings).unwrap().shown()
}

#[test]
fn a_return_becomes_the_contracts_sample_in_neutral_words() {
    let order = Order {
        number: OrderNumber::new("000.00.25.H56-261102-00041"),
        cash: 0,
        note: None,
        from: Party {
            name: "Bộ phận một cửa".to_owned(),
            phone: "02373000222".to_owned(),
            email: Some("mc@hoso.example".to_owned()),
            ..desk()
        },
        to: Party {
            address: "Thôn 3, xã Yên Bình".to_owned(),
            commune_code: UnitCode::new("04999"),
            ..citizen()
        },
        ..return_order()
    };
    let shown = shown(order, Some(testing::WAYBILL), &testing::settings("http://bcci.example"));
    let mut expected: Value = serde_json::from_slice(&testing::fixture("sample-return.json")).unwrap();
    // The post is told the code of the dossier, too, and the areas are those of our tests.
    expected["SenderDesc"] = json!(
        "Mã hồ sơ: 000.00.25.H56-261102-00041||Thành phần hồ sơ 1: Kết quả TTHC||Tên dịch vụ: Trả hồ sơ tại nhà"
    );
    for (member, number) in [("SenderProvince", 33), ("SenderDistrict", 3300), ("ReceiverProvince", 33)] {
        expected[member] = json!(number);
    }
    assert_eq!(shown, expected);
}

#[test]
fn what_is_not_known_is_the_empty_text_or_the_district_as_configured() {
    let mut settings = testing::settings("http://bcci.example");
    settings.no_district = NoDistrict::Null;
    settings.flag_config = 1;
    let mut order = return_order();
    order.note = None;
    order.to.commune_code = UnitCode::new("04999");
    let shown = shown(order, None, &settings);
    for member in ["SenderEmail", "ReceiverEmail", "Description"] {
        assert_eq!(shown[member], json!(""), "{member}");
    }
    assert_eq!(shown["ReceiverDistrict"], Value::Null);
    assert_eq!((&shown["ItemCode"], &shown["FlagConfig"]), (&Value::Null, &json!(1)));
    assert_eq!(
        areas()
            .area(&UnitCode::new("15"), None, &UnitCode::new("04999"), return_order().as_of)
            .unwrap()
            .district,
        None
    );
}

#[test]
fn only_one_order_or_cancel_travels_in_a_call() {
    let settings = testing::settings("http://bcci.example");
    let order = Content::Order(Box::new(return_order()));
    for contents in [&[][..], &[&order, &order][..]] {
        assert_eq!(cargo(contents, None, &settings).unwrap_err()[0].code.as_str(), WRONG_CONTENT);
    }
}
