//! Whole days of Việt Nam over which figures are counted.

use crate::tables::{VIETNAM, day_in_vietnam};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use std::fmt;

/// Years that a period may touch: nothing was synchronised before, and nobody asks for later.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// A span of whole days; a month, quarter or year has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    first: Date,
    last: Date,
}

impl Period {
    /// From the first to the last day, both included; `None` when they are the wrong way round or out of range.
    pub fn of_days(first: Date, last: Date) -> Option<Self> {
        let in_range = YEARS.contains(&first.year()) && YEARS.contains(&last.year());
        (in_range && first <= last).then_some(Self { first, last })
    }

    /// Reads a name: `2026-11`, `2026-Q4`, `2026`.
    pub fn read(name: &str) -> Option<Self> {
        let (year, part) = match name.split_once('-') {
            Some((year, part)) => (year, Some(part)),
            None => (name, None),
        };
        let year: i16 = digits(year, 4)?.parse().ok().filter(|year| YEARS.contains(year))?;
        let (from, months) = match part {
            None => (1, 12),
            Some(part) => match part.strip_prefix('Q') {
                Some(quarter) => {
                    let quarter: i8 = digits(quarter, 1)?.parse().ok().filter(|n| (1..=4).contains(n))?;
                    (quarter * 3 - 2, 3)
                }
                None => (digits(part, 2)?.parse().ok().filter(|month| (1..=12).contains(month))?, 1),
            },
        };
        let last = date(year, from + months - 1, 1).last_of_month();
        Some(Self { first: date(year, from, 1), last })
    }

    /// The month in which an instant lies.
    pub fn month_of(at: Timestamp) -> Self {
        let day = day_in_vietnam(at);
        Self { first: day.first_of_month(), last: day.last_of_month() }
    }

    /// The first day.
    pub fn first(self) -> Date {
        self.first
    }

    /// The last day, included.
    pub fn last(self) -> Date {
        self.last
    }

    /// The first instant.
    pub fn begins(self) -> Timestamp {
        midnight(self.first)
    }

    /// The first instant that lies behind it.
    pub fn ends(self) -> Timestamp {
        self.last.checked_add(1.day()).map_or(Timestamp::MAX, midnight)
    }

    /// The name by which it is imported and asked for; `None` when it is no whole month, quarter or year.
    pub fn name(self) -> Option<String> {
        let (year, month) = (self.first.year(), self.first.month());
        let names = [format!("{year}-{month:02}"), format!("{year}-Q{}", (month + 2) / 3), year.to_string()];
        names.into_iter().find(|name| Self::read(name) == Some(self))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(&name),
            None => write!(f, "{}..{}", self.first, self.last),
        }
    }
}

/// The text if it is so many digits.
fn digits(text: &str, count: usize) -> Option<&str> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn midnight(day: Date) -> Timestamp {
    VIETNAM.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_a_month_a_quarter_or_a_year_of_viet_nam() {
        fn check(name: &str, expected: Option<(&str, &str)>) {
            let read = Period::read(name);
            let seen = read.map(|period| (period.begins().to_string(), period.ends().to_string()));
            let expected = expected.map(|(from, to)| (from.to_owned(), to.to_owned()));
            assert_eq!(seen, expected, "{name}");
            if let Some(period) = read {
                assert_eq!(period.name().as_deref(), Some(name));
                assert_eq!(Period::of_days(period.first(), period.last()), read);
            }
        }
        check("2026-11", Some(("2026-10-31T17:00:00Z", "2026-11-30T17:00:00Z")));
        check("2024-02", Some(("2024-01-31T17:00:00Z", "2024-02-29T17:00:00Z")));
        check("2026-Q4", Some(("2026-09-30T17:00:00Z", "2026-12-31T17:00:00Z")));
        check("2026-Q1", Some(("2025-12-31T17:00:00Z", "2026-03-31T17:00:00Z")));
        check("2026", Some(("2025-12-31T17:00:00Z", "2026-12-31T17:00:00Z")));
        for wrong in [
            "", "2026-", "2026-0", "2026-00", "2026-13", "2026-Q0", "2026-Q5", "2026-q1", "26-01", "1999",
            "2101",
        ] {
            check(wrong, None);
        }
        check("2026-1", None);
        check("2026-+1", None);
        check("٢٠٢٦", None);
    }

    #[test]
    fn days_that_are_no_whole_month_have_no_name() {
        let period = Period::of_days(date(2026, 11, 2), date(2026, 11, 30)).unwrap();
        assert_eq!((period.name(), period.to_string().as_str()), (None, "2026-11-02..2026-11-30"));
        assert_eq!(Period::of_days(date(2026, 11, 2), date(2026, 11, 1)), None);
        assert_eq!(Period::of_days(date(-1, 1, 1), date(2026, 11, 1)), None);
    }

    #[test]
    fn an_instant_lies_in_the_month_of_viet_nam() {
        let month = |at: &str| Period::month_of(at.parse().unwrap()).to_string();
        assert_eq!(month("2026-10-31T16:59:59.999Z"), "2026-10");
        assert_eq!(month("2026-10-31T17:00:00Z"), "2026-11");
    }

    proptest! {
        #[test]
        fn an_instant_lies_in_exactly_one_month(second in 946_700_000_i64..4_000_000_000) {
            let at = Timestamp::from_second(second).unwrap();
            let month = Period::month_of(at);
            prop_assert!(month.begins() <= at && at < month.ends());
            let next = Period::month_of(month.ends());
            prop_assert_eq!(next.begins(), month.ends());
        }
    }
}
