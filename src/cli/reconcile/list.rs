//! The list of codes that an operator exports from the national report.

use anyhow::Context as _;
use lienthong_core::text;
use std::collections::BTreeSet;
use std::path::Path;

/// Codes in one list at most: more than a province receives in a quarter.
const MOST: usize = 200_000;

/// Longest code: the partners' own limit.
const LONGEST: usize = 50;

/// The codes of a file: one a line, or one column of a CSV.
pub(super) fn read(file: &Path, column: Option<&str>) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?;
    codes(&text, column)
}

fn codes(text: &str, column: Option<&str>) -> anyhow::Result<Vec<String>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let place = match column {
        None => None,
        Some(column) => {
            let heads = text::cells(lines.next().unwrap_or_default());
            let place = heads.iter().position(|head| head.trim() == column);
            Some(place.with_context(|| format!("the file has no column {column:?}"))?)
        }
    };
    let mut codes = BTreeSet::new();
    for (number, line) in (1..).zip(lines) {
        let code = match place {
            None => text::normalise(line.trim().trim_matches('"')),
            Some(place) => text::cells(line).into_iter().nth(place).unwrap_or_default(),
        };
        if code.is_empty() {
            continue;
        }
        let is_code = code.chars().count() <= LONGEST && !code.chars().any(char::is_whitespace);
        anyhow::ensure!(is_code, "line {number} of the list holds no code of a dossier");
        codes.insert(code);
    }
    anyhow::ensure!(codes.len() <= MOST, "the list holds more than {MOST} codes");
    Ok(codes.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_one_a_line_or_from_a_column() {
        let check = |text: &str, column: Option<&str>, expected: Option<&[&str]>| {
            let read = codes(text, column).ok();
            let expected =
                expected.map(|codes| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>());
            assert_eq!(read, expected, "{text:?} {column:?}");
        };
        check("H11-2\r\nH11-1\r\n\r\nH11-2\n", None, Some(&["H11-1", "H11-2"]));
        check("\u{feff}H11-1", None, Some(&["H11-1"]));
        check("STT,Mã hồ sơ\n1,H11-1\n2,\"H11-2\"\n3,\n", Some("Mã hồ sơ"), Some(&["H11-1", "H11-2"]));
        check("STT;Mã\n1;H11-1\n\"2;3\";H11-2", Some("Mã"), Some(&["H11-1", "H11-2"]));
        check("STT,Mã\n1,H11-1", Some("Code"), None);
        check("Lò Thị Bưởi", None, None);
        check(&"x".repeat(51), None, None);
        check("", None, Some(&[]));
    }
}
