//! Attempts at MyVNPost: the only IO of this module.
//!
//! An attempt may take several calls, each recorded as a step: a token when there is none, one renewal when an answer says
//! that the token is not taken, after which the call is made once more (401 and 403 mean *not done*), and what a protocol of
//! theirs needs: a cancel reads its order first. Nothing here repeats a call that the post may have taken. Orders travel on
//! connections that cannot be stale unless the post keeps our numbers unique, because a second order is a second parcel.

mod calls;
mod cancel;
mod finding;

use crate::myvnpost::classify::{OK, Operation, TABLE, classify};
use crate::myvnpost::config::{Endpoints, MyVnPostSettings};
use crate::myvnpost::track::{Reading, Step};
use crate::myvnpost::translate::Cargo;
use crate::myvnpost::wire::{Created, Given, history, listed};
use bytes::Bytes;
use calls::Call;
use jiff::Timestamp;
use lienthong_core::handoff::Order;
use lienthong_core::ids::OrderNumber;
use lienthong_core::outcome::{Outcome, Reason, ReasonCode};
use lienthong_core::port::{FeedPage, Sent, Uniqueness};
use lienthong_core::receipt::Receipt;
use lienthong_http::classify::{Cure, Ends, Usual, Verdict};
use lienthong_http::credential::{Credential, Granted, Held};
use lienthong_http::{Client, Request};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Speaks for one account.
pub(crate) struct Caller {
    settings: MyVnPostSettings,
    endpoints: Endpoints,
    http: Client,
    token: Credential,
    now: fn() -> Timestamp,
    reading: Mutex<Reading>,
    /// Orders whose cancel the post took and has not approved: asking again would be another request.
    approvals: Mutex<BTreeSet<OrderNumber>>,
}

/// What one attempt did so far.
#[derive(Default)]
struct Attempt<'a> {
    trace: Option<&'a str>,
    steps: Vec<&'static str>,
    http_status: Option<u16>,
}

impl Caller {
    /// Ready to call; nothing is sent yet.
    pub(crate) fn new(
        settings: MyVnPostSettings,
        endpoints: Endpoints,
        http: Client,
        now: fn() -> Timestamp,
    ) -> Self {
        Self {
            token: Credential::new(settings.token_quiet),
            settings,
            endpoints,
            http,
            now,
            reading: Mutex::default(),
            approvals: Mutex::default(),
        }
    }

    /// What the account is configured with.
    pub(crate) fn settings(&self) -> &MyVnPostSettings {
        &self.settings
    }

    /// Makes or cancels an order.
    pub(crate) async fn send(&self, cargo: &Cargo<'_>, known: &Receipt, trace: Option<&str>) -> Sent {
        let mut attempt = Attempt { trace, ..Attempt::default() };
        let (outcome, receipt) = match cargo {
            Cargo::Create { order, message } => {
                self.create(&mut attempt, order, &Call::Create(message)).await
            }
            Cargo::Cancel(number) => self.cancel(&mut attempt, number, known).await,
        };
        Sent { outcome, http_status: attempt.http_status, steps: attempt.steps, receipt }
    }

    async fn create(&self, attempt: &mut Attempt<'_>, order: &Order, call: &Call<'_>) -> (Outcome, Receipt) {
        let (verdict, body) = match self.ask(attempt, call).await {
            Ok(answered) => answered,
            Err(outcome) => return (outcome, Receipt::default()),
        };
        if let Some(created) = Created::read(&body).filter(|_| verdict.row.ends == Ends::Accepted) {
            let receipt = Receipt { reference: created.reference, waybill: Some(created.waybill) };
            return (verdict.outcome(), receipt);
        }
        // There is no code for "there already": where the post refuses a second order, the list tells whether it is ours.
        if verdict.row.ends == Ends::Rejected && self.settings.number_unique == Uniqueness::Yes {
            return self.ours_already(attempt, order, verdict.outcome()).await;
        }
        (verdict.outcome(), Receipt::default())
    }

