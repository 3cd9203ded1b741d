//! One small life: desks, wire, workers, partners, operator, clock and crashes, all drawn from one seed.
//!
//! The test is the world around the journal: it publishes what desks say, claims and sends as two workers of a dispatcher
//! would, answers as the partners would, and kills the process between any two calls and at any commit. After every step
//! [`super::promises`] looks at what stands.

use super::book::Book;
use super::desk::{Desk, Message};
use super::partners::{Commune, Portal, Post};
use super::store::{Stands, Store};
use super::tally::Tally;
use super::town::{self, Town, moment};
use super::twin::Twin;
use super::{answers::Mood, promises};
use crate::journal::{Answered, Call, Probe, Question};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::ids::AccountName;
use lienthong_core::port::{Sent, Uniqueness};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use std::fmt::Write as _;
use std::sync::Arc;

/// What broke, in words.
pub(super) type Broken = String;

/// What happened, for the person who has to find out why.
pub(super) type Story = Vec<String>;

/// Work that a worker of the living process has in its hands.
pub(super) struct Flight {
    pub(super) worker: u8,
    pub(super) account: AccountName,
    pub(super) stage: Carried,
}

/// How far it got.
pub(super) enum Carried {
    /// Claimed; no byte has left.
    Claimed(Call),
    /// Answered; nobody was told.
    Answered(Call, Sent),
    /// To be asked about.
    Question(Question),
    /// A login to be tried.
    Probe(Probe),
}

impl Flight {
    fn is_answered(&self) -> bool {
        matches!(self.stage, Carried::Answered(..))
    }
}

/// A life under way.
pub(super) struct Life<'a> {
    pub(super) chance: SmallRng,
    pub(super) town: Arc<Town>,
    pub(super) store: Twin,
    pub(super) now: Timestamp,
    pub(super) desks: Vec<Desk>,
    pub(super) wire: Vec<Message>,
    pub(super) flights: Vec<Flight>,
    /// Answers that were settled already, or whose process died: they may come once more.
    pub(super) echoes: Vec<Arc<Answered>>,
    pub(super) posts: [Post; 2],
    pub(super) portals: [Portal; 2],
    pub(super) communes: [Commune; 2],
    pub(super) moods: [Mood; 6],
    pub(super) book: Book,
    pub(super) stands: Stands,
    pub(super) faults: bool,
    pub(super) tally: &'a mut Tally,
    pub(super) story: &'a mut Story,
}

/// Lives one life; `Err` says which promise broke.
pub(super) fn lead(seed: u64, tally: &mut Tally, story: &mut Story) -> Result<(), Broken> {
    let mut chance = SmallRng::seed_from_u64(seed);
    let folder = super::disk::folder();
    let town = Arc::new(Town::draw(&mut chance, folder.path()));
    // Most lives are short: what breaks, breaks in few steps.
    let short = chance.random_bool(0.65);
    let steps = if short { chance.random_range(5..16) } else { chance.random_range(16..60) };
    let mut life = Life::begin(chance, &town, short, tally, story);
    for _ in 0..steps {
        life.step()?;
        life.look()?;
        life.tally.count("steps");
    }
    life.end()
}

impl<'a> Life<'a> {
    fn begin(
        mut chance: SmallRng,
        town: &Arc<Town>,
        short: bool,
        tally: &'a mut Tally,
        story: &'a mut Story,
    ) -> Self {
        // A crowd at one agency can make a storm.
        let crowd = !short && chance.random_bool(0.3);
        let desks = if crowd { 7 } else { chance.random_range(1..if short { 3 } else { 5 }) };
        let agency = crowd.then(|| chance.random_range(0..2));
        let desks = (0..desks).map(|index| Desk::draw(&mut chance, index, agency)).collect();
        let post = |index: usize| Post {
            unique: town.post[index].number_unique == Uniqueness::Yes,
            ..Post::default()
        };
        let mut moods = [(); 6].map(|()| Mood::draw(&mut chance));
        if let Some(agency) = agency.filter(|_| chance.random_bool(0.95)) {
            moods[agency] = Mood::Polite;
        }
        let mut life = Self {
            store: Twin::open(town),
            town: Arc::clone(town),
            now: moment(0),
            desks,
            wire: Vec::new(),
            flights: Vec::new(),
            echoes: Vec::new(),
            posts: [post(0), post(1)],
            portals: [Portal::default(), Portal::default()],
            communes: [Commune::default(), Commune::default()],
            moods,
            book: Book::default(),
            stands: Stands::default(),
            faults: true,
            chance,
            tally,
            story,
        };
        if crowd {
            (0..life.desks.len()).for_each(|index| life.say_at(index, 1));
        }
        life
    }

