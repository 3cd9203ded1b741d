//! Marks which handoffs of a lane are ready, after every change to the lane.

use super::{Error, millis, rows};
use lienthong_core::handoff::Partner;
use lienthong_core::lane;
use lienthong_core::tables::Tables;
use rusqlite::{Connection, params};

/// Recomputes the marks of both lanes of a dossier.
pub(super) fn refresh(tx: &Connection, dossier: i64, tables: &Tables) -> Result<(), Error> {
    let open = rows::open_rows(tx, dossier)?;
    for partner in [Partner::Portal, Partner::Post] {
        let lane: Vec<_> = open.iter().filter(|row| row.kind.partner() == partner).collect();
        let entries: Vec<_> = lane.iter().filter_map(|row| row.entry()).collect();
        let free = if sabotaged!("lane-order") {
            (0..).zip(&entries).map(|(index, entry)| (index, entry.due)).collect()
        } else {
            lane::may_go(&entries, tables.dead_row_holds)
        };
        for (index, row) in lane.iter().enumerate() {
            let ready = free.iter().find(|(free, _)| *free == index).map(|(_, at)| millis(*at));
            tx.prepare_cached("UPDATE handoff SET ready_at = ?2 WHERE id = ?1 AND ready_at IS NOT ?2")?
                .execute(params![row.id, ready])?;
        }
    }
    Ok(())
}
