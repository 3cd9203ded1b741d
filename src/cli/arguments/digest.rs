//! The command line of `digest`.

use clap::Args;
use jiff::civil::Date;

/// Which digest to show.
#[derive(Debug, Args)]
pub struct DigestOptions {
    /// A day in Việt Nam that has begun ("2026-11-20"); else yesterday
    #[arg(long, value_name = "DAY")]
    pub day: Option<Date>,
    /// This agency only
    #[arg(long, value_name = "CODE")]
    pub agency: Option<String>,
}
