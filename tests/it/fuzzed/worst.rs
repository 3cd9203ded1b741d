//! The worst inputs that the caps let in, and what reading them takes.

use super::properties::TARGETS;
use allocation_counter::measure;
use lienthong_commune::{Dialect, Limits, decode};
use std::time::{Duration, Instant};

/// Memory that reading may take beside the input, for each byte of it. A list of two-byte numbers is a value of 32
/// bytes each in a vector that doubles.
const MEMORY: u64 = 64;

/// What is allowed for a body at the cap on a busy machine: it must end, and not stand still.
const TIME: Duration = Duration::from_secs(20);

/// A body of the largest size that is read: `first`, then `again` as often as it fits, then `last`.
fn filled(first: &str, again: &str, last: &str) -> Vec<u8> {
    filled_to(Limits::default().body_bytes, first, again, last)
}

fn filled_to(cap: usize, first: &str, again: &str, last: &str) -> Vec<u8> {
    let times = (cap - first.len() - last.len()) / again.len();
    [first, &again.repeat(times), last].concat().into_bytes()
}

fn floods() -> Vec<(&'static str, Dialect, Vec<u8>)> {
    let xml = |first: &str, again: &str, last: &str| {
        let open = "<event xmlns=\"urn:lienthong:schema:dossier-event:1\" specversion=\"1.0\">";
        filled(&format!("{open}{first}"), again, &format!("{last}</event>"))
    };
    let numbered = |first: &str, each: &dyn Fn(usize) -> String, last: &str| {
        let mut body = first.to_owned();
        for number in 0.. {
            let next = each(number);
            if body.len() + next.len() + last.len() > Limits::default().body_bytes {
                break;
            }
            body.push_str(&next);
        }
        (body + last).into_bytes()
    };
    vec![
        ("brackets", Dialect::Json, filled("", "[", "")),
        ("objects", Dialect::Json, filled("", "{\"a\":", "")),
        (
            "lists to the depth",
            Dialect::Json,
            filled("{\"data\":[", "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]],", "0]}"),
        ),
        ("many keys", Dialect::Json, numbered("{", &|number| format!("\"k{number}\":0,"), "\"z\":0}")),
        ("one key again and again", Dialect::Json, filled("{", "\"id\":\"a\",", "\"id\":\"a\"}")),
        ("numbers", Dialect::Json, filled("{\"data\":[", "1,", "1]}")),
        ("one huge number", Dialect::Json, filled("{\"data\":{\"fees\":[{\"amount\":1", "0", "}]}}")),
        ("one huge exponent", Dialect::Json, filled("{\"sequence\":1e", "9", "}")),
        ("escapes", Dialect::Json, filled("{\"id\":\"", "\\u0001", "\"}")),
        ("letters to compose", Dialect::Json, filled("{\"subject\":\"", "\u{1100}\u{1161}\u{11a8}", "\"}")),
        ("marks on one letter", Dialect::Json, filled("{\"subject\":\"a", "\u{301}\u{327}", "\"}")),
        ("fees", Dialect::Json, filled("{\"data\":{\"fees\":[", "{},", "{}]}}")),
        ("elements", Dialect::Xml, xml("", "<a>", "")),
        ("unknown elements", Dialect::Xml, xml("", "<a b=\"c\"/>", "")),
        ("items", Dialect::Xml, xml("<data><fees>", "<item/>", "</fees></data>")),
        ("attributes", Dialect::Xml, numbered("<event", &|number| format!(" a{number}=\"\""), "/>")),
        ("namespaces", Dialect::Xml, numbered("<event", &|number| format!(" xmlns:a{number}=\"u\""), "/>")),
        ("namespaces, each inside another", Dialect::Xml, xml("", "<a xmlns=\"u\">", "")),
        ("entities", Dialect::Xml, filled("<!DOCTYPE event [", "<!ENTITY a \"&a;&a;\">", "]><event/>")),
        ("references", Dialect::Xml, xml("<id>", "&#x10FFFF;", "</id>")),
        ("named references", Dialect::Xml, xml("<data>", "&amp;", "</data>")),
        ("pieces of a text", Dialect::Xml, xml("<id>", "<![CDATA[a]]>", "</id>")),
        ("comments", Dialect::Xml, xml("", "<!---->", "")),
        ("an open comment", Dialect::Xml, xml("<!--", "-", "")),
        ("one text", Dialect::Xml, xml("<id>", "x", "</id>")),
        ("one attribute", Dialect::Xml, filled("<event a=\"", "x", "\"/>")),
    ]
}

#[test]
fn a_message_at_the_cap_takes_bounded_memory_and_time() {
    let mut most = (0, "");
    for (name, dialect, body) in floods() {
        let began = Instant::now();
        let mut read = None;
        let taken = measure(|| read = Some(decode(Some(dialect.content_type()), &body, &Limits::default())));
        let (peak, size) = (taken.bytes_max, u64::try_from(body.len()).unwrap());
        assert!(peak <= MEMORY * size, "{name}: {peak} bytes for {size}");
        assert!(began.elapsed() <= TIME, "{name}: {:?}", began.elapsed());
        assert!(read.unwrap().is_err(), "{name}: a flood was read as an event");
        most = most.max((peak / size, name));
    }
    println!("{} floods, at most {} bytes of memory for a byte ({})", floods().len(), most.0, most.1);
}

/// A quarter of the cap: memory grows with the size alone, and every answer is read under every call.
#[test]
fn a_large_answer_takes_bounded_memory_and_time() {
    let filled = |first: &str, again: &str, last: &str| {
        filled_to(Limits::default().body_bytes / 4, first, again, last)
    };
    let floods = [
        ("brackets", filled("", "[", "")),
        ("lists", filled("[", "[],", "[]]")),
        ("numbers", filled("{\"error_code\":0,\"result\":[", "1,", "1]}")),
        ("rows", filled("{\"_embedded\":{\"rh:doc\":[", "{},", "{}]}}")),
        ("one huge message", filled("{\"error_code\":7,\"Status\":7,\"message\":\"", "đ", "\"}")),
        ("one huge code", filled("{\"error_code\":\"", "9", "\",\"Status\":\"9\"}")),
        ("one huge number", filled("{\"error_code\":1", "0", "}")),
        ("one huge token", filled("{\"access_token\":\"", "x", "\"}")),
        ("a page of HTML", filled("<html>", "<p>502</p>", "</html>")),
    ];
    let mut most = (0, "");
    for (target, property) in TARGETS.into_iter().filter(|(name, _)| name.ends_with("_answers")) {
        for (name, body) in &floods {
            for asked in 0..6 {
                let input = [&[asked, 0, 0], &**body].concat();
                let began = Instant::now();
                let taken = measure(|| property(&input));
                let size = u64::try_from(input.len()).unwrap();
                assert!(
                    taken.bytes_max <= 2 * MEMORY * size,
                    "{target} {name}: {} for {size}",
                    taken.bytes_max
                );
                assert!(began.elapsed() <= TIME, "{target} {name}: {:?}", began.elapsed());
                most = most.max((taken.bytes_max / size, name));
            }
        }
    }
    println!("at most {} bytes of memory for a byte ({})", most.0, most.1);
}
