//! Watchdogs: tables of what is said, and that nothing is said twice.

use super::*;
use crate::calendar::Calendar;
use crate::ids::AccountName;
use jiff::civil::{Weekday, date, time};
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn found(watchdog: Watchdog, scope: &str, count: u32) -> Found {
    Found { watchdog, scope: scope.to_owned(), since: at(1), count, mark: None }
}

/// What each round says, for the counts of one condition; 0 is gone.
fn said(counts: &[u32]) -> Vec<&'static str> {
    let mut standing = Vec::new();
    let rounds = counts.iter().enumerate().map(|(round, count)| {
        let stands: Vec<Found> =
            (*count > 0).then(|| found(Watchdog::Old, "post-1", *count)).into_iter().collect();
        let changes = changes(&standing, &stands, at(i64::try_from(round).unwrap()));
        apply(&mut standing, &changes);
        assert_eq!(standing.len(), stands.len());
        match changes.as_slice() {
            [] => "-",
            [Change::Raised(_)] => "raised",
            [Change::Grown(_)] => "grown",
            [Change::Cleared(_)] => "cleared",
            _ => "too much",
        }
    });
    rounds.collect()
}

#[test]
fn an_alarm_is_said_once_again_when_it_grows_tenfold_and_when_it_is_gone() {
    assert_eq!(said(&[0, 1, 1, 5, 9]), ["-", "raised", "-", "-", "-"]);
    assert_eq!(said(&[1, 10, 12, 9, 11, 100]), ["raised", "grown", "-", "-", "-", "grown"]);
    assert_eq!(said(&[3, 0, 0, 3]), ["raised", "cleared", "-", "raised"]);
    assert_eq!(said(&[1000, 1, 0]), ["raised", "-", "cleared"]);
}

