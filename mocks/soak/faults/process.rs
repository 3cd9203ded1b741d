//! The process: killed at any moment, in its start, too; asked to stop; started again.

use super::Edge;
use crate::gateway::USUAL_FLOOR;
use anyhow::Result;
use rand::Rng as _;

/// Strikes until it is over.
pub(super) async fn strike(mut edge: Edge) -> Result<()> {
    while edge.waits(4_000, 30_000).await {
        let stage = std::sync::Arc::clone(&edge.stage);
        let mut gateway = stage.gateway.hold().await;
        if edge.chance.random_bool(0.35) {
            gateway.stop().await?;
            edge.waits(0, 1_500).await;
            gateway.start(USUAL_FLOOR)?;
            stage.tally.strike("process", "SIGTERM");
            continue;
        }
        gateway.kill().await?;
        stage.tally.strike("process", "kill -9");
        edge.waits(0, 1_500).await;
        gateway.start(USUAL_FLOOR)?;
        while edge.chance.random_bool(0.3) {
            edge.waits(0, 600).await;
            gateway.kill().await?;
            stage.tally.strike("process", "kill -9 in its start");
            gateway.start(USUAL_FLOOR)?;
        }
    }
    Ok(())
}
