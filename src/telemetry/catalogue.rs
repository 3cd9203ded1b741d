//! Compares `docs/log-catalogue.md` with what the code says.
//!
//! Messages are string literals in calls of `tracing`'s macros, and metrics are string literals that begin with
//! `lienthong_`: both are found by reading the sources, so that a new line without documentation is a failing test. Each
//! line has one example, which is read back as JSON: a field more in a call is a failing test, too.

use super::measures::MEASURES;
use jiff::Timestamp;
use lienthong_core::text::is_code_like;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const LEVELS: [&str; 4] = ["error", "warn", "info", "debug"];

/// One file of the sources.
struct Source {
    /// What its log lines have as their target: the module's path.
    target: String,
    text: String,
}

/// One call of a log macro.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    level: String,
    message: String,
    fields: BTreeSet<String>,
}

/// All Rust sources of the daemon and the adapters that end up in the binary.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in ["src", "adapters"] {
        read_folder(&Path::new(ROOT).join(folder), &mut sources);
    }
    sources
}

fn read_folder(folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let of_tests = name.ends_with("tests.rs")
            || matches!(name.as_str(), "tests" | "checks" | "testing.rs" | "catalogue.rs");
        if path.is_dir() && !of_tests {
            read_folder(&path, sources);
        } else if name.ends_with(".rs") && !of_tests {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            sources.push(Source { target: target(&path), text });
        }
    }
}

/// `src/journal/mod.rs` is `lienthong::journal`, `adapters/post/pair.rs` is `lienthong_post::pair`.
fn target(path: &Path) -> String {
    let within = path.strip_prefix(ROOT).unwrap().with_extension("");
    let mut parts = within.iter().map(|part| part.to_str().unwrap());
    let name = match parts.next().unwrap() {
        "adapters" => format!("lienthong_{}", parts.next().unwrap()),
        _src => "lienthong".to_owned(),
    };
    let modules = parts.filter(|part| !matches!(*part, "mod" | "lib"));
    std::iter::once(name.as_str()).chain(modules).collect::<Vec<_>>().join("::")
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
    let said: BTreeSet<Line> = sources().iter().flat_map(|source| calls(&source.text)).collect();
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
fn each_log_line_has_one_example_as_the_daemon_writes_it() {
    let mut said: BTreeMap<Line, BTreeSet<String>> = BTreeMap::new();
    for source in sources() {
        for line in calls(&source.text) {
            said.entry(line).or_default().insert(source.target.clone());
        }
    }
    let mut shown = BTreeSet::new();
    for written in examples(&document()) {
        let (line, target) = example(&written);
        let targets = said.get(&line).unwrap_or_else(|| panic!("not in the code: {written}"));
        assert!(targets.contains(&target), "the target is one of {targets:?}: {written}");
        assert!(shown.insert(line), "a second example: {written}");
    }
    let missing: Vec<_> = said.keys().filter(|line| !shown.contains(line)).collect();
    assert!(missing.is_empty(), "without an example: {missing:#?}");
}

fn examples(document: &str) -> Vec<String> {
    let section = document.split("\n## ").find(|section| section.starts_with("Log lines")).unwrap();
    section.lines().filter(|line| line.starts_with('{')).map(str::to_owned).collect()
}

/// What an example shows, and its target. Its form is that of `super::init`: time, level and message first, then the
/// fields, the target last.
fn example(written: &str) -> (Line, String) {
    let all: serde_json::Map<String, Value> =
        serde_json::from_str(written).unwrap_or_else(|error| panic!("{error}: {written}"));
    let text = |name: &str| all[name].as_str().unwrap_or_else(|| panic!("{name} is a text: {written}"));
    let (time, level, message, target) = (text("timestamp"), text("level"), text("message"), text("target"));
    let first = format!(r#"{{"timestamp":"{time}","level":"{level}","message":"{message}","#);
    assert!(
        written.starts_with(&first) && written.ends_with(&format!(r#""target":"{target}"}}"#)),
        "{written}"
    );
    assert!(time.parse::<Timestamp>().is_ok() && time.ends_with('Z'), "{written}");
    let words = all.values().filter_map(Value::as_str);
    assert!(words.clone().all(names_nobody), "it may name a person: {written}");
    let fields =
        all.keys().filter(|key| !["timestamp", "level", "message", "target"].contains(&key.as_str()));
    let line =
        Line { level: level.to_lowercase(), message: message.to_owned(), fields: fields.cloned().collect() };
    (line, target.to_owned())
}

/// Whether it is a time, or all words are codes or English: nothing that a name, a phone or an identity number could be.
fn names_nobody(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok() || text.split([' ', '(', ')', ',', ';', '\'', '#']).all(is_code_like)
}

#[test]
fn an_example_that_may_name_a_person_is_told() {
    assert!(names_nobody("reach the broker: IO error: Connection refused (os error 111)"));
    assert!(
        !names_nobody("sai: Lò Thị Bưởi")
            && !names_nobody("0510000111")
            && !names_nobody("buoi@hoso.example")
    );
}

#[test]
fn messages_are_fragments_in_lower_case_with_fields_apart() {
    for line in sources().iter().flat_map(|source| calls(&source.text)) {
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
        .filter(|source| source.text != measures)
        .flat_map(|source| metric_names(&source.text))
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
