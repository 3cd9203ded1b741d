//! Comparing orders: with the partner's list where it has one, and with what its feed showed; then strangers.
//!
//! Nobody is asked here: the list was read page by page before, and the feed is read by the tracker. In chunks, as it may
//! be the orders of a month.

use super::super::{Error, Surroundings, timestamp};
use super::settle::{self, Count, Finding};
use super::{Run, ours};
use jiff::civil::Date;
use lienthong_core::reconcile::{OrderStage, Witness, compare_order, compare_stranger};
use rusqlite::{Connection, OptionalExtension, params};

/// Orders, or rows, looked at in one transaction.
const CHUNK: i64 = 200;

/// Compares the next chunk; says whether there was one.
pub(super) fn advance(tx: &Connection, around: &Surroundings, run: &Run) -> Result<bool, Error> {
    if orders(tx, run)? {
        return Ok(true);
    }
    let part: Option<(String, Option<String>)> = tx
        .prepare_cached(
            "SELECT account, page FROM reconcile_part WHERE run = ?1 AND state = 'strangers' ORDER BY account LIMIT 1",
        )?
        .query_row([run.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, page)) = part else { return Ok(false) };
    // A number may be another agency's where several share an account, so strangers are nobody's of one agency alone.
    if run.agency.is_some() && is_shared(around, &account) {
        settle::part_state(tx, run.id, &account, "done")?;
        return Ok(true);
    }
    match (Strangers { tx, run, account: &account }).look(page.as_deref())? {
        Some(page) => {
            tx.prepare_cached("UPDATE reconcile_part SET page = ?3 WHERE run = ?1 AND account = ?2")?
                .execute(params![run.id, account, page])?;
        }
        None => settle::part_state(tx, run.id, &account, "done")?,
    }
    Ok(true)
}

fn is_shared(around: &Surroundings, account: &str) -> bool {
    let uses = around.tables.agencies.values().filter_map(|agency| agency.post_account.as_ref());
    uses.filter(|own| own.until(Date::MAX).any(|name| name.as_str() == account)).count() > 1
}

