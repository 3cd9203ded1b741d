//! `check`: the configuration as a whole, and with `--connect` the broker and every account.

use super::output::{Output, table};
use super::{Exit, report_if_any, runtime, words};
use crate::clock;
use crate::config::problems::listing;
use crate::config::{self, Settings};
use crate::intake::link::Link;
use crate::partners;
use jiff::civil::Date;
use lienthong_core::calendar::missing_year;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::tables::{AgencyProfile, day_in_vietnam};
use serde::Serialize;
use std::path::Path;

#[derive(Debug, Serialize)]
struct Checked {
    file: String,
    agencies: usize,
    sources: usize,
    procedures: usize,
    units: usize,
    tables_version: String,
    changes: Vec<Changing>,
    warnings: Vec<String>,
    reached: Vec<Reached>,
}

/// An account of an agency that changes on a day to come.
#[derive(Debug, Serialize)]
struct Changing {
    agency: String,
    partner: &'static str,
    from: Date,
    account: String,
}

#[derive(Debug, Serialize)]
struct Reached {
    what: String,
    reached: bool,
    outcome: String,
    reason: String,
}

pub(super) fn check(file: &Path, connect: bool, output: Output) -> anyhow::Result<Exit> {
    let settings = &match config::load(file) {
        Ok(settings) => settings,
        Err(problems) => {
            output.show(&problems.all(), |problems| listing(problems))?;
            return Ok(Exit::Configuration);
        }
    };
    let tables = &settings.tables;
    let partners = partners::build(&settings.accounts)?;
    let mut warnings: Vec<String> =
        settings.warnings.iter().map(|warning| listing(std::slice::from_ref(warning))).collect();
    warnings.extend(orphans(settings, &partners));
    let today = day_in_vietnam(clock::now());
    warnings.extend(missing_year(settings.calendars.known_until, today).map(words::missing_year));
    let reached = if connect { runtime()?.block_on(reach(settings, &partners)) } else { Vec::new() };
    let checked = Checked {
        file: file.display().to_string(),
        agencies: tables.agencies.len(),
        sources: tables.sources.len(),
        procedures: tables.procedures.len(),
        units: tables.units.len(),
        tables_version: tables.version.to_string(),
        changes: tables.agencies.values().flat_map(|agency| changing(agency, today)).collect(),
        warnings,
        reached,
    };
    output.show(&checked, text)?;
    let all = checked.reached.iter().all(|reached| reached.reached);
    Ok(if all { Exit::Done } else { Exit::Unreachable })
}

fn changing(agency: &AgencyProfile, today: Date) -> impl Iterator<Item = Changing> {
    let accounts = Partner::ALL.into_iter().filter_map(|partner| Some((partner, agency.accounts(partner)?)));
    accounts.flat_map(move |(partner, accounts)| {
        accounts.after(today).map(move |(from, account)| Changing {
            agency: agency.code.to_string(),
            partner: partner.name(),
            from,
            account: account.to_string(),
        })
    })
}

/// Accounts that work waits for in the journal, and that this configuration lacks or no agency uses. Whoever checks need
/// not be able to read the journal: it is looked at when it can be.
fn orphans(settings: &Settings, partners: &partners::Partners) -> Vec<String> {
    let under_way = report_if_any(settings).ok().flatten().and_then(|report| report.under_way().ok());
    let used = |account: &AccountName| settings.tables.agencies.values().any(|agency| uses(agency, account));
    let waiting = under_way.unwrap_or_default().into_iter().filter_map(|(account, count)| {
        let name = AccountName::new(account.as_str());
        let lack = match partners.get(&name) {
            None => "không có trong cấu hình",
            Some(_) if !used(&name) => "không còn cơ quan nào dùng",
            Some(_) => return None,
        };
        Some(format!("tài khoản {account} {lack} nhưng còn {count} việc đang chờ trong sổ"))
    });
    waiting.collect()
}

/// Whether the agency uses the account on any day.
fn uses(agency: &AgencyProfile, account: &AccountName) -> bool {
    let accounts = Partner::ALL.into_iter().filter_map(|partner| agency.accounts(partner));
    accounts.flat_map(|accounts| accounts.until(Date::MAX)).any(|used| used == account)
}

async fn reach(settings: &Settings, partners: &partners::Partners) -> Vec<Reached> {
    let mut reached = vec![reach_broker(settings).await];
    for account in partners.iter() {
        let outcome = account.port.probe().await;
        let works = match &outcome {
            Outcome::Accepted(_) => true,
            Outcome::Rejected(_)
            | Outcome::Unavailable { .. }
            | Outcome::Uncertain(_)
            | Outcome::Blocked(_) => false,
        };
        reached.push(Reached {
            what: account.name.to_string(),
            reached: works,
            outcome: outcome.name().to_owned(),
            reason: outcome.reason().code.to_string(),
        });
    }
    reached
}

async fn reach_broker(settings: &Settings) -> Reached {
    let name = format!("{}.check", settings.broker.connection_name);
    let (reached, reason) = match Link::open(&settings.broker.connection, &name).await {
        Ok(link) => {
            link.close().await;
            (true, String::new())
        }
        Err(error) => (false, format!("{:#}", anyhow::Error::from(error))),
    };
    let outcome = if reached { "accepted" } else { "unavailable" };
    Reached { what: "broker".to_owned(), reached, outcome: outcome.to_owned(), reason }
}

fn text(checked: &Checked) -> String {
    let mut text = format!(
        "{}: cấu hình hợp lệ ({} cơ quan, {} nguồn, {} thủ tục, {} đơn vị hành chính, bảng {})",
        checked.file,
        checked.agencies,
        checked.sources,
        checked.procedures,
        checked.units,
        checked.tables_version
    );
    for Changing { agency, partner, from, account } in &checked.changes {
        text.push_str(&format!(
            "\ntừ ngày {}: {agency} dùng tài khoản {account} ({})",
            words::day(*from),
            words::partner(partner)
        ));
    }
    for warning in &checked.warnings {
        text.push_str(&format!("\ncảnh báo: {warning}"));
    }
    if !checked.reached.is_empty() {
        let rows: Vec<Vec<String>> = checked.reached.iter().map(row).collect();
        text.push_str(&format!("\n\n{}", table(&["Kết nối", "Kết quả", "Lý do"], &rows)));
    }
    text
}

fn row(reached: &Reached) -> Vec<String> {
    let result =
        if reached.reached { "được".to_owned() } else { format!("KHÔNG ({})", reached.outcome) };
    vec![reached.what.clone(), result, reached.reason.clone()]
}
