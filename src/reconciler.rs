//! The reconciler: asks partners what they have, and moves comparisons and their repairs forward.
//!
//! It decides nothing and keeps nothing: which question is next, what an answer means and what follows stands in the
//! journal and the core. One question an account is under way at once, and a few in all; each passes the same gates as
//! every other call. Told to stop, it drops the questions under way: they only read at the partner, and are asked again.

use crate::clock;
use crate::config::settings::ReconcileSettings;
use crate::dispatcher::Gates;
use crate::journal::{Error, Journal, Query, Scope};
use crate::partners::Partners;
use jiff::SignedDuration;
use lienthong_core::ids::AccountName;
use lienthong_core::inspect::Inspected;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

/// Between two looks while nothing is to be done.
const IDLE: Duration = Duration::from_secs(1);

/// Questions under way at once, of all accounts: comparisons stand behind the day's work.
const AT_ONCE: usize = 8;

/// Compares both sides.
pub(crate) struct Reconciler {
    pub(crate) journal: Arc<Journal>,
    pub(crate) partners: Partners,
    pub(crate) gates: Arc<Gates>,
    pub(crate) settings: ReconcileSettings,
}

/// Questions under way, and through which account each is asked.
#[derive(Default)]
struct Asking {
    questions: JoinSet<()>,
    accounts: HashMap<Id, AccountName>,
}

impl Reconciler {
    /// Runs until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut asking = Asking::default();
        loop {
            let wait = match self.round(&mut asking).await {
                Ok(true) => Duration::ZERO,
                Ok(false) => IDLE,
                Err(error) => {
                    tracing::error!(error = error.told(), "failed to move comparisons of both sides forward");
                    IDLE
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                Some(ended) = asking.questions.join_next_with_id() => match ended {
                    Ok((id, ())) => drop(asking.accounts.remove(&id)),
                    Err(broken) => {
                        asking.accounts.remove(&broken.id());
                        tracing::error!("a question of a comparison broke off");
                        // What breaks at once would else be asked without end.
                        if stop.run_until_cancelled(tokio::time::sleep(IDLE)).await.is_none() {
                            return;
                        }
                    }
                },
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// One look: begins nights, takes a step, asks what may be asked. Says whether there is more to do at once.
    async fn round(&self, asking: &mut Asking) -> Result<bool, Error> {
        let now = clock::now();
        let by_night = self.settings.nightly && self.settings.off_peak.night(now).is_some();
        self.begin_nights().await?;
        let more = self.journal.advance_reconciliation(self.settings.automatic, now).await?;
        let busy: BTreeSet<AccountName> = asking.accounts.values().cloned().collect();
        let room = AT_ONCE.saturating_sub(busy.len());
        for query in self.journal.reconcile_queries(busy, room, by_night, now).await? {
            let Some(account) = self.partners.get(&query.account) else { continue };
            let (journal, gates, port) =
                (Arc::clone(&self.journal), Arc::clone(&self.gates), Arc::clone(&account.port));
            let name = account.name.clone();
            let handle = asking.questions.spawn(async move {
                let permit = gates.pass(&query.account).await;
                let inspected = port.inspect(&query.inspection).await;
                drop(permit);
                if let Err(error) = settle(&journal, query, inspected).await {
                    tracing::error!(error = error.told(), "failed to settle a question of a comparison");
                    tokio::time::sleep(IDLE).await;
                }
            });
            asking.accounts.insert(handle.id(), name);
        }
        Ok(more)
    }

    async fn begin_nights(&self) -> Result<(), Error> {
        let now = clock::now();
        let Some(night) = self.settings.off_peak.night(now).filter(|_| self.settings.nightly) else {
            return Ok(());
        };
        let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(jiff::Timestamp::MIN);
        for partner in &self.settings.partners {
            let scope = Scope {
                partner: *partner,
                agency: None,
                accounts: self.settings.accounts.clone(),
                from: before(SignedDuration::from_hours(24 * i64::from(self.settings.days))),
                to: now,
                visible_before: before(self.settings.visible_after),
                listed: None,
            };
            self.journal.begin_night(scope, night, now).await?;
        }
        Ok(())
    }
}

async fn settle(journal: &Journal, query: Query, inspected: Inspected) -> Result<(), Error> {
    let now = clock::now();
    let outcome = match &inspected {
        Inspected::Held { .. } => "answered",
        Inspected::Failed(outcome) => outcome.name(),
        Inspected::NoQuestion => "no-question",
    };
    let partner = query.partner.name();
    metrics::counter!("lienthong_reconcile_questions_total", "partner" => partner, "outcome" => outcome)
        .increment(1);
    if inspected != Inspected::NoQuestion {
        journal.count_call(&query.account, now).await?;
    }
    if let Inspected::Failed(outcome) = &inspected {
        let reason = &outcome.reason().code;
        tracing::warn!(
            partner, account = %query.account, outcome = outcome.name(), reason = %reason,
            "a question of a comparison was not answered"
        );
    }
    journal.settle_query(query, inspected, now).await
}
