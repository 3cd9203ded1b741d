//! The command line of `reconcile`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use lienthong_core::reconcile::Kind;
use std::path::PathBuf;

/// What to do about both sides.
#[derive(Debug, Subcommand)]
pub enum ReconcileCommand {
    /// Compare orders with what the post shows
    Post(CompareOptions),
    /// Compare records with what the portal has
    Portal {
        /// What to compare
        #[command(flatten)]
        compare: CompareOptions,
        /// Compare exactly the codes of this file instead, one a line or a column of a CSV; needs --agency
        #[arg(long, value_name = "FILE", requires = "agency", conflicts_with_all = ["from", "to"])]
        list: Option<PathBuf>,
        /// Name of the CSV's column
        #[arg(long, value_name = "NAME", requires = "list")]
        column: Option<String>,
    },
    /// List the newest comparisons
    List {
        /// How many at most
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show one: what it found, and what repairs it
    Show {
        /// Its number
        run: i64,
        /// One kind only
        #[arg(long, value_parser = kinds())]
        kind: Option<String>,
        /// Also write the findings to this file, as CSV that Excel opens
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
    },
    /// Have what it found repaired
    Repair {
        /// Its number
        run: i64,
        /// One kind only
        #[arg(long, value_parser = kinds())]
        kind: Option<String>,
        /// Why; the audit shows it
        #[arg(long)]
        reason: Option<String>,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Ask nobody any more
    Stop {
        /// Its number
        run: i64,
        /// Why; the audit shows it
        #[arg(long)]
        reason: Option<String>,
    },
}

/// What is compared.
#[derive(Debug, Args)]
pub struct CompareOptions {
    /// This agency only
    #[arg(long, value_name = "CODE")]
    pub agency: Option<String>,
    /// First day ("2022-09-01"); else the days of the nightly comparison
    #[arg(long, value_name = "DAY")]
    pub from: Option<Date>,
    /// Last day; else today
    #[arg(long, value_name = "DAY")]
    pub to: Option<Date>,
    /// Begin it and show its number, without waiting for its end
    #[arg(long)]
    pub detach: bool,
}

fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name))
}
