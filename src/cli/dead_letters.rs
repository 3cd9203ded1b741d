//! `dead-letters`: what stopped, why, and what a person can do.

use super::arguments::DeadLettersCommand;
use super::dossier::handoff_row;
use super::output::{Output, local, local_or_dash, or_dash, table};
use super::{Exit, command_journal, complain, mask, report, words};
use crate::clock;
use crate::config::Settings;
use crate::journal::command::{CommandJournal, Replayed};
use crate::journal::report::HandoffLine;
use crate::partners::{self, Partners};
use lienthong_core::ids::HandoffId;
use lienthong_core::outcome::ReasonCode;
use serde::Serialize;
use serde_json::Value;

pub(super) fn dead_letters(
    settings: &Settings,
    command: &DeadLettersCommand,
    output: Output,
) -> anyhow::Result<Exit> {
    match command {
        DeadLettersCommand::List { limit } => list(settings, *limit, output),
        DeadLettersCommand::Show { handoff, personal } => show(settings, handoff, *personal, output),
        DeadLettersCommand::Replay { handoffs, not_there } => {
            change(settings, handoffs, output, |journal, id| journal.replay(id, *not_there, clock::now()))
        }
        DeadLettersCommand::Dismiss { handoffs } => {
            change(settings, handoffs, output, |journal, id| journal.dismiss(id, clock::now()))
        }
    }
}

fn list(settings: &Settings, limit: u32, output: Output) -> anyhow::Result<Exit> {
    let stopped = report(settings)?.stopped(limit)?;
    output.show(&stopped, |stopped| {
        if stopped.is_empty() {
            return "Không có việc nào dừng lại.".to_owned();
        }
        let rows: Vec<Vec<String>> = stopped.iter().map(row).collect();
        let heads = ["Mã việc", "Hồ sơ", "Việc", "Trạng thái", "Từ lúc", "Lý do", "Trường cần sửa"];
        table(&heads, &rows)
    })?;
    Ok(Exit::Done)
}

fn row(handoff: &HandoffLine) -> Vec<String> {
    let since = handoff.dead_at.or(handoff.uncertain_since);
    vec![
        handoff.handoff.clone(),
        handoff.dossier.clone(),
        words::kind(&handoff.kind).to_owned(),
        words::state(&handoff.state).to_owned(),
        local_or_dash(since),
        or_dash(handoff.code.as_deref()),
        or_dash(handoff.field.as_deref()),
    ]
}

/// One dead letter as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    handoff: HandoffLine,
    vi: Option<&'static str>,
    en: Option<&'static str>,
    content: Option<Value>,
    said: Option<Value>,
}

fn show(settings: &Settings, id: &str, personal: bool, output: Output) -> anyhow::Result<Exit> {
    let report = report(settings)?;
    let Some(handoff) = report.handoff(id)? else {
        complain(&format!("Không có việc {id} trong sổ."));
        return Ok(Exit::NotFound);
    };
    let partners = partners::build(&settings.accounts)?;
    let (content, said) = report.handoff_payload(id)?;
    let seen = |value: Option<Value>| value.map(|value| if personal { value } else { mask::strict(&value) });
    let (vi, en) = sentences(&partners, handoff.code.as_deref());
    let shown = Shown { vi, en, content: seen(content), said: seen(said), handoff };
    output.show(&shown, text)?;
    Ok(Exit::Done)
}

fn sentences(partners: &Partners, code: Option<&str>) -> (Option<&'static str>, Option<&'static str>) {
    let text = code.and_then(|code| partners.reason_text(&ReasonCode::stored(code.to_owned())));
    (text.map(|text| text.vi), text.map(|text| text.en))
}

fn text(shown: &Shown) -> String {
    let handoff = &shown.handoff;
    let heads = ["Việc", "Mã", "Trạng thái", "Lần gửi", "Lý do", "Trường cần sửa"];
    let tries: Vec<Vec<String>> = handoff
        .tries
        .iter()
        .map(|attempt| {
            vec![
                attempt.n.to_string(),
                local(attempt.started_at),
                words::outcome(attempt.outcome.as_deref()).to_owned(),
                or_dash(attempt.code.as_deref()),
            ]
        })
        .collect();
    let pretty = |value: &Option<Value>| match value {
        Some(value) => serde_json::to_string_pretty(value).unwrap_or_default(),
        None => "đã xóa".to_owned(),
    };
    let said = shown.said.as_ref().map(|said| format!("\n\nĐối tác trả lời: {said}")).unwrap_or_default();
    format!(
        "Hồ sơ {}, tài khoản {}\n{}\n\n{}\n{}\n\n{}{said}\n\nNội dung: {}",
        handoff.dossier,
        handoff.account,
        table(&heads, &[handoff_row(handoff)]),
        shown.vi.unwrap_or("Mã lý do này không có trong bảng; hãy xem câu trả lời của đối tác."),
        shown.en.unwrap_or_default(),
        table(&["Lần", "Lúc", "Kết quả", "Lý do"], &tries),
        pretty(&shown.content),
    )
}

/// What became of one handoff.
#[derive(Debug, Serialize)]
struct Changed {
    handoff: String,
    result: &'static str,
    vi: &'static str,
}

fn change(
    settings: &Settings,
    handoffs: &[String],
    output: Output,
    mut one: impl FnMut(&mut CommandJournal, &HandoffId) -> Result<Replayed, crate::journal::Error>,
) -> anyhow::Result<Exit> {
    let mut journal = command_journal(settings)?;
    let mut changed = Vec::new();
    let mut worst = Exit::Done;
    for handoff in handoffs {
        let replayed = one(&mut journal, &HandoffId::new(handoff.as_str()))?;
        let (exit, result, vi) = told(&replayed);
        worst = if worst == Exit::Done { exit } else { worst };
        changed.push(Changed { handoff: handoff.clone(), result, vi });
    }
    output.show(&changed, |changed| {
        let rows: Vec<Vec<String>> =
            changed.iter().map(|changed| vec![changed.handoff.clone(), changed.vi.to_owned()]).collect();
        table(&["Mã việc", "Kết quả"], &rows)
    })?;
    Ok(worst)
}

fn told(replayed: &Replayed) -> (Exit, &'static str, &'static str) {
    match replayed {
        Replayed::Due => (Exit::Done, "done", "đã thực hiện"),
        Replayed::Unknown => (Exit::NotFound, "unknown", "không có việc này"),
        Replayed::NotDead => (Exit::Refused, "not-dead", "việc này không ở trạng thái đã dừng"),
        Replayed::MayBeThere => (
            Exit::Refused,
            "may-be-there",
            "đối tác có thể đã nhận: hãy hỏi đối tác, rồi thêm --not-there nếu họ chưa nhận",
        ),
        Replayed::NoAccount => (
            Exit::Refused,
            "no-account",
            "tài khoản của việc này không có trong cấu hình: hãy khai báo lại tài khoản, hoặc chờ sự kiện mới của hồ sơ",
        ),
        Replayed::Erased => (Exit::Refused, "erased", "nội dung đã xóa: phần mềm một cửa phải gửi lại hồ sơ"),
    }
}
