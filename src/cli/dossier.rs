//! `dossier`: everything about one dossier, as a timeline.

use super::output::{Output, local, or_dash, table};
use super::{Exit, complain, report, words};
use crate::config::Settings;
use crate::journal::report::{
    AttemptLine, AuditLine, CashLine, DossierReport, EventLine, FlagLine, HandoffLine, TrackingLine,
};
use crate::partners::{self, Partners};
use jiff::Timestamp;
use lienthong_core::outcome::ReasonCode;
use std::collections::BTreeSet;

pub(super) fn show(settings: &Settings, code: &str, output: Output) -> anyhow::Result<Exit> {
    let Some(dossier) = report(settings)?.dossier(code)? else {
        complain(&format!("Không có hồ sơ {code} trong sổ."));
        return Ok(Exit::NotFound);
    };
    let partners = partners::build(&settings.accounts)?;
    output.show(&dossier, |dossier| text(dossier, settings, &partners))?;
    Ok(Exit::Done)
}

fn text(dossier: &DossierReport, settings: &Settings, partners: &Partners) -> String {
    let agency = settings.tables.agencies.values().find(|agency| agency.code.as_str() == dossier.agency);
    let agency = agency
        .map_or_else(|| dossier.agency.clone(), |agency| format!("{} ({})", agency.name, dossier.agency));
    let handoffs: Vec<Vec<String>> = dossier.handoffs.iter().map(handoff_row).collect();
    let heads = ["Việc", "Mã", "Trạng thái", "Lần gửi", "Lý do", "Trường cần sửa"];
    format!(
        "Hồ sơ {}, {agency}\n\n{}\n{}{}\n{}",
        dossier.dossier,
        table(&heads, &handoffs),
        cash(&dossier.cash),
        explanations(dossier, partners),
        table(&["Thời điểm", "Diễn biến", "Chi tiết"], &timeline(dossier))
    )
}

/// What the codes of stopped handoffs and of flags say, each once.
fn explanations(dossier: &DossierReport, partners: &Partners) -> String {
    let stopped = dossier
        .handoffs
        .iter()
        .filter(|handoff| matches!(handoff.state.as_str(), "dead" | "held" | "uncertain"));
    let flags = dossier.flags.iter().map(|flag| &flag.code);
    let codes: BTreeSet<&String> = stopped.filter_map(|handoff| handoff.code.as_ref()).chain(flags).collect();
    let lines = codes.into_iter().filter_map(|code| {
        let text = partners.reason_text(&ReasonCode::stored(code.clone()))?;
        Some(format!("\n{code}: {}", text.vi))
    });
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("{lines}\n") }
}

/// What the postman collects, and how far it got.
fn cash(lines: &[CashLine]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let moment = |at: Option<Timestamp>| at.map_or_else(|| "chưa".to_owned(), local);
    let row = |line: &CashLine| {
        let expected = line.expected.map_or_else(|| "–".to_owned(), words::money);
        vec![line.number.clone(), expected, moment(line.collected_at), moment(line.settled_at)]
    };
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    format!("\n{}\n", table(&["Thu hộ theo đơn", "Phải thu", "Đã thu", "Đã đối soát"], &rows))
}

/// A handoff in a table.
pub(super) fn handoff_row(handoff: &HandoffLine) -> Vec<String> {
    vec![
        title(handoff),
        handoff.number.clone().unwrap_or_else(|| handoff.handoff.clone()),
        state(handoff),
        handoff.attempts.to_string(),
        or_dash(handoff.code.as_deref()),
        or_dash(handoff.field.as_deref()),
    ]
}

pub(super) fn title(handoff: &HandoffLine) -> String {
    let kind = words::kind(&handoff.kind);
    match (&handoff.leg, handoff.row_status) {
        (Some(leg), _) => format!("{kind} {}", words::leg(leg)),
        (None, Some(status)) => format!("{kind} {}", words::status(status)),
        (None, None) => kind.to_owned(),
    }
}

pub(super) fn state(handoff: &HandoffLine) -> String {
    let state = words::state(&handoff.state);
    if handoff.maybe_doubled { format!("{state}, có thể trùng") } else { state.to_owned() }
}

/// Everything with a time, in order.
fn timeline(dossier: &DossierReport) -> Vec<Vec<String>> {
    let mut moments: Vec<(Timestamp, String, String)> = Vec::new();
    moments.extend(dossier.events.iter().map(event));
    for handoff in &dossier.handoffs {
        moments.push((handoff.planned_at, format!("lập việc: {}", title(handoff)), handoff.account.clone()));
        moments.extend(handoff.tries.iter().map(|attempt| tried(handoff, attempt)));
    }
    moments.extend(dossier.tracking.iter().map(tracked));
    moments.extend(dossier.flags.iter().map(flag));
    moments.extend(dossier.acts.iter().map(act));
    moments.sort_by_key(|(at, ..)| *at);
    moments.into_iter().map(|(at, what, detail)| vec![local(at), what, detail]).collect()
}

fn event(event: &EventLine) -> (Timestamp, String, String) {
    let status = event.status.map(|status| format!(" {}", words::status(status))).unwrap_or_default();
    let waiting = if event.state == "waiting" { ", chờ sự kiện trước" } else { "" };
    let what = format!("một cửa: {}{status}", words::event(&event.kind));
    (event.arrived_at, what, format!("lúc {}, sự kiện {}{waiting}", local(event.happened_at), event.event))
}

fn tried(handoff: &HandoffLine, attempt: &AttemptLine) -> (Timestamp, String, String) {
    let outcome = words::outcome(attempt.outcome.as_deref());
    let what = format!("gửi lần {}: {}: {outcome}", attempt.n, title(handoff));
    let status = attempt.http_status.map(|status| format!("HTTP {status}"));
    let took = attempt.duration_ms.map(|took| format!("{took} ms"));
    let details = [attempt.code.clone(), status, took];
    (attempt.started_at, what, details.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn tracked(line: &TrackingLine) -> (Timestamp, String, String) {
    let waybill = line.waybill.as_ref().map(|waybill| format!(", mã vận đơn {waybill}")).unwrap_or_default();
    let said =
        line.state.as_deref().map(words::tracking).into_iter().chain(line.cash.as_deref().map(words::cash));
    let what = format!("bưu điện: {}", said.collect::<Vec<_>>().join(", "));
    (line.at, what, format!("{}, mã {}{waybill}", line.number, line.wire_code))
}

fn flag(flag: &FlagLine) -> (Timestamp, String, String) {
    let what = if flag.task { "việc cần làm tại một cửa" } else { "lưu ý" };
    let closed = flag.closed_at.map(|at| format!(", xong {}", local(at))).unwrap_or_default();
    let number = if flag.task { format!("số {}, ", flag.id) } else { String::new() };
    (flag.at, what.to_owned(), format!("{number}{}{closed}", flag.code))
}

fn act(act: &AuditLine) -> (Timestamp, String, String) {
    let what = format!("cán bộ: {}", words::act(&act.act));
    let subject = (Some(&act.subject) != act.dossier.as_ref()).then(|| act.subject.clone());
    let reason = act.reason.as_ref().map(|reason| format!("lý do: {reason}"));
    let details = [Some(act.who.clone()), subject, act.detail.clone(), reason];
    (act.at, what, details.into_iter().flatten().collect::<Vec<_>>().join(", "))
}
