//! The measure of the gateway: `make bench`. `docs/benchmarks.md` says what is measured, how, and how to repeat it.
//!
//! ```text
//! runner ─publishes─▶ RabbitMQ ─▶ gateway or relay ─HTTP─▶ stand-ins ─ledger─▶ runner: promises, figures
//! ```
//!
//! One program in three roles, each a process of its own, so that each one's CPU and memory are its own: the *runner*
//! starts everything and ends what it started; the *stand-ins* play both partners; the *relay* keeps nothing and is the
//! yardstick. The gateway is the one built beside this program, and nothing in it knows that it is measured.

mod amqp;
mod clock;
mod load;
mod relay;
mod runner;
mod standin;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use runner::Options;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::sync::oneshot;

/// Measure the gateway against a relay that keeps nothing.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Start everything, measure, check the promises, write the table
    Run(Options),
    /// Play both partners; ends with its standard input
    Standin,
    /// Be the relay that keeps nothing; ends with its standard input
    Relay {
        /// The gateway's configuration
        #[arg(long)]
        config: PathBuf,
    },
}

fn main() -> ExitCode {
    match play(Arguments::parse().role) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            writeln!(std::io::stderr(), "bench: {error:#}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

/// Plays the role; false when a promise was broken.
fn play(role: Role) -> Result<bool> {
    match role {
        Role::Run(options) => all_cores()?.block_on(runner::run(options)),
        Role::Relay { config } => all_cores()?.block_on(relay::run(&config)).map(|()| true),
        Role::Standin => {
            let one = tokio::runtime::Builder::new_current_thread().enable_all().build();
            one.context("failed to start a runtime")?.block_on(standin::run()).map(|()| true)
        }
    }
}

/// Told when standard input ends: the runner is gone, however it went.
fn end_of_input() -> oneshot::Receiver<()> {
    let (ended, told) = oneshot::channel();
    // A thread of its own: it may wait for ever, and nobody waits for it.
    std::thread::spawn(move || {
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap_or_default();
        ended.send(()).unwrap_or_default();
    });
    told
}

fn all_cores() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("failed to start a runtime")
}
