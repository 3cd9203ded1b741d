//! The catalogue mock over HTTP: what it takes, and that it refuses everything else.
#![cfg(test)]

use jiff::civil::date;
use mock_units::{Config, Mock, Running, Unit};

const ACTION: &str = "\"http://tempuri.org/DanhMucPhuongXa\"";
const OLD: &str = "text/xml; charset=utf-8";
const NEW: &str = "application/soap+xml; charset=utf-8";

/// A question as public clients ask it.
const QUESTION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
    <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
    <DanhMucPhuongXa xmlns=\"http://tempuri.org/\"><DenNgay>01/11/2026</DenNgay><Tinh>68</Tinh></DanhMucPhuongXa>\
    </soap:Body></soap:Envelope>";

async fn asked(running: &Running, content_type: &str, action: Option<&str>, body: &str) -> (u16, String) {
    #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request =
        http.post(format!("{}/DMDVHC.asmx", running.url())).header("content-type", content_type);
    if let Some(action) = action {
        request = request.header("soapaction", action);
    }
    let answer = request.body(body.to_owned()).send().await.unwrap();
    let status = answer.status().as_u16();
    #[expect(clippy::disallowed_methods, reason = "a mock's own answer is small")]
    let text = answer.text().await.unwrap();
    (status, text)
}

async fn answer(running: &Running, body: &str) -> (u16, String) {
    asked(running, OLD, Some(ACTION), body).await
}

#[tokio::test]
async fn a_question_is_answered_with_a_data_set() {
    let running = Mock::start(Config::default()).await.unwrap();
    let (status, body) = answer(&running, QUESTION).await;
    assert_eq!(status, 200);
    assert!(body.contains("<xs:element name=\"MaPhuongXa\" type=\"xs:string\" minOccurs=\"0\" />"), "{body}");
    let row = "<MaTinh>68</MaTinh><TenTinh>Tỉnh Lâm Đồng</TenTinh><MaPhuongXa>22954</MaPhuongXa>\
               <TenPhuongXa>Phường Tiến Thành</TenPhuongXa><LoaiHinh>Phường</LoaiHinh>";
    assert!(body.contains(row), "{body}");
    assert_eq!(body.matches("<TABLE ").count(), 1, "the province is a filter");
    let all = QUESTION.replace("<Tinh>68</Tinh>", "<Tinh></Tinh>");
    assert_eq!(answer(&running, &all).await.1.matches("<TABLE ").count(), 2, "an empty filter is none");
    let provinces = QUESTION.replace("DanhMucPhuongXa", "DanhMucTinh").replace("<Tinh>68</Tinh>", "");
    let (status, body) = asked(&running, OLD, Some("http://tempuri.org/DanhMucTinh"), &provinces).await;
    assert_eq!((status, body.matches("<TABLE ").count()), (200, 2), "{body}");
    let new = QUESTION
        .replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope");
    assert_eq!(asked(&running, NEW, None, &new).await.0, 200);
    assert_eq!(running.count("DanhMucPhuongXa"), 3);
    assert_eq!(running.received("DanhMucTinh")[0].keys, ["01/11/2026"]);
}

#[tokio::test]
async fn only_units_in_force_on_the_day_are_listed() {
    let running = Mock::start(Config::default()).await.unwrap();
    let gone = Unit { to: Some(date(2026, 10, 31)), ..Unit::new("22955", "Xã Cũ", Some("68")) };
    let coming = Unit { from: Some(date(2026, 11, 2)), ..Unit::new("22956", "Xã Mới", Some("68")) };
    running.partner().list(vec![Unit::new("68", "Tỉnh Lâm Đồng", None), gone, coming]);
    assert!(!answer(&running, QUESTION).await.1.contains("<TABLE "));
    let earlier = QUESTION.replace("01/11/2026", "31/10/2026");
    assert!(answer(&running, &earlier).await.1.contains("Xã Cũ"));
}

#[tokio::test]
async fn names_can_come_as_untidy_as_the_real_ones() {
    let config = Config { untidy: true, root: "DocumentElement".to_owned(), ..Config::default() };
    let running = Mock::start(config).await.unwrap();
    running.partner().list(vec![
        Unit::new("01", "Thành phố Hà Nội", None),
        Unit::new("00004", "Phường Ba & Đình", Some("01")),
    ]);
    let (_, body) = answer(&running, &QUESTION.replace("<Tinh>68</Tinh>", "")).await;
    assert!(body.contains("<TenTinh>Thành  Phố  Hà  Nội </TenTinh>"), "{body}");
    assert!(body.contains("<DocumentElement xmlns=\"\">"), "{body}");
    assert!(body.contains("Phường  Ba  &amp;  Đình "), "{body}");
}

#[tokio::test]
async fn what_the_contract_does_not_allow_is_refused() {
    let running = Mock::start(Config::default()).await.unwrap();
    let spoilt = [
        ("soap:Envelope", "soap:Envelop"),
        ("soap:Body", "soap:Bodi"),
        ("http://schemas.xmlsoap.org/soap/envelope/", "http://schemas.xmlsoap.org/soap/"),
        ("http://tempuri.org/", "http://tempuri.org"),
        ("DanhMucPhuongXa", "DanhMucXa"),
        ("DanhMucPhuongXa", "DanhMucTinh"),
        ("DenNgay", "TuNgay"),
        ("<Tinh>68</Tinh>", "<MaTinh>68</MaTinh>"),
        ("<Tinh>68</Tinh>", "<DenNgay>01/11/2026</DenNgay>"),
        ("<DenNgay>01/11/2026</DenNgay><Tinh>68</Tinh>", "<Tinh>68</Tinh><DenNgay>01/11/2026</DenNgay>"),
        ("<Tinh>68</Tinh>", "<Tinh><Ma>68</Ma></Tinh>"),
        ("<Tinh>68</Tinh>", "68"),
        ("<Tinh>68</Tinh>", "<Tinh xmlns=\"\">68</Tinh>"),
        ("01/11/2026", "2026-11-01"),
        ("01/11/2026", "1/11/2026"),
        ("01/11/2026", "31/02/2026"),
        ("01/11/2026", "01/11/26"),
        ("</soap:Envelope>", ""),
        ("?>", "?><!DOCTYPE a>"),
    ];
    for (from, to) in spoilt {
        let (status, body) = answer(&running, &QUESTION.replace(from, to)).await;
        assert_eq!(status, 500, "{from} → {to}: {body}");
        assert!(body.contains("<faultstring>") && !body.contains("<TABLE "), "{from} → {to}: {body}");
    }
    for action in [None, Some(""), Some("\"http://tempuri.org/DanhMucTinh\""), Some("DanhMucPhuongXa")] {
        assert_eq!(asked(&running, OLD, action, QUESTION).await.0, 500, "{action:?}");
    }
    for content_type in ["application/xml", "application/json", "text/xml; charset=utf-16"] {
        assert_eq!(asked(&running, content_type, Some(ACTION), QUESTION).await.0, 415, "{content_type}");
    }
    assert_eq!(asked(&running, NEW, None, QUESTION).await.0, 500, "an envelope of 1.1 under the type of 1.2");
    let taken = running.ledger().into_iter().filter(|entry| entry.verdict == mock_kit::Verdict::Accepted);
    assert_eq!(taken.count(), 0);
}
