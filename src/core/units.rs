//! What a list of administrative units changes in the table of units.
//!
//! The statistics office tells which units there are on a day, and neither since when nor what became of the others. The
//! table keeps all of it: each row has its first and last day and the units that took it in, and no row is ever taken out
//! that was in force for a day. [`list_changes`] brings a list of one day into the table, [`dated_changes`] rows that
//! carry their own days. Both are pure; who calls them shows the changes before anything is written.
//!
//! ```text
//! register + list of a day ─▶ begins · ends · renamed · moved · corrected · taken back ─▶ new register
//! ```
//!
//! A change is dated with the day of the list: whoever knows the day of the decree asks for the list of that day. Lists
//! go forward only: before the newest change of the table nobody can tell how long an old unit stood.

mod names;

use crate::ids::UnitCode;
use crate::tables::{UnitRow, Validity};
use jiff::civil::Date;
use names::{kind_of, same_name};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The table of units: rows by code, oldest first.
pub type Register = BTreeMap<UnitCode, Vec<UnitRow>>;

/// A list in which more than one unit in so many ends is *shrunken*. Ordinary mergings end a handful on one day; what ends
/// more than five in a hundred, as the reform of 2025 did, is known to whoever runs the gateway.
const SHRUNKEN: usize = 20;

/// A unit of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Two digits for a province, five for a commune.
    pub code: UnitCode,
    /// Its name, with or without what it is (*Tỉnh*, *Xã*).
    pub name: String,
    /// Province of a commune; `None` for a province.
    pub province_code: Option<UnitCode>,
}

/// One change of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The unit.
    pub code: UnitCode,
    /// Its name, the new one where that changes.
    pub name: String,
    /// Its province, the new one where that changes.
    pub province_code: Option<UnitCode>,
    /// What changes.
    pub what: What,
}

/// What changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum What {
    /// A row begins.
    Begins {
        /// First day; `None` is open.
        from: Option<Date>,
    },
    /// The row in force ends.
    Ends {
        /// Last day.
        last: Date,
        /// Units that took it in, as far as they are known.
        successors: Vec<UnitCode>,
    },
    /// It goes on under another name.
    Renamed {
        /// The name until then.
        before: String,
        /// First day of the new name.
        from: Date,
    },
    /// It goes on in another province, perhaps under another name.
    Moved {
        /// The province until then.
        before: Option<UnitCode>,
        /// First day in the new one.
        from: Date,
    },
    /// The row is written otherwise, and means what it meant.
    Corrected {
        /// What was written.
        before: String,
    },
    /// A row that began on this very day is no longer there.
    TakenBack,
}

/// A list that cannot be brought into the table, whoever insists.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The table knows newer things.
    #[error(
        "the table knows changes of {newest}, and the list is of {day}; ask for a list of {newest} or later"
    )]
    TooOld {
        /// Day of the list.
        day: Date,
        /// First day on which a list can hold.
        newest: Date,
    },
    /// The list contradicts itself.
    #[error("the list contradicts itself: {}", .0.join("; "))]
    Contradiction(Vec<String>),
}

/// So many of the units in force would end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shrinkage {
    /// Units in force before.
    pub in_force: usize,
    /// Those that end.
    pub ending: usize,
}

/// What a list or rows make of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The table afterwards.
    pub register: Register,
    /// What is new in it, by code.
    pub changes: Vec<Change>,
    /// Set when provinces or communes end in numbers that a person must confirm, or when the list has none of them.
    pub shrinkage: Option<Shrinkage>,
}

/// Brings the units of a day into the table.
///
/// # Errors
/// When the list is of a day before the newest change of the table, or contradicts itself.
pub fn list_changes(register: &Register, list: &[Listed], day: Date) -> Result<Merged, Refusal> {
    if let Some(newest) = newest_change(register).filter(|newest| day < *newest) {
        return Err(Refusal::TooOld { day, newest });
    }
    let listed = by_code(list)?;
    let mut after = register.clone();
    let mut changes = Vec::new();
    let codes: BTreeSet<&UnitCode> = register.keys().chain(listed.keys().copied()).collect();
    for code in codes {
        let rows = after.entry(code.clone()).or_default();
        changes.extend(settle(code, rows, listed.get(code).copied(), day));
    }
    after.retain(|_, rows| !rows.is_empty());
    let shrinkage = shrinkage(register, &listed, day);
    Ok(Merged { register: after, changes, shrinkage })
}

