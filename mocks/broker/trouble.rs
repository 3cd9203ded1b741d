//! Trouble that a broker meets in a year: alarms, closed connections, cancelled consumers. Stopping and killing the node
//! stand in `broker.rs`, a bad network in `proxy.rs`.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};

use crate::broker::{Broker, Vhost};

/// RabbitMQ's default watermark, in parts of the machine's memory.
const USUAL_WATERMARK: &str = "0.4";

/// What the node's configuration says (`node.rs`).
const USUAL_DISK_LIMIT: &str = "50MB";

impl Broker {
    /// Where the node accepts AMQP.
    ///
    /// # Errors
    ///
    /// Never for a node that was prepared: its URL has a port.
    pub fn address(&self) -> Result<SocketAddr> {
        let port = url::Url::parse(&self.amqp_url("/"))?.port().context("a private broker has a port")?;
        Ok((Ipv4Addr::LOCALHOST, port).into())
    }

    /// Closes every connection of a virtual host, as an operator does before maintenance.
    ///
    /// # Errors
    ///
    /// As [`Broker::ctl`].
    pub async fn close_connections(&self, vhost: &Vhost) -> Result<()> {
        self.ctl(&["close_all_connections", "--vhost", &vhost.name, "maintenance"]).await.map(drop)
    }

    /// Raises the memory alarm, or ends it: connections that publish are blocked, those that consume go on.
    ///
    /// # Errors
    ///
    /// As [`Broker::ctl`].
    pub async fn set_memory_alarm(&self, on: bool) -> Result<()> {
        let watermark = if on { "0.0001" } else { USUAL_WATERMARK };
        self.ctl(&["set_vm_memory_high_watermark", watermark]).await.map(drop)
    }

    /// Raises the disk alarm, or ends it: as the memory alarm. The node looks at its disk at once, and again every few
    /// seconds.
    ///
    /// # Errors
    ///
    /// As [`Broker::ctl`].
    pub async fn set_disk_alarm(&self, on: bool) -> Result<()> {
        let limit = if on { "100000GB" } else { USUAL_DISK_LIMIT };
        self.ctl(&["set_disk_free_limit", limit]).await.map(drop)
    }

    /// Cancels every consumer of a virtual host and leaves the queues as they are.
    ///
    /// By itself RabbitMQ does this only when a queue goes; so the consumers' channels are told to say what they would
    /// say then (`rabbit_channel:send_command`, there since 2.0): `basic.cancel` without waiting for an answer.
    ///
    /// # Errors
    ///
    /// As [`Broker::ctl`].
    pub async fn cancel_consumers(&self, vhost: &Vhost) -> Result<()> {
        let vhost = &vhost.name;
        let tell = format!(
            "[rabbit_channel:send_command(proplists:get_value(channel_pid, Consumer), \
              {{'basic.cancel', proplists:get_value(consumer_tag, Consumer), true}}) \
              || Consumer <- rabbit_amqqueue:consumers_all(<<\"{vhost}\">>)]."
        );
        self.ctl(&["eval", &tell]).await.map(drop)
    }
}
