use super::*;
use jiff::civil::date;
use lienthong_core::ids::UnitCode;
use lienthong_http::testing::{Arrived, Says, Seen, StandIn, client_settings};
use lienthong_http::{ClientSettings, FailureKind};
use serde_json::Value;
use std::time::Duration;

const PROVINCES: &str = include_str!("fixtures/answer-provinces.xml");
const COMMUNES: &str = include_str!("fixtures/answer-communes.xml");
const DAY: Date = date(2026, 11, 1);

/// A question as it arrived.
#[derive(Clone, Debug)]
struct Question {
    line: String,
    action: String,
    content_type: String,
    body: String,
}

impl Seen for Question {
    fn read(arrived: Arrived) -> Self {
        Self {
            line: arrived.line.clone(),
            action: arrived.header("soapaction").unwrap_or_default(),
            content_type: arrived.header("content-type").unwrap_or_default(),
            body: String::from_utf8(arrived.body).unwrap(),
        }
    }

    fn what(&self) -> String {
        self.action.clone()
    }
}

fn says(status: u16, body: &str) -> Says {
    Says { status, wait: None, body: Value::from(body) }
}

/// Answers both questions with the fixtures.
fn usual(question: &Question, _before: usize) -> Says {
    says(200, if question.action.contains("PhuongXa") { COMMUNES } else { PROVINCES })
}

fn catalogue(stand_in: &StandIn<Question>, corrections: Vec<Correction>) -> Catalogue {
    let client = ClientSettings { body_cap: 1 << 20, ..client_settings() };
    Catalogue::build(CatalogueSettings { url: format!("{}/DMDVHC.asmx", stand_in.url), corrections, client })
        .unwrap()
}

#[tokio::test]
async fn provinces_and_communes_of_a_day_are_asked_for_and_listed() {
    let stand_in = StandIn::start(usual).await;
    let asked = catalogue(&stand_in, Vec::new()).units(DAY).await.unwrap();
    let codes: Vec<&str> = asked.list.iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!(codes, ["15", "01", "04375", "00196"]);
    let seen = stand_in.seen();
    assert_eq!(
        stand_in.calls(),
        ["\"http://tempuri.org/DanhMucTinh\"", "\"http://tempuri.org/DanhMucPhuongXa\""]
    );
    for question in seen {
        assert_eq!(question.line, "POST /DMDVHC.asmx");
        assert_eq!(question.content_type, "text/xml; charset=utf-8");
        assert!(question.body.contains("<DenNgay>01/11/2026</DenNgay>"), "{}", question.body);
    }
}

#[tokio::test]
async fn a_wrong_code_is_corrected_where_its_name_stands_too() {
    let stand_in = StandIn::start(usual).await;
    let correction = |listed, name: &str| Correction {
        listed: UnitCode::new(listed),
        name: name.to_owned(),
        code: UnitCode::new("04376"),
    };
    let fitting = correction("04375", "Xã Yên Bình");
    let other_name = correction("00196", "Xã Yên Bình");
    let asked = catalogue(&stand_in, vec![fitting, other_name.clone()]).units(DAY).await.unwrap();
    let codes: Vec<&str> = asked.list.iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!(codes, ["15", "01", "04376", "00196"]);
    assert_eq!(asked.unused, [other_name]);
}

#[tokio::test]
async fn what_is_no_whole_answer_gives_no_list() {
    let fault = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault>\
                 <faultstring>DenNgay sai</faultstring></s:Fault></s:Body></s:Envelope>";
    let answers: [(u16, &str, &str); 6] = [
        (500, fault, "the service answers with a fault: DenNgay sai"),
        (200, fault, "the service answers with a fault: DenNgay sai"),
        (503, "Service Unavailable", "HTTP status 503"),
        (302, "", "HTTP status 302"),
        (500, COMMUNES, "HTTP status 500"),
        (200, "<html/>", "the answer has no SOAP envelope; is this the address of the catalogue?"),
    ];
    for (status, body, expected) in answers {
        let stand_in = StandIn::start(move |question: &Question, before| {
            if question.action.contains("PhuongXa") { says(status, body) } else { usual(question, before) }
        })
        .await;
        let failed = catalogue(&stand_in, Vec::new()).units(DAY).await.unwrap_err();
        let told = std::error::Error::source(&failed).map_or_else(|| failed.to_string(), ToString::to_string);
        assert!(told.ends_with(expected), "{status}: {told}");
        assert_eq!(stand_in.seen().len(), 2, "each question is asked once");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_closes_or_floods_gives_no_list() {
    let closing = StandIn::start(|_: &Question, _| says(0, "")).await;
    let kind = |failed| match failed {
        Failed::NoAnswer { failure, .. } => Some(failure.kind),
        Failed::Address(_) | Failed::Client(_) | Failed::Status { .. } | Failed::Unreadable { .. } => None,
    };
    let failed = catalogue(&closing, Vec::new()).units(DAY).await.unwrap_err();
    assert_eq!(kind(failed), Some(FailureKind::ClosedEarly));
    let flooding = StandIn::start(|_: &Question, _| says(200, &" ".repeat(2 << 20))).await;
    let failed = catalogue(&flooding, Vec::new()).units(DAY).await.unwrap_err();
    assert_eq!(kind(failed), Some(FailureKind::BodyTooLarge));
    let client = ClientSettings { deadline: Duration::from_secs(5), ..client_settings() };
    let settings = |url: &str| CatalogueSettings {
        url: url.to_owned(),
        corrections: Vec::new(),
        client: client.clone(),
    };
    let failed = Catalogue::build(settings("http://127.0.0.1:1/")).unwrap().units(DAY).await.unwrap_err();
    assert_eq!(kind(failed), Some(FailureKind::Refused));
    assert!(matches!(Catalogue::build(settings("danhmuc")), Err(Failed::Address(_))));
}
