//! The documents say what the code says: every reason code has its heading in the runbook.

use crate::support::configuration;
use lienthong_core::outcome::ReasonText;
use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Who gives reasons.
const PREFIXES: [&str; 10] = [
    "BCCI-",
    "COMMUNE-",
    "DESK-",
    "GATEWAY-",
    "MYVNPOST-",
    "PORTAL-",
    "POST-",
    "RECONCILE-",
    "WATCH-",
    "WRAPPER-",
];

fn tables() -> Vec<ReasonText> {
    let folder = tempfile::tempdir().unwrap();
    let settings = lienthong::config::load_with(&configuration(folder.path()), &|_| None).unwrap();
    let partners = lienthong::partners::build(&settings.accounts).unwrap();
    let adapters = partners.iter().flat_map(|account| account.port.reasons());
    let own = [
        lienthong_core::outcome::gateway::REASONS,
        lienthong_core::plan::reasons::REASONS,
        lienthong_core::reconcile::REASONS,
        lienthong_commune::REASONS,
        lienthong_post::bcci::REASONS,
        lienthong_portal::wrapper::REASONS,
        lienthong::reasons::REASONS,
        lienthong_post::myvnpost::REASONS,
    ];
    own.into_iter().flatten().chain(adapters).copied().collect()
}

fn runbook() -> String {
    std::fs::read_to_string(Path::new(ROOT).join("docs/runbook.md")).unwrap()
}

/// Codes that stand as literals in the sources, without their tests.
fn literals(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let of_tests = name.contains("test") || matches!(name.as_str(), "checks" | "fixtures" | "golden");
        if path.is_dir() && !of_tests {
            literals(&path, codes);
        } else if name.ends_with(".rs") && !of_tests {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            codes.extend(code.split('"').filter(|literal| is_code(literal)).map(str::to_owned));
        }
    }
}

fn is_code(text: &str) -> bool {
    let rest = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
    })
}

#[test]
fn every_reason_code_has_a_heading_in_the_runbook_and_the_other_way_round() {
    let mut codes: BTreeSet<String> = tables().iter().map(|reason| reason.code.to_owned()).collect();
    for folder in ["src", "adapters"] {
        literals(&Path::new(ROOT).join(folder), &mut codes);
    }
    let runbook = runbook();
    let headings: BTreeSet<String> = runbook
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = codes.difference(&headings).collect();
    let stale: Vec<_> = headings.difference(&codes).collect();
    assert!(missing.is_empty() && stale.is_empty(), "without heading: {missing:?}\nwithout code: {stale:?}");
}

/// The four questions that a section answers, in both languages; the last two may be answered for a whole group.
const ANSWERS: [&str; 6] = [
    "**Việc cần làm:**",
    "**What to do:**",
    "**Ảnh hưởng:**",
    "**Xong khi:**",
    "**What is affected:**",
    "**Over when:**",
];

#[test]
fn every_section_says_what_is_affected_what_to_do_and_how_it_ends() {
    for group in runbook().split("\n## ").skip(1) {
        let mut parts = group.split("\n### ");
        let head = parts.next().unwrap();
        for section in parts {
            let code = section.split('`').nth(1).unwrap();
            for (place, answer) in ANSWERS.iter().enumerate() {
                let answered = section.contains(answer) || (place > 1 && head.contains(answer));
                assert!(answered, "{code} lacks {answer}");
            }
        }
    }
}

#[test]
fn what_an_alarm_points_to_is_there() {
    // A heading's anchor is its text in lower case, without the marks around the code.
    let anchor = |line: &str| Some(line.strip_prefix("### ")?.replace('`', "").to_lowercase());
    let anchors: BTreeSet<String> = runbook().lines().filter_map(anchor).collect();
    for reason in tables() {
        let page = lienthong::reasons::page(reason.code);
        let (file, section) = page.split_once('#').unwrap();
        assert!(Path::new(ROOT).join(file).exists() && anchors.contains(section), "{page}");
    }
}

#[test]
fn every_watchdog_has_its_sentences() {
    for watchdog in lienthong_core::watch::Watchdog::ALL {
        assert!(lienthong::reasons::text(watchdog.code()).is_some(), "{}", watchdog.code());
    }
}

#[test]
fn the_runbook_says_what_the_tables_say() {
    let runbook = runbook();
    for reason in tables() {
        let heading = format!("### `{}`", reason.code);
        let section =
            runbook.split(&heading).nth(1).unwrap_or_default().split("\n### ").next().unwrap_or_default();
        assert!(section.contains(reason.vi), "{} lacks: {}", reason.code, reason.vi);
        assert!(section.contains(reason.en), "{} lacks: {}", reason.code, reason.en);
    }
}
