//! The configuration: read whole, checked whole, or refused with every problem at once.
//!
//! [`load`] reads `gateway.toml` and the tables beside it, puts environment variables and secret files in, and either
//! returns [`Settings`] that nothing later has to doubt, or [`Problems`] that name file, key, value, rule and an
//! example. This is the one place of the daemon that reads the environment.
//!
//! ```text
//! gateway.toml ──┬─ accounts ──────────────┐
//!                └─ [tables] agencies ─────┼─ checked against each other ─▶ Settings
//!                            units         │
//!                            procedures    │
//!                            calendar      │
//!                            post areas ───┘
//! ```
//!
//! Unknown keys are errors, durations and sizes carry their unit, and a secret never stands in the file itself. A
//! problem shows the file's text, never a variable's value.

mod figures;
mod gateway;
mod interfaces;
mod maintenance;
pub mod problems;
mod reader;
mod reconcile;
mod rules;
pub mod settings;
mod tables;
#[cfg(test)]
mod tests;
mod traces;
pub mod units;
mod users;

pub use problems::{Problem, Problems};
pub use settings::Settings;

use crate::telemetry;
use lienthong_commune::{FAMILIES, Family, Limits, Reader};
use lienthong_core::ids::AccountName;
use lienthong_core::status::Status;
use lienthong_core::tables::Mode;
use problems::Report;
use reader::{Origin, Section};
use settings::{AccountSettings, AreaTables};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use toml::Table;

/// Reads the configuration with the variables of this process.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path) -> Result<Settings, Problems> {
    load_with(path, &variable)
}

/// Reads the configuration with given variables: what [`load`] does, without the environment.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_with(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<Settings, Problems> {
    let report = Report::new(environment);
    let settings = read(&report, path);
    let warnings = report.finish()?;
    Ok(Settings { warnings, ..settings.expect("a file that cannot be read is a problem") })
}

#[expect(clippy::disallowed_methods, reason = "configuration is the one place that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The file's table, its keys not yet asked for.
fn parsed<'r>(report: &'r Report<'r>, path: &Path) -> Option<Section<'r>> {
    let origin = Origin::of(path);
    let text = std::fs::read_to_string(path)
        .map_err(|error| {
            report.problem(&origin.shown, "file", format!("cannot be read as UTF-8 text: {error}"))
        })
        .ok()?;
    let table = parse(report, &origin.shown, &text)?;
    Some(Section::root(report, origin, table))
}

fn read(report: &Report<'_>, path: &Path) -> Option<Settings> {
    let root = parsed(report, path)?;
    let files = tables::Files::open(&root, report);
    let areas = files.areas(report);
    let accounts = accounts(&root, &areas);
    let partners =
        accounts.iter().map(|(name, account)| (name.clone(), account.as_ref().map(AccountSettings::partner)));
    let reconcile = reconcile::settings(&root.section("reconcile"), &accounts);
    let (mut tables, silences, sites) = files.tables(&root, report, &partners.collect());
    tables.status_services = status_services(&accounts);
    let users = users::users(&root, &tables.agencies);
    let section = root.section("intake");
    let intake = gateway::intake(&section);
    let limits = Limits { body_bytes: intake.message_cap, ..Limits::default() };
    let unnamed = section.or("dialect", rules::choice(FAMILIES), Family::CloudEvents);
    Some(Settings {
        mode: root.or("mode", rules::choice(gateway::MODES), Mode::Live),
        grace: root.or("grace", rules::duration().such_as("20s"), Duration::from_secs(20)),
        broker: gateway::broker(&root.section("broker")),
        intake,
        reader: Reader { limits, unnamed, sites },
        journal: gateway::journal(&root.section("journal")),
        admin: users::listener(&root.section("admin"), !users.is_empty()),
        users,
        webhook: gateway::webhook(&root.section("webhook"), &accounts),
        log: gateway::log(&root.section("log")),
        traces: traces::settings(&root.section("traces"), telemetry::traces::AVAILABLE),
        maintenance: maintenance::windows(&root, &accounts),
        tables: Arc::new(tables),
        calendars: files.calendars(&root, report),
        units: units::settings(&root),
        areas,
        figures: figures::settings(&root.section("figures")),
        watch: gateway::watch(&root.section("watch"), silences, &reconcile),
        reconcile,
        accounts: accounts.into_iter().filter_map(|(name, account)| Some((name, account?))).collect(),
        file: path.to_path_buf(),
        secret_files: report.secret_files(),
        warnings: Vec::new(),
    })
}

/// The accounts that take statuses of dossiers that were lodged at the portal.
fn status_services(
    accounts: &BTreeMap<AccountName, Option<AccountSettings>>,
) -> BTreeMap<AccountName, BTreeSet<Status>> {
    let taken =
        accounts.iter().filter_map(|(name, account)| Some((name.clone(), account.as_ref()?.statuses())));
    taken.filter(|(_, statuses)| !statuses.is_empty()).collect()
}

/// Parses TOML; a syntax error names the line and never quotes it, because a secret may stand there.
fn parse(report: &Report<'_>, shown: &str, text: &str) -> Option<Table> {
    let error = match text.parse::<Table>() {
        Ok(table) => return Some(table),
        Err(error) => error,
    };
    let start = error.span().map_or(0, |span| span.start);
    let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
    let message = error.message().replace('\n', ", ");
    report.problem(shown, format!("line {line}"), format!("is not TOML: {message}"));
    None
}

/// Reads the accounts; one whose interface is not known keeps its name, so that agencies may refer to it.
fn accounts(root: &Section<'_>, areas: &AreaTables) -> BTreeMap<AccountName, Option<AccountSettings>> {
    let named = root.named("accounts");
    if named.is_empty() {
        root.problem("accounts", "has no account; write one table each, as in [accounts.portal]");
    }
    let accounts = named.into_iter().map(|(name, section)| {
        let name = AccountName::new(name);
        (name.clone(), account(name, section, areas))
    });
    accounts.collect()
}

fn account(name: AccountName, section: Section<'_>, areas: &AreaTables) -> Option<AccountSettings> {
    let Some(interface) = interfaces::interface(&section, areas) else {
        section.forget();
        return None;
    };
    Some(AccountSettings {
        name,
        concurrency: section.or("concurrency", rules::number(1..=1024, 8), 8),
        rate: section.or("rate", rules::number(1..=100_000, 50), 50),
        quota_per_day: section.optional("quota_per_day", rules::number(1..=1_000_000_000, 5000)),
        breaker: gateway::breaker(&section.section("breaker")),
        feed_busy: section.or("feed_busy", rules::duration().such_as("1m"), Duration::from_secs(60)),
        feed_idle: section.or("feed_idle", rules::duration().such_as("15m"), Duration::from_secs(900)),
        schedule: gateway::schedule(&section.section("schedule")),
        interface,
    })
}
