//! From a delivery to an [`Arrival`]: size, body, and those headers that may be kept.
//!
//! Pure but for the decoder it is given. It never fails: what cannot be read becomes [`Read::Refused`] with as many bytes
//! as quarantine keeps. Headers are metadata for a person who looks at quarantine; what looks like a credential is left
//! out, and nothing here is logged.

use super::{Arrival, Decode, Read};
use crate::config::settings::IntakeSettings;
use jiff::Timestamp;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lienthong_commune::{DIALECT_HEADER, Headers, Refusal, SOURCE_HEADER, without_secrets};
use lienthong_core::outcome::ReasonCode;
use lienthong_core::text;
use sha2::{Digest as _, Sha256};

/// Headers kept of one message. Publishers send a handful; the bound is against floods.
const HEADERS: usize = 32;

/// Characters kept of a header's value.
const HEADER_CHARS: usize = 256;

/// A header whose name holds one of these is left out.
const SECRET_NAMES: [&str; 8] =
    ["authorization", "token", "secret", "password", "passwd", "cookie", "credential", "api"];

/// What stands in the place of a value that may name a person: headers are state, and never erased.
const WITHHELD: &str = "(withheld)";

/// Reads one delivery.
pub(super) fn read(
    delivery: &Delivery,
    arrived_at: Timestamp,
    settings: &IntakeSettings,
    decode: &Decode,
) -> Arrival {
    let properties = &delivery.properties;
    let owned = |text: &Option<ShortString>| text.as_ref().map(|text| text.as_str().to_owned());
    let content_type = owned(properties.content_type());
    let none = FieldTable::default();
    let headers = properties.headers().as_ref().unwrap_or(&none);
    let (dialect, source) = (text_of(headers, DIALECT_HEADER), text_of(headers, SOURCE_HEADER));
    let told = Headers {
        content_type: content_type.as_deref(),
        dialect: dialect.as_deref(),
        source: source.as_deref(),
    };
    Arrival {
        arrived_at,
        routing_key: delivery.routing_key.as_str().to_owned(),
        user_id: owned(properties.user_id()),
        trace: trace_of(headers),
        headers: kept(headers),
        redelivered: delivery.redelivered,
        read: read_body(&told, &delivery.data, settings, decode),
        // Its parameters may be the name of a file.
        content_type: content_type.and_then(|told| Some(harmless(told.split(';').next()?.trim()))),
    }
}

fn read_body(told: &Headers<'_>, body: &[u8], settings: &IntakeSettings, decode: &Decode) -> Read {
    let cap = settings.message_cap;
    let read = if body.len() > cap { Err(too_large(body.len(), cap)) } else { decode(told, body) };
    match read {
        Ok(event) => Read::Event(Box::new(event.into())),
        Err(refusal) => {
            let harmless = without_secrets(body);
            Read::Refused {
                refusal,
                bytes: harmless.iter().take(settings.quarantine_keep).copied().collect(),
                size: body.len(),
                sha256: Sha256::digest(&harmless).into(),
            }
        }
    }
}

fn too_large(size: usize, cap: usize) -> Refusal {
    Refusal {
        reason: ReasonCode::known("COMMUNE-TOO-LARGE"),
        field: None,
        detail: format!("the message has {size} bytes; at most {cap} are read"),
        dialect: None,
    }
}

/// `00-<32 hex>-<16 hex>-<2 hex>` (W3C Trace Context, level 1), else nothing: it goes into requests to partners.
fn trace_of(headers: &FieldTable) -> Option<String> {
    let value = text_of(headers, "traceparent")?;
    let lengths: Vec<usize> = value.split('-').map(str::len).collect();
    let hex = value.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f' | '-'));
    (hex && value.starts_with("00-") && lengths == [2, 32, 16, 2]).then_some(value)
}

/// The header of that name, whatever its case.
fn text_of(headers: &FieldTable, name: &str) -> Option<String> {
    let (_, value) = headers.inner().iter().find(|(known, _)| known.as_str().eq_ignore_ascii_case(name))?;
    as_text(value)
}

