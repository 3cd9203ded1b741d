//! `dossier`: everything about one dossier, as a timeline.

use super::arguments::PersonsOptions;
use super::output::{Output, local, or_dash, table};
use super::{Exit, complain, report, words};
use crate::config::Settings;
use crate::journal::report::{CashLine, HandoffLine};
use crate::partners;
use crate::views::dossier::{self, DossierView, Explanation};
use crate::views::timeline::{state, timeline, title};
use jiff::Timestamp;
use std::collections::BTreeSet;

pub(super) fn show(
    settings: &Settings,
    name: &str,
    persons: &PersonsOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let (report, partners) = (report(settings)?, partners::build(&settings.accounts)?);
    // Whoever may read the journal's file sees every agency.
    let found = dossier::dossier(&report, settings, &partners, name, |_| true, persons.persons())?;
    let Some(dossier) = found else {
        complain(&format!("Không có hồ sơ, phiếu gửi, đơn hay mã vận đơn {name} trong sổ."));
        return Ok(Exit::NotFound);
    };
    let seen = BTreeSet::from([dossier.dossier.clone()]);
    super::persons::note(settings, who, &dossier.dossier, &seen, persons)?;
    output.show(&dossier, text)?;
    Ok(Exit::Done)
}

fn text(dossier: &DossierView) -> String {
    let agency = format!("{} ({})", dossier.agency_name, dossier.agency);
    let handoffs: Vec<Vec<String>> = dossier.handoffs.iter().map(handoff_row).collect();
    let heads = ["Việc", "Mã", "Trạng thái", "Lần gửi", "Lý do", "Trường cần sửa"];
    let moments =
        timeline(dossier).into_iter().map(|moment| vec![local(moment.at), moment.vi, moment.detail]);
    let moments: Vec<Vec<String>> = moments.collect();
    format!(
        "Hồ sơ {}, {agency}\n\n{}\n{}{}\n{}",
        dossier.dossier,
        table(&heads, &handoffs),
        cash(&dossier.cash),
        explanations(&dossier.explanations),
        table(&["Thời điểm", "Diễn biến", "Chi tiết"], &moments)
    )
}

/// What the codes of stopped handoffs and of flags say, each once.
fn explanations(explanations: &[Explanation]) -> String {
    let lines = explanations.iter().map(|explained| format!("\n{}: {}", explained.code, explained.vi));
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("{lines}\n") }
}

/// What the postman collects, and how far it got.
fn cash(lines: &[CashLine]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let moment = |at: Option<Timestamp>| at.map_or_else(|| "chưa".to_owned(), local);
    let row = |line: &CashLine| {
        let expected = line.expected.map_or_else(|| "–".to_owned(), words::money);
        vec![line.number.clone(), expected, moment(line.collected_at), moment(line.settled_at)]
    };
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    format!("\n{}\n", table(&["Thu hộ theo đơn", "Phải thu", "Đã thu", "Đã đối soát"], &rows))
}

/// A handoff in a table.
pub(super) fn handoff_row(handoff: &HandoffLine) -> Vec<String> {
    vec![
        title(handoff),
        handoff.number.clone().unwrap_or_else(|| handoff.handoff.clone()),
        state(handoff),
        handoff.attempts.to_string(),
        or_dash(handoff.code.as_deref()),
        or_dash(handoff.field.as_deref()),
    ]
}
