//! Storms: refusals that are taken for an outage that speaks politely.

use super::rows::{self, HandoffRow};
use super::settle::Settling;
use super::{Error, Transition, accounts, known, lanes, millis, replay_tasks};
use lienthong_core::ids::HandoffId;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use rusqlite::params;

impl Settling<'_> {
    /// Takes the refusal for a part of an outage that speaks politely, if it is one: the account is blocked, and what was
    /// refused goes back to due. So do refusals that were under way when the account was blocked. A bulk replay stops by
    /// itself, so its refusals are none.
    pub(super) fn ride_out(
        &self,
        row: &HandoffRow,
        reason: &Reason,
    ) -> Result<Option<Vec<Transition>>, Error> {
        if replay_tasks::is_under_bulk_replay(self.tx, row.id)? {
            return Ok(None);
        }
        let account = accounts::account(self.tx, &row.account)?;
        let storms = account.blocked.is_some_and(|code| code.as_str() == gateway::STORM);
        let mut storm = account.storm;
        let refused = if storms {
            storm.weather(row.kind, reason, &row.handoff_id);
            Some(Vec::new())
        } else {
            let dossier = known::dossier(self.tx, row.dossier)?;
            storm.refuse(row.kind, reason, &dossier.key, &row.handoff_id)
        };
        accounts::store_storm(self.tx, &row.account, &storm)?;
        let Some(refused) = refused else { return Ok(None) };
        let storm = Reason::new(ReasonCode::known(gateway::STORM));
        self.block(row, &storm.code)?;
        self.wait(row, self.now, false)?;
        self.forget_failures(row.id)?;
        let mut transitions = vec![self.transition(row, "waiting", Some(storm.clone()))?];
        for id in &refused {
            transitions.extend(self.revive(id, &storm)?);
        }
        crash_point!("storm.before_commit");
        Ok(Some(transitions))
    }

    /// Sets a dead letter due again: its refusal turned out to be an outage.
    fn revive(&self, id: &HandoffId, storm: &Reason) -> Result<Option<Transition>, Error> {
        let Some(row) = rows::handoff_row_of(self.tx, id)? else { return Ok(None) };
        if row.state != "dead" {
            return Ok(None);
        }
        self.tx
            .prepare_cached(
                "UPDATE handoff SET state = 'waiting', due_at = ?2, dead_at = NULL, code = NULL, field = NULL WHERE id = ?1",
            )?
            .execute(params![row.id, millis(self.now)])?;
        self.forget_failures(row.id)?;
        lanes::refresh(self.tx, row.dossier, &self.around.tables)?;
        self.transition(&row, "waiting", Some(storm.clone())).map(Some)
    }

    /// An outage burns no attempt.
    fn forget_failures(&self, row: i64) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE handoff SET failures = 0, counted_attempts = 0, counted_age_ms = 0 WHERE id = ?1",
            )?
            .execute([row])?;
        Ok(())
    }
}
