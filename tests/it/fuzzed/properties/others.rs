//! What must hold of the interfaces that came later: OpenCPS's dossier, the portal's wrapper, MyVNPost and its webhook.

use super::{Made, accounts, code, made, object, outcome, refused};
use lienthong_commune::{Dialect, Headers, Reader, without_secrets};
use lienthong_core::inspect::Inspected;
use lienthong_core::nudge::{Judge as _, Judged};
use lienthong_core::outcome::Outcome;
use lienthong_core::port::FeedPage;
use lienthong_core::text;
use lienthong_core::tracking::TrackingState;
use lienthong_portal::wrapper::config::WrapperSettings;
use lienthong_post::myvnpost::config::MyVnPostSettings;
use lienthong_post::myvnpost::webhook::{PublicKey, Signature};
use serde_json::Value;
use std::sync::LazyLock;

/// A dossier of OpenCPS.
pub(crate) fn commune_opencps(bytes: &[u8]) {
    static READER: LazyLock<Reader> = LazyLock::new(accounts::reader);
    let headers = Headers::of(Some("application/json"));
    let first = READER.read(&headers, bytes);
    assert_eq!(first, READER.read(&headers, bytes), "reading is not deterministic");
    let shown = match &first {
        Ok(event) => format!("{event:?}"),
        Err(refusal) => {
            refused(refusal, Dialect::OpenCps);
            format!("{refusal:?}")
        }
    };
    if let Some(secret) = secret(bytes) {
        assert!(!shown.contains(&secret), "the secret of the receipt passed");
        let kept = without_secrets(bytes);
        assert!(!String::from_utf8_lossy(&kept).contains(&secret), "the secret of the receipt is kept");
    }
}

/// The secret of the receipt, where it stands nowhere else in the message.
fn secret(bytes: &[u8]) -> Option<String> {
    let envelope = object(bytes)?;
    let dossier = envelope.get("dossier").and_then(Value::as_object).unwrap_or(&envelope);
    let secret = dossier.get("password").and_then(Value::as_str)?.to_owned();
    let is_plain =
        secret.len() >= 8 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let times = String::from_utf8_lossy(bytes).matches(&secret).count();
    (is_plain && times == 1).then_some(secret)
}

/// An answer of the portal's wrapper.
pub(crate) fn wrapper_answers(bytes: &[u8]) {
    use lienthong_portal::wrapper::answers::{Asked, meaning};
    static SETTINGS: LazyLock<WrapperSettings> = LazyLock::new(accounts::wrapper_settings);
    let Some(Made { asked, answer }) = made(&Asked::ALL, bytes) else { return };
    let found = meaning(asked, &answer, &SETTINGS);
    let writes = matches!(asked, Asked::Create | Asked::Update | Asked::Rows);
    outcome(&found, &meaning(asked, &answer, &SETTINGS), &answer, false, writes);
    if let (Outcome::Accepted(_), true) = (&found, writes) {
        let envelope = object(&answer.body).unwrap_or_default();
        let by_code = matches!(code(envelope.get("error_code")).as_deref(), Some("0" | "00"));
        let by_words = asked == Asked::Rows && says(&answer.body, &SETTINGS.success_phrases);
        assert!(by_code || by_words, "accepted without the documented success: {found:?}");
    }
}

/// Whether a text, or a string of JSON, holds one of the phrases.
fn says(body: &[u8], phrases: &[String]) -> bool {
    let text = String::from_utf8_lossy(body);
    let text = serde_json::from_str(&text).unwrap_or_else(|_| text.into_owned());
    let text = text::normalise(&text).to_lowercase();
    phrases.iter().any(|phrase| text.contains(phrase.as_str()))
}

/// An answer of MyVNPost.
pub(crate) fn myvnpost_answers(bytes: &[u8]) {
    use lienthong_post::myvnpost::answers::{Asked, inspected, meaning, round};
    /// Steps of a round over one answer: its page, each order's history, the page once more, and the end.
    const STEPS: usize = 64;
    static SETTINGS: LazyLock<MyVnPostSettings> = LazyLock::new(accounts::myvnpost_settings);
    let Some(Made { asked, answer }) = made(&Asked::ALL, bytes) else { return };
    let found = meaning(asked, &answer, &SETTINGS);
    // What is refused after an order was read is its cancel.
    let writes = matches!(asked, Asked::Create | Asked::Order | Asked::Cancel);
    outcome(&found, &meaning(asked, &answer, &SETTINGS), &answer, asked == Asked::Token, writes);
    if let Outcome::Accepted(_) = &found {
        let whole: Value = serde_json::from_slice(&answer.body).expect("what was accepted is JSON");
        let needed: &[&str] = match asked {
            Asked::Token => &["token"],
            Asked::Create => &["orderhdrid", "itemcode"],
            Asked::Order | Asked::List => &["results"],
            Asked::Cancel => &["type"],
            Asked::History => &["statushistory"],
        };
        assert!(needed.iter().all(|name| has_member(&whole, name)), "accepted without {needed:?}");
    }
    listed(inspected(&answer, &SETTINGS), &answer.body);
    let now = "2026-11-06T01:00:00Z".parse().expect("a time");
    let pages = round(&answer, &SETTINGS, now, STEPS);
    assert_eq!(pages, round(&answer, &SETTINGS, now, STEPS), "reading is not deterministic");
    pages.iter().for_each(feed_page);
}

