//! Reads a CSV table by its columns and reports what is wrong with line and column.
//!
//! The first line names the columns, in any order, with commas between them, or with tabs in the whole file; lines that
//! begin with `#` are comments. Everything is text until a column's rule says otherwise: codes keep their leading zeros.

use crate::config::problems::{Report, meant};
use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::civil::Date;
use lienthong_core::tables::Validity;

/// A table with its known columns.
pub(super) struct Sheet<'r> {
    report: &'r Report<'r>,
    file: String,
    columns: Vec<Option<usize>>,
    names: &'static [&'static str],
    records: Vec<StringRecord>,
}

impl<'r> Sheet<'r> {
    /// Reads the text; problems of the whole are reported and give an empty sheet.
    pub(super) fn read(
        report: &'r Report<'r>,
        file: &str,
        text: &str,
        names: &'static [&'static str],
    ) -> Self {
        Self::read_with(report, file, text, names, &[])
    }

    /// The same, where some of the columns may be missing.
    pub(super) fn read_with(
        report: &'r Report<'r>,
        file: &str,
        text: &str,
        names: &'static [&'static str],
        optional: &[&str],
    ) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let delimiter = if first_line(text).contains('\t') { b'\t' } else { b',' };
        let mut reader = ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(Trim::All)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let heads = reader.headers().cloned().unwrap_or_default();
        let mut sheet =
            Self { report, file: file.to_owned(), columns: Vec::new(), names, records: Vec::new() };
        sheet.match_columns(&heads, optional);
        for record in reader.records() {
            match record {
                Ok(record) => sheet.records.push(record),
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    let rule = format!("has not the {} values that the first line names", heads.len());
                    report.problem(file, format!("line {line}"), rule);
                }
            }
        }
        sheet
    }

    fn match_columns(&mut self, heads: &StringRecord, optional: &[&str]) {
        for head in heads.iter().filter(|head| !self.names.contains(head)) {
            let text = format!("column {head:?} is not known; {}", meant(head, self.names));
            self.report.problem(&self.file, "line 1", text);
        }
        for name in self.names {
            let place = heads.iter().position(|head| head == *name);
            if place.is_none() && !optional.contains(name) {
                self.report.problem(&self.file, "line 1", format!("column {name} is missing; add it"));
            }
            self.columns.push(place);
        }
    }

    /// The rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(move |record| Row {
            sheet: self,
            record,
            line: record.position().map_or(0, csv::Position::line),
        })
    }
}

/// The line that names the columns.
pub(super) fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default()
}

/// A row of a table.
pub(super) struct Row<'s> {
    sheet: &'s Sheet<'s>,
    record: &'s StringRecord,
    /// Its line in the file.
    pub(super) line: u64,
}

impl Row<'_> {
    /// The text in a column; empty when there is none.
    pub(super) fn text(&self, column: &str) -> String {
        let place = self.sheet.names.iter().position(|name| *name == column);
        let place = place.and_then(|place| self.sheet.columns.get(place).copied().flatten());
        let text = place.and_then(|place| self.record.get(place)).unwrap_or_default();
        lienthong_core::text::normalise(text)
    }

    /// A text that must be there.
    pub(super) fn required(&self, column: &str) -> String {
        let text = self.text(column);
        if text.is_empty() {
            self.problem(column, "is empty; fill it in");
        }
        text
    }

    /// A code with a fixed number of digits, or nothing.
    pub(super) fn digits(&self, column: &str, counts: &[usize], example: &str) -> Option<String> {
        let code = self.text(column);
        if code.is_empty() {
            return None;
        }
        if counts.contains(&code.len()) && code.chars().all(|c| c.is_ascii_digit()) {
            return Some(code);
        }
        let lengths = counts.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
        let text = format!("{code:?} is not a code of {lengths} digits; keep leading zeros, as in {example}");
        self.problem(column, text);
        None
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(column);
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            self.problem(column, format!("{text:?} is not one of {known}; write one of them"));
        }
        found
    }

    /// A whole number, or nothing.
    pub(super) fn number(&self, column: &str, example: &str) -> Option<u32> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            self.problem(column, format!("{text:?} is not a whole number; write digits, as in {example}"));
        }
        number
    }

    /// The columns `valid_from` and `valid_to`, both inclusive and both open when empty.
    pub(super) fn validity(&self) -> Validity {
        let validity = Validity { from: self.date("valid_from"), to: self.date("valid_to") };
        if let (Some(from), Some(to)) = (validity.from, validity.to)
            && from > to
        {
            self.problem("valid_to", format!("{to} is before valid_from {from}; exchange or correct them"));
        }
        validity
    }

    /// A date, or nothing.
    pub(super) fn date(&self, column: &str) -> Option<Date> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let date = text.parse().ok();
        if date.is_none() {
            self.problem(column, format!("{text:?} is not a date; write year-month-day, as in 2025-06-30"));
        }
        date
    }

    /// Reports a problem with a column of this row.
    pub(super) fn problem(&self, column: &str, text: impl Into<String>) {
        self.sheet.report.problem(&self.sheet.file, format!("line {}, {column}", self.line), text);
    }
}

/// Whether two rows hold on a common day.
pub(super) fn overlap(one: Validity, other: Validity) -> bool {
    let starts_in = |from: Option<Date>, to: Option<Date>| match (from, to) {
        (Some(from), Some(to)) => from <= to,
        (Some(_) | None, None) | (None, Some(_)) => true,
    };
    starts_in(one.from, other.to) && starts_in(other.from, one.to)
}

/// Reports every later row of one key that overlaps an earlier one. Rows are (line, validity), in the order of the file.
pub(super) fn report_overlaps(report: &Report<'_>, file: &str, key: &str, rows: &[(u64, Validity)]) {
    for (place, (line, validity)) in rows.iter().enumerate() {
        let earlier = rows.iter().take(place).find(|(_, earlier)| overlap(*earlier, *validity));
        if let Some((first, same)) = earlier {
            let what = if same == validity { "repeats" } else { "overlaps in time with" };
            let text = format!("{key} {what} line {first}; a code has one row on each day");
            report.problem(file, format!("line {line}"), text);
        }
    }
}
