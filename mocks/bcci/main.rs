//! The mock with waybills as a program: prints its address and serves until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use mock_bcci::{Config, Customer, Direct, Flavour, Lgsp, Mock, Range};

/// Plays Vietnam Post's order interface with waybills; see mocks/README.md.
#[derive(Parser)]
struct Args {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where the interface stands
    #[arg(long, value_enum, default_value = "direct")]
    flavour: Place,
    /// Account, as code:access_token:key:secret; an empty token lets everybody in; repeat for more
    #[arg(long = "customer", value_parser = read_customer)]
    customers: Vec<Customer>,
    /// Waybills of every customer, as CH:10020000:10020999; repeat for more
    #[arg(long = "range", value_parser = read_range)]
    ranges: Vec<Range>,
    /// Seconds that a token of the bus lives
    #[arg(long, default_value_t = 3600)]
    token_seconds: u64,
    /// HTTP status of what was taken
    #[arg(long, default_value_t = 200)]
    done_status: u16,
    /// Say nothing of an order in the feed before it is collected
    #[arg(long)]
    feed_silent: bool,
    /// Milliseconds after which every open order moves one step; without it by command only
    #[arg(long)]
    advance_every_ms: Option<u64>,
    /// Milliseconds after which an unused connection is closed
    #[arg(long)]
    idle_ms: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Place {
    /// At the post itself
    Direct,
    /// Behind a provincial bus
    Lgsp,
}

fn read_customer(text: &str) -> Result<Customer, String> {
    let mut parts = text.splitn(4, ':').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(code), Some(token), Some(key), Some(secret)) => {
            let access_token = (!token.is_empty()).then_some(token);
            Ok(Customer { code, access_token, key, secret, ..Customer::default() })
        }
        (_, _, _, _) => Err("write code:access_token:key:secret".to_owned()),
    }
}

fn read_range(text: &str) -> Result<Range, String> {
    let mut parts = text.splitn(3, ':');
    let service = parts.next().unwrap_or_default();
    let mut number = || parts.next().and_then(|part| part.parse().ok());
    match (number(), number()) {
        (Some(from), Some(to)) => Ok(Range::new(service, from, to)),
        (_, _) => Err("write letters:first:last, each of eight digits".to_owned()),
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    let flavour = match args.flavour {
        Place::Direct => Flavour::Direct(Direct::default()),
        Place::Lgsp => {
            Flavour::Lgsp(Lgsp { token_life: Duration::from_secs(args.token_seconds), ..Lgsp::default() })
        }
    };
    let mut config = Config {
        listen: args.listen,
        idle: args.idle_ms.map(Duration::from_millis),
        flavour,
        feed_silent: args.feed_silent,
        done_status: args.done_status,
        advance_every: args.advance_every_ms.map(Duration::from_millis),
        ..Config::default()
    };
    if !args.customers.is_empty() {
        config.customers = args.customers;
    }
    if !args.ranges.is_empty() {
        config.customers.iter_mut().for_each(|customer| customer.ranges.clone_from(&args.ranges));
    }
    mock_kit::serve_until_signal(Mock::start(config).await?).await
}