/// Brings rows that carry their own days into the table: a row takes the place of the one with its code and first day,
/// and stands beside the others. Whether rows then overlap is seen by whoever reads the table.
pub fn dated_changes(register: &Register, rows: &Register) -> Merged {
    let mut after = register.clone();
    let mut changes = Vec::new();
    for (code, rows) in rows {
        for row in rows {
            changes.extend(place(code, after.entry(code.clone()).or_default(), row));
        }
    }
    Merged { register: after, changes, shrinkage: None }
}

/// The first day on which everything that the table knows has happened; `None` for an empty table.
pub fn newest_change(register: &Register) -> Option<Date> {
    let rows = register.values().flatten();
    rows.flat_map(|row| [row.validity.from, row.validity.to.and_then(|last| last.tomorrow().ok())])
        .flatten()
        .max()
}

/// The rows of a unit that ended before a day without anybody having said what took it in.
pub fn ended_without_successor(register: &Register, day: Date) -> Vec<(&UnitCode, &UnitRow)> {
    let last = register.iter().filter_map(|(code, rows)| Some((code, rows.last()?)));
    last.filter(|(_, row)| row.validity.to.is_some_and(|to| to < day) && row.successors.is_empty()).collect()
}

fn settle(code: &UnitCode, rows: &mut Vec<UnitRow>, listed: Option<&Listed>, day: Date) -> Option<Change> {
    let place = rows.iter().position(|row| row.validity.covers(day));
    match (place.and_then(|place| rows.get_mut(place)), listed) {
        (None, None) => None,
        (None, Some(listed)) => Some(begin(rows, listed, day)),
        (Some(row), Some(listed)) => {
            let same_province = row.province_code == listed.province_code;
            if same_province && same_name(&row.name, &listed.name) {
                return correct(row, listed);
            }
            Some(go_on(rows, listed, day))
        }
        (Some(row), None) => {
            let (name, province_code) = (row.name.clone(), row.province_code.clone());
            let what = end(rows, day);
            Some(Change { code: code.clone(), name, province_code, what })
        }
    }
}

/// A unit that was not in force is: its row of the day before goes on when it is the same, else a new one begins.
fn begin(rows: &mut Vec<UnitRow>, listed: &Listed, day: Date) -> Change {
    let yesterday = day.yesterday().ok();
    let what = What::Begins { from: Some(day) };
    match rows.last_mut() {
        Some(row)
            if yesterday.is_some()
                && row.validity.to == yesterday
                && row.province_code == listed.province_code
                && same_name(&row.name, &listed.name) =>
        {
            row.validity.to = None;
            row.successors.clear();
        }
        Some(_) | None => rows.push(UnitRow::of(listed, day)),
    }
    Change::of(listed, what)
}

/// A unit goes on under another name or in another province.
fn go_on(rows: &mut Vec<UnitRow>, listed: &Listed, day: Date) -> Change {
    let Some(place) = rows.iter().position(|row| row.validity.covers(day)) else {
        return begin(rows, listed, day);
    };
    let row = &mut rows[place];
    let what = if row.province_code == listed.province_code {
        What::Renamed { before: row.name.clone(), from: day }
    } else {
        What::Moved { before: row.province_code.clone(), from: day }
    };
    if row.validity.from == Some(day) {
        row.name.clone_from(&listed.name);
        row.province_code.clone_from(&listed.province_code);
    } else {
        row.validity.to = day.yesterday().ok();
        row.successors = vec![listed.code.clone()];
        rows.push(UnitRow::of(listed, day));
    }
    Change::of(listed, what)
}

/// Ends the row in force on the day before; one that began on the day itself never was.
fn end(rows: &mut Vec<UnitRow>, day: Date) -> What {
    rows.retain(|row| row.validity.from != Some(day));
    let last = day.yesterday().ok();
    match (rows.iter_mut().find(|row| row.validity.covers(day)), last) {
        (Some(row), Some(last)) => {
            row.validity.to = Some(last);
            What::Ends { last, successors: row.successors.clone() }
        }
        (Some(_) | None, _) => What::TakenBack,
    }
}

