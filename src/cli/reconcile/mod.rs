//! `reconcile`: both sides compared, what was found, and having it repaired.
//!
//! A command begins, shows or chooses; asking and sending are the daemon's.

mod csv;
mod list;
mod told;

use super::arguments::{CompareOptions, ReconcileCommand};
use super::confirm::confirmed;
use super::output::{Output, table};
use super::{Exit, command_journal, complain, report, runtime};
use crate::clock;
use crate::config::Settings;
use crate::journal::command::Acted;
use crate::journal::report::{FindingLine, JournalReport, RunLine};
use crate::journal::{Asked, Scope};
use crate::partners;
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, AgencyCode};
use lienthong_core::reconcile::Kind;
use lienthong_core::tables::VIETNAM;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// How often the progress is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// Findings that are named before they are repaired.
const SAMPLE: usize = 5;

pub(super) fn reconcile(
    settings: &Settings,
    command: &ReconcileCommand,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let of = |kind: &Option<String>| kind.as_deref().and_then(Kind::from_name);
    match command {
        ReconcileCommand::Post(compare) => {
            let scope = scope(settings, Partner::Post, compare)?;
            begin(settings, &scope, compare, who, output)
        }
        ReconcileCommand::Portal { compare, list, column } => {
            let mut scope = scope(settings, Partner::Portal, compare)?;
            if let Some(file) = list {
                scope.listed =
                    Some((portal_account(settings, compare)?, list::read(file, column.as_deref())?));
            }
            begin(settings, &scope, compare, who, output)
        }
        ReconcileCommand::List { limit } => runs(settings, *limit, output),
        ReconcileCommand::Show { run, kind, csv } => {
            show(settings, &report(settings)?, *run, of(kind), csv.as_deref(), output)
        }
        ReconcileCommand::Repair { run, kind, reason, yes } => {
            let wish = Wish { run: *run, kind: of(kind), reason: reason.as_deref(), yes: *yes };
            repair(settings, &wish, who, output)
        }
        ReconcileCommand::Stop { run, reason } => {
            let mut journal = command_journal(settings, who)?;
            match journal.stop_reconciliation(*run, reason.as_deref(), clock::now())? {
                Acted::Refused(_) => {
                    complain(&format!("Không có lần đối chiếu số {run} nào đang chạy."));
                    Ok(Exit::NotFound)
                }
                Acted::Done | Acted::DueLate | Acted::Found => {
                    show(settings, &report(settings)?, *run, None, None, output)
                }
            }
        }
    }
}

fn scope(settings: &Settings, partner: Partner, compare: &CompareOptions) -> anyhow::Result<Scope> {
    let now = clock::now();
    let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let rules = &settings.reconcile;
    let from = match compare.from {
        Some(day) => beginning(day)?,
        None => before(SignedDuration::from_hours(24 * i64::from(rules.days))),
    };
    let to = match compare.to {
        Some(day) => beginning(day.checked_add(1.day())?)?.min(now),
        None => now,
    };
    anyhow::ensure!(from < to, "--from is not before --to");
    let agency = compare.agency.as_deref().map(AgencyCode::new);
    if let Some(agency) = &agency {
        anyhow::ensure!(
            settings.tables.agency(agency).is_some(),
            "agency {agency} is not in the table of agencies"
        );
    }
    let visible_before = before(rules.visible_after);
    Ok(Scope { partner, agency, accounts: Vec::new(), from, to, visible_before, listed: None })
}

/// The first moment of a day in Việt Nam.
fn beginning(day: Date) -> anyhow::Result<Timestamp> {
    VIETNAM.to_timestamp(day.at(0, 0, 0, 0)).context("the day is out of range")
}

fn portal_account(settings: &Settings, compare: &CompareOptions) -> anyhow::Result<AccountName> {
    let agency = AgencyCode::new(compare.agency.as_deref().unwrap_or_default());
    let account = settings.tables.account(&agency, Partner::Portal, clock::now()).cloned();
    account.with_context(|| format!("agency {agency} has no account at the portal"))
}

fn begin(
    settings: &Settings,
    scope: &Scope,
    compare: &CompareOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let run = match command_journal(settings, who)?.begin_reconciliation(scope, clock::now())? {
        Asked::Begun(run) => run,
        Asked::Runs(run) => {
            complain(&format!(
                "Lần đối chiếu số {run} với bên này đang chạy; xem bằng `reconcile show {run}`."
            ));
            return Ok(Exit::Refused);
        }
    };
    let report = report(settings)?;
    if !compare.detach {
        complain(&format!(
            "Đối chiếu số {run}: dịch vụ đang chạy sẽ hỏi lần lượt. Có thể rời đi bằng Ctrl-C; xem lại bằng `reconcile show {run}`."
        ));
        follow(&report, run, RunLine::is_running, |run| (run.over(), run.total()))?;
    }
    show(settings, &report, run, None, None, output)
}

