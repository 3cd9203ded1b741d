//! What must hold whatever the bytes are: one function for each fuzz target.
//!
//! The targets under `tests/fuzz` include this file and feed it from libFuzzer; the gate feeds it the corpora, the
//! findings and mutations with a stable compiler. A function takes any bytes and panics when a property does not hold.

// The fuzz targets include this file from another folder.
#[path = "properties/accounts.rs"]
mod accounts;
#[path = "properties/others.rs"]
mod others;

use lienthong_commune::{Dialect, Limits, Refusal, decode, encode_json, encode_xml};
use lienthong_core::event::Event;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::{FeedPage, LookUp};
use lienthong_core::tracking::TrackingState;
use lienthong_http::Answer;
use lienthong_http::classify::EVIDENCE_LIMIT;
use lienthong_portal::axis::config::AxisSettings;
use lienthong_post::ngsp::config::NgspSettings;
pub(crate) use others::{commune_opencps, myvnpost_answers, myvnpost_webhook, wrapper_answers};
use serde_json::Value;
use std::sync::LazyLock;
use std::time::Duration;

/// A target: its name, which is that of its folders, and what it checks.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All targets.
pub(crate) const TARGETS: [Target; 8] = [
    ("commune_json", commune_json),
    ("commune_opencps", commune_opencps),
    ("commune_xml", commune_xml),
    ("myvnpost_answers", myvnpost_answers),
    ("myvnpost_webhook", myvnpost_webhook),
    ("portal_answers", portal_answers),
    ("post_answers", post_answers),
    ("wrapper_answers", wrapper_answers),
];

/// Bytes that an event may take when it is written again, for each byte that was read: a control character has six in
/// JSON and one in CDATA, composing a letter can triple it, and every field has its name.
const GROWTH: usize = 12;

/// Bytes of an event without its texts.
const SKELETON: usize = 16 * 1024;

/// A message in JSON.
pub(crate) fn commune_json(bytes: &[u8]) {
    commune(Dialect::Json, bytes);
}

/// A message in XML.
pub(crate) fn commune_xml(bytes: &[u8]) {
    commune(Dialect::Xml, bytes);
}

fn commune(dialect: Dialect, bytes: &[u8]) {
    let read =
        |dialect: Dialect, bytes: &[u8]| decode(Some(dialect.content_type()), bytes, &Limits::default());
    let first = read(dialect, bytes);
    assert_eq!(first, read(dialect, bytes), "reading is not deterministic");
    match first {
        Ok(event) => written_and_read_again(&event, bytes.len(), read),
        Err(refusal) => refused(&refusal, dialect),
    }
}

fn written_and_read_again(
    event: &Event,
    size: usize,
    read: impl Fn(Dialect, &[u8]) -> Result<Event, Refusal>,
) {
    let (json, xml) = (encode_json(event), encode_xml(event));
    let most = GROWTH * size + SKELETON;
    assert!(json.len() <= most && xml.len() <= most, "{} and {} bytes of {size}", json.len(), xml.len());
    // What grows beyond the cap when it is written is not read again; nothing else may differ.
    if json.len().max(xml.len()) <= Limits::default().body_bytes {
        assert_eq!(read(Dialect::Json, &json).as_ref(), Ok(event), "JSON");
        assert_eq!(read(Dialect::Xml, &xml).as_ref(), Ok(event), "XML");
    }
}

fn refused(refusal: &Refusal, dialect: Dialect) {
    assert!(lienthong_commune::REASONS.iter().any(|row| row.code == refusal.reason.as_str()), "{refusal}");
    assert_eq!(refusal.dialect, Some(dialect), "{refusal}");
    assert!(refusal.detail.chars().count() <= 400, "{refusal}");
    let field = refusal.field.as_deref().unwrap_or_default();
    assert!(field.chars().count() <= 400, "{refusal}");
}

/// What a target makes of its first bytes: which call, and with which status it was answered.
struct Made<T> {
    asked: T,
    answer: Answer,
}

/// First byte: the call. Second: the status, an interesting one or any. Third: a wait. The rest is the body.
fn made<T: Copy>(all: &[T], bytes: &[u8]) -> Option<Made<T>> {
    const STATUSES: [u16; 16] =
        [200, 200, 200, 201, 201, 202, 204, 302, 400, 401, 403, 404, 409, 413, 429, 503];
    let ([asked, status, wait], body) = bytes.split_first_chunk::<3>()?;
    let status = match STATUSES.get(usize::from(*status)) {
        Some(status) => *status,
        None => 100 + u16::from(*status) * 2,
    };
    Some(Made {
        asked: all[usize::from(*asked) % all.len()],
        answer: Answer {
            status,
            content_type: None,
            retry_after: (*wait > 0).then(|| Duration::from_secs(u64::from(*wait))),
            body: body.to_vec().into(),
        },
    })
}