/// Orders of the run.
fn orders(tx: &Connection, run: &Run) -> Result<bool, Error> {
    let mut statement = tx.prepare_cached(
        "SELECT account, name, dossier, handoff FROM reconcile_item
         WHERE run = ?1 AND left_out IS NULL ORDER BY account, name LIMIT ?2",
    )?;
    let items: Vec<(String, String, Option<i64>, Option<i64>)> = statement
        .query_map(params![run.id, CHUNK], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    for (account, name, dossier, handoff) in &items {
        let count = order(tx, run, account, name, *dossier, *handoff)?;
        settle::conclude(tx, run.id, account, name, count)?;
    }
    Ok(!items.is_empty())
}

fn order(
    tx: &Connection,
    run: &Run,
    account: &str,
    number: &str,
    dossier: Option<i64>,
    handoff: Option<i64>,
) -> Result<Count, Error> {
    let Some(order) = ours::order(tx, number, handoff)? else { return Ok(Count::NotCompared) };
    let theirs = ours::theirs(tx, run, account, &order.name)?;
    let witness = witness(tx, run, account)?;
    let Some(found) = compare_order(&order.held, &theirs, witness, settle::visible_before(run)) else {
        // An order under way changes by itself, and one that does not show may not show yet.
        let says_nothing = match order.held.stage {
            OrderStage::UnderWay => true,
            OrderStage::Accepted(_) => theirs.is_empty(),
            OrderStage::Cancelled | OrderStage::NotAccepted(_) => false,
        };
        return Ok(if says_nothing { Count::NotCompared } else { Count::Agreed });
    };
    let since: Option<i64> = tx
        .prepare_cached("SELECT ifnull(ended_at, planned_at) FROM handoff WHERE id = ?1")?
        .query_row([order.row], |row| row.get(0))?;
    let basis = Some(order.row);
    settle::write(tx, &Finding { run: run.id, account, dossier, name: number, since, basis }, &found)?;
    Ok(Count::Differing)
}

fn witness(tx: &Connection, run: &Run, account: &str) -> Result<Witness, Error> {
    let listed: Option<bool> = tx
        .prepare_cached("SELECT listed FROM reconcile_part WHERE run = ?1 AND account = ?2")?
        .query_row(params![run.id, account], |row| row.get(0))
        .optional()?;
    if listed == Some(true) {
        return Ok(Witness::Listing);
    }
    let moved_at: Option<i64> = tx
        .prepare_cached("SELECT feed_row_at FROM account WHERE name = ?1")?
        .query_row([account], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(Witness::Feed { moved_at: moved_at.map(timestamp) })
}

/// Numbers on an account that are none of ours.
struct Strangers<'a> {
    tx: &'a Connection,
    run: &'a Run,
    account: &'a str,
}

/// Where looking goes on: first through the partner's list, then through the feed.
const LIST: &str = "list";
const FEED: &str = "feed";

impl Strangers<'_> {
    /// Looks at the next chunk; where the one after it begins, if there is one.
    fn look(&self, page: Option<&str>) -> Result<Option<String>, Error> {
        let mut parts = page.unwrap_or(LIST).splitn(3, '\t');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(FEED), read_at, feed_id) => {
                let read_at = read_at.and_then(|at| at.parse().ok()).unwrap_or(self.run.from_at);
                self.in_feed(read_at, feed_id.unwrap_or_default())
            }
            (_, name, _) => self.in_list(name.unwrap_or_default()),
        }
    }

    fn in_list(&self, after: &str) -> Result<Option<String>, Error> {
        let mut statement = self.tx.prepare_cached(
            "SELECT DISTINCT name FROM reconcile_theirs WHERE run = ?1 AND account = ?2 AND name > ?3
             ORDER BY name LIMIT ?4",
        )?;
        let names: Vec<String> = statement
            .query_map(params![self.run.id, self.account, after, CHUNK], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for name in &names {
            self.note(name)?;
        }
        Ok(Some(names.last().map_or_else(|| FEED.to_owned(), |name| format!("{LIST}\t{name}"))))
    }

    fn in_feed(&self, read_at: i64, feed_id: &str) -> Result<Option<String>, Error> {
        let mut statement = self.tx.prepare_cached(
            "SELECT number, read_at, feed_id FROM tracking_row
             WHERE account = ?1 AND (read_at, feed_id) > (?2, ?3) AND read_at <= ?4 ORDER BY read_at, feed_id LIMIT ?5",
        )?;
        let until = self.run.to_at.max(self.run.from_at);
        let rows: Vec<(String, i64, String)> = statement
            .query_map(params![self.account, read_at, feed_id, until, CHUNK], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        for (number, _, _) in &rows {
            self.note(number)?;
        }
        Ok(rows.last().map(|(_, read_at, feed_id)| format!("{FEED}\t{read_at}\t{feed_id}")))
    }

    /// Writes down what the post has under this number, unless it is ours.
    fn note(&self, number: &str) -> Result<(), Error> {
        if self.is_ours(number)? {
            return Ok(());
        }
        let theirs = ours::theirs(self.tx, self.run, self.account, number)?;
        let since: Option<i64> = self
            .tx
            .prepare_cached("SELECT min(at) FROM tracking_row WHERE number = ?1 AND account = ?2")?
            .query_row(params![number, self.account], |row| row.get(0))?;
        let finding = Finding {
            run: self.run.id,
            account: self.account,
            dossier: None,
            name: number,
            since,
            basis: None,
        };
        settle::write(self.tx, &finding, &compare_stranger(&theirs))
    }

    /// Whether an order of ours has this number, or had it: as planned, or as an officer was told it.
    fn is_ours(&self, number: &str) -> Result<bool, Error> {
        let known = "SELECT EXISTS (SELECT 1 FROM handoff WHERE kind = 'post.order' AND number = ?1
                AND state NOT IN ('superseded', 'observed'))
             OR EXISTS (SELECT 1 FROM handoff WHERE partner_number = ?1)
             OR EXISTS (SELECT 1 FROM reconcile_finding WHERE run = ?2 AND account = ?3 AND name = ?1)";
        let ours: bool = self
            .tx
            .prepare_cached(known)?
            .query_row(params![number, self.run.id, self.account], |row| row.get(0))?;
        Ok(ours || self.was_called_off(number)?)
    }

    /// Whether it is the number of an order that was called off before it left: those are found by their dossier, whose
    /// code begins the number.
    fn was_called_off(&self, number: &str) -> Result<bool, Error> {
        let code = number.rsplitn(3, '-').nth(2).unwrap_or_default();
        Ok(self
            .tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM dossier d JOIN handoff h ON h.dossier = d.id
                     WHERE d.key = ?1 AND h.number = ?2 AND h.kind = 'post.order')",
            )?
            .query_row(params![code, number], |row| row.get(0))?)
    }
}
