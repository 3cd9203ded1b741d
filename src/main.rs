//! The program `lienthong`: reads the command line and runs one command.

use lienthong::cli::{self, Arguments};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(&Arguments::of_process())
}
