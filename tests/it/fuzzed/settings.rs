//! Configuration and tables with anything in them: read or refused with problems, and no secret is repeated.

use crate::support::{Secrets, configuration};
use lienthong::config::load_with;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::path::Path;

/// Pieces that mean something to TOML, to CSV, or to a rule.
const PIECES: [&str; 24] = [
    "",
    "\"",
    "'''",
    "\"\"\"",
    "[",
    "]]",
    "{",
    "}",
    "=",
    ",",
    "\n",
    "\r",
    "#",
    "\\u0000",
    "\u{0}",
    "\u{feff}",
    "-1",
    "1e999",
    "9999999999999999999999",
    "\"10000000000000000000s\"",
    "đ",
    "2025-13-45",
    "../../..",
    "\"amqp://a:",
];

const FILES: [&str; 5] =
    ["gateway.toml", "agencies.toml", "tables/procedures.csv", "tables/units.csv", "tables/post-areas.csv"];

/// One change to a text, in characters.
#[derive(Clone, Debug)]
enum Change {
    Insert(Index, &'static str),
    Remove(Index, u8),
    Repeat(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), select(PIECES.to_vec())).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (at(), 1_u8..40).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), 1_u8..80).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

fn changed(text: &str, change: &Change) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (Change::Insert(at, _) | Change::Remove(at, _) | Change::Repeat(at, _)) = change;
    let (before, after) = characters.split_at(at.index(characters.len() + 1));
    let length = |length: &u8| usize::from(*length).min(after.len());
    let middle: Vec<char> = match change {
        Change::Insert(_, piece) => piece.chars().chain(after.iter().copied()).collect(),
        Change::Remove(_, count) => after[length(count)..].to_vec(),
        Change::Repeat(_, count) => after[..length(count)].iter().chain(after).copied().collect(),
    };
    before.iter().chain(&middle).collect()
}

/// A folder with a configuration whose tables stand beside it.
fn whole(folder: &Path) {
    let file = configuration(folder);
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/tables");
    std::fs::create_dir_all(folder.join("tables")).unwrap();
    for name in FILES.iter().filter_map(|file| file.strip_prefix("tables/")) {
        // Thousands of units say no more than a hundred, and those that the agencies name.
        let table = std::fs::read_to_string(tables.join(name)).unwrap();
        let named = |line: &str| ["60", "593", "22966", "22963"].iter().any(|code| line.contains(code));
        let kept: Vec<&str> = table
            .lines()
            .enumerate()
            .filter(|(place, line)| *place < 100 || named(line))
            .map(|(_, line)| line)
            .collect();
        std::fs::write(folder.join("tables").join(name), kept.join("\n")).unwrap();
    }
    let text = std::fs::read_to_string(&file).unwrap().replace(tables.to_str().unwrap(), "tables");
    std::fs::write(file, text).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_settings_are_read_or_refused_and_no_secret_is_repeated(
        file in select(FILES.to_vec()),
        changes in proptest::collection::vec(change(), 1..5),
    ) {
        let folder = tempfile::tempdir().unwrap();
        whole(folder.path());
        let path = folder.path().join(file);
        let text = changes.iter().fold(std::fs::read_to_string(&path).unwrap(), |text, one| changed(&text, one));
        std::fs::write(&path, text).unwrap();
        let nothing = |_: &str| None;
        let said = match load_with(&folder.path().join("gateway.toml"), &nothing) {
            Ok(settings) => format!("{settings:?}"),
            Err(problems) => format!("{problems} {problems:?}"),
        };
        for secret in [Secrets::PORTAL, Secrets::PORTAL_2, Secrets::POST, Secrets::POST_2] {
            prop_assert!(!said.contains(secret), "{said}");
        }
    }
}

#[test]
fn the_unchanged_settings_are_read() {
    let folder = tempfile::tempdir().unwrap();
    whole(folder.path());
    load_with(&folder.path().join("gateway.toml"), &|_| None).unwrap();
}
