//! `make demo`: replays the pilot of Tiến Thành, January to 15 September 2022, through the real gateway.
//!
//! Starts a private RabbitMQ (or, with `AMQP_URL`, uses a virtual host of its own there that must not exist yet), both
//! mocks, and the program `lienthong` as a child process; plays the invented lives of the crate `pilot`; makes trouble on
//! the way; and compares what the mocks hold at the end with what the pilot's own table expects. Ends with 0 only if they
//! agree. Nothing here is linked with the gateway: the demo speaks AMQP to the broker, reads the mocks' ledgers, and asks
//! the gateway's commands what became a dead letter and what is in the quarantine.
//!
//! ```text
//! pilot ─scripts─▶ player ─AMQP─▶ broker ─▶ lienthong ─HTTP, AMQP─▶ mocks ─ledgers─▶ judge ─▶ account, exit code
//!    └──────────────── expected table ──────────────────────────────────────────▲
//! ```
//!
//! Everything it starts it stops, also after Ctrl-C; the folder with journal and log is removed unless something differs.

#[path = "demo/account.rs"]
mod account;
#[path = "demo/commune.rs"]
mod commune;
#[path = "demo/conditions.rs"]
mod conditions;
#[path = "demo/gateway.rs"]
mod gateway;
#[path = "demo/judge.rs"]
mod judge;
#[path = "demo/ledgers.rs"]
mod ledgers;
#[path = "demo/member.rs"]
mod member;
#[path = "demo/player.rs"]
mod player;
#[path = "demo/progress.rs"]
mod progress;
#[path = "demo/publisher.rs"]
mod publisher;
#[path = "demo/rest.rs"]
mod rest;
#[path = "demo/stage.rs"]
mod stage;
#[path = "demo/stories.rs"]
mod stories;
#[path = "demo/trouble.rs"]
mod trouble;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use judge::Judgement;
use pilot::Pilot;
use player::Played;
use progress::Progress;
use rest::Rest;
use stage::Stage;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// How long the gateway may need for the rest once everything is published and moved: some seconds on a quiet machine,
/// and never so long on a busy one unless something stands still.
const REST: Duration = Duration::from_secs(600);

/// Replay the pilot commune of 2022 through the gateway and both mocks, and judge what they received.
#[derive(clap::Parser)]
#[command(name = "demo")]
struct Options {
    /// Leave everything running afterwards and print the addresses, until Ctrl-C
    #[arg(long, env = "STAY", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1,
          default_value = "false", default_missing_value = "true")]
    stay: bool,
    /// A broker to use instead of a private one; a virtual host is created there that must not exist yet
    #[arg(long, env = "AMQP_URL")]
    amqp_url: Option<String>,
    /// Management API of that broker
    #[arg(long, env = "AMQP_MANAGEMENT_URL")]
    amqp_management_url: Option<String>,
    /// Seed of the pilot
    #[arg(long, env = "SEED", default_value_t = 2022)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match interrupt() {
        Ok(interrupted) => {
            tokio::pin!(interrupted);
            demo(&options, interrupted).await
        }
        Err(error) => Err(error),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("\ndemo: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Sets the stage, plays, strikes the stage; true when the ledgers agree with the table.
async fn demo(options: &Options, mut interrupted: impl Future<Output = ()> + Unpin) -> Result<bool> {
    let begun = Instant::now();
    let pilot = Pilot::new(options.seed);
    say(&format!("The pilot of 2022, seed {}: {} dossiers. Starting …", pilot.seed, pilot.scripts.len()));
    let broker = stage::broker(given(&options.amqp_url), given(&options.amqp_management_url));
    let broker = tokio::select! {
        broker = broker => broker?,
        () = &mut interrupted => return Ok(false),
    };
    let stage = Stage::set(broker).await?;
    let played = tokio::select! {
        played = play(&stage, &pilot, begun) => Some(played),
        () = &mut interrupted => None,
    };
    if let (Some(Ok(_)), true) = (&played, options.stay) {
        say(&stage.addresses());
        interrupted.await;
    }
    // Nobody wants the journal of a replay that they broke off.
    let well = matches!(played, Some(Ok(true)) | None);
    let struck = stage.strike(well).await;
    let agreed = played.unwrap_or_else(|| Err(anyhow::anyhow!("interrupted; everything is stopped")))?;
    struck.map(|()| agreed)
}

async fn play(stage: &Stage, pilot: &Pilot, begun: Instant) -> Result<bool> {
    let progress = Progress::new(pilot);
    let replay = player::play(stage, pilot, &progress).await;
    let played = replay.context("the replay stopped")?;
    let judgement = settle(stage, pilot, &played, &progress).await?;
    progress.finish();
    let account = account::account(stage, pilot, &played, &judgement)?;
    say(&account);
    let verdict = if judgement.differences.is_empty() {
        "The mocks' ledgers agree with the expected table."
    } else {
        "The mocks' ledgers DIFFER from the expected table."
    };
    say(&format!("{verdict} {} s", begun.elapsed().as_secs()));
    Ok(judgement.differences.is_empty())
}

/// Waits until nothing is open any more, and judges what there is then. What is still open when the time is over is a
/// difference by itself.
async fn settle(stage: &Stage, pilot: &Pilot, played: &Played, progress: &Progress) -> Result<Judgement> {
    let end = Instant::now() + REST;
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    let mut rest = Rest::new(pilot, played.moved_at);
    loop {
        beat.tick().await;
        let open = rest.open(stage).await.context("failed to ask what is still open")?;
        progress.settling(stage, &open);
        if open.is_empty() || Instant::now() >= end {
            let mut judgement = judge::judge_ledgers(stage, pilot);
            let stories = stories::judge(&stories::stories(stage, pilot));
            for (dossier, difference) in stories.into_iter().chain(commune::judge(stage, pilot)) {
                judgement.differ(&dossier, difference);
            }
            for line in open {
                judgement.differ("the rest", format!("still open after {REST:?}: {line}"));
            }
            return judge::judge_gateway(stage, pilot, judgement).await;
        }
    }
}

/// Resolves at the first Ctrl-C or SIGTERM.
fn interrupt() -> Result<impl Future<Output = ()>> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terms = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terms.recv() => {}
        }
    })
}

/// A variable that is set to nothing is not set.
fn given(option: &Option<String>) -> Option<&str> {
    option.as_deref().filter(|text| !text.is_empty())
}

/// Prints a line; a reader that went away is no reason to stop before everything is stopped.
fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}
