//! How commands speak: short tables in Vietnamese, or JSON; times as they are read in Việt Nam.

use jiff::Timestamp;
use lienthong_core::tables::VIETNAM;
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

/// A time as it is read in Việt Nam.
pub(super) fn local(at: Timestamp) -> String {
    VIETNAM.to_datetime(at).strftime("%d/%m/%Y %H:%M:%S").to_string()
}

/// A time that may be missing.
pub(super) fn local_or_dash(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "–".to_owned(), local)
}

/// A text that may be missing.
pub(super) fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or("–").to_owned()
}

/// How long ago, in the largest two units.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(then).as_mins().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} phút"),
        (0, hours, minutes) => format!("{hours} giờ {minutes} phút"),
        (days, hours, _) => format!("{days} ngày {hours} giờ"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_in_characters() {
        let rows = vec![vec!["Đang chờ".to_owned(), "3".to_owned()], vec!["x".to_owned(), "12".to_owned()]];
        assert_eq!(table(&["Trạng thái", "Số"], &rows), "Trạng thái  Số\nĐang chờ    3\nx           12");
    }

    #[test]
    fn times_are_vietnamese() {
        assert_eq!(local("2022-09-15T03:12:00Z".parse().unwrap()), "15/09/2022 10:12:00");
        let (then, now) = ("2022-09-15T03:12:00Z".parse().unwrap(), "2022-09-16T05:12:00Z".parse().unwrap());
        assert_eq!(ago(then, now), "1 ngày 2 giờ");
    }
}
