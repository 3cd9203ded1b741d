//! Findings as CSV that Excel opens.

use crate::cli::output::local;
use crate::journal::report::FindingLine;
use crate::views::csv;

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
    csv::file(HEADS, findings.iter().map(row))
}

fn row(finding: &FindingLine) -> [String; HEADS.len()] {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |at: Option<jiff::Timestamp>| at.map(local).unwrap_or_default();
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
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

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
