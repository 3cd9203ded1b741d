//! The promises, checked on what the stand-ins were told: nothing lost, planned once, one order, in order.

use super::figures::count;
use super::stage::Side;
use crate::clock;
use crate::load::{self, Load};
use crate::standin::ledger::{Ledger, Line, What};
use std::collections::BTreeMap;

/// Broken promises that are named one by one; the rest is counted.
const NAMED: usize = 10;

/// What became of each event, and what is to be found fault with.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// By number of the event: dossier by dossier.
    pub(crate) events: Vec<Fate>,
    /// Calls that were refused, by reason. A partner that knows a dossier the gateway has forgotten refuses its creation.
    pub(crate) refused: BTreeMap<String, usize>,
    /// Calls that had an effect.
    pub(crate) calls: usize,
    /// Records that were written.
    pub(crate) records: usize,
    /// When the first and the last thing was told.
    pub(crate) first_at: u64,
    pub(crate) last_at: u64,
    /// When each call at the portal had been read, in order.
    portal_calls: Vec<u64>,
    problems: Vec<String>,
    broken: usize,
}

/// When the partners were told of an event; 0: never.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fate {
    pub(crate) record_at: u64,
    pub(crate) row_at: u64,
    pub(crate) order_at: u64,
}

impl Fate {
    /// The first call.
    pub(crate) fn first(&self) -> u64 {
        [self.record_at, self.row_at, self.order_at].into_iter().filter(|at| *at > 0).min().unwrap_or(0)
    }

    /// The last call.
    pub(crate) fn last(&self) -> u64 {
        self.record_at.max(self.row_at).max(self.order_at)
    }
}

/// Where a dossier stands while the ledger is read.
#[derive(Clone, Copy, Default)]
struct Standing {
    /// Events whose row may come next.
    next_row: usize,
    /// Events whose record may come next.
    next_record: usize,
    last_record: u8,
}

struct Reading<'a> {
    load: &'a Load,
    side: Side,
    each: usize,
    standings: Vec<Standing>,
    book: Book,
    last_call: Option<u32>,
}

impl Book {
    /// Reads a ledger of a load that was told completely.
    pub(crate) fn read(load: &Load, ledger: &Ledger, side: Side) -> Self {
        let mut book = Self::read_part(load, ledger, side);
        book.check_all(load);
        book
    }

    /// Reads a ledger of a load that is still being told: what came must be right, and need not be all.
    pub(crate) fn read_part(load: &Load, ledger: &Ledger, side: Side) -> Self {
        let each = load.events() / load.dossiers().max(1);
        let book = Self { events: vec![Fate::default(); load.events()], ..Self::default() };
        let standings = vec![Standing::default(); load.dossiers()];
        let mut reading = Reading { load, side, each, standings, book, last_call: None };
        for line in &ledger.lines {
            reading.line(line, ledger.name(line));
        }
        reading.records_end_with_their_dossier()
    }

    /// Promise 1: every event has its row, every order was placed.
    fn check_all(&mut self, load: &Load) {
        let each = load.events() / load.dossiers().max(1);
        for event in 0..self.events.len() {
            let (dossier, step) = (event / each, event % each);
            if self.events[event].row_at == 0 {
                self.problem(|| format!("lost: {} row {}", load::code(dossier), step + 1));
            }
            let ordered = load::is_postal(dossier) && step + 1 == each;
            if ordered && self.events[event].order_at == 0 {
                self.problem(|| format!("lost: {}", load::order_number(dossier)));
            }
        }
    }

    fn problem(&mut self, told: impl FnOnce() -> String) {
        self.broken += 1;
        if self.problems.len() < NAMED {
            self.problems.push(told());
        }
    }

    /// Calls a second at the portal, without the first and last tenth of them: there not everybody has work.
    pub(crate) fn steady_rate(&self) -> f64 {
        let calls = self.portal_calls.len();
        let middle = self.portal_calls.get(calls / 10..calls - calls / 10).unwrap_or_default();
        let (Some(first), Some(last)) = (middle.first(), middle.last()) else { return 0.0 };
        count(middle.len().saturating_sub(1)) / clock::seconds(*first, *last)
    }

