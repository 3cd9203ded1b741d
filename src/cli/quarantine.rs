//! `quarantine`: messages that could not be taken in, with the reason.

use super::arguments::QuarantineCommand;
use super::output::{Output, local, or_dash, table};
use super::{Exit, complain, report};
use crate::config::Settings;
use crate::journal::report::QuarantineLine;
use crate::partners;
use lienthong_core::outcome::ReasonCode;
use serde::Serialize;

pub(super) fn quarantine(
    settings: &Settings,
    command: &QuarantineCommand,
    output: Output,
) -> anyhow::Result<Exit> {
    match command {
        QuarantineCommand::List { limit } => list(settings, *limit, output),
        QuarantineCommand::Show { id, personal } => show(settings, *id, *personal, output),
    }
}

fn list(settings: &Settings, limit: u32, output: Output) -> anyhow::Result<Exit> {
    let lines = report(settings)?.quarantine(limit)?;
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

/// One message as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    message: QuarantineLine,
    vi: Option<&'static str>,
    en: Option<&'static str>,
    body: Option<String>,
}

fn show(settings: &Settings, id: i64, personal: bool, output: Output) -> anyhow::Result<Exit> {
    let report = report(settings)?;
    let Some(line) = report.quarantined_message(id)? else {
        complain(&format!("Không có thông điệp cách ly số {id}."));
        return Ok(Exit::NotFound);
    };
    let text = partners::build(&settings.accounts)?.reason_text(&ReasonCode::stored(line.code.clone()));
    let body = if personal { report.quarantined_bytes(id)? } else { None };
    let shown = Shown {
        message: line,
        vi: text.map(|text| text.vi),
        en: text.map(|text| text.en),
        body: body.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    };
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
