//! Office hours of 2022, and moments as the event, the portal and the post write them.

use crate::chance::Chance;
use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use serde::{Serialize, Serializer};

/// A moment in Việt Nam (+07:00, without summer time), to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub DateTime);

/// The last moment of the pilot: what would happen later does not happen.
pub const END: At = At(date(2022, 9, 15).at(17, 0, 0, 0));

/// First day on which dossiers come in.
pub(crate) const FIRST_DAY: Date = date(2022, 1, 4);

const OPENS: i8 = 7;
const CLOSES: i8 = 17;

/// Days off in 2022 besides weekends: Tết, the Hùng Kings, 30/4 and 1/5 with their substitutes, 2/9.
const HOLIDAYS: [(Date, Date); 5] = [
    (date(2022, 1, 1), date(2022, 1, 3)),
    (date(2022, 1, 31), date(2022, 2, 4)),
    (date(2022, 4, 11), date(2022, 4, 11)),
    (date(2022, 4, 30), date(2022, 5, 3)),
    (date(2022, 9, 1), date(2022, 9, 2)),
];

impl At {
    /// As the portal writes it: `yyyyMMddHHmmss`.
    #[must_use]
    pub fn compact(self) -> String {
        self.0.strftime("%Y%m%d%H%M%S").to_string()
    }

    /// As the event writes it, with its offset.
    #[must_use]
    pub fn iso(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%S+07:00").to_string()
    }

    /// The instant.
    #[must_use]
    pub fn instant(self) -> Timestamp {
        Offset::constant(7).to_timestamp(self.0).expect("2022 can be told in UTC")
    }

    /// Whether the desk is open.
    pub(crate) fn is_office_hour(self) -> bool {
        is_working_day(self.0.date()) && (OPENS..CLOSES).contains(&self.0.hour())
    }

    /// Later by so many seconds, whatever the hour.
    pub(crate) fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.seconds()))
    }

    /// Later by so many minutes; after closing time, the next morning.
    pub(crate) fn later(self, minutes: i64, chance: &mut Chance) -> Self {
        let then = self.plus_seconds(minutes * 60 + chance.between(1, 59));
        if then.is_office_hour() { then } else { then.next_morning(chance) }
    }

    /// On the working day after so many others, at an hour of chance.
    pub(crate) fn days_later(self, days: i64, chance: &mut Chance) -> Self {
        let mut day = self.0.date();
        for _ in 0..days {
            day = next_working_day(day);
        }
        let morning = Self(day.at(OPENS, 30, 0, 0)).plus_seconds(chance.between(0, 8 * 3600));
        if days == 0 { self.later(90, chance) } else { morning }
    }

    /// Closing time of the working day after so many others.
    pub(crate) fn due_after(self, days: i64) -> Self {
        let mut day = self.0.date();
        for _ in 0..days {
            day = next_working_day(day);
        }
        Self(day.at(CLOSES, 0, 0, 0))
    }

    fn next_morning(self, chance: &mut Chance) -> Self {
        let today = self.0.date();
        let day =
            if is_working_day(today) && self.0.hour() < OPENS { today } else { next_working_day(today) };
        Self(day.at(OPENS, 30, 0, 0)).plus_seconds(chance.between(0, 5400))
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.iso())
    }
}

/// All working days up to and including `last`.
pub(crate) fn working_days(last: Date) -> Vec<Date> {
    let days = std::iter::successors(Some(FIRST_DAY), |day| Some(next_working_day(*day)));
    days.take_while(|day| *day <= last).collect()
}

/// A moment of chance in office hours early enough for the day's work to follow.
pub(crate) fn moment_on(day: Date, chance: &mut Chance) -> At {
    At(day.at(OPENS, 30, 0, 0)).plus_seconds(chance.between(0, 7 * 3600))
}

fn next_working_day(day: Date) -> Date {
    let mut next = day.saturating_add(1.day());
    while !is_working_day(next) {
        next = next.saturating_add(1.day());
    }
    next
}

fn is_working_day(day: Date) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    !weekend && !HOLIDAYS.iter().any(|(first, last)| (*first..=*last).contains(&day))
}
