//! The journal and its model in memory, side by side: every call goes to both, and both must tell and leave the same.

use super::disk::Disk;
use super::store::{Act, Stands, Store, Told};
use super::town::Town;
use crate::intake::{AdmittedCounts, Arrival};
use crate::journal::{Answered, Call, FeedProgress, FeedReading, Probe, Question, Want, Work};
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::LookUp;
use std::sync::Arc;

/// Both stores.
pub(super) struct Twin {
    disk: Disk,
    difference: Option<String>,
}

impl Twin {
    pub(super) fn open(town: &Arc<Town>) -> Self {
        Self { disk: Disk::open(town), difference: None }
    }

    /// What differed first, if anything did.
    pub(super) fn difference(&self) -> Option<String> {
        self.difference.clone()
    }
}

/// The same call once more: a claim cannot be copied outside of tests.
pub(super) fn copy(call: &Call) -> Call {
    Call {
        handoffs: call.handoffs.clone(),
        attempts: call.attempts.clone(),
        attempt: call.attempt,
        trace: call.trace.clone(),
        started_at: call.started_at,
    }
}

impl Store for Twin {
    fn admit(&mut self, batch: &[Arrival]) -> Told<AdmittedCounts> {
        self.disk.admit(batch)
    }

    fn claim(&mut self, wants: &[Want], now: Timestamp) -> Told<Vec<(AccountName, Work)>> {
        self.disk.claim(wants, now)
    }

    fn settle(&mut self, answered: &Arc<Answered>) -> Told<()> {
        self.disk.settle(answered)
    }

    fn settle_look_up(
        &mut self,
        question: &Question,
        answer: &LookUp,
        now: Timestamp,
        draw: f64,
    ) -> Told<()> {
        self.disk.settle_look_up(question, answer, now, draw)
    }

    fn settle_probe(&mut self, probe: Probe, outcome: Outcome, now: Timestamp) -> Told<()> {
        self.disk.settle_probe(probe, outcome, now)
    }

    fn track(&mut self, reading: &FeedReading, draw: f64) -> Told<FeedProgress> {
        self.disk.track(reading, draw)
    }

    fn cursor(&mut self, account: &AccountName) -> Option<String> {
        self.disk.cursor(account)
    }

    fn release_gaps(&mut self, now: Timestamp) -> Told<()> {
        self.disk.release_gaps(now)
    }

    fn recover(&mut self, now: Timestamp, draw: f64) -> Told<usize> {
        self.disk.recover(now, draw)
    }

    fn act(&mut self, act: &Act, now: Timestamp) -> String {
        self.disk.act(act, now)
    }

    fn die(&mut self) {
        self.disk.die();
    }

    fn refuse_commit(&mut self, n: u32) {
        self.disk.refuse_commit(n);
    }

    fn stands(&mut self) -> Stands {
        self.disk.stands()
    }
}
