//! Postal areas: the post's own numbers of provinces and districts, from a CSV file.

use super::csv::{Sheet, report_overlaps};
use crate::config::problems::Report;
use lienthong_core::ids::UnitCode;
use lienthong_core::tables::Validity;
use lienthong_post::config::{Area, AreaRow, AreaTable};
use std::collections::BTreeMap;

const COLUMNS: &[&str] = &["unit_code", "post_province", "post_district", "valid_from", "valid_to"];

/// Reads the areas. Their units are not looked up in the table of units: districts are not in it.
pub(super) fn areas(report: &Report<'_>, file: &str, text: &str) -> AreaTable {
    let sheet = Sheet::read(report, file, text, COLUMNS);
    let mut periods: BTreeMap<String, Vec<(u64, Validity)>> = BTreeMap::new();
    let mut rows = Vec::new();
    for row in sheet.rows() {
        row.required("unit_code");
        row.required("post_province");
        let code = row.digits("unit_code", &[2, 3, 5], "22966");
        let (Some(code), Some(province)) = (code, row.number("post_province", "80")) else { continue };
        let validity = row.validity();
        periods.entry(code.clone()).or_default().push((row.line, validity));
        let area = Area { province, district: row.number("post_district", "8010") };
        rows.push(AreaRow { unit: UnitCode::new(code), area, validity });
    }
    for (code, rows) in &periods {
        report_overlaps(report, file, &format!("unit {code}"), rows);
    }
    AreaTable::new(rows)
}
