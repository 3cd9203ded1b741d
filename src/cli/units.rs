//! `units`: the table of administrative units is renewed from the statistics office or from a file, and checked.
//!
//! ```text
//! list of a day, or rows with days ─merge─▶ changes ─shown─▶ confirmed ─▶ read back ─▶ the file is replaced
//! ```
//!
//! Nothing is written before the changes were shown, and nothing but a whole table that reads back. A running daemon keeps
//! the table that it was started with.

mod check;
mod told;

use super::arguments::{UnitsCommand, WriteOptions};
use super::confirm::confirmed;
use super::output::{Output, say};
use super::{Exit, complain, runtime, words};
use crate::clock;
use crate::config::{self, settings::UnitsSettings, units as tables};
use crate::replacement;
use jiff::civil::Date;
use lienthong_core::tables::day_in_vietnam;
use lienthong_core::units::{Listed, Merged, dated_changes, ended_without_successor, list_changes};
use lienthong_units::{Asked, Catalogue, Failed};
use std::path::Path;
use told::Brought;

pub(super) fn units(
    config: &Path,
    command: &UnitsCommand,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let today = day_in_vietnam(clock::now());
    match command {
        UnitsCommand::Sync { date, write } => {
            let change = Change { settings: config::units::load(config)?, write, who, today, output };
            change.sync(date.unwrap_or(today))
        }
        UnitsCommand::Import { file, date, write } => {
            let change = Change { settings: config::units::load(config)?, write, who, today, output };
            change.import(file, *date)
        }
        UnitsCommand::Check { date } => {
            check::check(&config::load(config)?, date.unwrap_or(today), today, output)
        }
    }
}

/// A change of the table on its way.
struct Change<'a> {
    settings: UnitsSettings,
    write: &'a WriteOptions,
    who: &'a str,
    today: Date,
    output: Output,
}

impl Change<'_> {
    fn sync(&self, day: Date) -> anyhow::Result<Exit> {
        if day > self.today {
            let day = words::day(day);
            complain(&format!("Ngày {day} chưa đến; danh mục chỉ có đơn vị của hôm nay hoặc trước đó."));
            return Ok(Exit::Configuration);
        }
        let table = self.table()?;
        let catalogue = Catalogue::build(self.settings.catalogue.clone())?;
        let Asked { list, unused } = match runtime()?.block_on(catalogue.units(day)) {
            Ok(asked) => asked,
            Err(failed) => {
                let exit = exit_of(&failed);
                complain(&format!("lienthong: failed to {:#}", anyhow::Error::from(failed)));
                return Ok(exit);
            }
        };
        for correction in unused {
            let (code, name) = (correction.listed, correction.name);
            complain(&format!(
                "cảnh báo: danh mục không còn {code} {name}; hãy bỏ dòng này trong units.corrections"
            ));
        }
        let url = &self.settings.catalogue.url;
        self.bring_list(&table, &list, day, format!("list of {day} from {url}"))
    }

    fn import(&self, file: &Path, date: Option<Date>) -> anyhow::Result<Exit> {
        let table = self.table()?;
        let shown = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match (tables::import(file)?, date) {
            (tables::Import::Dated(_), Some(_)) => {
                complain("Các dòng của tệp đã có ngày hiệu lực; hãy bỏ --date.");
                Ok(Exit::Configuration)
            }
            (tables::Import::Dated(rows), None) => {
                self.bring(&table, dated_changes(&table.register, &rows), format!("rows of {shown}"))
            }
            (tables::Import::List(list), Some(day)) => {
                self.bring_list(&table, &list, day, format!("list of {day} from {shown}"))
            }
            (tables::Import::List(_), None) => {
                complain("Tệp là danh sách của một ngày; hãy cho biết ngày đó, như --date 2025-07-01.");
                Ok(Exit::Configuration)
            }
        }
    }

    fn table(&self) -> anyhow::Result<tables::Table> {
        let table = tables::table(&self.settings.file)?;
        if let Some(line) = table.stray_comment() {
            let file = self.settings.file.display();
            anyhow::bail!(
                "{file}, line {line}: a comment between the rows would be lost; move it to the top"
            );
        }
        Ok(table)
    }

    fn bring_list(
        &self,
        table: &tables::Table,
        list: &[Listed],
        day: Date,
        source: String,
    ) -> anyhow::Result<Exit> {
        match list_changes(&table.register, list, day) {
            Ok(merged) => self.bring(table, merged, source),
            Err(refusal) => {
                complain(&format!("lienthong: {refusal}"));
                Ok(Exit::Refused)
            }
        }
    }

    /// Shows the changes, asks, and writes.
    fn bring(&self, table: &tables::Table, merged: Merged, source: String) -> anyhow::Result<Exit> {
        let Merged { register, changes, shrinkage } = merged;
        let lost = ended_without_successor(&register, self.today);
        let without_successor = lost.into_iter().map(|(code, _)| code.to_string()).collect();
        let file = self.settings.file.display().to_string();
        let mut brought = Brought { file, source, changes, shrinkage, without_successor, written: false };
        let text = table.written(&register, &self.note(&brought));
        let back = tables::register(&self.settings.file, &text)?;
        anyhow::ensure!(
            back == register,
            "the table does not read back as it was meant; nothing was written"
        );
        if !self.output.json {
            say(&told::changes(&brought))?;
        }
        let exit = self.decide(table, &text, &mut brought)?;
        self.output.show(&brought, told::result)?;
        Ok(exit)
    }

    fn decide(&self, table: &tables::Table, text: &str, brought: &mut Brought) -> anyhow::Result<Exit> {
        if brought.shrinkage.is_some() && !self.write.force {
            complain(told::SHRUNKEN);
            return Ok(Exit::Refused);
        }
        if brought.changes.is_empty() || self.write.dry_run {
            return Ok(Exit::Done);
        }
        if !confirmed(self.write.yes, "Ghi các thay đổi này vào bảng?")? {
            return Ok(Exit::Refused);
        }
        replacement::replace(&self.settings.file, table.text.as_deref(), text)?;
        brought.written = true;
        Ok(Exit::Done)
    }

    /// What the table says of the change.
    fn note(&self, brought: &Brought) -> String {
        let reason = self.write.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let forced = if brought.shrinkage.is_some() { ", although unusually many end" } else { "" };
        let (today, source, count) = (self.today, &brought.source, brought.changes.len());
        format!("{today}: {source}, {count} changes{forced}, by {}{reason}", self.who)
    }
}

/// A service that gives no answer can be asked again later; an answer that is none is refused.
fn exit_of(failed: &Failed) -> Exit {
    match failed {
        Failed::NoAnswer { .. } | Failed::Status { .. } => Exit::Unreachable,
        Failed::Unreadable { .. } => Exit::Refused,
        Failed::Address(_) | Failed::Client(_) => Exit::Configuration,
    }
}