/// Whether a member of that name stands anywhere, whatever the case of its letters.
fn has_member(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(key, value)| key.eq_ignore_ascii_case(name) || has_member(value, name))
        }
        Value::Array(items) => items.iter().any(|item| has_member(item, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// What the comparison of both sides is shown: as many things as there are, of bounded names.
fn listed(shown: Option<Inspected>, body: &[u8]) {
    let Some(Inspected::Held { things, unreadable, next }) = shown else { return };
    let envelope = object(body).expect("a page that was read is an object");
    let results = |(name, value): (&String, &Value)| {
        name.eq_ignore_ascii_case("results").then(|| value.as_array().map_or(0, Vec::len))
    };
    let counts: Vec<usize> = envelope.iter().filter_map(results).collect();
    assert!(counts.contains(&(things.len() + unreadable)), "an order came from nowhere, or went");
    assert!(next.is_none_or(|next| next == "1"), "the page after the first is the second");
    for thing in &things {
        let texts = thing.status.iter().chain(&thing.waybill).chain([&thing.name]);
        texts.for_each(|text| assert!(!text.is_empty() && text.chars().count() <= 100, "{text:?}"));
        assert!(
            thing.state != Some(TrackingState::Delivered) || thing.status.as_deref() == Some("14"),
            "{thing:?}"
        );
    }
}

fn feed_page(page: &FeedPage) {
    let FeedPage::Rows { rows, cursor, .. } = page else { panic!("{page:?} of an answer that was read") };
    assert!(cursor.as_ref().is_none_or(|cursor| cursor.len() <= 60), "{cursor:?}");
    for row in rows {
        assert!(row.meaning.parcel != Some(TrackingState::Delivered) || row.wire_code == "14", "{row:?}");
        // These stand in columns and logs; a feed id is made of a name, a moment and a code.
        let texts = [row.number.as_str(), &row.wire_code].into_iter().chain(row.waybill.as_deref());
        texts.for_each(|text| assert!(!text.is_empty() && text.chars().count() <= 100, "{text:?}"));
        assert!(row.feed_id.chars().count() <= 300, "{:?}", row.feed_id);
    }
}

/// A webhook of MyVNPost, judged with a key and without one; and the same bytes as the file of a key.
pub(crate) fn myvnpost_webhook(bytes: &[u8]) {
    static SIGNED: LazyLock<Signature> =
        LazyLock::new(|| Signature::Rsa(PublicKey::from_pem(KEY.as_bytes()).expect("a public key")));
    let (by_key, by_form) = (SIGNED.judge(bytes), Signature::None.judge(bytes));
    assert_eq!((by_key, by_form), (SIGNED.judge(bytes), Signature::None.judge(bytes)), "not deterministic");
    // Nobody has the other half of the key: what is signed with it was made up by nobody.
    match by_form {
        Judged::Unsigned => assert_eq!(by_key, Judged::Forged, "believed without a signature"),
        Judged::Unreadable => assert_eq!(by_key, Judged::Unreadable, "two readings of one form"),
        Judged::Signed | Judged::Forged => panic!("{by_form:?} without a key"),
    }
    let holds_one = String::from_utf8_lossy(bytes).contains("-----BEGIN ");
    assert!(holds_one || PublicKey::from_pem(bytes).is_none(), "a key from nowhere");
}

/// A public key whose private half was thrown away.
const KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6mARHW/rksw8vWpPF/yo
fFj2VRgI9t+dNFkEbhK9r1+40UzQungLaPQHABPOzIJvuoqHnvf29X9ZK1eCHrOo
uePzdX7xZ0AvalZSivWgmSOKFdCcPNH+F3Dk46nLaiv87bVsd339n++0Rp+faeUf
ob3Y/cthYcnVTLWnbVnF6YizhuRcwWrlgCFhDTW/9CMSNu8D2PF5fsBx7uIOLkrC
t159FV87zhQolIomsDn0Fs/RM7c2u89NYwiyLnvKgCvXIfEBoQvUFHu/Ohjq/WT0
ZEtHjvWvKr7BsS2O2Zlv5wSoZAvXwORzaVhm+AfNc7mTFhRZSjjMnIRlJwHrWdCE
SwIDAQAB
-----END PUBLIC KEY-----
";
