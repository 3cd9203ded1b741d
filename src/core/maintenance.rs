//! Announced maintenance: when a partner or an account is not called.
//!
//! Windows are configuration, so a restart forgets none. They win over everything automatic, probes and the reading of
//! feeds included, and end by themselves.

use crate::tables::VIETNAM;
use jiff::civil::{Time, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A window, or one that comes back every week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Whom it concerns: `post`, `portal`, or an account.
    pub scope: String,
    /// When.
    pub span: Span,
    /// Why, for people.
    pub reason: String,
}

/// When a window is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Once.
    Once {
        /// Its first moment.
        from: Timestamp,
        /// Its end.
        until: Timestamp,
    },
    /// Every week, by the clocks of Việt Nam.
    Weekly {
        /// The day on which it begins.
        day: Weekday,
        /// When it begins.
        from: Time,
        /// How long it lasts; at most a day.
        lasts: SignedDuration,
    },
}

impl Span {
    /// From when until when it is now, if it is.
    pub fn now(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let covers = |(from, until): &(Timestamp, Timestamp)| *from <= now && now < *until;
        match self {
            Self::Once { from, until } => Some((*from, *until)).filter(covers),
            Self::Weekly { day, from, lasts } => {
                let today = VIETNAM.to_datetime(now).date();
                // One that began yesterday may go on past midnight.
                let begun = |days: i64| {
                    let date = today.checked_sub(days.days()).ok().filter(|date| date.weekday() == *day)?;
                    let from = VIETNAM.to_timestamp(date.to_datetime(*from)).ok()?;
                    Some((from, from.checked_add(*lasts).ok()?)).filter(covers)
                };
                [0, 1].into_iter().find_map(begun)
            }
        }
    }

    /// Reads a weekly span, as in `Sun 22:00-23:30`; one that ends before it begins ends on the next day.
    pub fn weekly(text: &str) -> Option<Self> {
        let (day, times) = text.trim().split_once(' ')?;
        let (from, until) = times.split_once('-')?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        let (from, until) = (time(from)?, time(until)?);
        let lasts = until.duration_since(from);
        let lasts = if lasts.is_positive() { lasts } else { lasts + SignedDuration::from_hours(24) };
        Some(Self::Weekly { day: weekday(day)?, from, lasts })
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "Mon" => Weekday::Monday,
        "Tue" => Weekday::Tuesday,
        "Wed" => Weekday::Wednesday,
        "Thu" => Weekday::Thursday,
        "Fri" => Weekday::Friday,
        "Sat" => Weekday::Saturday,
        "Sun" => Weekday::Sunday,
        _other => return None,
    })
}

/// The window that concerns one of these scopes now and lasts longest, with its begin and its end.
pub fn current<'a>(
    windows: &'a [Window],
    scopes: &[&str],
    now: Timestamp,
) -> Option<(&'a Window, Timestamp, Timestamp)> {
    let concerned = windows.iter().filter(|window| scopes.contains(&window.scope.as_str()));
    let open = concerned.filter_map(|window| window.span.now(now).map(|(from, until)| (window, from, until)));
    open.max_by_key(|(_, _, until)| *until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_holds_from_its_first_moment_until_before_its_last() {
        let once = Span::Once { from: at("2022-09-18T22:00+07:00"), until: at("2022-09-19T02:00+07:00") };
        let weekly = Span::weekly("Sun 22:00-23:30").unwrap();
        let overnight = Span::weekly("Sun 22:00-02:00").unwrap();
        let check = |span: &Span, now: &str, until: Option<&str>| {
            let ends = span.now(at(now)).map(|(_, until)| until);
            assert_eq!(ends, until.map(at), "{span:?} at {now}");
        };
        check(&once, "2022-09-18T21:59:59+07:00", None);
        check(&once, "2022-09-18T22:00+07:00", Some("2022-09-19T02:00+07:00"));
        check(&once, "2022-09-19T02:00+07:00", None);
        check(&weekly, "2022-09-18T22:00+07:00", Some("2022-09-18T23:30+07:00"));
        check(&weekly, "2022-09-18T15:00Z", Some("2022-09-18T23:30+07:00"));
        check(&weekly, "2022-09-18T23:30+07:00", None);
        check(&weekly, "2022-09-17T22:30+07:00", None);
        check(&weekly, "2022-09-25T22:30+07:00", Some("2022-09-25T23:30+07:00"));
        check(&overnight, "2022-09-19T01:59+07:00", Some("2022-09-19T02:00+07:00"));
        check(&overnight, "2022-09-18T01:59+07:00", None);
    }

    #[test]
    fn a_week_is_written_as_day_and_two_times() {
        for good in ["Sun 22:00-23:30", "Mon 00:00-00:00", "Sat 23:00 - 01:00"] {
            assert!(Span::weekly(good).is_some(), "{good}");
        }
        for bad in
            ["", "Sun", "Sun 22:00", "sun 22:00-23:00", "Sun 25:00-26:00", "CN 22:00-23:00", "22:00-23:00"]
        {
            assert!(Span::weekly(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn of_several_windows_the_one_that_lasts_longest_counts() {
        let window = |scope: &str, until: &str| Window {
            scope: scope.to_owned(),
            span: Span::Once { from: at("2022-09-18T22:00Z"), until: at(until) },
            reason: String::new(),
        };
        let windows = [
            window("post", "2022-09-18T23:00Z"),
            window("post-1", "2022-09-18T23:30Z"),
            window("portal", "2022-09-19T22:00Z"),
        ];
        let now = at("2022-09-18T22:30Z");
        let ends = |scopes: &[&str]| current(&windows, scopes, now).map(|(_, _, until)| until);
        assert_eq!(ends(&["post", "post-1"]), Some(at("2022-09-18T23:30Z")));
        assert_eq!(ends(&["post", "post-2"]), Some(at("2022-09-18T23:00Z")));
        assert_eq!(ends(&["nobody"]), None);
    }
}
