//! What a value may be: rules with a name, a hint and an example that satisfies them.

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::maintenance::Span;
use lienthong_core::reconcile::OffPeak;
use lienthong_core::tracking::{Meaning, Money, TrackingState};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;
use toml::Value;
use toml::value::Datetime;

/// A rule for one value. Its example satisfies it.
pub(super) struct Rule<T> {
    /// Completes "is not …".
    pub(super) what: String,
    /// What to do instead.
    pub(super) hint: &'static str,
    pub(super) example: Value,
    pub(super) parse: Parse<T>,
}

/// What a value means, when it keeps the rule.
type Parse<T> = Box<dyn Fn(&Value) -> Option<T>>;

impl<T> Rule<T> {
    fn new(
        what: impl Into<String>,
        hint: &'static str,
        example: impl Into<Value>,
        parse: impl Fn(&Value) -> Option<T> + 'static,
    ) -> Self {
        Self { what: what.into(), hint, example: example.into(), parse: Box::new(parse) }
    }

    /// Gives another example, one that fits the key.
    pub(super) fn such_as(mut self, example: impl Into<Value>) -> Self {
        self.example = example.into();
        self
    }

    /// A value that lets reading go on after a problem; settings with problems never leave `load`.
    pub(super) fn stand_in(&self) -> T {
        (self.parse)(&self.example).expect("the example satisfies its rule")
    }
}

/// A text that says something.
pub(super) fn text(example: &str) -> Rule<String> {
    Rule::new("a text", "write it in quotes", example, |value| {
        value.as_str().map(lienthong_core::text::normalise).filter(|text| !text.is_empty())
    })
}

/// Yes or no.
pub(super) fn flag() -> Rule<bool> {
    Rule::new("true or false", "write one of them without quotes", true, Value::as_bool)
}

/// A duration that is not zero.
pub(super) fn duration() -> Rule<Duration> {
    Rule::new("a duration", "write a number and a unit", "30s", |value| {
        span(value).filter(|duration| !duration.is_zero())
    })
}

/// A duration that may be zero.
pub(super) fn pause() -> Rule<Duration> {
    Rule::new("a duration", "write a number and a unit", "3ms", span)
}

fn span(value: &Value) -> Option<Duration> {
    let parsed: SignedDuration = value.as_str()?.parse().ok()?;
    Duration::try_from(parsed).ok()
}

/// A duration as a signed type, for differences of timestamps.
pub(super) fn age() -> Rule<SignedDuration> {
    Rule::new("a duration", "write a number and a unit", "72h", |value| {
        value.as_str()?.parse().ok().filter(SignedDuration::is_positive)
    })
}

/// How long something may stand, as a signed type; zero turns its watchdog off.
pub(super) fn patience() -> Rule<SignedDuration> {
    let hint = "write a number and a unit, or \"0s\" to turn it off";
    Rule::new("a duration", hint, "8h", |value| {
        value.as_str()?.parse().ok().filter(|time: &SignedDuration| !time.is_negative())
    })
}

/// A part of a working day.
pub(super) fn hours() -> Rule<(Time, Time)> {
    Rule::new("a part of a day", "write two times of day with a hyphen", "07:00-11:30", |value| {
        let (opens, closes) = value.as_str()?.split_once('-')?;
        let hours = (opens.trim().parse().ok()?, closes.trim().parse().ok()?);
        (hours.0 < hours.1).then_some(hours)
    })
}

/// A part of every day that may go past midnight, by the clocks of Việt Nam.
pub(super) fn off_peak() -> Rule<OffPeak> {
    Rule::new("a part of the day", "write two times with a hyphen", "01:00-04:30", |value| {
        OffPeak::read(value.as_str()?)
    })
}

/// A day of the week.
pub(super) fn weekday() -> Rule<Weekday> {
    const DAYS: &[(&str, Weekday)] = &[
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    choice(DAYS)
}

/// A size in bytes.
pub(super) fn size() -> Rule<u64> {
    Rule::new("a size", "write a number and B, KiB, MiB or GiB", "64KiB", |value| {
        let text = value.as_str()?.trim();
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        let unit = match text.strip_prefix(&digits)?.trim() {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return None,
        };
        digits.parse::<u64>().ok()?.checked_mul(unit).filter(|size| *size > 0)
    })
}

/// A size of something held in memory.
pub(super) fn memory_size() -> Rule<usize> {
    let rule = size();
    Rule::new(rule.what, rule.hint, rule.example, move |value| usize::try_from((rule.parse)(value)?).ok())
}

/// A whole number within bounds.
pub(super) fn number<T: TryFrom<i64> + 'static>(range: RangeInclusive<i64>, example: i64) -> Rule<T> {
    let what = format!("a whole number from {} to {}", range.start(), range.end());
    Rule::new(what, "write it without quotes", example, move |value| {
        value.as_integer().filter(|number| range.contains(number)).and_then(|number| T::try_from(number).ok())
    })
}

