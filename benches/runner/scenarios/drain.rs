//! Drains: events wait in the queue, and the partners answer at once, or after a while.

use super::{STANDSTILL, until_told};
use crate::clock;
use crate::load::Load;
use crate::runner::book::Book;
use crate::runner::figures::count;
use crate::runner::stage::{CONCURRENCY, Disk, Side};
use crate::runner::{Measure, say};
use anyhow::{Result, bail};

/// How long slow partners keep an answer back, and with how many calls at once they are met.
const ANSWER_MS: u32 = 50;
const CONCURRENCIES: [usize; 2] = [64, 256];

/// A drain, and what it is called in the table.
pub(super) struct Drain<'a> {
    pub(super) case: &'a str,
    pub(super) load: &'a Load,
    pub(super) concurrency: usize,
    pub(super) disk: Disk,
    /// How long the partners keep an answer back.
    pub(super) answer_ms: u32,
}

/// Drains in pairs, partners that answer at once.
pub(super) async fn pairs(measure: &mut Measure, case: &str, load: &Load) -> Result<()> {
    let drain = Drain { case, load, concurrency: CONCURRENCY, disk: Disk::Plain, answer_ms: 0 };
    for pair in 0..measure.options.pairs() {
        for side in Side::of_pair(pair) {
            drain.once(measure, side).await?;
        }
    }
    Ok(())
}

/// The gateway alone, on a disk that takes 10 ms longer for each sync.
pub(super) async fn on_a_slow_disk(measure: &mut Measure) -> Result<()> {
    let load = Load::once(measure.options.share(20_000));
    let case = "drain, 10 ms more a sync";
    let drain = Drain { case, load: &load, concurrency: CONCURRENCY, disk: Disk::Slow, answer_ms: 0 };
    for _ in 0..measure.options.pairs() {
        drain.once(measure, Side::Gateway).await?;
    }
    Ok(())
}

/// In pairs, partners that answer after 50 ms; events for some ten seconds.
pub(super) async fn with_slow_partners(measure: &mut Measure) -> Result<()> {
    for concurrency in CONCURRENCIES {
        let case = format!("answers after {ANSWER_MS} ms, concurrency {concurrency}");
        let load = Load::once(measure.options.share(concurrency * 100));
        let disk = Disk::Plain;
        let drain = Drain { case: &case, load: &load, concurrency, disk, answer_ms: ANSWER_MS };
        for pair in 0..measure.options.pairs() {
            for side in Side::of_pair(pair) {
                drain.once(measure, side).await?;
            }
        }
    }
    Ok(())
}

impl Drain<'_> {
    /// One run of one side.
    pub(super) async fn once(&self, measure: &mut Measure, side: Side) -> Result<()> {
        let Self { case, load, .. } = *self;
        let run = measure.stage.run(self.concurrency).await?;
        run.standin.delay(self.answer_ms).await?;
        run.publisher.publish(load.told().into_iter()).await?;
        let mut subject = run.start(side, self.disk)?;
        let started = subject.process.started;
        until_told(&run, &mut subject, load, STANDSTILL).await?;
        let cost = run.cost(&subject).await?;
        run.stop(subject).await?;
        let left = run.publisher.queue().await?.messages;
        if side == Side::Gateway && left > 0 {
            bail!("{left} messages were not acknowledged");
        }
        let book = Book::read(load, &run.standin.ledger().await?, side);
        let seconds = clock::seconds(started, book.last_at);
        let rate = count(load.events()) / seconds;
        self.note(measure, side, started, &book);
        measure.figures.add_cost(case, side, load.events(), &cost);
        say(&format!("  {case}: {} {rate:.0} events/s, {:.1} s", side.name(), seconds));
        let well = measure.judge(case, book.problems());
        run.close(well).await
    }

    fn note(&self, measure: &mut Measure, side: Side, started: u64, book: &Book) {
        let (case, events, side) = (self.case, count(self.load.events()), side.name());
        let figures = &mut measure.figures;
        let first = clock::seconds(started, book.first_at);
        figures.add(case, side, "rate", "events / s", events / clock::seconds(started, book.last_at));
        figures.add(case, side, "calls an event", "", count(book.calls) / events);
        figures.add(case, side, "first call after the start", "ms", first * 1_000.0);
        figures.add(case, side, "refused calls", "", count(book.refused.values().sum()));
        let portal = book.steady_rate();
        figures.add(case, side, "calls at the portal", "1 / s", portal);
        if self.answer_ms > 0 {
            let best = count(self.concurrency) * 1_000.0 / f64::from(self.answer_ms);
            figures.add(case, side, "of concurrency ÷ 50 ms", "", portal / best);
        }
    }
}
