//! `pause` and `resume`: the operator's hand, which wins over automation and survives a restart.

use super::arguments::PauseOptions;
use super::output::{Output, local};
use super::{Exit, command_journal, complain};
use crate::clock;
use crate::config::Settings;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use lienthong_core::ids::AccountName;
use lienthong_core::maintenance;
use lienthong_core::tables::VIETNAM;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct Paused {
    scope: String,
    paused: bool,
    until: Option<Timestamp>,
}

pub(super) fn pause(
    settings: &Settings,
    options: &PauseOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let now = clock::now();
    let until = match options.until.as_deref().map(|text| (text, until(text, now))) {
        None => None,
        Some((_, Some(until))) if until > now => Some(until),
        Some((text, _)) => {
            complain(&format!(
                "{text:?} không phải là thời điểm sắp tới; hãy viết như \"2h\" hoặc \"2022-09-15T17:00\""
            ));
            return Ok(Exit::Configuration);
        }
    };
    if !is_known(settings, &options.scope) {
        return Ok(Exit::NotFound);
    }
    let mut journal = command_journal(settings, who)?;
    journal.pause(&options.scope, &options.reason, until, now)?;
    let paused = Paused { scope: options.scope.clone(), paused: true, until };
    output.show(&paused, |paused| match paused.until {
        Some(until) => format!("Đã tạm dừng {} đến {}.", paused.scope, local(until)),
        None => format!("Đã tạm dừng {} cho đến khi có lệnh resume.", paused.scope),
    })?;
    Ok(Exit::Done)
}

pub(super) fn resume(
    settings: &Settings,
    (scope, reason): (&str, Option<&str>),
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    if !is_known(settings, scope) {
        return Ok(Exit::NotFound);
    }
    let mut journal = command_journal(settings, who)?;
    let now = clock::now();
    let resumed = journal.resume(scope, reason, now)?;
    if let Some((_, _, until)) = maintenance::current(&settings.maintenance, &[scope], now) {
        complain(&format!(
            "{scope} đang bảo trì theo cấu hình ([[maintenance]]) đến {}; lệnh resume không kết thúc bảo trì.",
            local(until)
        ));
    }
    if !resumed {
        complain(&format!("{scope} không bị tạm dừng và không bị chặn."));
        return Ok(Exit::Refused);
    }
    let resumed = Paused { scope: scope.to_owned(), paused: false, until: None };
    output.show(&resumed, |resumed| format!("Đã tiếp tục {}.", resumed.scope))?;
    Ok(Exit::Done)
}

fn is_known(settings: &Settings, scope: &str) -> bool {
    let known = matches!(scope, "post" | "portal" | "commune")
        || settings.accounts.contains_key(&AccountName::new(scope));
    if !known {
        let names: Vec<&str> = settings.accounts.keys().map(AccountName::as_str).collect();
        complain(&format!(
            "Không có đối tác hay tài khoản {scope}; có: post, portal, commune, {}",
            names.join(", ")
        ));
    }
    known
}

/// A duration from now, an instant, or a time as clocks show it in Việt Nam.
pub(super) fn until(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(wait) = text.parse::<SignedDuration>() {
        return now.checked_add(wait).ok();
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    VIETNAM.to_timestamp(text.parse::<DateTime>().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_duration_an_instant_or_a_vietnamese_time() {
        let now: Timestamp = "2022-09-15T03:00:00Z".parse().unwrap();
        let check = |text, expected: Option<&str>| {
            assert_eq!(until(text, now), expected.map(|at| at.parse().unwrap()), "{text}");
        };
        check("2h", Some("2022-09-15T05:00:00Z"));
        check("2022-09-15T17:00", Some("2022-09-15T10:00:00Z"));
        check("2022-09-15T17:00:00+07:00", Some("2022-09-15T10:00:00Z"));
        check("mai", None);
    }
}
