//! Communes and provinces with their validity and successors, from a CSV file; and lists of one day.

use super::csv::{Sheet, first_line, report_overlaps};
use crate::config::problems::Report;
use crate::config::units::Import;
use lienthong_core::ids::UnitCode;
use lienthong_core::tables::UnitRow;
use lienthong_core::units::{Listed, Register};
use std::collections::BTreeMap;

pub(in crate::config) const COLUMNS: &[&str] =
    &["code", "name", "province_code", "valid_from", "valid_to", "successors"];

/// Reads the units: a province has two digits and no `province_code`, a commune five digits and one.
pub(in crate::config) fn units(report: &Report<'_>, file: &str, text: &str) -> Register {
    let units = dated(report, file, text);
    check_references(report, file, &units);
    units.into_iter().map(|(code, rows)| (code, oldest_first(rows))).collect()
}

/// Reads what is to be brought in: with `valid_from` among its columns the rows have their own days, and are checked
/// against each other once they stand in the table; else it is a list of one day.
pub(in crate::config) fn import(report: &Report<'_>, file: &str, text: &str) -> Import {
    if !first_line(text).contains("valid_from") {
        return Import::List(list(report, file, text));
    }
    let units = dated(report, file, text);
    Import::Dated(units.into_iter().map(|(code, rows)| (code, oldest_first(rows))).collect())
}

/// The columns of a list; `level` is what the code's length says anyway.
const LISTED: &[&str] = &["code", "name", "province_code", "level"];

fn list(report: &Report<'_>, file: &str, text: &str) -> Vec<Listed> {
    let sheet = Sheet::read_with(report, file, text, LISTED, &["level"]);
    let listed = sheet.rows().filter_map(|row| {
        row.required("code");
        let code = row.digits("code", &[2, 5], "22966")?;
        let province_code = row.digits("province_code", &[2], "60").map(UnitCode::new);
        Some(Listed { code: UnitCode::new(code), name: row.required("name"), province_code })
    });
    listed.collect()
}

type Numbered = BTreeMap<UnitCode, Vec<(u64, UnitRow)>>;

fn dated(report: &Report<'_>, file: &str, text: &str) -> Numbered {
    let sheet = Sheet::read(report, file, text, COLUMNS);
    let mut units = Numbered::new();
    for row in sheet.rows() {
        row.required("code");
        let Some(code) = row.digits("code", &[2, 5], "22966") else { continue };
        let province = row.digits("province_code", &[2], "60");
        match (code.len(), &province) {
            (5, None) => row.problem("province_code", "is missing for a commune; write two digits, as in 60"),
            (2, Some(_)) => {
                row.problem("province_code", "belongs to communes; leave it empty for a province")
            }
            (_, Some(_) | None) => {}
        }
        let successors = row
            .text("successors")
            .split('|')
            .map(str::trim)
            .filter(|code| !code.is_empty())
            .map(UnitCode::new)
            .collect();
        let unit = UnitRow {
            name: row.required("name"),
            province_code: province.map(UnitCode::new),
            validity: row.validity(),
            successors,
        };
        units.entry(UnitCode::new(code)).or_default().push((row.line, unit));
    }
    units
}

fn oldest_first(mut rows: Vec<(u64, UnitRow)>) -> Vec<UnitRow> {
    rows.sort_by_key(|(_, row)| row.validity.from);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn check_references(report: &Report<'_>, file: &str, units: &Numbered) {
    for (code, rows) in units {
        let periods: Vec<_> = rows.iter().map(|(line, row)| (*line, row.validity)).collect();
        report_overlaps(report, file, &format!("unit {code}"), &periods);
        for (line, row) in rows {
            for (column, other) in row
                .province_code
                .iter()
                .map(|code| ("province_code", code))
                .chain(row.successors.iter().map(|code| ("successors", code)))
            {
                if !units.contains_key(other) {
                    let text = format!("{other} is no unit of this file; add its row or correct the code");
                    report.problem(file, format!("line {line}, {column}"), text);
                }
            }
        }
    }
}
