//! Housekeeping: health and gauges, a store that is doubted, events behind gaps, payloads past their time.
//!
//! Each is a loop of its own, so that none waits for another: what is shown is true while a long erasure runs, or while
//! the store lets nobody write. Health and gauges are read over the reader's connection and delay no commit.

use crate::admin::Health;
use crate::clock;
use crate::holds::Holds;
use crate::journal::Journal;
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::outcome::ReasonCode;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often health is shown and waiting gaps are looked at.
const ROUND: Duration = Duration::from_secs(1);

/// Time between two erasures.
const ERASE_EVERY: Duration = Duration::from_secs(3600);

/// Starts the loops; they end when told to stop.
pub(crate) fn start(
    tasks: &TaskTracker,
    journal: &Arc<Journal>,
    health: &Arc<Health>,
    stop: &CancellationToken,
) {
    tasks.spawn(show(Arc::clone(journal), Arc::clone(health), stop.clone()));
    tasks.spawn(tell_holds(Arc::clone(journal), stop.clone()));
    tasks.spawn(probe(Arc::clone(journal), stop.clone()));
    tasks.spawn(release_gaps(Arc::clone(journal), stop.clone()));
    tasks.spawn(erase(Arc::clone(journal), stop.clone()));
}

async fn show(journal: Arc<Journal>, health: Arc<Health>, stop: CancellationToken) {
    loop {
        show_once(&journal, &health, clock::now()).await;
        if stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none() {
            return;
        }
    }
}

async fn show_once(journal: &Journal, health: &Health, now: Timestamp) {
    match journal.standing(now).await {
        Ok(standing) => {
            health.set("journal", standing.intake, now);
            for (account, reason) in &standing.accounts {
                let reason = reason.as_ref().map(ReasonCode::as_str);
                health.set(&format!("account:{account}"), reason, now);
            }
            for operation in standing.operations {
                let (account, kind) = (operation.account.to_string(), operation.kind.name());
                metrics::gauge!("lienthong_breaker_open", "account" => account, "operation" => kind)
                    .set(if operation.away { 1.0 } else { 0.0 });
            }
            for (state, count, oldest) in standing.handoffs {
                metrics::gauge!("lienthong_handoffs_open", "state" => state).set(count);
                metrics::gauge!("lienthong_handoff_oldest_seconds", "state" => state).set(oldest);
            }
        }
        Err(error) => {
            health.down("journal", reasons::STORE_FAILED, now);
            tracing::error!(error = error.told(), "failed to look after the journal");
        }
    }
    health.show_durations(now);
}

async fn tell_holds(journal: Arc<Journal>, stop: CancellationToken) {
    let mut holds = Holds::default();
    loop {
        if let Err(error) = holds.look(&journal, clock::now()).await {
            tracing::error!(error = error.told(), "failed to look for pauses");
        }
        if stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none() {
            return;
        }
    }
}

/// Finds out whether a store that failed works again; the writer tells of it.
async fn probe(journal: Arc<Journal>, stop: CancellationToken) {
    loop {
        if let Err(error) = journal.probe(clock::now()).await {
            tracing::debug!(error = error.told(), "the journal still cannot be written");
        }
        if stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none() {
            return;
        }
    }
}

async fn release_gaps(journal: Arc<Journal>, stop: CancellationToken) {
    loop {
        if let Err(error) = journal.release_gaps(clock::now()).await {
            tracing::error!(error = error.told(), "failed to release events from behind a gap");
        }
        if stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none() {
            return;
        }
    }
}

async fn erase(journal: Arc<Journal>, stop: CancellationToken) {
    loop {
        // Cut off by a stop, what was erased stays erased, and the next start goes on.
        let erased_and_waited = async {
            erase_once(&journal).await;
            tokio::time::sleep(ERASE_EVERY).await;
        };
        if stop.run_until_cancelled(erased_and_waited).await.is_none() {
            return;
        }
    }
}

async fn erase_once(journal: &Journal) {
    loop {
        match journal.erase(clock::now()).await {
            Ok(0) => return,
            Ok(payloads) => tracing::info!(payloads, "payloads were erased at the end of their time"),
            Err(error) => return tracing::error!(error = error.told(), "failed to erase payloads"),
        }
    }
}
