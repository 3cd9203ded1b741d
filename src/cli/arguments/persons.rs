//! The command line of everything that shows persons only for a reason.

use clap::Args;

/// Whether persons are shown, and why.
#[derive(Debug, Args)]
pub struct PersonsOptions {
    /// Show names, phones and addresses unmasked; the audit of each dossier says so
    #[arg(long, requires = "reason")]
    pub personal: bool,
    /// Why persons must be seen; names no person
    #[arg(long, value_name = "TEXT", requires = "personal")]
    pub reason: Option<String>,
}
