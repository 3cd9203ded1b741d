//! One attempt at the wrapper: the only IO of this interface.
//!
//! There is no login. An attempt at a record may take several calls, each recorded as a step: the other half of the pair
//! create/update follows an answer that means *not written* ([`crate::pair`]). Rows travel on connections that answered
//! just now or are new, because a second row is a second row. Nothing here repeats a call that the wrapper may have taken; the
//! dispatcher decides on that.

use super::classify::{Operation, Phrases, TABLE, classify};
use super::config::{Endpoints, WrapperSettings};
use crate::pair::{Half, Memory};
use bytes::Bytes;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::Sent;
use lienthong_core::receipt::Receipt;
use lienthong_http::classify::Verdict;
use lienthong_http::{Body, Client, Connection, Method, Request};
use serde_json::value::RawValue;

/// Speaks for one account.
pub(crate) struct Caller {
    endpoints: Endpoints,
    phrases: Phrases,
    http: Client,
    /// For the probe, which waits less.
    probing: Client,
    memory: Memory,
}

/// What one attempt did so far.
struct Attempt<'a> {
    trace: Option<&'a str>,
    /// Which connection carries rows.
    rows: Connection,
    steps: Vec<&'static str>,
    http_status: Option<u16>,
}

impl Caller {
    /// Ready to call; nothing is sent yet.
    pub(crate) fn new(
        settings: &WrapperSettings,
        endpoints: Endpoints,
        http: Client,
        probing: Client,
    ) -> Self {
        Self { phrases: Phrases::new(settings), endpoints, http, probing, memory: Memory::default() }
    }

    /// Writes one dossier, as new or as an update, whichever the wrapper takes.
    pub(crate) async fn write_record(&self, code: &str, data: &RawValue, trace: Option<&str>) -> Sent {
        let mut attempt = Attempt::new(trace);
        let mut pair = self.memory.pair(code);
        loop {
            let operation = match pair.half() {
                Half::Create => Operation::Create,
                Half::Update => Operation::Update,
            };
            let verdict = self.call(&mut attempt, operation, data).await;
            if let Some(outcome) = pair.answered(verdict) {
                return attempt.ended(outcome);
            }
        }
    }

    /// Appends progress rows.
    pub(crate) async fn append_rows(
        &self,
        data: &RawValue,
        connection: Connection,
        trace: Option<&str>,
    ) -> Sent {
        let mut attempt = Attempt::new(trace);
        attempt.rows = connection;
        let verdict = self.call(&mut attempt, Operation::AppendRows, data).await;
        attempt.ended(verdict.outcome())
    }

    /// Asks for nothing, to see whether anybody answers.
    pub(crate) async fn probe(&self) -> Outcome {
        let request = Request {
            method: Method::Head,
            url: self.endpoints.probe.clone(),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            body: Body::Empty,
            connection: Connection::New,
            trace: None,
        };
        self.answered(&mut Attempt::new(None), Operation::Reach, &self.probing, request).await.outcome()
    }

    async fn call(&self, attempt: &mut Attempt<'_>, operation: Operation, data: &RawValue) -> Verdict {
        let url = match operation {
            Operation::Reach => &self.endpoints.probe,
            Operation::Create => &self.endpoints.create,
            Operation::Update => &self.endpoints.update,
            Operation::AppendRows => &self.endpoints.progress,
        };
        let request = Request {
            method: Method::Post,
            url: url.clone(),
            headers: vec![("Accept", "application/json, text/plain".to_owned())],
            secret_headers: Vec::new(),
            body: Body::Json(Bytes::copy_from_slice(data.get().as_bytes())),
            connection: if operation == Operation::AppendRows { attempt.rows } else { Connection::Kept },
            trace: attempt.trace.map(str::to_owned),
        };
        self.answered(attempt, operation, &self.http, request).await
    }

    /// Makes one call and says what its answer means.
    async fn answered(
        &self,
        attempt: &mut Attempt<'_>,
        operation: Operation,
        client: &Client,
        request: Request,
    ) -> Verdict {
        let step = operation.name();
        attempt.steps.push(step);
        let (verdict, status) = match client.call(request).await {
            Ok(answer) => (classify(operation, &answer, &self.phrases), Some(answer.status)),
            Err(failure) => (TABLE.failed(operation.effect(), &failure), failure.status),
        };
        attempt.http_status = status;
        tracing::debug!(
            partner = "portal",
            step,
            status,
            reason = verdict.row.text.code,
            "the portal was called"
        );
        verdict
    }
}

impl<'a> Attempt<'a> {
    fn new(trace: Option<&'a str>) -> Self {
        Self { trace, rows: Connection::New, steps: Vec::new(), http_status: None }
    }

    fn ended(self, outcome: Outcome) -> Sent {
        Sent { outcome, http_status: self.http_status, steps: self.steps, receipt: Receipt::default() }
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
