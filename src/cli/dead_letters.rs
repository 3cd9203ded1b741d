//! `dead-letters`: what stopped, why, and what a person can do.

mod bulk;
mod replay;
mod resolve;
mod uncertain;

use super::arguments::DeadLettersCommand;
use super::dossier::handoff_row;
use super::output::{Output, local, local_or_dash, or_dash, table};
use super::{Exit, command_journal, complain, limit_of, report, words};
use crate::clock;
use crate::config::Settings;
use crate::journal::command::{Acted, CommandJournal, Refusal};
use crate::journal::report::{EditLine, HandoffLine};
use crate::partners;
use crate::users::Agencies;
use crate::views::letters::{self, ShownGroup, ShownLetter};
use crate::views::refusals;
use lienthong_core::ids::HandoffId;
use serde::Serialize;
use serde_json::Value;

pub(super) fn dead_letters(
    settings: &Settings,
    command: &DeadLettersCommand,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let journal = || command_journal(settings, who);
    match command {
        DeadLettersCommand::List { all: false, group: None, .. } => groups(settings, output),
        DeadLettersCommand::List { group, limit, .. } => list(settings, group.as_deref(), *limit, output),
        DeadLettersCommand::Show { handoff, personal } => show(settings, (handoff, *personal), who, output),
        DeadLettersCommand::Uncertain { limit, persons } => {
            uncertain::show(settings, *limit, persons, who, output)
        }
        DeadLettersCommand::Replay(options) => replay::replay(settings, options, who, output),
        DeadLettersCommand::Resolve(options) => resolve::resolve(settings, options, who, output),
        DeadLettersCommand::Dismiss { handoffs, reason } => {
            let now = clock::now();
            to_each(&mut journal()?, handoffs, output, |journal, id| journal.dismiss(id, reason, now))
        }
        DeadLettersCommand::Reopen { handoffs, reason } => {
            let now = clock::now();
            to_each(&mut journal()?, handoffs, output, |journal, id| {
                journal.reopen(id, reason.as_deref(), now)
            })
        }
        DeadLettersCommand::Tasks { task, limit } => bulk::tasks(settings, *task, *limit, output),
        DeadLettersCommand::Stop { task, reason } => {
            let acted = journal()?.stop_task(*task, reason.as_deref(), clock::now())?;
            show_changes(&[Changed::of(task.to_string(), &acted)], "Đợt số", output)
        }
    }
}

fn groups(settings: &Settings, output: Output) -> anyhow::Result<Exit> {
    let partners = partners::build(&settings.accounts)?;
    let groups = letters::groups(&report(settings)?, &partners, &Agencies::all(), clock::now())?;
    output.show(&groups, |groups| {
        if groups.is_empty() {
            return "Không có việc nào dừng lại.".to_owned();
        }
        groups.iter().map(group_text).collect::<Vec<_>>().join("\n\n")
    })?;
    Ok(Exit::Done)
}

fn group_text(shown: &ShownGroup) -> String {
    let line = &shown.cause;
    let sentence = shown.vi.map(|vi| format!("\n  Lý do: {vi}")).unwrap_or_default();
    format!(
        "{} việc: {}, {}\n  Nhóm: {}\n  Từ {} đến {}; ví dụ: {}{sentence}\n  Nên làm: {}",
        line.count,
        words::kind(&line.kind),
        words::class(line.class),
        line.group,
        local(line.first),
        local(line.last),
        line.sample,
        shown.action,
    )
}

fn list(settings: &Settings, group: Option<&str>, limit: u32, output: Output) -> anyhow::Result<Exit> {
    let report = report(settings)?;
    let (limit, agencies) = (limit_of(limit), Agencies::all());
    let stopped = match group {
        Some(group) => report.stopped_of(group, limit, &agencies)?,
        None => report.stopped(limit, &agencies)?,
    };
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

fn show(
    settings: &Settings,
    (id, personal): (&str, bool),
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let partners = partners::build(&settings.accounts)?;
    let shown = letters::letter(&report(settings)?, &partners, id, personal, &Agencies::all())?;
    let Some(shown) = shown else {
        complain(&format!("Không có việc {id} trong sổ."));
        return Ok(Exit::NotFound);
    };
    if personal {
        let dossier = Some(shown.handoff.dossier.as_str());
        command_journal(settings, who)?.unmasked(id, dossier, None, clock::now())?;
    }
    output.show(&shown, text)?;
    Ok(Exit::Done)
}

fn text(shown: &ShownLetter) -> String {
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
    let edits: String = shown.edits.iter().map(|edit| edited(edit, &pretty)).collect();
    let group = shown.group.as_ref().map(|group| format!("Nhóm: {group}\n")).unwrap_or_default();
    let action = shown.action.map(|action| format!("Nên làm: {action}\n")).unwrap_or_default();
    format!(
        "Hồ sơ {}, tài khoản {}\n{}\n\n{group}{action}{}\n{}\n\n{}{said}\n\nNội dung: {}{edits}",
        handoff.dossier,
        handoff.account,
        table(&heads, &[handoff_row(handoff)]),
        shown.vi.unwrap_or("Mã lý do này không có trong bảng; hãy xem câu trả lời của đối tác."),
        shown.en.unwrap_or_default(),
        table(&["Lần", "Lúc", "Kết quả", "Lý do"], &tries),
        pretty(&shown.content),
    )
}

fn edited(edit: &EditLine, pretty: &impl Fn(&Option<Value>) -> String) -> String {
    let how = if edit.how == "edited" { "Sửa" } else { "Lập lại" };
    let reason = edit.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let patch =
        if edit.how == "edited" { format!("\nPhần sửa: {}", pretty(&edit.patch)) } else { String::new() };
    let original = pretty(&edit.original);
    format!("\n\n{how} lúc {} bởi {}{reason}{patch}\nNội dung trước đó: {original}", local(edit.at), edit.who)
}

/// What became of one subject of a command.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    subject: String,
    result: &'static str,
    vi: String,
    #[serde(skip)]
    exit: Exit,
}

impl Changed {
    /// What an act came to.
    pub(super) fn of(subject: String, acted: &Acted) -> Self {
        let (result, vi) = refusals::told_in_commands(acted);
        let exit = match acted {
            Acted::Done | Acted::DueLate | Acted::Found => Exit::Done,
            Acted::Refused(Refusal::Unknown) => Exit::NotFound,
            Acted::Refused(_) => Exit::Refused,
        };
        Self { subject, result, vi, exit }
    }
}

/// Shows what became of each; the first that was refused decides the exit.
pub(super) fn show_changes(changes: &[Changed], head: &str, output: Output) -> anyhow::Result<Exit> {
    output.show(&changes, |changes| {
        let rows: Vec<Vec<String>> =
            changes.iter().map(|changed| vec![changed.subject.clone(), changed.vi.clone()]).collect();
        table(&[head, "Kết quả"], &rows)
    })?;
    let refused = changes.iter().map(|changed| changed.exit).find(|exit| *exit != Exit::Done);
    Ok(refused.unwrap_or(Exit::Done))
}

/// Does the same to each handoff.
fn to_each(
    journal: &mut CommandJournal,
    handoffs: &[String],
    output: Output,
    mut one: impl FnMut(&mut CommandJournal, &HandoffId) -> Result<Acted, crate::journal::Error>,
) -> anyhow::Result<Exit> {
    let mut changes = Vec::new();
    for handoff in handoffs {
        let acted = one(journal, &HandoffId::new(handoff.as_str()))?;
        changes.push(Changed::of(handoff.clone(), &acted));
    }
    show_changes(&changes, "Mã việc", output)
}
