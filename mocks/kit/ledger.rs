//! Everything that was received, in the order in which it took effect.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::Request;
use crate::partner::Call;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verdict {
    /// It took effect (a read counts as well).
    Accepted,
    /// The partner refused it, in these words.
    Refused {
        /// The partner's sentence.
        message: String,
    },
    /// A fault broke off before the body was read.
    NotRead,
    /// A fault answered, or broke off, before anything took effect.
    NotTaken,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Place in the ledger, from 1.
    pub number: u64,
    /// When it was entered.
    pub at: Timestamp,
    /// What it asked for.
    pub operation: String,
    /// Account that asked, where the request names one.
    pub account: Option<String>,
    /// Dossier codes or order numbers that it is about.
    pub keys: Vec<String>,
    /// HTTP method.
    pub method: String,
    /// Path and query as received.
    pub target: String,
    /// W3C trace context, as received.
    pub traceparent: Option<String>,
    /// Body as received; empty if it was not read.
    pub body: Bytes,
    /// What became of it.
    pub verdict: Verdict,
    /// Kind of the fault that disturbed it.
    pub fault: Option<&'static str>,
    /// HTTP status of the answer; `None` if there was no answer.
    pub status: Option<u16>,
}

impl Entry {
    /// The body as JSON; `Null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether the request took effect, whatever its sender heard of it.
    #[must_use]
    pub fn took_effect(&self) -> bool {
        self.verdict == Verdict::Accepted
    }

    /// The entry as the inspection endpoint shows it.
    pub(crate) fn show(&self) -> Value {
        let body = serde_json::from_slice(&self.body)
            .unwrap_or_else(|_not_json| Value::from(String::from_utf8_lossy(&self.body)));
        json!({
            "number": self.number, "at": self.at.to_string(), "operation": self.operation, "account": self.account,
            "keys": self.keys, "method": self.method, "target": self.target, "traceparent": self.traceparent,
            "body": body, "verdict": self.verdict, "fault": self.fault, "status": self.status,
        })
    }

    /// An entry for `request`, numbered by the caller.
    pub(crate) fn of(request: &Request, call: &Call, number: u64, at: Timestamp) -> Self {
        Self {
            number,
            at,
            operation: call.operation.clone().into_owned(),
            account: call.account.clone(),
            keys: call.keys.clone(),
            method: request.method.clone(),
            target: request.target.clone(),
            traceparent: request.header("traceparent").map(str::to_owned),
            body: request.body.clone(),
            verdict: Verdict::NotTaken,
            fault: None,
            status: None,
        }
    }
}
