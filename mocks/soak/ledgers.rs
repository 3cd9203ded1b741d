//! Which rows may stand at the portal more than once: those that the gateway itself calls possibly doubled, as often as
//! it made an attempt. Everything else that stands twice is a difference.

use crate::stage::Stage;
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
