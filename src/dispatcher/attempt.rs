//! One claimed piece of work: it waits for room, is made, and what came of it is settled.

use super::ahead::{PATIENCE, Place, Places};
use super::{Gates, STORE_WAITS};
use crate::clock;
use crate::journal::{Answered, Call, Error, Journal, Probe, Question, Work, log_transitions};
use crate::partners::Account;
use crate::telemetry::traces;
use crate::wait::Waits;
use futures_lite::FutureExt;
use jiff::Timestamp;
use lienthong_core::outcome::{Outcome, Reason, ReasonCode, gateway};
use lienthong_core::port::{LookUp, Sent};
use lienthong_core::receipt::Receipt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

/// What an account has room for.
pub(super) struct Room {
    pub(super) permits: Vec<OwnedSemaphorePermit>,
    pub(super) ahead: Option<Places>,
}

impl Room {
    /// How the next work that was claimed passes the gate; the journal claims what may begin at once first.
    pub(super) fn pass(&mut self) -> Option<Pass> {
        let permit = self.permits.pop().map(Pass::Permit);
        permit.or_else(|| self.ahead.as_mut()?.next().map(Pass::Waits))
    }
}

/// How claimed work passes its account's gate.
pub(super) enum Pass {
    /// It has room.
    Permit(OwnedSemaphorePermit),
    /// It waits for room.
    Waits(Place),
}

/// Work under way.
pub(super) struct Attempt {
    pub(super) account: Account,
    pub(super) journal: Arc<Journal>,
    pub(super) gates: Arc<Gates>,
    /// Cancelled when the dispatcher stops.
    pub(super) leaving: CancellationToken,
}

impl Attempt {
    /// Makes it, or hands it back.
    pub(super) async fn make(self, work: Work, pass: Option<Pass>) {
        match (work, pass) {
            (work, Some(Pass::Permit(permit))) => self.begin(work, permit).await,
            (Work::Send(mut call), Some(Pass::Waits(place))) => match self.wait(place).await {
                Some(permit) => {
                    call.started_at = clock::now();
                    self.begin(Work::Send(call), permit).await;
                }
                None => self.hand_back(&call).await,
            },
            (Work::Send(call), None) => self.hand_back(&call).await,
            // Neither is claimed without room.
            (Work::Ask(_) | Work::Probe(_), Some(Pass::Waits(_)) | None) => {}
        }
    }

    /// Does work that has room, and leaves the room.
    async fn begin(&self, work: Work, permit: OwnedSemaphorePermit) {
        let wake = self.journal.wake();
        // First the room, then the hint: the other way round the loop would look and find none.
        let leave = || {
            drop(permit);
            wake.notify_one();
        };
        match work {
            Work::Send(call) => {
                let answered = self.send(call).await;
                self.settle(answered, leave).await;
            }
            Work::Ask(question) => {
                self.ask(*question).await;
                leave();
            }
            Work::Probe(probe) => {
                self.probe(probe).await;
                leave();
            }
        }
    }

    /// Waits for room; `None` when the call had better be claimed again, or by the next process.
    async fn wait(&self, place: Place) -> Option<OwnedSemaphorePermit> {
        let ahead = self.gates.ahead(&self.account.name)?;
        let room = self.gates.room(&self.account.name);
        let permit = tokio::select! {
            biased;
            () = self.leaving.cancelled() => return None,
            permit = tokio::time::timeout(PATIENCE, room) => permit,
        };
        let Ok(permit) = permit else {
            // Whoever has the room is slower than anybody knew.
            ahead.note(true, PATIENCE);
            return None;
        };
        permit.filter(|_| ahead.may_begin(&place))
    }

    /// Hands back a call that was claimed ahead: nobody has begun it.
    async fn hand_back(&self, call: &Call) {
        self.gates.give_back(&self.account.name, 1);
        let mut waits = Waits::new(STORE_WAITS.0, STORE_WAITS.1);
        loop {
            match self.journal.hand_back(call).await {
                Ok(()) | Err(Error::Stopped) => return,
                Err(error) => {
                    tracing::error!(error = error.told(), "failed to hand back a call, trying again");
                    tokio::time::sleep(waits.next_wait()).await;
                }
            }
        }
    }

