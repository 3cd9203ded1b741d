//! The tables beside `gateway.toml`: agencies, procedures, units, postal areas, the working calendar, and the rules of
//! the event sources.
//!
//! Each file is read whole, its rows are checked one by one, then against each other and against the accounts. The
//! version is a hash over the bytes of the files that plans are made from: every handoff remembers it.

mod agencies;
mod areas;
mod calendar;
mod csv;
mod procedures;
mod sources;
pub(super) mod units;

use super::gateway::tracking_texts;
use super::problems::Report;
use super::reader::{Origin, Section};
use super::rules;
use super::settings::AreaTables;
use jiff::SignedDuration;
use lienthong_commune::opencps::Sites;
use lienthong_core::calendar::Calendars;
use lienthong_core::handoff::Partner;
use lienthong_core::identity::short_hash;
use lienthong_core::ids::{AccountName, Source, TablesVersion};
use lienthong_core::tables::Tables;
use std::collections::BTreeMap;
use std::path::Path;

/// The files that `[tables]` names, opened.
pub(super) struct Files {
    agencies: File,
    procedures: File,
    units: File,
    post_areas: File,
    calendar: File,
    dead_row_holds: SignedDuration,
}

impl Files {
    pub(super) fn open(root: &Section<'_>, report: &Report<'_>) -> Self {
        let section = root.section("tables");
        let file = |key, default| File::open(report, &section.path_or(key, default));
        Self {
            agencies: file("agencies", "tables/agencies.toml"),
            procedures: file("procedures", "tables/procedures.csv"),
            units: file("units", "tables/units.csv"),
            post_areas: file("post_areas", "tables/post-areas.csv"),
            calendar: file("calendar", "tables/calendar.csv"),
            dead_row_holds: section.or(
                "dead_row_holds",
                rules::age().such_as("24h"),
                SignedDuration::from_hours(24),
            ),
        }
    }

    /// The postal areas, for the accounts at the post.
    pub(super) fn areas(&self, report: &Report<'_>) -> AreaTables {
        self.post_areas.read(|shown, text| areas::areas(report, shown, text))
    }

    /// The working calendars.
    pub(super) fn calendars(&self, root: &Section<'_>, report: &Report<'_>) -> Calendars {
        let days = self.calendar.read(|shown, text| calendar::days(report, shown, text));
        calendar::calendars(&root.section("calendar"), days)
    }

    /// The tables for planning, which sources have a silence of their own, and which publish OpenCPS's object.
    pub(super) fn tables(
        &self,
        root: &Section<'_>,
        report: &Report<'_>,
        accounts: &BTreeMap<AccountName, Option<Partner>>,
    ) -> (Tables, Silences, Sites) {
        let units = self.units.read(|shown, text| units::units(report, shown, text));
        let around = agencies::Surroundings { accounts, units: &units };
        let agencies = self.agencies.read(|shown, text| {
            let table = super::parse(report, shown, text)?;
            let root = Section::root(report, Origin::of(Path::new(shown)), table);
            Some(agencies::agencies(&root, &around))
        });
        let agencies = agencies.unwrap_or_default();
        let (sources, silences, sites) = sources::sources(root, &agencies);
        let tables = Tables {
            version: self.version(),
            procedures: self.procedures.read(|shown, text| procedures::procedures(report, shown, text)),
            sources,
            tracking_texts: tracking_texts(&root.section("tracking_texts")),
            agencies,
            units,
            status_services: BTreeMap::new(),
            dead_row_holds: self.dead_row_holds,
        };
        (tables, silences, sites)
    }

    fn version(&self) -> TablesVersion {
        let files = [&self.agencies, &self.procedures, &self.units, &self.post_areas];
        TablesVersion::new(short_hash(&files.map(File::text)))
    }
}

/// After how much working time without an event a source is told of, where it has its own measure.
pub(super) type Silences = BTreeMap<Source, Option<SignedDuration>>;

/// A table's file, read as text; `None` when it could not be read.
struct File {
    shown: String,
    text: Option<String>,
}

impl File {
    fn open(report: &Report<'_>, path: &Path) -> Self {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| report.problem(&shown, "file", format!("cannot be read as UTF-8 text: {error}")))
            .ok();
        Self { shown, text }
    }

    fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// What `rows` makes of the text; nothing when there is none, so that one problem stays one.
    fn read<T: Default>(&self, rows: impl FnOnce(&str, &str) -> T) -> T {
        self.text.as_deref().map(|text| rows(&self.shown, text)).unwrap_or_default()
    }
}
