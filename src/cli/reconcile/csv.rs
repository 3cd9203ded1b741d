//! Findings as CSV that Excel opens: UTF-8 with its mark, lines as Excel ends them, and no cell that it would calculate.

use crate::cli::output::local;
use crate::journal::report::FindingLine;
use std::fmt::Write as _;

/// The mark by which Excel knows UTF-8.
const MARK: char = '\u{feff}';

const HEADS: [&str; 15] = [
    "finding",
    "kind",
    "code",
    "grade",
    "account",
    "agency",
    "dossier",
    "name",
    "ours",
    "theirs",
    "since",
    "repair",
    "automatic",
    "result",
    "result_at",
];

/// The whole file.
pub(super) fn file(findings: &[FindingLine]) -> String {
    let mut text = String::from(MARK);
    line(&mut text, HEADS.map(str::to_owned));
    for finding in findings {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        let time = |at: Option<jiff::Timestamp>| at.map(local).unwrap_or_default();
        line(
            &mut text,
            [
                finding.finding.to_string(),
                finding.kind.clone(),
                finding.code.clone(),
                finding.grade.clone(),
                finding.account.clone(),
                or_empty(&finding.agency),
                or_empty(&finding.dossier),
                finding.name.clone(),
                finding.ours.clone(),
                finding.theirs.clone(),
                time(finding.since),
                finding.repair.clone(),
                if finding.automatic { "yes" } else { "no" }.to_owned(),
                or_empty(&finding.result),
                time(finding.result_at),
            ],
        );
    }
    text
}

fn line<const N: usize>(text: &mut String, cells: [String; N]) {
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
        let text = file(&[]);
        assert!(
            text.starts_with("\u{feff}\"finding\",\"kind\",") && text.ends_with("\"result_at\"\r\n"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1);
    }
}
