//! The catalogue mock as a program: prints its address and serves until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use mock_units::{Config, Mock, Unit};

/// Plays the statistics office's catalogue of administrative units; see mocks/README.md.
#[derive(Parser)]
struct Args {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Path of the service
    #[arg(long, default_value = "/DMDVHC.asmx")]
    path: String,
    /// File with one unit a line: code, name, province code, first day, last day, with tabs between; # begins a comment
    #[arg(long)]
    units: Option<PathBuf>,
    /// Element around the rows: sources say NewDataSet and DocumentElement
    #[arg(long, default_value = "NewDataSet")]
    root: String,
    /// Write names with other capitals and stray blanks, as the real catalogue does
    #[arg(long)]
    untidy: bool,
}

fn read(path: &PathBuf) -> std::io::Result<Vec<Unit>> {
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(|line| Unit::read(line).map_err(std::io::Error::other)).collect()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    let mut config = Config {
        listen: args.listen,
        path: args.path,
        root: args.root,
        untidy: args.untidy,
        ..Config::default()
    };
    if let Some(path) = &args.units {
        config.units = read(path)?;
    }
    mock_kit::serve_until_signal(Mock::start(config).await?).await
}
