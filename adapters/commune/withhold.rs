//! Takes the secret of a receipt out of bytes that nobody could read as an event.
//!
//! OpenCPS's dossier carries `password`. What cannot be read is kept for a person, and it must not be kept with it: also
//! not of a message that is torn, that names no dialect, or that has the object in a text. So this looks at bytes alone,
//! and rather drops too much than too little:
//!
//! 1. Of each text that holds the word, whatever its case and its escapes, the text goes; of a member of that name, its
//!    value too.
//! 2. Should the word still stand somewhere outside of texts, the bytes end there. Bytes with zeros are in another
//!    encoding: they end at the word, or at the first escape, which may hide it.
//!
//! Bytes without the word come out as they went in, if they have no zeros.

use std::borrow::Cow;

/// What the secret's name holds, in lower case.
const WORD: &[u8] = b"password";
/// What stands in the place of what was taken out.
const WITHHELD: &[u8] = b"\"(withheld)\"";

/// The bytes without secrets.
pub fn without_secrets(body: &[u8]) -> Cow<'_, [u8]> {
    if !may_hold_it(body) {
        return Cow::Borrowed(body);
    }
    if body.contains(&0) {
        let escape = body.iter().position(|byte| *byte == b'\\');
        let end = find(body).into_iter().chain(escape).min().unwrap_or(body.len());
        return Cow::Borrowed(body.split_at(end).0);
    }
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        let (before, text) = rest.split_at(start);
        kept.extend_from_slice(before);
        let (text, behind) = text.split_at(text_length(text));
        rest = behind;
        if !holds_it(&unescaped(text)) {
            kept.extend_from_slice(text);
            continue;
        }
        kept.extend_from_slice(WITHHELD);
        if let Some(value) = member_value(behind) {
            let (colon, value) = behind.split_at(value);
            kept.extend_from_slice(colon);
            kept.extend_from_slice(b"null");
            rest = value.split_at(value_length(value)).1;
        }
    }
    kept.extend_from_slice(rest);
    if let Some(place) = find(&kept) {
        kept.truncate(place);
    }
    Cow::Owned(kept)
}

/// Whether the word can be in there at all: as it is, or behind escapes.
fn may_hold_it(body: &[u8]) -> bool {
    find(body).is_some() || body.contains(&b'\\')
}

/// Where the word begins, whatever its case; zeros between its letters do not hide it.
fn find(bytes: &[u8]) -> Option<usize> {
    (0..bytes.len()).find(|start| {
        let mut letters = bytes.iter().skip(*start).filter(|byte| **byte != 0);
        bytes.get(*start) != Some(&0)
            && WORD.iter().all(|letter| letters.next().is_some_and(|byte| byte.eq_ignore_ascii_case(letter)))
    })
}

fn holds_it(text: &[u8]) -> bool {
    find(text).is_some()
}

/// Bytes of the text that begins here, quotes included; a torn one has all that is left.
fn text_length(bytes: &[u8]) -> usize {
    let mut escaped = false;
    for (place, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    bytes.len()
}

/// The text with `\uXXXX` of ASCII put in, and without the other backslashes: JSON within JSON hides no word.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'\\' {
            plain.push(*byte);
            continue;
        }
        let code = behind.strip_prefix(b"u").and_then(|code| code.split_at_checked(4));
        let letter = code.and_then(|(code, after)| {
            let code = u32::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()?;
            Some((u8::try_from(code).ok()?, after))
        });
        if let Some((letter, after)) = letter {
            plain.push(letter);
            rest = after;
        }
    }
    plain
}

/// How far it is to the value, when a colon follows; `None` when the text was no member's name.
fn member_value(behind: &[u8]) -> Option<usize> {
    let colon = behind.iter().position(|byte| !byte.is_ascii_whitespace())?;
    if behind.get(colon) != Some(&b':') {
        return None;
    }
    let blanks = behind.iter().skip(colon + 1).take_while(|byte| byte.is_ascii_whitespace()).count();
    Some(colon + 1 + blanks)
}

