//! The rules of single fields: texts, codes, instants, numbers, lists.
//!
//! Both dialects pass through here, so that the same event has one form and one hash: text is NFC and trimmed, line ends
//! are `\n`, other control characters are gone (XML could not carry them), an empty optional text is `None`. A fault
//! names the path and what was expected; it never repeats a text that may name a person.

use crate::Limits;
use crate::leaf::{Instant, Object};
use crate::refusal::{BAD_VALUE, Fault, MISSING_FIELD, TOO_LARGE, quoted};
use jiff::Timestamp;
use lienthong_core::ids::DossierCode;
use lienthong_core::text;
use serde_json::Number;
use std::fmt;

/// Characters of a code: the dossier code's width at the partners, and enough for all others.
pub(crate) const CODE_CHARS: usize = 50;
/// Characters of an event's id: a UUID has 36, and an id of the desk's own making stays below this.
pub(crate) const ID_CHARS: usize = 128;
/// Characters of a source.
pub(crate) const SOURCE_CHARS: usize = 256;

/// Where the reader stands; text only when a fault is told.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Root,
    Name(&'static str),
    Index(usize),
}

impl<'p> Place<'p> {
    /// The event itself.
    pub(crate) const ROOT: Place<'static> = Place { parent: None, step: Step::Root };

