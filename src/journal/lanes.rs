//! Marks which handoffs of a lane are ready, after every change to the lane.

use super::{Error, millis, rows, timestamp};
use jiff::Timestamp;
use lienthong_core::handoff::{HandoffKind, Partner};
use lienthong_core::ids::OrderNumber;
use lienthong_core::lane::{self, Entry, Pause};
use lienthong_core::status::Status;
use lienthong_core::tables::Tables;
use rusqlite::{Connection, Row, params};

/// The open handoffs of a dossier, as their lanes need them.
pub(super) struct Lanes {
    dossier: i64,
    /// Those of a lane stand in its order.
    standing: Vec<Standing>,
}

struct Standing {
    who: Who,
    partner: Partner,
    place: i64,
    entry: Entry,
    /// In milliseconds, as it is stored.
    ready_at: Option<i64>,
}

/// A handoff that has its row, or the number of one that is about to get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Row(i64),
    Newborn(usize),
}

/// Recomputes the marks of the lanes of a dossier.
pub(super) fn refresh(tx: &Connection, dossier: i64, tables: &Tables) -> Result<(), Error> {
    Lanes::open(tx, dossier)?.mark(tx, tables).map(drop)
}

impl Lanes {
    /// Reads the lanes of a dossier.
    pub(super) fn open(tx: &Connection, dossier: i64) -> Result<Self, Error> {
        let mut statement = tx.prepare_cached(
            "SELECT id, place, kind, leg, number, row_status, state, alone, attempts, due_at, dead_at, ready_at
             FROM handoff INDEXED BY handoff_open WHERE dossier = ?1 AND ended_at IS NULL ORDER BY partner, place, id",
        )?;
        let rows = statement.query_map([dossier], Standing::read)?.filter_map(Result::transpose);
        Ok(Self { dossier, standing: rows.collect::<Result<_, _>>()? })
    }

    /// The lanes of a dossier that was never heard of.
    pub(super) fn new(dossier: i64) -> Self {
        Self { dossier, standing: Vec::new() }
    }

    /// Adds one that is about to be written, at its place of the lane or at the end.
    pub(super) fn add(&mut self, newborn: usize, place: Option<i64>, entry: Entry) {
        let (partner, place) = (entry.kind.partner(), place.unwrap_or(i64::MAX));
        let behind = self.standing.iter().position(|other| other.partner == partner && other.place > place);
        let standing = Standing { who: Who::Newborn(newborn), partner, place, entry, ready_at: None };
        self.standing.insert(behind.unwrap_or(self.standing.len()), standing);
    }

    /// Writes down what has changed of the marks of rows; gives those of the newborn that are ready, with the time.
    pub(super) fn mark(&self, tx: &Connection, tables: &Tables) -> Result<Vec<(usize, i64)>, Error> {
        let mut ready_newborn = Vec::new();
        let pauses = if self.standing.is_empty() { Vec::new() } else { pauses(tx, self.dossier)? };
        for partner in Partner::ALL {
            let lane: Vec<_> = self.standing.iter().filter(|standing| standing.partner == partner).collect();
            if lane.is_empty() {
                continue;
            }
            let entries: Vec<_> = lane.iter().map(|standing| standing.entry.clone()).collect();
            let pause = pauses.iter().find(|(of, _)| of == partner.name()).map(|(_, pause)| *pause);
            let free = lane::while_paused(&entries, free(&entries, tables), pause);
            for (index, standing) in lane.iter().enumerate() {
                let ready = free.iter().find(|(free, _)| *free == index).map(|(_, at)| millis(*at));
                match standing.who {
                    Who::Row(row) if ready != standing.ready_at => {
                        tx.prepare_cached("UPDATE handoff SET ready_at = ?2 WHERE id = ?1")?
                            .execute(params![row, ready])?;
                    }
                    Who::Row(_) => {}
                    Who::Newborn(newborn) => ready_newborn.extend(ready.map(|at| (newborn, at))),
                }
            }
        }
        Ok(ready_newborn)
    }
}

fn free(entries: &[Entry], tables: &Tables) -> Vec<(usize, Timestamp)> {
    if sabotaged!("lane-order") {
        return (0..).zip(entries).map(|(index, entry)| (index, entry.due)).collect();
    }
    lane::may_go(entries, tables.dead_row_holds)
}

impl Standing {
    /// Reads a row; `None` when it is in no open state.
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let (kind, leg) = (row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str_or_null()?);
        let kind = HandoffKind::from_name(kind).ok_or_else(|| {
            rusqlite::Error::InvalidColumnType(2, kind.to_owned(), rusqlite::types::Type::Text)
        })?;
        let Some(stage) = rows::stage(row.get_ref(6)?.as_str()?) else { return Ok(None) };
        let status = row.get::<_, Option<u8>>(5)?.and_then(|code| Status::try_from(code).ok());
        let attempts: u32 = row.get(8)?;
        let entry = Entry {
            kind,
            leg: leg.and_then(rows::leg),
            number: row.get::<_, Option<String>>(4)?.map(OrderNumber::new),
            stage,
            attempted: attempts > 0,
            due: timestamp(row.get(9)?),
            dead_since: row.get::<_, Option<i64>>(10)?.map(timestamp),
            alone: row.get::<_, bool>(7)? || status == Some(Status::SupplementAsked),
        };
        let who = Who::Row(row.get(0)?);
        Ok(Some(Self { who, partner: kind.partner(), place: row.get(1)?, entry, ready_at: row.get(11)? }))
    }
}

/// The operator's pauses of a dossier's lanes. One that has ended by its time needs no clock here: its end is the
/// earliest time of what stands behind it.
pub(super) fn pauses(tx: &Connection, dossier: i64) -> Result<Vec<(String, Pause)>, Error> {
    let mut statement = tx.prepare_cached("SELECT partner, until FROM lane_pause WHERE dossier = ?1")?;
    let pauses = statement.query_map([dossier], |row| {
        let until: Option<i64> = row.get(1)?;
        Ok((row.get(0)?, until.map_or(Pause::UntilReleased, |at| Pause::Until(timestamp(at)))))
    })?;
    Ok(pauses.collect::<Result<_, _>>()?)
}
