//! What a mocked partner has to be able to do; the server does the rest.
//!
//! A request goes through `endpoint` (head only), `read` (what is asked, of which account and key; no effect) and `take`
//! (effect and answer). `speak` gives the partner's own words for a fault such as an expired session. All methods are
//! called from many connections; `take` is called under the ledger's lock and must not wait.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use crate::http::{Answer, Request};
use crate::ledger::Verdict;

/// What a request asks for, as far as it can be read.
#[derive(Debug, Clone)]
pub struct Call {
    /// Operation by which faults are selected and the ledger is grouped.
    pub operation: Cow<'static, str>,
    /// Account that asks, where the request names one.
    pub account: Option<String>,
    /// Dossier codes or order numbers that the request is about.
    pub keys: Vec<String>,
    /// The body as JSON, or why it is none.
    pub json: Result<Value, String>,
}

impl Call {
    /// A call of which nothing but the endpoint is known.
    #[must_use]
    pub fn unread(endpoint: &'static str) -> Self {
        Self { operation: endpoint.into(), account: None, keys: Vec::new(), json: Err("unread".to_owned()) }
    }
}

/// A partner's answer, and what became of the request.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What the client gets.
    pub answer: Answer,
    /// What the ledger keeps.
    pub verdict: Verdict,
}

impl Reply {
    /// The request took effect.
    #[must_use]
    pub fn accepted(answer: Answer) -> Self {
        Self { answer, verdict: Verdict::Accepted }
    }

    /// The request was refused in these words.
    #[must_use]
    pub fn refused(answer: Answer, message: impl Into<String>) -> Self {
        Self { answer, verdict: Verdict::Refused { message: message.into() } }
    }
}

/// Something that only the partner knows how to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The session or token is dead; the partner forgets it as well.
    SessionExpired,
    /// User name or password is wrong.
    WrongCredentials,
    /// The dossier or order exists already.
    AlreadyExists,
    /// A business refusal.
    Refusal {
        /// The partner's code.
        code: String,
        /// The partner's sentence.
        message: String,
    },
}

/// A partner that can be served by [`crate::start`].
pub trait Partner: Send + Sync + 'static {
    /// The partner's name in answers of `/_mock/`.
    fn name(&self) -> &'static str;
    /// Names the endpoint that a request's head asks for; the body is not there yet.
    fn endpoint(&self, head: &Request) -> &'static str;
    /// Reads what is asked, without effect.
    fn read(&self, request: &Request) -> Call;
    /// Takes effect and answers.
    fn take(&self, request: &Request, call: &Call, now: Timestamp) -> Reply;
    /// Says `line` in answer to `call`.
    fn speak(&self, line: &Line, call: &Call, request: &Request) -> Answer;
    /// Everything that the partner holds.
    fn state(&self) -> Value;
    /// What the partner holds twice.
    fn duplicates(&self) -> Value;
    /// Forgets everything.
    fn reset(&self);
    /// Answers the partner's own commands under `/_mock/`; `None` for an unknown one.
    fn command(&self, request: &Request, now: Timestamp) -> Option<Answer>;
    /// Moves the partner's own life on; called at the interval of [`crate::Options::tick`].
    fn tick(&self, now: Timestamp);
}
