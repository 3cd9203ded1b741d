//! The examples are read as a user would read them; then one thing at a time is broken.

mod accounts;
mod opencps;
mod refusals;
mod tables;

use super::problems::Report;
use super::{Problems, Settings, load_with};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The example with every key.
const GATEWAY: &str = "gateway.example.toml";

/// A password as it is configured.
const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config");

/// A copy of `config/` with the secrets that the examples refer to.
fn copied() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(Path::new(EXAMPLES), copy.path());
    let secrets = copy.path().join("secrets");
    fs::create_dir(&secrets).unwrap();
    let posts = ["post-tien-thanh", "post-ham-thuan", "post-tan-lap", "my-tien-loi"];
    let others = ["amqp-url", "portal-tien-thanh", "portal-yen-binh", "commune-tien-thanh"];
    for name in others.into_iter().chain(posts) {
        write_private(&secrets.join(name), "amqp://gateway:bi-mat@mq.example/%2f\n");
    }
    write_private(&secrets.join("user-lan"), &format!("{HASH}\n"));
    write_private(&secrets.join("admin-key"), "bi-mat\n");
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The variables that the examples name.
fn variable(name: &str) -> Option<String> {
    match name {
        "DEMO_ADMIN_PORT" => Some("18085".to_owned()),
        "DEMO_AMQP_URL" => Some("amqp://guest:guest@127.0.0.1:5672/demo".to_owned()),
        "DEMO_DATA" => Some("/tmp/demo".to_owned()),
        "DEMO_PORTAL_URL" | "DEMO_POST_URL" => Some("http://127.0.0.1:18080".to_owned()),
        "DEMO_USER_PASSWORD" => Some(HASH.to_owned()),
        "DEMO_SECRET" | "PORTAL_PASSWORD_TIEN_LOI" | "POST_SECRET_TIEN_LOI" => Some("bi-mat".to_owned()),
        _ => None,
    }
}

fn loaded(folder: &Path, name: &str) -> Result<Settings, Problems> {
    load_with(&folder.join(name), &variable)
}

#[test]
fn every_file_in_the_folder_of_examples_is_read() {
    let copy = copied();
    let mut tables: BTreeSet<PathBuf> = files(&copy.path().join("tables"));
    for file in files(copy.path()) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        loaded(copy.path(), &name).unwrap_or_else(|problems| panic!("{problems}"));
        let text = fs::read_to_string(&file).unwrap();
        tables.retain(|table| !text.contains(table.file_name().unwrap().to_str().unwrap()));
    }
    assert!(tables.is_empty(), "no example reads {tables:?}");
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).collect()
}

/// The example with the lines of these marks switched on.
fn switched_on(folder: &Path, marks: &[&str]) -> Table {
    let text = fs::read_to_string(folder.join("gateway.example.toml")).unwrap();
    let line = |line: &str| {
        let key = marks.iter().find_map(|mark| line.strip_prefix(mark)).filter(|rest| {
            rest.split_once(" = ").is_some_and(|(key, _)| {
                !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '"' | '-'))
            })
        });
        key.unwrap_or(line).to_owned()
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n").parse().unwrap()
}

#[test]
fn the_defaults_in_the_example_are_the_defaults_of_the_reader() {
    let copy = copied();
    let untouched = loaded(copy.path(), "gateway.example.toml").unwrap();
    let all = switched_on(copy.path(), &["#"]).to_string();
    fs::write(copy.path().join("gateway.example.toml"), all).unwrap();
    let written_out = loaded(copy.path(), "gateway.example.toml").unwrap();
    assert_eq!(format!("{written_out:#?}"), format!("{untouched:#?}"));
}

#[test]
fn the_example_documents_each_key_that_the_reader_knows() {
    let copy = copied();
    let mut documented = BTreeSet::new();
    collect_keys(&switched_on(copy.path(), &["#~", "#"]), "", &mut documented);
    let agencies = fs::read_to_string(copy.path().join("tables/agencies.toml")).unwrap();
    let agencies = agencies.lines().map(|line| {
        let key = line.strip_prefix("#~").or_else(|| line.strip_prefix('#'));
        key.filter(|key| key.starts_with(|c: char| c.is_ascii_lowercase())).unwrap_or(line)
    });
    collect_keys(&agencies.collect::<Vec<_>>().join("\n").parse().unwrap(), "", &mut documented);

    let report = Report::new(&variable);
    super::read(&report, &copy.path().join("gateway.example.toml")).unwrap();
    let known: BTreeSet<String> =
        report.known_keys().into_iter().filter(|key| !key.ends_with(".file")).collect();
    let missing: Vec<_> = known.difference(&documented).collect();
    let unknown: Vec<_> = documented.difference(&known).collect();
    assert_eq!((missing, unknown), (vec![], vec![]), "not documented, documented and not known");
}

/// Names that users choose stand between these and the keys.
const NAMED: [&str; 2] = ["accounts", "agencies"];
/// Tables whose keys are all the user's own words.
const MAPS: [&str; 9] = [
    "codes",
    "corrections",
    "hours_from",
    "post_hours_from",
    "post_week_from",
    "status_codes",
    "statuses",
    "tracking_codes",
    "week_from",
];

fn collect_keys(table: &Table, path: &str, keys: &mut BTreeSet<String>) {
    for (key, value) in table {
        let name = if NAMED.contains(&path) { "<name>" } else { key };
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Table(inner) if !inner.contains_key("file") && !MAPS.contains(&name) => {
                collect_keys(inner, &path, keys);
            }
            Value::Array(entries) if entries.iter().all(Value::is_table) => {
                let tables = entries.iter().filter_map(Value::as_table);
                tables.for_each(|entry| collect_keys(entry, &format!("{path}[]"), keys));
            }
            Value::Table(_)
            | Value::Array(_)
            | Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_) => {
                keys.insert(path);
            }
        }
    }
}

#[test]
fn doubtful_settings_are_warnings() {
    use std::os::unix::fs::PermissionsExt as _;
    let copy = copied();
    let path = copy.path().join(GATEWAY);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("#listen = \"127.0.0.1:8085\"", "listen = \"0.0.0.0:8085\"", 1)).unwrap();
    let secret = copy.path().join("secrets/portal-tien-thanh");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let warnings = loaded(copy.path(), GATEWAY).unwrap().warnings;
    let keys: BTreeSet<&str> = warnings.iter().map(|warning| warning.key.as_str()).collect();
    assert_eq!(keys, BTreeSet::from(["accounts.portal-tien-thanh.password", "admin.listen"]));
}

#[test]
fn settings_never_print_a_secret() {
    let copy = copied();
    let printed = format!("{:?}", loaded(copy.path(), GATEWAY).unwrap());
    assert!(!printed.contains("bi-mat"), "{printed}");
}

#[test]
fn the_version_of_the_tables_follows_their_content() {
    let copy = copied();
    let before = loaded(copy.path(), GATEWAY).unwrap().tables.version.clone();
    let path = copy.path().join("tables/procedures.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}2.000999,2.000999,gateway,,,,\n")).unwrap();
    assert_ne!(before, loaded(copy.path(), GATEWAY).unwrap().tables.version);
}
