//! The tracking feed: one durable cursor an account with an overlap, an index for look-ups, and a plan for each change.
//!
//! Cursor, index and plans are one transaction: a crash repeats or loses nothing. Rows are told apart by their feed id.

use super::apart::apart;
use super::recover::may_be_there;
use super::settle::Settling;
use super::{Error, Journal, Surroundings, Transition, known, millis, planning, rows, timestamp, watch};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::ids::AccountName;
use lienthong_core::next::Next;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use lienthong_core::plan::Cause;
use lienthong_core::tracking::{Money, TrackingEvent, TrackingState};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// How far a round of reading reaches back behind what was the end of the feed, at least. Ids of the feed are given by
/// several machines (`docs/decisions/0007-overlap-of-the-feed.md`): a row may become visible behind a cursor that passed.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// The mark of a feed that was empty: a mark that is missing would let reading begin at the cursor, with no overlap.
const FIRST_ROW: &str = "";

/// A page that was read.
#[derive(Clone, Debug)]
pub struct FeedReading {
    /// Whose feed.
    pub account: AccountName,
    /// The rows, oldest first.
    pub rows: Vec<TrackingEvent>,
    /// Cursor after the page; `None` when the page was empty.
    pub cursor: Option<String>,
    /// More rows may follow at once: this is not the end of the feed.
    pub more: bool,
    /// The feed did not move on with this page.
    pub stuck: bool,
    /// When it was read.
    pub read_at: Timestamp,
}

/// What a page brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedProgress {
    /// Rows not seen before.
    pub new: usize,
    /// Rows of orders that are not ours.
    pub strangers: usize,
}

impl Journal {
    /// Where reading the account's feed begins: not at its end, but where the end was one to two [`OVERLAP`]s ago, or at
    /// its first row (`None`) if it was empty then. Rows that are read again are known by their feed id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn feed_cursor(&self, account: &AccountName) -> Result<Option<String>, Error> {
        let account = account.clone();
        self.reader
            .read(move |tx| {
                Ok(tx
                    .prepare_cached(
                        "SELECT coalesce(feed_behind, feed_mark, feed_cursor) FROM account WHERE name = ?1",
                    )?
                    .query_row([account.as_str()], |row| row.get(0))
                    .optional()?
                    .flatten()
                    .filter(|cursor: &String| cursor != FIRST_ROW))
            })
            .await
    }

    /// Whether orders of the account are under way, so that its feed is worth reading often.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has_open_orders(&self, account: &AccountName, now: Timestamp) -> Result<bool, Error> {
        let account = account.clone();
        self.reader.read(move |tx| Ok(watch::oldest_open_order(tx, &account, now)?.is_some())).await
    }

    /// Notes that the partner refused to read on from where the account's feed was left.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note_refused_cursor(&self, account: &AccountName, now: Timestamp) -> Result<(), Error> {
        let account = account.clone();
        self.writer
            .write(move |tx| {
                tx.prepare_cached(
                    "INSERT INTO account (name, feed_stuck_at) VALUES (?1, ?2)
                     ON CONFLICT (name) DO UPDATE SET feed_stuck_at = coalesce(feed_stuck_at, ?2)",
                )?
                .execute(params![account.as_str(), millis(now)])?;
                Ok(())
            })
            .await
    }

    /// Stores a page: cursor, index and plans in one transaction.
    ///
    /// # Errors
    /// When the store fails; the page is read again then.
    pub async fn track(&self, reading: FeedReading, draw: f64) -> Result<FeedProgress, Error> {
        let around = Arc::clone(&self.around);
        let (progress, transitions) = self
            .writer
            .write(move |tx| {
                let mut tracking = Tracking {
                    tx,
                    around: &around,
                    reading: &reading,
                    draw,
                    progress: FeedProgress::default(),
                    transitions: Vec::new(),
                };
                for row in &reading.rows {
                    tracking.row_or_skip(row)?;
                }
                tracking.move_cursor()?;
                crash_point!(
                    "track.before_commit",
                    if reading.rows.is_empty() { "empty" } else { "rows" },
                    if tracking.progress.new == 0 { "known" } else { "new" }
                );
                Ok((tracking.progress, tracking.transitions))
            })
            .await?;
        crash_point!("track.after_commit", if progress.new == 0 { "empty" } else { "rows" });
        super::log::transitions(&transitions);
        self.wake.notify_one();
        Ok(progress)
    }
}