#[test]
fn scopes_and_watchdogs_stand_apart() {
    let both = [found(Watchdog::Old, "post-1", 1), found(Watchdog::Old, "post-2", 1)];
    let mut standing = Vec::new();
    apply(&mut standing, &changes(&[], &both, at(5)));
    assert_eq!(standing.len(), 2);
    let other = [found(Watchdog::Old, "post-2", 1), found(Watchdog::Gap, "post-1", 1)];
    let changes = changes(&standing, &other, at(6));
    let [Change::Cleared(gone), Change::Raised(new)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((gone.watchdog, gone.scope.as_str(), gone.raised_at), (Watchdog::Old, "post-1", at(5)));
    assert_eq!((new.watchdog, new.raised_at), (Watchdog::Gap, at(6)));
}

proptest! {
    #[test]
    fn what_is_said_tells_what_stands(rounds in prop::collection::vec(prop::collection::vec(0_u32..300, 4), 1..30)) {
        let mut standing: Vec<Alarm> = Vec::new();
        for (round, counts) in rounds.iter().enumerate() {
            let stands: Vec<Found> = (0..).zip(counts).filter(|(_, count)| **count > 0)
                .map(|(scope, count): (u32, _)| found(Watchdog::Old, &scope.to_string(), *count)).collect();
            let now = at(i64::try_from(round).unwrap());
            let first = changes(&standing, &stands, now);
            apply(&mut standing, &first);
            let mut alarms: Vec<&str> = standing.iter().map(|alarm| alarm.scope.as_str()).collect();
            alarms.sort_unstable();
            let scopes: Vec<&str> = stands.iter().map(|found| found.scope.as_str()).collect();
            prop_assert_eq!(alarms, scopes);
            prop_assert_eq!(changes(&standing, &stands, now), vec![], "nothing is said twice");
        }
    }
}

#[test]
fn every_code_names_its_watchdog() {
    for watchdog in Watchdog::ALL {
        assert_eq!(Watchdog::from_code(watchdog.code()), Some(watchdog));
    }
    assert_eq!(Watchdog::from_code("WATCH-NOTHING"), None);
}

fn head(account: &str, handoff: i64) -> Head {
    Head { account: AccountName::new(account), handoff }
}

#[test]
fn only_a_head_that_stays_is_unclaimed() {
    let patience = SignedDuration::from_secs(60);
    let mut heads = Heads::default();
    let mut look = |second, of: &[Head]| {
        let found = heads.look(of, patience, at(second));
        found.into_iter().map(|found| (found.scope, found.since.as_second())).collect::<Vec<_>>()
    };
    let alarm = |since| vec![("a".to_owned(), since)];
    assert_eq!(look(0, &[head("a", 1), head("b", 7)]), vec![]);
    assert_eq!(look(59, &[head("a", 1), head("b", 8)]), vec![]);
    assert_eq!(look(60, &[head("a", 1), head("b", 9)]), alarm(0), "a busy account changes its head");
    assert_eq!(look(70, &[]), vec![], "claimed, paused or blocked");
    assert_eq!(look(80, &[head("a", 1)]), vec![], "its time begins again");
    assert_eq!(look(140, &[head("a", 1)]), alarm(80));
    assert_eq!(heads.look(&[head("a", 1)], SignedDuration::ZERO, at(999)), vec![], "off");
}

#[test]
fn a_restart_remembers_the_head_behind_a_standing_alarm() {
    let patience = SignedDuration::from_secs(60);
    let alarm = Alarm {
        watchdog: Watchdog::Unclaimed,
        scope: "a".to_owned(),
        raised_at: at(60),
        since: at(0),
        count: 1,
        mark: Some(1),
    };
    let standing = [alarm];
    let again = Heads::remembered(&standing).look(&[head("a", 1)], patience, at(61));
    assert_eq!(changes(&standing, &again, at(61)), vec![]);
    let other = Heads::remembered(&standing).look(&[head("a", 2)], patience, at(61));
    assert!(matches!(changes(&standing, &other, at(61)).as_slice(), [Change::Cleared(_)]));
}

#[test]
fn bounds_count_people_in_working_hours_and_machines_in_plain_time() {
    let office = Calendar {
        hours: vec![(time(7, 0, 0, 0), time(17, 0, 0, 0))].into(),
        week: vec![Weekday::Thursday, Weekday::Friday].into(),
        ..Calendar::default()
    };
    let calendars = Calendars { agencies: office, post: Calendar::default(), known_until: None };
    // Saturday, 3 September 2022, 12:00.
    let now: Timestamp = "2022-09-03T12:00:00+07:00".parse().unwrap();
    let thresholds = Thresholds { gap: SignedDuration::ZERO, ..Thresholds::default() };
    let own = SignedDuration::from_hours(10);
    let sources = [("urn:a", own), ("urn:off", SignedDuration::ZERO)];
    let sources = sources.map(|(name, age)| (Source::new(name), age)).into();
    let bounds = Bounds::at(now, &thresholds, &calendars, &sources);
    assert_eq!(bounds.old, Some("2022-09-02T09:00:00+07:00".parse().unwrap()));
    assert_eq!(bounds.uncertain, Some("2022-09-03T08:00:00+07:00".parse().unwrap()));
    assert_eq!(bounds.gap, None);
    assert_eq!(bounds.sources, [(Source::new("urn:a"), "2022-09-02T07:00:00+07:00".parse().unwrap())]);
    assert_eq!(bounds.feed_silent, Some(Timestamp::MIN), "a post that never works is never late");
}

#[test]
fn the_calendars_end_is_told_in_time() {
    let day = SignedDuration::from_hours(24);
    let ends =
        |now: &str, within| calendar_ends(Some(date(2026, 12, 31)), within, now.parse().unwrap()).is_some();
    assert!(!ends("2026-12-30T23:59:00+07:00", day));
    assert!(ends("2026-12-31T00:00:00+07:00", day));
    assert!(ends("2030-01-01T00:00:00+07:00", day));
    assert!(!ends("2030-01-01T00:00:00+07:00", SignedDuration::ZERO));
    assert_eq!(calendar_ends(None, day, Timestamp::UNIX_EPOCH), None);
}
