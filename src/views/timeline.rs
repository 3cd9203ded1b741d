//! A dossier's life in the order of the clock: the one list that the command prints and the page shows.

use super::dossier::DossierView;
use super::times::local;
use super::words;
use crate::journal::report::{AttemptLine, AuditLine, EventLine, FlagLine, HandoffLine, TrackingLine};
use jiff::Timestamp;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
    /// Codes, numbers and what was written beside it.
    pub detail: String,
    /// The handoff that it belongs to, if it does.
    pub handoff: Option<String>,
}

/// Everything with a time, in order.
pub fn timeline(dossier: &DossierView) -> Vec<Moment> {
    let mut moments: Vec<Moment> = dossier.events.iter().map(event).collect();
    for handoff in &dossier.handoffs {
        moments.push(planned(handoff));
        moments.extend(handoff.tries.iter().map(|attempt| tried(handoff, attempt)));
    }
    moments.extend(dossier.tracking.iter().map(tracked));
    moments.extend(dossier.flags.iter().map(flag));
    moments.extend(dossier.acts.iter().map(act));
    moments.sort_by_key(|moment| moment.at);
    moments
}

/// What a handoff is, in Vietnamese.
pub(crate) fn title(handoff: &HandoffLine) -> String {
    let kind = words::kind(&handoff.kind);
    match (&handoff.leg, handoff.row_status) {
        (Some(leg), _) => format!("{kind} {}", words::leg(leg)),
        (None, Some(status)) => format!("{kind} {}", words::status(status)),
        (None, None) => kind.to_owned(),
    }
}

/// The same in English: the gateway's own words.
pub(crate) fn title_en(handoff: &HandoffLine) -> String {
    match (&handoff.leg, handoff.row_status) {
        (Some(leg), _) => format!("{} {leg}", handoff.kind),
        (None, Some(status)) => format!("{} {status}", handoff.kind),
        (None, None) => handoff.kind.clone(),
    }
}

/// Where a handoff stands, in Vietnamese.
pub(crate) fn state(handoff: &HandoffLine) -> String {
    let state = words::state(&handoff.state);
    if handoff.maybe_doubled { format!("{state}, có thể trùng") } else { state.to_owned() }
}

fn event(event: &EventLine) -> Moment {
    let status = event.status.map(|status| format!(" {}", words::status(status))).unwrap_or_default();
    let waits = event.state == "waiting";
    let waiting = if waits { ", chờ sự kiện trước" } else { "" };
    let waiting_en = if waits { ", waits for the one before" } else { "" };
    let status_en = event.status.map(|status| format!(" {status}")).unwrap_or_default();
    Moment {
        at: event.arrived_at,
        vi: format!("một cửa: {}{status}{waiting}", words::event(&event.kind)),
        en: format!("desk: {}{status_en}{waiting_en}", event.kind),
        detail: format!("{}, {}", local(event.happened_at), event.event),
        handoff: None,
    }
}

fn planned(handoff: &HandoffLine) -> Moment {
    Moment {
        at: handoff.planned_at,
        vi: format!("lập việc: {}", title(handoff)),
        en: format!("planned: {}", title_en(handoff)),
        detail: handoff.account.clone(),
        handoff: Some(handoff.handoff.clone()),
    }
}

fn tried(handoff: &HandoffLine, attempt: &AttemptLine) -> Moment {
    let outcome = words::outcome(attempt.outcome.as_deref());
    let status = attempt.http_status.map(|status| format!("HTTP {status}"));
    let took = attempt.duration_ms.map(|took| format!("{took} ms"));
    let details = [attempt.code.clone(), status, took];
    Moment {
        at: attempt.started_at,
        vi: format!("gửi lần {}: {}: {outcome}", attempt.n, title(handoff)),
        en: format!(
            "attempt {}: {}: {}",
            attempt.n,
            title_en(handoff),
            attempt.outcome.as_deref().unwrap_or("under way")
        ),
        detail: details.into_iter().flatten().collect::<Vec<_>>().join(", "),
        handoff: Some(handoff.handoff.clone()),
    }
}

fn tracked(line: &TrackingLine) -> Moment {
    let waybill = line.waybill.as_ref().map(|waybill| format!(", {waybill}")).unwrap_or_default();
    let said =
        line.state.as_deref().map(words::tracking).into_iter().chain(line.cash.as_deref().map(words::cash));
    let cash_en = line.cash.as_deref().map(|cash| format!("cash {cash}"));
    let said_en = line.state.clone().into_iter().chain(cash_en);
    Moment {
        at: line.at,
        vi: format!("bưu điện: {}", said.collect::<Vec<_>>().join(", ")),
        en: format!("post: {}", said_en.collect::<Vec<_>>().join(", ")),
        detail: format!("{}, {}{waybill}", line.number, line.wire_code),
        handoff: None,
    }
}

fn flag(flag: &FlagLine) -> Moment {
    let (vi, en) = if flag.task {
        ("việc cần làm tại một cửa", "task of the desk")
    } else {
        ("lưu ý", "note")
    };
    let closed = flag.closed_at.map(|at| format!(", xong {}", local(at))).unwrap_or_default();
    let number = if flag.task { format!("số {}, ", flag.id) } else { String::new() };
    Moment {
        at: flag.at,
        vi: vi.to_owned(),
        en: en.to_owned(),
        detail: format!("{number}{}{closed}", flag.code),
        handoff: None,
    }
}

fn act(act: &AuditLine) -> Moment {
    let subject = (Some(&act.subject) != act.dossier.as_ref()).then(|| act.subject.clone());
    let reason = act.reason.as_ref().map(|reason| format!("lý do: {reason}"));
    let details = [Some(act.who.clone()), subject, act.detail.clone(), reason];
    Moment {
        at: act.at,
        vi: format!("cán bộ: {}", words::act(&act.act)),
        en: format!("operator: {}", act.act),
        detail: details.into_iter().flatten().collect::<Vec<_>>().join(", "),
        handoff: None,
    }
}
