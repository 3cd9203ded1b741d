//! Finds or makes a dossier's row, and joins a slip to the dossier that names it.

use super::admit::Admitting;
use super::known::{DossierRow, Found};
use super::rows;
use super::{Error, Transition, known, lanes, millis, waybills};
use jiff::Timestamp;
use lienthong_core::event::{Event, Snapshot, Subject};
use lienthong_core::handoff::Leg;
use lienthong_core::ids::{DossierKey, HandoffId, SlipNumber};
use lienthong_core::plan::Stage;
use lienthong_core::plan::reasons::OLD_PARCEL;
use lienthong_core::state::DossierState;
use rusqlite::{OptionalExtension, params};

/// How much a pickup order promises, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hope {
    /// The post surely has not taken it, and it is stopped.
    Refused,
    /// The post surely has not taken it, and it is due.
    Unsent,
    /// The post has it, or may have it.
    MayBeThere,
}

impl Admitting<'_> {
    /// Finds or makes the dossier's row; joins a slip to the dossier that names it.
    pub(super) fn dossier_of(&mut self, event: &Event, now: Timestamp) -> Result<Found, Error> {
        let slip = match &event.subject {
            Subject::Slip(slip) => {
                if let Some(joined) = self.joined(slip)? {
                    return known::find(self.tx, joined);
                }
                None
            }
            Subject::Dossier(_) => event.snapshot.dossier.slip.as_ref(),
        };
        let key = event.dossier_key();
        let found = known::dossier_with(self.tx, key.as_str())?;
        let find_or_make = |found: Option<DossierRow>| match found {
            Some(dossier) => Found::there(dossier),
            None => self.make(event, now),
        };
        let Some(slip) = slip else { return find_or_make(found) };
        if self.joined(slip)?.is_some() {
            return find_or_make(found);
        }
        let slip_row = known::dossier_with(self.tx, DossierKey::of_slip(slip).as_str())?.map(|row| row.id);
        let dossier = match (found, slip_row) {
            (Some(dossier), Some(slip_row)) => {
                self.merge(dossier.id, slip_row, now)?;
                known::find(self.tx, dossier.id)?
            }
            (Some(dossier), None) => Found::there(dossier)?,
            (None, Some(slip_row)) => {
                self.tx
                    .prepare_cached("UPDATE dossier SET key = ?2, agency = ?3 WHERE id = ?1")?
                    .execute(params![slip_row, key.as_str(), event.snapshot.agency.code.as_str()])?;
                known::find(self.tx, slip_row)?
            }
            (None, None) => self.make(event, now)?,
        };
        self.tx
            .prepare_cached("INSERT INTO slip (slip, dossier) VALUES (?1, ?2)")?
            .execute(params![slip.as_str(), dossier.row.id])?;
        Ok(dossier)
    }

    /// Moves everything of a slip's row to the dossier that began before the slip was named.
    fn merge(&mut self, dossier: i64, slip_row: i64, now: Timestamp) -> Result<(), Error> {
        let slip = known::dossier(self.tx, slip_row)?;
        let own = known::dossier(self.tx, dossier)?;
        let basis = self.merge_snapshots(own.basis, slip.basis)?;
        let (state, mut slip_state) = (known::state_of(&own)?, known::state_of(&slip)?);
        self.end_rival(dossier, &state, &mut slip_state, now)?;
        let state = serde_json::to_string(&state.join(slip_state))
            .map_err(|source| Error::Unreadable { what: "the state of a dossier", source })?;
        for sql in [
            "UPDATE inbox SET dossier = ?1 WHERE dossier = ?2",
            "UPDATE handoff SET dossier = ?1 WHERE dossier = ?2",
            "UPDATE flag SET dossier = ?1 WHERE dossier = ?2",
            "UPDATE slip SET dossier = ?1 WHERE dossier = ?2",
            "UPDATE reconcile_item SET dossier = ?1 WHERE dossier = ?2",
            "UPDATE reconcile_finding SET dossier = ?1 WHERE dossier = ?2",
            "UPDATE OR REPLACE lane_pause SET dossier = ?1 WHERE dossier = ?2",
        ] {
            self.tx.prepare_cached(sql)?.execute(params![dossier, slip_row])?;
        }
        self.tx.prepare_cached("DELETE FROM dossier WHERE id = ?1")?.execute([slip_row])?;
        self.tx
            .prepare_cached("UPDATE dossier SET state = ?2, basis = ?3, updated_at = ?4 WHERE id = ?1")?
            .execute(params![dossier, state, basis, millis(now)])?;
        if let Some(left) = slip.basis.filter(|left| Some(*left) != basis) {
            self.tx.prepare_cached("DELETE FROM payload WHERE id = ?1")?.execute([left])?;
        }
        lanes::refresh(self.tx, dossier, &self.around.tables)
    }

    /// The dossier's snapshot with what only the slip knew: where the papers are collected. The slip's own is let go.
    fn merge_snapshots(&self, own: Option<i64>, slip: Option<i64>) -> Result<Option<i64>, Error> {
        let Some(kept) = own else { return Ok(slip) };
        let known = (rows::payload::<Snapshot>(self.tx, own)?, rows::payload::<Snapshot>(self.tx, slip)?);
        if let (Some(mut snapshot), Some(of_slip)) = known
            && snapshot.postal.pickup.is_none()
        {
            snapshot.postal.pickup = of_slip.postal.pickup;
            snapshot.dossier.slip = snapshot.dossier.slip.or(of_slip.dossier.slip);
            rows::replace_payload(self.tx, own, &snapshot)?;
        }
        Ok(Some(kept))
    }

    /// Both may have ordered a pickup, and one order stands: the other is superseded if it never left, else somebody must
    /// phone the post.
    fn end_rival(
        &mut self,
        dossier: i64,
        own: &DossierState,
        slip: &mut DossierState,
        now: Timestamp,
    ) -> Result<(), Error> {
        let under_way = |state: &DossierState| {
            state.legs.get(&Leg::Pickup).filter(|leg| leg.stage.is_under_way()).map(|leg| leg.order.clone())
        };
        let (Some(own_order), Some(slip_order)) = (under_way(own), under_way(slip)) else { return Ok(()) };
        if self.hope_of(&slip_order)? < self.hope_of(&own_order)? {
            // What the post may have weighs more than what only we know of, and that more than what it refused.
            slip.legs.remove(&Leg::Pickup);
            return self.supersede(&slip_order, now);
        }
        let joined = own.clone().join(slip.clone());
        let slip_stands = joined.legs.get(&Leg::Pickup).is_some_and(|leg| leg.order == slip_order);
        let rival = if slip_stands { own_order } else { slip_order };
        if self.hope_of(&rival)? < Hope::MayBeThere {
            return self.supersede(&rival, now);
        }
        self.tx
            .prepare_cached("INSERT INTO flag (dossier, code, task, at) VALUES (?1, ?2, 1, ?3)")?
            .execute(params![dossier, OLD_PARCEL, millis(now)])?;
        Ok(())
    }

    /// How much an order still promises. One that was tried and never taken is as good as unsent.
    fn hope_of(&self, order: &HandoffId) -> Result<Hope, Error> {
        let Some(row) = rows::handoff_row_of(self.tx, order)? else { return Ok(Hope::MayBeThere) };
        Ok(match row.stage() {
            Some(_) if known::attempted(self.tx, &row)? => Hope::MayBeThere,
            Some(Stage::Dead) => Hope::Refused,
            Some(Stage::Waiting | Stage::Held) => Hope::Unsent,
            Some(Stage::Sending | Stage::Uncertain) | None => Hope::MayBeThere,
        })
    }

    fn supersede(&mut self, order: &HandoffId, now: Timestamp) -> Result<(), Error> {
        let Some(row) = rows::handoff_row_of(self.tx, order)? else { return Ok(()) };
        rows::end(self.tx, row.id, "superseded", None, now)?;
        waybills::give_back(self.tx, self.around, &row)?;
        let dossier = known::key(self.tx, row.dossier)?;
        self.transitions.push(Transition {
            handoff: row.handoff_id,
            dossier,
            kind: row.kind,
            account: row.account.as_str().to_owned(),
            state: "superseded",
            reason: None,
            attempt: row.attempts,
        });
        Ok(())
    }

    fn joined(&self, slip: &SlipNumber) -> Result<Option<i64>, Error> {
        Ok(self
            .tx
            .prepare_cached("SELECT dossier FROM slip WHERE slip = ?1")?
            .query_row([slip.as_str()], |row| row.get(0))
            .optional()?)
    }

    fn make(&self, event: &Event, now: Timestamp) -> Result<Found, Error> {
        let (key, agency) = (event.dossier_key(), event.snapshot.agency.code.clone());
        let state = serde_json::to_string(&DossierState::default())
            .map_err(|source| Error::Unreadable { what: "the state of a dossier", source })?;
        self.tx
            .prepare_cached(
                "INSERT INTO dossier (key, agency, state, updated_at, received_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                key.as_str(),
                agency.as_str(),
                state,
                millis(now),
                // Counted as received even if its event waits.
                event.snapshot.dossier.received_at.map(millis),
            ])?;
        let row = DossierRow { id: self.tx.last_insert_rowid(), key, agency, state, basis: None };
        Ok(Found { row, state: DossierState::default(), is_new: true })
    }
}
