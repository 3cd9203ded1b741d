//! `audit`: what operators did.

use super::output::{Output, local, or_dash, table};
use super::{Exit, complain, pause, report, words};
use crate::clock;
use crate::config::Settings;
use crate::journal::report::AuditLine;
use jiff::{SignedDuration, Timestamp};

pub(super) fn show(
    settings: &Settings,
    since: Option<&str>,
    limit: u32,
    output: Output,
) -> anyhow::Result<Exit> {
    let Some(since) = since.map_or(Some(Timestamp::UNIX_EPOCH), |text| self::since(text, clock::now()))
    else {
        complain("Không hiểu --since; hãy viết như \"7d\" hoặc \"2022-09-15T17:00\"");
        return Ok(Exit::Configuration);
    };
    let acts = report(settings)?.audit(since, limit)?;
    output.show(&acts, |acts| {
        if acts.is_empty() {
            return "Chưa có thao tác nào.".to_owned();
        }
        let rows: Vec<Vec<String>> = acts.iter().map(row).collect();
        table(&["Lúc", "Ai", "Thao tác", "Đối tượng", "Hồ sơ", "Lý do", "Chi tiết"], &rows)
    })?;
    Ok(Exit::Done)
}

fn row(act: &AuditLine) -> Vec<String> {
    vec![
        local(act.at),
        act.who.clone(),
        words::act(&act.act).to_owned(),
        act.subject.clone(),
        or_dash(act.dossier.as_deref()),
        or_dash(act.reason.as_deref()),
        or_dash(act.detail.as_deref()),
    ]
}

/// A duration before now, in which a day has 24 hours; an instant; or a time as clocks show it in Việt Nam.
fn since(text: &str, now: Timestamp) -> Option<Timestamp> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok());
    let before = days.map(|days| SignedDuration::from_hours(days.saturating_mul(24)));
    match before.or_else(|| text.parse().ok()) {
        Some(before) => now.checked_sub(before).ok(),
        None => pause::until(text, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_a_duration_ago_or_a_time() {
        let now: Timestamp = "2022-09-15T03:00:00Z".parse().unwrap();
        let check = |text, expected: Option<&str>| {
            assert_eq!(since(text, now), expected.map(|at| at.parse().unwrap()), "{text}");
        };
        check("2h", Some("2022-09-15T01:00:00Z"));
        check("7d", Some("2022-09-08T03:00:00Z"));
        check("2022-09-14T17:00", Some("2022-09-14T10:00:00Z"));
        check("hôm qua", None);
    }
}
