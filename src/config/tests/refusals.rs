//! One thing of the example is broken at a time: what is said, word for word.

use super::{GATEWAY, copied, loaded, variable};
use crate::config::load_with;
use std::fs;
use std::path::Path;

/// Replaces a text in one of the example's files and shows what is refused, one problem a line.
pub(super) fn refused(changes: &[(&str, &str, &str)]) -> String {
    let copy = copied();
    for (file, from, to) in changes {
        let path = copy.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }
    let problems = match loaded(copy.path(), "gateway.example.toml") {
        Ok(_) => return "accepted".to_owned(),
        Err(problems) => problems,
    };
    let folder = format!("{}/", copy.path().display());
    let lines = problems.all().iter().map(|problem| {
        let file = problem.file.replace(&folder, "");
        format!("{file}: {}: {}", problem.key, problem.text)
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn check(changes: &[(&str, &str, &str)], expected: &str) {
    assert_eq!(refused(changes), expected, "{changes:?}");
}

#[test]
fn a_broken_value_names_key_value_rule_and_example() {
    let refusals = [
        (
            "#grace = \"20s\"",
            "grace = \"20\"",
            r#"grace: "20" is not a duration; write a number and a unit, as in "20s""#,
        ),
        (
            "#grace = \"20s\"",
            "grace = 20",
            r#"grace: 20 is not a duration; write a number and a unit, as in "20s""#,
        ),
        (
            "#mode = \"live\"",
            "mode = \"dry\"",
            r#"mode: "dry" is not one of live, observe; write one of them, as in "live""#,
        ),
        (
            "#prefetch = 1000",
            "prefetch = 0",
            "intake.prefetch: 0 is not a whole number from 1 to 65535; write it without quotes, as in 1000",
        ),
        (
            "#message_cap = \"1MiB\"",
            "message_cap = \"1MB\"",
            r#"intake.message_cap: "1MB" is not a size; write a number and B, KiB, MiB or GiB, as in "1MiB""#,
        ),
        ("#prefetch = 1000", "prefetsh = 1000", "intake.prefetsh: is not known here; did you mean prefetch?"),
        (
            "#listen = \"127.0.0.1:8085\"",
            "listen = \"localhost\"",
            r#"admin.listen: "localhost" is not an address and port; write both, as in "127.0.0.1:8085""#,
        ),
        (
            "#filter = \"info\"",
            "filter = \"lienthong=loud\"",
            r#"log.filter: "lienthong=loud" is not a log filter; write a level, or levels by module, as in "info,lienthong=debug""#,
        ),
        (
            "#waits = [\"15s\"",
            "waits = [\"0s\"",
            r#"accounts.portal-tien-thanh.schedule.waits: ["0s", "1m", "5m", "15m", "30m", "1h", "2h"] is not a list in which each entry is a duration; write a number and a unit, as in ["30s"]"#,
        ),
        (
            "auth_endpoint = \"/mapi/login\"",
            "auth_endpoint = \"mapi/login\"",
            r#"accounts.portal-tien-thanh.auth_endpoint: "mapi/login" is not a path; begin it with a slash, as in "/mapi/login""#,
        ),
        (
            "interface = \"portal-adapter\"",
            "",
            r#"accounts.portal-tien-thanh.interface: is missing; write one of them, as in "post-ngsp""#,
        ),
    ];
    for (from, to, expected) in refusals {
        check(&[(GATEWAY, from, to)], &format!("{GATEWAY}: {expected}"));
    }
}

#[test]
fn traces_go_to_an_address_with_a_whole_header_or_none() {
    check(
        &[(GATEWAY, "#~endpoint = \"http", "endpoint = \"ftp")],
        r#"gateway.example.toml: traces.endpoint: "ftp://127.0.0.1:4318/v1/traces" is not an address with http or https, a host and no password; write it in full, as in "http://127.0.0.1:4318/v1/traces""#,
    );
    check(
        &[(GATEWAY, "#~header_name = \"Authorization\"", "header_name = \"Authorization\"")],
        "gateway.example.toml: traces.header_value: is missing; header_name is set, and a header has both",
    );
}

#[test]
fn the_code_that_means_delivered_has_no_default() {
    check(
        &[(GATEWAY, "tracking_codes = { \"4\" = \"delivered\"", "tracking_codes = { \"4\" = \"collected\"")],
        r#"gateway.example.toml: accounts.post-tien-thanh.tracking_codes: has no code that means delivered; ask the post which it is and write it, as in "4" = "delivered""#,
    );
    check(
        &[(
            GATEWAY,
            "tracking_codes = { \"4\" = \"delivered\"",
            "tracking_codes = { \"4\" = \"deliverd\", \"5\" = \"delivered\"",
        )],
        r#"gateway.example.toml: accounts.post-tien-thanh.tracking_codes.4: "deliverd" is not one of requested, accepted, collecting, collected, in-transit, out-for-delivery, delivered, failed-attempt, returning, returned, cancelled, unknown, cash-collected, cash-settled, nor a list of one for the parcel and one for its cash; write one of them, as in "delivered""#,
    );
}

#[test]
fn secrets_are_neither_written_out_nor_shown() {
    let password = "password = { file = \"secrets/portal-tien-thanh\" }";
    check(
        &[(GATEWAY, password, "password = \"bi-mat\"")],
        r#"gateway.example.toml: accounts.portal-tien-thanh.password: is a secret and does not belong into this file; write "${NAME}" for a variable or { file = "path" } for a file"#,
    );
    check(
        &[(GATEWAY, password, "password = { file = \"secrets/none\" }")],
        r#"gateway.example.toml: accounts.portal-tien-thanh.password: the file "secrets/none" cannot be read as text; put the secret there"#,
    );
    check(
        &[(GATEWAY, "${PORTAL_PASSWORD_TIEN_LOI}", "${NOT_SET}")],
        "gateway.example.toml: accounts.portal-tien-loi.password: the environment variable NOT_SET is not set; set it for the daemon",
    );
    check(
        &[(GATEWAY, "url = { file = \"secrets/amqp-url\" }", "url = \"amqp://a:bi-mat@mq.example\"")],
        r#"gateway.example.toml: broker.url: is a secret and does not belong into this file; write "${NAME}" for a variable or { file = "path" } for a file"#,
    );
    check(&[(GATEWAY, "url = { file = \"secrets/amqp-url\" }", "url = \"amqp://mq.example\"")], "accepted");
}

#[test]
fn sources_speak_for_configured_agencies_only() {
    check(
        &[(GATEWAY, "agencies = [\"H11.01.07\"]", "agencies = [\"H11.01.7\"]")],
        r#"gateway.example.toml: sources[1].agencies: "H11.01.7" is no agency of the table of agencies; did you mean H11.01.07?"#,
    );
    check(
        &[(
            GATEWAY,
            "source = \"urn:lienthong:commune:H11.01.08\"",
            "source = \"urn:lienthong:commune:H11.01.07\"",
        )],
        r#"gateway.example.toml: sources[2].source: "urn:lienthong:commune:H11.01.07" stands twice; write one entry a source"#,
    );
    let copy = copied();
    let path = copy.path().join(GATEWAY);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("agencies = [\"H11.01.07\"]", "agencies = [\"H11.*\"]", 1)).unwrap();
    let settings = loaded(copy.path(), GATEWAY).unwrap();
    let rules = settings.tables.sources.values().next().unwrap();
    assert_eq!(rules.agencies.len(), 2);
}

#[test]
fn maintenance_is_once_or_weekly_and_of_somebody_configured() {
    let weekly = "weekly = \"Sun 22:00-23:30\"";
    let refusals = [
        (
            "scope = \"portal\"",
            "scope = \"portl\"",
            r#"maintenance[1].scope: "portl" is neither a partner nor an account; did you mean portal?"#,
        ),
        (
            "until = 2022-09-18T02:00:00+07:00",
            "until = 2022-09-17T02:00:00+07:00",
            "maintenance[1].until: is not after from; a window ends after it begins",
        ),
        (
            "until = 2022-09-18T02:00:00+07:00",
            "",
            r#"maintenance[1].until: is missing; write from and until, or weekly, as in "Sun 22:00-23:30""#,
        ),
        (
            "from = 2022-09-17T22:00:00+07:00",
            "from = \"22:00\"",
            r#"maintenance[1].from: "22:00" is not a time with its offset; write both, as in "2022-09-18T22:00:00+07:00""#,
        ),
        (
            weekly,
            "weekly = \"Sunday 22h\"",
            r#"maintenance[2].weekly: "Sunday 22h" is not a span of the week; write a day (Mon, Tue, Wed, Thu, Fri, Sat, Sun) and two times, as in "Sun 22:00-23:30""#,
        ),
        (
            weekly,
            "weekly = \"Sun 22:00-23:30\"\nfrom = \"2022-09-17T22:00:00+07:00\"",
            "maintenance[2].weekly: stands beside from or until; write one entry each",
        ),
        (
            "#longest_wait = \"10m\"",
            "longest_wait = \"10s\"",
            "accounts.portal-tien-thanh.breaker.longest_wait: is shorter than first_wait; it must be as long at least",
        ),
    ];
    for (from, to, expected) in refusals {
        check(&[(GATEWAY, from, to)], &format!("{GATEWAY}: {expected}"));
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let found = refused(&[
        (GATEWAY, "#grace = \"20s\"", "grace = \"20\""),
        (GATEWAY, "madonvi = \"H11.01.07\"", ""),
        ("tables/agencies.toml", "phone = \"0510000901\"", ""),
        ("tables/procedures.csv", "2.000908,2.000908,gateway", "2.000908,,gateway"),
    ]);
    assert_eq!(found.lines().count(), 4, "{found}");
}

#[test]
fn a_file_that_is_no_toml_names_the_line_without_its_text() {
    let found = refused(&[(GATEWAY, "[intake]", "password = \"bi-mat")]);
    assert!(found.starts_with("gateway.example.toml: line "), "{found}");
    assert!(found.contains("is not TOML") && !found.contains("bi-mat"), "{found}");
    let missing = load_with(Path::new("none/gateway.toml"), &variable).unwrap_err().to_string();
    assert!(missing.starts_with("none/gateway.toml: 1 problem\n  file  cannot be read"), "{missing}");
}