/// The longer of two writings of one name stays: the one that says what the unit is.
fn correct(row: &mut UnitRow, listed: &Listed) -> Option<Change> {
    if kind_of(&row.name).is_some() || kind_of(&listed.name).is_none() {
        return None;
    }
    let before = std::mem::replace(&mut row.name, listed.name.clone());
    Some(Change::of(listed, What::Corrected { before }))
}

/// Puts a row that carries its own days in its place.
fn place(code: &UnitCode, rows: &mut Vec<UnitRow>, new: &UnitRow) -> Option<Change> {
    let what = match rows.iter_mut().find(|row| row.validity.from == new.validity.from) {
        Some(row) if row == new => return None,
        Some(row) => {
            let before = std::mem::replace(row, new.clone());
            match new.validity.to {
                Some(last) if before.validity.to.is_none() => {
                    What::Ends { last, successors: new.successors.clone() }
                }
                Some(_) | None => What::Corrected { before: written(&before) },
            }
        }
        None => {
            rows.push(new.clone());
            rows.sort_by_key(|row| row.validity.from);
            What::Begins { from: new.validity.from }
        }
    };
    let (name, province_code) = (new.name.clone(), new.province_code.clone());
    Some(Change { code: code.clone(), name, province_code, what })
}

/// A row as it is shown: name, days, successors.
fn written(row: &UnitRow) -> String {
    let day = |day: Option<Date>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
    let Validity { from, to } = row.validity;
    let successors = row.successors.iter().map(UnitCode::as_str).collect::<Vec<_>>().join("|");
    format!("{} {}–{} {successors}", row.name, day(from), day(to)).trim_end().to_owned()
}

impl UnitRow {
    fn of(listed: &Listed, day: Date) -> Self {
        Self {
            name: listed.name.clone(),
            province_code: listed.province_code.clone(),
            validity: Validity { from: Some(day), to: None },
            successors: Vec::new(),
        }
    }
}

impl Change {
    fn of(listed: &Listed, what: What) -> Self {
        let Listed { code, name, province_code } = listed.clone();
        Self { code, name, province_code, what }
    }
}

/// The list by code; refused as a whole when it cannot be true.
fn by_code(list: &[Listed]) -> Result<BTreeMap<&UnitCode, &Listed>, Refusal> {
    let mut listed: BTreeMap<&UnitCode, &Listed> = BTreeMap::new();
    let mut problems = Vec::new();
    for unit in list {
        let digits = if unit.province_code.is_some() { 5 } else { 2 };
        let code = unit.code.as_str();
        if code.len() != digits || !code.chars().all(|c| c.is_ascii_digit()) {
            problems.push(format!("{code:?} ({}) is not a code of {digits} digits", unit.name));
        }
        match listed.insert(&unit.code, unit) {
            Some(other) if other != unit => {
                problems.push(format!("{code} is both {} and {}", other.name, unit.name));
            }
            Some(_) | None => {}
        }
    }
    for unit in listed.values() {
        if let Some(province) = unit.province_code.as_ref().filter(|province| !listed.contains_key(province))
        {
            problems.push(format!("{} ({}) lies in {province}, which is not listed", unit.code, unit.name));
        }
    }
    if problems.is_empty() { Ok(listed) } else { Err(Refusal::Contradiction(problems)) }
}

/// Whether provinces, or communes, end in unusual numbers; the worse of the two.
fn shrinkage(register: &Register, listed: &BTreeMap<&UnitCode, &Listed>, day: Date) -> Option<Shrinkage> {
    let of = |is_province: bool| {
        let there = |row: &UnitRow| row.province_code.is_none() == is_province && row.validity.covers(day);
        let mut found = Shrinkage { in_force: 0, ending: 0 };
        for (code, _) in register.iter().filter(|(_, rows)| rows.iter().any(there)) {
            found.in_force += 1;
            found.ending += usize::from(!listed.contains_key(code));
        }
        let empty = !listed.values().any(|unit| unit.province_code.is_none() == is_province);
        (empty || found.ending * SHRUNKEN > found.in_force).then_some(found)
    };
    [of(false), of(true)].into_iter().flatten().max_by_key(|found| found.ending)
}

#[cfg(test)]
#[path = "units_tests.rs"]
mod tests;
