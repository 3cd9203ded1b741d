//! CSV that Excel opens: UTF-8 with its mark, lines as Excel ends them, and no cell that it would calculate.
//!
//! Cells are parted by commas and every one stands in quotes. A number with decimals is written with the comma of Việt Nam and
//! is a text of its own cell.

use std::fmt::Write as _;

/// The mark by which Excel knows UTF-8.
const MARK: char = '\u{feff}';

/// The whole file.
pub(crate) fn file<const N: usize>(heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = String::from(MARK);
    line(&mut text, &heads.map(str::to_owned));
    for row in rows {
        line(&mut text, &row);
    }
    text
}

fn line(text: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|content| cell(content)).collect();
    // Writing into a text cannot fail.
    write!(text, "{}\r\n", cells.join(",")).ok();
}

/// A cell in quotes. What Excel would read as a formula gets an apostrophe in front, whatever stands behind it.
fn cell(text: &str) -> String {
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{feff}']).chars().next();
    let formula = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '|' | '%'));
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_calculated_or_breaks_its_line() {
        let check = |text: &str, expected: &str| assert_eq!(cell(text), expected, "{text}");
        check("accepted, status 9", "\"accepted, status 9\"");
        check("=1+1", "\"'=1+1\"");
        check("+84", "\"'+84\"");
        check("-2", "\"'-2\"");
        check("@SUM(A1)", "\"'@SUM(A1)\"");
        check("  =1", "\"'  =1\"");
        check("\t=1", "\"'\t=1\"");
        check("\u{a0}=1", "\"'\u{a0}=1\"");
        check("say \"x\"", "\"say \"\"x\"\"\"");
        check("", "\"\"");
    }

    #[test]
    fn the_file_begins_with_its_mark_and_its_heads() {
        let text = file(["Mã", "Số"], [["H11".to_owned(), "7".to_owned()]]);
        assert_eq!(text, "\u{feff}\"Mã\",\"Số\"\r\n\"H11\",\"7\"\r\n");
    }
}
