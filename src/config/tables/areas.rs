//! Postal areas: the post's own numbers of provinces and districts, by family, from a CSV file.

use super::csv::{Sheet, report_overlaps};
use crate::config::problems::Report;
use crate::config::settings::AreaTables;
use lienthong_core::ids::UnitCode;
use lienthong_core::tables::Validity;
use lienthong_post::ngsp::config::{Area, AreaRow, AreaTable, OPERATIONAL};
use std::collections::BTreeMap;
use std::sync::Arc;

const COLUMNS: &[&str] =
    &["unit_code", "post_province", "post_district", "valid_from", "valid_to", "family", "post_commune"];
/// Columns that a table may be without.
const OPTIONAL: &[&str] = &["family", "post_commune"];

/// Reads the areas. Their units are not looked up in the table of units: districts are not in it.
pub(super) fn areas(report: &Report<'_>, file: &str, text: &str) -> AreaTables {
    let sheet = Sheet::read_with(report, file, text, COLUMNS, OPTIONAL);
    let mut periods: BTreeMap<(String, String), Vec<(u64, Validity)>> = BTreeMap::new();
    let mut families: BTreeMap<String, Vec<AreaRow>> = BTreeMap::new();
    for row in sheet.rows() {
        row.required("unit_code");
        row.required("post_province");
        let code = row.digits("unit_code", &[2, 3, 5], "22966");
        let (Some(code), Some(province)) = (code, row.number("post_province", "80")) else { continue };
        let validity = row.validity();
        let family = Some(row.text("family")).filter(|family| !family.is_empty());
        let family = family.unwrap_or_else(|| OPERATIONAL.to_owned());
        periods.entry((code.clone(), family.clone())).or_default().push((row.line, validity));
        let area = Area { province, district: row.number("post_district", "8010") };
        let commune = Some(row.text("post_commune")).filter(|commune| !commune.is_empty());
        let area = AreaRow { unit: UnitCode::new(code), area, commune, validity };
        families.entry(family).or_default().push(area);
    }
    for ((code, _), rows) in &periods {
        report_overlaps(report, file, &format!("unit {code}"), rows);
    }
    let table = |(family, rows): (String, Vec<AreaRow>)| {
        let table = Arc::new(AreaTable::of_family(&family, rows));
        (family, table)
    };
    families.into_iter().map(table).collect()
}
