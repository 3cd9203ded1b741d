//! Compares `docs/log-catalogue.md` with what the code says.
//!
//! Messages are string literals in calls of `tracing`'s macros, and metrics are string literals that begin with
//! `lienthong_`: both are found by reading the sources, so that a new line without documentation is a failing test.

use super::measures::MEASURES;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const LEVELS: [&str; 4] = ["error", "warn", "info", "debug"];

/// One call of a log macro.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    level: String,
    message: String,
    fields: BTreeSet<String>,
}

/// All Rust sources of the daemon and the adapters that end up in the binary.
fn sources() -> Vec<String> {
    let mut sources = Vec::new();
    for folder in ["src", "adapters"] {
        read_folder(&Path::new(ROOT).join(folder), &mut sources);
    }
    sources
}

fn read_folder(folder: &Path, sources: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let of_tests = name.ends_with("tests.rs")
            || matches!(name.as_str(), "tests" | "checks" | "testing.rs" | "catalogue.rs");
        if path.is_dir() && !of_tests {
            read_folder(&path, sources);
        } else if name.ends_with(".rs") && !of_tests {
            let text = fs::read_to_string(&path).unwrap();
            sources.push(text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned());
        }
    }
}

/// The log calls in a source.
fn calls(source: &str) -> Vec<Line> {
    let mut found = Vec::new();
    for level in LEVELS {
        let head = format!("{level}!(");
        for (at, _) in source.match_indices(&head) {
            let before = source.get(..at).unwrap().chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && c != '_') {
                let arguments = arguments(source.get(at + head.len()..).unwrap());
                found.push(line(level, &arguments));
            }
        }
    }
    found.extend(transitions(source));
    found
}

/// The lines of the one macro that writes several levels with the same fields: `line!(level, "message")`.
fn transitions(source: &str) -> Vec<Line> {
    let Some((_, shared)) = source.split_once("tracing::$level!(") else { return Vec::new() };
    let shared = arguments(shared);
    let calls = source.split("line!(").skip(1).map(arguments);
    let lines = calls.map(|call| {
        let mut all: Vec<String> =
            shared.iter().filter(|argument| *argument != "$message").cloned().collect();
        all.push(call[1].clone());
        line(&call[0], &all)
    });
    lines.collect()
}

/// The arguments up to the closing parenthesis, split at top-level commas.
fn arguments(text: &str) -> Vec<String> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let (mut all, mut current) = (Vec::new(), String::new());
    for c in text.chars() {
        match c {
            '"' if !escaped => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => break,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(std::mem::take(&mut current).trim().to_owned());
                continue;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        current.push(c);
    }
    all.push(current.trim().to_owned());
    all.retain(|argument| !argument.is_empty());
    all
}

fn line(level: &str, arguments: &[String]) -> Line {
    let is_literal = |argument: &&String| argument.starts_with('"');
    let message = arguments.iter().find(is_literal).map(|literal| literal.trim_matches('"').to_owned());
    let fields = arguments.iter().filter(|argument| !is_literal(argument)).map(|argument| {
        let name = argument.split('=').next().unwrap_or_default().trim();
        name.trim_start_matches(['%', '?']).rsplit("self.").next().unwrap_or_default().to_owned()
    });
    let fields = fields.filter(|field| !matches!(field.as_str(), "target:" | "parent:")).collect();
    Line { level: level.to_owned(), message: message.unwrap_or_default(), fields }
}

fn document() -> String {
    fs::read_to_string(Path::new(ROOT).join("docs/log-catalogue.md")).unwrap()
}

/// Cells of the table rows under a heading.
fn rows(document: &str, heading: &str) -> Vec<Vec<String>> {
    let section = document.split("\n## ").find(|section| section.starts_with(heading)).unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn code(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

#[test]
fn each_log_line_stands_in_the_catalogue_with_its_level_and_fields() {
    let said: BTreeSet<Line> = sources().iter().flat_map(|source| calls(source)).collect();
    let documented: BTreeSet<Line> = rows(&document(), "Log lines")
        .iter()
        .map(|cells| Line {
            message: code(&cells[0]),
            level: cells[1].to_lowercase(),
            fields: cells[2].split_whitespace().filter(|field| *field != "–").map(code).collect(),
        })
        .collect();
    let missing: Vec<_> = said.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&said).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "not documented: {missing:#?}\nnot in the code: {stale:#?}"
    );
}

#[test]
fn each_log_line_says_what_it_means() {
    for cells in rows(&document(), "Log lines") {
        assert!(cells.len() == 5 && cells.iter().all(|cell| !cell.is_empty()), "{cells:?}");
    }
}

#[test]
fn messages_are_fragments_in_lower_case_with_fields_apart() {
    for line in sources().iter().flat_map(|source| calls(source)) {
        let message = &line.message;
        let first = message.chars().next();
        let good =
            first.is_some_and(|c| !c.is_uppercase()) && !message.ends_with('.') && !message.contains('{');
        assert!(good, "{line:?}");
    }
}

#[test]
fn each_metric_is_described_and_stands_in_the_catalogue() {
    let described: BTreeSet<String> = MEASURES.iter().map(|measure| measure.name.to_owned()).collect();
    let documented: BTreeSet<String> =
        rows(&document(), "Metrics").iter().map(|cells| code(&cells[0])).collect();
    assert_eq!(described, documented);

    let measures = fs::read_to_string(Path::new(ROOT).join("src/telemetry/measures.rs")).unwrap();
    let used: BTreeSet<String> = sources()
        .iter()
        .filter(|source| **source != measures)
        .flat_map(|source| metric_names(source))
        .collect();
    assert_eq!(described, used, "described, used");
}

fn metric_names(source: &str) -> Vec<String> {
    let names = source.split("\"lienthong_").skip(1).filter_map(|rest| rest.split('"').next());
    let of_metrics = names.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    of_metrics.map(|name| format!("lienthong_{name}")).collect()
}

#[test]
fn calls_are_read_with_their_fields() {
    let source =
        r#"fn f() { info!(event.id = %id, attempt, error = &error as &dyn Error, "sent (once), well"); }"#;
    let fields = ["event.id", "attempt", "error"].map(str::to_owned).into();
    let expected = Line { level: "info".to_owned(), message: "sent (once), well".to_owned(), fields };
    assert_eq!(calls(source), [expected]);
}
