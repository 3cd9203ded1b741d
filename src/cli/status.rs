//! `status`: how everything stands, from the journal.

use super::output::{Output, ago, local, local_or_dash, or_dash, table};
use super::{Exit, report, words};
use crate::clock;
use crate::config::Settings;
use crate::config::settings::AccountSettings;
use crate::journal::report::{AccountLine, AlarmLine, BreakerLine, Overview, PauseLine};
use jiff::Timestamp;
use lienthong_core::maintenance::Window;
use std::collections::BTreeSet;

pub(super) fn show(settings: &Settings, output: Output) -> anyhow::Result<Exit> {
    let mut overview = report(settings)?.overview()?;
    let now = clock::now();
    overview.maintenance =
        settings.maintenance.iter().filter_map(|window| maintenance(window, now)).collect();
    output.show(&overview, |overview| text(overview, settings, now))?;
    Ok(Exit::Done)
}

fn text(overview: &Overview, settings: &Settings, now: Timestamp) -> String {
    let mut parts = vec![format!(
        "Sự kiện đã nhận: {} (gần nhất {}), chờ sự kiện trước: {}, cách ly: {}, việc cần làm tại một cửa: {}",
        overview.events,
        local_or_dash(overview.last_event_at),
        overview.waiting_events,
        overview.quarantined,
        overview.tasks
    )];
    parts.push(open(overview, now));
    parts.extend(alarms(overview, now));
    let accounts: Vec<Vec<String>> =
        settings.accounts.values().map(|account| account_row(account, overview, now)).collect();
    parts.push(table(
        &["Tài khoản", "Tình trạng", "Lý do", "Thành công gần nhất", "Đọc hành trình"],
        &accounts,
    ));
    if !overview.breakers.is_empty() {
        let rows: Vec<Vec<String>> = overview.breakers.iter().map(breaker_row).collect();
        parts.push(table(&["Tài khoản", "Loại việc", "Đối tác", "Từ", "Thử lại lúc"], &rows));
    }
    let mut pauses = overview.pauses.iter().chain(&overview.maintenance).peekable();
    if pauses.peek().is_some() {
        let rows: Vec<Vec<String>> = pauses.map(pause_row).collect();
        parts.push(table(&["Tạm dừng", "Lý do", "Từ", "Đến"], &rows));
    }
    parts.join("\n\n")
}

fn open(overview: &Overview, now: Timestamp) -> String {
    if overview.open.is_empty() {
        return "Không có việc nào đang mở.".to_owned();
    }
    let rows: Vec<Vec<String>> = overview
        .open
        .iter()
        .map(|line| {
            vec![
                words::partner(&line.partner).to_owned(),
                words::state(&line.state).to_owned(),
                line.count.to_string(),
                ago(line.oldest, now),
            ]
        })
        .collect();
    table(&["Đối tác", "Trạng thái", "Số việc", "Cũ nhất"], &rows)
}

/// The alarms that stand, each with what it means and where the runbook goes on.
fn alarms(overview: &Overview, now: Timestamp) -> Option<String> {
    let rows: Vec<Vec<String>> = overview.alarms.iter().map(|alarm| alarm_row(alarm, now)).collect();
    let meant: BTreeSet<String> = overview
        .alarms
        .iter()
        .map(|alarm| format!("{}: {} ({})", alarm.alarm, alarm.meaning, alarm.runbook))
        .collect();
    let meant: Vec<String> = meant.into_iter().collect();
    let heads = ["CẢNH BÁO", "Đối tượng", "Số lượng", "Kéo dài", "Báo lúc"];
    (!rows.is_empty()).then(|| format!("{}\n{}", table(&heads, &rows), meant.join("\n")))
}

fn alarm_row(alarm: &AlarmLine, now: Timestamp) -> Vec<String> {
    let (count, lasts, said) = (alarm.count.to_string(), ago(alarm.since, now), local(alarm.raised_at));
    vec![alarm.alarm.to_owned(), alarm.scope.clone(), count, lasts, said]
}

fn account_row(account: &AccountSettings, overview: &Overview, now: Timestamp) -> Vec<String> {
    let (name, partner) = (account.name.as_str(), account.partner().name());
    let known = overview.accounts.iter().find(|line| line.account == name);
    let pause = overview.pauses.iter().chain(&overview.maintenance).find(|pause| {
        (pause.scope == name || pause.scope == partner) && pause.until.is_none_or(|until| until > now)
    });
    let (state, reason) = match (known.and_then(|line| line.blocked.clone()), pause) {
        (Some(code), _) => ("BỊ CHẶN", Some(code)),
        (None, Some(pause)) => ("tạm dừng", Some(pause.reason.clone())),
        (None, None) => ("mở", None),
    };
    let at = |time: fn(&AccountLine) -> Option<Timestamp>| local_or_dash(known.and_then(time));
    vec![
        name.to_owned(),
        state.to_owned(),
        or_dash(reason.as_deref()),
        at(|line| line.last_success_at),
        at(|line| line.feed_read_at),
    ]
}

/// The window, if it is open now.
fn maintenance(window: &Window, now: Timestamp) -> Option<PauseLine> {
    let (since, until) = window.span.now(now)?;
    Some(PauseLine { scope: window.scope.clone(), reason: window.reason.clone(), since, until: Some(until) })
}

fn breaker_row(breaker: &BreakerLine) -> Vec<String> {
    let state =
        if breaker.state == "trying" { "đang thử lại từng việc" } else { "không trả lời" };
    vec![
        breaker.account.clone(),
        breaker.operation.to_owned(),
        state.to_owned(),
        local_or_dash(breaker.since),
        local_or_dash(breaker.next_probe_at),
    ]
}

fn pause_row(pause: &PauseLine) -> Vec<String> {
    vec![pause.scope.clone(), pause.reason.clone(), local(pause.since), local_or_dash(pause.until)]
}
