//! The MyVNPost mock as a program: prints its address and serves until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use mock_myvnpost::{CancelEnds, CancelForm, Config, Customer, DateForm, Mock, ReasonMember};

/// Plays Vietnam Post's MyVNPost customer API; see mocks/README.md.
#[derive(Parser)]
struct Args {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Account that may ask for a token, as code:username:password; repeat for more
    #[arg(long = "customer", value_parser = read_customer)]
    customers: Vec<Customer>,
    /// What stands before every path, as in /customer-partner
    #[arg(long, default_value = "")]
    prefix: String,
    /// Seconds that a token lives
    #[arg(long, default_value_t = 3600)]
    token_seconds: u64,
    /// HTTP status for a dead token: 401 and 403 occur
    #[arg(long, default_value_t = 401)]
    dead_token: u16,
    /// Answer a create with the record inside data
    #[arg(long)]
    record_in_data: bool,
    /// Member that has an error's reason
    #[arg(long, value_enum, default_value = "message")]
    reason_member: ReasonMember,
    /// How moments are written
    #[arg(long, value_enum, default_value = "slashes")]
    dates: DateForm,
    /// Answer a cancel with a list of one
    #[arg(long)]
    cancel_as_list: bool,
    /// Begin the members of a cancel's answer with a small letter
    #[arg(long)]
    cancel_in_small_letters: bool,
    /// What a cancel before collection comes to
    #[arg(long, value_enum, default_value = "accepted")]
    cancel_ends: CancelEnds,
    /// Milliseconds after which every open order moves one step; without it by command only
    #[arg(long)]
    advance_every_ms: Option<u64>,
    /// Milliseconds after which an unused connection is closed
    #[arg(long)]
    idle_ms: Option<u64>,
}

fn read_customer(text: &str) -> Result<Customer, String> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(code), Some(username), Some(password)) => Ok(Customer::new(code, username, password)),
        (_, _, _) => Err("write code:username:password".to_owned()),
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    let mut config = Config {
        listen: args.listen,
        idle: args.idle_ms.map(Duration::from_millis),
        prefix: args.prefix,
        token_life: Duration::from_secs(args.token_seconds),
        dead_token: args.dead_token,
        record_in_data: args.record_in_data,
        reason_member: args.reason_member,
        dates: args.dates,
        cancel_form: CancelForm { as_list: args.cancel_as_list, small_letters: args.cancel_in_small_letters },
        cancel_ends: args.cancel_ends,
        advance_every: args.advance_every_ms.map(Duration::from_millis),
        ..Config::default()
    };
    if !args.customers.is_empty() {
        config.customers = args.customers;
    }
    mock_kit::serve_until_signal(Mock::start(config).await?).await
}
