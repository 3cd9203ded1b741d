//! The account at the end: every event, order, record and row; what was repeated; what became a dead letter, and why.

use crate::judge::Judgement;
use crate::ledgers;
use crate::player::Played;
use crate::stage::Stage;
use crate::stories::{self, Story};
use anyhow::Result;
use pilot::{Expected, OrderEnd, Pilot, Publication, expect};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Differences that are listed at most.
const LISTED: usize = 20;

/// Writes the account.
pub(crate) fn account(
    stage: &Stage,
    pilot: &Pilot,
    played: &Played,
    judgement: &Judgement,
) -> Result<String> {
    let expected: Vec<Expected> = pilot.scripts.iter().map(expect).collect();
    let mut text = String::new();
    events(&mut text, played, judgement)?;
    portal(&mut text, stage, &expected, judgement)?;
    post(&mut text, stage, &expected)?;
    by_post(&mut text, &stories::stories(stage, pilot))?;
    commune(&mut text, stage)?;
    calls(&mut text, stage)?;
    trouble(&mut text, stage, played)?;
    dead_letters(&mut text, judgement)?;
    differences(&mut text, judgement)?;
    Ok(text)
}

fn events(text: &mut String, played: &Played, judgement: &Judgement) -> Result<()> {
    let count = |publication| played.published.get(&publication).copied().unwrap_or_default();
    let (first, again) = (count(Publication::First), count(Publication::Again));
    let total = played.messages();
    let quarantined: usize = judgement.quarantine.values().sum();
    writeln!(text, "\nMessages published          {total:>6}   ({} as XML)", played.xml)?;
    writeln!(text, "  events                    {first:>6}   taken in and planned: {}", judgement.events)?;
    writeln!(text, "  the same event again      {again:>6}   recognised, nothing done")?;
    writeln!(text, "  in the quarantine         {quarantined:>6}")?;
    for (code, count) in &judgement.quarantine {
        writeln!(text, "    {code:<24}{count:>6}")?;
    }
    writeln!(text, "  tasks left for the desk   {:>6}", judgement.tasks)?;
    Ok(())
}

fn portal(text: &mut String, stage: &Stage, expected: &[Expected], judgement: &Judgement) -> Result<()> {
    let dossiers = stage.portal.partner().dossiers();
    let wanted = expected.iter().filter(|expected| !expected.record.is_empty()).count();
    let counts = stage.portal.partner().counts();
    writeln!(text, "\nPortal                    expected  received")?;
    writeln!(
        text,
        "  dossiers                  {wanted:>6}    {:>6}   in {} writes",
        counts.dossiers, counts.records
    )?;
    let mut last: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
    let mut rows: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
    let status = |text: &str| text.parse::<u8>().unwrap_or_default();
    for expected in expected {
        if let Some(code) = expected.record.get("TrangThaiHoSo") {
            last.entry(status(code)).or_default().0 += 1;
        }
        for row in &expected.rows {
            rows.entry(status(&row.status)).or_default().0 += 1;
        }
    }
    for dossier in dossiers.values() {
        if let Some(version) = dossier.versions.last() {
            last.entry(status(&version.status)).or_default().1 += 1;
        }
        for row in &dossier.rows {
            rows.entry(status(&row.status)).or_default().1 += 1;
        }
    }
    for (status, (expected, received)) in last {
        writeln!(text, "    last record {:<18}{expected:>4}    {received:>6}", named(status))?;
    }
    let wanted: usize = rows.values().map(|(expected, _)| expected).sum();
    writeln!(
        text,
        "  progress rows             {wanted:>6}    {:>6}   {} of them twice, after a lost answer",
        counts.rows, judgement.doubled
    )?;
    for (status, (expected, received)) in rows {
        writeln!(text, "    row {:<26}{expected:>4}    {received:>6}", named(status))?;
    }
    Ok(())
}

