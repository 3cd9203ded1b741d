//! The working calendar: week and hours from `gateway.toml`, with the days on which they change; days off and swapped
//! working days from a CSV file.
//!
//! The file is filled in once a year from the public announcement. Its years must follow each other without a hole: a
//! year that was forgotten would count Tết as working time.

use super::csv::{Row, Sheet};
use crate::config::problems::Report;
use crate::config::reader::Section;
use crate::config::rules::{Rule, hours, list, weekday};
use jiff::civil::{Date, Time, Weekday, date};
use lienthong_core::calendar::{Calendar, Calendars};
use lienthong_core::dated::Dated;
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: &[&str] = &["day", "until", "kind", "name"];

/// Longest stretch that one row may name, in days: a wrong year in `until` would switch all watchdogs off.
const LONGEST: i32 = 31;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Off,
    Worked,
}

const KINDS: &[(&str, Kind)] = &[("off", Kind::Off), ("worked", Kind::Worked)];

/// Days of the file.
#[derive(Default)]
pub(super) struct Days {
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

/// Reads the file.
pub(super) fn days(report: &Report<'_>, file: &str, text: &str) -> Days {
    let sheet = Sheet::read(report, file, text, COLUMNS);
    let mut days = Days::default();
    for row in sheet.rows() {
        let Some(first) = row.date("day") else {
            row.required("day");
            continue;
        };
        let (Some(kind), Some(last)) = (row.choice("kind", KINDS), last(&row, first)) else { continue };
        let stretch = std::iter::successors(Some(first), |day| day.tomorrow().ok());
        for day in stretch.take_while(|day| *day <= last) {
            let (these, others) = match kind {
                Kind::Off => (&mut days.off, &days.worked),
                Kind::Worked => (&mut days.worked, &days.off),
            };
            if others.contains(&day) || !these.insert(day) {
                row.problem("day", format!("{day} stands in an earlier row too; keep one of them"));
            }
        }
    }
    if let Some(year) = year_left_out(&days) {
        report.problem(file, "day", format!("no row is in {year}; add the days off of that year"));
    }
    days
}

/// The last day of a row.
fn last(row: &Row<'_>, first: Date) -> Option<Date> {
    let last = if row.text("until").is_empty() { first } else { row.date("until")? };
    let stretch = first.until(last).map_or(-1, |span| span.get_days());
    if (0..LONGEST).contains(&stretch) {
        return Some(last);
    }
    let text = format!("{last} is not within {LONGEST} days from {first}; write the last day of the stretch");
    row.problem("until", text);
    None
}

/// The first year without a row between the first and the last.
fn year_left_out(days: &Days) -> Option<i16> {
    let years: BTreeSet<i16> = days.off.iter().chain(&days.worked).map(|day| day.year()).collect();
    let (first, last) = (*years.first()?, *years.last()?);
    (first..=last).find(|year| !years.contains(year))
}

/// Reads `[calendar]` and joins it with the days.
pub(super) fn calendars(section: &Section<'_>, days: Days) -> Calendars {
    const FIVE: [Weekday; 5] =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    let six = [&FIVE[..], &[Weekday::Saturday]].concat();
    let week = dated(section, "week", "week_from", FIVE.to_vec(), || list(weekday()));
    let post_week = dated(section, "post_week", "post_week_from", six, || list(weekday()));
    let usual = dated_hours(section, "hours", "hours_from");
    let post_hours = dated_hours(section, "post_hours", "post_hours_from");
    let newest = days.off.iter().chain(&days.worked).max();
    let known_until = newest.map(|day| date(day.year(), 12, 31));
    let agencies = Calendar { hours: usual, week, off: days.off.clone(), worked: days.worked };
    // Swapped Saturdays are the administration's; the post keeps its own week.
    let post = Calendar { hours: post_hours, week: post_week, off: days.off, worked: BTreeSet::new() };
    Calendars { agencies, post, known_until }
}

fn dated_hours(section: &Section<'_>, key: &'static str, from: &'static str) -> Dated<Vec<(Time, Time)>> {
    let in_order = |key: &'static str, hours: &[(Time, Time)]| {
        if !hours.is_sorted_by(|(_, closes), (opens, _)| closes <= opens) {
            section.problem(key, "its parts overlap or are not in order; write them from morning to evening");
        }
    };
    let first = section.or(key, list(hours()), usual_hours());
    in_order(key, &first);
    let changes = changes(section, from, &list(hours()));
    changes.values().for_each(|hours| in_order(from, hours));
    Dated::of(first, changes)
}

fn dated<T: 'static>(
    section: &Section<'_>,
    key: &'static str,
    from: &'static str,
    default: T,
    rule: impl Fn() -> Rule<T>,
) -> Dated<T> {
    Dated::of(section.or(key, rule(), default), changes(section, from, &rule()))
}

/// What a value is from each of some days on: `{ "2027-01-01" = … }`.
fn changes<T>(section: &Section<'_>, key: &'static str, rule: &Rule<T>) -> BTreeMap<Date, T> {
    let mut changes = BTreeMap::new();
    for (day, value) in section.map(key, rule) {
        match day.parse() {
            Ok(day) => drop(changes.insert(day, value)),
            Err(_) => {
                let text = format!(
                    "{day:?} is not a date; write the first day as year-month-day, as in \"2027-01-01\""
                );
                section.problem(key, text);
            }
        }
    }
    changes
}

/// 07:00–11:30 and 13:30–17:00, as a provincial one-stop system has them.
fn usual_hours() -> Vec<(Time, Time)> {
    vec![
        (Time::constant(7, 0, 0, 0), Time::constant(11, 30, 0, 0)),
        (Time::constant(13, 30, 0, 0), Time::constant(17, 0, 0, 0)),
    ]
}
