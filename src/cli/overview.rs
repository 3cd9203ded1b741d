//! `overview` and `partners`: what the first page and the page of partners show.

use super::output::{Output, ago, local, local_or_dash, or_dash, table};
use super::{Exit, readiness, report, words};
use crate::admin::Readiness;
use crate::clock;
use crate::config::Settings;
use crate::partners;
use crate::users::{Actor, Agencies, Role};
use crate::views::overview::{self, Around, Overview, Today};
use crate::views::partners::{self as shown, Account, Partners};
use crate::views::stops::Stop;
use jiff::Timestamp;
use std::collections::BTreeMap;

pub(super) fn show(settings: &Settings, output: Output) -> anyhow::Result<Exit> {
    let asked = readiness::ask(settings)?;
    let is_heard = asked.is_some();
    let (readiness, partners) = (asked.unwrap_or_else(nothing_heard), partners::build(&settings.accounts)?);
    let around = Around { settings, partners: &partners, readiness: &readiness, now: clock::now() };
    // Whoever may read the journal's file sees every agency.
    let seen = overview::overview(&report(settings)?, &Agencies::all(), around)?;
    output.show(&seen, |seen| {
        let silent =
            format!("Không có cổng kết nối nào trả lời ở {}: đèn chưa rõ.\n\n", settings.admin.listen);
        format!("{}{}", if is_heard { "" } else { &silent }, text(seen))
    })?;
    Ok(Exit::Done)
}

pub(super) fn partners(settings: &Settings, who: &str, output: Output) -> anyhow::Result<Exit> {
    let partners = partners::build(&settings.accounts)?;
    // What holds an account up stands in the journal and in the configuration.
    let around = Around { settings, partners: &partners, readiness: &nothing_heard(), now: clock::now() };
    // Whoever may write to the journal's file may pause what he likes.
    let actor = Actor { name: who.to_owned(), role: Role::Admin, agencies: Agencies::all() };
    let seen = shown::partners(&report(settings)?, &actor, around)?;
    output.show(&seen, partners_text)?;
    Ok(Exit::Done)
}

fn nothing_heard() -> Readiness {
    Readiness { ready: false, dependencies: BTreeMap::new() }
}

fn text(seen: &Overview) -> String {
    let lamps = seen.lamps.iter().map(|lamp| {
        let todo = lamp.todo.as_ref().map(|todo| format!(" {}", todo.vi)).unwrap_or_default();
        let says = format!("{}{todo}", lamp.says.vi);
        let light = words::light(lamp.light).to_owned();
        vec![words::lamp(lamp.name).to_owned(), light, local_or_dash(lamp.since), says]
    });
    let mut parts = vec![
        format!("Số liệu đến {}", local(seen.as_of)),
        table(&["Đèn", "Tình trạng", "Từ", "Nghĩa là"], &lamps.collect::<Vec<_>>()),
    ];
    let alarms = seen.alarms.iter().map(|alarm| {
        let count = alarm.count.to_string();
        vec![alarm.code.clone(), alarm.scope.clone(), count, local(alarm.since), alarm.means.vi.clone()]
    });
    parts.extend(listed(&["CẢNH BÁO", "Đối tượng", "Số lượng", "Từ", "Nghĩa là"], alarms.collect()));
    let stops = seen.stops.iter().map(stop_row).collect();
    parts.extend(listed(&["Đang không gọi", "Nghĩa là", "Lý do", "Từ", "Đến"], stops));
    parts.push(today(&seen.today));
    let oldest = seen.oldest.iter().map(|oldest| {
        let age = oldest.planned_at.map_or_else(|| "không có việc chờ".to_owned(), |at| ago(at, seen.as_of));
        vec![words::partner(&oldest.partner).to_owned(), age]
    });
    parts.extend(listed(&["Đối tác", "Việc cũ nhất chưa tới nơi"], oldest.collect()));
    if let Some(last) = seen.hours.last() {
        let more = if seen.more_open { " trở lên" } else { "" };
        let rate = last.events_per_minute;
        parts.push(format!("Lúc này: {rate} sự kiện mỗi phút, {}{more} việc đang mở.", last.open));
    }
    parts.join("\n\n")
}

/// A table; nothing where it has no row.
fn listed(heads: &[&str], rows: Vec<Vec<String>>) -> Option<String> {
    (!rows.is_empty()).then(|| table(heads, &rows))
}

fn stop_row(stop: &Stop) -> Vec<String> {
    let operation = stop.operation.as_deref().map(|kind| format!(" ({})", words::kind(kind)));
    vec![
        format!("{}{}", stop.scope, operation.unwrap_or_default()),
        stop.means.vi.clone(),
        or_dash(stop.why.as_ref().map(|why| why.vi.as_str())),
        local_or_dash(stop.since),
        local_or_dash(stop.until),
    ]
}

