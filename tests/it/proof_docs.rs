//! The proofs are complete, and what they compile in is nowhere else: tables against sources, marks against binaries.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The feature that a release must not have, as the compiler is told of it.
const FEATURE: &str = "feature=\"sabotage\"";

fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// All Rust sources below a folder, without white space, so that a call over several lines reads like one.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all += &sources(&path);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("src/proof.rs") {
            all.extend(std::fs::read_to_string(path).unwrap().split_whitespace());
        }
    }
    all
}

/// The names in `call!("NAME"…)`.
fn names(sources: &str, call: &str) -> BTreeSet<String> {
    let call = format!("{call}!(\"");
    let after = sources.split(&call).skip(1);
    after.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// The cells of each row of a document's tables whose first cell is a name in code.
fn rows(document: &str) -> Vec<Vec<String>> {
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands in back quotes.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, after) = document.split_once(&format!("\n## {heading}\n")).unwrap();
    after.split("\n## ").next().unwrap()
}

/// Everything in which a test may stand.
fn tests() -> String {
    sources(&Path::new(ROOT).join("tests/it")) + &sources(&Path::new(ROOT).join("src"))
}

/// Whether there is a test of this path: `module::name`.
fn is_a_test(tests: &str, path: &str) -> bool {
    path.rsplit("::").next().is_some_and(|name| tests.contains(&format!("fn{name}(")))
}

#[test]
fn every_crash_point_stands_in_the_table_of_windows_and_is_died_at_by_its_test() {
    let points = names(&sources(&Path::new(ROOT).join("src")), "crash_point");
    let document = text("ARCHITECTURE.md");
    let windows = section(&document, "Crash windows");
    let rows = rows(windows);
    let told: BTreeSet<String> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    let missing: Vec<_> = points.difference(&told).collect();
    let stale: Vec<_> = told.difference(&points).collect();
    assert!(missing.is_empty() && stale.is_empty(), "without row: {missing:?}\nwithout point: {stale:?}");
    let matrices: Vec<&str> = windows.lines().filter(|line| line.starts_with("- matrix ")).collect();
    let (tests, named) = (tests(), rows.iter().map(|row| row[4].as_str()).chain(matrices).flat_map(quoted));
    let absent: Vec<_> = named.filter(|test| !is_a_test(&tests, test)).collect();
    assert!(absent.is_empty(), "there is no test {absent:?}");
    let matrix = sources(&Path::new(ROOT).join("tests/it/crash_matrix")) + &text("tests/it/crash_matrix.rs");
    let lived: Vec<_> = points.iter().filter(|point| !matrix.contains(&format!("\"{point}"))).collect();
    assert!(lived.is_empty(), "nobody dies at {lived:?}");
}

#[test]
fn every_sabotage_stands_in_the_table_with_the_test_that_falls() {
    let switches = names(&sources(&Path::new(ROOT).join("src")), "sabotaged");
    let document = text("docs/proof.md");
    let rows = rows(section(&document, "Sabotage"));
    let told: BTreeSet<String> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    assert_eq!(told, switches);
    let tests = tests();
    for row in &rows {
        let test = row[2].trim_matches('`').split(' ').nth(1).unwrap_or_default();
        assert!(is_a_test(&tests, test) && row[3].len() > 10, "{row:?}");
    }
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let readme = text("README.md");
    let promises = section(&readme, "What it promises");
    let promises: Vec<&str> = promises.lines().filter(|line| line.starts_with("| **")).collect();
    assert_eq!(promises.len(), 8);
    let main = text("tests/it/main.rs");
    for promise in promises {
        let tests = quoted(promise.rsplit('|').nth(1).unwrap());
        let there = |test: &&str| main.lines().any(|line| line == format!("mod {test};"));
        assert!(!tests.is_empty() && tests.iter().all(there), "{promise}");
    }
}

/// What the compiler says of `src/proof.rs` with the feature, and whether it compiles.
fn compile(debug_assertions: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--cfg", FEATURE]);
    rustc.args(["-C", debug_assertions, "--out-dir"]).arg(folder.path());
    let output = rustc.arg(Path::new(ROOT).join("src/proof.rs")).output().expect("there is a rustc");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_release_with_the_features_does_not_compile() {
    let (compiles, said) = compile("debug-assertions=off");
    assert!(!compiles && said.contains("a release must not contain them"), "{said}");
    let (compiles, said) = compile("debug-assertions=on");
    assert!(compiles, "{said}");
}

/// The gate looks for the same marks in the binary that is handed out, and must find none.
#[test]
fn the_binary_of_the_tests_has_every_mark() {
    let script = Path::new(ROOT).join(".ci/marks");
    let output = Command::new(script).args(["present", env!("CARGO_BIN_EXE_lienthong")]).output().unwrap();
    assert!(output.status.success(), "build the tests with --features crash-points,sabotage: {output:?}");
}
