//! The table of administrative units as a file: read with all its rows, written as a whole, and what may be brought in.
//!
//! Commands that renew the table must work when the rest of the configuration does not hold, for instance because an
//! agency lies in a commune that the table lacks: [`load`] reads nothing but `[tables] units` and `[units]`.
//!
//! The file's comments stand in front of its rows and are kept; each change adds a line to them. What is written reads
//! back as the register that it was made of (`a_table_that_is_written_reads_back_the_same`).

use super::problems::{Problems, Report};
use super::reader::Section;
use super::rules::{duration, memory_size, text};
use super::settings::UnitsSettings;
use super::tables::units as rows;
use lienthong_core::ids::UnitCode;
use lienthong_core::tables::{UnitRow, Validity};
use lienthong_core::units::{Listed, Register};
use lienthong_http::ClientSettings;
use lienthong_units::config::{CatalogueSettings, Correction, defaults};
use std::path::Path;

/// The table's file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The file's text; `None` when there is no file yet.
    pub text: Option<String>,
    /// Its rows.
    pub register: Register,
}

/// What a file brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// Rows that carry their own days, in the columns of the table.
    Dated(Register),
    /// The units of one day, which the file does not name.
    List(Vec<Listed>),
}

/// Reads where the table lies and where it is renewed from.
///
/// # Errors
/// What is wrong with these keys, or with the file as a whole.
pub fn load(path: &Path) -> Result<UnitsSettings, Problems> {
    let report = Report::new(&super::variable);
    let settings = super::parsed(&report, path).map(|root| {
        let settings = settings(&root);
        root.forget();
        settings
    });
    report.finish()?;
    Ok(settings.expect("a file that cannot be read is a problem"))
}

/// Reads `[units]`, and `[tables] units`.
pub(super) fn settings(root: &Section<'_>) -> UnitsSettings {
    let tables = root.section("tables");
    let file = tables.path_or("units", "tables/units.csv");
    tables.forget();
    UnitsSettings { file, catalogue: catalogue(&root.section("units")) }
}

fn catalogue(section: &Section<'_>) -> CatalogueSettings {
    let mib = defaults::BODY_CAP >> 20;
    CatalogueSettings {
        url: section.or("url", super::rules::http_url(defaults::URL), defaults::URL.to_owned()),
        corrections: corrections(section),
        client: ClientSettings {
            deadline: section.or("deadline", duration().such_as("2m"), defaults::DEADLINE),
            connect_deadline: section.or(
                "connect_deadline",
                duration().such_as("10s"),
                defaults::CONNECT_DEADLINE,
            ),
            body_cap: section.or("body_cap", memory_size().such_as(format!("{mib}MiB")), defaults::BODY_CAP),
            authorities: section.optional_file("authority", "tls/nso-ca.pem").into_iter().collect(),
            identity: None,
        },
    }
}

/// `"<wrong code> <name>" = "<right code>"`.
fn corrections(section: &Section<'_>) -> Vec<Correction> {
    let known = section.map("corrections", &text("04376"));
    let mut corrections = Vec::new();
    for (listed, code) in known {
        match listed.split_once(' ').filter(|(code, name)| is_commune(code) && !name.trim().is_empty()) {
            Some((listed, name)) if is_commune(&code) => corrections.push(Correction {
                listed: UnitCode::new(listed),
                name: lienthong_core::text::normalise(name),
                code: UnitCode::new(code),
            }),
            Some(_) | None => section.problem(
                "corrections",
                format!(
                    "{listed:?} = {code:?} is no correction; write code and name as listed, and the right code, as in \"04375 Xã Yên Bình\" = \"04376\""
                ),
            ),
        }
    }
    corrections
}

fn is_commune(code: &str) -> bool {
    code.len() == 5 && code.chars().all(|c| c.is_ascii_digit())
}

/// Reads the table; one that is not there yet is empty.
///
/// # Errors
/// What is wrong with the file.
pub fn table(path: &Path) -> Result<Table, Problems> {
    if !path.exists() {
        return Ok(Table::default());
    }
    let text = read(path)?;
    let register = register(path, &text)?;
    Ok(Table { text: Some(text), register })
}

/// The rows of a text that is, or is to be, the table.
///
/// # Errors
/// What is wrong with the rows, one by one and together.
pub fn register(path: &Path, text: &str) -> Result<Register, Problems> {
    let (report, shown) = (Report::new(&|_| None), path.display().to_string());
    let register = rows::units(&report, &shown, text);
    report.finish()?;
    Ok(register)
}

/// Reads a file that is to be brought in: rows in the columns of the table, or the units of a day.
///
/// # Errors
/// What is wrong with the file.
pub fn import(path: &Path) -> Result<Import, Problems> {
    let text = read(path)?;
    let (report, shown) = (Report::new(&|_| None), path.display().to_string());
    let import = rows::import(&report, &shown, &text);
    report.finish()?;
    Ok(import)
}

fn read(path: &Path) -> Result<String, Problems> {
    let report = Report::new(&|_| None);
    let text = std::fs::read_to_string(path).map_err(|error| {
        let shown = path.display().to_string();
        report.problem(&shown, "file", format!("cannot be read as UTF-8 text: {error}"));
    });
    report.finish()?;
    Ok(text.expect("what cannot be read is a problem"))
}

/// What stands over the rows of a table that is begun.
const BEGINNING: &str = "\
# Administrative units by their codes at the General Statistics Office: provinces two digits, communes five. Both days of a
# row are inclusive, empty is open; several successors are joined by |. Written by `lienthong units`.
";

impl Table {
    /// The text of the table with these rows: its comments, a new one behind them, and the rows by code and age.
    pub fn written(&self, register: &Register, note: &str) -> String {
        let old = self.text.as_deref().unwrap_or(BEGINNING);
        let comments = old.lines().take_while(|line| line.starts_with('#'));
        let mut text: String = comments.map(|line| format!("{line}\n")).collect();
        if !note.is_empty() {
            text.push_str(&format!("# {}\n", note.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        text.push_str(&rows_written(register));
        text
    }

    /// Comments that stand between rows: they would be lost.
    pub fn stray_comment(&self) -> Option<usize> {
        let lines = self.text.as_deref().unwrap_or_default().lines();
        let mut behind = lines.enumerate().skip_while(|(_, line)| line.starts_with('#'));
        behind.find(|(_, line)| line.starts_with('#')).map(|(place, _)| place + 1)
    }
}

fn rows_written(register: &Register) -> String {
    let mut codes: Vec<(&UnitCode, &Vec<UnitRow>)> = register.iter().collect();
    codes.sort_by_key(|(code, _)| (code.as_str().len(), *code));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let written = "a text in memory can be written";
    writer.write_record(rows::COLUMNS).expect(written);
    for (code, rows) in codes {
        for row in rows {
            let Validity { from, to } = row.validity;
            let province = row.province_code.as_ref().map(UnitCode::as_str).unwrap_or_default();
            let successors = row.successors.iter().map(UnitCode::as_str).collect::<Vec<_>>().join("|");
            let values = [code.as_str(), &row.name, province, &day(from), &day(to), &successors];
            writer.write_record(values).expect(written);
        }
    }
    let bytes = writer.into_inner().expect(written);
    String::from_utf8(bytes).expect("what was text is text")
}

#[cfg(test)]
#[path = "units_tests.rs"]
mod tests;
