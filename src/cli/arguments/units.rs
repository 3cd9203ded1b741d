//! The command line of `units`.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use std::path::PathBuf;

/// What to do with the table of administrative units.
#[derive(Debug, Subcommand)]
pub enum UnitsCommand {
    /// Ask the statistics office which units there are, and bring the changes into the table
    Sync {
        /// The day to ask for, which the changes are dated with ("2026-07-01"); else today
        #[arg(long, value_name = "DAY")]
        date: Option<Date>,
        /// How to write
        #[command(flatten)]
        write: WriteOptions,
    },
    /// Bring a file into the table: rows with their own days, or a list of one day
    Import {
        /// CSV, or with tabs: the columns of the table, or code, name and province_code
        file: PathBuf,
        /// The day of a list, which the changes are dated with ("2026-07-01")
        #[arg(long, value_name = "DAY")]
        date: Option<Date>,
        /// How to write
        #[command(flatten)]
        write: WriteOptions,
    },
    /// Show which communes of the agencies lack a postal code, and what else the tables lack
    Check {
        /// On which day; else today
        #[arg(long, value_name = "DAY")]
        date: Option<Date>,
    },
}

/// How a change of a table is written.
#[derive(Debug, Args)]
pub struct WriteOptions {
    /// Show the changes and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write without asking
    #[arg(long)]
    pub yes: bool,
    /// Take a list in which unusually many units end, or that is empty
    #[arg(long, requires = "reason")]
    pub force: bool,
    /// Why; it is written into the table beside the change
    #[arg(long)]
    pub reason: Option<String>,
}
