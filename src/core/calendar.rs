//! Working time: the hours in which somebody sits at a desk.
//!
//! Days off and swapped working days are data that somebody enters once a year from the public announcement, and a week or
//! hours that change hold from their day on ([`Dated`]): what is counted over an old day is counted as it was then. This
//! module only counts. Watchdogs count in working hours, so that a quiet night, weekend or Tết raises no alarm. The date on which
//! a result is promised is never recomputed here: it is carried as the desk gave it.
//!
//! Everything is read at +07:00, which has no summer time. A day is looked at as a whole; at most [`FARTHEST`] days are
//! walked, so that a damaged time costs no more than that.

use crate::dated::Dated;
use crate::tables::VIETNAM;
use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Days that are walked at most, about ten years: longer than anything stays open.
const FARTHEST: usize = 3660;

/// Month of the year from which the next year's days off are missed. They are announced in its last quarter; before that
/// nobody could enter them.
const ANNOUNCED_FROM: i8 = 10;

/// The working hours of an office.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// From–until of each part of a working day, in order, without overlap.
    pub hours: Dated<Vec<(Time, Time)>>,
    /// Days of the week that are worked.
    pub week: Dated<Vec<Weekday>>,
    /// Days off beside the weekend.
    pub off: BTreeSet<Date>,
    /// Days that are worked although the week says otherwise.
    pub worked: BTreeSet<Date>,
}

/// The calendars of those whose hours matter, and how far they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendars {
    /// Of the agencies: who must act on a stopped handoff, and who publishes events.
    pub agencies: Calendar,
    /// Of the post: who reports parcels.
    pub post: Calendar,
    /// The last day whose days off are known; later days are counted by the week alone.
    pub known_until: Option<Date>,
}

/// The year whose days off should be known by this day and are not: this year, or from October on the next.
pub fn missing_year(known_until: Option<Date>, today: Date) -> Option<i16> {
    let known = known_until.map(|day| day.year());
    let wanted = if today.month() >= ANNOUNCED_FROM { today.year() + 1 } else { today.year() };
    match known {
        Some(known) if known >= wanted => None,
        Some(known) if known >= today.year() => Some(wanted),
        Some(_) | None => Some(today.year()),
    }
}

impl Calendar {
    /// Whether the day is worked.
    pub fn is_working_day(&self, day: Date) -> bool {
        let in_week = self.week.on(day).contains(&day.weekday());
        self.worked.contains(&day) || (in_week && !self.off.contains(&day))
    }

    /// Working time between two instants; none when `to` is not after `from`.
    pub fn working_time(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let days = days_from(from).take_while(|day| start_of(*day).is_none_or(|start| start < to));
        days.flat_map(|day| self.parts(day)).fold(SignedDuration::ZERO, |sum, (opens, closes)| {
            let (begin, end) = (opens.max(from), closes.min(to));
            if begin < end { sum.saturating_add(end.duration_since(begin)) } else { sum }
        })
    }

    /// The first instant by which so much working time has passed since `from`.
    pub fn later(&self, from: Timestamp, by: SignedDuration) -> Timestamp {
        let mut left = by;
        if !left.is_positive() {
            return from;
        }
        for (opens, closes) in days_from(from).flat_map(|day| self.parts(day)) {
            let begin = opens.max(from);
            let part = closes.duration_since(begin);
            if part >= left {
                return begin.checked_add(left).unwrap_or(Timestamp::MAX);
            }
            if part.is_positive() {
                left = left.saturating_sub(part);
            }
        }
        Timestamp::MAX
    }

    /// The last instant since which so much working time has passed until `to`: what began by then is that old.
    pub fn before(&self, to: Timestamp, by: SignedDuration) -> Timestamp {
        let mut left = by;
        if !left.is_positive() {
            return to;
        }
        for (opens, closes) in days_back(to).flat_map(|day| self.parts(day).into_iter().rev()) {
            let end = closes.min(to);
            let part = end.duration_since(opens);
            if part >= left {
                return end.checked_sub(left).unwrap_or(Timestamp::MIN);
            }
            if part.is_positive() {
                left = left.saturating_sub(part);
            }
        }
        Timestamp::MIN
    }