    /// A field here.
    pub(crate) fn name(&'p self, name: &'static str) -> Place<'p> {
        Place { parent: Some(self), step: Step::Name(name) }
    }

    fn index(&'p self, index: usize) -> Place<'p> {
        Place { parent: Some(self), step: Step::Index(index) }
    }

    /// A fault here.
    pub(crate) fn fault(&self, code: &'static str, detail: impl Into<String>) -> Fault {
        Fault::at(code, &self.to_string(), detail)
    }

    /// The field is missing, null or empty.
    pub(crate) fn missing(&self) -> Fault {
        self.fault(MISSING_FIELD, "this field is required and must not be null or empty")
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else { return Ok(()) };
        parent.fmt(f)?;
        match self.step {
            Step::Root => Ok(()),
            Step::Name(name) if matches!(parent.step, Step::Root) => f.write_str(name),
            Step::Name(name) => write!(f, ".{name}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// Applies the rules within the limits.
pub(crate) struct Rules<'l> {
    pub(crate) limits: &'l Limits,
}

impl Rules<'_> {
    /// A text that may be missing.
    pub(crate) fn text(
        &self,
        value: Option<impl Into<String>>,
        at: &Place<'_>,
    ) -> Result<Option<String>, Fault> {
        let Some(value) = value else { return Ok(None) };
        let clean = clean(&value.into());
        if longer_than(&clean, self.limits.text_chars) {
            let limit = self.limits.text_chars;
            return Err(at.fault(TOO_LARGE, format!("a text has at most {limit} characters")));
        }
        Ok((!clean.is_empty()).then_some(clean))
    }

    /// A text that must be there.
    pub(crate) fn filled(&self, value: Option<impl Into<String>>, at: &Place<'_>) -> Result<String, Fault> {
        self.text(value, at)?.ok_or_else(|| at.missing())
    }

    /// A code that may be missing.
    pub(crate) fn optional_code(
        &self,
        value: Option<impl Into<String>>,
        at: &Place<'_>,
    ) -> Result<Option<String>, Fault> {
        self.token(value, CODE_CHARS, at)
    }

    /// A code that must be there.
    pub(crate) fn code(&self, value: Option<impl Into<String>>, at: &Place<'_>) -> Result<String, Fault> {
        self.optional_code(value, at)?.ok_or_else(|| at.missing())
    }

    /// One line without control characters, at most `limit` characters.
    pub(crate) fn token(
        &self,
        value: Option<impl Into<String>>,
        limit: usize,
        at: &Place<'_>,
    ) -> Result<Option<String>, Fault> {
        let Some(value) = value else { return Ok(None) };
        let code = text::normalise(&value.into());
        if code.chars().any(|c| c.is_control() || is_noncharacter(c)) {
            return Err(at.fault(BAD_VALUE, "a code holds no control characters"));
        }
        if longer_than(&code, limit) {
            return Err(at.fault(BAD_VALUE, format!("at most {limit} characters are allowed here")));
        }
        Ok((!code.is_empty()).then_some(code))
    }

    /// A dossier code, upper-cased once.
    pub(crate) fn dossier_code(
        &self,
        value: Option<impl Into<String>>,
        at: &Place<'_>,
    ) -> Result<Option<DossierCode>, Fault> {
        let Some(code) = self.optional_code(value, at)? else { return Ok(None) };
        let code = text::normalise(&code.to_uppercase());
        if longer_than(&code, CODE_CHARS) {
            return Err(at.fault(BAD_VALUE, format!("at most {CODE_CHARS} characters are allowed here")));
        }
        Ok(Some(DossierCode::new(code)))
    }

    /// An identity number; the dummies that desks write when there is none become `None`.
    pub(crate) fn id_number(&self, value: Option<String>, at: &Place<'_>) -> Result<Option<String>, Fault> {
        let number = self.text(value, at)?;
        Ok(number.filter(|number| number != "000000001" && number.chars().any(|c| c != '0')))
    }

    /// An instant that may be missing.
    pub(crate) fn optional_instant(
        &self,
        value: Option<Instant>,
        at: &Place<'_>,
    ) -> Result<Option<Timestamp>, Fault> {
        let Some(value) = self.text(value, at)? else { return Ok(None) };
        let parsed = is_rfc3339(&value).then(|| value.parse::<Timestamp>().ok()).flatten();
        let expected = "expected an instant with an offset, such as 2022-09-15T10:12:00+07:00";
        parsed.map(Some).ok_or_else(|| at.fault(BAD_VALUE, expected))
    }

    /// An instant that must be there.
    pub(crate) fn instant(&self, value: Option<Instant>, at: &Place<'_>) -> Result<Timestamp, Fault> {
        self.optional_instant(value, at)?.ok_or_else(|| at.missing())
    }

    /// A word of a list.
    pub(crate) fn word<T: Copy>(
        &self,
        value: Option<impl Into<String>>,
        list: &[(&'static str, T)],
        at: &Place<'_>,
    ) -> Result<T, Fault> {
        let word = self.filled(value, at)?;
        crate::words::meaning(list, &word).ok_or_else(|| {
            let words = crate::words::listed(list).join(", ");
            at.fault(BAD_VALUE, format!("{} is none of: {words}", quoted(&word)))
        })
    }

    /// A list; `None` means *not known* and stays so.
    pub(crate) fn list<W, T>(
        &self,
        value: Option<Vec<Object<W>>>,
        at: &Place<'_>,
        read: impl Fn(&Self, W, &Place<'_>) -> Result<T, Fault>,
    ) -> Result<Option<Vec<T>>, Fault> {
        let Some(items) = value else { return Ok(None) };
        let limit = self.limits.list_items;
        if items.len() > limit {
            return Err(at.fault(TOO_LARGE, format!("a list has at most {limit} items")));
        }
        let read_one = |(index, Object(item))| read(self, item, &at.index(index));
        items.into_iter().enumerate().map(read_one).collect::<Result<Vec<_>, _>>().map(Some)
    }
}

/// Something that must be there.
pub(crate) fn required<T>(value: Option<T>, at: &Place<'_>) -> Result<T, Fault> {
    value.ok_or_else(|| at.missing())
}

/// Whole đồng, not negative.
pub(crate) fn money(value: Option<Number>, at: &Place<'_>) -> Result<u64, Fault> {
    let number = required(value, at)?;
    number.as_u64().ok_or_else(|| at.fault(BAD_VALUE, "expected a whole number of đồng, not negative"))
}

/// A small code that is a number.
pub(crate) fn small(number: &Number) -> Option<u8> {
    number.as_u64().and_then(|code| u8::try_from(code).ok())
}

fn clean(text: &str) -> String {
    if !text.chars().any(|c| c.is_control() || is_noncharacter(c)) {
        return text::normalise(text);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = lines
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || is_noncharacter(*c)))
        .collect();
    text::normalise(&kept)
}

/// Code points that XML 1.0 cannot carry although they are no control characters.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Looks at bytes first: most texts are far below the limit.
fn longer_than(text: &str, chars: usize) -> bool {
    text.len() > chars && text.chars().count() > chars
}

/// RFC 3339 alone: jiff reads more forms than the contract allows, such as a blank for the `T`.
fn is_rfc3339(text: &str) -> bool {
    fn fits(text: &[u8], pattern: &[u8]) -> bool {
        text.len() == pattern.len()
            && text.iter().zip(pattern).all(|(c, p)| match p {
                b'd' => c.is_ascii_digit(),
                b'T' => matches!(c, b'T' | b't'),
                _ => c == p,
            })
    }
    let bytes = text.as_bytes();
    let Some((date_time, rest)) = bytes.split_at_checked("2022-09-15T10:12:00".len()) else { return false };
    let offset = match rest.strip_prefix(b".") {
        None => rest,
        Some(fraction) => {
            let digits = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
            if digits == 0 || digits > 9 {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
    };
    let offset_fits = matches!(offset, b"Z" | b"z") || fits(offset, b"+dd:dd") || fits(offset, b"-dd:dd");
    fits(date_time, b"dddd-dd-ddTdd:dd:dd") && offset_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rfc_3339_instants_with_an_offset_are_read() {
        fn check(text: &str, expected: Option<&str>) {
            let rules = Rules { limits: &Limits::default() };
            let read = rules.optional_instant(Some(Instant::from(text)), &Place::ROOT.name("time"));
            assert_eq!(read.ok().flatten().map(|t| t.to_string()).as_deref(), expected, "{text}");
        }
        check("2022-09-15T10:12:00+07:00", Some("2022-09-15T03:12:00Z"));
        check("2022-09-15T10:12:00.250Z", Some("2022-09-15T10:12:00.25Z"));
        check("2022-09-15t10:12:00z", Some("2022-09-15T10:12:00Z"));
        check(" 2022-09-15T10:12:00+07:00 ", Some("2022-09-15T03:12:00Z"));
        check("2022-09-15T10:12:00", None);
        check("2022-09-15 10:12:00+07:00", None);
        check("20220915101200", None);
        check("2022-09-15T10:12+07:00", None);
        check("2022-09-15T10:12:00+07", None);
        check("2022-09-15T10:12:00.+07:00", None);
        check("2022-02-30T10:12:00+07:00", None);
        check("2022-09-15T10:12:00+07:00[Asia/Ho_Chi_Minh]", None);
        check("đầu tháng chín năm 2022", None);
        check("", None);
    }

    #[test]
    fn texts_lose_what_xml_cannot_carry() {
        assert_eq!(clean("một\r\nhai\rba\tbốn\u{0}\u{1f}\u{ffff}"), "một\nhai\nba\tbốn");
        assert_eq!(clean("\u{0} Bu\u{31b}o\u{31b}\u{309}i \u{7}"), "Bưởi");
    }

    #[test]
    fn places_are_told_as_paths() {
        let root = Place::ROOT;
        let (data, fees) = (root.name("data"), root.name("fees"));
        assert_eq!(data.name("postal").name("return").to_string(), "data.postal.return");
        assert_eq!(fees.index(2).name("amount").to_string(), "fees[2].amount");
    }
}
