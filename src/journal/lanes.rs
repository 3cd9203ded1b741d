//! Marks which handoffs of a lane are ready, after every change to the lane.

use super::{Error, millis, rows, timestamp};
use lienthong_core::handoff::Partner;
use lienthong_core::lane::{self, Pause};
use lienthong_core::tables::Tables;
use rusqlite::{Connection, params};

/// Recomputes the marks of the lanes of a dossier.
pub(super) fn refresh(tx: &Connection, dossier: i64, tables: &Tables) -> Result<(), Error> {
    let open = rows::open_rows(tx, dossier)?;
    let pauses = pauses(tx, dossier)?;
    for partner in Partner::ALL {
        let lane: Vec<_> = open.iter().filter(|row| row.kind.partner() == partner).collect();
        let entries: Vec<_> = lane.iter().filter_map(|row| row.entry()).collect();
        let free = if sabotaged!("lane-order") {
            (0..).zip(&entries).map(|(index, entry)| (index, entry.due)).collect()
        } else {
            lane::may_go(&entries, tables.dead_row_holds)
        };
        let pause = pauses.iter().find(|(of, _)| of == partner.name()).map(|(_, pause)| *pause);
        let free = lane::while_paused(&entries, free, pause);
        for (index, row) in lane.iter().enumerate() {
            let ready = free.iter().find(|(free, _)| *free == index).map(|(_, at)| millis(*at));
            if ready != row.ready_at {
                tx.prepare_cached("UPDATE handoff SET ready_at = ?2 WHERE id = ?1")?
                    .execute(params![row.id, ready])?;
            }
        }
    }
    Ok(())
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