/// Shows the progress until it is over. The run is the daemon's: whoever leaves stops nothing.
fn follow(
    report: &JournalReport,
    run: i64,
    goes_on: impl Fn(&RunLine) -> bool,
    progress: impl Fn(&RunLine) -> (i64, i64),
) -> anyhow::Result<()> {
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")?);
    runtime()?.block_on(async {
        while let Some(line) = report.reconciliation(run)? {
            let (over, total) = progress(&line);
            bar.set_length(u64::try_from(total).unwrap_or(0));
            bar.set_position(u64::try_from(over).unwrap_or(0));
            let waits = line.parts.iter().find(|part| part.state == "asking" && part.code.is_some());
            bar.set_message(waits.map_or_else(String::new, |part| {
                format!("{} chưa trả lời: {}", part.account, part.code.as_deref().unwrap_or_default())
            }));
            if !goes_on(&line) {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        anyhow::Ok(())
    })?;
    bar.finish_and_clear();
    Ok(())
}

fn runs(settings: &Settings, limit: u32, output: Output) -> anyhow::Result<Exit> {
    let runs = report(settings)?.reconciliations(limit)?;
    output.show(&runs, |runs| {
        if runs.is_empty() {
            return "Chưa đối chiếu lần nào.".to_owned();
        }
        table(&told::RUN_HEADS, &runs.iter().map(told::run).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

/// A run with what it found.
#[derive(Debug, Serialize)]
struct Shown {
    run: RunLine,
    findings: Vec<FindingLine>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug, Serialize)]
struct LeftOut {
    name: String,
    account: String,
    code: String,
}

fn show(
    settings: &Settings,
    report: &JournalReport,
    run: i64,
    kind: Option<Kind>,
    csv: Option<&Path>,
    output: Output,
) -> anyhow::Result<Exit> {
    let Some(line) = report.reconciliation(run)? else {
        complain(&format!("Không có lần đối chiếu số {run}."));
        return Ok(Exit::NotFound);
    };
    let findings = report.findings(run, kind)?;
    if let Some(file) = csv {
        std::fs::write(file, csv::file(&findings))
            .with_context(|| format!("failed to write {}", file.display()))?;
    }
    let left_out = report.left_out(run)?.into_iter();
    let left_out = left_out.map(|(name, account, code)| LeftOut { name, account, code }).collect();
    let partners = partners::build(&settings.accounts)?;
    output.show(&Shown { run: line, findings, left_out }, |shown| {
        let head = table(&told::RUN_HEADS, &[told::run(&shown.run)]);
        let mut parts = vec![head, told::parts(&shown.run)];
        if !shown.findings.is_empty() {
            parts.extend([
                told::findings(&shown.findings),
                told::legend(&shown.findings, &partners),
                told::plan(&shown.findings),
            ]);
        }
        if !shown.left_out.is_empty() {
            let row = |item: &LeftOut| vec![item.name.clone(), item.account.clone(), item.code.clone()];
            let rows: Vec<Vec<String>> = shown.left_out.iter().map(row).collect();
            parts.push(table(&["Không hỏi được", "Tài khoản", "Vì sao"], &rows));
        }
        parts.join("\n\n")
    })?;
    Ok(Exit::Done)
}

/// What is to be repaired.
struct Wish<'a> {
    run: i64,
    kind: Option<Kind>,
    reason: Option<&'a str>,
    yes: bool,
}

fn repair(settings: &Settings, wish: &Wish<'_>, who: &str, output: Output) -> anyhow::Result<Exit> {
    let report = report(settings)?;
    let mut findings = report.findings(wish.run, wish.kind)?;
    findings.retain(|finding| finding.chosen_by.is_none() && finding.result.is_none());
    if findings.is_empty() {
        complain(&format!("Lần đối chiếu số {} không còn khác biệt nào chờ xử lý.", wish.run));
        return Ok(Exit::NotFound);
    }
    // With --json and --yes the answer is the result alone.
    if !(output.json && wish.yes) {
        let sample: Vec<&str> = findings.iter().take(SAMPLE).map(|finding| finding.name.as_str()).collect();
        output
            .show(&findings, |findings| format!("{}\nVí dụ: {}", told::plan(findings), sample.join(", ")))?;
    }
    if !confirmed(wish.yes, "Làm đúng như vậy?")? {
        return Ok(Exit::Refused);
    }
    let mut journal = command_journal(settings, who)?;
    if journal.repair(wish.run, wish.kind, wish.reason, clock::now())? == 0 {
        return Ok(Exit::NotFound);
    }
    if !output.json {
        let total = i64::try_from(findings.len()).unwrap_or(i64::MAX);
        complain("Dịch vụ đang chạy sẽ làm lần lượt. Có thể rời đi bằng Ctrl-C.");
        follow(&report, wish.run, |run| run.repairing > 0, |run| (total - run.repairing, total))?;
    }
    show(settings, &report, wish.run, wish.kind, None, output)
}
