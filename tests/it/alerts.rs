//! What is shipped for Prometheus and Grafana says what the gateway says: metrics that exist, sections that are there.
//!
//! That each alert is raised at its edge, and only there, is tested by `promtool` (`make test`).

use lienthong::telemetry::measures::{Kind, MEASURES};
use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Names of metrics as Prometheus has them.
fn exposed() -> BTreeSet<String> {
    let names = MEASURES.iter().flat_map(|measure| match measure.kind {
        Kind::Counter | Kind::Gauge => vec![measure.name.to_owned()],
        Kind::Histogram => ["bucket", "sum", "count"].map(|part| format!("{}_{part}", measure.name)).to_vec(),
    });
    names.collect()
}

/// Metrics of the gateway that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("lienthong_")).map(str::to_owned).collect()
}

/// The values of a key in a YAML file of one key a line.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let lines = text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix(key));
    lines.map(|value| value.trim().trim_matches('"')).collect()
}

const RULES: &str = "config/prometheus/lienthong.rules.yml";
const DASHBOARD: &str = "config/grafana/lienthong.json";

#[test]
fn alerts_and_dashboard_name_metrics_that_exist() {
    for file in [RULES, DASHBOARD, "tests/prometheus/lienthong.test.yml"] {
        let named = named(&read(file));
        assert!(named.len() >= 10, "{file} names {named:?}");
        let unknown: Vec<_> = named.difference(&exposed()).cloned().collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
}

#[test]
fn the_dashboard_shows_every_metric() {
    let dashboard: serde_json::Value = serde_json::from_str(&read(DASHBOARD)).unwrap();
    let shown = named(&dashboard["panels"].to_string());
    let missing: Vec<_> = MEASURES
        .iter()
        .filter(|measure| !shown.iter().any(|name| name.starts_with(measure.name)))
        .map(|measure| measure.name)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn each_alert_is_tested_and_documented_and_points_to_a_section_that_is_there() {
    let rules = read(RULES);
    let (tests, document) = (read("tests/prometheus/lienthong.test.yml"), read("docs/operating.md"));
    let alerts = values(&rules, "alert:");
    for alert in &alerts {
        assert!(
            tests.contains(&format!("{alert},")) || tests.contains(&format!("{alert}\"")),
            "{alert} is not tested"
        );
        assert!(document.contains(&format!("| `{alert}` |")), "{alert} is not documented");
    }
    let anchors: BTreeSet<String> = ["docs/runbook.md", "docs/operating.md"]
        .into_iter()
        .flat_map(|file| {
            let text = read(file);
            let anchors = text.lines().filter_map(|line| {
                let heading = line.strip_prefix("### ").or_else(|| line.strip_prefix("## "))?;
                let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
                Some(format!("{file}#{}", kept.collect::<String>().to_lowercase().replace(' ', "-")))
            });
            anchors.collect::<Vec<_>>()
        })
        .collect();
    let pages = values(&rules, "runbook:");
    assert_eq!(pages.len(), alerts.len());
    for page in pages {
        // The watchdogs' alert names the section by its label.
        let there = anchors.contains(page) || page == "docs/runbook.md#{{ $labels.alarm | toLower }}";
        assert!(there, "{page}");
    }
}
