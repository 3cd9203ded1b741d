//! Moves bulk replays forward, as long as there are any.
//!
//! The tasks stand in the journal, made by a command; this loop only asks the journal for the next step. It keeps
//! nothing: after a restart the next round goes on where the last one ended.

use crate::clock;
use crate::journal::Journal;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks while a task runs: a batch is over when its calls are.
const RUNNING: Duration = Duration::from_millis(200);

/// Between two looks while none runs.
const IDLE: Duration = Duration::from_secs(1);

/// Runs until `stop`.
pub(crate) async fn run(journal: Arc<Journal>, stop: CancellationToken) {
    loop {
        let running = match journal.advance_replays(clock::now()).await {
            Ok(running) => running,
            Err(error) => {
                tracing::error!(error = error.told(), "failed to move bulk replays forward");
                false
            }
        };
        let wait = if running { RUNNING } else { IDLE };
        if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
            return;
        }
    }
}
