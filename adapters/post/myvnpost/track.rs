//! The list of orders → a feed: which call comes next, and what its answer brings. Pure.
//!
//! MyVNPost has no feed. It lists the orders whose record changed since a day, and tells the history of one order; reading
//! the two in turn is a feed whose cursor is that day. One step is one call, so that every call passes the account's gate and
//! counts for its quota:
//!
//! ```text
//! list page 0 ─▶ history of each order whose record changed since this process last saw it ─▶ page 1 … ─▶ end: the next day
//! ```
//!
//! In what order the list stands is not documented, so each round begins at its first page, and pages are no place to go on
//! from after a restart: what is read again is known by its feed id. A record counts as seen only when the reader has come
//! back with the cursor of the step that told its history: the rows are in the journal then. The memory of records is this
//! process's own and bounded; without it more is asked, nothing is missed.
//!
//! An order whose history cannot be read holds the day, so that it is listed and asked about again, for a week at most: one
//! bad order stops neither the others nor, for ever, the day.

use crate::myvnpost::classify::States;
use crate::myvnpost::wire::{FeedRow, Record};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lienthong_core::ids::OrderNumber;
use lienthong_core::port::FeedPage;
use lienthong_core::tables::day_in_vietnam;
use lienthong_core::tracking::{Meaning, TrackingEvent};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// Where reading begins when nothing has been read: orders of ours are not older than the gateway.
const FIRST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

/// Around midnight the two clocks may show two days, and a record may be stamped before it can be listed.
pub(crate) const CLOCKS_APART: SignedDuration = SignedDuration::from_hours(1);

/// How long an order whose history cannot be read holds the day.
const HELD_AT_MOST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Orders that a round remembers: a province's of a month. Some 100 bytes each.
const ORDERS: usize = 100_000;

/// Where a round of reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    day: Date,
    page: u32,
    /// Steps made on this page.
    steps: u32,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.day, self.page)?;
        if self.steps > 0 { write!(f, "+{}", self.steps) } else { Ok(()) }
    }
}

/// The day that a cursor stands for; the rest of it belongs to the round that wrote it.
fn day_of(cursor: &str) -> Option<Date> {
    cursor.split('/').next()?.parse().ok()
}

/// What is asked next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A page of the orders that changed from this day on.
    List { from: Date, page: u32 },
    /// The history of an order, by its waybill.
    History(String),
    /// Nothing: the round is over.
    Over(FeedPage),
}

/// What this process knows of the feed.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Records whose histories are stored, by the order's name.
    seen: BTreeMap<String, u64>,
    round: Option<Round>,
}

#[derive(Debug)]
struct Round {
    began: Timestamp,
    /// What the reader was given last.
    cursor: Cursor,
    listed: BTreeSet<String>,
    waiting: VecDeque<Changed>,
    /// Given to the reader and not known to be stored.
    given: Option<Changed>,
    /// More pages may follow.
    more_pages: bool,
    /// A history could not be read.
    holds: bool,
}

/// An order whose record changed.
#[derive(Clone, Debug)]
struct Changed {
    name: String,
    waybill: String,
    number: String,
    mark: u64,
}

impl Reading {
    /// Says what is asked after a cursor. One that this process did not give begins a round.
    pub(crate) fn step(&mut self, after: Option<&str>, now: Timestamp) -> Step {
        let goes_on = self.round.take_if(|round| after != Some(&*round.cursor.to_string())).is_none();
        let Some(round) = self.round.as_mut().filter(|_| goes_on) else { return self.begin(after, now) };
        if let Some(given) = round.given.take() {
            self.seen.insert(given.name, given.mark);
        }
        match (round.waiting.front(), round.more_pages) {
            (Some(next), _) => Step::History(next.waybill.clone()),
            (None, true) => Step::List { from: round.cursor.day, page: round.cursor.page + 1 },
            (None, false) => Step::Over(self.over(now)),
        }
    }

    fn begin(&mut self, after: Option<&str>, now: Timestamp) -> Step {
        let day = after.and_then(day_of).unwrap_or_else(|| day_before(now, FIRST_LOOK_BACK));
        self.round = Some(Round {
            began: now,
            cursor: Cursor { day, page: 0, steps: 0 },
            listed: BTreeSet::new(),
            waiting: VecDeque::new(),
            given: None,
            more_pages: false,
            holds: false,
        });
        Step::List { from: day, page: 0 }
    }

