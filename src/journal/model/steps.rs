//! The daemon's own calls, as its loops make them: admit, claim, send, settle, ask, track, release, recover.
//!
//! Any of them may fail at its commit, or commit and die before anybody hears of it.

use super::book::Kind;
use super::desk::Message;
use super::life::{Broken, Carried, Flight, Life};
use super::store::Store as _;
use super::town::{COMMUNES, PORTALS, POSTS};
use super::{promises, sending};
use crate::intake::Read;
use crate::journal::{Answered, Call, FeedReading, Want, Work};
use jiff::SignedDuration;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::LookUp;
use rand::Rng as _;
use std::sync::Arc;

/// What becomes of a commit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Commit {
    Sound,
    /// It fails, and the process lives on.
    Refused,
    /// It fails, and the process dies.
    DiesBefore,
    /// It stands, and the process dies before anybody hears of it.
    DiesAfter,
}

impl Life<'_> {
    /// Draws the fate of the next commit and prepares it.
    pub(super) fn commit(&mut self) -> Commit {
        let lot = if self.faults { self.chance.random_range(0..100) } else { 99 };
        let commit = match lot {
            0..3 => Commit::Refused,
            3..5 => Commit::DiesBefore,
            5..7 => Commit::DiesAfter,
            _ => Commit::Sound,
        };
        if matches!(commit, Commit::Refused | Commit::DiesBefore) {
            self.store.refuse_commit(1);
        }
        commit
    }

    /// What follows from the commit: whether the caller heard that it stands.
    pub(super) fn is_heard(&mut self, commit: Commit, stands: bool, what: &str) -> Result<bool, Broken> {
        let expected = matches!(commit, Commit::Sound | Commit::DiesAfter);
        if stands != expected {
            return Err(format!("{what}: committed is {stands}, and it should be {expected}"));
        }
        match commit {
            Commit::Sound => return Ok(true),
            Commit::Refused => self.tally.count("commits refused"),
            Commit::DiesBefore | Commit::DiesAfter => {
                self.tally.count("crashes at a commit");
                self.tell(format!("the process dies at its commit: {what}"));
                self.die()?;
            }
        }
        Ok(false)
    }

    /// A batch of messages reaches the gateway.
    pub(super) fn deliver(&mut self, most: usize) -> Result<(), Broken> {
        let mut batch: Vec<Message> = Vec::new();
        for _ in 0..self.chance.random_range(1..=most) {
            if self.wire.is_empty() {
                break;
            }
            let any = self.faults && self.chance.random_bool(0.2);
            let index = if any { self.chance.random_range(0..self.wire.len()) } else { 0 };
            batch.push(self.wire.remove(index));
        }
        if batch.is_empty() {
            return Ok(());
        }
        for message in &mut batch {
            message.arrival.arrived_at = self.now;
        }
        let arrivals: Vec<_> = batch.iter().map(|message| message.arrival.clone()).collect();
        let names: Vec<_> = batch.iter().map(|message| message.what.as_str()).collect();
        self.tell(format!("admit {names:?}"));
        let commit = self.commit();
        let admitted = self.store.admit(&arrivals);
        if self.is_heard(commit, admitted.is_ok(), "admit")? {
            batch.into_iter().for_each(|message| self.acknowledge(message));
            return Ok(());
        }
        self.book.deliver_in_vain(&batch);
        // Not acknowledged: the broker delivers them again, in their order.
        batch.iter_mut().for_each(|message| message.arrival.redelivered = true);
        self.wire.splice(0..0, batch);
        Ok(())
    }

    fn acknowledge(&mut self, mut message: Message) {
        let kind = self.book.acknowledge(&message);
        self.tally.count(match kind {
            Kind::New => "events",
            Kind::Duplicate => "duplicates",
            Kind::Conflict => "conflicts",
            Kind::Stranger => "strangers",
            Kind::Unreadable => "unreadable",
        });
        if self.faults && self.chance.random_bool(0.12) {
            message.arrival.redelivered = self.chance.random_bool(0.5) || !is_event(&message);
            self.wire.push(message);
        }
    }

    /// A worker claims what there is room for.
    pub(super) fn claim(&mut self) -> Result<(), Broken> {
        let worker = u8::from(self.chance.random_bool(0.5));
        let mut wants = Vec::new();
        for (partner, names) in
            [(Partner::Portal, PORTALS), (Partner::Post, POSTS), (Partner::Commune, COMMUNES)]
        {
            for name in names {
                let idle =
                    !self.stands.handoffs.iter().any(|one| one.account == name && one.ready_at.is_some());
                if self.chance.random_bool(if idle { 0.9 } else { 0.1 }) {
                    continue;
                }
                let account = AccountName::new(name);
                let rows_per_call = self.town.abilities(&account).rows_per_call;
                let calls = [1, 2, 3, 8][self.chance.random_range(0..4)];
                let ahead = [0, 0, 1, 4][self.chance.random_range(0..4)];
                wants.push(Want { account, partner, calls, ahead, rows_per_call });
            }
        }
        let commit = self.commit();
        let before = self.stands.clone();
        let claimed = self.store.claim(&wants, &[], self.now);
        let work = claimed.as_ref().map(Vec::len).unwrap_or_default();
        self.tell(format!("worker {worker} claims {work}"));
        if let Ok(work) = &claimed {
            promises::claims_are_allowed(&before, &wants, work, self.now)?;
        }
        if !self.is_heard(commit, claimed.is_ok(), "claim")? {
            return Ok(());
        }
        for (account, work) in claimed.unwrap_or_default() {
            let stage = match work {
                Work::Send(call) => Carried::Claimed(call),
                Work::Ask(question) => Carried::Question(*question),
                Work::Probe(probe) => Carried::Probe(probe),
            };
            self.flights.push(Flight { worker, account, stage });
        }
        Ok(())
    }

    /// A worker makes one of its calls, or asks one of its questions.
    pub(super) fn send(&mut self) -> Result<(), Broken> {
        let ready: Vec<usize> = (0..self.flights.len())
            .filter(|index| !matches!(self.flights[*index].stage, Carried::Answered(..)))
            .collect();
        if ready.is_empty() {
            return Ok(());
        }
        let index = ready[self.chance.random_range(0..ready.len())];
        let flight = self.flights.swap_remove(index);
        match flight.stage {
            Carried::Claimed(call) if self.chance.random_bool(0.06) => {
                self.hand_back(Flight { stage: Carried::Claimed(call), ..flight })?;
            }
            Carried::Claimed(call) => {
                sending::is_allowed(self, &call)?;
                let sent = self.answer(&call)?;
                let what: Vec<_> =
                    call.handoffs.iter().map(|one| format!("{} {}", one.kind().name(), one.id)).collect();
                self.tell(format!("{} gets {what:?}: {:?}", flight.account, sent.outcome));
                self.flights.push(Flight { stage: Carried::Answered(call, sent), ..flight });
            }
            Carried::Question(question) => {
                let answer = self.look_up(&question);
                self.tell(format!("{} is asked about {}: {answer:?}", flight.account, question.handoff.id));
                let commit = self.commit();
                let draw = self.draw();
                let settled = self.store.settle_look_up(&question, &answer, self.now, draw);
                if matches!(commit, Commit::Sound | Commit::DiesAfter) {
                    self.note_look_up(question.handoff.id.as_str(), &answer);
                }
                self.is_heard(commit, settled.is_ok(), "settle a look-up")?;
            }
            Carried::Probe(probe) => {
                let outcome = self.probe();
                self.tell(format!("{} is probed: {outcome:?}", flight.account));
                let commit = self.commit();
                let settled = self.store.settle_probe(&probe, &outcome, self.now);
                self.is_heard(commit, settled.is_ok(), "settle a probe")?;
            }
            Carried::Answered(..) => unreachable!("they were filtered out"),
        }
        Ok(())
    }

    fn note_look_up(&mut self, handoff: &str, answer: &LookUp) {
        let now = self.now;
        if let Some(doubt) = &mut self.book.past(handoff).doubt
            && *answer == LookUp::Absent
        {
            doubt.absent += 1;
            doubt.last_absent = Some(now);
        }
    }

    pub(super) fn draw(&mut self) -> f64 {
        [0.0, 0.25, 0.5, 0.75][self.chance.random_range(0..4)]
    }

    /// An answer is settled, in whatever order answers come.
    pub(super) fn settle(&mut self) -> Result<(), Broken> {
        let ready: Vec<usize> = (0..self.flights.len())
            .filter(|index| matches!(self.flights[*index].stage, Carried::Answered(..)))
            .collect();
        if ready.is_empty() {
            return Ok(());
        }
        let index = ready[self.chance.random_range(0..ready.len())];
        let flight = self.flights.swap_remove(index);
        let Carried::Answered(call, sent) = flight.stage else { unreachable!("they were filtered") };
        self.tally.count(if flight.worker == 0 { "settled by worker 0" } else { "settled by worker 1" });
        let draw = self.draw();
        let answered = Arc::new(Answered { call, sent, ended_at: self.now, draw });
        self.tell(format!("settle {:?}", ids(&answered)));
        let commit = self.commit();
        let settled = self.store.settle(&answered);
        match commit {
            Commit::Sound | Commit::DiesAfter => self.note_settled(&answered),
            Commit::DiesBefore => self.doubt_all(&answered.call),
            Commit::Refused => {
                // The worker keeps it in its hands and tries again.
                let stage = Carried::Answered(super::twin::copy(&answered.call), answered.sent.clone());
                self.flights.push(Flight { worker: flight.worker, account: flight.account, stage });
            }
        }
        self.is_heard(commit, settled.is_ok(), "settle")?;
        if commit != Commit::Refused {
            self.echoes.push(answered);
        }
        Ok(())
    }

    fn doubt_all(&mut self, call: &Call) {
        for handoff in &call.handoffs {
            self.book.doubt(handoff.id.as_str(), self.now);
        }
    }

    fn note_settled(&mut self, answered: &Answered) {
        let together = answered.call.handoffs.len() > 1;
        for handoff in &answered.call.handoffs {
            match &answered.sent.outcome {
                Outcome::Uncertain(_) => {
                    if super::sending::is_a_supplement(handoff) {
                        self.tally.count("rows with status 5 in doubt");
                    }
                    self.book.doubt(handoff.id.as_str(), self.now);
                }
                Outcome::Rejected(_) if together => self.book.doubt(handoff.id.as_str(), self.now),
                Outcome::Accepted(_)
                | Outcome::Rejected(_)
                | Outcome::Unavailable { .. }
                | Outcome::Blocked(_) => {}
            }
        }
    }

    /// An answer comes a second time, or after its process died: nothing may change.
    pub(super) fn echo(&mut self) -> Result<(), Broken> {
        if self.echoes.is_empty() {
            return Ok(());
        }
        let index = self.chance.random_range(0..self.echoes.len());
        let echo = self.echoes.swap_remove(index);
        let echo = Arc::new(Answered {
            call: super::twin::copy(&echo.call),
            sent: echo.sent.clone(),
            ended_at: self.now,
            draw: echo.draw,
        });
        self.tell(format!("an answer comes once more: {:?}", ids(&echo)));
        self.tally.count("late answers");
        let before = self.stands.handoffs.clone();
        self.store.settle(&echo).map_err(|_failed| "an echo failed".to_owned())?;
        self.look()?;
        let same = before == self.stands.handoffs;
        if same { Ok(()) } else { Err("an answer that came once more changed a handoff".to_owned()) }
    }

    /// Parcels move, and the feed is read.
    pub(super) fn post_moves(&mut self) -> Result<(), Broken> {
        for index in 0..2 {
            for _ in 0..self.chance.random_range(0..3) {
                if let Some(moved) = self.posts[index].move_on(self.now, &mut self.chance) {
                    self.tell(format!("post {index}: {moved}"));
                }
            }
            if self.chance.random_bool(0.15)
                && let Some(paid) = self.posts[index].pay(self.now, &mut self.chance)
            {
                self.tell(format!("post {index}: {paid}"));
            }
            if self.chance.random_bool(0.6) {
                self.read_feed(index)?;
            }
        }
        Ok(())
    }

    pub(super) fn read_feed(&mut self, index: usize) -> Result<(), Broken> {
        let account = AccountName::new(POSTS[index]);
        let cursor = self.store.cursor(&account);
        let overlap = self.chance.random_range(0..3);
        let rows = self.posts[index].page(cursor.as_deref(), overlap, 5);
        let Some(last) = rows.last() else { return Ok(()) };
        let read: Vec<_> = rows.iter().map(|row| format!("{} {}", row.number, row.meaning)).collect();
        self.tell(format!("{account}'s feed is read: {read:?}"));
        let newest = last.feed_id.parse::<usize>().expect("our own ids");
        let known = cursor.as_deref().map_or(0, |cursor| cursor.parse().expect("our own cursor"));
        let cursor = Some(newest.max(known).to_string());
        let reading = FeedReading { account, cursor, more: false, stuck: false, read_at: self.now, rows };
        let commit = self.commit();
        let draw = self.draw();
        let tracked = self.store.track(&reading, draw);
        if let Ok(progress) = &tracked {
            self.tally.add("feed rows", u64::try_from(progress.new).unwrap_or_default());
        }
        self.is_heard(commit, tracked.is_ok(), "track").map(drop)
    }

    pub(super) fn release_gaps(&mut self) -> Result<(), Broken> {
        if self.chance.random_bool(0.5) {
            self.now += SignedDuration::from_mins(11);
        }
        self.tell("gaps are released".to_owned());
        let commit = self.commit();
        let released = self.store.release_gaps(self.now);
        self.is_heard(commit, released.is_ok(), "release gaps").map(drop)
    }

    /// The process dies with everything in its hands; the next one recovers, and may die over it.
    pub(super) fn die(&mut self) -> Result<(), Broken> {
        self.tally.count("crashes");
        for flight in std::mem::take(&mut self.flights) {
            let (call, sent) = match flight.stage {
                Carried::Claimed(call) => {
                    self.tally.count("crashes before a send");
                    (call, None)
                }
                Carried::Answered(call, sent) => {
                    self.tally.count("crashes before a settlement");
                    (call, Some(sent))
                }
                Carried::Question(_) | Carried::Probe(_) => continue,
            };
            self.doubt_all(&call);
            if let Some(sent) = sent {
                self.echoes.push(Arc::new(Answered { call, sent, ended_at: self.now, draw: 0.5 }));
            }
        }
        self.store.die();
        loop {
            let refused = self.faults && self.chance.random_bool(0.2);
            if refused {
                let n = self.chance.random_range(1..5);
                self.store.refuse_commit(n);
            }
            let draw = self.draw();
            let recovered = self.store.recover(self.now, draw);
            if recovered.is_ok() {
                return Ok(());
            }
            self.tally.count("crashes in recovery");
            self.tell("the process dies in its recovery".to_owned());
            self.store.die();
        }
    }
}

fn is_event(message: &Message) -> bool {
    matches!(message.arrival.read, Read::Event(..))
}

fn ids(answered: &Answered) -> Vec<&str> {
    answered.call.handoffs.iter().map(|handoff| handoff.id.as_str()).collect()
}