/// One of a few words.
pub(super) fn choice<T: Copy + 'static>(words: &'static [(&'static str, T)]) -> Rule<T> {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let example = known.first().copied().unwrap_or_default();
    Rule::new(format!("one of {}", known.join(", ")), "write one of them", example, move |value| {
        let word = value.as_str()?;
        words.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
    })
}

/// What a code of the post means: a word for the parcel, a word for its cash, or one of each in a list.
pub(super) fn meaning() -> Rule<Meaning> {
    let states = TrackingState::ALL.map(TrackingState::name);
    let words = [&states[..], &Money::ALL.map(Money::word)].concat().join(", ");
    let what = format!("one of {words}, nor a list of one for the parcel and one for its cash");
    Rule::new(what, "write one of them", TrackingState::Delivered.name(), |value| match value {
        Value::Array(entries) => {
            let words = entries.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
            Meaning::of_words(words)
        }
        Value::String(word) => Meaning::of_words([word.as_str()]),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Table(_) => {
            None
        }
    })
}

/// Address and port to listen on.
pub(super) fn listen() -> Rule<SocketAddr> {
    Rule::new("an address and port", "write both", "127.0.0.1:8085", |value| value.as_str()?.parse().ok())
}

/// A URL that HTTP can call.
pub(super) fn http_url(example: &str) -> Rule<String> {
    let what = "an address with http or https, a host and no password";
    Rule::new(what, "write it in full", example, |value| {
        let url: url::Url = value.as_str()?.parse().ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        let usable = matches!(url.scheme(), "http" | "https") && url.has_host() && plain;
        usable.then(|| value.as_str().unwrap_or_default().to_owned())
    })
}

/// A path that is joined to an address.
pub(super) fn endpoint(example: &str) -> Rule<String> {
    Rule::new("a path", "begin it with a slash", example, |value| {
        value.as_str().filter(|path| path.starts_with('/')).map(str::to_owned)
    })
}

/// A moment, with its offset.
pub(super) fn instant() -> Rule<Timestamp> {
    Rule::new("a time with its offset", "write both", "2022-09-18T22:00:00+07:00", |value| {
        let written = value.as_datetime().map(ToString::to_string);
        written.as_deref().or_else(|| value.as_str())?.parse().ok()
    })
}

/// A day of the calendar.
pub(super) fn day() -> Rule<Date> {
    let example: Datetime = "2027-01-01".parse().expect("a date of TOML");
    Rule::new("a date", "write year-month-day without quotes", example, |value| {
        // Only the text of a date alone is one: a date is read out of a time, too.
        value.as_datetime().filter(|written| written.time.is_none())?.to_string().parse().ok()
    })
}

/// A span of every week, by the clocks of Việt Nam.
pub(super) fn weekly() -> Rule<Span> {
    let hint = "write a day (Mon, Tue, Wed, Thu, Fri, Sat, Sun) and two times";
    Rule::new("a span of the week", hint, "Sun 22:00-23:30", |value| Span::weekly(value.as_str()?))
}

/// A list of values of one rule, not empty.
pub(super) fn list<T: 'static>(of: Rule<T>) -> Rule<Vec<T>> {
    let what = format!("a list in which each entry is {}", of.what);
    let example = Value::Array(vec![of.example.clone()]);
    Rule::new(what, of.hint, example, move |value| {
        value.as_array()?.iter().map(&of.parse).collect::<Option<Vec<T>>>().filter(|list| !list.is_empty())
    })
}

/// A code of the administration with a fixed number of digits.
pub(super) fn digits(what: &'static str, count: usize, example: &'static str) -> Rule<String> {
    Rule::new(what, "write it in quotes, with leading zeros", example, move |value| {
        let code = value.as_str()?;
        let right = code.len() == count && code.chars().all(|c| c.is_ascii_digit());
        right.then(|| code.to_owned())
    })
}

