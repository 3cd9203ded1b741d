//! Recovery: what a process that died left half done.

use super::apart::apart;
use super::rows::{self, HandoffRow};
use super::settle::Settling;
use super::{Error, Journal, Transition, lanes, millis};
use jiff::Timestamp;
use lienthong_core::handoff::HandoffKind;
use lienthong_core::ids::AccountName;
use lienthong_core::next::Next;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use rusqlite::{Connection, params};
use std::sync::Arc;

/// Open attempts settled in one transaction.
const BATCH: i64 = 500;

/// Whether a dead letter may be at the partner twice if it is repeated: that needs the word of somebody who asked.
pub(super) fn may_be_there(row: &HandoffRow) -> bool {
    let code = row.reason.as_ref().map_or("", |reason| reason.code.as_str());
    match row.kind {
        HandoffKind::PostOrder | HandoffKind::PortalProgress => {
            [gateway::UNCERTAIN, gateway::DIFFERS, gateway::NO_ACCOUNT].contains(&code)
        }
        HandoffKind::PortalRecord | HandoffKind::PortalStatus | HandoffKind::PostCancel => {
            code == gateway::UNCERTAIN
        }
        // Its id makes one of two.
        HandoffKind::CommuneEvent => false,
    }
}

impl Journal {
    /// Settles attempts that were open when the process before ended: an open attempt counts as made. Questions that
    /// were being asked are asked again. Says how many attempts were open.
    ///
    /// Idempotent: dying in the middle leaves the rest to the next start.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recover(&self, now: Timestamp, draw: f64) -> Result<usize, Error> {
        let mut recovered = 0;
        if sabotaged!("recover") {
            return Ok(recovered);
        }
        loop {
            let around = Arc::clone(&self.around);
            let (found, transitions) = self
                .writer
                .write(move |tx| {
                    if sabotaged!("write-ahead") {
                        // As if no claim had been committed before its request left.
                        tx.execute_batch(
                            "DELETE FROM attempt WHERE ended_at IS NULL AND handoff IN
                                 (SELECT id FROM handoff WHERE state = 'sending' AND ended_at IS NULL)",
                        )?;
                        tx.execute_batch(
                            "UPDATE handoff SET state = 'waiting', ready_at = due_at, attempts = attempts - 1
                             WHERE state = 'sending' AND ended_at IS NULL",
                        )?;
                    }
                    let sending: Vec<i64> = tx
                        .prepare_cached(
                            "SELECT id FROM handoff WHERE state = 'sending' AND ended_at IS NULL ORDER BY id LIMIT ?1",
                        )?
                        .query_map([BATCH], |row| row.get(0))?
                        .collect::<Result<_, _>>()?;
                    let settling = Settling { tx, around: &around, now, draw };
                    let mut transitions = Vec::new();
                    for row in &sending {
                        transitions.extend(settle_or_bury(&settling, *row)?);
                        crash_point!("recovery.before_commit");
                    }
                    Ok((sending.len(), transitions))
                })
                .await?;
            super::log::transitions(&transitions);
            if found == 0 {
                break;
            }
            recovered += found;
            crash_point!("recovery.after_commit");
        }
        self.ask_again(now).await?;
        for account in self.unconfigured().await? {
            tracing::warn!(account, "handoffs wait for an account that is not configured");
        }
        Ok(recovered)
    }

    /// Accounts that handoffs wait for and that nobody has configured.
    async fn unconfigured(&self) -> Result<Vec<String>, Error> {
        let mut waiting = self.writer.write(accounts_waited_for).await?;
        waiting.retain(|account| self.around.partners.get(&AccountName::new(account.as_str())).is_none());
        Ok(waiting)
    }

    /// A question that was under way is due as it was: its answer will not come any more.
    async fn ask_again(&self, now: Timestamp) -> Result<(), Error> {
        let around = Arc::clone(&self.around);
        self.writer
            .write(move |tx| {
                let asked: Vec<i64> = tx
                    .prepare_cached(
                        "SELECT DISTINCT dossier FROM handoff INDEXED BY handoff_state
                         WHERE state = 'uncertain' AND ended_at IS NULL AND (ready_at IS NULL OR ready_at > due_at)",
                    )?
                    .query_map(params![], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                for dossier in asked {
                    lanes::refresh(tx, dossier, &around.tables)?;
                }
                tx.prepare_cached("DELETE FROM pause WHERE until IS NOT NULL AND until <= ?1")?
                    .execute([millis(now)])?;
                crash_point!("recovery.before_questions");
                Ok(())
            })
            .await
    }
}

/// Settles one; what cannot be settled stops neither the start nor the others: a person must ask the partner.
fn settle_or_bury(settling: &Settling<'_>, row: i64) -> Result<Vec<Transition>, Error> {
    match apart(settling.tx, "settling an open attempt", || settle(settling, row)) {
        Err(error) if !error.is_of_the_store() => {
            tracing::error!(row, error = error.told(), "an open attempt could not be settled");
            let reason = Reason::new(ReasonCode::known(gateway::UNCERTAIN));
            rows::bury(settling.tx, row, &reason, settling.now)?;
            Ok(Vec::new())
        }
        settled => settled,
    }
}

fn settle(settling: &Settling<'_>, id: i64) -> Result<Vec<Transition>, Error> {
    let row = rows::handoff_row(settling.tx, id)?;
    if settling.around.partners.get(&row.account).is_some() {
        return settling.interrupted(id);
    }
    settling
        .tx
        .prepare_cached(
            "UPDATE attempt SET ended_at = ?2, outcome = 'uncertain', code = ?3 WHERE handoff = ?1 AND ended_at IS NULL",
        )?
        .execute(params![id, millis(settling.now), gateway::INTERRUPTED])?;
    settling.become_what(&row, &Next::Dead(Reason::new(ReasonCode::known(gateway::NO_ACCOUNT))))
}

/// The accounts of ready handoffs, each found with one step into the index, however many wait.
fn accounts_waited_for(tx: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = tx.prepare_cached(
        "WITH RECURSIVE waiting (account) AS (
             SELECT min(account) FROM handoff WHERE ready_at IS NOT NULL
             UNION ALL
             SELECT (SELECT min(account) FROM handoff WHERE ready_at IS NOT NULL AND account > waiting.account)
             FROM waiting WHERE waiting.account IS NOT NULL
         ) SELECT account FROM waiting WHERE account IS NOT NULL",
    )?;
    let accounts = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(accounts)
}
