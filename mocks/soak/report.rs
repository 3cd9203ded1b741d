//! The account at the end: what struck, what went through, and what is to be found fault with.

use crate::commune;
use crate::faults::EDGES;
use crate::judge::Judgement;
use crate::ledgers;
use crate::operator::Operator;
use crate::player::Player;
use crate::privacy;
use crate::say;
use crate::stage::Stage;
use anyhow::Result;
use mock_kit::Entry;
use pilot::Publication;
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// Findings that are listed at most.
pub(crate) const LISTED: usize = 60;

/// What a gateway in its debug build may need at most, in KiB, whatever happened.
const MEMORY_AT_MOST: u64 = 192 * 1024;

/// Prints the account, and gives the findings.
pub(crate) async fn report(
    stage: &Arc<Stage>,
    player: &Player,
    operator: &Operator,
    judgement: &Judgement,
    took: Duration,
) -> Result<Vec<String>> {
    let mut findings = findings(stage, player, judgement)?;
    let memory = stage.gateway.memory().await;
    if memory.highest > MEMORY_AT_MOST {
        findings.push(format!("memory: {} KiB, at most {MEMORY_AT_MOST} expected", memory.highest));
    }
    let mut text = String::new();
    struck(&mut text, stage)?;
    through(&mut text, stage, player, judgement)?;
    let (failed, last) = operator.failed();
    if failed > 0 {
        writeln!(text, "\nCommands of the operator that failed: {failed}; the last: {last}")?;
    }
    let locked = stage.gateway.locked_starts().await;
    writeln!(text, "\nStarts that found the journal locked for too long, and were made again: {locked}")?;
    writeln!(text, "Memory of the gateway: {} KiB at the end, {} KiB at most", memory.now, memory.highest)?;
    writeln!(text, "Took {} s", took.as_secs())?;
    say(&text);
    Ok(findings)
}

fn findings(stage: &Stage, player: &Player, judgement: &Judgement) -> Result<Vec<String>> {
    let mut findings: Vec<String> = judgement
        .differences
        .iter()
        .flat_map(|(dossier, lines)| lines.iter().map(move |line| format!("{dossier}: {line}")))
        .collect();
    for edge in EDGES.iter().filter(|edge| stage.tally.at(edge) == 0) {
        findings.push(format!("no fault has struck at the edge {edge}"));
    }
    for (script, what) in player.waiting() {
        findings.push(format!("{} ({}) is not over: {what:?}", script.code, script.about));
    }
    if !stage.desk.is_empty() {
        findings.push("the broker has not confirmed every message".to_owned());
    }
    for doubled in stage.post.partner().doubled() {
        findings.push(format!("two parcels: {doubled:?}"));
    }
    let pilot = player.pilot();
    findings.extend(ledgers::quarantine(stage, &pilot)?);
    findings.extend(commune::findings(stage)?);
    findings.extend(privacy::search(stage, &pilot)?);
    Ok(findings)
}

fn struck(text: &mut String, stage: &Stage) -> Result<()> {
    writeln!(text, "\nFaults and acts")?;
    for edge in EDGES {
        writeln!(text, "  {edge:<44}{:>7}", stage.tally.at(edge))?;
        for ((at, kind), count) in stage.tally.counts() {
            if at == edge {
                writeln!(text, "    {kind:<42}{count:>7}")?;
            }
        }
    }
    Ok(())
}

fn through(text: &mut String, stage: &Stage, player: &Player, judgement: &Judgement) -> Result<()> {
    let journal =
        Connection::open_with_flags(stage.gateway.journal_file(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let one = |sql: &str| journal.query_row(sql, [], |row| row.get::<_, i64>(0));
    let published = |publication| player.published.get(&publication).copied().unwrap_or_default();
    writeln!(text, "\nWhat went through")?;
    let mut line = |name: &str, count: i64| writeln!(text, "  {name:<44}{count:>7}");
    line("dossiers", i64::try_from(player.dossiers())?)?;
    line("messages confirmed by the broker", i64::try_from(stage.desk.confirmed())?)?;
    line("  of them the same event again", i64::try_from(published(Publication::Again))?)?;
    line("  of them in conflict", i64::try_from(published(Publication::Conflict))?)?;
    line("  of them strays", i64::try_from(player.strays)?)?;
    line("times the desk had to begin again", i64::from(stage.desk.failures()))?;
    line("events stored", one("SELECT count(*) FROM inbox")?)?;
    line("handoffs planned", one("SELECT count(*) FROM handoff")?)?;
    for state in ["accepted", "superseded", "dismissed", "dead", "waiting", "sending", "uncertain", "held"] {
        line(&format!("  {state}"), one(&format!("SELECT count(*) FROM handoff WHERE state = '{state}'"))?)?;
    }
    line("attempts", one("SELECT count(*) FROM attempt")?)?;
    line("  of them uncertain", one("SELECT count(*) FROM attempt WHERE outcome = 'uncertain'")?)?;
    line("  of them cut off by the end of the process", {
        one("SELECT count(*) FROM attempt WHERE code = 'GATEWAY-INTERRUPTED'")?
    })?;
    let calls = stage.portal.ledger().into_iter().chain(stage.post.ledger());
    let calls: Vec<Arc<Entry>> = calls.collect();
    line("calls received by the mocks", i64::try_from(calls.len())?)?;
    line("  disturbed", i64::try_from(calls.iter().filter(|call| call.fault.is_some()).count())?)?;
    line("rows that stand twice, and may", i64::try_from(judgement.doubled)?)?;
    let (heard, once) = (stage.commune.all().len(), stage.commune.once().len());
    line("outcomes heard by the commune's system", i64::try_from(once)?)?;
    line("  of them twice, under the same id", i64::try_from(heard - once)?)?;
    line("  times it had to connect again", i64::try_from(stage.commune.connections() - 1)?)?;
    line("parcels", i64::try_from(stage.post.partner().taken())?)?;
    Ok(())
}
