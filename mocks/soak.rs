//! `make soak`: the real gateway between a private RabbitMQ and both mocks, for minutes, with random faults at every edge.
//!
//! ```text
//! pilots, one after the other ─▶ player ─▶ outbox ─AMQP─▶ broker ─proxy─▶ lienthong ─HTTP, AMQP─▶ mocks
//!      └───────────── expected tables ────────────────────────────────────────▶ judge ◀── ledgers
//! faults: broker, network, portal, post, process, store; and an operator who pauses, resumes, replays and dismisses
//! ```
//!
//! When the time is over, all faults end, every life is lived to its end, and what the mocks hold is compared with the
//! pilot's own tables (the demo's judge), the journal with what the broker confirmed and with what the commune's system
//! heard, and the logs with the planted people. Ends with 0 only if everything agrees and every kind of fault struck at least once; else the folder with
//! journal and logs stays.
//!
//! **Seed.** Lives, and the order, kind and length of the faults of each edge come from the seed, which is printed. What
//! a fault meets is decided by real time: the same seed plays the same faults, not the same race.

#[path = "soak/commune.rs"]
mod commune;
#[path = "demo/conditions.rs"]
mod conditions;
#[path = "soak/desk.rs"]
mod desk;
#[path = "soak/faults.rs"]
mod faults;
#[path = "soak/gateway.rs"]
mod gateway;
#[path = "demo/judge.rs"]
mod judge;
#[path = "soak/ledgers.rs"]
mod ledgers;
#[path = "soak/operator.rs"]
mod operator;
#[path = "soak/player.rs"]
mod player;
#[path = "soak/privacy.rs"]
mod privacy;
#[path = "soak/report.rs"]
mod report;
#[path = "soak/stage.rs"]
mod stage;
#[path = "soak/tally.rs"]
mod tally;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use faults::Edges;
use judge::Judgement;
use operator::Operator;
use player::Player;
use stage::Stage;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};
use tokio_util::sync::CancellationToken;

/// How long everything may take to come to rest after the last fault.
const REST: Duration = Duration::from_secs(900);
/// How long a fault may take to its end; the node's start is the longest.
const HEALED: Duration = Duration::from_secs(150);
/// How long nothing may change before the ledgers are taken as final.
const QUIET: Duration = Duration::from_secs(3);

