//! Whose turn it is among what is ready: classes and agencies, found without walking the backlog.
//!
//! Ready handoffs of an account stand in queues by operation, class and agency. A claim looks at the head of each queue,
//! one step into the index a queue, however long the queues are (test `a_claim_reads_heads_and_no_backlog`), and takes one handoff
//! a pick.

use super::{Error, millis, timestamp};
use jiff::Timestamp;
use lienthong_core::handoff::HandoffKind;
use lienthong_core::ids::AccountName;
use lienthong_core::turns::Class;
use rusqlite::{Connection, OptionalExtension, params};

/// What is ready or will be, of one operation, class and agency.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) kind: HandoffKind,
    pub(super) class: Class,
    pub(super) agency: String,
    /// The handoff that comes first, and when it is ready; `None` when the queue is empty.
    pub(super) head: Option<(i64, Timestamp)>,
}

/// The heads of all queues of an account: the next agency, else the next class, else the next operation. There are no more
/// than operations times classes times agencies.
pub(super) const HEADS: &str = "WITH RECURSIVE head (id) AS (
         SELECT id FROM (
             SELECT id FROM handoff INDEXED BY handoff_turn WHERE account = ?1 AND ready_at IS NOT NULL
             ORDER BY kind, class, agency, ready_at LIMIT 1)
         UNION ALL
         SELECT coalesce(
             (SELECT next.id FROM handoff AS next INDEXED BY handoff_turn
              WHERE next.account = ?1 AND next.kind = last.kind AND next.class = last.class
                  AND next.agency > last.agency AND next.ready_at IS NOT NULL
              ORDER BY next.agency, next.ready_at LIMIT 1),
             (SELECT next.id FROM handoff AS next INDEXED BY handoff_turn
              WHERE next.account = ?1 AND next.kind = last.kind AND next.class > last.class
                  AND next.ready_at IS NOT NULL
              ORDER BY next.class, next.agency, next.ready_at LIMIT 1),
             (SELECT next.id FROM handoff AS next INDEXED BY handoff_turn
              WHERE next.account = ?1 AND next.kind > last.kind AND next.ready_at IS NOT NULL
              ORDER BY next.kind, next.class, next.agency, next.ready_at LIMIT 1))
         FROM head JOIN handoff AS last ON last.id = head.id
     ) SELECT handoff.id, kind, class, agency, ready_at FROM head JOIN handoff ON handoff.id = head.id";

/// The head of one queue.
pub(super) const HEAD: &str = "SELECT id, ready_at FROM handoff INDEXED BY handoff_turn
     WHERE account = ?1 AND kind = ?2 AND class = ?3 AND agency = ?4 AND ready_at IS NOT NULL
     ORDER BY ready_at LIMIT 1";

/// The queues of an account that are not empty.
pub(super) fn queues(tx: &Connection, account: &AccountName) -> Result<Vec<Queue>, Error> {
    let mut statement = tx.prepare_cached(HEADS)?;
    let queues = statement.query_map([account.as_str()], |row| {
        let (kind, class): (String, i64) = (row.get(1)?, row.get(2)?);
        Ok(Queue {
            kind: HandoffKind::from_name(&kind)
                .ok_or_else(|| rusqlite::Error::InvalidColumnType(1, kind, rusqlite::types::Type::Text))?,
            class: Class::from_code(class).ok_or(rusqlite::Error::IntegralValueOutOfRange(2, class))?,
            agency: row.get(3)?,
            head: Some((row.get(0)?, timestamp(row.get(4)?))),
        })
    })?;
    Ok(queues.collect::<Result<_, _>>()?)
}

impl Queue {
    /// The handoff that may go now.
    pub(super) fn due(&self, now: Timestamp) -> Option<i64> {
        // As stored: a time within the present millisecond has come.
        self.head.filter(|(_, ready_at)| millis(*ready_at) <= millis(now)).map(|(id, _)| id)
    }

    /// Looks again which handoff comes first, after the one before was claimed.
    pub(super) fn advance(&mut self, tx: &Connection, account: &AccountName) -> Result<(), Error> {
        let which = params![account.as_str(), self.kind.name(), self.class.code(), self.agency];
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, timestamp(row.get(1)?)));
        self.head = tx.prepare_cached(HEAD)?.query_row(which, read).optional()?;
        Ok(())
    }
}

/// Marks a handoff as one that an operator set due again: until it ends it takes the turns of replays, so that a thousand
/// of them delay no live work. Call it in the transaction that sets the handoff due.
pub(super) fn mark_replayed(tx: &Connection, handoff: i64) -> Result<(), Error> {
    tx.prepare_cached("UPDATE handoff SET replayed = 1 WHERE id = ?1")?.execute([handoff])?;
    Ok(())
}
