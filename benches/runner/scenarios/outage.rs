//! One partner is down for 20 s at a steady rate: what the other one notices, and how long the rest takes afterwards.

use super::latency::latencies;
use super::until_told;
use crate::clock;
use crate::load::Load;
use crate::runner::book::{Book, Fate};
use crate::runner::stage::{CONCURRENCY, Disk, Side};
use crate::runner::{Measure, say};
use anyhow::Result;
use std::ops::Range;
use std::time::Duration;

/// Events a second.
const RATE: usize = 200;
/// Seconds before the outage, of it, and after it.
const BEFORE: usize = 20;
const DOWN: usize = 20;
const AFTER: usize = 20;
/// The first seconds log in and open connections.
const WARM_UP: usize = 2;

/// Waits of the default schedule are minutes, and the breaker's first wait is 30 s.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the other partner is told of an event, and the partner that is down.
struct Case {
    down: &'static str,
    of_other: fn(&Fate) -> u64,
    of_down: fn(&Fate) -> u64,
}

const CASES: [Case; 2] = [
    Case { down: "post", of_other: |fate| fate.record_at, of_down: |fate| fate.order_at },
    Case { down: "portal", of_other: |fate| fate.order_at, of_down: |fate| fate.row_at },
];

/// Takes the post down, then the portal.
pub(super) async fn play(measure: &mut Measure) -> Result<()> {
    let per_second = measure.options.share(RATE);
    for case in &CASES {
        for _ in 0..measure.options.pairs() {
            case.once(measure, per_second).await?;
        }
    }
    Ok(())
}

impl Case {
    async fn once(&self, measure: &mut Measure, per_second: usize) -> Result<()> {
        let load = Load::once(per_second * (BEFORE + DOWN + AFTER));
        let run = measure.stage.run(CONCURRENCY).await?;
        let mut subject = run.start(Side::Gateway, Disk::Plain)?;
        run.ready(&mut subject).await?;
        let told = load.told();
        let outage = async {
            tokio::time::sleep(seconds(BEFORE)).await;
            run.standin.down(self.down).await?;
            tokio::time::sleep(seconds(DOWN)).await;
            run.standin.down("none").await?;
            Ok(clock::now())
        };
        let paced = run.publisher.publish_paced(&told, u32::try_from(per_second)?);
        let (published, up_at) = tokio::try_join!(paced, outage)?;
        until_told(&run, &mut subject, &load, PATIENCE).await?;
        let cost = run.cost(&subject).await?;
        run.stop(subject).await?;
        let book = Book::read(&load, &run.standin.ledger().await?, Side::Gateway);
        let case = format!("{} down for {DOWN} s at {per_second}/s", self.down);
        self.note(measure, &case, &published, &book, (per_second, up_at));
        measure.figures.add_cost(&case, Side::Gateway, load.events(), &cost);
        say(&format!("  {case}"));
        let well = measure.judge(&case, book.problems());
        run.close(well).await
    }

    fn note(
        &self,
        measure: &mut Measure,
        case: &str,
        published: &[u64],
        book: &Book,
        (per_second, up_at): (usize, u64),
    ) {
        let side = Side::Gateway.name();
        let parts: [(&str, Range<usize>); 3] = [
            ("before", WARM_UP..BEFORE),
            ("meanwhile", BEFORE..BEFORE + DOWN),
            ("afterwards", BEFORE + DOWN..BEFORE + DOWN + AFTER),
        ];
        for (name, part) in parts {
            let end = (part.end * per_second).min(published.len());
            let mut of_part = latencies(&published[..end], book, part.start * per_second, self.of_other);
            measure.figures.add_latencies(case, side, &format!("the other, {name},"), &mut of_part);
        }
        let waited = published.iter().zip(&book.events).filter(|(published, _)| **published < up_at);
        let told = waited.map(|(_, fate)| (self.of_down)(fate)).filter(|at| *at > up_at);
        let (first, last) = told.fold((u64::MAX, up_at), |(first, last), at| (first.min(at), last.max(at)));
        let figures = &mut measure.figures;
        figures.add(case, side, "up until its first call", "s", clock::seconds(up_at, first.min(last)));
        figures.add(case, side, "up until its backlog is gone", "s", clock::seconds(up_at, last));
    }
}

fn seconds(number: usize) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or(0))
}
