//! The table and the JSON.

use super::figures::{Figure, Figures};
use super::machine::Machine;
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Serialize)]
struct Report<'a> {
    machine: &'a Machine,
    /// Shrunk by `EVENTS` or `WAITING`: a look whether everything runs, and no measure.
    full: bool,
    pairs: u16,
    figures: &'a [Figure],
    broken: &'a [String],
}

/// Writes both into the folder and gives the table.
pub(crate) fn write(
    folder: &Path,
    machine: &Machine,
    (full, pairs): (bool, u16),
    figures: &Figures,
    broken: &[String],
) -> Result<String> {
    let report = Report { machine, full, pairs, figures: figures.all(), broken };
    let json = serde_json::to_vec_pretty(&report)?;
    std::fs::write(folder.join("bench.json"), json).context("failed to write the JSON")?;
    let table = table(machine, (full, pairs), figures, broken)?;
    std::fs::write(folder.join("bench.txt"), &table).context("failed to write the table")?;
    Ok(table)
}

fn table(
    machine: &Machine,
    (full, pairs): (bool, u16),
    figures: &Figures,
    broken: &[String],
) -> Result<String> {
    let mut text = String::new();
    let Machine { processor, cores, memory_mib, kernel, disk, load, commit, build, sqlite, rabbitmq, when } =
        machine;
    writeln!(text, "\n{when}, commit {commit}, {build} build, {pairs} pairs")?;
    writeln!(text, "{processor}, {cores} cores, {memory_mib} MiB, Linux {kernel}, {disk}, load {load}")?;
    writeln!(text, "SQLite {sqlite}, RabbitMQ {rabbitmq}")?;
    if !full || *build == "debug" {
        writeln!(text, "NO MEASURE: fewer events than a full one, or a debug build")?;
    }
    let mut case = "";
    for figure in
        figures.all().iter().filter(|figure| figure.side != "relay" || stands_alone(figures, figure))
    {
        if figure.case != case {
            case = &figure.case;
            writeln!(text, "\n{case:<44}{:>24}{:>24}{:>8}", "gateway", "relay", "ratio")?;
        }
        let relay = figures.of_relay(figure);
        let ratio = relay.map(|relay| figure.spread().0 / relay.spread().0);
        let ratio =
            ratio.filter(|ratio| ratio.is_finite()).map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let what = format!("{} [{}]", figure.what, figure.unit);
        let relay = relay.map(shown).unwrap_or_default();
        writeln!(text, "  {what:<42}{:>24}{relay:>24}{ratio:>8}", shown(figure))?;
    }
    match broken {
        [] => writeln!(text, "\nThe promises were kept in every run.")?,
        broken => {
            writeln!(text, "\nBROKEN PROMISES")?;
            broken.iter().try_for_each(|problem| writeln!(text, "  {problem}"))?;
        }
    }
    Ok(text)
}

/// Whether only the relay has it.
fn stands_alone(figures: &Figures, figure: &Figure) -> bool {
    !figures
        .all()
        .iter()
        .any(|other| other.side != "relay" && other.case == figure.case && other.what == figure.what)
}

/// Median, and the lowest and highest when there are several.
fn shown(figure: &Figure) -> String {
    let (median, low, high) = figure.spread();
    let digits = if median >= 100.0 {
        0
    } else if median >= 10.0 {
        1
    } else {
        3
    };
    if figure.values.len() < 2 {
        return format!("{median:.digits$}");
    }
    format!("{median:.digits$} ({low:.digits$}–{high:.digits$})")
}
