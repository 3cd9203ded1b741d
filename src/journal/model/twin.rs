//! The journal and its model in memory, side by side: every call goes to both, and both must tell and leave the same.

use super::disk::Disk;
use super::memory::Memory;
use super::store::{Act, Stands, Store, Told};
use super::town::Town;
use crate::intake::{AdmittedCounts, Arrival};
use crate::journal::{Answered, Call, FeedProgress, FeedReading, Probe, Question, Want, Work};
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::LookUp;
use std::fmt::Debug;
use std::sync::Arc;

/// Both stores.
pub(super) struct Twin {
    disk: Disk,
    memory: Memory,
    difference: Option<String>,
}

impl Twin {
    pub(super) fn open(town: &Arc<Town>) -> Self {
        Self { disk: Disk::open(town), memory: Memory::open(town), difference: None }
    }

    /// What differed first, if anything did.
    pub(super) fn difference(&self) -> Option<String> {
        self.difference.clone()
    }

    /// Compares what both told; the journal's word goes on.
    fn both<T: Debug + PartialEq>(&mut self, what: &str, disk: T, memory: &T) -> T {
        if disk != *memory {
            self.differ(format!("{what}: the journal says {disk:?}, the model {memory:?}"));
        }
        disk
    }

    fn differ(&mut self, difference: String) {
        self.difference.get_or_insert(difference);
    }
}

/// The handoff that is first in a call, or asked about.
fn head_of(work: &Work) -> Option<i64> {
    match work {
        Work::Send(call) => call.attempts.first().map(|(row, _)| *row),
        Work::Ask(question) => Some(question.row),
        Work::Probe(_) => None,
    }
}

/// The same call once more: a claim cannot be copied outside of tests.
pub(super) fn copy(call: &Call) -> Call {
    Call {
        handoffs: call.handoffs.clone(),
        attempts: call.attempts.clone(),
        attempt: call.attempt,
        trace: call.trace.clone(),
        traced: call.traced.clone(),
        started_at: call.started_at,
    }
}

impl Store for Twin {
    fn admit(&mut self, batch: &[Arrival]) -> Told<AdmittedCounts> {
        let (disk, memory) = (self.disk.admit(batch), self.memory.admit(batch));
        self.both("admit", format!("{disk:?}"), &format!("{memory:?}"));
        disk
    }

    fn claim(&mut self, wants: &[Want], heads: &[i64], now: Timestamp) -> Told<Vec<(AccountName, Work)>> {
        let disk = self.disk.claim(wants, heads, now);
        // Whose turn it is is the journal's to choose; that it may go, and what goes along, the model checks.
        let chosen: Vec<i64> = disk.iter().flatten().filter_map(|(_, work)| head_of(work)).collect();
        let memory = self.memory.claim(wants, &chosen, now);
        // With the contents, and with the attempts' own rows: both count alike.
        self.both("claim", format!("{disk:?}"), &format!("{memory:?}"));
        disk
    }

    fn hand_back(&mut self, call: &Call) -> Told<()> {
        let (disk, memory) = (self.disk.hand_back(call), self.memory.hand_back(call));
        self.both("hand back", disk, &memory)
    }

    fn settle(&mut self, answered: &Arc<Answered>) -> Told<()> {
        let (disk, memory) = (self.disk.settle(answered), self.memory.settle(answered));
        self.both("settle", disk, &memory)
    }

    fn settle_look_up(
        &mut self,
        question: &Question,
        answer: &LookUp,
        now: Timestamp,
        draw: f64,
    ) -> Told<()> {
        let disk = self.disk.settle_look_up(question, answer, now, draw);
        let memory = self.memory.settle_look_up(question, answer, now, draw);
        self.both("settle a look-up", disk, &memory)
    }

    fn settle_probe(&mut self, probe: &Probe, outcome: &Outcome, now: Timestamp) -> Told<()> {
        let disk = self.disk.settle_probe(probe, outcome, now);
        let memory = self.memory.settle_probe(probe, outcome, now);
        self.both("settle a probe", disk, &memory)
    }

    fn track(&mut self, reading: &FeedReading, draw: f64) -> Told<FeedProgress> {
        let (disk, memory) = (self.disk.track(reading, draw), self.memory.track(reading, draw));
        self.both("track", disk, &memory)
    }

    fn cursor(&mut self, account: &AccountName) -> Option<String> {
        let (disk, memory) = (self.disk.cursor(account), self.memory.cursor(account));
        self.both("the cursor", disk, &memory)
    }

    fn release_gaps(&mut self, now: Timestamp) -> Told<()> {
        let (disk, memory) = (self.disk.release_gaps(now), self.memory.release_gaps(now));
        self.both("release gaps", disk, &memory)
    }

    fn recover(&mut self, now: Timestamp, draw: f64) -> Told<usize> {
        let (disk, memory) = (self.disk.recover(now, draw), self.memory.recover(now, draw));
        self.both("recover", disk, &memory)
    }

    fn act(&mut self, act: &Act, now: Timestamp) -> String {
        let (disk, memory) = (self.disk.act(act, now), self.memory.act(act, now));
        self.both("an operator's act", disk, &memory)
    }

    fn die(&mut self) {
        self.disk.die();
        self.memory.die();
    }

    fn refuse_commit(&mut self, n: u32) {
        self.disk.refuse_commit(n);
        self.memory.refuse_commit(n);
    }

    fn stands(&mut self) -> Stands {
        let (disk, memory) = (self.disk.stands(), self.memory.stands());
        if disk != memory && self.difference.is_none() {
            self.differ(differences(&disk, &memory));
        }
        disk
    }
}

/// Where two stores stand differently.
fn differences(disk: &Stands, memory: &Stands) -> String {
    let (disk, memory) = (format!("{disk:#?}"), format!("{memory:#?}"));
    let lines = disk.lines().zip(memory.lines()).enumerate();
    let differing = lines.filter(|(_, (disk, memory))| disk != memory).take(12);
    let context = |line: usize| {
        let named = disk.lines().take(line).filter(|text| text.contains(" id: ") || text.contains("event: "));
        named.last().unwrap_or_default().trim().to_owned()
    };
    let told = differing.map(|(line, (disk, memory))| {
        format!("  {} journal {} model {}\n", context(line), disk.trim(), memory.trim())
    });
    format!("the journal and its model stand differently:\n{}", told.collect::<String>())
}