    /// Makes the next step of reading the feed; most steps are one call, none is more.
    pub(crate) async fn read_feed(&self, after: Option<&str>) -> FeedPage {
        let step = self.reading().step(after, (self.now)());
        let mut attempt = Attempt::default();
        match step {
            Step::Over(page) => page,
            Step::List { from, page } => {
                let call = self.list_call(from, page);
                match self.ask(&mut attempt, &call).await {
                    Ok((verdict, body)) => match listed(&body).filter(|_| verdict.row.ends == Ends::Accepted)
                    {
                        Some(records) => {
                            self.reading().listed(page, &records, self.settings.page_size, (self.now)())
                        }
                        None => FeedPage::Failed(verdict.outcome()),
                    },
                    Err(outcome) => FeedPage::Failed(outcome),
                }
            }
            Step::History(waybill) => {
                match self.ask(&mut attempt, &Call::History { waybill: &waybill }).await {
                    Ok((verdict, body)) => self.history(attempt.http_status, verdict, &body),
                    Err(outcome) => FeedPage::Failed(outcome),
                }
            }
        }
    }

    /// What an answer about one order's history brings. One that is about this order alone does not stop the others.
    fn history(&self, status: Option<u16>, verdict: Verdict, body: &[u8]) -> FeedPage {
        match history(body).filter(|_| verdict.row.ends == Ends::Accepted) {
            Some(rows) => self.reading().told(&rows, &self.settings.tracking_codes),
            None if status.is_some() && verdict.row.ends == Ends::Uncertain => self.reading().passed_by(),
            None => FeedPage::Failed(verdict.outcome()),
        }
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a token.
    pub(crate) async fn probe(&self) -> Outcome {
        match self.token.proven(self.ask_for_token(&mut Attempt::default(), "token")).await {
            Ok(_) => Outcome::Accepted(Reason::new(ReasonCode::known(OK))),
            Err(outcome) => outcome,
        }
    }

    /// Makes a call, with at most one renewed token. A token that cannot be had is the error.
    async fn ask(&self, attempt: &mut Attempt<'_>, call: &Call<'_>) -> Result<(Verdict, Bytes), Outcome> {
        let token = self.token.current(self.ask_for_token(attempt, "token")).await?;
        let answered = self.call_with(attempt, call, &token).await;
        match answered.0.row.cure {
            Cure::Renew => {
                let token = self.token.renewed(&token, self.ask_for_token(attempt, "renew")).await?;
                Ok(self.call_with(attempt, call, &token).await)
            }
            Cure::Nothing | Cure::OtherHalf => Ok(answered),
        }
    }

    async fn call_with(&self, attempt: &mut Attempt<'_>, call: &Call<'_>, token: &Held) -> (Verdict, Bytes) {
        let operation = call.operation();
        let request = self.request(call, token, attempt.trace);
        self.call(attempt, operation, operation.name(), request).await
    }

    async fn ask_for_token(&self, attempt: &mut Attempt<'_>, step: &'static str) -> Result<Granted, Outcome> {
        let request = self.token_request(attempt.trace);
        let (verdict, body) = self.call(attempt, Operation::Token, step, request).await;
        if verdict.row.ends != Ends::Accepted {
            return Err(verdict.outcome());
        }
        match Given::read(&body) {
            Some(Given::Token(secret)) => Ok(Granted { secret, good_for: self.settings.token_life }),
            Some(Given::Refused) | None => {
                Err(TABLE.usual(Operation::Token.effect(), Usual::Unreadable).outcome())
            }
        }
    }

    /// Makes one call and says what its answer means.
    async fn call(
        &self,
        attempt: &mut Attempt<'_>,
        operation: Operation,
        step: &'static str,
        request: Request,
    ) -> (Verdict, Bytes) {
        attempt.steps.push(step);
        let (verdict, status, body) = match self.http.call(request).await {
            Ok(answer) => {
                let verdict = classify(operation, &answer, &self.settings.tracking_codes);
                (verdict, Some(answer.status), answer.body)
            }
            Err(failure) => (TABLE.failed(operation.effect(), &failure), failure.status, Bytes::new()),
        };
        attempt.http_status = status;
        tracing::debug!(
            partner = "post",
            step,
            status,
            reason = verdict.row.text.code,
            "the post was called"
        );
        (verdict, body)
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