struct Tracking<'a> {
    tx: &'a Connection,
    around: &'a Surroundings,
    reading: &'a FeedReading,
    draw: f64,
    progress: FeedProgress,
    transitions: Vec<Transition>,
}

/// Whether a row replaces the newest one in the index: an end that is told late is still the end, and what has ended is
/// not reopened by something in between; else the newer one stands. Feed ids only part rows of one moment.
fn replaces(row: &TrackingEvent, news: TrackingState, at: Timestamp, feed_id: &str, state: &str) -> bool {
    let state = TrackingState::from_name(state);
    let ended = matches!(state, Some(TrackingState::Delivered | TrackingState::Returned));
    if ended && !news.is_final() {
        return false;
    }
    if news.is_final() && !state.is_some_and(TrackingState::is_final) {
        return true;
    }
    row.at > at || (row.at == at && (row.feed_id.len(), row.feed_id.as_str()) > (feed_id.len(), feed_id))
}

impl Tracking<'_> {
    /// Reads a row; one that cannot be read leaves the others of the page unharmed.
    fn row_or_skip(&mut self, row: &TrackingEvent) -> Result<(), Error> {
        let (tx, progress, changes) = (self.tx, self.progress, self.transitions.len());
        match apart(tx, "reading a row of the feed", || self.row(row)) {
            Err(error) if !error.is_of_the_store() => {
                self.progress = progress;
                self.transitions.truncate(changes);
                self.tell(row, &error);
                Ok(())
            }
            read => read,
        }
    }

    fn row(&mut self, row: &TrackingEvent) -> Result<(), Error> {
        let inserted = self
            .tx
            .prepare_cached(
                "INSERT INTO tracking_row (account, feed_id, number, state, wire_code, at, read_at, waybill, cash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.reading.account.as_str(),
                row.feed_id,
                row.number.as_str(),
                row.meaning.parcel.map_or("", TrackingState::name),
                row.wire_code,
                millis(row.at),
                millis(self.reading.read_at),
                row.waybill,
                row.meaning.money.map(Money::name),
            ])?;
        if inserted == 0 {
            return Ok(());
        }
        self.progress.new += 1;
        if let Some(news) = row.meaning.parcel {
            self.index(row, news)?;
        }
        if let Some(money) = row.meaning.money {
            self.index_cash(row, money)?;
        }
        let Some(order) = self.order(row)? else {
            self.progress.strangers += 1;
            return Ok(());
        };
        let (tx, changes) = (self.tx, self.transitions.len());
        match apart(tx, "planning a report", || self.plan(&order, row)) {
            Err(error) if !error.is_of_the_store() => {
                self.transitions.truncate(changes);
                self.tell(row, &error);
                self.ask_a_person(&order)
            }
            planned => planned,
        }
    }

    /// Plans the report, however old: the planner knows what its leg has heard already.
    fn plan(&mut self, order: &rows::HandoffRow, row: &TrackingEvent) -> Result<(), Error> {
        self.adopt(order)?;
        let (cause, now) = (Cause::Tracking(row), self.reading.read_at);
        let found = known::find(self.tx, order.dossier)?;
        let planned = planning::plan(self.tx, self.around, &found, order.inbox, cause, now)?;
        self.transitions.extend(planned);
        Ok(())
    }

    fn tell(&self, row: &TrackingEvent, error: &Error) {
        tracing::error!(
            account = %self.reading.account, number = %row.number, state = %row.meaning, error = error.told(),
            "a report of the post could not be planned"
        );
    }

    /// The report is stored and nothing follows from it: the desk must look.
    fn ask_a_person(&self, order: &rows::HandoffRow) -> Result<(), Error> {
        self.tx
            .prepare_cached("INSERT INTO flag (dossier, inbox, code, task, at) VALUES (?1, ?2, ?3, 1, ?4)")?
            .execute(params![
                order.dossier,
                order.inbox,
                gateway::UNPLANNABLE,
                millis(self.reading.read_at)
            ])?;
        Ok(())
    }

    /// Updates the index of newest states.
    fn index(&self, row: &TrackingEvent, news: TrackingState) -> Result<(), Error> {
        let newest: Option<(i64, String, String)> = self
            .tx
            .prepare_cached("SELECT at, feed_id, state FROM tracking WHERE number = ?1")?
            .query_row([row.number.as_str()], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?)))
            .optional()?;
        if newest.is_some_and(|(at, feed_id, state)| !replaces(row, news, timestamp(at), &feed_id, &state)) {
            return Ok(());
        }
        self.tx
            .prepare_cached(
                "INSERT INTO tracking (number, account, state, wire_code, at, feed_id, waybill)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (number) DO UPDATE SET state = ?3, wire_code = ?4, at = ?5, feed_id = ?6,
                     waybill = coalesce(?7, waybill)",
            )?
            .execute(params![
                row.number.as_str(),
                self.reading.account.as_str(),
                news.name(),
                row.wire_code,
                millis(row.at),
                row.feed_id,
                row.waybill,
            ])?;
        Ok(())
    }

    /// Updates how far the cash of an order got. It never goes back, and says nothing of the parcel.
    fn index_cash(&self, row: &TrackingEvent, money: Money) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "INSERT INTO tracking (number, account, state, wire_code, at, feed_id, waybill, cash, cash_at)
                 VALUES (?1, ?2, 'unknown', ?3, 0, ?4, ?5, ?6, ?7)
                 ON CONFLICT (number) DO UPDATE SET cash = ?6, cash_at = ?7, waybill = coalesce(waybill, ?5)
                     WHERE cash IS NULL OR (cash = 'collected' AND ?6 = 'settled')",
            )?
            .execute(params![
                row.number.as_str(),
                self.reading.account.as_str(),
                row.wire_code,
                row.feed_id,
                row.waybill,
                money.name(),
                millis(row.at),
            ])?;
        Ok(())
    }

    fn order(&self, row: &TrackingEvent) -> Result<Option<rows::HandoffRow>, Error> {
        let sql = format!(
            "SELECT {} FROM handoff WHERE number = ?1 AND kind = 'post.order' AND state NOT IN ('superseded', 'observed')",
            rows::HANDOFF
        );
        Ok(self
            .tx
            .prepare_cached(&sql)?
            .query_row([row.number.as_str()], rows::HandoffRow::read)
            .optional()?)
    }

    /// An order that shows in the feed is there: an uncertain one is adopted, and so is one that a person was asked
    /// about because it could not be found. One that a look-up found to be another's stays with that person.
    fn adopt(&mut self, order: &rows::HandoffRow) -> Result<(), Error> {
        let differs = order.reason.as_ref().is_some_and(|reason| reason.code.as_str() == gateway::DIFFERS);
        let doubted = order.state == "dead" && may_be_there(order) && !differs;
        // A person may have set it due again, on somebody's word that it was not there.
        let tried = order.state == "waiting" && order.attempts > 0;
        if order.state != "uncertain" && !doubted && !tried {
            return Ok(());
        }
        let settling =
            Settling { tx: self.tx, around: self.around, now: self.reading.read_at, draw: self.draw };
        let found = Next::Accepted(Reason::new(ReasonCode::known(gateway::FOUND)));
        self.transitions.extend(settling.become_what(order, &found)?);
        Ok(())
    }

    fn move_cursor(&self) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "INSERT INTO account (name, feed_cursor, feed_read_at, feed_row_at, feed_stuck_at)
                 VALUES (?1, ?2, ?3, ?4, iif(?5, ?3, NULL))
                 ON CONFLICT (name) DO UPDATE SET feed_cursor = coalesce(?2, feed_cursor), feed_read_at = ?3,
                     feed_row_at = coalesce(?4, feed_row_at),
                     feed_stuck_at = CASE WHEN ?5 THEN coalesce(feed_stuck_at, ?3) WHEN ?6 THEN feed_stuck_at END",
            )?
            .execute(params![
                self.reading.account.as_str(),
                self.reading.cursor,
                millis(self.reading.read_at),
                (self.progress.new > 0).then(|| millis(self.reading.read_at)),
                self.reading.stuck,
                // A round that is cut off has not shown that the feed moves on.
                self.reading.more,
            ])?;
        if !self.reading.more && !self.reading.stuck {
            self.mark_end()?;
        }
        Ok(())
    }

    /// Remembers where the end of the feed is, once in a while: the mark before the last one is where reading begins.
    fn mark_end(&self) -> Result<(), Error> {
        let due = self.reading.read_at.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN);
        self.tx
            .prepare_cached(
                "UPDATE account SET feed_behind = feed_mark, feed_mark = coalesce(feed_cursor, ?4), feed_mark_at = ?2
                 WHERE name = ?1 AND (feed_mark_at IS NULL OR feed_mark_at <= ?3)",
            )?
            .execute(params![
                self.reading.account.as_str(),
                millis(self.reading.read_at),
                millis(due),
                FIRST_ROW
            ])?;
        Ok(())
    }
}
