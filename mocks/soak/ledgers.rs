//! Which rows may stand at the portal more than once: those that the gateway itself calls possibly doubled, as often as
//! it made an attempt. Everything else that stands twice is a difference. And what the quarantine holds, by its bytes.

use crate::stage::Stage;
use pilot::{Pilot, Publication, What};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;

/// How often each row may stand once more.
pub(crate) fn possibly_doubled(stage: &Stage) -> BTreeMap<[String; 4], usize> {
    let attempts = attempts_in_doubt(stage).unwrap_or_default();
    let mut rows = BTreeMap::new();
    for (code, dossier) in stage.portal.partner().dossiers() {
        for row in &dossier.rows {
            let Some(spare) = attempts.get(&(code.clone(), row.status.clone())) else { continue };
            rows.insert([code.clone(), row.time.clone(), row.status.clone(), row.text.clone()], *spare);
        }
    }
    rows
}

/// How the quarantine differs from what was published, if it does: different messages by reason.
pub(crate) fn quarantine(stage: &Stage, pilot: &Pilot) -> rusqlite::Result<Option<String>> {
    let journal =
        Connection::open_with_flags(stage.gateway.journal_file(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement =
        journal.prepare("SELECT code, count(DISTINCT sha256) FROM quarantine GROUP BY code")?;
    let held = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let held: BTreeMap<String, i64> = held.collect::<Result<_, _>>()?;
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for stray in &pilot.strays {
        *expected.entry(stray.reason.to_owned()).or_default() += 1;
    }
    let steps = pilot.scripts.iter().flat_map(|script| &script.steps);
    let conflicts = steps
        .filter(|step| matches!(step.what, What::Publish { publication: Publication::Conflict, .. }))
        .count();
    expected.insert("COMMUNE-CONFLICT".to_owned(), i64::try_from(conflicts).unwrap_or(i64::MAX));
    Ok((held != expected).then(|| format!("the quarantine holds {held:?}, expected {expected:?}")))
}

/// Attempts beyond the first of rows that are marked, by dossier and status of the row.
fn attempts_in_doubt(stage: &Stage) -> rusqlite::Result<BTreeMap<(String, String), usize>> {
    let journal =
        Connection::open_with_flags(stage.gateway.journal_file(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let sql = "SELECT d.key, h.row_status, count(*) - 1
         FROM handoff h JOIN dossier d ON d.id = h.dossier JOIN attempt a ON a.handoff = h.id
         WHERE h.kind = 'portal.progress' AND h.maybe_doubled GROUP BY h.id";
    let mut spare: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut statement = journal.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let status: i64 = row.get(1)?;
        *spare.entry((row.get(0)?, status.to_string())).or_default() +=
            usize::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
    }
    Ok(spare)
}
