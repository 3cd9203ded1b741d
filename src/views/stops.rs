//! What is not called now, since when, until when and why: blocks, pauses, maintenance, breakers, quotas.

use super::Sentence;
use super::overview::Around;
use crate::journal::Error;
use crate::journal::report::{AccountState, JournalReport};
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::ReasonCode;
use serde::Serialize;
use utoipa::ToSchema;

/// Why something is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The partner does not let the account in: somebody must act.
    Blocked,
    /// An operator's will.
    Paused,
    /// Announced maintenance.
    Maintenance,
    /// The partner does not answer this operation.
    Away,
    /// The partner answers again, and is tried carefully.
    Trying,
    /// The day's calls are used up.
    QuotaSpent,
    /// The partner asked for a wait.
    AskedToWait,
}

impl Cause {
    /// Its word.
    pub(crate) fn word(self) -> Sentence {
        match self {
            Self::Blocked => Sentence::new("BỊ CHẶN", "blocked"),
            Self::Paused => Sentence::new("tạm dừng", "paused"),
            Self::Maintenance => Sentence::new("bảo trì", "maintenance"),
            Self::Away => Sentence::new("không trả lời", "does not answer"),
            Self::Trying => Sentence::new("đang thử lại", "tried carefully"),
            Self::QuotaSpent => Sentence::new("hết lượt hôm nay", "no calls left today"),
            Self::AskedToWait => Sentence::new("đối tác yêu cầu chờ", "asked to wait"),
        }
    }

    /// What it means, in one sentence.
    pub fn means(self) -> Sentence {
        match self {
            Self::Blocked => Sentence::new(
                "Bị chặn: đối tác không cho tài khoản này vào; không gửi gì cho đến khi có người sửa và bấm tiếp tục.",
                "Blocked: the partner does not let this account in; nothing is sent until somebody mends it and resumes.",
            ),
            Self::Paused => Sentence::new(
                "Tạm dừng: người vận hành đã dừng; việc vẫn xếp hàng, không mất, và đi tiếp khi hết hạn hoặc bấm tiếp tục.",
                "Paused: an operator stopped it; work queues up, is not lost, and goes on at the end or when resumed.",
            ),
            Self::Maintenance => Sentence::new(
                "Bảo trì đã báo trước trong cấu hình; hết giờ cổng kết nối tự gửi tiếp.",
                "Announced maintenance in the configuration; the gateway goes on by itself when it ends.",
            ),
            Self::Away => Sentence::new(
                "Đối tác không trả lời loại việc này; cổng kết nối tự thử lại và không tính vào số lần thử.",
                "The partner does not answer this operation; the gateway tries again by itself and counts no attempt.",
            ),
            Self::Trying => Sentence::new(
                "Đối tác đã trả lời lại; cổng kết nối đang gửi từng ít một rồi tăng dần.",
                "The partner answers again; the gateway sends a little first and then more.",
            ),
            Self::QuotaSpent => Sentence::new(
                "Đã dùng hết số lượt gọi của ngày; cổng kết nối tự gửi tiếp vào ngày mai.",
                "The day's calls are used up; the gateway goes on by itself tomorrow.",
            ),
            Self::AskedToWait => Sentence::new(
                "Đối tác yêu cầu chờ; hết giờ chờ cổng kết nối tự gửi tiếp.",
                "The partner asked for a wait; the gateway goes on by itself afterwards.",
            ),
        }
    }
}

/// Something that is not called now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stop {
    /// `post`, `portal`, `commune`, or an account.
    pub scope: String,
    /// Why.
    pub cause: Cause,
    /// What it means.
    pub means: Sentence,
    /// The operation, of a partner that does not answer it.
    pub operation: Option<String>,
    /// Since when; `None` when that is not known.
    pub since: Option<Timestamp>,
    /// Until when, or when it is tried next; `None`: until somebody acts.
    pub until: Option<Timestamp>,
    /// The partner's reason code, of a block.
    pub code: Option<String>,
    /// The operator's reason, or what the code says.
    pub why: Option<Sentence>,
}

impl Stop {
    fn new(scope: &str, cause: Cause, since: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        let (scope, means) = (scope.to_owned(), cause.means());
        Self { scope, cause, means, operation: None, since, until, code: None, why: None }
    }
}

/// Everything that is not called now.
pub(crate) fn stops(report: &JournalReport, around: Around<'_>) -> Result<Vec<Stop>, Error> {
    let (settings, now) = (around.settings, around.now);
    let mut stops = Vec::new();
    for state in report.account_states(now)? {
        if settings.accounts.contains_key(&AccountName::new(&state.account)) {
            stops.extend(of_account(&state, around));
        }
    }
    for pause in report.pauses()?.into_iter().filter(|pause| pause.until.is_none_or(|until| until > now)) {
        let why = Some(Sentence::new(pause.reason.as_str(), pause.reason.as_str()));
        stops.push(Stop { why, ..Stop::new(&pause.scope, Cause::Paused, Some(pause.since), pause.until) });
    }
    for window in &settings.maintenance {
        if let Some((since, until)) = window.span.now(now) {
            let why = Some(Sentence::new(window.reason.as_str(), window.reason.as_str()));
            stops
                .push(Stop { why, ..Stop::new(&window.scope, Cause::Maintenance, Some(since), Some(until)) });
        }
    }
    for breaker in report.breakers()? {
        let cause = if breaker.state == "trying" { Cause::Trying } else { Cause::Away };
        let operation = Some(breaker.operation.to_owned());
        stops.push(Stop {
            operation,
            ..Stop::new(&breaker.account, cause, breaker.since, breaker.next_probe_at)
        });
    }
    Ok(stops)
}

/// A block, a wait that was asked for, a quota that is spent.
fn of_account(state: &AccountState, around: Around<'_>) -> Vec<Stop> {
    let mut stops = Vec::new();
    let name = state.account.as_str();
    if let Some(code) = &state.blocked {
        let text = around.partners.reason_text(&ReasonCode::stored(code.clone()));
        let why = text.map(|text| Sentence::from(&text));
        let code = Some(code.clone());
        stops.push(Stop { code, why, ..Stop::new(name, Cause::Blocked, state.blocked_at, None) });
    }
    if let Some(until) = state.not_before.filter(|until| *until > around.now) {
        stops.push(Stop::new(name, Cause::AskedToWait, None, Some(until)));
    }
    let quota =
        around.settings.accounts.get(&AccountName::new(name)).and_then(|account| account.quota_per_day);
    if quota.is_some_and(|quota| state.used_today >= quota) {
        let code = Some(reasons::QUOTA_SPENT.to_owned());
        stops.push(Stop { code, ..Stop::new(name, Cause::QuotaSpent, None, None) });
    }
    stops
}