/// A phone number that the post can dial, in national form.
pub(super) fn phone() -> Rule<String> {
    Rule::new("a phone number that can be dialled", "write 10 or 11 digits", "0510000111", |value| {
        lienthong_core::text::phone(value.as_str()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parses<T>(rule: &Rule<T>, value: impl Into<Value>) -> bool {
        (rule.parse)(&value.into()).is_some()
    }

    #[test]
    fn durations_carry_their_unit() {
        for good in ["30s", "15m", "1h30m", "500ms", "72h"] {
            assert!(parses(&duration(), good), "{good}");
        }
        for bad in ["30", "", "0s", "-5s", "soon"] {
            assert!(!parses(&duration(), bad), "{bad}");
        }
        assert!(!parses(&duration(), 30));
        assert!(parses(&pause(), "0ms"));
        assert_eq!((duration().parse)(&"1m".into()), Some(Duration::from_secs(60)));
    }

    #[test]
    fn sizes_carry_their_unit() {
        for (text, expected) in [
            ("64KiB", Some(65_536)),
            ("1 MiB", Some(1_048_576)),
            ("200B", Some(200)),
            ("2GiB", Some(2 << 30)),
            ("64", None),
            ("64KB", None),
            ("0B", None),
            ("99999999999GiB", None),
        ] {
            assert_eq!((size().parse)(&text.into()), expected, "{text}");
        }
    }

    #[test]
    fn every_example_satisfies_its_rule() {
        assert_eq!(text("x").stand_in(), "x");
        assert!(flag().stand_in());
        assert_eq!(duration().stand_in(), Duration::from_secs(30));
        assert_eq!(age().stand_in(), SignedDuration::from_hours(72));
        assert_eq!(patience().stand_in(), SignedDuration::from_hours(8));
        assert!(hours().stand_in().0 < hours().stand_in().1);
        assert_eq!(Some(off_peak().stand_in()), OffPeak::read("01:00-04:30"));
        assert_eq!(weekday().stand_in(), Weekday::Monday);
        assert_eq!(memory_size().stand_in(), 65_536);
        assert_eq!(number::<u16>(1..=9, 5).stand_in(), 5);
        assert_eq!(choice(&[("live", 1), ("observe", 2)]).stand_in(), 1);
        assert_eq!(meaning().stand_in(), TrackingState::Delivered.into());
        assert!(listen().stand_in().ip().is_loopback());
        assert_eq!(instant().stand_in().as_second(), 1_663_513_200);
        assert_eq!(day().stand_in(), jiff::civil::date(2027, 1, 1));
        assert!(matches!(weekly().stand_in(), Span::Weekly { .. }));
        assert_eq!(http_url("https://post.example/").stand_in(), "https://post.example/");
        assert_eq!(endpoint("/login").stand_in(), "/login");
        assert_eq!(list(duration()).stand_in().len(), 1);
        assert_eq!(digits("a commune's code", 5, "22966").stand_in(), "22966");
        assert_eq!(phone().stand_in(), "0510000111");
    }

    #[test]
    fn a_code_means_a_word_or_one_of_each_kind() {
        for state in TrackingState::ALL {
            assert_eq!((meaning().parse)(&state.name().into()), Some(state.into()));
        }
        assert_eq!((meaning().parse)(&"cash-settled".into()), Some(Money::Settled.into()));
        let both = Value::Array(vec!["delivered".into(), "cash-collected".into()]);
        let expected = Meaning { parcel: Some(TrackingState::Delivered), money: Some(Money::Collected) };
        assert_eq!((meaning().parse)(&both), Some(expected));
        for bad in [Value::Array(vec![]), Value::Array(vec!["delivered".into(), 7.into()]), 4.into()] {
            assert!(!parses(&meaning(), bad.clone()), "{bad}");
        }
    }

    #[test]
    fn a_day_has_no_time_of_day() {
        let written = |text: &str| Value::from(text.parse::<Datetime>().unwrap());
        assert!(parses(&day(), written("2027-01-01")));
        for other in ["2027-01-01T00:00:00", "2027-01-01T00:00:00Z", "07:00:00"] {
            assert!(!parses(&day(), written(other)), "{other}");
        }
        assert!(!parses(&day(), "2027-01-01"), "in quotes it is a text");
    }

    #[test]
    fn credentials_do_not_belong_in_a_url() {
        assert!(!parses(&http_url("https://post.example/"), "https://user:word@post.example/"));
    }
}