    /// What is to be found fault with; nothing when every promise was kept.
    pub(crate) fn problems(&self) -> Vec<String> {
        let rest = self.broken - self.problems.len();
        let rest = (rest > 0).then(|| format!("and {rest} more"));
        self.problems.iter().cloned().chain(rest).collect()
    }
}

impl Reading<'_> {
    fn line(&mut self, line: &Line, name: &str) {
        match line.what {
            What::Record | What::Row | What::Order => {}
            What::Refused => {
                *self.book.refused.entry(name.to_owned()).or_default() += 1;
                return;
            }
            What::Cancel => return self.book.problem(|| format!("a cancel that nobody asked for: {name}")),
            What::Login | What::Token | What::Feed | What::Down => return,
        }
        if self.book.first_at == 0 {
            self.book.first_at = line.at;
        }
        self.book.last_at = self.book.last_at.max(line.at);
        if self.last_call != Some(line.call) {
            self.book.calls += 1;
            if line.what != What::Order {
                self.book.portal_calls.push(line.at);
            }
            self.last_call = Some(line.call);
        }
        let dossier = load::dossier_of(name.strip_suffix("-TRA-1").unwrap_or(name));
        let Some(dossier) = dossier.filter(|dossier| *dossier < self.load.dossiers()) else {
            return self.book.problem(|| format!("invented: {name}"));
        };
        if line.what == What::Record {
            self.record(dossier, line);
        } else if line.what == What::Row {
            self.row(dossier, line);
        } else {
            self.order(dossier, line);
        }
    }

    /// Records may be left out, and never go back.
    fn record(&mut self, dossier: usize, line: &Line) {
        self.book.records += 1;
        let standing = &mut self.standings[dossier];
        let statuses = self.load.statuses(dossier).iter().enumerate();
        let mut fitting = statuses.skip(standing.next_record).filter(|(_, status)| **status == line.status);
        standing.last_record = line.status;
        match fitting.next() {
            Some((step, _)) => {
                standing.next_record = step + 1;
                self.book.events[dossier * self.each + step].record_at = line.at;
            }
            None if self.side == Side::Gateway => {
                let status = line.status;
                self.book.problem(|| format!("out of order: {} record {status}", load::code(dossier)));
            }
            None => {}
        }
    }

    /// Rows come once each, in their order.
    fn row(&mut self, dossier: usize, line: &Line) {
        let statuses = self.load.statuses(dossier);
        let step = (0..self.each).find(|step| load::moment(*step) == line.moment);
        let Some(step) = step.filter(|step| statuses.get(*step) == Some(&line.status)) else {
            return self.book.problem(|| format!("invented: {} row of {}", load::code(dossier), line.moment));
        };
        let fate = &mut self.book.events[dossier * self.each + step];
        if fate.row_at > 0 {
            return self.book.problem(|| format!("doubled: {} row {}", load::code(dossier), step + 1));
        }
        fate.row_at = line.at;
        let standing = &mut self.standings[dossier];
        if self.side == Side::Gateway && step != standing.next_row {
            self.book.problem(|| format!("out of order: {} row {}", load::code(dossier), step + 1));
        }
        standing.next_row = step + 1;
    }

    fn order(&mut self, dossier: usize, line: &Line) {
        if !load::is_postal(dossier) {
            return self.book.problem(|| format!("invented: {}", load::order_number(dossier)));
        }
        let fate = &mut self.book.events[dossier * self.each + self.each - 1];
        if fate.order_at > 0 {
            return self.book.problem(|| format!("doubled: {}", load::order_number(dossier)));
        }
        fate.order_at = line.at;
    }

    /// The last record says where the dossier ended, once its last row is there.
    fn records_end_with_their_dossier(mut self) -> Book {
        for (dossier, standing) in self.standings.iter().enumerate() {
            let statuses = self.load.statuses(dossier);
            let is_told = self.side == Side::Gateway && standing.next_row == statuses.len();
            if is_told && statuses.last() != Some(&standing.last_record) {
                self.book
                    .problem(|| format!("stale: {} record {}", load::code(dossier), standing.last_record));
            }
        }
        self.book
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
