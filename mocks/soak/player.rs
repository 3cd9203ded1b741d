//! Plays pilot after pilot: a new one begins every minute at most, and its eight and a half months go by within one. A life that
//! waits for a partner falls behind and goes on when its condition has come about.

use crate::conditions::{holds, station};
use crate::desk::Message;
use crate::say;
use crate::stage::Stage;
use mock_post::Advance;
use pilot::{At, END, Pilot, Publication, Script, What};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often it is looked what is due.
pub(crate) const BEAT: Duration = Duration::from_millis(50);
/// When the next pilot begins.
const ROUND: Duration = Duration::from_secs(60);
/// How long the months of one take.
const MONTHS: Duration = Duration::from_secs(50);
/// Lives that go on at most when another pilot begins.
const BACKLOG: usize = 200;
const BETWEEN_LINES: Duration = Duration::from_secs(15);

/// The lives of all pilots so far.
pub(crate) struct Player {
    stage: Arc<Stage>,
    seed: u64,
    rounds: Vec<Round>,
    last_line: Instant,
    /// Messages handed to the desk, by what they were.
    pub(crate) published: BTreeMap<Publication, usize>,
    /// Messages that nobody can read, or that nobody may send.
    pub(crate) strays: usize,
}

struct Round {
    pilot: Pilot,
    begun: Instant,
    /// Steps done of each life.
    done: Vec<usize>,
    strays_done: usize,
}

impl Player {
    pub(crate) fn new(stage: Arc<Stage>, seed: u64) -> Self {
        let (published, last_line) = (BTreeMap::new(), Instant::now());
        Self { stage, seed, rounds: Vec::new(), last_line, published, strays: 0 }
    }

    /// Takes every step that can be taken now; with `new`, a round begins when its time has come.
    pub(crate) fn go_on(&mut self, new: bool) {
        let is_due = self.rounds.last().is_none_or(|round| round.begun.elapsed() >= ROUND);
        if new && is_due && self.backlog() < BACKLOG {
            self.begin();
        }
        let mut messages: Vec<(At, Message)> = Vec::new();
        for round in &mut self.rounds {
            // Without new rounds there is no time to lose.
            let now = if new { round.clock() } else { END };
            for (script, done) in round.pilot.scripts.iter().zip(&mut round.done) {
                live(&self.stage, script, done, now, &mut messages, &mut self.published);
            }
            let strays = round.pilot.strays.iter().skip(round.strays_done).filter(|stray| stray.at <= now);
            let strays: Vec<(At, Message)> = strays.map(|stray| (stray.at, stray_message(stray))).collect();
            round.strays_done += strays.len();
            self.strays += strays.len();
            messages.extend(strays);
        }
        messages.sort_by_key(|(at, _)| *at);
        self.stage.desk.push(messages.into_iter().map(|(_, message)| message));
    }

    /// Lives that go on: a machine that is busy with other things gets fewer pilots, not a longer end.
    fn backlog(&self) -> usize {
        self.waiting().count()
    }

    fn begin(&mut self) {
        let number = u32::try_from(self.rounds.len()).unwrap_or(u32::MAX);
        let pilot = Pilot::round(self.seed.wrapping_add(u64::from(number)), number);
        let done = vec![0; pilot.scripts.len()];
        self.rounds.push(Round { pilot, begun: Instant::now(), done, strays_done: 0 });
    }

    /// Whether every life is lived.
    pub(crate) fn is_over(&self) -> bool {
        self.waiting().next().is_none()
    }

    /// Lives that are not over, with what each waits for.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = (&Script, &What)> {
        self.rounds.iter().flat_map(|round| {
            let lives = round.pilot.scripts.iter().zip(&round.done);
            lives.filter_map(|(script, done)| Some((script, &script.steps.get(*done)?.what)))
        })
    }

    /// All rounds as one pilot. Strays are the same in every round, and known again by their bytes.
    pub(crate) fn pilot(&self) -> Pilot {
        let strays = self.rounds.first().map(|round| round.pilot.strays.clone());
        Pilot {
            seed: self.seed,
            scripts: self.rounds.iter().flat_map(|round| round.pilot.scripts.clone()).collect(),
            strays: strays.unwrap_or_default(),
        }
    }

    /// Dossiers so far.
    pub(crate) fn dossiers(&self) -> usize {
        self.rounds.iter().map(|round| round.pilot.scripts.len()).sum()
    }

    /// Says how it goes, now and then.
    pub(crate) fn tell(&mut self) {
        if self.last_line.elapsed() < BETWEEN_LINES {
            return;
        }
        self.last_line = Instant::now();
        let stage = &self.stage;
        let counts = stage.portal.partner().counts();
        let struck: u32 = stage.tally.counts().values().sum();
        say(&format!(
            "  {} messages confirmed, {} lives go on, portal {} rows, post {} orders, {struck} faults and acts",
            stage.desk.confirmed(),
            self.waiting().count(),
            counts.rows,
            stage.post.partner().taken(),
        ));
    }
}

impl Round {
    fn clock(&self) -> At {
        let first = At(END.0.with().month(1).day(3).build().unwrap_or(END.0));
        let share = (self.begun.elapsed().as_secs_f64() / MONTHS.as_secs_f64()).min(1.0);
        let gone = END.0.duration_since(first.0).as_secs_f64() * share;
        let gone = jiff::SignedDuration::try_from_secs_f64(gone).unwrap_or_default();
        At(first.0.saturating_add(gone)).min(END)
    }
}

/// Takes the steps of one life that can be taken.
fn live(
    stage: &Stage,
    script: &Script,
    done: &mut usize,
    now: At,
    messages: &mut Vec<(At, Message)>,
    published: &mut BTreeMap<Publication, usize>,
) {
    while let Some(step) = script.steps.get(*done).filter(|step| step.at <= now) {
        match &step.what {
            What::Publish { event, dialect, publication } => {
                let message = Message {
                    routing_key: event.routing_key(),
                    content_type: dialect.content_type(),
                    body: event.written(*dialect),
                };
                messages.push((step.at, message));
                *published.entry(*publication).or_default() += 1;
            }
            What::Move { order, to } => {
                let (at, to) = (Some(step.at.instant()), Some(station(*to)));
                stage.post.partner().advance(&Advance {
                    order: Some(order.clone()),
                    to,
                    at,
                    ..Advance::default()
                });
            }
            What::Wait(condition) if holds(stage, condition) => {}
            What::Wait(_) => return,
        }
        *done += 1;
    }
}

fn stray_message(stray: &pilot::Stray) -> Message {
    Message {
        routing_key: stray.routing_key.clone(),
        content_type: stray.content_type,
        body: stray.body.clone(),
    }
}
