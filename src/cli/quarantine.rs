//! `quarantine`: messages that could not be taken in, with the reason.

use super::arguments::QuarantineCommand;
use super::output::{Output, local, or_dash, table};
use super::{Exit, command_journal, complain, limit_of, report};
use crate::clock;
use crate::config::Settings;
use crate::journal::report::QuarantineLine;
use crate::partners;
use crate::users::Agencies;
use crate::views::quarantine;

pub(super) fn quarantine(
    settings: &Settings,
    command: &QuarantineCommand,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    match command {
        QuarantineCommand::List { limit } => list(settings, *limit, output),
        QuarantineCommand::Show { id, personal } => show(settings, (*id, *personal), who, output),
    }
}

fn list(settings: &Settings, limit: u32, output: Output) -> anyhow::Result<Exit> {
    let lines = report(settings)?.quarantine(limit_of(limit), &Agencies::all())?;
    output.show(&lines, |lines| {
        if lines.is_empty() {
            return "Không có thông điệp nào bị cách ly.".to_owned();
        }
        let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
        table(&["Số", "Đến lúc", "Lý do", "Trường", "Khóa định tuyến", "Byte"], &rows)
    })?;
    Ok(Exit::Done)
}

fn row(line: &QuarantineLine) -> Vec<String> {
    vec![
        line.id.to_string(),
        local(line.arrived_at),
        line.code.clone(),
        or_dash(line.field.as_deref()),
        line.routing_key.clone(),
        line.size.to_string(),
    ]
}

fn show(settings: &Settings, (id, personal): (i64, bool), who: &str, output: Output) -> anyhow::Result<Exit> {
    let partners = partners::build(&settings.accounts)?;
    let shown = quarantine::message(&report(settings)?, &partners, id, personal, &Agencies::all())?;
    let Some(shown) = shown else {
        complain(&format!("Không có thông điệp cách ly số {id}."));
        return Ok(Exit::NotFound);
    };
    if personal {
        command_journal(settings, who)?.unmasked(&format!("quarantine {id}"), None, None, clock::now())?;
    }
    output.show(&shown, |shown| {
        let line = &shown.message;
        let body = shown.body.as_ref().map(|body| format!("\n\n{body}")).unwrap_or_default();
        format!(
            "{}\n\n{}\n{}\nChi tiết: {}\nKiểu: {}\nSHA-256: {}{body}",
            table(&["Số", "Đến lúc", "Lý do", "Trường", "Khóa định tuyến", "Byte"], &[row(line)]),
            shown.vi.unwrap_or_default(),
            shown.en.unwrap_or_default(),
            line.detail,
            or_dash(line.content_type.as_deref()),
            line.sha256,
        )
    })?;
    Ok(Exit::Done)
}
