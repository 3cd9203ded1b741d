//! What follows from a handoff that has ended: nothing, a word in the dossier's state, or a plan.

use super::apart::apart;
use super::rows::HandoffRow;
use super::settle::Settling;
use super::{Error, Transition, known, planning, rows};
use lienthong_core::handoff::{Content, HandoffKind, Partner};
use lienthong_core::plan::{Cause, Ended, Follows, Settlement};
use lienthong_core::status::Status;

impl Settling<'_> {
    /// Does what follows; says what changed by it.
    pub(super) fn follow_up(&self, row: &HandoffRow, ended: Ended) -> Result<Vec<Transition>, Error> {
        let mut settlement = Settlement {
            handoff: row.handoff_id.clone(),
            kind: row.kind,
            leg: row.leg,
            number: row.number.clone(),
            status: row.row_status,
            at: self.now,
            ended,
        };
        let state = || known::state_of(&known::dossier(self.tx, row.dossier)?);
        let told = || self.commune_is_told(row);
        match settlement.follows(told, state)? {
            Follows::Nothing => Ok(Vec::new()),
            Follows::State(state) => {
                planning::write_state(self.tx, row.dossier, &state, self.now)?;
                Ok(Vec::new())
            }
            Follows::Plan => {
                settlement.status = self.status_of(row)?;
                self.plan_what_follows(row, &settlement)
            }
        }
    }

    /// Whether the system of the agency that the dossier belongs to is told what became of it.
    fn commune_is_told(&self, row: &HandoffRow) -> Result<bool, Error> {
        let tables = &self.around.tables;
        let told_at = |agency| tables.account(agency, Partner::Commune, self.now);
        Ok(tables.tell_communes() && told_at(&known::dossier(self.tx, row.dossier)?.agency).is_some())
    }

    /// The status that it tells the portal; of a record only the content knows it, until it is erased.
    fn status_of(&self, row: &HandoffRow) -> Result<Option<Status>, Error> {
        if row.kind != HandoffKind::PortalRecord {
            return Ok(row.row_status);
        }
        let content = known::readable(rows::payload::<Content>(self.tx, row.content))?;
        Ok(match content {
            Some(Content::Record(record)) => Some(record.status),
            Some(
                Content::Row(_)
                | Content::Status(_)
                | Content::Order(_)
                | Content::Cancel(_)
                | Content::News(_),
            )
            | None => None,
        })
    }

    fn plan_what_follows(&self, row: &HandoffRow, settlement: &Settlement) -> Result<Vec<Transition>, Error> {
        let cause = Cause::Settled(settlement);
        let planned = apart(self.tx, "planning what follows", || {
            let found = known::find(self.tx, row.dossier)?;
            planning::plan(self.tx, self.around, &found, row.inbox, cause, self.now)
        });
        match planned {
            // What is known of the attempt is worth more than what follows from it: it must not be lost with the plan.
            Err(error) if !error.is_of_the_store() => {
                tracing::error!(handoff.id = %row.handoff_id, error = %error, "what follows from a handoff could not be planned");
                Ok(Vec::new())
            }
            planned => planned,
        }
    }
}
