//! What the stand-ins were told: every call with its time, in the order in which they were read.

use crate::clock;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a line of the ledger speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum What {
    /// A record that was written.
    Record,
    /// A progress row that was appended.
    Row,
    /// A postal order that was taken.
    Order,
    /// A postal order that was called off.
    Cancel,
    /// A session was given.
    Login,
    /// A token was given.
    Token,
    /// The tracking feed was read.
    Feed,
    /// A call was refused; its key is the reason.
    Refused,
    /// A call met a partner that is down.
    Down,
}

/// One line: one thing that one call did.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    /// When the call had been read.
    pub(crate) at: u64,
    /// Number of the call: rows that came together share it.
    pub(crate) call: u32,
    /// What it did.
    pub(crate) what: What,
    /// Dossier, order number or reason, by its place in [`Ledger::names`].
    pub(crate) key: u32,
    /// Status of a record or row.
    pub(crate) status: u8,
    /// Time that a row tells, `yyyyMMddHHmmss`.
    pub(crate) moment: u64,
}

/// Everything that happened since the start.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// Keys, as they first came.
    pub(crate) names: Vec<String>,
    /// What happened.
    pub(crate) lines: Vec<Line>,
    #[serde(skip)]
    places: HashMap<String, u32>,
    #[serde(skip)]
    calls: u32,
}

/// How much happened, for those who wait.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Rows appended.
    pub(crate) rows: usize,
    /// Records written.
    pub(crate) records: usize,
    /// Orders taken.
    pub(crate) orders: usize,
    /// Calls refused.
    pub(crate) refused: usize,
    /// When the first record, row or order came.
    pub(crate) first_at: Option<u64>,
}

/// One call while it is written down.
pub(crate) struct Entry {
    at: u64,
    call: u32,
}

impl Ledger {
    /// Opens an entry for a call that has just been read.
    pub(crate) fn open(&mut self) -> Entry {
        self.calls += 1;
        Entry { at: clock::now(), call: self.calls }
    }

    /// Writes a line.
    pub(crate) fn note(&mut self, entry: &Entry, what: What, key: &str, status: u8, moment: u64) {
        let key = self.place(key);
        self.lines.push(Line { at: entry.at, call: entry.call, what, key, status, moment });
    }

    fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }

    /// The name of a line's key.
    pub(crate) fn name(&self, line: &Line) -> &str {
        usize::try_from(line.key).ok().and_then(|place| self.names.get(place)).map_or("", String::as_str)
    }
}

impl Counts {
    /// Counts a line.
    pub(crate) fn count(&mut self, entry: &Entry, what: What) {
        match what {
            What::Record => self.records += 1,
            What::Row => self.rows += 1,
            What::Order => self.orders += 1,
            What::Refused => self.refused += 1,
            What::Cancel | What::Login | What::Token | What::Feed | What::Down => {}
        }
        if matches!(what, What::Record | What::Row | What::Order) {
            self.first_at = self.first_at.or(Some(entry.at));
        }
    }
}
