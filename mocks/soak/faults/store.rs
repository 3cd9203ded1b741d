//! The journal: somebody else holds SQLite's lock for writing, shorter and longer than the gateway waits for it; and a
//! disk that is nearly full, which is played by a floor that no disk has.

use super::Edge;
use crate::gateway::{ENDLESS_FLOOR, USUAL_FLOOR};
use anyhow::{Context as _, Result};
use rand::Rng as _;
use rusqlite::Connection;
use std::time::Duration;

/// The gateway's own patience with a lock is 10 s.
const LONG: std::ops::RangeInclusive<u64> = 10_500..=14_000;
const SHORT: std::ops::RangeInclusive<u64> = 50..=5_000;

/// Strikes until it is over.
pub(super) async fn strike(mut edge: Edge) -> Result<()> {
    while edge.waits(4_000, 15_000).await {
        match edge.chance.random_range(0..10) {
            0..6 => lock(&mut edge, "lock held", SHORT).await?,
            6..8 => lock(&mut edge, "lock held for long", LONG).await?,
            _disk => fill(&mut edge).await?,
        }
    }
    Ok(())
}

async fn lock(edge: &mut Edge, name: &str, ms: std::ops::RangeInclusive<u64>) -> Result<()> {
    let (least, most) = (*ms.start(), *ms.end());
    let journal = Connection::open(edge.stage.gateway.journal_file())?;
    journal.busy_timeout(Duration::from_secs(5))?;
    if journal.execute_batch("BEGIN IMMEDIATE").is_err() {
        // Others are busy with it: next time.
        return Ok(());
    }
    edge.waits(least, most).await;
    journal.execute_batch("ROLLBACK").context("failed to let go of the journal")?;
    edge.stage.tally.strike("store", name);
    Ok(())
}

async fn fill(edge: &mut Edge) -> Result<()> {
    let stage = std::sync::Arc::clone(&edge.stage);
    let mut gateway = stage.gateway.hold().await;
    gateway.kill().await?;
    gateway.start(ENDLESS_FLOOR)?;
    edge.waits(1_000, 5_000).await;
    gateway.kill().await?;
    gateway.start(USUAL_FLOOR)?;
    stage.tally.strike("store", "disk nearly full");
    Ok(())
}
