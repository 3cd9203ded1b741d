//! From publishing to the first and to the last call of an event, at a steady rate.

use super::{STANDSTILL, until_told};
use crate::clock;
use crate::load::Load;
use crate::runner::book::{Book, Fate};
use crate::runner::figures::count;
use crate::runner::stage::{CONCURRENCY, Disk, Side};
use crate::runner::{Measure, say};
use anyhow::Result;

/// Events a second.
const RATES: [u32; 2] = [200, 1_000];
/// How long events are published.
const SECONDS: usize = 30;
/// The first events log in and open connections: one in so many is left out.
const WARM_UP: usize = 10;

/// At both rates, beside the relay.
pub(super) async fn pairs(measure: &mut Measure) -> Result<()> {
    for rate in RATES {
        let load = load(measure, rate);
        for pair in 0..measure.options.pairs() {
            for side in Side::of_pair(pair) {
                once(measure, &format!("latency at {rate}/s"), &load, rate, side, Disk::Plain).await?;
            }
        }
    }
    Ok(())
}

/// At both rates, on a disk that takes 10 ms longer for each sync.
pub(super) async fn on_a_slow_disk(measure: &mut Measure) -> Result<()> {
    for rate in RATES {
        let load = load(measure, rate);
        for _ in 0..measure.options.pairs() {
            let case = format!("latency at {rate}/s, 10 ms more a sync");
            once(measure, &case, &load, rate, Side::Gateway, Disk::Slow).await?;
        }
    }
    Ok(())
}

fn load(measure: &Measure, rate: u32) -> Load {
    let full = usize::try_from(rate).unwrap_or(0) * SECONDS;
    Load::once(measure.options.share(full))
}

async fn once(
    measure: &mut Measure,
    case: &str,
    load: &Load,
    rate: u32,
    side: Side,
    disk: Disk,
) -> Result<()> {
    let run = measure.stage.run(CONCURRENCY).await?;
    let mut subject = run.start(side, disk)?;
    run.ready(&mut subject).await?;
    let published = run.publisher.publish_paced(&load.told(), rate).await?;
    until_told(&run, &mut subject, load, STANDSTILL).await?;
    let cost = run.cost(&subject).await?;
    run.stop(subject).await?;
    let book = Book::read(load, &run.standin.ledger().await?, side);
    let warm = load.events() / WARM_UP;
    let figures = &mut measure.figures;
    figures.add_latencies(
        case,
        side.name(),
        "first call",
        &mut latencies(&published, &book, warm, Fate::first),
    );
    figures.add_latencies(
        case,
        side.name(),
        "last call",
        &mut latencies(&published, &book, warm, Fate::last),
    );
    let (from, to) = (published.first().copied().unwrap_or(0), published.last().copied().unwrap_or(0));
    figures.add(
        case,
        side.name(),
        "published",
        "events / s",
        count(load.events()) / clock::seconds(from, to),
    );
    figures.add_cost(case, side, load.events(), &cost);
    say(&format!("  {case}: {}", side.name()));
    let well = measure.judge(case, book.problems());
    run.close(well).await
}

/// From publishing to a call, in seconds, of all events but the first.
pub(super) fn latencies(published: &[u64], book: &Book, skip: usize, call: fn(&Fate) -> u64) -> Vec<f64> {
    let pairs = published.iter().zip(&book.events).skip(skip);
    let called = pairs.map(|(published, fate)| (*published, call(fate))).filter(|(_, at)| *at > 0);
    called.map(|(published, at)| clock::seconds(published, at)).collect()
}
