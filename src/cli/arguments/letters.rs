//! Arguments of the commands that act on dead letters, lanes and tasks of the desk.

use super::PersonsOptions;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// List them by cause
    List {
        /// Every single one, oldest first
        #[arg(long)]
        all: bool,
        /// Every single one of this group
        #[arg(long, value_name = "GROUP", conflicts_with = "all")]
        group: Option<String>,
        /// How many single ones at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show one with its attempts and what can be done
    Show {
        /// Its handoff id
        handoff: String,
        /// Show names, phones, addresses and the partner's words unmasked
        #[arg(long)]
        personal: bool,
    },
    /// List what partners may have, with what the post office asks for on the telephone
    Uncertain {
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Whether persons are shown
        #[command(flatten)]
        persons: PersonsOptions,
    },
    /// Send them again under the same key: single ones, or a whole group
    Replay(ReplayOptions),
    /// End one because the partner has it, as somebody found out
    Resolve(ResolveOptions),
    /// End them by hand: nothing more is done
    Dismiss {
        /// Their handoff ids
        #[arg(required = true)]
        handoffs: Vec<String>,
        /// Why; names no person
        #[arg(long)]
        reason: String,
    },
    /// Take dismissals back, as long as nothing later rests on them
    Reopen {
        /// Their handoff ids
        #[arg(required = true)]
        handoffs: Vec<String>,
        /// Why; names no person
        #[arg(long)]
        reason: Option<String>,
    },
    /// Show the newest bulk replays, or one with all its handoffs
    Tasks {
        /// Number of one
        task: Option<i64>,
        /// How many at most
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Stop a bulk replay: no further batch is begun
    Stop {
        /// Its number
        task: i64,
        /// Why; names no person
        #[arg(long)]
        reason: Option<String>,
    },
}

/// What to send again, and how.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["handoffs", "group"])))]
pub struct ReplayOptions {
    /// Their handoff ids
    pub handoffs: Vec<String>,
    /// All of this group, as a task that the daemon moves forward in growing batches
    #[arg(long, value_name = "GROUP", conflicts_with_all = ["not_there", "replan", "edit"])]
    pub group: Option<String>,
    /// The partner was asked and does not have it: needed for what it may have
    #[arg(long)]
    pub not_there: bool,
    /// Plan the content anew from the newest snapshot, with the present tables
    #[arg(long, conflicts_with = "edit")]
    pub replan: bool,
    /// Patch the content: a file with a JSON merge patch or a JSON Patch of what `show --personal` shows
    #[arg(long, value_name = "FILE", requires = "reason")]
    pub edit: Option<PathBuf>,
    /// Why; names no person
    #[arg(long)]
    pub reason: Option<String>,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
    /// Show the changes unmasked
    #[arg(long)]
    pub personal: bool,
}

/// What somebody found out.
#[derive(Debug, Args)]
pub struct ResolveOptions {
    /// Its handoff id
    pub handoff: String,
    /// Number under which the partner has it: a waybill, or our order number
    #[arg(long, value_name = "NUMBER")]
    pub partner_number: String,
    /// Who was asked, and what was said; names no citizen
    #[arg(long)]
    pub reason: Option<String>,
    /// Stand by it although a look-up says otherwise
    #[arg(long, requires = "reason")]
    pub unchecked: bool,
}

/// A partner's lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LaneOf {
    /// Vietnam Post.
    Post,
    /// The portal.
    Portal,
    /// The commune's own system.
    Commune,
}

/// What to do with lanes.
#[derive(Debug, Subcommand)]
pub enum LaneCommand {
    /// Show both lanes of a dossier: what waits, and for what
    Show {
        /// The dossier's code, or `phieu:` and the number of its slip
        dossier: String,
    },
    /// Send nothing of a dossier until released
    Pause {
        /// The dossier's code, or `phieu:` and the number of its slip
        dossier: String,
        /// Only to this partner
        #[arg(long)]
        partner: Option<LaneOf>,
        /// Why; names no person
        #[arg(long)]
        reason: String,
        /// Until when: a duration ("2h"), or a time in Việt Nam; else until released
        #[arg(long, value_name = "WHEN")]
        until: Option<String>,
    },
    /// End the pause of a dossier's lanes
    Release {
        /// The dossier's code, or `phieu:` and the number of its slip
        dossier: String,
        /// Only of this partner
        #[arg(long)]
        partner: Option<LaneOf>,
    },
    /// End the head of a lane by hand, so that what stands behind it goes on
    Skip {
        /// Its handoff id
        handoff: String,
        /// Why; names no person
        #[arg(long)]
        reason: String,
        /// The partner was asked and does not have it: needed for an order that it may have
        #[arg(long)]
        not_there: bool,
    },
}

/// What to do with tasks of the desk.
#[derive(Debug, Subcommand)]
pub enum DeskTasksCommand {
    /// List the open ones, oldest first
    List {
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Close them: what they ask for is done
    Close {
        /// Their numbers
        #[arg(required = true)]
        tasks: Vec<i64>,
        /// What was done; names no person
        #[arg(long)]
        reason: String,
    },
}
