//! `[traces]`: where traces are exported to, if anywhere.

use super::reader::Section;
use super::rules::{http_url, number, text};
use super::settings::TracesSettings;

/// Reads the section; a build that cannot export says what to do.
pub(super) fn settings(section: &Section<'_>, available: bool) -> Option<TracesSettings> {
    let endpoint = section.optional("endpoint", http_url("http://127.0.0.1:4318/v1/traces"));
    let header_name = section.optional("header_name", text("X-Api-Key"));
    let header_value = section.optional_secret("header_value");
    for (key, other) in [("header_name", "header_value"), ("header_value", "header_name")] {
        if section.has(other) && !section.has(key) {
            section.problem(key, format!("is missing; {other} is set, and a header has both"));
        }
    }
    let service_name = section.or("service_name", text("lienthong"), "lienthong".to_owned());
    let sampled_percent = section.or("sampled_percent", number(0..=100, 100), 100);
    let authority = section.optional_file("authority", "tls/collector-ca.pem");
    if section.has("endpoint") && !available {
        section.problem(
            "endpoint",
            "is set, and this program cannot export traces; install one that was built with --features otel, or take the key out",
        );
    }
    Some(TracesSettings {
        endpoint: endpoint?.parse().ok()?,
        service_name,
        sampled_percent,
        authority,
        header: header_name.zip(header_value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::problems::Report;
    use crate::config::reader::Origin;
    use std::path::Path;

    /// What is read of a section, and what is said of it.
    fn read(section: &str, available: bool) -> (Option<TracesSettings>, Vec<String>) {
        let nothing = |_: &str| None;
        let report = Report::new(&nothing);
        let root = Section::root(&report, Origin::of(Path::new("gateway.toml")), section.parse().unwrap());
        let settings = settings(&root, available);
        drop(root);
        let problems = report.finish().err();
        let said = problems.iter().flat_map(|problems| problems.all()).map(|problem| problem.text.clone());
        (settings, said.collect())
    }

    #[test]
    fn without_an_address_nothing_is_exported_whatever_the_build() {
        for (section, available) in [("", false), ("", true), ("sampled_percent = 10", true)] {
            let (settings, said) = read(section, available);
            assert!(settings.is_none() && said.is_empty(), "{said:?}");
        }
    }

    #[test]
    fn an_address_is_taken_by_a_build_that_can_export_and_refused_by_another() {
        let section = "endpoint = \"http://127.0.0.1:4318/v1/traces\"\nsampled_percent = 10";
        let (settings, said) = read(section, true);
        assert_eq!((settings.unwrap().sampled_percent, said.len()), (10, 0));
        let expected = "is set, and this program cannot export traces; install one that was built with --features otel, or take the key out";
        assert_eq!(read(section, false).1, [expected]);
    }
}
