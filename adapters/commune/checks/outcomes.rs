//! Outcomes as they are written, against their published schema.

use crate::{encode_outcome, outcome_schema};
use jiff::Timestamp;
use lienthong_core::handoff::{Cancel, Content, Handoff, Leg};
use lienthong_core::ids::{AccountName, AgencyCode, DossierCode, DossierKey, HandoffId, OrderNumber};
use lienthong_core::news::{
    Became, CashNews, News, Notice, OrderNews, ParcelNews, PortalNews, Request, Told, Update,
};
use lienthong_core::outcome::{Reason, ReasonCode};
use lienthong_core::receipt::Receipt;
use lienthong_core::status::Status;
use lienthong_core::tracking::{Money, TrackingState};
use serde_json::{Value, json};

fn handoff(content: Content) -> Handoff {
    Handoff {
        id: HandoffId::new("5f0f4d3f0a2c9f6d1b7e"),
        dossier: DossierKey::of_code(&DossierCode::new("H11.01.07-220915-0041")),
        agency: AgencyCode::new("H11.01.07"),
        account: AccountName::new("commune-tien-thanh"),
        content,
        receipt: Receipt::default(),
    }
}

fn written(told: Told) -> (&'static str, Value) {
    let at: Timestamp = "2022-09-16T03:20:00Z".parse().unwrap();
    let sentences =
        |code: &ReasonCode| (code.as_str() == "POST-105").then_some(("Số điện thoại sai.", "Bad phone."));
    let outcome =
        encode_outcome(&handoff(Content::News(News { sequence: 6, at, told })), &sentences).unwrap();
    (outcome.kind, serde_json::from_slice(&outcome.body).unwrap())
}

fn order(became: Became) -> Told {
    let number = OrderNumber::new("H11.01.07-220915-0041-TRA-1");
    Told::Order(OrderNews { request: Request::Order, leg: Leg::Return, number, became })
}

fn parcel(state: TrackingState) -> Told {
    let number = OrderNumber::new("H11.01.07-220915-0041-TRA-1");
    Told::Parcel(ParcelNews { leg: Some(Leg::Return), number, state, waybill: None })
}

fn cash(money: Money) -> Told {
    let number = OrderNumber::new("H11.01.07-220915-0041-TRA-1");
    Told::Cash(CashNews { leg: Leg::Return, number, money })
}

fn every() -> Vec<Told> {
    let reason = Reason::new(ReasonCode::known("POST-105")).at("postal.return.phone").saying("Lò Thị Bưởi");
    let became = [
        Became::Accepted,
        Became::stopped(&reason),
        Became::held(&reason),
        Became::SettledByHand,
        Became::Reopened,
        Became::CalledOff,
    ];
    let mut all: Vec<Told> = became.iter().cloned().map(order).collect();
    for update in [Update::Record, Update::Progress] {
        for status in [None, Some(Status::Done)] {
            let became = Became::Accepted;
            all.push(Told::Portal(PortalNews { update, status, became }));
        }
    }
    let tracked = TrackingState::ALL.into_iter().filter(|state| *state != TrackingState::Unknown);
    all.extend(tracked.map(parcel));
    let number = OrderNumber::new("H11.01.07-220915-0041-0a1b2c");
    all.push(Told::Parcel(ParcelNews { leg: None, number, state: TrackingState::Delivered, waybill: None }));
    all.extend(Money::ALL.map(cash));
    all.push(Told::Notice(Notice { code: ReasonCode::known("DESK-PARCEL-RETURNED"), task: true }));
    all
}

#[test]
fn an_outcome_says_what_became_of_it_in_our_words() {
    let reason = Reason::new(ReasonCode::known("POST-105")).at("postal.return.phone").saying("Lò Thị Bưởi");
    let (kind, body) = written(order(Became::stopped(&reason)));
    assert_eq!(kind, "order-changed");
    assert_eq!(
        body,
        json!({
            "specversion": "1.0", "id": "5f0f4d3f0a2c9f6d1b7e", "source": "urn:lienthong:gateway",
            "type": "vn.lienthong.order-changed", "subject": "H11.01.07-220915-0041", "time": "2022-09-16T03:20:00Z",
            "sequence": "6", "agency": "H11.01.07", "datacontenttype": "application/json",
            "dataschema": "urn:lienthong:schema:outcome:1",
            "data": { "order": {
                "request": "order", "number": "H11.01.07-220915-0041-TRA-1", "leg": "TRA", "state": "stopped",
                "reason": { "code": "POST-105", "field": "postal.return.phone", "vi": "Số điện thoại sai.", "en": "Bad phone." }
            } }
        })
    );
}

#[test]
fn cash_is_told_as_news_of_its_order_that_a_reader_of_before_can_read() {
    let (kind, body) = written(cash(Money::Collected));
    assert_eq!(kind, "order-changed");
    let told = json!({
        "request": "order", "number": "H11.01.07-220915-0041-TRA-1", "leg": "TRA", "state": "accepted", "reason": null,
        "cash": "collected"
    });
    assert_eq!(body["data"]["order"], told);
    let (_, body) = written(order(Became::Accepted));
    assert!(body["data"]["order"].get("cash").is_none(), "other news says nothing of it: {body}");
    let schema = outcome_schema();
    let required = schema["$defs"]["Order"]["required"].as_array().unwrap();
    assert!(!required.contains(&json!("cash")), "{required:?}");
}

#[test]
fn every_outcome_keeps_the_published_schema_and_another_kinds_part_does_not() {
    let schema = outcome_schema();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    for told in every() {
        let (_, body) = written(told);
        let problems: Vec<_> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?} in {body}");
        assert!(!body.to_string().contains("Bưởi"), "a partner's own words in {body}");
    }
    let (_, mut mixed) = written(parcel(TrackingState::Delivered));
    mixed["type"] = "vn.lienthong.order-changed".into();
    assert!(!validator.is_valid(&mixed));
    let (_, mut unknown) = written(parcel(TrackingState::Delivered));
    unknown["data"]["parcel"]["state"] = "unknown".into();
    assert!(!validator.is_valid(&unknown));
}

#[test]
fn other_handoffs_are_no_outcomes() {
    let cancel = Cancel { number: OrderNumber::new("X-TRA-1"), leg: Leg::Return };
    assert_eq!(encode_outcome(&handoff(Content::Cancel(cancel)), &|_| None), None);
}
