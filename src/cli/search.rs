//! `search`: dossiers by what stands on a paper, never by a person.

use super::output::{Output, table};
use super::{Exit, report, words};
use crate::config::Settings;
use crate::journal::report::FoundLine;
use crate::views::dossier;

pub(super) fn show(settings: &Settings, text: &str, output: Output) -> anyhow::Result<Exit> {
    // Whoever may read the journal's file sees every agency.
    let found = dossier::search(&report(settings)?, text.trim(), |_| true)?;
    output.show(&found, |found| {
        if found.is_empty() {
            return "Không tìm thấy hồ sơ nào.".to_owned();
        }
        let rows: Vec<Vec<String>> = found.iter().map(row).collect();
        table(&["Hồ sơ", "Cơ quan", "Tìm thấy theo"], &rows)
    })?;
    Ok(if found.is_empty() { Exit::NotFound } else { Exit::Done })
}

fn row(found: &FoundLine) -> Vec<String> {
    vec![found.dossier.clone(), found.agency.clone(), words::found_by(found.by).to_owned()]
}
