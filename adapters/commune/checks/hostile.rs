use super::{decode_file, files};
use crate::{DTD, Dialect, Limits, REASONS, TOO_DEEP, TOO_LARGE, decode, without_secrets};
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::LazyLock;

/// Bytes that mean something to a parser, and some that mean nothing.
const BYTES: &[u8] = b"{}[]\",:\\<>&;/!?='#x0-9eE.+ \n\r\t\0\x7f\x80\xc3\xe1\xff";

static EXAMPLES: LazyLock<Vec<(String, Vec<u8>)>> =
    LazyLock::new(|| files("valid").into_iter().chain(files("otherwise")).collect());

static DOSSIERS: LazyLock<Vec<(String, Vec<u8>)>> =
    LazyLock::new(|| files("opencps/valid").into_iter().chain(files("opencps/otherwise")).collect());

/// One change to the bytes of a message.
#[derive(Clone, Debug)]
enum Change {
    Cut(Index),
    Put(Index, Index),
    Insert(Index, Index),
    Remove(Index),
    Repeat(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        1 => index().prop_map(Change::Cut),
        3 => (index(), index()).prop_map(|(at, byte)| Change::Put(at, byte)),
        3 => (index(), index()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        3 => index().prop_map(Change::Remove),
        1 => (index(), index()).prop_map(|(from, to)| Change::Repeat(from, to)),
    ]
}

fn apply(body: &mut Vec<u8>, change: &Change) {
    if body.is_empty() {
        return;
    }
    let length = body.len();
    let byte = |index: &Index| BYTES[index.index(BYTES.len())];
    match change {
        Change::Cut(at) => body.truncate(at.index(length)),
        Change::Put(at, value) => body[at.index(length)] = byte(value),
        Change::Insert(at, value) => body.insert(at.index(length), byte(value)),
        Change::Remove(at) => drop(body.remove(at.index(length))),
        Change::Repeat(from, to) => {
            let (from, to) = (from.index(length), to.index(length));
            let part = body[from.min(to)..from.max(to)].to_vec();
            body.extend(part);
        }
    }
}

fn listed(code: &str) -> bool {
    REASONS.iter().any(|row| row.code == code)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_are_read_or_refused_with_a_listed_reason(
        file in any::<Index>(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let (name, mut body) = EXAMPLES[file.index(EXAMPLES.len())].clone();
        changes.iter().for_each(|change| apply(&mut body, change));
        if let Err(refusal) = decode_file(&name, &body) {
            prop_assert!(listed(refusal.reason.as_str()), "{}", refusal);
        }
    }

    #[test]
    fn a_changed_dossier_of_opencps_is_read_or_refused_with_a_listed_reason(
        file in any::<Index>(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let mut body = DOSSIERS[file.index(DOSSIERS.len())].1.clone();
        changes.iter().for_each(|change| apply(&mut body, change));
        let read = super::opencps::read(&body);
        prop_assert_eq!(&read, &super::opencps::read(&body));
        if let Err(refusal) = read {
            prop_assert!(listed(refusal.reason.as_str()), "{}", refusal);
        }
        // Whatever was kept of it once is kept of it again: nothing more is in there to be taken out.
        let kept = without_secrets(&body).into_owned();
        let again = without_secrets(&kept).into_owned();
        prop_assert_eq!(again, kept);
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in any::<Vec<u8>>(), xml in any::<bool>()) {
        let dialect = if xml { Dialect::Xml } else { Dialect::Json };
        let refusal = decode(Some(dialect.content_type()), &body, &Limits::default()).unwrap_err();
        prop_assert_eq!(refusal.dialect, Some(dialect));
        prop_assert!(listed(refusal.reason.as_str()));
    }
}

#[test]
fn every_cut_of_a_message_is_refused() {
    for (name, body) in EXAMPLES.iter().filter(|(name, _)| name.starts_with("slip-pickup")) {
        let whole = body.len() - body.iter().rev().take_while(|c| c.is_ascii_whitespace()).count();
        for length in 0..whole {
            assert!(decode_file(name, &body[..length]).is_err(), "{name} cut at {length}");
        }
    }
}

#[test]
fn crafted_floods_end_early() {
    fn check(name: &str, body: &str, code: &str) {
        let refusal = decode_file(name, body.as_bytes()).unwrap_err();
        assert_eq!(refusal.reason.as_str(), code, "{refusal}");
    }
    let open = "<event xmlns=\"urn:lienthong:schema:dossier-event:1\" specversion=\"1.0\">";
    check("a.json", &"[".repeat(900_000), TOO_DEEP);
    check("a.json", &"{\"a\":".repeat(150_000), TOO_DEEP);
    check("a.xml", &format!("{open}{}", "<a>".repeat(300_000)), TOO_DEEP);
    check("a.xml", &format!("{open}<id>{}", "x".repeat(900_000)), TOO_LARGE);
    check("a.xml", &format!("{open}<data><fees>{}", "<item/>".repeat(100_000)), TOO_LARGE);
    let bindings: String = (0..60_000).map(|n| format!(" xmlns:a{n}=\"u\"")).collect();
    check("a.xml", &format!("<event{bindings}/>"), TOO_LARGE);
    check("a.xml", &format!("<!DOCTYPE event [{}]>{open}", "<!ENTITY a \"b\">".repeat(10_000)), DTD);
    let wide = format!("{open}{}</event>", "<a b=\"c\"/>".repeat(90_000));
    assert!(decode_file("a.xml", wide.as_bytes()).is_err());
}
