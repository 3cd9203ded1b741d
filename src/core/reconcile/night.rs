//! When the nightly comparison runs: an off-peak part of the day, by the clocks of Việt Nam.

use crate::tables::VIETNAM;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A part of every day; one that ends before it begins goes on past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffPeak {
    from: Time,
    lasts: SignedDuration,
}

impl OffPeak {
    /// Reads it, as in `01:00-04:30`.
    pub fn read(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        let (from, until) = (time(from)?, time(until)?);
        let lasts = until.duration_since(from);
        let lasts = if lasts.is_positive() { lasts } else { lasts + SignedDuration::from_hours(24) };
        Some(Self { from, lasts })
    }

    /// The night that it is now, named by the day on which it began; `None` by day.
    pub fn night(&self, now: Timestamp) -> Option<Date> {
        let date = self.begun(now)?;
        (now < self.beginning_of(date)?.checked_add(self.lasts).ok()?).then_some(date)
    }

    /// The newest night that is over.
    pub fn last_over(&self, now: Timestamp) -> Option<Date> {
        let begun = self.begun(now)?;
        if self.night(now).is_some() { begun.checked_sub(1.day()).ok() } else { Some(begun) }
    }

    /// When a night ended.
    pub fn end_of(&self, night: Date) -> Option<Timestamp> {
        self.beginning_of(night)?.checked_add(self.lasts).ok()
    }

    /// The day on which the newest night began.
    fn begun(&self, now: Timestamp) -> Option<Date> {
        let today = VIETNAM.to_datetime(now).date();
        let begun = self.beginning_of(today)? <= now;
        if begun { Some(today) } else { today.checked_sub(1.day()).ok() }
    }

    fn beginning_of(&self, date: Date) -> Option<Timestamp> {
        VIETNAM.to_timestamp(date.to_datetime(self.from)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_is_named_by_the_day_on_which_it_began() {
        let check = |window: &str, now: &str, night: Option<&str>, over: &str| {
            let window = OffPeak::read(window).unwrap();
            let now: Timestamp = format!("{now}+07:00").parse().unwrap();
            let date = |text: &str| text.parse::<Date>().unwrap();
            assert_eq!(window.night(now), night.map(date), "{now}");
            assert_eq!(window.last_over(now), Some(date(over)), "{now}");
        };
        check("01:00-04:00", "2022-09-15T00:59:59", None, "2022-09-14");
        check("01:00-04:00", "2022-09-15T01:00:00", Some("2022-09-15"), "2022-09-14");
        check("01:00-04:00", "2022-09-15T03:59:59", Some("2022-09-15"), "2022-09-14");
        check("01:00-04:00", "2022-09-15T04:00:00", None, "2022-09-15");
        check("22:00-02:00", "2022-09-15T21:00:00", None, "2022-09-14");
        check("22:00-02:00", "2022-09-15T23:00:00", Some("2022-09-15"), "2022-09-14");
        check("22:00-02:00", "2022-09-16T01:00:00", Some("2022-09-15"), "2022-09-14");
        check("22:00-02:00", "2022-09-16T02:00:00", None, "2022-09-15");
        check("00:00-00:00", "2022-09-16T12:00:00", Some("2022-09-16"), "2022-09-15");
        let window = OffPeak::read("22:00-02:00").unwrap();
        let end = window.end_of("2022-09-15".parse().unwrap());
        assert_eq!(end, Some("2022-09-16T02:00:00+07:00".parse().unwrap()));
    }

    #[test]
    fn what_is_no_part_of_a_day_is_refused() {
        for text in ["", "01:00", "1-4", "25:00-26:00", "01:00-04:00-05:00"] {
            assert_eq!(OffPeak::read(text), None, "{text}");
        }
    }
}