fn post(text: &mut String, stage: &Stage, expected: &[Expected]) -> Result<()> {
    let orders = stage.post.partner().orders();
    let mut lines: BTreeMap<(&str, String), (usize, usize)> = BTreeMap::new();
    for (number, order) in expected.iter().flat_map(|expected| &expected.orders) {
        let end = match order.end {
            OrderEnd::Taken => "Taken".to_owned(),
            OrderEnd::Cancelled => "Cancelled".to_owned(),
            OrderEnd::Moved(to) => format!("{to:?}"),
        };
        lines.entry((leg(number), end)).or_default().0 += 1;
    }
    for (number, order) in &orders {
        for parcel in &order.parcels {
            let end = parcel.step().map_or_else(|| "Taken".to_owned(), |step| format!("{step:?}"));
            lines.entry((leg(number), end)).or_default().1 += 1;
        }
    }
    let wanted: usize = lines.values().map(|(expected, _)| expected).sum();
    let taken = stage.post.partner().taken();
    writeln!(text, "\nPost                      expected  received")?;
    writeln!(
        text,
        "  orders                    {wanted:>6}    {taken:>6}   {} numbers with a second parcel",
        stage.post.partner().doubled().len()
    )?;
    for ((leg, end), (expected, received)) in lines {
        writeln!(text, "    {:<30}{expected:>4}    {received:>6}", format!("{leg}, {}", end.to_lowercase()))?;
    }
    Ok(())
}

fn by_post(text: &mut String, stories: &[Story]) -> Result<()> {
    writeln!(text, "\nResults and papers by post          expected     found")?;
    for story in stories {
        let (about, expected, found) = (story.about, story.expected.len(), story.found.len());
        let cash = if story.about.starts_with("cash") {
            format!("   {} đồng", story.cash)
        } else {
            String::new()
        };
        writeln!(text, "  {about:<36}{expected:>6}    {found:>6}{cash}")?;
    }
    Ok(())
}

fn commune(text: &mut String, stage: &Stage) -> Result<()> {
    // More may be heard in between: what is counted last is not less.
    let once = stage.commune.once();
    let all = stage.commune.all().len();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for heard in &once {
        let kind = heard.body.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    writeln!(text, "\nThe commune's own system                 heard")?;
    writeln!(
        text,
        "  outcomes                            {:>6}   {} of them twice",
        once.len(),
        all - once.len()
    )?;
    for (kind, count) in kinds {
        writeln!(text, "    {kind:<34}{count:>6}")?;
    }
    Ok(())
}

fn calls(text: &mut String, stage: &Stage) -> Result<()> {
    writeln!(text, "\nCalls received            attempts  effective  answer lost  refused  disturbed")?;
    for ((partner, operation), calls) in ledgers::calls(stage) {
        let name = format!("{partner} {operation}");
        writeln!(
            text,
            "  {name:<26}{:>6}{:>11}{:>13}{:>9}{:>11}",
            calls.received, calls.accepted, calls.lost, calls.refused, calls.disturbed
        )?;
    }
    Ok(())
}

fn trouble(text: &mut String, stage: &Stage, played: &Played) -> Result<()> {
    writeln!(text, "\nTrouble made                                               struck")?;
    for struck in &played.struck {
        writeln!(text, "  {:<55}{:>6}", struck.about, struck.hits(stage))?;
    }
    Ok(())
}

fn dead_letters(text: &mut String, judgement: &Judgement) -> Result<()> {
    writeln!(text, "\nDead letters that remain    {:>6}", judgement.dead.len())?;
    for dead in &judgement.dead {
        let correct = if dead.field.is_empty() { String::new() } else { format!(", correct {}", dead.field) };
        writeln!(text, "  {}  {} {}: {}{correct}", dead.dossier, dead.kind, dead.state, dead.code)?;
        writeln!(text, "    {}", dead.sentence)?;
    }
    writeln!(text, "  behind them wait          {:>6}", judgement.waiting)?;
    Ok(())
}

fn differences(text: &mut String, judgement: &Judgement) -> Result<()> {
    if judgement.differences.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nDifferences: {} dossiers, the first {LISTED} follow", judgement.differences.len())?;
    for (dossier, lines) in judgement.differences.iter().take(LISTED) {
        writeln!(text, "  {dossier}")?;
        for line in lines {
            writeln!(text, "    {line}")?;
        }
    }
    Ok(())
}

fn leg(number: &str) -> &'static str {
    let legs = [("-GOM-", "GOM collected at home"), ("-TRA-", "TRA result"), ("-HOAN-", "HOAN papers back")];
    legs.into_iter().find(|(part, _)| number.contains(part)).map_or("CHUYEN forwarded", |(_, name)| name)
}

fn named(status: u8) -> String {
    let names = [
        "",
        "lodged",
        "received",
        "refused",
        "processing",
        "supplement",
        "payment",
        "withdrawn",
        "stopped",
        "done",
        "returned",
    ];
    format!("{status} {}", names.get(usize::from(status)).copied().unwrap_or_default())
}
