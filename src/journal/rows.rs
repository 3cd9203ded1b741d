//! Rows of the journal as values, and payloads.

use super::{Error, millis, receipts, stops, timestamp};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::{Handoff, HandoffKind, Leg};
use lienthong_core::ids::{AccountName, AgencyCode, DossierKey, HandoffId, OrderNumber};
use lienthong_core::lane::Entry;
use lienthong_core::outcome::{Reason, ReasonCode};
use lienthong_core::plan::Stage;
use lienthong_core::status::Status;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Stores a value as a payload and gives its id.
pub(super) fn put_payload<T: Serialize>(tx: &Connection, value: &T) -> Result<i64, Error> {
    let body = serde_json::to_vec(value)
        .map_err(|source| Error::Unreadable { what: "a payload to store", source })?;
    put_bytes(tx, &body)
}

/// Stores bytes as a payload and gives its id.
pub(super) fn put_bytes(tx: &Connection, body: &[u8]) -> Result<i64, Error> {
    tx.prepare_cached("INSERT INTO payload (body) VALUES (?1)")?.execute([body])?;
    Ok(tx.last_insert_rowid())
}

/// Overwrites a payload, or stores a new one.
pub(super) fn replace_payload<T: Serialize>(
    tx: &Connection,
    id: Option<i64>,
    value: &T,
) -> Result<i64, Error> {
    let Some(id) = id else { return put_payload(tx, value) };
    let body = serde_json::to_vec(value)
        .map_err(|source| Error::Unreadable { what: "a payload to store", source })?;
    tx.prepare_cached("UPDATE payload SET body = ?2 WHERE id = ?1")?.execute(params![id, body])?;
    Ok(id)
}

/// Reads a payload back; `None` when it has been erased.
pub(super) fn payload<T: DeserializeOwned>(tx: &Connection, id: Option<i64>) -> Result<Option<T>, Error> {
    let Some(id) = id else { return Ok(None) };
    tx.prepare_cached("SELECT body FROM payload WHERE id = ?1")?
        .query_row([id], |row| Ok(from_json(row.get_ref(0)?.as_blob()?)))
        .optional()?
        .transpose()
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|source| Error::Unreadable { what: "a payload", source })
}

/// A handoff's row.
#[derive(Clone, Debug)]
pub(super) struct HandoffRow {
    pub(super) id: i64,
    pub(super) handoff_id: HandoffId,
    pub(super) dossier: i64,
    pub(super) account: AccountName,
    pub(super) kind: HandoffKind,
    pub(super) leg: Option<Leg>,
    pub(super) number: Option<OrderNumber>,
    pub(super) row_status: Option<Status>,
    pub(super) state: String,
    pub(super) alone: bool,
    pub(super) attempts: u32,
    pub(super) failures: u32,
    pub(super) counted_attempts: u32,
    pub(super) counted_age: SignedDuration,
    pub(super) last_attempt_at: Option<Timestamp>,
    pub(super) planned_at: Timestamp,
    pub(super) due_at: Timestamp,
    pub(super) uncertain_since: Option<Timestamp>,
    pub(super) absent_looks: u32,
    pub(super) dead_at: Option<Timestamp>,
    pub(super) reason: Option<Reason>,
    pub(super) inbox: Option<i64>,
    pub(super) content: Option<i64>,
    /// Its place in the lane.
    pub(super) place: i64,
}

/// Columns of [`HandoffRow`], in its order.
pub(super) const HANDOFF: &str = "id, handoff_id, dossier, account, kind, leg, number, row_status, state, alone, attempts, \
     failures, counted_attempts, counted_age_ms, last_attempt_at, planned_at, due_at, uncertain_since, absent_looks, \
     dead_at, code, field, inbox, content, place";

/// Handoffs that are not final: what ends one says when.
pub(super) const OPEN: &str = "ended_at IS NULL";

