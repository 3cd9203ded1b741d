//! The command line of `figures`.

use crate::journal::report::FigureList;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use std::path::PathBuf;

/// Which figures to show.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct FiguresOptions {
    /// What else to do
    #[command(subcommand)]
    pub command: Option<FiguresCommand>,
    /// This agency only
    #[arg(long, value_name = "CODE")]
    pub agency: Option<String>,
    /// A month, quarter or year: 2026-11, 2026-Q4, 2026; else this month
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["from", "to"])]
    pub period: Option<String>,
    /// First day ("2026-11-01")
    #[arg(long, value_name = "DAY", requires = "to")]
    pub from: Option<Date>,
    /// Last day
    #[arg(long, value_name = "DAY", requires = "from")]
    pub to: Option<Date>,
    /// The dossiers that the portal has not acknowledged, with reason and who must act
    #[arg(long)]
    pub missing: bool,
    /// The dossiers or orders behind one figure
    #[arg(long, value_name = "FIGURE", value_parser = lists(), conflicts_with = "missing")]
    pub list: Option<String>,
    /// As CSV that Excel opens
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Lines of a list at most
    #[arg(long, default_value_t = 1000)]
    pub limit: usize,
}

/// What else to do with figures.
#[derive(Debug, Subcommand)]
pub enum FiguresCommand {
    /// Take over how many dossiers each agency received according to the national report
    Import {
        /// CSV with the columns agency, period, received
        file: PathBuf,
        /// Why; the audit shows it
        #[arg(long)]
        reason: Option<String>,
    },
}

fn lists() -> PossibleValuesParser {
    PossibleValuesParser::new(FigureList::ALL.map(FigureList::name))
}
