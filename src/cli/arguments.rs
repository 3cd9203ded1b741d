//! The command line.

mod digest;
mod figures;
mod letters;
mod orders;
mod persons;
mod reconcile;
mod units;
mod users;
mod waybills;

pub(super) use digest::DigestOptions;
pub(super) use figures::{FiguresCommand, FiguresOptions};
pub(super) use letters::{
    DeadLettersCommand, DeskTasksCommand, LaneCommand, LaneOf, ReplayOptions, ResolveOptions,
};

pub(super) use orders::{OrdersOptions, ParcelsOptions, SlipOptions};
pub(super) use persons::PersonsOptions;
pub(super) use reconcile::{CompareOptions, ReconcileCommand};
pub(super) use units::{UnitsCommand, WriteOptions};

pub(super) use users::UsersCommand;

pub(super) use waybills::{ImportOptions, StateOf, WaybillsCommand};

use super::Exit;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use lienthong_commune::{FAMILIES, Family};
use std::path::PathBuf;

/// Integration gateway between a commune's one-stop desk, Vietnam Post and the National Public Service Portal.
#[derive(Debug, Parser)]
#[command(name = "lienthong", version, about)]
pub struct Arguments {
    /// Configuration to read
    #[arg(
        long,
        global = true,
        env = "LIENTHONG_CONFIG",
        default_value = "config/gateway.toml",
        value_name = "FILE"
    )]
    pub config: PathBuf,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Act under this name, which the audit shows beside the user of the system
    #[arg(long = "as", global = true, value_name = "NAME")]
    pub acting_as: Option<String>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the gateway until SIGTERM or an interrupt, then drain
    Run,
    /// Read the configuration and show every problem
    Check {
        /// Also reach the broker and log in at every account
        #[arg(long)]
        connect: bool,
    },
    /// Show what one event would cause, with masked payloads; sends nothing
    Explain(ExplainOptions),
    /// Publish events from files to the broker, with confirms
    Publish(PublishOptions),
    /// Show everything about one dossier
    Dossier {
        /// Its code, `phieu:` and the number of its slip, the number of one of its orders, or a waybill
        code: String,
        /// Whether persons are shown
        #[command(flatten)]
        persons: PersonsOptions,
    },
    /// Find dossiers by what stands on a paper, never by a person
    Search {
        /// A dossier code or its beginning (8 characters), `phieu:` and a slip, an order number, or a waybill
        text: String,
    },
    /// Postal orders by where their parcels are, and how many each agency has; persons masked
    Orders(OrdersOptions),
    /// The hand-over slip of one agency's parcels, to print and sign; names persons
    Slip(SlipOptions),
    /// What stopped, is held, or may be at a partner
    DeadLetters {
        /// What to do with them
        #[command(subcommand)]
        command: DeadLettersCommand,
    },
    /// What one partner is still to be told of a dossier, in order
    Lane {
        /// What to do with it
        #[command(subcommand)]
        command: LaneCommand,
    },
    /// Tasks that the desk is asked to do
    DeskTasks {
        /// What to do with them
        #[command(subcommand)]
        command: DeskTasksCommand,
    },
    /// Show what operators did, oldest first
    Audit {
        /// Since when: a duration before now ("7d"), or a time in Việt Nam; else everything
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
        /// How many at most, the newest
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Messages that could not be taken in
    Quarantine {
        /// What to do with them
        #[command(subcommand)]
        command: QuarantineCommand,
    },
    /// Send nothing to a partner or through an account until resumed
    Pause(PauseOptions),
    /// End a pause, or the block of an account
    Resume {
        /// post, portal, or the name of an account
        #[arg(value_name = "PARTNER-OR-ACCOUNT")]
        scope: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Compare both sides, and have what differs repaired
    Reconcile {
        /// What to do about both sides
        #[command(subcommand)]
        command: ReconcileCommand,
    },
    /// Show the figures of Decision 766/QĐ-TTg: sync rate, on time, supplements, parcels, cash
    Figures(FiguresOptions),
    /// What failed on a day, what of it healed by itself, what by hand, and what is still open
    Digest(DigestOptions),
    /// The table of administrative units
    Units {
        /// What to do with it
        #[command(subcommand)]
        command: UnitsCommand,
    },
    /// Users of the operator's desk
    Users {
        /// What to do for them
        #[command(subcommand)]
        command: UsersCommand,
    },
    /// Waybills that the post gave beforehand
    Waybills {
        /// What to do with them
        #[command(subcommand)]
        command: WaybillsCommand,
    },
    /// Show how everything stands
    Status,
    /// Show what the first page shows: lamps, alarms, what is not called, today's counts
    Overview,
    /// Show the partners' accounts: limits, schedule, what holds them up, what will run out
    Partners,
    /// Print the schema of events: JSON Schema, or XSD; or that of outcomes
    Schema {
        /// The XML schema instead
        #[arg(long)]
        xsd: bool,
        /// The schema of what the commune's system is told
        #[arg(long, conflicts_with = "xsd")]
        outcomes: bool,
    },
}

/// Which event to explain.
#[derive(Debug, Args)]
pub struct ExplainOptions {
    /// File with one event; - reads standard input
    pub file: PathBuf,
    /// Content type, when the file's name does not tell it
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// How it is written
    #[command(flatten)]
    pub dialect: DialectOptions,
    /// Show names, phones, addresses and numbers unmasked
    #[arg(long)]
    pub personal: bool,
}

/// What to publish.
#[derive(Debug, Args)]
pub struct PublishOptions {
    /// Files with events: .json, .jsonl or .xml
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Publish what cannot be read, too, as it is
    #[arg(long)]
    pub raw: bool,
    /// How they are written
    #[command(flatten)]
    pub dialect: DialectOptions,
}

/// How events are written, where their names do not tell it.
#[derive(Debug, Args)]
pub struct DialectOptions {
    /// cloudevents, or opencps: dossiers as OpenCPS has them; else what the configuration says of the queue
    #[arg(long, value_name = "DIALECT", value_parser = family)]
    pub dialect: Option<Family>,
    /// Source of OpenCPS's dossiers, when their agency does not tell it
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
}

fn family(word: &str) -> Result<Family, String> {
    let known = FAMILIES.iter().find(|(known, _)| *known == word).map(|(_, family)| *family);
    known.ok_or_else(|| {
        let words: Vec<&str> = FAMILIES.iter().map(|(word, _)| *word).collect();
        format!("write one of {}", words.join(", "))
    })
}

/// What to do with the quarantine.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// List the newest
    List {
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show one
    Show {
        /// Its number
        id: i64,
        /// Show its bytes, which may name persons
        #[arg(long)]
        personal: bool,
    },
}

/// What to pause.
#[derive(Debug, Args)]
pub struct PauseOptions {
    /// post, portal, or the name of an account
    #[arg(value_name = "PARTNER-OR-ACCOUNT")]
    pub scope: String,
    /// Until when: a duration ("2h"), or a time in Việt Nam ("2022-09-15T17:00"); else until resumed
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Why; everybody who asks for the status reads it
    #[arg(long)]
    pub reason: String,
}

impl Arguments {
    /// Reads the command line of this process; a wrong one ends it with exit code 2.
    pub fn of_process() -> Self {
        let command = Self::command().after_help(exit_codes());
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

/// The exit codes as the help shows them.
fn exit_codes() -> String {
    let lines = Exit::ALL.map(|(exit, meaning)| format!("  {}  {meaning}", exit.code()));
    format!("Exit codes:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_shows_every_exit_code() {
        let help = Arguments::command().after_help(exit_codes()).render_help().to_string();
        for (exit, meaning) in Exit::ALL {
            assert!(help.contains(&format!("{}  {meaning}", exit.code())), "{help}");
        }
    }

    #[test]
    fn the_document_names_every_command_and_exit_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md");
        let document = std::fs::read_to_string(path).unwrap();
        for (exit, meaning) in Exit::ALL {
            assert!(document.contains(&format!("| {} | {meaning} |", exit.code())), "{exit:?}");
        }
        for command in Arguments::command().get_subcommands() {
            let name = command.get_name();
            let inner: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
            let names = if inner.is_empty() {
                vec![format!("| `{name}")]
            } else {
                inner.iter().map(|inner| format!("| `{name} {inner}")).collect()
            };
            for name in names {
                assert!(document.contains(&name), "{name}");
            }
        }
    }
}