/// What holds of every outcome. `opens` says whether the call asks for a session or token, `writes` whether it writes.
fn outcome(first: &Outcome, again: &Outcome, answer: &Answer, opens: bool, writes: bool) {
    assert_eq!(first, again, "the meaning is not deterministic");
    let code = first.reason().code.as_str();
    assert!(
        code.len() <= 40 && code.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-')),
        "{code}"
    );
    let said = first.reason().said.as_deref().unwrap_or_default();
    assert!(said.chars().count() <= EVIDENCE_LIMIT, "{} characters of evidence", said.chars().count());
    match first {
        Outcome::Accepted(_) => {
            let said_otherwise = matches!(code, "POST-101" | "WRAPPER-REACHABLE");
            assert!((200..300).contains(&answer.status) || said_otherwise, "{first:?}");
        }
        Outcome::Rejected(_) | Outcome::Uncertain(_) => {
            assert!(writes, "{first:?} of a call that writes nothing")
        }
        Outcome::Unavailable { unsent, .. } => assert!(!unsent, "an answer to what was not sent"),
        Outcome::Blocked(_) => {}
    }
    if opens {
        assert!(
            first.reason().said.is_none() || !matches!(first, Outcome::Accepted(_)),
            "a session as evidence"
        );
    }
}

fn object(body: &[u8]) -> Option<serde_json::Map<String, Value>> {
    serde_json::from_slice::<Value>(body).ok()?.as_object().cloned()
}

/// A code as an envelope may carry it: a text or a whole number.
fn code(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string().trim_end_matches(".0").to_owned()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An answer of the portal.
pub(crate) fn portal_answers(bytes: &[u8]) {
    use lienthong_portal::axis::answers::{Asked, look_up, meaning};
    static SETTINGS: LazyLock<AxisSettings> = LazyLock::new(accounts::portal_settings);
    let Some(Made { asked, answer }) = made(&Asked::ALL, bytes) else { return };
    let found = meaning(asked, &answer, &SETTINGS);
    let writes = matches!(asked, Asked::Create | Asked::Update | Asked::Rows | Asked::Status);
    outcome(&found, &meaning(asked, &answer, &SETTINGS), &answer, asked == Asked::Login, writes);
    let envelope = object(&answer.body).unwrap_or_default();
    let success = matches!(code(envelope.get("error_code")).as_deref(), Some("0" | "00"));
    if let Outcome::Accepted(_) = &found {
        assert!(success, "accepted without the documented success: {found:?}");
        let session = envelope.get("session").and_then(Value::as_str).unwrap_or_default();
        assert!(asked != Asked::Login || !session.trim().is_empty(), "a login without a session");
    }
    let seen = look_up(&answer, "H11.01.07-220915-0041", &accounts::RECORD, &SETTINGS);
    assert_eq!(seen, look_up(&answer, "H11.01.07-220915-0041", &accounts::RECORD, &SETTINGS));
    if let LookUp::Found { .. } = seen {
        let rows = envelope.get("result").and_then(Value::as_array).map_or(0, Vec::len);
        assert!(success && rows > 0 && answer.status / 100 == 2, "found in {rows} rows");
    }
}

/// An answer of the post.
pub(crate) fn post_answers(bytes: &[u8]) {
    use lienthong_post::ngsp::answers::{Asked, feed, meaning};
    static SETTINGS: LazyLock<NgspSettings> = LazyLock::new(accounts::post_settings);
    let Some(Made { asked, answer }) = made(&Asked::ALL, bytes) else { return };
    let found = meaning(asked, &answer, &SETTINGS);
    let writes = matches!(asked, Asked::Create | Asked::Cancel);
    outcome(&found, &meaning(asked, &answer, &SETTINGS), &answer, asked == Asked::Token, writes);
    let envelope = object(&answer.body).unwrap_or_default();
    if let Outcome::Accepted(reason) = &found {
        let status = code(envelope.get("Status"));
        match (asked, status.as_deref()) {
            (Asked::Create | Asked::Cancel, Some("100")) => assert!(matches!(answer.status, 200 | 201)),
            (Asked::Create, Some("101")) => assert_eq!(reason.code.as_str(), "POST-101"),
            (Asked::Create | Asked::Cancel, other) => panic!("accepted with the code {other:?}"),
            (Asked::Token, _) => {
                let token = envelope.get("access_token").and_then(Value::as_str).unwrap_or_default();
                assert!(!token.trim().is_empty() && !token.chars().any(char::is_control), "{token:?}");
            }
            (Asked::Feed, _) => assert!(matches!(answer.status, 200 | 201)),
        }
    }
    let page = feed(&answer, Some("5f0c1d2e3a4b5c6d7e8f9011"), &SETTINGS);
    assert_eq!(page, feed(&answer, Some("5f0c1d2e3a4b5c6d7e8f9011"), &SETTINGS));
    feed_page(&page, &answer.body);
}

fn feed_page(page: &FeedPage, body: &[u8]) {
    let FeedPage::Rows { rows, cursor, unreadable, .. } = page else { return };
    let whole: Value = serde_json::from_slice(body).expect("a page that was read is JSON");
    let listed = whole.pointer("/_embedded/rh:doc").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(rows.len() + unreadable, listed, "a row came from nowhere, or went");
    assert!(cursor.as_ref().is_some_and(|cursor| cursor.len() <= 400), "{cursor:?}");
    for row in rows {
        assert!(row.meaning.parcel != Some(TrackingState::Delivered) || row.wire_code == "4", "{row:?}");
        // These stand in columns and logs.
        let texts = [row.feed_id.as_str(), row.number.as_str(), &row.wire_code];
        let texts = texts.into_iter().chain(row.waybill.as_deref());
        texts.for_each(|text| assert!(!text.is_empty() && text.chars().count() <= 100, "{text:?}"));
    }
}
