//! The post mock as a program: prints its address and serves until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use mock_post::{Config, Customer, Mock, Step};

/// Plays Vietnam Post's NGSP order API; see mocks/README.md.
#[derive(Parser)]
struct Args {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Account that may ask for a token, as code:key:secret; repeat for more
    #[arg(long = "customer", value_parser = read_customer)]
    customers: Vec<Customer>,
    /// Seconds that a token lives
    #[arg(long, default_value_t = 3600)]
    token_seconds: u64,
    /// Postal provinces that exist, separated by commas; without it 1 to 99
    #[arg(long, value_delimiter = ',')]
    provinces: Vec<i64>,
    /// Refuse a second create under the same number
    #[arg(long)]
    number_unique: bool,
    /// Say nothing of an order in the feed before it is collected
    #[arg(long)]
    feed_silent: bool,
    /// Write Status as a text
    #[arg(long)]
    status_as_text: bool,
    /// StatusCode of "delivered": sources say 4 or 5
    #[arg(long, default_value_t = 4)]
    delivered_code: i64,
    /// Milliseconds after which every open order moves one step; without it by command only
    #[arg(long)]
    advance_every_ms: Option<u64>,
    /// Path of the token call
    #[arg(long, default_value = "/token")]
    token_path: String,
    /// Path of the create
    #[arg(long, default_value = "/ngsp/orders")]
    order_path: String,
    /// Path of the cancel
    #[arg(long, default_value = "/ngsp/orders/cancel")]
    cancel_path: String,
    /// Path of the tracking feed
    #[arg(long, default_value = "/ngsp/orders/tracking")]
    tracking_path: String,
    /// Milliseconds after which an unused connection is closed
    #[arg(long)]
    idle_ms: Option<u64>,
}

fn read_customer(text: &str) -> Result<Customer, String> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(code), Some(key), Some(secret)) => Ok(Customer::new(code, key, secret)),
        (_, _, _) => Err("write code:key:secret".to_owned()),
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    let mut config = Config {
        listen: args.listen,
        idle: args.idle_ms.map(Duration::from_millis),
        token_path: args.token_path,
        order_path: args.order_path,
        cancel_path: args.cancel_path,
        tracking_path: args.tracking_path,
        token_life: Duration::from_secs(args.token_seconds),
        provinces: (!args.provinces.is_empty()).then(|| args.provinces.into_iter().collect()),
        number_unique: args.number_unique,
        feed_silent: args.feed_silent,
        status_as_text: args.status_as_text,
        advance_every: args.advance_every_ms.map(Duration::from_millis),
        ..Config::default()
    };
    if let Some(wire) = config.wire_codes.get_mut(&Step::Delivered) {
        wire.code = args.delivered_code;
    }
    if !args.customers.is_empty() {
        config.customers = args.customers;
    }
    mock_kit::serve_until_signal(Mock::start(config).await?).await
}