    /// The worked parts of a day as instants.
    fn parts(&self, day: Date) -> Vec<(Timestamp, Timestamp)> {
        if !self.is_working_day(day) {
            return Vec::new();
        }
        let instant = |time| VIETNAM.to_timestamp(day.to_datetime(time)).ok();
        let parts = self
            .hours
            .on(day)
            .iter()
            .filter_map(|(opens, closes)| Some((instant(*opens)?, instant(*closes)?)));
        parts.collect()
    }
}

/// The first instant of a day; none at the ends of time.
fn start_of(day: Date) -> Option<Timestamp> {
    VIETNAM.to_timestamp(day.to_datetime(Time::midnight())).ok()
}

fn days_from(from: Timestamp) -> impl Iterator<Item = Date> {
    let first = VIETNAM.to_datetime(from).date();
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(FARTHEST)
}

fn days_back(from: Timestamp) -> impl Iterator<Item = Date> {
    let first = VIETNAM.to_datetime(from).date();
    std::iter::successors(Some(first), |day| day.yesterday().ok()).take(FARTHEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    /// An office of 2022: 2 and 3 May are off, and Saturday the 7th is worked (an example).
    fn office() -> Calendar {
        Calendar {
            hours: vec![(time(7, 0, 0, 0), time(11, 30, 0, 0)), (time(13, 30, 0, 0), time(17, 0, 0, 0))]
                .into(),
            week: vec![
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
            ]
            .into(),
            off: [date(2022, 5, 2), date(2022, 5, 3)].into(),
            worked: [date(2022, 5, 7)].into(),
        }
    }

    fn at(text: &str) -> Timestamp {
        format!("{text}:00+07:00").parse().unwrap()
    }

    #[test]
    fn working_time_skips_nights_noons_weekends_and_days_off() {
        fn check(from: &str, to: &str, minutes: i64) {
            assert_eq!(office().working_time(at(from), at(to)).as_mins(), minutes, "{from} to {to}");
        }
        check("2022-04-28T08:00", "2022-04-28T09:30", 90);
        check("2022-04-28T11:00", "2022-04-28T14:00", 60);
        check("2022-04-28T05:00", "2022-04-28T06:59", 0);
        check("2022-04-28T16:00", "2022-04-29T08:00", 120);
        check("2022-04-29T16:00", "2022-05-04T08:00", 120); // weekend and two days off
        check("2022-05-06T16:00", "2022-05-08T12:00", 60 + 480); // a Saturday that is worked
        check("2022-04-28T09:00", "2022-04-28T08:00", 0);
        check("2022-04-28T00:00", "2022-04-29T00:00", 480);
    }

    #[test]
    fn a_number_of_working_hours_later_or_before_lands_in_working_time() {
        fn check(from: &str, hours: i64, to: &str) {
            let by = SignedDuration::from_hours(hours);
            assert_eq!(office().later(at(from), by), at(to), "{from} + {hours} h");
        }
        check("2022-04-28T08:00", 2, "2022-04-28T10:00");
        check("2022-04-28T11:00", 1, "2022-04-28T14:00");
        check("2022-04-28T20:00", 1, "2022-04-29T08:00");
        check("2022-04-29T16:00", 2, "2022-05-04T08:00");
        check("2022-05-06T16:00", 2, "2022-05-07T08:00");
        check("2022-04-28T12:00", 0, "2022-04-28T12:00");
        let before = |to, hours| office().before(at(to), SignedDuration::from_hours(hours));
        assert_eq!(before("2022-05-04T08:00", 2), at("2022-04-29T16:00"));
        assert_eq!(before("2022-05-08T12:00", 8), at("2022-05-07T07:00"));
        assert_eq!(before("2022-05-08T12:00", 0), at("2022-05-08T12:00"));
    }

    #[test]
    fn a_week_or_hours_that_change_hold_from_their_day_on_and_not_before() {
        let mut office = office();
        let six = Weekday::Monday.cycle_forward().take(6).collect();
        office.week = Dated::of(office.week.on(date(2022, 1, 1)).clone(), [(date(2022, 7, 1), six)].into());
        let summer = vec![(time(6, 30, 0, 0), time(11, 0, 0, 0))];
        let hours = office.hours.on(date(2022, 1, 1)).clone();
        office.hours = Dated::of(hours, [(date(2022, 7, 4), summer)].into());
        assert!(!office.is_working_day(date(2022, 6, 25)), "a Saturday before");
        assert!(office.is_working_day(date(2022, 7, 2)), "a Saturday after");
        let minutes = |from, to| office.working_time(at(from), at(to)).as_mins();
        assert_eq!(minutes("2022-07-02T00:00", "2022-07-03T00:00"), 480);
        assert_eq!(
            minutes("2022-07-03T00:00", "2022-07-05T00:00"),
            270,
            "a Sunday and a day of the new hours"
        );
        assert_eq!(minutes("2022-07-01T16:00", "2022-07-04T07:00"), 60 + 480 + 30);
    }

    #[test]
    fn the_next_year_is_missed_from_october_on_and_this_year_at_once() {
        fn check(known: Option<i16>, today: &str, expected: Option<i16>) {
            let known = known.map(|year| date(year, 12, 31));
            assert_eq!(missing_year(known, today.parse().unwrap()), expected, "{known:?} on {today}");
        }
        check(Some(2026), "2026-09-30", None);
        check(Some(2026), "2026-10-01", Some(2027));
        check(Some(2027), "2026-12-31", None);
        check(Some(2026), "2027-01-01", Some(2027));
        check(Some(2025), "2026-11-24", Some(2026));
        check(None, "2026-02-01", Some(2026));
    }

    #[test]
    fn an_office_that_never_opens_and_the_ends_of_time_are_survived() {
        let never = Calendar::default();
        assert_eq!(never.later(at("2022-04-28T08:00"), SignedDuration::from_secs(1)), Timestamp::MAX);
        assert_eq!(never.before(at("2022-04-28T08:00"), SignedDuration::from_secs(1)), Timestamp::MIN);
        let hour = SignedDuration::from_hours(1);
        assert_eq!(office().later(Timestamp::MAX, hour), Timestamp::MAX);
        assert_eq!(office().before(Timestamp::MIN, hour), Timestamp::MIN);
        assert!(office().working_time(Timestamp::MIN, Timestamp::MAX).is_positive());
    }

    /// An instant of 2022 or 2023, to the second.
    fn instant() -> impl Strategy<Value = Timestamp> {
        (1_640_970_000_i64..1_704_040_000).prop_map(|second| Timestamp::from_second(second).unwrap())
    }

    proptest! {
        #[test]
        fn parts_add_up_and_time_never_runs_backwards(a in instant(), b in instant(), c in instant()) {
            let mut order = [a, b, c];
            order.sort();
            let [a, b, c] = order;
            let between = |from, to| office().working_time(from, to);
            prop_assert_eq!(between(a, b) + between(b, c), between(a, c));
            prop_assert!(between(a, c) <= c.duration_since(a));
        }

        #[test]
        fn later_and_before_are_what_working_time_measures(from in instant(), minutes in 1_i64..5000) {
            let by = SignedDuration::from_mins(minutes);
            let then = office().later(from, by);
            prop_assert_eq!(office().working_time(from, then), by);
            let second = SignedDuration::from_secs(1);
            prop_assert!(office().working_time(from, then - second) < by, "the first such instant");
            let back = office().before(from, by);
            prop_assert_eq!(office().working_time(back, from), by);
            prop_assert!(office().working_time(back + second, from) < by, "the last such instant");
        }
    }
}
