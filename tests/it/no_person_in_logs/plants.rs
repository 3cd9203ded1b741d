//! What is planted, and in which spellings it is searched for.

use crate::support::{Event, Secrets, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization as _;

/// What is planted in the events: nothing of it may come out anywhere.
pub(super) const PLANTED: [(&str, &str); 25] = [
    ("/data/applicant/name", "Lò Thị Trồng"),
    ("/data/applicant/id_number", "999199000177"),
    ("/data/applicant/phone", "0510077701"),
    ("/data/applicant/email", "trong7702@hoso.example"),
    ("/data/step/officer", "Hà Văn Gieo"),
    ("/data/step/text", "Đã gọi cho bà Trồng lúc chiều"),
    ("/data/dossier/subject", "Xác nhận cho bà Trồng"),
    ("/data/dossier/results/0/url", "https://hoso.example/f/7703"),
    ("/data/dossier/results/0/name", "Giấy của bà Trồng"),
    ("/data/dossier/documents/0/name", "to-khai-7704.pdf"),
    ("/data/dossier/documents/0/url", "https://hoso.example/f/7711"),
    ("/data/dossier/supplements/0/asked_by", "Lường Thị Hỏi"),
    ("/data/dossier/supplements/0/text", "Bổ sung hộ khẩu ông Quàng Văn Nhận"),
    ("/data/postal/return/name", "Quàng Văn Nhận"),
    ("/data/postal/return/phone", "0510077705"),
    ("/data/postal/return/address", "7706 Lạc Long Quân"),
    ("/data/postal/return/note", "Gọi trước 7707 phút"),
    ("/data/postal/pickup/name", "Quàng Thị Gom"),
    ("/data/postal/pickup/phone", "0510077708"),
    ("/data/postal/pickup/address", "7709 Nguyễn Huệ"),
    ("/data/postal/pickup/note", "Nhà có 7712 con chó"),
    ("/data/postal/forward/name", "Cà Văn Chuyển"),
    ("/data/postal/forward/phone", "0510077713"),
    ("/data/postal/forward/address", "7714 Trần Phú"),
    ("/data/postal/forward/note", "Phòng 7715 gặp ông Chuyển"),
];

/// What only a partner or a header says.
pub(super) const ELSEWHERE: [&str; 3] =
    ["Người nhận ký thay: Tòng Văn Ký", "trong-ho-so-bà-Trồng.pdf", "Vì Thị Tiêu Đề"];

/// The secret of a receipt in OpenCPS's dossier: no payload keeps it either.
pub(super) const RECEIPT: &str = "bien-nhan-7723";

/// OpenCPS's dossier with the same people in its columns.
pub(super) fn opencps() -> Value {
    json!({
        "dossierId": 77, "dossierActionId": 7701, "dossierNo": "H11.01.07-220913-0077", "password": RECEIPT,
        "serviceCode": "1.004873", "serviceName": "Cấp giấy xác nhận", "govAgencyCode": "H11.01.07",
        "govAgencyName": "UBND xã Ví Dụ", "dossierName": "Xác nhận cho bà Trồng", "online": false,
        "applicantName": "Lò Thị Trồng", "applicantIdType": "citizen", "applicantIdNo": "999199000177",
        "contactTelNo": "0510077701", "contactEmail": "trong7702@hoso.example", "dossierStatus": "releasing",
        "dossierStatusText": "Đã gọi cho bà Trồng lúc chiều", "modifiedDate": 1_663_211_520_000_i64,
        "viaPostal": 2, "postalAddress": "7706 Lạc Long Quân", "postalCityCode": "60", "postalWardCode": "22966",
        "postalTelNo": "0510077705", "vnpostalStatus": 1,
        "vnpostalProfile": "{\"postalAddress\":\"7709 Nguyễn Huệ\",\"postalCityCode\":\"60\",\"postalWardCode\":\"22966\"}",
    })
}

/// Columns of it in which something else is expected than a person.
pub(super) const MIXED_UP_COLUMNS: [(&str, &str); 6] = [
    ("dossierStatus", "Lò Thị Trồng"),
    ("applicantIdType", "0510077701"),
    ("govAgencyCode", "Lò Thị Trồng"),
    ("viaPostal", "Lò Thị Trồng"),
    ("modifiedDate", "hôm bà Trồng đến: 0510077701"),
    ("vnpostalProfile", "{\"postalTelNo\": {\"Lò Thị Trồng\": 1}}"),
];

/// What an operator writes into an order by hand.
pub(super) const EDITED: [&str; 2] = ["Mùa A Sửa", "0510077718"];

/// Secrets of the configuration, what they become on the wire, and what the partners gave for them.
pub(super) fn secrets(world: &World) -> Vec<String> {
    let mut secrets: Vec<String> =
        [Secrets::PORTAL, Secrets::PORTAL_2, Secrets::POST, Secrets::POST_2, BROKER]
            .map(str::to_owned)
            .into();
    for (key, secret) in [(Secrets::POST_KEY, Secrets::POST), (Secrets::POST_KEY_2, Secrets::POST_2)] {
        secrets.push(STANDARD.encode(format!("{key}:{secret}")));
    }
    for entry in world.portal.ledger() {
        secrets.extend(entry.json()["session"].as_str().map(str::to_owned));
    }
    secrets.sort();
    secrets.dedup();
    secrets
}

/// A password of the broker that is wrong, but a password.
pub(super) const BROKER: &str = "moi-gioi-bi-mat-7317";

/// An event with everything planted in it.
pub(super) fn planted(mut event: Event) -> Event {
    let address = event.0["data"]["postal"]["return"].clone();
    let mut forward = address.clone();
    forward["agency_code"] = json!("H11.02");
    let lists = [
        (
            "/data/dossier/documents",
            json!([{ "id": "1", "name": "", "part_code": null, "url": null, "digitised": true, "reused": 0,
                     "from_store": false }]),
        ),
        ("/data/dossier/results", json!([{ "code": "KQ.1", "name": "", "part_code": null, "url": null }])),
        (
            "/data/dossier/supplements",
            json!([{ "id": "1", "asked_at": "2022-09-14T08:00:00+07:00", "asked_by": "", "text": "",
                     "received_at": null, "due_before": null, "due_after": null }]),
        ),
        ("/data/postal/pickup", address),
        ("/data/postal/forward", forward),
    ];
    for (pointer, list) in lists {
        event = event.set(pointer, list);
    }
    for (pointer, value) in PLANTED {
        event = event.set(pointer, value);
    }
    event
}

/// A member in which a code is expected, and a person stands.
pub(super) const MIXED_UP: [(&str, &str); 9] = [
    ("/data/dossier/channel", "Lò Thị Trồng"),
    ("/data/applicant/kind", "0510077701"),
    ("/data/fees/0/amount", "0510077701 Lò Thị Trồng"),
    ("/specversion", "Lò Thị Trồng"),
    ("/type", "vn.dossier.Lò Thị Trồng"),
    ("/dataschema", "urn:lienthong:schema:Lò Thị Trồng"),
    ("/datacontenttype", "trong7702@hoso.example"),
    ("/subject", "Lò Thị Trồng"),
    ("/data/dossier/received_at", "hôm bà Trồng đến: 0510077701"),
];

/// A text as somebody may write it down: as it is, decomposed, without its marks, in capitals, escaped, encoded.
pub(super) fn spellings(text: &str) -> Vec<String> {
    let decomposed: String = text.nfd().collect();
    let bare: String = decomposed
        .chars()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        })
        .collect();
    let mut spelt: Vec<String> = [text, &decomposed, &bare]
        .into_iter()
        .flat_map(|text| [text.to_owned(), text.to_uppercase(), text.to_lowercase()])
        .collect();
    for hexadecimal in [|unit: u32| format!("\\u{unit:04x}"), |unit: u32| format!("\\u{unit:04X}")] {
        spelt.push(written(text, |c| c.is_ascii(), hexadecimal));
    }
    for text in [text, &decomposed] {
        spelt.push(percent(text, "%20"));
        spelt.push(percent(text, "+"));
    }
    spelt.push(hex(text.as_bytes()));
    spelt.push(hex(text.as_bytes()).to_uppercase());
    spelt.push(format!("{text:?}").trim_matches('"').to_owned());
    spelt.extend((0..3).map(|offset| in_base64(text, offset)));
    spelt.sort();
    spelt.dedup();
    spelt
}

