//! Planning inside a transaction: what is known goes in, the plan is written down.

use super::known::{self, DossierRow, Found};
use super::lanes::Lanes;
use super::newborn::{Newborn, born_reason, born_state, cash_of, facets};
use super::rows::HandoffRow;
use super::{Error, Surroundings, millis, rows, stops, waybills};
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::event::Snapshot;
use lienthong_core::handoff::{Content, HandoffKind, Leg};
use lienthong_core::ids::{AgencyCode, DossierKey, HandoffId, OrderNumber};
use lienthong_core::outcome::Reason;
use lienthong_core::plan::{self, Born, Cause, Change, Flag, Plan, Planned};
use lienthong_core::state::DossierState;
use lienthong_core::status::Status;
use lienthong_core::tables::Mode;
use rusqlite::{Connection, params};

/// A change of a handoff's state, logged once it is committed.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Which handoff.
    pub handoff: HandoffId,
    /// Its dossier.
    pub dossier: DossierKey,
    /// Its kind.
    pub kind: HandoffKind,
    /// Its account.
    pub account: String,
    /// What it is now.
    pub state: &'static str,
    /// Why.
    pub reason: Option<Reason>,
    /// Attempts made.
    pub attempt: u32,
}

/// What was planned while the gateway only observed never left: going live, it counts for nothing.
fn forget_observed(tx: &Connection, dossier: i64, state: &mut DossierState) -> Result<(), Error> {
    let observed: Vec<(String, String)> = tx
        .prepare_cached("SELECT handoff_id, kind FROM handoff INDEXED BY handoff_observed WHERE dossier = ?1 AND state = 'observed'")?
        .query_map([dossier], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    if !observed.is_empty() {
        let order = |id: &HandoffId| observed.iter().any(|(observed, _)| observed == id.as_str());
        let record = observed.iter().any(|(_, kind)| kind == HandoffKind::PortalRecord.name());
        state.forget_observed(order, record && !has_live_record(tx, dossier)?);
    }
    Ok(())
}

/// Whether a record that was not only observed is on its way to the portal, or there.
fn has_live_record(tx: &Connection, dossier: i64) -> Result<bool, Error> {
    Ok(tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM handoff WHERE dossier = ?1 AND kind = 'portal.record'
                 AND state NOT IN ('observed', 'superseded'))",
        )?
        .query_row([dossier], |row| row.get(0))?)
}

/// Plans a cause for a dossier and writes the plan down. `inbox` is the event behind it, if one is.
pub(super) fn plan(
    tx: &Connection,
    around: &Surroundings,
    found: &Found,
    inbox: Option<i64>,
    cause: Cause<'_>,
    now: Timestamp,
) -> Result<Vec<Transition>, Error> {
    let mut known = found.known(tx)?;
    let dossier = &found.row;
    let speaks = match cause {
        Cause::Desk(event) => &event.snapshot.agency.code,
        Cause::Tracking(_) | Cause::Settled(_) => &dossier.agency,
    };
    if !found.is_new && !is_observed(around, speaks) {
        forget_observed(tx, dossier.id, &mut known.state)?;
    }
    let plan = plan::plan(cause, &known, &around.tables, &around.partners, now);
    let agency = plan.basis.as_ref().map_or(&dossier.agency, |basis| &basis.agency.code);
    let writing = Writing { tx, around, dossier, agency, inbox, now, is_new: found.is_new };
    writing.write(&plan)
}

/// Writes down a plan that a person asked for, with no event behind it.
pub(super) fn write(
    tx: &Connection,
    around: &Surroundings,
    dossier_id: i64,
    plan: &Plan,
    now: Timestamp,
) -> Result<Vec<Transition>, Error> {
    let dossier = known::dossier(tx, dossier_id)?;
    let writing =
        Writing { tx, around, dossier: &dossier, agency: &dossier.agency, inbox: None, now, is_new: false };
    writing.write(plan)
}

/// Writes down a state of a dossier that came about without a plan.
pub(super) fn write_state(
    tx: &Connection,
    dossier: i64,
    state: &DossierState,
    now: Timestamp,
) -> Result<(), Error> {
    tx.prepare_cached("UPDATE dossier SET state = ?2, updated_at = ?3 WHERE id = ?1")?.execute(params![
        dossier,
        state_as_text(state)?,
        millis(now)
    ])?;
    Ok(())
}

fn state_as_text(state: &DossierState) -> Result<String, Error> {
    serde_json::to_string(state)
        .map_err(|source| Error::Unreadable { what: "the state of a dossier", source })
}

