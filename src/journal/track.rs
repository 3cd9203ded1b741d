//! The tracking feed: one durable cursor an account, an index for look-ups, and a plan for each change.
//!
//! Cursor, index and plans are one transaction: a crash repeats or loses nothing. Rows are told apart by their feed id.

use super::settle::Settling;
use super::{Error, Journal, Surroundings, Transition, millis, planning, rows, timestamp};
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::next::Next;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use lienthong_core::plan::Cause;
use lienthong_core::tracking::TrackingEvent;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// A page that was read.
#[derive(Clone, Debug)]
pub struct FeedReading {
    /// Whose feed.
    pub account: AccountName,
    /// The rows, oldest first.
    pub rows: Vec<TrackingEvent>,
    /// Cursor after the page; `None` when the page was empty.
    pub cursor: Option<String>,
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
    /// Where the account's feed has been read to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn feed_cursor(&self, account: &AccountName) -> Result<Option<String>, Error> {
        let account = account.clone();
        self.writer
            .write(move |tx| {
                Ok(tx
                    .prepare_cached("SELECT feed_cursor FROM account WHERE name = ?1")?
                    .query_row([account.as_str()], |row| row.get(0))
                    .optional()?
                    .flatten())
            })
            .await
    }

    /// Whether orders of the account are under way, so that its feed is worth reading often.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has_open_orders(&self, account: &AccountName, now: Timestamp) -> Result<bool, Error> {
        let account = account.clone();
        let recent = millis(now) - 30 * 24 * 3600 * 1000;
        self.writer
            .write(move |tx| {
                Ok(tx
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM handoff LEFT JOIN tracking ON tracking.number = handoff.number
                         WHERE handoff.account = ?1 AND kind = 'post.order' AND planned_at > ?2
                           AND handoff.state IN ('uncertain', 'accepted')
                           AND ifnull(tracking.state, '') NOT IN ('delivered', 'returned', 'cancelled'))",
                    )?
                    .query_row(params![account.as_str(), recent], |row| row.get(0))?)
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
                    tracking.row(row)?;
                }
                tracking.move_cursor()?;
                Ok((tracking.progress, tracking.transitions))
            })
            .await?;
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

impl Tracking<'_> {
    fn row(&mut self, row: &TrackingEvent) -> Result<(), Error> {
        let inserted = self
            .tx
            .prepare_cached(
                "INSERT INTO tracking_row (account, feed_id, number, state, wire_code, at, read_at, waybill)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.reading.account.as_str(),
                row.feed_id,
                row.number.as_str(),
                row.state.name(),
                row.wire_code,
                millis(row.at),
                millis(self.reading.read_at),
                row.waybill,
            ])?;
        if inserted == 0 {
            return Ok(());
        }
        self.progress.new += 1;
        let newer = self.index(row)?;
        let Some(order) = self.order(row)? else {
            self.progress.strangers += 1;
            return Ok(());
        };
        self.adopt(&order)?;
        if newer {
            let (cause, now) = (Cause::Tracking(row), self.reading.read_at);
            let inbox = order.inbox;
            self.transitions.extend(planning::plan(self.tx, self.around, order.dossier, inbox, cause, now)?);
        }
        Ok(())
    }

    /// Updates the index; an older row never overwrites a newer one.
    fn index(&self, row: &TrackingEvent) -> Result<bool, Error> {
        let newest: Option<(i64, String)> = self
            .tx
            .prepare_cached("SELECT at, feed_id FROM tracking WHERE number = ?1")?
            .query_row([row.number.as_str()], |found| Ok((found.get(0)?, found.get(1)?)))
            .optional()?;
        if newest.is_some_and(|(at, feed_id)| (timestamp(at), feed_id) > (row.at, row.feed_id.clone())) {
            return Ok(false);
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
                row.state.name(),
                row.wire_code,
                millis(row.at),
                row.feed_id,
                row.waybill,
            ])?;
        Ok(true)
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
    /// about because it could not be found.
    fn adopt(&mut self, order: &rows::HandoffRow) -> Result<(), Error> {
        let doubted = order.state == "dead"
            && order.reason.as_ref().is_some_and(|reason| reason.code.as_str() == gateway::UNCERTAIN);
        if order.state != "uncertain" && !doubted {
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
                "INSERT INTO account (name, feed_cursor, feed_read_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET feed_cursor = coalesce(?2, feed_cursor), feed_read_at = ?3",
            )?
            .execute(params![
                self.reading.account.as_str(),
                self.reading.cursor,
                millis(self.reading.read_at)
            ])?;
        Ok(())
    }
}
