//! The command line of `orders`.

use super::PersonsOptions;
use crate::journal::report::Tab;
use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::civil::Date;

/// Which orders are meant.
#[derive(Debug, Args)]
pub struct ParcelsOptions {
    /// Where the parcels are
    #[arg(long, default_value = Tab::Desk.name(), value_parser = states())]
    pub state: String,
    /// Only what has stood there since this day ("2022-09-15")
    #[arg(long, value_name = "DAY")]
    pub since: Option<Date>,
    /// Planned on this day at the earliest; else 90 days before the last, and 366 at most
    #[arg(long, value_name = "DAY")]
    pub from: Option<Date>,
    /// Planned on this day at the latest; else today
    #[arg(long, value_name = "DAY")]
    pub to: Option<Date>,
}

/// Which orders to show.
#[derive(Debug, Args)]
pub struct OrdersOptions {
    /// Which orders
    #[command(flatten)]
    pub parcels: ParcelsOptions,
    /// This agency only
    #[arg(long, value_name = "CODE")]
    pub agency: Option<String>,
    /// Which page of 50
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub page: usize,
    /// Whether persons are shown
    #[command(flatten)]
    pub persons: PersonsOptions,
}

/// Which hand-over slip to make.
#[derive(Debug, Args)]
pub struct SlipOptions {
    /// The agency that hands over, or is handed to
    #[arg(long, value_name = "CODE")]
    pub agency: String,
    /// Which orders
    #[command(flatten)]
    pub parcels: ParcelsOptions,
    /// Why persons must be seen; names no person, and stands in the audit of each dossier
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

fn states() -> PossibleValuesParser {
    PossibleValuesParser::new(Tab::ALL.map(Tab::name))
}