impl HandoffRow {
    /// Reads a row with the columns [`HANDOFF`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let time = |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.map(timestamp));
        let kind: String = row.get(4)?;
        let leg: Option<String> = row.get(5)?;
        let code: Option<String> = row.get(20)?;
        let field: Option<String> = row.get(21)?;
        Ok(Self {
            id: row.get(0)?,
            handoff_id: HandoffId::new(row.get::<_, String>(1)?),
            dossier: row.get(2)?,
            account: AccountName::new(row.get::<_, String>(3)?),
            kind: HandoffKind::from_name(&kind)
                .ok_or_else(|| rusqlite::Error::InvalidColumnType(4, kind, rusqlite::types::Type::Text))?,
            leg: leg.as_deref().and_then(self::leg),
            number: row.get::<_, Option<String>>(6)?.map(OrderNumber::new),
            row_status: row.get::<_, Option<u8>>(7)?.and_then(|code| Status::try_from(code).ok()),
            state: row.get(8)?,
            alone: row.get(9)?,
            attempts: row.get(10)?,
            failures: row.get(11)?,
            counted_attempts: row.get(12)?,
            counted_age: SignedDuration::from_millis(row.get(13)?),
            last_attempt_at: time(14)?,
            planned_at: timestamp(row.get(15)?),
            due_at: timestamp(row.get(16)?),
            uncertain_since: time(17)?,
            absent_looks: row.get(18)?,
            dead_at: time(19)?,
            reason: code.map(|code| Reason { code: ReasonCode::stored(code), field, said: None }),
            inbox: row.get(22)?,
            content: row.get(23)?,
            place: row.get(24)?,
        })
    }

    /// Where it stands; `None` when it is final.
    pub(super) fn stage(&self) -> Option<Stage> {
        stage(&self.state)
    }

    /// The row as its lane sees it.
    pub(super) fn entry(&self) -> Option<Entry> {
        Some(Entry {
            kind: self.kind,
            leg: self.leg,
            number: self.number.clone(),
            stage: self.stage()?,
            attempted: self.attempts > 0,
            due: self.due_at,
            dead_since: self.dead_at,
            alone: self.alone || self.row_status == Some(Status::SupplementAsked),
        })
    }

    /// The handoff with its content; `None` when the content has been erased.
    pub(super) fn handoff(&self, tx: &Connection) -> Result<Option<Handoff>, Error> {
        Ok(self.told(tx, None)?.map(|(handoff, _trace)| handoff))
    }

    /// The same, with the trace context of the event behind it.
    pub(super) fn traced(&self, tx: &Connection) -> Result<Option<(Handoff, Option<String>)>, Error> {
        self.told(tx, self.inbox)
    }

    fn told(&self, tx: &Connection, inbox: Option<i64>) -> Result<Option<(Handoff, Option<String>)>, Error> {
        let (dossier, agency, body, trace) = tx
            .prepare_cached(
                "SELECT key, agency, (SELECT body FROM payload WHERE id = ?2), (SELECT trace FROM inbox WHERE id = ?3)
                 FROM dossier WHERE id = ?1",
            )?
            .query_row(params![self.dossier, self.content, inbox], |row| {
                let body = row.get_ref(2)?.as_blob_or_null()?.map(from_json);
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, body, row.get(3)?))
            })?;
        let Some(content) = body.transpose()? else { return Ok(None) };
        let handoff = Handoff {
            id: self.handoff_id.clone(),
            dossier: DossierKey::new(dossier),
            agency: AgencyCode::new(agency),
            account: self.account.clone(),
            content,
            receipt: receipts::of(tx, self)?,
        };
        Ok(Some((handoff, trace)))
    }
}

/// The leg of that name.
pub(super) fn leg(name: &str) -> Option<Leg> {
    Leg::ALL.into_iter().find(|leg| leg.name() == name)
}

/// What a handoff's state says of where it stands; `None` when it is final.
pub(super) fn stage(state: &str) -> Option<Stage> {
    match state {
        "waiting" => Some(Stage::Waiting),
        "sending" => Some(Stage::Sending),
        "uncertain" => Some(Stage::Uncertain),
        "dead" => Some(Stage::Dead),
        "held" => Some(Stage::Held),
        _final => None,
    }
}

/// Reads one handoff by its row id.
pub(super) fn handoff_row(tx: &Connection, id: i64) -> Result<HandoffRow, Error> {
    let sql = format!("SELECT {HANDOFF} FROM handoff WHERE id = ?1");
    Ok(tx.prepare_cached(&sql)?.query_row([id], HandoffRow::read)?)
}

/// Reads one handoff by its identity.
pub(super) fn handoff_row_of(tx: &Connection, id: &HandoffId) -> Result<Option<HandoffRow>, Error> {
    let sql = format!("SELECT {HANDOFF} FROM handoff WHERE handoff_id = ?1");
    Ok(tx.prepare_cached(&sql)?.query_row([id.as_str()], HandoffRow::read).optional()?)
}

/// Reads the open handoffs of a dossier, in the order of their lanes.
pub(super) fn open_rows(tx: &Connection, dossier: i64) -> Result<Vec<HandoffRow>, Error> {
    let sql =
        format!("SELECT {HANDOFF} FROM handoff WHERE dossier = ?1 AND {OPEN} ORDER BY partner, place, id");
    let mut statement = tx.prepare_cached(&sql)?;
    let rows = statement.query_map([dossier], HandoffRow::read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Sets a handoff to a final state.
pub(super) fn end(
    tx: &Connection,
    id: i64,
    state: &str,
    code: Option<&str>,
    now: Timestamp,
) -> Result<(), Error> {
    tx.prepare_cached(
        "UPDATE handoff SET state = ?2, code = coalesce(?3, code), ended_at = ?4, ready_at = NULL WHERE id = ?1",
    )?
    .execute(params![id, state, code, millis(now)])?;
    Ok(())
}

/// Sets a handoff to accepted, with the time of its last attempt as the row has it.
pub(super) fn accept(
    tx: &Connection,
    row: &HandoffRow,
    code: &ReasonCode,
    now: Timestamp,
) -> Result<(), Error> {
    tx.prepare_cached(
        "UPDATE handoff SET state = 'accepted', code = ?2, ended_at = ?3, last_attempt_at = ?4, ready_at = NULL
         WHERE id = ?1",
    )?
    .execute(params![row.id, code.as_str(), millis(now), row.last_attempt_at.map(millis)])?;
    Ok(())
}

/// Makes a handoff a dead letter.
pub(super) fn bury(tx: &Connection, id: i64, reason: &Reason, now: Timestamp) -> Result<(), Error> {
    tx.prepare_cached(
        "UPDATE handoff SET state = 'dead', code = ?2, field = ?3, dead_at = ?4, ready_at = NULL WHERE id = ?1",
    )?
    .execute(params![id, reason.code.as_str(), reason.field, millis(now)])?;
    stops::note(tx, id, "dead", Some(reason), now)
}
