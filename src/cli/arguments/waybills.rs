//! The command line of `waybills`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What to do with the pools of waybills.
#[derive(Debug, Subcommand)]
pub enum WaybillsCommand {
    /// Bring waybills that the post gave into the pool of an account
    Import(ImportOptions),
    /// List waybills, in their order
    List {
        /// Of one account
        #[arg(long, value_name = "ACCOUNT")]
        account: Option<String>,
        /// Where they stand
        #[arg(long, default_value = "bound")]
        state: StateOf,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show how many each account has left, and which orders wait for one
    Status,
    /// Take free waybills out of the pool for ever
    Retire {
        /// Which
        #[arg(required = true, value_name = "WAYBILL")]
        waybills: Vec<String>,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// What to import.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// File with one waybill a line; lines that begin with # are passed by
    #[arg(required_unless_present = "range", conflicts_with = "range")]
    pub file: Option<PathBuf>,
    /// First and last waybill, with or without their check digits
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    pub range: Option<Vec<String>>,
    /// Whose pool
    #[arg(long, value_name = "ACCOUNT")]
    pub account: String,
}

/// Where waybills stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StateOf {
    /// For the next order
    Free,
    /// An order's
    Bound,
    /// Never used any more
    Retired,
}