fn kept(headers: &FieldTable) -> Vec<(String, String)> {
    let names = |name: &str| {
        let name = name.to_ascii_lowercase();
        name != "traceparent" && !SECRET_NAMES.iter().any(|secret| name.contains(secret))
    };
    headers
        .inner()
        .iter()
        .filter(|(name, _)| names(name.as_str()))
        .filter_map(|(name, value)| {
            let value = text::cut(&as_text(value)?, HEADER_CHARS);
            Some((harmless(name.as_str()), harmless(&value)))
        })
        .take(HEADERS)
        .collect()
}

/// The text if it looks like a code.
fn harmless(text: &str) -> String {
    if text::is_code_like(text) { text.to_owned() } else { WITHHELD.to_owned() }
}

/// Scalars as text; tables, lists and raw bytes are no metadata for people.
fn as_text(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::Boolean(value) => Some(value.to_string()),
        AMQPValue::ShortShortInt(value) => Some(value.to_string()),
        AMQPValue::ShortShortUInt(value) => Some(value.to_string()),
        AMQPValue::ShortInt(value) => Some(value.to_string()),
        AMQPValue::ShortUInt(value) => Some(value.to_string()),
        AMQPValue::LongInt(value) => Some(value.to_string()),
        AMQPValue::LongUInt(value) => Some(value.to_string()),
        AMQPValue::LongLongInt(value) => Some(value.to_string()),
        AMQPValue::Timestamp(value) => Some(value.to_string()),
        AMQPValue::Float(value) => Some(value.to_string()),
        AMQPValue::Double(value) => Some(value.to_string()),
        AMQPValue::ShortString(value) => Some(value.as_str().to_owned()),
        AMQPValue::LongString(value) => Some(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        AMQPValue::DecimalValue(_)
        | AMQPValue::FieldArray(_)
        | AMQPValue::FieldTable(_)
        | AMQPValue::ByteArray(_)
        | AMQPValue::Void => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn settings() -> IntakeSettings {
        IntakeSettings {
            prefetch: 100,
            batch_most: 10,
            batch_wait: Duration::from_millis(2),
            message_cap: 64,
            quarantine_keep: 8,
            quarantine_days: 90,
            memory_ceiling: u64::MAX,
        }
    }

    fn refuse(_: &Headers<'_>, _: &[u8]) -> Result<lienthong_core::event::Event, Refusal> {
        Err(too_large(0, 0))
    }

    fn delivery(body: &[u8], headers: &[(&str, AMQPValue)]) -> Delivery {
        let mut table = FieldTable::default();
        for (name, value) in headers {
            table.insert((*name).into(), value.clone());
        }
        let mut delivery =
            Delivery::mock(1, "dossier.events".into(), "H11.01.07.x".into(), false, body.to_vec());
        delivery.properties = lapin::BasicProperties::default().with_headers(table);
        delivery
    }

    fn long(text: &str) -> AMQPValue {
        AMQPValue::LongString(text.into())
    }

    #[test]
    fn a_body_over_the_cap_is_refused_unread_and_kept_in_part() {
        let never = |_: &Headers<'_>, _: &[u8]| -> Result<_, Refusal> { panic!("a large body was decoded") };
        let arrival = read(&delivery(&[b'x'; 65], &[]), Timestamp::UNIX_EPOCH, &settings(), &never);
        let Read::Refused { refusal, bytes, size, sha256 } = arrival.read else { panic!("not refused") };
        assert_eq!(refusal.reason.as_str(), "COMMUNE-TOO-LARGE");
        assert_eq!((bytes.as_slice(), size), (b"xxxxxxxx".as_slice(), 65));
        assert_eq!(sha256, <[u8; 32]>::from(Sha256::digest([b'x'; 65])));
    }

    #[test]
    fn a_body_of_the_cap_is_read() {
        let seen = std::sync::atomic::AtomicUsize::new(0);
        let seen = std::sync::Arc::new(seen);
        let count = std::sync::Arc::clone(&seen);
        let decode = move |told: &Headers<'_>, body: &[u8]| {
            count.store(body.len(), std::sync::atomic::Ordering::SeqCst);
            refuse(told, body)
        };
        read(&delivery(&[b'x'; 64], &[]), Timestamp::UNIX_EPOCH, &settings(), &decode);
        assert_eq!(seen.load(std::sync::atomic::Ordering::SeqCst), 64);
    }

    #[test]
    fn the_headers_that_say_how_to_read_it_reach_the_decoder() {
        let decode = |told: &Headers<'_>, body: &[u8]| {
            assert_eq!((told.dialect, told.source), (Some("opencps"), Some("urn:a")));
            refuse(told, body)
        };
        let headers = [("X-Dialect", long("opencps")), ("x-source", long("urn:a"))];
        read(&delivery(b"{}", &headers), Timestamp::UNIX_EPOCH, &settings(), &decode);
    }

    #[test]
    fn what_is_kept_of_a_refused_body_holds_no_secret() {
        fn check(body: &str, keep: usize) {
            let settings = IntakeSettings { quarantine_keep: keep, ..settings() };
            let arrival = read(&delivery(body.as_bytes(), &[]), Timestamp::UNIX_EPOCH, &settings, &refuse);
            let Read::Refused { bytes, size, sha256, .. } = arrival.read else { panic!("not refused") };
            assert_eq!(size, body.len());
            assert!(!String::from_utf8(bytes).unwrap().contains("7KX"), "{body} {keep}");
            assert_ne!(sha256, <[u8; 32]>::from(Sha256::digest(body)), "a short secret could be tried out");
        }
        let dossier = r#"{"dossierNo":"","password":"7KX-93","online":false}"#;
        (0..dossier.len()).for_each(|keep| check(dossier, keep));
        check(&format!("{dossier}{}", " ".repeat(100)), 100);
    }

    #[test]
    fn headers_are_kept_as_text_without_what_could_be_a_secret_or_a_person() {
        let headers = [
            ("Authorization", long("Bearer abc")),
            ("X-Api-Key", long("abc")),
            ("x-auth-token", long("abc")),
            ("client_secret", long("abc")),
            ("x-system", long("mot-cua")),
            ("x-applicant", long("Lò Thị Bưởi")),
            ("x-phone", long("0510000111")),
            ("x-attempt", AMQPValue::LongInt(3)),
            ("x-table", AMQPValue::FieldTable(FieldTable::default())),
            ("x-long", long(&"a".repeat(1_000))),
        ];
        let arrival = read(&delivery(b"", &headers), Timestamp::UNIX_EPOCH, &settings(), &refuse);
        let mut kept: Vec<_> =
            arrival.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        kept.sort_unstable();
        let long = "a".repeat(256);
        let expected = [
            ("x-applicant", WITHHELD),
            ("x-attempt", "3"),
            ("x-long", long.as_str()),
            ("x-phone", WITHHELD),
            ("x-system", "mot-cua"),
        ];
        assert_eq!(kept, expected);
    }

    #[test]
    fn headers_are_bounded_in_number() {
        let names: Vec<String> = (0..100).map(|i| format!("x-{i}")).collect();
        let headers: Vec<_> = names.iter().map(|name| (name.as_str(), AMQPValue::Boolean(true))).collect();
        let arrival = read(&delivery(b"", &headers), Timestamp::UNIX_EPOCH, &settings(), &refuse);
        assert_eq!(arrival.headers.len(), HEADERS);
    }

    #[test]
    fn only_a_well_formed_traceparent_goes_on() {
        fn check(value: &str, expected: bool) {
            let arrival = read(
                &delivery(b"", &[("TraceParent", long(value))]),
                Timestamp::UNIX_EPOCH,
                &settings(),
                &refuse,
            );
            assert_eq!(arrival.trace.as_deref(), expected.then_some(value), "{value}");
            assert!(arrival.headers.is_empty());
        }
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true);
        check("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false);
        check("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false);
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false);
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nx: y", false);
        check("", false);
    }
}
