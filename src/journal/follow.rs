//! What follows from a handoff that has ended: nothing, a word in the dossier's state, or a plan.

use super::apart::apart;
use super::rows::HandoffRow;
use super::settle::Settling;
use super::{Error, Transition, known, planning};
use lienthong_core::plan::{Cause, Ended, Follows, Settlement};

impl Settling<'_> {
    /// Does what follows; says what changed by it.
    pub(super) fn follow_up(&self, row: &HandoffRow, ended: Ended) -> Result<Vec<Transition>, Error> {
        let settlement = Settlement {
            handoff: row.handoff_id.clone(),
            kind: row.kind,
            leg: row.leg,
            number: row.number.clone(),
            ended,
        };
        let state = || known::state_of(&known::dossier(self.tx, row.dossier)?);
        match settlement.follows(state)? {
            Follows::Nothing => Ok(Vec::new()),
            Follows::State(state) => {
                planning::write_state(self.tx, row.dossier, &state, self.now)?;
                Ok(Vec::new())
            }
            Follows::Plan => self.plan_what_follows(row, &settlement),
        }
    }

    fn plan_what_follows(&self, row: &HandoffRow, settlement: &Settlement) -> Result<Vec<Transition>, Error> {
        let cause = Cause::Settled(settlement);
        let planned = apart(self.tx, "planning what follows", || {
            planning::plan(self.tx, self.around, row.dossier, row.inbox, cause, self.now)
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
