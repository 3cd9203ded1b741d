//! What is measured, and how much of it.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The scenarios; their numbers are those of `docs/benchmarks.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// 1: drain of 50,000 dossiers with one event each
    DrainOne,
    /// 1: drain of 7,000 dossiers with seven events each
    DrainSeven,
    /// 2: from publishing to the first and the last call, at 200 and 1,000 events a second
    Latency,
    /// 2: the same on a disk that takes 10 ms longer for each sync, and a drain there
    SlowCommits,
    /// 3: partners that answer after 50 ms, at concurrency 64 and 256
    SlowPartners,
    /// 4: one partner down for 20 s at 200 events a second
    Outage,
    /// 5: start after kill -9 with a cold cache, memory, and the shape of cost at 1,000 to 1,000,000 waiting handoffs
    Waiting,
    /// 6: intake alone, both partners paused
    Intake,
    /// 7: the journal's own limit, and the disk's
    Journal,
}

impl Scenario {
    /// Name on the command line and in the table.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Options of a run.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Scenarios, joined by commas; without it all
    #[arg(long, env = "ONLY", value_delimiter = ',')]
    only: Vec<Scenario>,
    /// Pairs of gateway and relay, one after the other; medians are of these
    #[arg(long, env = "PAIRS", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=99))]
    pairs: u16,
    /// Events of a drain; the other scenarios shrink in proportion. For a look whether everything runs
    #[arg(long, env = "EVENTS", default_value_t = FULL)]
    events: usize,
    /// Waiting handoffs, joined by commas
    #[arg(long, env = "WAITING", value_delimiter = ',')]
    waiting: Vec<usize>,
    /// Where the journals of the runs, the table and the JSON go: a disk like the one the gateway would have
    #[arg(long, env = "BENCH_FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}

/// Events of a drain.
const FULL: usize = 50_000;

impl Options {
    /// What is to be measured, in the order of the numbers.
    pub(crate) fn scenarios(&self) -> Vec<Scenario> {
        let wanted = |scenario: &Scenario| self.only.is_empty() || self.only.contains(scenario);
        Scenario::value_variants().iter().copied().filter(wanted).collect()
    }

    /// How often each side runs.
    pub(crate) fn pairs(&self) -> u16 {
        self.pairs
    }

    /// So much of a full measure as the events of this run are of a full drain; at least ten.
    pub(crate) fn share(&self, full: usize) -> usize {
        if self.events == FULL { full } else { (full * self.events / FULL).max(10) }
    }

    /// Whether this is the full measure.
    pub(crate) fn is_full(&self) -> bool {
        self.events == FULL && self.waiting.is_empty()
    }

    /// Numbers of handoffs that wait.
    pub(crate) fn waiting(&self) -> Vec<usize> {
        if self.waiting.is_empty() {
            [1_000, 10_000, 100_000, 1_000_000].map(|full| self.share(full)).to_vec()
        } else {
            self.waiting.clone()
        }
    }
}
