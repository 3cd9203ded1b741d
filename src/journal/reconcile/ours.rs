//! What we hold: of a dossier at the portal, of an order at the post; and what the feed showed of an order.

use super::super::{Error, Surroundings, known, rows, timestamp};
use super::Run;
use jiff::Timestamp;
use lienthong_core::event::Snapshot;
use lienthong_core::handoff::Content;
use lienthong_core::inspect::Theirs;
use lienthong_core::plan::again;
use lienthong_core::reconcile::{AtPortal, Held, OrderStage};
use lienthong_core::tracking::TrackingState;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What we hold of a dossier, and the record that it rests on.
pub(super) fn at_portal(
    tx: &Connection,
    around: &Surroundings,
    dossier: Option<i64>,
    now: Timestamp,
) -> Result<(AtPortal, Option<i64>), Error> {
    let Some(dossier) = dossier else { return Ok((AtPortal::Unknown, None)) };
    let under_way: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM handoff WHERE dossier = ?1 AND kind = 'portal.record'
                 AND state IN ('waiting', 'sending', 'uncertain'))",
        )?
        .query_row([dossier], |row| row.get(0))?;
    if under_way {
        return Ok((AtPortal::UnderWay, None));
    }
    if let Some((id, content, since)) = newest_told(tx, dossier)? {
        let content = known::readable(rows::payload::<Content>(tx, content))?;
        let status = if let Some(Content::Record(record)) = content { Some(record.status) } else { None };
        return Ok((AtPortal::Told { status, since: timestamp(since) }, Some(id)));
    }
    let stopped: Option<(i64, String)> = tx
        .prepare_cached(
            "SELECT id, state FROM handoff WHERE dossier = ?1 AND kind = 'portal.record' AND state <> 'superseded'
             ORDER BY place DESC, id DESC LIMIT 1",
        )?
        .query_row([dossier], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match stopped {
        Some((id, state)) => Ok((AtPortal::Untold(state_name(&state)), Some(id))),
        None if is_reported(tx, around, dossier, now)? => Ok((AtPortal::Untold("none"), None)),
        None => Ok((AtPortal::NotOurs, None)),
    }
}

/// The newest record that the portal accepted: its row, its content, since when.
pub(super) fn newest_told(tx: &Connection, dossier: i64) -> Result<Option<(i64, Option<i64>, i64)>, Error> {
    Ok(tx
        .prepare_cached(
            "SELECT id, content, ifnull(ended_at, planned_at) FROM handoff
             WHERE dossier = ?1 AND kind = 'portal.record' AND state IN ('accepted', 'resolved')
             ORDER BY place DESC, id DESC LIMIT 1",
        )?
        .query_row([dossier], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?)
}

/// Whether the gateway is the one that reports it; where nothing is known any more, nobody can say so.
fn is_reported(tx: &Connection, around: &Surroundings, dossier: i64, now: Timestamp) -> Result<bool, Error> {
    let dossier = known::dossier(tx, dossier)?;
    let basis = known::readable(rows::payload::<Snapshot>(tx, dossier.basis))?;
    let at = known::state_of(&dossier)?.as_of;
    Ok(basis.zip(at).is_some_and(|(basis, at)| again::is_reported(&basis, at, &around.tables, now)))
}

/// An order of ours, and the row that holds it.
pub(super) struct Order {
    pub(super) held: Held,
    pub(super) row: i64,
    /// The number that it has at the post.
    pub(super) name: String,
}

/// What we hold under a number: the order that lives under it, else the one that was planned in the time of the run.
pub(super) fn order(tx: &Connection, number: &str, planned: Option<i64>) -> Result<Option<Order>, Error> {
    const COLUMNS: &str =
        "id, dossier, state, content, ifnull(ended_at, planned_at), number, partner_number FROM handoff";
    let living = format!(
        "SELECT {COLUMNS} WHERE number = ?1 AND kind = 'post.order' AND state NOT IN ('superseded', 'observed')"
    );
    let own = format!("SELECT {COLUMNS} WHERE id = ?1");
    let found = match tx.prepare_cached(&living)?.query_row([number], Found::read).optional()? {
        Some(found) => Some(found),
        None => tx.prepare_cached(&own)?.query_row([planned], Found::read).optional()?,
    };
    found.map(|found| found.order(tx)).transpose()
}

struct Found {
    id: i64,
    dossier: i64,
    state: String,
    content: Option<i64>,
    since: i64,
    number: String,
    partner_number: Option<String>,
}

impl Found {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            dossier: row.get(1)?,
            state: row.get(2)?,
            content: row.get(3)?,
            since: row.get(4)?,
            number: row.get(5)?,
            partner_number: row.get(6)?,
        })
    }

    fn order(self, tx: &Connection) -> Result<Order, Error> {
        let stage = match self.state.as_str() {
            "waiting" | "sending" | "uncertain" => OrderStage::UnderWay,
            "accepted" | "resolved" if self.is_cancelled(tx)? => OrderStage::Cancelled,
            "accepted" | "resolved" => OrderStage::Accepted(timestamp(self.since)),
            stopped => OrderStage::NotAccepted(state_name(stopped)),
        };
        let content = known::readable(rows::payload::<Content>(tx, self.content))?;
        let cash = if let Some(Content::Order(order)) = content { Some(order.cash) } else { None };
        let waybill: Option<String> = tx
            .prepare_cached("SELECT waybill FROM receipt WHERE number = ?1")?
            .query_row([&self.number], |row| row.get(0))
            .optional()?
            .flatten();
        let name = self.partner_number.unwrap_or(self.number);
        Ok(Order { held: Held { stage, cash, waybill }, row: self.id, name })
    }

    fn is_cancelled(&self, tx: &Connection) -> Result<bool, Error> {
        Ok(tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM handoff WHERE dossier = ?1 AND kind = 'post.cancel' AND number = ?2
                     AND state IN ('accepted', 'resolved'))",
            )?
            .query_row(params![self.dossier, self.number], |row| row.get(0))?)
    }
}