/// Run the gateway under random faults at every edge, and judge what came of it.
#[derive(clap::Parser)]
#[command(name = "soak")]
struct Options {
    /// How long faults strike
    #[arg(long, env = "MINUTES", default_value_t = 10.0)]
    minutes: f64,
    /// Seed of lives and faults
    #[arg(long, env = "SEED", default_value_t = 2022)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let ended = tokio::select! {
        ended = soak(&options) => ended,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.map_err(anyhow::Error::from).and_then(|()| Err(anyhow::anyhow!("interrupted")))
        }
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("\nsoak: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Sets the stage, lets everything happen, strikes the stage; true when nothing is to be found fault with.
async fn soak(options: &Options) -> Result<bool> {
    say(&format!("Soak of {} minutes, seed {}. Starting …", options.minutes, options.seed));
    let stage = Arc::new(Stage::set().await?);
    let mut run = Run::begin(Arc::clone(&stage), options);
    let ended = run.through(options).await;
    run.end().await;
    let well = matches!(&ended, Ok(findings) if findings.is_empty());
    let stage = Arc::into_inner(stage).context("something still runs")?;
    stage.strike(well).await?;
    let findings = ended?;
    for finding in findings.iter().take(report::LISTED) {
        say(finding);
    }
    if findings.is_empty() {
        say(&format!("Clean: every promise holds. Seed {}.", options.seed));
    } else {
        say(&format!("{} findings. Seed {}.", findings.len(), options.seed));
    }
    Ok(findings.is_empty())
}

/// What goes on at once.
struct Run {
    stage: Arc<Stage>,
    /// Ends the faults.
    over: CancellationToken,
    /// Ends the rest.
    finished: CancellationToken,
    faults: JoinSet<Result<&'static str>>,
    others: JoinSet<Result<()>>,
    player: Player,
    operator: Arc<Operator>,
}

impl Run {
    fn begin(stage: Arc<Stage>, options: &Options) -> Self {
        let (over, finished) = (CancellationToken::new(), CancellationToken::new());
        let operator = Arc::new(Operator::new(Arc::clone(&stage), options.seed));
        let player = Player::new(Arc::clone(&stage), options.seed);
        let faults = Edges { stage: Arc::clone(&stage), over: over.clone(), seed: options.seed }.strike();
        let mut others = JoinSet::new();
        let until_finished = |task| finished.clone().run_until_cancelled_owned(task);
        let desk = Arc::clone(&stage);
        others.spawn(ended(until_finished(Box::pin(async move { desk.desk.empty().await }) as Task)));
        let working = Arc::clone(&operator);
        others.spawn(ended(until_finished(Box::pin(async move { working.work().await }))));
        let watched = Arc::clone(&stage);
        others.spawn(ended(until_finished(Box::pin(async move { watched.watch().await }))));
        Self { stage, over, finished, faults, others, player, operator }
    }

    /// Until the time is over and everything has come to rest; gives what is to be found fault with.
    async fn through(&mut self, options: &Options) -> Result<Vec<String>> {
        let begun = Instant::now();
        let end = begun + Duration::from_secs_f64(options.minutes * 60.0);
        self.play_until(end).await?;
        self.over.cancel();
        say("The faults are over; the rest arrives …");
        self.until_healed().await?;
        self.stage.heal().await?;
        let judgement = self.settle().await?;
        let took = begun.elapsed();
        report::report(&self.stage, &self.player, &self.operator, &judgement, took).await
    }

    /// Every edge ends what it has begun.
    async fn until_healed(&mut self) -> Result<()> {
        let mut healed = Vec::new();
        while !self.faults.is_empty() {
            let ended = timeout(HEALED, self.faults.join_next()).await;
            let ended = ended.with_context(|| format!("a fault does not end; others did: {healed:?}"))?;
            if let Some(ended) = ended {
                healed.push(ended.context("a fault panicked")??);
            }
        }
        Ok(())
    }

    async fn play_until(&mut self, end: Instant) -> Result<()> {
        let mut beat = interval(player::BEAT);
        while Instant::now() < end {
            beat.tick().await;
            self.player.go_on(true);
            self.player.tell();
            self.has_failed()?;
        }
        Ok(())
    }

    /// What ends before its time has failed.
    fn has_failed(&mut self) -> Result<()> {
        if let Some(ended) = self.faults.try_join_next() {
            anyhow::bail!("the edge {} ended before its time", ended.context("a fault panicked")??);
        }
        if let Some(ended) = self.others.try_join_next() {
            ended.context("a task panicked")??;
            anyhow::bail!("a task ended before its time");
        }
        Ok(())
    }

    /// Plays the lives to their ends, and waits until the ledgers agree with the tables and stay as they are.
    async fn settle(&mut self) -> Result<Judgement> {
        let end = Instant::now() + REST;
        let mut beat = interval(Duration::from_millis(250));
        let (mut received, mut quiet_since) = (0, Instant::now());
        loop {
            beat.tick().await;
            self.player.go_on(false);
            self.player.tell();
            if let Some(ended) = self.others.try_join_next() {
                ended.context("a task panicked")??;
            }
            let now = self.stage.received();
            if now != received {
                (received, quiet_since) = (now, Instant::now());
            }
            let at_rest =
                self.player.is_over() && self.stage.desk.is_empty() && quiet_since.elapsed() >= QUIET;
            let late = Instant::now() >= end;
            if !at_rest && !late {
                continue;
            }
            let pilot = self.player.pilot();
            let judgement = judge::judge_ledgers(&self.stage, &pilot);
            let judgement = judge::judge_gateway(&self.stage, &pilot, judgement).await?;
            let judgement = self.operator.forgive(judgement);
            if judgement.differences.is_empty() || late {
                return Ok(judgement);
            }
            quiet_since = Instant::now();
        }
    }

    async fn end(mut self) {
        self.over.cancel();
        self.finished.cancel();
        self.faults.shutdown().await;
        self.others.shutdown().await;
    }
}

type Task = std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Cancelled is ended well.
async fn ended(task: impl Future<Output = Option<Result<()>>>) -> Result<()> {
    task.await.unwrap_or(Ok(()))
}

/// Prints a line; a reader that went away is no reason to stop.
fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}
