//! The scenarios, and what several of them do.

mod drain;
mod intake;
mod journal;
mod latency;
mod outage;
mod waiting;

use super::Measure;
use super::figures::count;
use super::options::Scenario;
use super::stage::{Run, Subject};
use crate::load::Load;
use anyhow::{Context as _, Result, bail};
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How long nothing may arrive before a run is given up.
const STANDSTILL: Duration = Duration::from_secs(60);

/// Plays one.
pub(crate) async fn play(measure: &mut Measure, scenario: Scenario) -> Result<()> {
    let drain_one = Load::once(measure.options.share(50_000));
    let drain_seven = Load::lives(measure.options.share(7_000));
    match scenario {
        Scenario::DrainOne => drain::pairs(measure, "drain, one event each", &drain_one).await,
        Scenario::DrainSeven => drain::pairs(measure, "drain, seven events each", &drain_seven).await,
        Scenario::Latency => latency::pairs(measure).await,
        Scenario::SlowCommits => {
            latency::on_a_slow_disk(measure).await?;
            drain::on_a_slow_disk(measure).await
        }
        Scenario::SlowPartners => drain::with_slow_partners(measure).await,
        Scenario::Outage => outage::play(measure).await,
        Scenario::Waiting => waiting::play(measure).await,
        Scenario::Intake => intake::play(measure).await,
        Scenario::Journal => journal::play(measure).await,
    }
}

/// Waits until every row and order of the load has been told. Whatever is told of a record stands before its row.
pub(super) async fn until_told(
    run: &Run,
    subject: &mut Subject,
    load: &Load,
    patience: Duration,
) -> Result<()> {
    let mut beat = interval(Duration::from_millis(50));
    let (mut told, mut moved) = (0, Instant::now());
    loop {
        beat.tick().await;
        subject.process.is_alive().with_context(|| run.last_words())?;
        let counts = run.standin.counts().await?;
        if counts.rows >= load.events() && counts.orders >= load.orders() {
            return Ok(());
        }
        let now = counts.rows + counts.orders + counts.records;
        if now != told {
            (told, moved) = (now, Instant::now());
        }
        if moved.elapsed() > patience {
            bail!(
                "{now} of {} handoffs came, then none for {patience:?}: {}",
                load.handoffs(),
                run.last_words()
            );
        }
    }
}

/// Waits until the gateway has stored so many events.
async fn until_taken_in(run: &Run, subject: &mut Subject, events: usize) -> Result<()> {
    let mut beat = interval(Duration::from_millis(50));
    let (mut stored, mut moved) = (0.0, Instant::now());
    loop {
        beat.tick().await;
        subject.process.is_alive().with_context(|| run.last_words())?;
        // Before it listens it has stored nothing.
        let now = run.metric("lienthong_intake_messages_total").await.unwrap_or(0.0);
        if now >= count(events) {
            return Ok(());
        }
        if now > stored {
            (stored, moved) = (now, Instant::now());
        }
        if moved.elapsed() > STANDSTILL {
            bail!("{now} of {events} events were stored, then none: {}", run.last_words());
        }
    }
}