    /// Takes in the page that was asked for.
    pub(crate) fn listed(
        &mut self,
        page: u32,
        records: &[Record],
        page_size: u16,
        now: Timestamp,
    ) -> FeedPage {
        let Some(round) = &mut self.round else { return nothing(None, false) };
        let before = round.listed.len();
        for record in records {
            let Some(name) = record.name().filter(|name| round.listed.insert((*name).to_owned())) else {
                continue;
            };
            // Without our number it is another's parcel; without a waybill it is a draft.
            let (Some(number), Some(waybill)) = (&record.number, &record.waybill) else { continue };
            if self.seen.get(name) != Some(&record.mark) {
                let (name, waybill, number) = (name.to_owned(), waybill.clone(), number.clone());
                round.waiting.push_back(Changed { name, waybill, number, mark: record.mark });
            }
        }
        // A list that shows the same orders on every page would be read for ever.
        let (full, grew) = (records.len() >= usize::from(page_size), round.listed.len() > before);
        round.more_pages = full && grew && round.listed.len() < ORDERS;
        round.cursor = Cursor { page, steps: 0, ..round.cursor };
        if round.waiting.is_empty() && !round.more_pages {
            return self.over(now);
        }
        nothing(Some(round.cursor), true)
    }

    /// Takes in the history that was asked for.
    pub(crate) fn told(&mut self, history: &[Value], states: &States) -> FeedPage {
        let Some((round, order)) = self.answered() else { return nothing(None, false) };
        let mut rows: Vec<TrackingEvent> =
            history.iter().filter_map(|row| event(&order, &FeedRow::read(row)?, states)).collect();
        rows.sort_by_key(|row| (row.at, row.wire_code.len()));
        let unreadable = history.len() - rows.len();
        round.given = Some(order);
        FeedPage::Rows { rows, cursor: Some(round.cursor.to_string()), unreadable, more: true }
    }

    /// Passes by an order whose history cannot be read; it is asked about again in the next round.
    pub(crate) fn passed_by(&mut self) -> FeedPage {
        let Some((round, _)) = self.answered() else { return nothing(None, false) };
        round.holds = true;
        let cursor = Some(round.cursor.to_string());
        FeedPage::Rows { rows: Vec::new(), cursor, unreadable: 1, more: true }
    }

    fn answered(&mut self) -> Option<(&mut Round, Changed)> {
        let round = self.round.as_mut()?;
        let order = round.waiting.pop_front()?;
        round.cursor.steps += 1;
        Some((round, order))
    }

    /// Ends the round: the next begins on the day on which this one began, or where an order holds it.
    fn over(&mut self, now: Timestamp) -> FeedPage {
        let Some(round) = self.round.take() else { return nothing(None, false) };
        self.seen.retain(|name, _| round.listed.contains(name));
        let next = match round.holds {
            true => day_before(now, HELD_AT_MOST),
            false => day_before(round.began, CLOCKS_APART),
        };
        nothing(Some(Cursor { day: next.max(round.cursor.day), page: 0, steps: 0 }), false)
    }
}

fn day_before(now: Timestamp, by: SignedDuration) -> Date {
    day_in_vietnam(now.checked_sub(by).unwrap_or(Timestamp::MIN))
}

fn nothing(cursor: Option<Cursor>, more: bool) -> FeedPage {
    FeedPage::Rows { rows: Vec::new(), cursor: cursor.map(|cursor| cursor.to_string()), unreadable: 0, more }
}

/// Rows of a history have no identifier: order, moment and code make one.
fn event(order: &Changed, row: &FeedRow, states: &States) -> Option<TrackingEvent> {
    Some(TrackingEvent {
        feed_id: format!("{}/{}/{}", order.name, row.at, row.status),
        number: OrderNumber::new(order.number.clone()),
        meaning: states.get(&row.status).copied().unwrap_or(Meaning::UNKNOWN),
        wire_code: row.status.clone(),
        at: row.instant()?,
        waybill: Some(order.waybill.clone()),
    })
}

#[cfg(test)]
#[path = "track_tests.rs"]
mod tests;