    async fn send(&self, call: Call) -> Answered {
        crash_point!("claim.after_commit", &call.name());
        let trace = traces::told(&call);
        let sending = AssertUnwindSafe(self.account.port.send(&call.handoffs, trace.as_deref()));
        let sent = match sending.catch_unwind().await {
            Ok(sent) => sent,
            Err(_panic) => {
                tracing::error!(account = %self.account.name, "an attempt ended in a panic");
                let outcome = Outcome::Uncertain(Reason::new(ReasonCode::known(gateway::PANIC)));
                Sent { outcome, http_status: None, steps: Vec::new(), receipt: Receipt::default() }
            }
        };
        let ended_at = clock::now();
        if let Some(ahead) = self.gates.ahead(&self.account.name) {
            ahead.note(matches!(sent.outcome, Outcome::Accepted(_)), since(call.started_at, ended_at));
        }
        log_attempt(&self.account, &call, &sent, ended_at);
        traces::attempted(&self.account, &call, &sent, ended_at);
        crash_point!("send.answered", &call.name(), sent.outcome.name());
        Answered { call, sent, ended_at, draw: rand::random() }
    }

    /// Settles what was answered. The room is left once the journal has the answer and not when it is on disk: the claim
    /// of the next call sees this settlement, waits, a block and all, and shares its commit.
    async fn settle(&self, answered: Answered, leave: impl FnOnce()) {
        let answered = Arc::new(answered);
        let mut leave = Some(leave);
        let mut waits = Waits::new(STORE_WAITS.0, STORE_WAITS.1);
        loop {
            let taken_in = self.journal.take_in(Arc::clone(&answered)).await;
            if let Some(leave) = leave.take() {
                leave();
            }
            let written = match taken_in {
                Ok(settlement) => settlement.written().await,
                Err(error) => Err(error),
            };
            match written {
                Ok(transitions) => {
                    crash_point!("settle.after_commit", &answered.call.name(), answered.sent.outcome.name());
                    return log_transitions(&transitions);
                }
                Err(Error::Stopped) => return,
                Err(error) => {
                    tracing::error!(error = error.told(), "failed to settle an attempt, trying again");
                    tokio::time::sleep(waits.next_wait()).await;
                }
            }
        }
    }

    async fn ask(&self, question: Question) {
        crash_point!("claim.after_commit", "question");
        let asking = AssertUnwindSafe(self.account.port.look_up(&question.handoff));
        let answer = asking.catch_unwind().await.unwrap_or_else(|_panic| {
            tracing::error!(account = %self.account.name, "a look-up ended in a panic");
            LookUp::CouldNotAsk(Reason::new(ReasonCode::known(gateway::PANIC)))
        });
        match self.journal.settle_look_up(&question, answer, clock::now(), rand::random()).await {
            Ok(transitions) => log_transitions(&transitions),
            Err(error) => tracing::error!(error = error.told(), "failed to settle a look-up"),
        }
    }

    async fn probe(&self, probe: Probe) {
        let probing = AssertUnwindSafe(self.account.port.probe());
        let outcome = probing.catch_unwind().await.unwrap_or_else(|_panic| {
            tracing::error!(account = %self.account.name, "a probe ended in a panic");
            Outcome::Uncertain(Reason::new(ReasonCode::known(gateway::PANIC)))
        });
        tracing::debug!(
            account = %self.account.name, outcome = outcome.name(), reason = %outcome.reason().code, "a probe ended"
        );
        if let Err(error) = self.journal.settle_probe(probe, outcome, clock::now()).await {
            tracing::error!(error = error.told(), "failed to settle a probe");
        }
    }
}

fn since(started_at: Timestamp, ended_at: Timestamp) -> Duration {
    Duration::try_from(ended_at.duration_since(started_at)).unwrap_or(Duration::ZERO)
}

fn log_attempt(account: &Account, call: &Call, sent: &Sent, ended_at: Timestamp) {
    let Some(first) = call.handoffs.first() else { return };
    let outcome = sent.outcome.name();
    let duration = since(call.started_at, ended_at);
    // JSON has no number of 128 bits: as_millis would be logged as a text.
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let partner = account.partner.name();
    let kind = first.kind().name();
    metrics::counter!("lienthong_attempts_total", "partner" => partner, "kind" => kind, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("lienthong_attempt_seconds", "partner" => partner, "kind" => kind)
        .record(duration.as_secs_f64());
    tracing::info!(
        handoff.id = %first.id, dossier.code = %first.dossier, partner, account = %account.name, kind,
        handoffs = call.handoffs.len(), attempt = call.attempt, outcome, reason = %sent.outcome.reason().code,
        field = sent.outcome.reason().field.as_deref().unwrap_or(""), http_status = sent.http_status,
        steps = sent.steps.join(" "), duration_ms, "an attempt ended"
    );
}
