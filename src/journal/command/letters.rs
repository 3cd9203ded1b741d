//! Dead letters one by one: replayed, dismissed, reopened.

use super::super::replay::{self, Course, Refusal};
use super::super::{Error, known, lanes, millis, rows, waybills};
use super::{Acted, Acting, CommandJournal, refused};
use jiff::Timestamp;
use lienthong_core::handoff::HandoffKind;
use lienthong_core::ids::HandoffId;
use lienthong_core::plan::Ended;
use lienthong_core::state::LegStage;
use rusqlite::params;

impl CommandJournal {
    /// Sets a dead letter due again under the same key. What may be at the partner needs `not_there`: the word of
    /// somebody who asked.
    ///
    /// # Errors
    /// When the store fails.
    pub fn replay(
        &mut self,
        id: &HandoffId,
        not_there: bool,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<Acted, Error> {
        self.act("replay", now, |acting| {
            let Some(row) = rows::handoff_row_of(acting.tx, id)? else { return refused(Refusal::Unknown) };
            acting.replay(&row, not_there, reason)
        })
    }

    /// Ends a dead letter by hand: nothing more is done about it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn dismiss(&mut self, id: &HandoffId, reason: &str, now: Timestamp) -> Result<Acted, Error> {
        self.act("dismiss", now, |acting| {
            let Some(row) = rows::handoff_row_of(acting.tx, id)? else { return refused(Refusal::Unknown) };
            if row.state != "dead" && row.state != "held" {
                return refused(Refusal::NotDead);
            }
            acting.note(&row, Some(reason), None)?;
            acting.end_by_hand(&row)
        })
    }

    /// Takes a dismissal back: it is a dead letter again, in its place, as long as nothing later rests on its end.
    ///
    /// # Errors
    /// When the store fails.
    pub fn reopen(&mut self, id: &HandoffId, reason: Option<&str>, now: Timestamp) -> Result<Acted, Error> {
        self.act("reopen", now, |acting| {
            let Some(row) = rows::handoff_row_of(acting.tx, id)? else { return refused(Refusal::Unknown) };
            if row.state != "dismissed" {
                return refused(Refusal::NotDismissed);
            }
            if row.content.is_none() {
                return refused(Refusal::Erased);
            }
            if acting.has_later_work(&row)? {
                return refused(Refusal::LaterWork);
            }
            acting.note(&row, reason, None)?;
            acting.reopen(&row)
        })
    }
}

impl Acting<'_> {
    /// Sets it due.
    pub(super) fn replay(
        &self,
        row: &rows::HandoffRow,
        not_there: bool,
        reason: Option<&str>,
    ) -> Result<Acted, Error> {
        let course = match replay::course_of(self.tx, self.around, row, not_there)? {
            Ok(course) => course,
            Err(refusal) => return refused(refusal),
        };
        let detail = match (course, not_there) {
            (Course::Late, _) => Some("late"),
            (Course::InPlace, true) => Some("not there"),
            (Course::InPlace, false) => None,
        };
        self.note(row, reason, detail)?;
        replay::set_due(self.tx, self.around, row, course, self.now)?;
        Ok(match course {
            Course::InPlace => Acted::Done,
            Course::Late => Acted::DueLate,
        })
    }

    /// Ends a handoff by hand and plans what follows; its reason stays, for whoever reopens it.
    pub(super) fn end_by_hand(&self, row: &rows::HandoffRow) -> Result<Acted, Error> {
        rows::end(self.tx, row.id, "dismissed", None, self.now)?;
        waybills::give_back(self.tx, self.around, row)?;
        self.settling().follow_up(row, Ended::ByHand)?;
        lanes::refresh(self.tx, row.dossier, &self.around.tables)?;
        Ok(Acted::Done)
    }

    /// Whether the portal has a newer record or status, or the leg went on with another order.
    fn has_later_work(&self, row: &rows::HandoffRow) -> Result<bool, Error> {
        match row.kind {
            HandoffKind::PortalProgress | HandoffKind::CommuneEvent => Ok(false),
            HandoffKind::PortalRecord | HandoffKind::PortalStatus => Ok(self
                .tx
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM handoff WHERE dossier = ?1 AND kind = ?3 AND id > ?2
                         AND state NOT IN ('dismissed', 'observed'))",
                )?
                .query_row(params![row.dossier, row.id, row.kind.name()], |row| row.get(0))?),
            HandoffKind::PostOrder | HandoffKind::PostCancel => {
                let state = known::state_of(&known::dossier(self.tx, row.dossier)?)?;
                let leg = row.leg.and_then(|leg| state.legs.get(&leg));
                Ok(!leg.is_some_and(|leg| {
                    Some(&leg.number) == row.number.as_ref() && leg.stage == LegStage::ByHand
                }))
            }
        }
    }

    fn reopen(&self, row: &rows::HandoffRow) -> Result<Acted, Error> {
        let state = if row.dead_at.is_some() { "dead" } else { "held" };
        self.tx
            .prepare_cached(
                "UPDATE handoff SET state = ?2, ended_at = NULL, dead_at = CASE WHEN ?2 = 'dead' THEN ?3 END WHERE id = ?1",
            )?
            .execute(params![row.id, state, millis(self.now)])?;
        self.settling().follow_up(row, Ended::Reopened)?;
        lanes::refresh(self.tx, row.dossier, &self.around.tables)?;
        Ok(Acted::Done)
    }
}