fn written(text: &str, stays: impl Fn(char) -> bool, write: impl Fn(u32) -> String) -> String {
    text.chars().map(|c| if stays(c) { c.to_string() } else { write(u32::from(c)) }).collect()
}

fn percent(text: &str, blank: &str) -> String {
    let one = |byte: u8| match byte {
        b' ' => blank.to_owned(),
        byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What of the text stands in base64 whatever comes before and after it: it begins so many bytes into a group of three.
fn in_base64(text: &str, offset: usize) -> String {
    let encoded = STANDARD.encode([vec![0; offset], text.as_bytes().to_vec()].concat());
    let (first, last) = (offset.div_ceil(1).min(1) * 4, encoded.len() - 4);
    encoded.chars().skip(first).take(last - first).collect()
}

/// Everything that is searched for.
pub(super) fn sought(world: &World) -> Vec<String> {
    let planted = PLANTED.iter().map(|(_, text)| (*text).to_owned());
    let elsewhere = ELSEWHERE.iter().chain(&EDITED).chain([&RECEIPT]).map(|text| (*text).to_owned());
    let mut sought: Vec<String> =
        planted.chain(elsewhere).chain(secrets(world)).flat_map(|text| spellings(&text)).collect();
    sought.sort();
    sought.dedup();
    sought.retain(|text| text.chars().count() >= 6);
    // What stands before a credential in a header.
    sought.extend(["Bearer ", "Basic "].map(str::to_owned));
    sought
}

/// The value at a JSON pointer of an event, whatever stood there.
pub(super) fn with(event: &Event, pointer: &str, value: impl Into<Value>) -> Event {
    event.clone().set(pointer, value)
}

#[test]
fn a_spelling_is_found_where_it_stands() {
    let check = |said: &str| {
        let found = spellings("Lò Thị Trồng").iter().any(|spelt| said.contains(spelt.as_str()));
        assert!(found, "{said}");
    };
    check("bà Lò Thị Trồng đã đến");
    check("ba LO THI TRONG da den");
    check("lo thi trong");
    check("L\u{6f}\u{300} Thi\u{323} Tr\u{f4}\u{300}ng".nfd().collect::<String>().as_str());
    check("L\\u00f2 Th\\u1ecb Tr\\u1ed3ng");
    check("?name=L%C3%B2%20Th%E1%BB%8B%20Tr%E1%BB%93ng&x");
    for before in ["", "a", "ab", "abc"] {
        check(&STANDARD.encode(format!("{before}Lò Thị Trồng, 0510077701")));
    }
}