fn today(today: &Today) -> String {
    let accepted: Vec<String> = today
        .accepted
        .iter()
        .map(|(partner, count)| format!(", {} đã nhận {count}", words::partner(partner)))
        .collect();
    let quarantined = today.quarantined.map(|count| format!(", cách ly {count}")).unwrap_or_default();
    format!(
        "Hôm nay: sự kiện đến {}{}, kết thúc cách khác {}, đã dừng và chưa xử lý {}{quarantined}.",
        today.events,
        accepted.concat(),
        today.ended_otherwise,
        today.stopped
    )
}

fn partners_text(seen: &Partners) -> String {
    if seen.accounts.is_empty() {
        return "Chưa có tài khoản nào trong cấu hình.".to_owned();
    }
    seen.accounts.iter().map(account_text).collect::<Vec<_>>().join("\n\n")
}

fn account_text(account: &Account) -> String {
    let or_never = |at: Option<Timestamp>| at.map_or_else(|| "chưa".to_owned(), local);
    let quota = match account.quota_per_day {
        Some(quota) => format!("{} / {quota} lượt hôm nay", account.used_today.unwrap_or(0)),
        None => "không giới hạn lượt".to_owned(),
    };
    let waits: Vec<String> =
        account.schedule.waits_seconds.iter().map(|seconds| format!("{seconds} giây")).collect();
    let mut lines = vec![
        format!("{} ({}): {}", account.account, words::partner(&account.partner), account.means.vi),
        format!("  Cơ quan: {}", or_dash(Some(account.agencies.join(", ").as_str()))),
        format!("  Cùng lúc {}, mỗi giây {}, {quota}", account.concurrency, account.rate),
        format!(
            "  Gửi lại sau {}; tối đa {} lần, {} giờ",
            waits.join(", "),
            account.schedule.attempts,
            account.schedule.hours
        ),
        format!("  Thành công gần nhất: {}", or_never(account.last_success_at)),
    ];
    lines.extend(account.stops.iter().map(|stop| format!("  {}", stop_row(stop).join("; "))));
    lines.extend(account.feed.iter().map(|feed| {
        let stuck = feed.stuck_at.map(|at| format!(", ĐỨNG YÊN từ {}", local(at))).unwrap_or_default();
        format!("  Đọc hành trình: {}, tin mới nhất {}{stuck}", or_never(feed.read_at), or_never(feed.row_at))
    }));
    lines.extend(account.waybills.iter().map(|pool| {
        format!("  Mã vận đơn: còn {}, đã gắn {}, {} đơn đang chờ mã", pool.free, pool.bound, pool.waiting)
    }));
    lines.extend(account.certificates.iter().map(|certificate| {
        let left = certificate.days_left.map_or_else(
            || "không đọc được".to_owned(),
            |days| if days < 0 { "đã hết hạn".to_owned() } else { format!("còn {days} ngày") },
        );
        format!("  {}: {left}", words::purpose(certificate.purpose))
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::tests::Stage;
    use crate::journal::report::JournalReport;

    #[tokio::test]
    async fn the_running_gateway_is_asked_for_its_lamps() {
        let stage = Stage::new().await;
        let mut settings = stage.world.settings.clone();
        settings.admin.listen = stage.address;
        let asking = settings.clone();
        let asked = tokio::task::spawn_blocking(move || readiness::ask(&asking)).await.unwrap().unwrap();
        let heard = asked.expect("it runs");
        assert!(heard.dependencies.contains_key("broker") && !heard.ready, "{heard:?}");
        drop(stage);
        settings.admin.listen = ([127, 0, 0, 1], 1).into();
        let asked = tokio::task::spawn_blocking(move || readiness::ask(&settings)).await.unwrap().unwrap();
        assert_eq!(asked, None);
    }

    #[tokio::test]
    async fn overview_and_partners_are_told_in_words() {
        let stage = Stage::new().await;
        let settings = &stage.world.settings;
        let report = JournalReport::open(&settings.journal.path).unwrap();
        let partners = partners::build(&settings.accounts).unwrap();
        let (readiness, now) = (nothing_heard(), clock::now());
        let around = Around { settings, partners: &partners, readiness: &readiness, now };
        let overview = text(&overview::overview(&report, &Agencies::all(), around).unwrap());
        for words in
            ["Hàng đợi", "Đồng hồ", "không rõ", "Chưa có tin.", "Hôm nay: sự kiện đến 0", "0 việc đang mở"]
        {
            assert!(overview.contains(words), "{words}: {overview}");
        }
        let actor = Actor { name: "root".to_owned(), role: Role::Admin, agencies: Agencies::all() };
        let partners = partners_text(&shown::partners(&report, &actor, around).unwrap());
        for words in ["commune-8 (Phần mềm của xã): Mở", "Cơ quan: H11.01.08", "0 / 40 lượt hôm nay"]
        {
            assert!(partners.contains(words), "{words}: {partners}");
        }
    }
}
