//! What the commune's own system heard, beside what the gateway's journal says was told, and told again.

use crate::stage::Stage;
use mock_commune::Heard;
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};

/// Findings: what was told and not heard, heard and never told, or heard under two ids.
pub(crate) fn findings(stage: &Stage) -> rusqlite::Result<Vec<String>> {
    let heard = stage.commune.once();
    let ids: BTreeSet<String> = heard.iter().map(|one| one.id.clone()).collect();
    let told = outcomes(stage, "AND state = 'accepted'")?;
    let planned = outcomes(stage, "")?;
    let missing =
        told.difference(&ids).map(|id| format!("the outcome {id} counts as told and was not heard"));
    let strange = ids.difference(&planned).map(|id| format!("the outcome {id} was heard and never planned"));
    Ok(missing.chain(strange).chain(under_two_ids(&heard)).collect())
}

/// One outcome under two ids: the same words about the same moment.
fn under_two_ids(heard: &[Heard]) -> Vec<String> {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for one in heard {
        let said = |name: &str| one.body.get(name).map(ToString::to_string).unwrap_or_default();
        let words = format!("{} at {}: {}", one.subject(), said("time"), said("data"));
        if let Some(other) = known.insert(words.clone(), &one.id) {
            findings.push(format!("one outcome under the ids {other} and {}: {words}", one.id));
        }
    }
    findings
}

/// Ids of outcomes in the journal.
fn outcomes(stage: &Stage, condition: &str) -> rusqlite::Result<BTreeSet<String>> {
    let journal =
        Connection::open_with_flags(stage.gateway.journal_file(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let sql = format!("SELECT handoff_id FROM handoff WHERE kind = 'commune.event' {condition}");
    let mut statement = journal.prepare(&sql)?;
    let ids = statement.query_map([], |row| row.get(0))?;
    ids.collect()
}
