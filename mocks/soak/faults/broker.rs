//! The broker, and the network before it.

use super::Edge;
use anyhow::{Context as _, Result};
use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use private_broker::{Broker, Network};
use rand::Rng as _;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

const QUEUE: &str = "lienthong.dossier-events";

/// How long a queue may take to run empty before it is left as it is.
const DRAIN: Duration = Duration::from_secs(20);

/// A quorum queue counts its messages every five seconds; until then it tells the count before.
const COUNTED: Duration = Duration::from_secs(7);

#[derive(Clone, Copy)]
enum Trouble {
    ConnectionsClosed,
    ConsumerCancelled,
    ApplicationStopped,
    NodeKilled,
    MemoryAlarm,
    DiskAlarm,
    QueueDeleted,
    Cut,
    Network(&'static str, Network),
}

const TROUBLES: [Trouble; 15] = [
    Trouble::ConnectionsClosed,
    Trouble::ConnectionsClosed,
    Trouble::ConsumerCancelled,
    Trouble::ApplicationStopped,
    Trouble::NodeKilled,
    Trouble::MemoryAlarm,
    Trouble::DiskAlarm,
    Trouble::QueueDeleted,
    Trouble::Cut,
    Trouble::Network("black hole", Network::BLACK_HOLE),
    Trouble::Network("silent upwards", Network::UPWARD_SILENT),
    Trouble::Network("silent downwards", Network::DOWNWARD_SILENT),
    Trouble::Network("slow", Network::SLOW),
    Trouble::Network("accepts and hangs", Network::HANGING),
    Trouble::Network("refuses", Network::REFUSING),
];

/// Strikes until it is over.
pub(super) async fn strike(mut edge: Edge) -> Result<()> {
    let mut deck = Vec::new();
    while edge.waits(1_000, 6_000).await {
        let trouble = edge.draw(&mut deck, &TROUBLES);
        one(&mut edge, trouble).await?;
    }
    Ok(())
}

async fn one(edge: &mut Edge, trouble: Trouble) -> Result<()> {
    let stage = std::sync::Arc::clone(&edge.stage);
    let mut broker = stage.broker.lock().await;
    let struck = match trouble {
        Trouble::ConnectionsClosed => {
            broker.close_connections(&stage.vhost).await?;
            "connections closed"
        }
        Trouble::ConsumerCancelled => {
            broker.cancel_consumers(&stage.vhost).await?;
            "consumer cancelled"
        }
        Trouble::ApplicationStopped => {
            broker.stop_app().await?;
            edge.waits(0, 3_000).await;
            broker.start_app().await?;
            "application stopped"
        }
        Trouble::NodeKilled => {
            broker.kill_node().await?;
            edge.waits(0, 3_000).await;
            broker.start_again().await?;
            "node killed"
        }
        Trouble::MemoryAlarm => {
            broker.set_memory_alarm(true).await?;
            edge.waits(500, 5_000).await;
            broker.set_memory_alarm(false).await?;
            "memory alarm"
        }
        Trouble::DiskAlarm => {
            broker.set_disk_alarm(true).await?;
            edge.waits(500, 5_000).await;
            broker.set_disk_alarm(false).await?;
            "disk alarm"
        }
        Trouble::QueueDeleted if !delete_queue(edge, &broker).await? => return Ok(()),
        Trouble::QueueDeleted => "queue deleted",
        Trouble::Cut => {
            stage.proxy.cut();
            stage.tally.strike("network", "cut");
            return Ok(());
        }
        Trouble::Network(name, network) => {
            stage.proxy.set(network);
            if edge.chance.random_bool(0.5) || matches!(name, "accepts and hangs" | "refuses") {
                stage.proxy.cut();
            }
            edge.waits(500, 8_000).await;
            stage.proxy.heal();
            stage.tally.strike("network", name);
            return Ok(());
        }
    };
    stage.tally.strike("broker", struck);
    Ok(())
}

/// Deletes the queue when it is empty: with it goes what it has. False when it does not run empty.
async fn delete_queue(edge: &Edge, broker: &Broker) -> Result<bool> {
    let stage = &edge.stage;
    stage.desk.hold();
    let empty = runs_empty(edge, broker).await;
    let deleted = match empty {
        Ok(true) => timeout(DRAIN, delete(&stage.vhost.url))
            .await
            .context("the queue was not deleted")?
            .map(|()| true),
        other => other,
    };
    stage.desk.release();
    deleted
}

/// Whether nothing is in the queue, with a consumer or without: a count that was made since the desk fell quiet says so.
async fn runs_empty(edge: &Edge, broker: &Broker) -> Result<bool> {
    let (stage, end) = (&edge.stage, Instant::now() + DRAIN);
    let mut quiet_since = None;
    while Instant::now() < end && !edge.over.is_cancelled() {
        let since = *quiet_since.get_or_insert_with(Instant::now);
        if !stage.desk.is_quiet() {
            quiet_since = None;
        } else if since.elapsed() >= COUNTED {
            let vhost = stage.vhost.name.as_str();
            let listing = ["list_queues", "--quiet", "--no-table-headers", "-p", vhost, "name", "messages"];
            let listed = broker.ctl(&listing).await?;
            if listed.lines().any(|line| line.split_whitespace().eq([QUEUE, "0"])) {
                return Ok(true);
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(false)
}

async fn delete(url: &str) -> Result<()> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let unless_used = QueueDeleteOptions { if_empty: false, ..QueueDeleteOptions::default() };
    channel.queue_delete(QUEUE.into(), unless_used).await.context("failed to delete the queue")?;
    Ok(connection.close(200, "deleted".into()).await?)
}
