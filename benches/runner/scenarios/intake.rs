//! Intake alone: events wait in the queue, both partners are paused; then everything is sent after all, for the promises.

use super::waiting::pause;
use super::{STANDSTILL, until_taken_in, until_told};
use crate::clock;
use crate::load::Load;
use crate::runner::book::Book;
use crate::runner::figures::count;
use crate::runner::stage::{CONCURRENCY, Disk, Run, Side};
use crate::runner::{Measure, say};
use anyhow::{Result, bail};

const CASE: &str = "intake alone";

/// As often as pairs run.
pub(super) async fn play(measure: &mut Measure) -> Result<()> {
    let load = Load::once(measure.options.share(50_000));
    for _ in 0..measure.options.pairs() {
        once(measure, &load).await?;
    }
    Ok(())
}

async fn once(measure: &mut Measure, load: &Load) -> Result<()> {
    let run = measure.stage.run(CONCURRENCY).await?;
    pause_before_the_start(&run).await?;
    run.publisher.publish(load.told().into_iter()).await?;
    let mut subject = run.start(Side::Gateway, Disk::Plain)?;
    let started = subject.process.started;
    until_taken_in(&run, &mut subject, load.events()).await?;
    let seconds = clock::seconds(started, clock::now());
    let cost = run.cost(&subject).await?;
    if run.standin.counts().await?.first_at.is_some() {
        bail!("a partner was called although it was paused");
    }
    for partner in ["portal", "post"] {
        run.command(&["resume", partner]).await?;
    }
    until_told(&run, &mut subject, load, STANDSTILL).await?;
    run.stop(subject).await?;
    let left = run.publisher.queue().await?.messages;
    if left > 0 {
        bail!("{left} messages were not acknowledged");
    }
    let book = Book::read(load, &run.standin.ledger().await?, Side::Gateway);
    let rate = count(load.events()) / seconds;
    let (side, figures) = (Side::Gateway.name(), &mut measure.figures);
    figures.add(CASE, side, "rate", "events / s", rate);
    figures.add_cost(CASE, Side::Gateway, load.events(), &cost);
    say(&format!("  {CASE}: {rate:.0} events/s"));
    let well = measure.judge(CASE, book.problems());
    run.close(well).await
}

/// A pause stands in the journal, so there must be one.
async fn pause_before_the_start(run: &Run) -> Result<()> {
    let mut subject = run.start(Side::Gateway, Disk::Plain)?;
    run.ready(&mut subject).await?;
    pause(run, None).await?;
    run.stop(subject).await
}
