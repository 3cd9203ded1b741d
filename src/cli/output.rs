//! How commands speak: short tables in Vietnamese, or JSON; times as they are read in Việt Nam.

pub(super) use crate::views::times::{ago, local, local_or_dash};

use serde::Serialize;
use std::io::{self, Write as _};

/// Text for people, or JSON for programs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    /// JSON.
    pub(super) json: bool,
}

impl Output {
    /// Shows a value as JSON, or the text made of it.
    pub(super) fn show<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        if self.json { say(&serde_json::to_string_pretty(value)?) } else { say(&text(value)) }
    }
}

/// Writes to standard output; a reader that has gone away, as `head` does, is no error.
pub(super) fn say(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A table with columns as wide as their widest cell.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(heads.get(column).map(|head| head.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(heads.to_vec())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

/// A text that may be missing.
pub(super) fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or("–").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_in_characters() {
        let rows = vec![vec!["Đang chờ".to_owned(), "3".to_owned()], vec!["x".to_owned(), "12".to_owned()]];
        assert_eq!(table(&["Trạng thái", "Số"], &rows), "Trạng thái  Số\nĐang chờ    3\nx           12");
    }
}
