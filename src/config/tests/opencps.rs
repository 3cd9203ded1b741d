//! Sources that publish OpenCPS's dossiers: what fits together, and what they mean to the reader.

use super::{GATEWAY, copied, loaded};
use lienthong_commune::{Dialect, Family, Headers};
use lienthong_core::ids::Source;
use lienthong_core::tables::SequenceRule;
use std::fs;

const SITE: &str = "dialect = \"opencps\"";

/// What is said of the example with this text in the place of the site's dialect.
fn said(lines: &str) -> String {
    let copy = copied();
    let path = copy.path().join(GATEWAY);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(SITE));
    fs::write(&path, text.replacen(SITE, lines, 1)).unwrap();
    match loaded(copy.path(), GATEWAY) {
        Ok(_) => String::new(),
        Err(problems) => {
            problems.all().iter().map(|problem| format!("{}: {}\n", problem.key, problem.text)).collect()
        }
    }
}

#[test]
fn the_examples_site_counts_as_opencps_does() {
    let copy = copied();
    let settings = loaded(copy.path(), GATEWAY).unwrap();
    let rules = settings.tables.source(&Source::new("urn:lienthong:opencps:H11.01")).unwrap();
    assert_eq!(rules.sequence, SequenceRule::Increasing);
    assert_eq!(settings.reader.unnamed, Family::CloudEvents);
    assert_eq!(settings.reader.limits.body_bytes, settings.intake.message_cap);
    let dossier = fs::read("adapters/commune/fixtures/opencps/valid/new.json").unwrap();
    let headers = Headers { content_type: Some("application/json"), dialect: Some("opencps"), source: None };
    assert_eq!(settings.reader.dialect_of(&headers).unwrap(), Dialect::OpenCps);
    let event = settings.reader.read(&headers, &dossier).unwrap();
    assert_eq!(event.source.as_str(), "urn:lienthong:opencps:H11.01");
}

#[test]
fn what_does_not_fit_is_told() {
    fn check(lines: &str, expected: &str) {
        assert_eq!(said(lines), expected, "{lines}");
    }
    let number = "sources[3].sequence: does not fit dialect = \"opencps\", whose actions grow with gaps; write \"increasing\"\n";
    check(&format!("{SITE}\nsequence = \"contiguous\""), number);
    check(&format!("{SITE}\nsequence = \"none\""), number);
    check(&format!("{SITE}\nsequence = \"increasing\""), "");
    check(&format!("{SITE}\nstatuses = {{ \"processing_200\" = 5, \"pausing\" = 4 }}"), "");
    check(
        &format!("{SITE}\nstatuses = {{ \"processing\" = 5 }}"),
        "sources[3].statuses: \"processing\" has a meaning, or is no status of OpenCPS; write a sub-status, as in \"processing_200\"\n",
    );
    check(
        &format!("{SITE}\nstatuses = {{ \"pausing\" = 11 }}"),
        "sources[3].statuses.pausing: 11 is not a whole number from 1 to 10; write it without quotes, as in 5\n",
    );
    check(
        "statuses = { \"pausing\" = 4 }",
        "sources[3].statuses: belongs to dialect = \"opencps\"; CloudEvents carry the portal's status\n",
    );
    check(
        "dialect = \"opencp\"",
        "sources[3].dialect: \"opencp\" is not one of cloudevents, opencps; write one of them, as in \"cloudevents\"\n",
    );
    let second = "[[sources]]\nsource = \"urn:b\"\nagencies = [\"H11.01.08\"]\ndialect = \"opencps\"\n";
    check(
        &format!("{SITE}\n{second}"),
        "sources[4].agencies: H11.01.08 has another source with dialect = \"opencps\"; a dossier names its agency alone\n",
    );
}
