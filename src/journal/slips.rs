//! Finds or makes a dossier's row, and joins a slip to the dossier that names it.

use super::admit::Admitting;
use super::{Error, lanes, millis, planning};
use jiff::Timestamp;
use lienthong_core::event::{Event, Subject};
use lienthong_core::ids::{DossierKey, SlipNumber};
use lienthong_core::state::DossierState;
use rusqlite::{OptionalExtension, params};

impl Admitting<'_> {
    /// Finds or makes the dossier's row; joins a slip to the dossier that names it.
    pub(super) fn dossier_of(&self, event: &Event, now: Timestamp) -> Result<i64, Error> {
        let slip = match &event.subject {
            Subject::Slip(slip) => {
                if let Some(joined) = self.joined(slip)? {
                    return Ok(joined);
                }
                None
            }
            Subject::Dossier(_) => event.snapshot.dossier.slip.as_ref(),
        };
        let key = event.dossier_key();
        let found = self.find(key.as_str())?;
        let Some(slip) = slip else { return found.map_or_else(|| self.make(event, now), Ok) };
        if self.joined(slip)?.is_some() {
            return found.map_or_else(|| self.make(event, now), Ok);
        }
        let slip_row = self.find(DossierKey::of_slip(slip).as_str())?;
        let dossier = match (found, slip_row) {
            (Some(dossier), Some(slip_row)) => self.merge(dossier, slip_row, now)?,
            (Some(dossier), None) => dossier,
            (None, Some(slip_row)) => {
                self.tx
                    .prepare_cached("UPDATE dossier SET key = ?2, agency = ?3 WHERE id = ?1")?
                    .execute(params![slip_row, key.as_str(), event.snapshot.agency.code.as_str()])?;
                slip_row
            }
            (None, None) => self.make(event, now)?,
        };
        self.tx
            .prepare_cached("INSERT INTO slip (slip, dossier) VALUES (?1, ?2)")?
            .execute(params![slip.as_str(), dossier])?;
        Ok(dossier)
    }

    /// Moves everything of a slip's row to the dossier that began before the slip was named.
    fn merge(&self, dossier: i64, slip_row: i64, now: Timestamp) -> Result<i64, Error> {
        let slip_state = planning::state_of(&planning::dossier(self.tx, slip_row)?)?;
        let state = planning::state_of(&planning::dossier(self.tx, dossier)?)?.join(slip_state);
        let state = serde_json::to_string(&state)
            .map_err(|source| Error::Unreadable { what: "the state of a dossier", source })?;
        for sql in [
            "UPDATE inbox SET dossier = ?1 WHERE dossier = ?2",
            "UPDATE handoff SET dossier = ?1 WHERE dossier = ?2",
            "UPDATE flag SET dossier = ?1 WHERE dossier = ?2",
        ] {
            self.tx.prepare_cached(sql)?.execute(params![dossier, slip_row])?;
        }
        self.tx.prepare_cached("DELETE FROM dossier WHERE id = ?1")?.execute([slip_row])?;
        self.tx
            .prepare_cached("UPDATE dossier SET state = ?2, updated_at = ?3 WHERE id = ?1")?
            .execute(params![dossier, state, millis(now)])?;
        lanes::refresh(self.tx, dossier, &self.around.tables)?;
        Ok(dossier)
    }

    fn joined(&self, slip: &SlipNumber) -> Result<Option<i64>, Error> {
        Ok(self
            .tx
            .prepare_cached("SELECT dossier FROM slip WHERE slip = ?1")?
            .query_row([slip.as_str()], |row| row.get(0))
            .optional()?)
    }

    fn find(&self, key: &str) -> Result<Option<i64>, Error> {
        Ok(self
            .tx
            .prepare_cached("SELECT id FROM dossier WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }

    fn make(&self, event: &Event, now: Timestamp) -> Result<i64, Error> {
        let state = serde_json::to_string(&DossierState::default())
            .map_err(|source| Error::Unreadable { what: "the state of a dossier", source })?;
        self.tx
            .prepare_cached("INSERT INTO dossier (key, agency, state, updated_at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                event.dossier_key().as_str(),
                event.snapshot.agency.code.as_str(),
                state,
                millis(now)
            ])?;
        Ok(self.tx.last_insert_rowid())
    }
}
