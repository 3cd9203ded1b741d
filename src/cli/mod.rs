//! The commands of `lienthong`: what an operator types.
//!
//! Each command reads the configuration, does one thing, shows a short table in Vietnamese or JSON, and ends with one of
//! the exit codes of [`Exit`]. Only `run` is a daemon; the others work beside it, whether it runs or not: they read the
//! journal over connections of their own, and what they change there the daemon's scan finds.
//!
//! No command shows a person unless it is asked to with `--personal`. Log lines go to standard error, answers to
//! standard output.

mod arguments;
mod audit;
mod check;
mod confirm;
mod dead_letters;
mod desk_tasks;
mod digest;
mod dossier;
mod explain;
mod figures;
mod lanes;
mod orders;
mod output;
mod overview;
mod pause;
mod persons;
mod publish;
mod quarantine;
mod readiness;
mod reconcile;
mod schema;
mod search;
mod slip;
mod status;
mod units;
mod users;
mod waybills;
mod who;

pub use arguments::{Arguments, Command};

use crate::config::{self, Settings};
use crate::journal;
use crate::journal::command::CommandJournal;
use crate::journal::report::JournalReport;
use crate::partners;
use crate::telemetry;
use crate::telemetry::measures;
use crate::views::words;
use anyhow::Context as _;
use output::Output;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// It failed.
    Failed,
    /// The command line or the configuration is wrong.
    Configuration,
    /// The broker or a partner cannot be reached.
    Unreachable,
    /// There is no such dossier, handoff, message or journal.
    NotFound,
    /// The input was refused: an event that cannot be read, a dead letter that may not be replayed.
    Refused,
}

impl Exit {
    /// All exits with what they mean, for the help and the documents.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Configuration, "wrong command line or configuration"),
        (Self::Unreachable, "broker or partner cannot be reached"),
        (Self::NotFound, "no such dossier, handoff, message or journal"),
        (Self::Refused, "refused: bad input, or not allowed as things stand"),
    ];

    /// The code that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Configuration => 2,
            Self::Unreachable => 3,
            Self::NotFound => 4,
            Self::Refused => 5,
        }
    }
}

/// Runs a command to its end.
pub fn main(arguments: &Arguments) -> ExitCode {
    telemetry::tell_panics();
    let exit = dispatch(arguments).unwrap_or_else(|error| {
        complain(&format!("lienthong: {error:#}"));
        exit_of(&error)
    });
    ExitCode::from(exit.code())
}

/// The exit that an error asks for.
fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<config::Problems>() {
        return Exit::Configuration;
    }
    match error.downcast_ref() {
        Some(journal::Error::Open { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Exit::NotFound
        }
        Some(_) | None => Exit::Failed,
    }
}

fn dispatch(arguments: &Arguments) -> anyhow::Result<Exit> {
    let output = Output { json: arguments.json };
    let settings = || config::load(&arguments.config).map_err(anyhow::Error::from);
    let who = || who::who(arguments.acting_as.as_deref());
    match &arguments.command {
        Command::Schema { xsd, outcomes } => schema::show(*xsd, *outcomes),
        Command::Run => run(settings()?),
        Command::Check { connect } => check::check(&arguments.config, *connect, output),
        Command::Explain(options) => explain::explain(&settings()?, options, output),
        Command::Publish(options) => publish::publish(&settings()?, options, output),
        Command::Dossier { code, persons } => dossier::show(&settings()?, code, persons, &who(), output),
        Command::Search { text } => search::show(&settings()?, text, output),
        Command::Orders(options) => orders::show(&settings()?, options, &who(), output),
        Command::Slip(options) => slip::show(&settings()?, options, &who(), output),
        Command::DeadLetters { command } => dead_letters::dead_letters(&settings()?, command, &who(), output),
        Command::Lane { command } => lanes::lane(&settings()?, command, &who(), output),
        Command::DeskTasks { command } => desk_tasks::desk_tasks(&settings()?, command, &who(), output),
        Command::Audit { since, limit } => audit::show(&settings()?, since.as_deref(), *limit, output),
        Command::Quarantine { command } => quarantine::quarantine(&settings()?, command, &who(), output),
        Command::Pause(options) => pause::pause(&settings()?, options, &who(), output),
        Command::Resume { scope, reason } => {
            pause::resume(&settings()?, (scope, reason.as_deref()), &who(), output)
        }
        Command::Reconcile { command } => reconcile::reconcile(&settings()?, command, &who(), output),
        Command::Figures(options) => figures::figures(&settings()?, options, &who(), output),
        Command::Digest(options) => digest::show(&settings()?, options, output),
        Command::Units { command } => units::units(&arguments.config, command, &who(), output),
        Command::Users { command } => users::users(command, output),
        Command::Waybills { command } => waybills::waybills(&settings()?, command, &who(), output),
        Command::Status => status::show(&settings()?, output),
        Command::Overview => overview::show(&settings()?, output),
        Command::Partners => overview::partners(&settings()?, &who(), output),
    }
}

fn run(settings: Settings) -> anyhow::Result<Exit> {
    telemetry::init(&settings.log)?;
    measures::install().context("failed to install the metrics")?;
    for warning in &settings.warnings {
        tracing::warn!(file = %warning.file, key = %warning.key, doubt = %warning.text, "a setting is doubtful");
    }
    runtime()?.block_on(async {
        let stop = CancellationToken::new();
        let signal = stop_signal()?;
        let asked = stop.clone();
        // A task of its own: however busy the daemon is, the signal is heard.
        let mut running = TaskTracker::new().spawn(crate::run::run(settings, stop));
        tokio::select! {
            ended = &mut running => return Ok(ended?.map(|()| Exit::Done)?),
            () = signal => asked.cancel(),
        }
        tracing::info!("asked to stop, draining");
        Ok(running.await?.map(|()| Exit::Done)?)
    })
}

/// Ends when the process is asked to stop: SIGTERM, or an interrupt at the terminal.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("failed to start the runtime")
}

/// What is said when there is no journal.
const NO_JOURNAL: &str = "không mở được sổ (journal); nếu chưa có, hãy chạy `lienthong run` trước";

fn report(settings: &Settings) -> anyhow::Result<JournalReport> {
    JournalReport::open(&settings.journal.path).context(NO_JOURNAL)
}

/// The journal for `who` to act on.
fn command_journal(settings: &Settings, who: &str) -> anyhow::Result<CommandJournal> {
    CommandJournal::open(settings, partners::build(&settings.accounts)?, who).context(NO_JOURNAL)
}

/// The journal's file when it is there; some commands work without one.
fn report_if_any(settings: &Settings) -> anyhow::Result<Option<JournalReport>> {
    let path: &Path = &settings.journal.path;
    if path.exists() { report(settings).map(Some) } else { Ok(None) }
}

/// How many lines at most, as it was typed.
fn limit_of(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Writes to standard error; nobody can be told when that fails.
fn complain(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}
