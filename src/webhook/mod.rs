//! Webhooks: what partners send by themselves, on a listener of their own, off unless it is configured.
//!
//! | answer to `POST /webhooks/<account>` | when |
//! |---|---|
//! | 200 `{"success":true,…}` | stored, or known already |
//! | 400 | not of the partner's form |
//! | 401 | the account has a key, and the signature is not its partner's |
//! | 404 | no account of that name takes webhooks |
//! | 408, 413 | the body comes too slowly, or is too large |
//! | 429 | more of them than anybody needs |
//! | 503 | it cannot be stored now, or too many are under way |
//!
//! A webhook is a nudge and no more: it is stored, answered, and the account's feed is read soon; what has become of an order
//! is what that reading says. Anybody may reach this listener, so everything is bounded: bodies, their time, requests at
//! once, messages of an account in a minute, and the readings that they cause, which the tracker spaces. A message that comes
//! again is known by its hash and causes nothing. What is refused is counted and stored nowhere.
//!
//! Guarantee: what was answered 200 is in the journal (test `a_webhook_is_answered_for_only_when_it_is_stored`).

mod door;
#[cfg(test)]
mod tests;

use crate::clock;
use crate::intake::Admission;
use crate::journal::{Journal, Webhook};
use crate::tracker::Nudges;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Json, Response};
use axum::routing::post;
use door::Door;
use lienthong_core::ids::AccountName;
use lienthong_core::nudge::{Judge, Judged};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Requests under way at once: a partner sends one after the other.
const AT_ONCE: usize = 32;

/// Until a body is in; the largest of them need milliseconds.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// Who takes webhooks, and what for.
pub struct Webhooks {
    journal: Arc<Journal>,
    nudges: Nudges,
    doors: BTreeMap<AccountName, Door>,
    body_cap: usize,
    room: Semaphore,
}

impl Webhooks {
    /// Takes webhooks for these accounts, in bodies up to a cap.
    pub fn new(
        journal: Arc<Journal>,
        nudges: Nudges,
        judges: impl IntoIterator<Item = (AccountName, Arc<dyn Judge>)>,
        body_cap: usize,
    ) -> Self {
        let doors = judges.into_iter().map(|(account, judge)| (account, Door::new(judge))).collect();
        Self { journal, nudges, doors, body_cap, room: Semaphore::new(AT_ONCE) }
    }

    /// Takes one in; says what is answered.
    async fn take_in(&self, account: &AccountName, body: Body) -> StatusCode {
        let Some(door) = self.doors.get(account) else { return StatusCode::NOT_FOUND };
        let Ok(_room) = self.room.try_acquire() else { return StatusCode::SERVICE_UNAVAILABLE };
        let body = match tokio::time::timeout(BODY_DEADLINE, axum::body::to_bytes(body, self.body_cap)).await
        {
            Ok(Ok(body)) => body,
            Ok(Err(_too_large_or_broken)) => return StatusCode::PAYLOAD_TOO_LARGE,
            Err(_elapsed) => return StatusCode::REQUEST_TIMEOUT,
        };
        let judged = door.judge(&body);
        metrics::counter!("lienthong_webhooks_total", "account" => account.to_string(), "verdict" => judged.name())
            .increment(1);
        match judged {
            Judged::Forged => StatusCode::UNAUTHORIZED,
            Judged::Unreadable => StatusCode::BAD_REQUEST,
            Judged::Signed | Judged::Unsigned if !door.has_room() => StatusCode::TOO_MANY_REQUESTS,
            Judged::Signed | Judged::Unsigned => self.keep(account, judged, body.to_vec()).await,
        }
    }

    /// Stores it, and nudges the reader of the feed when it is new.
    async fn keep(&self, account: &AccountName, judged: Judged, body: Vec<u8>) -> StatusCode {
        if self.journal.open().is_err() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let webhook = Webhook { account: account.clone(), judged, body, arrived_at: clock::now() };
        match self.journal.keep_webhook(webhook).await {
            Ok(is_new) => {
                tracing::debug!(account = %account, verdict = judged.name(), is_new, "a webhook was stored");
                if is_new {
                    self.nudges.nudge(account);
                }
                StatusCode::OK
            }
            Err(error) => {
                tracing::error!(account = %account, error = error.told(), "failed to store a webhook");
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}

/// Serves until `stop` is cancelled.
///
/// # Cancel safety
/// Dropping it closes the listener and every connection; what was answered is stored.
pub async fn serve(listener: TcpListener, webhooks: Webhooks, stop: CancellationToken) {
    let router = Router::new().route("/webhooks/{account}", post(take_in)).with_state(Arc::new(webhooks));
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(error = %error, "the listener for webhooks has ended");
    }
}

async fn take_in(State(webhooks): State<Arc<Webhooks>>, Path(account): Path<String>, body: Body) -> Response {
    let status = webhooks.take_in(&AccountName::new(account), body).await;
    let message = status.canonical_reason().unwrap_or_default();
    (status, Json(json!({ "success": status.is_success(), "message": message }))).into_response()
}
