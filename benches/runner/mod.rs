//! The runner: sets the stage, plays the scenarios, writes the table.
//!
//! Everything it starts it ends, by its id: the broker by its guard, the gateway, relay and stand-ins with the values that
//! hold them. Figures are taken from outside: publish times by the runner, call times by the stand-ins, on one clock; CPU
//! and memory from `/proc`. In every run the stand-ins' ledger is checked ([`book`]); a broken promise fails the measure.

mod book;
mod figures;
mod machine;
mod options;
mod process;
mod publisher;
mod report;
mod scenarios;
mod stage;
mod standin;

pub(crate) use options::Options;

use anyhow::{Context as _, Result};
use figures::Figures;
use machine::Machine;
use stage::Stage;
use std::io::Write as _;
use std::path::PathBuf;

/// Runs the wanted scenarios; false when a promise was broken.
///
/// # Errors
/// When something cannot be started, or ends on its own.
pub(crate) async fn run(options: Options) -> Result<bool> {
    let folder = match &options.folder {
        Some(folder) => folder.clone(),
        None => default_folder()?,
    };
    say("Starting a private broker …");
    let stage = Stage::set(folder).await?;
    let machine = Machine::look(&stage.folder, stage.broker_version().await?).await?;
    let mut measure = Measure { stage, options, figures: Figures::default(), broken: Vec::new() };
    let ended = tokio::select! {
        ended = measure.play() => ended,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.map_err(anyhow::Error::from).and_then(|()| Err(anyhow::anyhow!("interrupted")))
        }
    };
    let Measure { stage, options, figures, broken } = measure;
    let kind = (options.is_full(), options.pairs());
    let table = report::write(&stage.folder, &machine, kind, &figures, &broken)?;
    let folder = stage.folder.display().to_string();
    stage.strike().await?;
    say(&format!("{table}\nThe same as JSON: {folder}/bench.json"));
    ended.map(|()| broken.is_empty())
}

/// A measure while it is being made.
pub(crate) struct Measure {
    pub(crate) stage: Stage,
    pub(crate) options: Options,
    pub(crate) figures: Figures,
    /// Promises that were broken.
    pub(crate) broken: Vec<String>,
}

impl Measure {
    async fn play(&mut self) -> Result<()> {
        for scenario in self.options.scenarios() {
            say(&scenario.name());
            let played = Box::pin(scenarios::play(self, scenario)).await;
            played.with_context(|| format!("the scenario {} stopped", scenario.name()))?;
        }
        Ok(())
    }

    /// Notes broken promises; true when there are none.
    pub(crate) fn judge(&mut self, case: &str, problems: Vec<String>) -> bool {
        let well = problems.is_empty();
        for problem in problems {
            say(&format!("    BROKEN {problem}"));
            self.broken.push(format!("{case}: {problem}"));
        }
        well
    }
}

/// `target/<profile>/bench` → `target/bench`.
fn default_folder() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.ancestors().nth(2).context("this program lies in no target folder")?.join("bench"))
}

/// Prints a line; a reader that went away is no reason to stop.
pub(crate) fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}
