//! Plays the scripts: eight and a half months in some twenty seconds.
//!
//! A clock runs through 2022; what is due is published or moved. A life that waits for a partner falls behind and goes on
//! when its condition has come about, as the desk would on another day. Order within a dossier is the script's.

use crate::conditions::{holds, station};
use crate::progress::Progress;
use crate::publisher::{Message, Publisher};
use crate::stage::Stage;
use crate::trouble::{self, Struck};
use anyhow::{Result, bail};
use jiff::Timestamp;
use mock_post::Advance;
use pilot::{At, Dialect, END, Event, Pilot, Publication, Script, Stray, What};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, interval};

/// How long the months take.
const REPLAY: Duration = Duration::from_secs(20);
/// How long all lives that are left may wait while nobody receives anything: an outage and the waits behind it take some
/// seconds.
const PATIENCE: Duration = Duration::from_secs(60);
const BEAT: Duration = Duration::from_millis(25);
/// Messages on their way to the broker at once.
const BATCH: usize = 200;

/// What was done to the gateway.
#[derive(Debug)]
pub(crate) struct Played {
    /// Messages published, by what they were.
    pub(crate) published: BTreeMap<Publication, usize>,
    /// … of them as XML.
    pub(crate) xml: usize,
    /// Messages that nobody can read, or that nobody may send.
    pub(crate) strays: usize,
    /// When a parcel moved last, by the machine's clock.
    pub(crate) moved_at: Timestamp,
    /// Trouble that was made.
    pub(crate) struck: Vec<Struck>,
}

/// Plays everything to its end.
pub(crate) async fn play(stage: &Stage, pilot: &Pilot, progress: &Progress) -> Result<Played> {
    let publisher = Publisher::connect(stage.amqp_url()).await?;
    let (clock, watch) = watch::channel(At(END.0.with().month(1).day(3).build()?));
    let armed = trouble::arm(stage, pilot);
    let mut player = Player::new(stage, pilot);
    let (played, troubled) =
        tokio::join!(player.run(&publisher, clock, progress), trouble::make(stage, watch, progress));
    played?;
    publisher.close().await?;
    let mut played = player.played;
    played.struck = armed.into_iter().chain(troubled?).collect();
    Ok(played)
}

impl Played {
    fn new() -> Self {
        let (published, struck) = (BTreeMap::new(), Vec::new());
        Self { published, xml: 0, strays: 0, moved_at: mock_kit::now(), struck }
    }

    /// All messages published.
    pub(crate) fn messages(&self) -> usize {
        self.published.values().sum::<usize>() + self.strays
    }
}

struct Player<'a> {
    stage: &'a Stage,
    scripts: Vec<(&'a Script, usize)>,
    strays: Vec<&'a Stray>,
    played: Played,
}

impl<'a> Player<'a> {
    fn new(stage: &'a Stage, pilot: &'a Pilot) -> Self {
        let scripts = pilot.scripts.iter().map(|script| (script, 0)).collect();
        let strays = pilot.strays.iter().collect();
        Self { stage, scripts, strays, played: Played::new() }
    }

    async fn run(
        &mut self,
        publisher: &Publisher,
        clock: watch::Sender<At>,
        progress: &Progress,
    ) -> Result<()> {
        let (begun, first) = (Instant::now(), *clock.borrow());
        let (mut last_sign, mut last_seen) = (begun, (0, 0));
        let mut beat = interval(BEAT);
        while !self.is_over() {
            beat.tick().await;
            let now = clock_at(first, begun.elapsed());
            clock.send_replace(now);
            let mut due = self.due(now);
            let seen = (self.scripts.iter().map(|(_, done)| done).sum::<usize>(), self.stage.received());
            if seen != last_seen {
                (last_sign, last_seen) = (Instant::now(), seen);
            }
            due.sort_by_key(|(at, _)| *at);
            let mut messages = due.into_iter().map(|(_, message)| message).peekable();
            while messages.peek().is_some() {
                publisher.publish(messages.by_ref().take(BATCH).collect()).await?;
            }
            progress.playing(now, &self.played, self.stage);
            if last_sign.elapsed() > PATIENCE {
                bail!("nothing went on for {PATIENCE:?}; {}", self.waiting());
            }
        }
        clock.send_replace(END);
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.strays.is_empty() && self.scripts.iter().all(|(script, done)| *done == script.steps.len())
    }

    /// Takes every step that can be taken at that moment, and gives what is to be published.
    fn due(&mut self, now: At) -> Vec<(At, Message)> {
        let mut messages: Vec<(At, Message)> = Vec::new();
        for (script, done) in &mut self.scripts {
            while let Some(step) = script.steps.get(*done).filter(|step| step.at <= now) {
                match &step.what {
                    What::Publish { event, dialect, publication } => {
                        messages.push((step.at, message(event, *dialect)));
                        *self.played.published.entry(*publication).or_default() += 1;
                        self.played.xml += usize::from(*dialect == Dialect::Xml);
                    }
                    What::Move { order, to } => {
                        let at = Some(step.at.instant());
                        let to = Some(station(*to));
                        let advance = Advance { order: Some(order.clone()), to, at, ..Advance::default() };
                        self.stage.post.partner().advance(&advance);
                        self.played.moved_at = mock_kit::now();
                    }
                    What::Wait(condition) if holds(self.stage, condition) => {}
                    What::Wait(_) => break,
                }
                *done += 1;
            }
        }
        let (due, later): (Vec<_>, Vec<_>) = self.strays.iter().partition(|stray| stray.at <= now);
        self.strays = later;
        self.played.strays += due.len();
        messages.extend(due.into_iter().map(|stray| (stray.at, stray_message(stray))));
        messages
    }

    fn waiting(&self) -> String {
        let waiting =
            self.scripts.iter().filter_map(|(script, done)| Some((script, script.steps.get(*done)?)));
        let lines = waiting.take(10).map(|(script, step)| match &step.what {
            What::Wait(condition) => {
                format!("\n  {} ({}) waits for {condition:?}", script.code, script.about)
            }
            What::Publish { .. } | What::Move { .. } => {
                format!("\n  {} ({}) is not over", script.code, script.about)
            }
        });
        lines.collect()
    }
}

fn clock_at(first: At, elapsed: Duration) -> At {
    let span = END.0.duration_since(first.0).as_secs_f64();
    let share = (elapsed.as_secs_f64() / REPLAY.as_secs_f64()).min(1.0);
    let gone = jiff::SignedDuration::try_from_secs_f64(span * share).unwrap_or_default();
    At(first.0.saturating_add(gone)).min(END)
}

fn message(event: &Event, dialect: Dialect) -> Message {
    Message {
        routing_key: event.routing_key(),
        content_type: dialect.content_type(),
        id: event.id.clone(),
        body: event.written(dialect),
    }
}

fn stray_message(stray: &Stray) -> Message {
    Message {
        routing_key: stray.routing_key.clone(),
        content_type: stray.content_type,
        id: format!("stray-{}", stray.reason),
        body: stray.body.clone(),
    }
}
