//! Procedures with their national codes and who reports them, from a CSV file.

use super::csv::{Row, Sheet, report_overlaps};
use crate::config::problems::Report;
use lienthong_core::ids::ProcedureCode;
use lienthong_core::tables::{Field, ProcedureRow, Reporter, Validity, is_national_procedure};
use std::collections::BTreeMap;

const COLUMNS: &[&str] =
    &["code", "national_code", "reported_by", "valid_from", "valid_to", "field_code", "field_name"];
const REPORTERS: &[(&str, Reporter)] = &[("gateway", Reporter::Gateway), ("ministry", Reporter::Ministry)];

/// Reads the procedures: local or national code, the portal's code, who reports, from when until when, in which field.
pub(super) fn procedures(
    report: &Report<'_>,
    file: &str,
    text: &str,
) -> BTreeMap<ProcedureCode, Vec<ProcedureRow>> {
    let sheet = Sheet::read_with(report, file, text, COLUMNS, &["field_code", "field_name"]);
    let mut procedures: BTreeMap<ProcedureCode, Vec<ProcedureRow>> = BTreeMap::new();
    let mut periods: BTreeMap<String, Vec<(u64, Validity)>> = BTreeMap::new();
    for row in sheet.rows() {
        let code = row.required("code");
        let national_code = ProcedureCode::new(row.required("national_code"));
        if !national_code.as_str().is_empty() && !is_national_procedure(&national_code) {
            let shape = "is not a national code; write a digit, a dot and six digits, as in 1.004873";
            row.problem("national_code", format!("{:?} {shape}", national_code.as_str()));
        }
        let Some(reported_by) = row.choice("reported_by", REPORTERS) else { continue };
        let (field, validity) = (field(&row), row.validity());
        periods.entry(code.clone()).or_default().push((row.line, validity));
        let entry = procedures.entry(ProcedureCode::new(code)).or_default();
        entry.push(ProcedureRow { national_code, reported_by, field, validity });
    }
    for (code, rows) in &periods {
        report_overlaps(report, file, &format!("procedure {code}"), rows);
    }
    for rows in procedures.values_mut() {
        rows.sort_by_key(|row| row.validity.from);
    }
    procedures
}

/// The field of administration: code and name, or neither.
fn field(row: &Row<'_>) -> Option<Field> {
    let field = Field { code: row.text("field_code"), name: row.text("field_name") };
    match (field.code.is_empty(), field.name.is_empty()) {
        (true, true) => return None,
        (false, false) => {}
        (true, false) => row.problem("field_code", "is missing; write it, as in G15-TP03"),
        (false, true) => row.problem("field_name", "is missing; write it, as in Hộ tịch"),
    }
    Some(field)
}