struct Writing<'a> {
    tx: &'a Connection,
    around: &'a Surroundings,
    dossier: &'a DossierRow,
    /// Of the newest event: a dossier may have moved.
    agency: &'a AgencyCode,
    inbox: Option<i64>,
    now: Timestamp,
    /// Nothing was planned for the dossier before.
    is_new: bool,
}

impl Writing<'_> {
    fn write(&self, plan: &Plan) -> Result<Vec<Transition>, Error> {
        self.write_dossier(plan)?;
        let mut transitions = Vec::new();
        let mut places = Vec::new();
        for change in &plan.changes {
            let Some(row) = rows::handoff_row_of(self.tx, change_id(change))? else { continue };
            transitions.extend(self.write_change(change, &row)?);
            places.push((row.handoff_id, row.place));
        }
        if !plan.changes.is_empty() || !plan.handoffs.is_empty() {
            transitions.extend(self.write_handoffs(&plan.handoffs, &places)?);
        }
        for flag in &plan.flags {
            self.write_flag(flag)?;
        }
        Ok(transitions)
    }

    /// Writes new handoffs down, each with its mark, and the marks of the others of their lanes.
    fn write_handoffs(
        &self,
        handoffs: &[Planned],
        places: &[(HandoffId, i64)],
    ) -> Result<Vec<Transition>, Error> {
        let dossier = self.dossier.id;
        let mut lanes = if self.is_new { Lanes::new(dossier) } else { Lanes::open(self.tx, dossier)? };
        let observed = is_observed(self.around, self.agency);
        let newborn: Vec<_> = handoffs.iter().map(|planned| Newborn::of(planned, places, observed)).collect();
        for (number, newborn) in newborn.iter().enumerate() {
            if let Some(entry) = newborn.entry(self.now) {
                lanes.add(number, newborn.place, entry);
            }
        }
        let ready = lanes.mark(self.tx, &self.around.tables)?;
        let ready_at = |number| ready.iter().find(|(of, _)| *of == number).map(|(_, at)| *at);
        let written = newborn.iter().enumerate();
        written.map(|(number, newborn)| self.write_handoff(newborn, ready_at(number))).collect()
    }

    fn write_dossier(&self, plan: &Plan) -> Result<(), Error> {
        let state = state_as_text(&plan.state)?;
        let basis = match &plan.basis {
            Some(basis) => Some(rows::replace_payload(self.tx, self.dossier.basis, basis)?),
            None => self.dossier.basis,
        };
        // What an index is about stands in no `SET` where it stays as it is: the index would be written all the same.
        let sql = if basis == self.dossier.basis {
            "UPDATE dossier SET state = ?2, updated_at = ?3 WHERE id = ?1"
        } else {
            "UPDATE dossier SET state = ?2, updated_at = ?3, basis = ?4 WHERE id = ?1"
        };
        let (dossier, now) = (self.dossier.id, millis(self.now));
        let mut statement = self.tx.prepare_cached(sql)?;
        if basis == self.dossier.basis {
            statement.execute(params![dossier, state, now])?;
        } else {
            statement.execute(params![dossier, state, now, basis])?;
        }
        match &plan.basis {
            Some(basis) => self.write_facts(basis),
            None => Ok(()),
        }
    }

    /// Copies what is counted when the snapshot has long been erased. Most events change none of it, and no index then.
    fn write_facts(&self, basis: &Snapshot) -> Result<(), Error> {
        let told = &basis.dossier;
        self.tx
            .prepare_cached(
                "UPDATE dossier SET agency = ?2, due_at = coalesce(?3, due_at), promised_at = coalesce(promised_at, ?3),
                     received_at = coalesce(?4, received_at), return_by_post = ?5
                 WHERE id = ?1 AND (agency, due_at, received_at, return_by_post)
                     IS NOT (?2, coalesce(?3, due_at), coalesce(?4, received_at), ?5)",
            )?
            .execute(params![
                self.dossier.id,
                self.agency.as_str(),
                told.due_at.map(millis),
                told.received_at.map(millis),
                told.return_by_post,
            ])?;
        Ok(())
    }

    fn write_change(&self, change: &Change, row: &HandoffRow) -> Result<Option<Transition>, Error> {
        let (state, reason) = match change {
            Change::Supersede { .. } if sabotaged!("superseding") => return Ok(None),
            Change::Supersede { .. } => {
                rows::end(self.tx, row.id, "superseded", None, self.now)?;
                waybills::give_back(self.tx, self.around, row)?;
                ("superseded", None)
            }
            Change::Annihilate { .. } => {
                rows::end(self.tx, row.id, "superseded", Some(reasons::ANNIHILATED), self.now)?;
                waybills::give_back(self.tx, self.around, row)?;
                ("superseded", None)
            }
            Change::Replan { content, born, .. } => (self.replan(row, content, born)?, born_reason(born)),
        };
        Ok(Some(self.transition(
            &row.handoff_id,
            row.kind,
            row.account.as_str(),
            state,
            reason,
            row.attempts,
        )))
    }

    fn replan(&self, row: &HandoffRow, content: &Content, born: &Born) -> Result<&'static str, Error> {
        let payload = rows::replace_payload(self.tx, row.content, content)?;
        let state = born_state(born);
        let reason = born_reason(born);
        self.tx
            .prepare_cached(
                "UPDATE handoff SET state = ?2, content = ?3, code = ?4, field = ?5, due_at = ?6, failures = 0,
                     counted_attempts = 0, counted_age_ms = 0, inbox = coalesce(?7, inbox), tables_version = ?8,
                     dead_at = CASE WHEN ?2 = 'dead' THEN ?6 END, ready_at = NULL, cash = ?9 WHERE id = ?1",
            )?
            .execute(params![
                row.id,
                state,
                payload,
                reason.as_ref().map(|reason| reason.code.as_str().to_owned()),
                reason.as_ref().and_then(|reason| reason.field.clone()),
                millis(self.now),
                self.inbox,
                self.around.tables.version.as_str(),
                cash_of(content),
            ])?;
        stops::note(self.tx, row.id, state, reason.as_ref(), self.now)?;
        Ok(state)
    }

    fn write_handoff(&self, newborn: &Newborn<'_>, ready_at: Option<i64>) -> Result<Transition, Error> {
        let Newborn { planned, place, state, .. } = newborn;
        let (kind, account) = (planned.content.kind(), planned.account.as_str());
        let (leg, number, row_status) = facets(&planned.content);
        let reason = born_reason(&planned.born);
        let content = rows::put_payload(self.tx, &planned.content)?;
        let now = millis(self.now);
        self.tx
            .prepare_cached(
                "INSERT INTO handoff (handoff_id, dossier, partner, account, kind, leg, number, row_status, place, state,
                     due_at, code, field, dead_at, inbox, content, tables_version, planned_at, ended_at, agency, cash,
                     ready_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(?9, (SELECT ifnull(max(id), 0) + 1 FROM handoff)),
                     ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?11, ?18, ?19, ?20, ?21)",
            )?
            .execute(params![
                planned.id.as_str(),
                self.dossier.id,
                kind.partner().name(),
                account,
                kind.name(),
                leg.map(Leg::name),
                number.map(OrderNumber::as_str),
                row_status.map(Status::code),
                place,
                state,
                now,
                reason.as_ref().map(|reason| reason.code.as_str()),
                reason.as_ref().and_then(|reason| reason.field.as_deref()),
                (*state == "dead").then_some(now),
                self.inbox,
                content,
                self.around.tables.version.as_str(),
                (*state == "observed").then_some(now),
                self.agency.as_str(),
                cash_of(&planned.content),
                ready_at,
            ])?;
        stops::note(self.tx, self.tx.last_insert_rowid(), state, reason.as_ref(), self.now)?;
        Ok(self.transition(&planned.id, kind, account, state, reason, 0))
    }

    fn write_flag(&self, flag: &Flag) -> Result<(), Error> {
        self.tx
            .prepare_cached("INSERT INTO flag (dossier, inbox, code, task, at) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![self.dossier.id, self.inbox, flag.code.as_str(), flag.task, millis(self.now)])?;
        Ok(())
    }

    fn transition(
        &self,
        handoff: &HandoffId,
        kind: HandoffKind,
        account: &str,
        state: &'static str,
        reason: Option<Reason>,
        attempt: u32,
    ) -> Transition {
        let dossier = self.dossier.key.clone();
        Transition {
            handoff: handoff.clone(),
            dossier,
            kind,
            account: account.to_owned(),
            state,
            reason,
            attempt,
        }
    }
}

/// Whether nothing is sent for the agency.
fn is_observed(around: &Surroundings, agency: &AgencyCode) -> bool {
    let mode = around.tables.agency(agency).map(|agency| agency.mode);
    around.mode == Mode::Observe || mode == Some(Mode::Observe)
}

fn change_id(change: &Change) -> &HandoffId {
    match change {
        Change::Supersede { id } | Change::Annihilate { id } | Change::Replan { id, .. } => id,
    }
}