/// Bytes of the value that begins here, with all that is in it.
fn value_length(bytes: &[u8]) -> usize {
    let (mut place, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'"' => {
                place += text_length(bytes.get(place..).unwrap_or_default());
                if depth == 0 {
                    return place;
                }
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 0 => return place,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return place + 1;
                }
            }
            b',' if depth == 0 => return place,
            _ => {}
        }
        place += 1;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_member_of_that_name_loses_its_value() {
        fn check(body: &str, expected: &str) {
            let kept = without_secrets(body.as_bytes()).into_owned();
            assert_eq!(String::from_utf8(kept).unwrap(), expected, "{body}");
        }
        check(r#"{"a":1,"password":"s3cret","b":2}"#, r#"{"a":1,"(withheld)":null,"b":2}"#);
        check(r#"{"passWord" : "s3\"cret" }"#, r#"{"(withheld)" : null }"#);
        check(r#"{"pass\u0077ord":"s3cret"}"#, r#"{"(withheld)":null}"#);
        check(r#"{"password":12345,"b":2}"#, r#"{"(withheld)":null,"b":2}"#);
        check(r#"{"password":12345}"#, r#"{"(withheld)":null}"#);
        check(r#"{"password":{"a":["s3cret","}"]},"b":2}"#, r#"{"(withheld)":null,"b":2}"#);
        check(r#"{"password":["s3cret"]}"#, r#"{"(withheld)":null}"#);
        check(r#"{"oldPassword":"s3cret"}"#, r#"{"(withheld)":null}"#);
        check(r#"{"password":"s3cret","password":"s4cret"}"#, r#"{"(withheld)":null,"(withheld)":null}"#);
        check(r#"{"submissionNote":"{\"password\":\"s3cret\"}"}"#, r#"{"submissionNote":"(withheld)"}"#);
        check(r#"{"password":"s3cr"#, r#"{"(withheld)":null"#);
        check(r#"{"password""#, r#"{"(withheld)""#);
        check(r#"{"passw"#, r#"{"passw"#);
        check(r#"{password:"s3cret"}"#, "{");
        check(r#"{"a":"b"c","password":"s3cret"}"#, r#"{"a":"b"c",""#);
        check("<password>s3cret</password>", "<");
        check("", "");
    }

    #[test]
    fn another_encoding_hides_nothing() {
        let utf_16: Vec<u8> =
            r#"{"a":1,"password":"s3cret"}"#.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let kept = without_secrets(&utf_16);
        let expected: Vec<u8> = "{\"a\":1,\"".encode_utf16().flat_map(u16::to_be_bytes).chain([0]).collect();
        assert_eq!(kept.as_ref(), expected);
    }

    proptest! {
        #[test]
        fn bytes_without_the_word_stay_as_they_are(body in "[^pP\\x00]*") {
            prop_assume!(!body.contains("\\u"));
            prop_assert_eq!(without_secrets(body.as_bytes()), Cow::Borrowed(body.as_bytes()));
        }

        #[test]
        fn no_secret_survives(
            before in "[\\PC\"\\\\{}:,]{0,40}",
            name in "[pP][aA][sS][sS][wW][oO][rR][dD]",
            blanks in "[ \n]{0,2}",
            after in "[\\PC\"\\\\{}:,]{0,40}",
        ) {
            let body = format!("{before}\"{name}\"{blanks}:{blanks}\"53crEt-77\"{after}");
            let kept = without_secrets(body.as_bytes()).into_owned();
            prop_assert!(!String::from_utf8_lossy(&kept).contains("53crEt-77"), "{}", body);
        }

        #[test]
        fn json_stays_json(name in "password|Password|pass\\\\u0077ord", value in "\"[a-z]{0,9}\"|[0-9]{1,4}|null|\\{\\}|\\[\\]") {
            let body = format!("{{\"a\":[1],\"{name}\":{value},\"b\":\"c\"}}");
            let kept: serde_json::Value = serde_json::from_slice(&without_secrets(body.as_bytes())).unwrap();
            prop_assert_eq!(kept, serde_json::json!({ "a": [1], "(withheld)": null, "b": "c" }));
        }
    }
}
