//! Arguments of `users`.

use clap::Subcommand;

/// What to do for the users of the desk.
#[derive(Debug, Subcommand)]
pub enum UsersCommand {
    /// Hash a password, read from standard input, for the configuration
    Hash {
        /// Make a token for a program instead: shown once, with its hash
        #[arg(long)]
        token: bool,
    },
}
