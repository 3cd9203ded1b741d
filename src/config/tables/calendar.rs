//! The working calendar: hours of a working day from `gateway.toml`, days off and swapped working days from a CSV file.
//!
//! The file is filled in once a year from the public announcement. Its years must follow each other without a hole: a
//! year that was forgotten would count Tết as working time.

use super::csv::{Row, Sheet};
use crate::config::problems::Report;
use crate::config::reader::Section;
use crate::config::rules::{hours, list, weekday};
use jiff::civil::{Date, Time, Weekday, date};
use lienthong_core::calendar::{Calendar, Calendars};
use std::collections::BTreeSet;

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
    if let Some(year) = missing_year(&days) {
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
fn missing_year(days: &Days) -> Option<i16> {
    let years: BTreeSet<i16> = days.off.iter().chain(&days.worked).map(|day| day.year()).collect();
    let (first, last) = (*years.first()?, *years.last()?);
    (first..=last).find(|year| !years.contains(year))
}

/// Reads `[calendar]` and joins it with the days.
pub(super) fn calendars(section: &Section<'_>, days: Days) -> Calendars {
    const FIVE: [Weekday; 5] =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    let week = section.or("week", list(weekday()), FIVE.to_vec());
    let usual = section.or("hours", list(hours()), usual_hours());
    let post_hours = section.or("post_hours", list(hours()), usual_hours());
    let post_week = section.or("post_week", list(weekday()), [&FIVE[..], &[Weekday::Saturday]].concat());
    for (key, hours) in [("hours", &usual), ("post_hours", &post_hours)] {
        if !hours.is_sorted_by(|(_, closes), (opens, _)| closes <= opens) {
            section.problem(key, "its parts overlap or are not in order; write them from morning to evening");
        }
    }
    let newest = days.off.iter().chain(&days.worked).max();
    let known_until = newest.map(|day| date(day.year(), 12, 31));
    let agencies = Calendar { hours: usual, week, off: days.off.clone(), worked: days.worked };
    // Swapped Saturdays are the administration's; the post keeps its own week.
    let post = Calendar { hours: post_hours, week: post_week, off: days.off, worked: BTreeSet::new() };
    Calendars { agencies, post, known_until }
}

/// 07:00–11:30 and 13:30–17:00, as a provincial one-stop system has them.
fn usual_hours() -> Vec<(Time, Time)> {
    vec![
        (Time::constant(7, 0, 0, 0), Time::constant(11, 30, 0, 0)),
        (Time::constant(13, 30, 0, 0), Time::constant(17, 0, 0, 0)),
    ]
}
