//! Starts a private RabbitMQ, prints its AMQP URL, and ends with Ctrl-C.
//!
//! For developers who want to look at a broker that is like the tests' own. The broker is the process's shared one, so
//! the test that kills this program also proves the end of the brokers that test binaries share.

use std::io::Write as _;

use anyhow::Result;
use private_broker::Broker;

#[tokio::main]
async fn main() -> Result<()> {
    let vhost = Broker::shared().await?.new_vhost().await?;
    writeln!(std::io::stdout(), "{}", vhost.url)?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}
