//! `figures`: how an agency stands by Decision 766/QĐ-TTg, and the counts of the national report.

mod told;

use super::arguments::{FiguresCommand, FiguresOptions};
use super::output::{Output, say};
use super::{Exit, command_journal, complain, report};
use crate::clock;
use crate::config::Settings;
use crate::journal::report::FigureList;
use crate::views::figures::{self, Intake};
use anyhow::Context as _;
use jiff::Timestamp;
use lienthong_core::figures::{Period, reported};
use lienthong_core::ids::AgencyCode;
use serde::Serialize;
use std::path::Path;

/// Problems of a file that are shown.
const SHOWN: usize = 20;

pub(super) fn figures(
    settings: &Settings,
    options: &FiguresOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    if let Some(FiguresCommand::Import { file, reason }) = &options.command {
        return import(settings, file, reason.as_deref(), who, output);
    }
    let now = clock::now();
    let Some(period) = period(options, now) else { return Ok(Exit::Configuration) };
    if let Some(agency) = &options.agency
        && settings.tables.agency(&AgencyCode::new(agency.as_str())).is_none()
    {
        complain(&format!("Cơ quan {agency} không có trong bảng agencies."));
        return Ok(Exit::NotFound);
    }
    let sees = |agency: &str| options.agency.as_deref().is_none_or(|wanted| wanted == agency);
    let report = report(settings)?;
    if options.missing {
        let missing = figures::missing(&report, settings, sees, (period, options.limit), now)?;
        return show(&missing, options.csv, figures::missing_csv, told::missing, output);
    }
    if let Some(list) = options.list.as_deref().and_then(FigureList::from_name) {
        let list = figures::list(&report, settings, sees, (period, list, options.limit), now)?;
        return show(&list, options.csv, figures::list_csv, told::list, output);
    }
    let shown = figures::figures(&report, settings, sees, (period, Intake::Unknown), now)?;
    show(&shown, options.csv, figures::figures_csv, told::figures, output)
}

fn show<T: Serialize>(
    shown: &T,
    as_csv: bool,
    csv: fn(&T) -> String,
    text: fn(&T) -> String,
    output: Output,
) -> anyhow::Result<Exit> {
    if as_csv {
        say(&csv(shown))?
    } else {
        output.show(shown, text)?
    }
    Ok(Exit::Done)
}

/// The period that is asked for; what is wrong with it is said.
fn period(options: &FiguresOptions, now: Timestamp) -> Option<Period> {
    if let Some(name) = &options.period {
        let period = Period::read(name);
        if period.is_none() {
            complain(&format!("{name:?} không phải một kỳ; viết 2026-11, 2026-Q4 hoặc 2026."));
        }
        return period;
    }
    let Some((from, to)) = options.from.zip(options.to) else { return Some(Period::month_of(now)) };
    let period = Period::of_days(from, to);
    if period.is_none() {
        complain(&format!("Từ {from} đến {to} không phải một khoảng ngày."));
    }
    period
}

/// What an import came to.
#[derive(Debug, Serialize)]
struct Imported {
    new: usize,
    changed: usize,
    same: usize,
}

fn import(
    settings: &Settings,
    file: &Path,
    reason: Option<&str>,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("không đọc được {shown}"))?;
    let counts = match reported::read(&text, |agency| settings.tables.agency(agency).is_some()) {
        Ok(counts) => counts,
        Err(problems) => {
            complain(&format!("{shown}: {} chỗ sai, không nhập gì:", problems.len()));
            problems.iter().take(SHOWN).for_each(|problem| complain(&format!("  {problem}")));
            return Ok(Exit::Refused);
        }
    };
    let brought = command_journal(settings, who)?.import_reported(&counts, reason, clock::now())?;
    let imported = Imported { new: brought.new, changed: brought.changed, same: brought.same };
    output.show(&imported, |imported| {
        format!(
            "Đã nhập số liệu báo cáo quốc gia: {} mới, {} thay đổi (số cũ còn trong nhật ký thao tác), {} giữ nguyên.",
            imported.new, imported.changed, imported.same
        )
    })?;
    Ok(Exit::Done)
}
