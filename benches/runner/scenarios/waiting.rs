//! So many handoffs wait: what the gateway needs to start, to remember them, and to go on.
//!
//! The backlog is made as a real one is: events are taken in while both partners are paused. The pauses end by
//! themselves, so that nothing opens the journal between the kill and the start: who opened and closed it would repair it
//! and take the cold cache's edge off.

use super::until_taken_in;
use crate::clock;
use crate::load::Load;
use crate::runner::book::Book;
use crate::runner::figures::{Figures, count};
use crate::runner::stage::{CONCURRENCY, Disk, Run, Side, Subject};
use crate::runner::{Measure, say};
use crate::standin::ledger::{Counts, What};
use anyhow::{Context as _, Result, bail};
use rustix::fs::{Advice, fadvise};
use std::fs::File;
use std::time::Duration;
use tokio::time::{Instant, interval, sleep, sleep_until};

/// How long the last pause lasts: both commands, quiet, the kill, and writing back what the kernel still holds.
const LAST_PAUSE: Duration = Duration::from_secs(15);
/// How long the gateway may come to rest before it is killed.
const QUIET: Duration = Duration::from_secs(2);
/// How long a backlog is watched while it drains.
const WATCHED: Duration = Duration::from_secs(10);
/// How long the first call may take.
const FIRST: Duration = Duration::from_secs(60);

/// At each number of waiting handoffs.
pub(super) async fn play(measure: &mut Measure) -> Result<()> {
    for handoffs in measure.options.waiting() {
        // An event makes a record and a row, one in five an order: eleven handoffs are five events.
        let load = Load::once((handoffs * 5).div_ceil(11));
        for _ in 0..measure.options.pairs() {
            once(measure, &load, handoffs).await?;
        }
    }
    Ok(())
}

async fn once(measure: &mut Measure, load: &Load, handoffs: usize) -> Result<()> {
    let case = format!("{handoffs} waiting");
    let run = measure.stage.run(CONCURRENCY).await?;
    let subject = build(&run, load, &case, &mut measure.figures).await?;
    // Most of what must be written back is written back before the time counts.
    cool(&run)?;
    let over = last_pause(&run).await?;
    subject.process.kill().await?;
    let bytes = cool(&run)?;
    if Instant::now() > over {
        bail!("the disk is too slow: the pause was over before the journal was cold");
    }
    sleep_until(over + Duration::from_millis(500)).await;
    let mut subject = run.start(Side::Gateway, Disk::Plain)?;
    let first_at = first_call(&run, &mut subject).await?;
    sleep_or_told(&run, &mut subject, load).await?;
    let (cost, started) = (run.cost(&subject).await?, subject.process.started);
    run.stop(subject).await?;
    let ledger = run.standin.ledger().await?;
    let book = Book::read_part(load, &ledger, Side::Gateway);
    let rows = ledger.lines.iter().filter(|line| line.what == What::Row).count();
    let (side, figures) = (Side::Gateway.name(), &mut measure.figures);
    figures.add(&case, side, "journal", "MiB", bytes / 1_048_576.0);
    figures.add(
        &case,
        side,
        "cold start until the first call",
        "ms",
        clock::seconds(started, first_at) * 1_000.0,
    );
    figures.add(
        &case,
        side,
        "rate of the first 10 s",
        "events / s",
        count(rows) / clock::seconds(book.first_at, book.last_at),
    );
    figures.add(&case, side, "resident while draining", "MiB", f64::from(cost.own.resident) / 1_024.0);
    figures.add(&case, side, "peak while draining", "MiB", f64::from(cost.own.peak) / 1_024.0);
    figures.add(
        &case,
        side,
        "CPU while draining",
        "s / 1,000 events",
        cost.own.cpu * 1_000.0 / count(rows.max(1)),
    );
    say(&format!("  {case}: first call after {:.0} ms", clock::seconds(started, first_at) * 1_000.0));
    let well = measure.judge(&case, book.problems());
    run.close(well).await
}

/// Takes everything in while both partners are paused.
async fn build(run: &Run, load: &Load, case: &str, figures: &mut Figures) -> Result<Subject> {
    let mut subject = run.start(Side::Gateway, Disk::Plain)?;
    run.ready(&mut subject).await?;
    pause(run, None).await?;
    let publishing = run.publisher.publish(load.told().into_iter());
    let taking_in = until_taken_in(run, &mut subject, load.events());
    tokio::try_join!(publishing, taking_in)?;
    let usage = subject.process.usage()?;
    figures.add(case, Side::Gateway.name(), "peak while taking in", "MiB", f64::from(usage.peak) / 1_024.0);
    if run.standin.counts().await?.first_at.is_some() {
        bail!("a partner was called although it was paused");
    }
    Ok(subject)
}

/// Pauses both partners.
pub(super) async fn pause(run: &Run, until: Option<&str>) -> Result<()> {
    for partner in ["portal", "post"] {
        let mut arguments = vec!["pause", partner, "--reason", "a backlog is measured"];
        arguments.extend(until.iter().flat_map(|until| ["--until", *until]));
        run.command(&arguments).await?;
    }
    Ok(())
}

/// Lets the pauses end by themselves soon; says when at the latest.
async fn last_pause(run: &Run) -> Result<Instant> {
    pause(run, Some(&format!("{}s", LAST_PAUSE.as_secs()))).await?;
    let over = Instant::now() + LAST_PAUSE;
    sleep(QUIET).await;
    Ok(over)
}

/// Drops the journal from the page cache, as if the machine had just started; gives its size.
fn cool(run: &Run) -> Result<f64> {
    let mut bytes = 0.0;
    for suffix in ["", "-wal", "-shm"] {
        let mut path = run.journal().into_os_string();
        path.push(suffix);
        let Ok(file) = File::options().read(true).write(true).open(&path) else { continue };
        // Pages that are not written yet cannot be dropped.
        file.sync_all()?;
        fadvise(&file, 0, None, Advice::DontNeed).context("failed to drop the journal from the cache")?;
        bytes += f64::from(u32::try_from(file.metadata()?.len() / 1_024)?) * 1_024.0;
    }
    Ok(bytes)
}

async fn first_call(run: &Run, subject: &mut Subject) -> Result<u64> {
    let end = Instant::now() + FIRST;
    let mut beat = interval(Duration::from_millis(20));
    loop {
        beat.tick().await;
        subject.process.is_alive().with_context(|| run.last_words())?;
        if let Counts { first_at: Some(at), .. } = run.standin.counts().await? {
            return Ok(at);
        }
        if Instant::now() > end {
            bail!("no call within {FIRST:?} of the start: {}", run.last_words());
        }
    }
}

async fn sleep_or_told(run: &Run, subject: &mut Subject, load: &Load) -> Result<()> {
    let end = Instant::now() + WATCHED;
    let mut beat = interval(Duration::from_millis(20));
    while Instant::now() < end {
        beat.tick().await;
        subject.process.is_alive().with_context(|| run.last_words())?;
        let counts = run.standin.counts().await?;
        if counts.rows >= load.events() && counts.orders >= load.orders() {
            return Ok(());
        }
    }
    Ok(())
}