    /// Looks at what stands now, and judges it.
    pub(super) fn look(&mut self) -> Result<(), Broken> {
        let before = std::mem::take(&mut self.stands);
        self.stands = self.store.stands();
        if let Some(difference) = self.store.difference() {
            return Err(difference);
        }
        super::classes::note(&before, &self.stands, self.tally);
        promises::check(self, &before)
    }

    /// Does one thing, or what comes before it where there is nothing to do.
    fn step(&mut self) -> Result<(), Broken> {
        match self.chance.random_range(0..100) {
            0..10 => self.say(),
            10..26 => self.deliver_or_say()?,
            26..42 => self.claim_or_wait()?,
            42..60 => self.send_or_claim()?,
            60..78 => {
                if self.flights.iter().any(Flight::is_answered) {
                    self.settle()?;
                } else {
                    self.send_or_claim()?;
                }
            }
            78..82 => self.post_moves()?,
            82..86 => self.move_clock(),
            86..89 => self.change_mood(),
            89..94 => self.operate()?,
            94..95 => self.release_gaps()?,
            95..97 => self.echo()?,
            _ => {
                self.tell("the process dies".to_owned());
                self.die()?;
            }
        }
        Ok(())
    }

    fn deliver_or_say(&mut self) -> Result<(), Broken> {
        if self.wire.is_empty() {
            self.say();
            return Ok(());
        }
        self.deliver(4)
    }

    fn send_or_claim(&mut self) -> Result<(), Broken> {
        if self.flights.iter().all(Flight::is_answered) { self.claim_or_wait() } else { self.send() }
    }

    /// Claims what is ready; when nothing is, messages arrive, or time passes until something is.
    fn claim_or_wait(&mut self) -> Result<(), Broken> {
        let ready = self.stands.handoffs.iter().filter_map(|handoff| self.stands.soonest(handoff)).min();
        let wait = ready.map_or(i64::MAX, |at| at - self.now.as_millisecond());
        if wait > 0 && !self.wire.is_empty() {
            return self.deliver(4);
        }
        if wait > 0 && wait < 30 * 3_600_000 {
            self.now += SignedDuration::from_millis(wait);
            self.tell("time passes until something is due".to_owned());
        }
        self.claim()
    }

    pub(super) fn tell(&mut self, what: String) {
        let mut line = String::new();
        write!(line, "{} {what}", self.now).expect("a string takes everything");
        self.story.push(line);
    }

    /// Something goes on at a desk; its message is put on the wire, lost, altered, or joined by rubbish.
    fn say(&mut self) {
        let index = self.chance.random_range(0..self.desks.len());
        let most = self.chance.random_range(1..3);
        self.say_at(index, most);
    }

    fn say_at(&mut self, index: usize, times: usize) {
        for _ in 0..times {
            let event = self.desks[index].say(&mut self.chance, self.now);
            let message = super::desk::message(event, self.now);
            self.tell(format!("desk: {}", message.what));
            match self.chance.random_range(0..100) {
                0..3 => {
                    self.tell("… and it is lost on the way".to_owned());
                    self.tally.count("lost before the broker");
                }
                3..6 => {
                    self.wire.extend(super::desk::conflicting(&message));
                    self.wire.push(message);
                }
                6..8 => {
                    self.wire.push(super::desk::stranger(&message));
                    self.wire.push(message);
                }
                8..10 => {
                    let n = self.chance.random_range(0..4);
                    self.wire.push(super::desk::unreadable(n, self.now));
                    self.wire.push(message);
                }
                _ => self.wire.push(message),
            }
        }
    }

    fn move_clock(&mut self) {
        let seconds = match self.chance.random_range(0..10) {
            0 => -self.chance.random_range(1..90),
            1..4 => self.chance.random_range(1..20),
            4..7 => self.chance.random_range(20..900),
            7..9 => self.chance.random_range(900..20_000),
            _ => self.chance.random_range(20_000..300_000),
        };
        self.tally.count(if seconds < 0 { "clock back" } else { "clock forward" });
        let moved = SignedDuration::from_secs(seconds);
        self.now += moved;
        if moved.is_negative() {
            // Ours alone was set back: the post's went on.
            self.posts.iter_mut().for_each(|post| post.keep_pace(moved));
        }
        self.tell(format!("the clock moves by {seconds} s"));
    }

    fn change_mood(&mut self) {
        let index = self.chance.random_range(0..6);
        self.moods[index] = Mood::draw(&mut self.chance);
        self.tell(format!("account {index} is {:?} now", self.moods[index]));
    }

    /// Index of an account among the moods: portals, posts, communes.
    pub(super) fn index(account: &AccountName) -> usize {
        let names = town::PORTALS.iter().chain(&town::POSTS).chain(&town::COMMUNES);
        names.clone().position(|name| *name == account.as_str()).expect("there are six accounts")
    }
}