/// What the post shows under a number: entries of its list, and what the feed has beyond them.
pub(super) fn theirs(tx: &Connection, run: &Run, account: &str, name: &str) -> Result<Vec<Theirs>, Error> {
    let mut statement = tx
        .prepare_cached("SELECT thing FROM reconcile_theirs WHERE run = ?1 AND account = ?2 AND name = ?3")?;
    let listed: Vec<String> =
        statement.query_map(params![run.id, account, name], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let read = |thing: &String| {
        serde_json::from_str::<Theirs>(thing)
            .map_err(|source| Error::Unreadable { what: "an entry of a partner's list", source })
    };
    let mut things: Vec<Theirs> = listed.iter().map(read).collect::<Result<_, _>>()?;
    // An entry without a waybill may be what the feed shows with one.
    let open = things.iter().any(|thing| thing.waybill.is_none());
    for seen in fed(tx, account, name)? {
        let known = things.iter().any(|thing| thing.waybill.is_some() && thing.waybill == seen.waybill);
        let beside = !things.is_empty() && (open || seen.waybill.is_none());
        if !known && !beside {
            things.push(seen);
        }
    }
    Ok(things)
}

/// What the feed shows of an order: one thing a waybill, or one without any.
fn fed(tx: &Connection, account: &str, name: &str) -> Result<Vec<Theirs>, Error> {
    let newest: Option<(String, String)> = tx
        .prepare_cached("SELECT state, wire_code FROM tracking WHERE number = ?1 AND account = ?2")?
        .query_row(params![name, account], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((state, code)) = newest else { return Ok(Vec::new()) };
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT waybill FROM tracking_row
         WHERE number = ?1 AND account = ?2 AND waybill IS NOT NULL AND waybill <> ''",
    )?;
    let waybills: Vec<String> =
        statement.query_map(params![name, account], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let thing = |waybill: Option<String>| Theirs {
        name: name.to_owned(),
        status: Some(code.clone()),
        state: TrackingState::from_name(&state),
        waybill,
        cash: None,
    };
    if waybills.is_empty() {
        return Ok(vec![thing(None)]);
    }
    Ok(waybills.into_iter().map(|waybill| thing(Some(waybill))).collect())
}

/// A state as findings name it.
fn state_name(state: &str) -> &'static str {
    match state {
        "dead" => "dead",
        "held" => "held",
        "dismissed" => "dismissed",
        "superseded" => "superseded",
        "observed" => "observed",
        _other => "stopped",
    }
}
