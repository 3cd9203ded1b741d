//! What is known of a dossier, read for planning.

use super::{Error, rows};
use lienthong_core::event::{Event, Snapshot};
use lienthong_core::handoff::HandoffKind;
use lienthong_core::ids::{AgencyCode, DossierKey};
use lienthong_core::plan::{Known, Open, Stage};
use lienthong_core::state::DossierState;
use rusqlite::{Connection, OptionalExtension, Row};

/// A dossier's row, as planning needs it.
pub(super) struct DossierRow {
    pub(super) id: i64,
    pub(super) key: DossierKey,
    pub(super) agency: AgencyCode,
    pub(super) state: String,
    pub(super) basis: Option<i64>,
}

/// A dossier as an event finds it.
pub(super) struct Found {
    pub(super) row: DossierRow,
    pub(super) state: DossierState,
    /// Its row was made for this event: nothing was planned for it, and nothing need be read.
    pub(super) is_new: bool,
}

impl Found {
    /// One that was there before.
    pub(super) fn there(row: DossierRow) -> Result<Self, Error> {
        let state = state_of(&row)?;
        Ok(Self { row, state, is_new: false })
    }

    /// What is known of it.
    pub(super) fn known(&self, tx: &Connection) -> Result<Known, Error> {
        if self.is_new {
            let agency = Some(self.row.agency.clone());
            return Ok(Known { agency, state: self.state.clone(), ..Known::default() });
        }
        with_state(tx, &self.row, self.state.clone())
    }
}

/// Finds a dossier that is there.
pub(super) fn find(tx: &Connection, id: i64) -> Result<Found, Error> {
    Found::there(dossier(tx, id)?)
}

/// Reads a dossier's row.
pub(super) fn dossier(tx: &Connection, id: i64) -> Result<DossierRow, Error> {
    let sql = "SELECT id, key, agency, state, basis FROM dossier WHERE id = ?1";
    Ok(tx.prepare_cached(sql)?.query_row([id], DossierRow::read)?)
}

/// Reads the row of the dossier with that key, if there is one.
pub(super) fn dossier_with(tx: &Connection, key: &str) -> Result<Option<DossierRow>, Error> {
    let sql = "SELECT id, key, agency, state, basis FROM dossier WHERE key = ?1";
    Ok(tx.prepare_cached(sql)?.query_row([key], DossierRow::read).optional()?)
}

impl DossierRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: DossierKey::new(row.get::<_, String>(1)?),
            agency: AgencyCode::new(row.get::<_, String>(2)?),
            state: row.get(3)?,
            basis: row.get(4)?,
        })
    }
}

/// Reads a dossier's key.
pub(super) fn key(tx: &Connection, id: i64) -> Result<DossierKey, Error> {
    let key: String =
        tx.prepare_cached("SELECT key FROM dossier WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    Ok(DossierKey::new(key))
}

/// Reads a dossier's state.
pub(super) fn state_of(dossier: &DossierRow) -> Result<DossierState, Error> {
    serde_json::from_str(&dossier.state)
        .map_err(|source| Error::Unreadable { what: "the state of a dossier", source })
}

/// Collects what is known of a dossier.
pub(super) fn of(tx: &Connection, dossier: &DossierRow) -> Result<Known, Error> {
    with_state(tx, dossier, state_of(dossier)?)
}

fn with_state(tx: &Connection, dossier: &DossierRow, state: DossierState) -> Result<Known, Error> {
    let basis = rows::payload::<Snapshot>(tx, dossier.basis)?;
    let open = rows::open_rows(tx, dossier.id)?.iter().map(|row| open(tx, row)).collect::<Result<_, _>>()?;
    Ok(Known { agency: Some(dossier.agency.clone()), state, basis, open })
}

/// Whether the partner may know of it. An order or cancel that was provably never taken is as good as unsent; a record
/// that was tried once is never called back.
pub(super) fn attempted(tx: &Connection, row: &rows::HandoffRow) -> Result<bool, Error> {
    match row.kind {
        HandoffKind::PortalRecord
        | HandoffKind::PortalProgress
        | HandoffKind::PortalStatus
        | HandoffKind::CommuneEvent => Ok(row.attempts > 0),
        HandoffKind::PostOrder | HandoffKind::PostCancel => Ok(tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM attempt WHERE handoff = ?1
                     AND (ended_at IS NULL OR outcome IN ('uncertain', 'accepted')))",
            )?
            .query_row([row.id], |row| row.get(0))?),
    }
}

fn open(tx: &Connection, row: &rows::HandoffRow) -> Result<Open, Error> {
    let stage = row.stage().ok_or(Error::Missing("an open state of an open handoff"))?;
    let attempted = attempted(tx, row)?;
    let changeable = row.kind == HandoffKind::PostOrder && (!attempted || stage == Stage::Dead);
    let dead = stage == Stage::Dead;
    Ok(Open {
        id: row.handoff_id.clone(),
        kind: row.kind,
        leg: row.leg,
        number: row.number.clone(),
        stage,
        attempted,
        dead: row.reason.clone().filter(|_| dead),
        planned_from: if dead { planned_from(tx, row.inbox)?.map(Box::new) } else { None },
        content: if changeable { readable(rows::payload(tx, row.content))? } else { None },
    })
}

/// What is damaged is as good as erased: the event that replaces it must be planned.
pub(super) fn readable<T>(payload: Result<Option<T>, Error>) -> Result<Option<T>, Error> {
    match payload {
        Err(Error::Unreadable { .. }) => Ok(None),
        payload => payload,
    }
}

fn planned_from(tx: &Connection, inbox: Option<i64>) -> Result<Option<Snapshot>, Error> {
    let Some(inbox) = inbox else { return Ok(None) };
    let payload: Option<i64> = tx
        .prepare_cached("SELECT payload FROM inbox WHERE id = ?1")?
        .query_row([inbox], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(readable(rows::payload::<Event>(tx, payload))?.map(|event| event.snapshot))
}
