//! What the post's answers mean: one table, from answer to row, from row to outcome.
//!
//! The HTTP status comes first, then the post's `Status` code, whose meanings are configured because no public source
//! settles them. Texts decide nothing. Pure; `client` acts on the verdict. Rows of the table cite where their answer was
//! seen; where nothing is public, the row says *inferred*. Each row has a recorded answer under `fixtures/answers`, and
//! each recorded answer a row (test `every_row_has_an_answer_and_every_answer_a_row`). No answer of this interface
//! names a field, so no row does.
//!
//! ```text
//! answer ─▶ Verdict { row, reason, wait } ─stale token?─▶ one renewal ─else─▶ Outcome
//! ```

use crate::config::CodeMeaning;
use crate::wire::{Page, Reply, Token};
use lienthong_core::outcome::{Outcome, Reason, ReasonCode};
use lienthong_core::text;
use lienthong_http::{Answer, Failure, FailureKind};
use std::collections::BTreeMap;
use std::time::Duration;

#[path = "classify_table.rs"]
mod table;
pub(crate) use table::{Ends, OK, REASONS, Row, TABLE, UNREADABLE};

/// Longest piece of the post's words that is kept as evidence, in characters.
const EVIDENCE_LIMIT: usize = 500;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Asks for a token.
    Token,
    /// Makes an order.
    Create,
    /// Cancels an order.
    Cancel,
    /// Reads the tracking feed.
    Feed,
}

impl Operation {
    /// Name of the step in an attempt.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Create => "create",
            Self::Cancel => "cancel",
            Self::Feed => "feed",
        }
    }

    /// Whether the post may have done something because of the call.
    fn writes(self) -> bool {
        match self {
            Self::Create | Self::Cancel => true,
            Self::Token | Self::Feed => false,
        }
    }
}

/// What an answer means.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// The row that says so.
    pub(crate) row: &'static Row,
    operation: Operation,
    reason: Reason,
    wait: Option<Duration>,
}

impl Verdict {
    /// Picks a row by its code.
    pub(crate) fn of(code: &'static str, operation: Operation) -> Self {
        let row = TABLE.iter().find(|row| row.text.code == code).expect("codes here are rows of the table");
        Self { row, operation, reason: Reason::new(ReasonCode::known(code)), wait: None }
    }

    /// Says what a call without an answer means.
    pub(crate) fn of_failure(operation: Operation, failure: &Failure) -> Self {
        let code = match failure.kind {
            FailureKind::Tls => table::CERTIFICATE,
            FailureKind::Unbuildable
            | FailureKind::NameNotFound
            | FailureKind::Refused
            | FailureKind::ConnectTimedOut
            | FailureKind::NotConnected => table::UNREACHABLE,
            FailureKind::Deadline | FailureKind::ClosedEarly => table::NO_ANSWER,
            FailureKind::BodyTooLarge | FailureKind::Malformed => UNREADABLE,
        };
        Self::of(code, operation)
    }

    /// Whether the token was not taken, and a new one may help.
    pub(crate) fn is_stale_token(&self) -> bool {
        matches!(self.row.text.code, table::UNAUTHORISED | table::FORBIDDEN)
    }

    /// What is known. A call that writes nothing leaves nothing in doubt, and refuses nothing of ours for good.
    pub(crate) fn outcome(self) -> Outcome {
        let unsent = self.row.text.code == table::UNREACHABLE;
        match self.row.ends {
            Ends::Accepted => Outcome::Accepted(self.reason),
            Ends::Blocked => Outcome::Blocked(self.reason),
            Ends::Rejected if self.operation.writes() => Outcome::Rejected(self.reason),
            Ends::Uncertain if self.operation.writes() => Outcome::Uncertain(self.reason),
            Ends::Rejected | Ends::Uncertain | Ends::Unavailable => {
                Outcome::Unavailable { reason: self.reason, wait: self.wait, unsent }
            }
        }
    }

    fn saying(mut self, words: &str) -> Self {
        let words = words.trim();
        // What comes back from a token request may hold the token.
        if !words.is_empty() && self.operation != Operation::Token {
            self.reason = self.reason.saying(text::cut(words, EVIDENCE_LIMIT));
        }
        self
    }
}

/// Says what an answer means.
pub(crate) fn classify(
    operation: Operation,
    answer: &Answer,
    codes: &BTreeMap<String, CodeMeaning>,
) -> Verdict {
    let code = match answer.status {
        200 | 201 => return of_success(operation, answer, codes),
        300..=399 => table::REDIRECTED,
        429 => table::TOO_MANY,
        503 => table::OUT_OF_SERVICE,
        500..=599 => table::SERVER_ERROR,
        404 | 405 => return of_refusal(operation, answer, codes, table::WRONG_ADDRESS),
        400..=499 if operation == Operation::Token => table::TOKEN_REFUSED,
        401 => table::UNAUTHORISED,
        403 => table::FORBIDDEN,
        400..=499 => return of_refusal(operation, answer, codes, UNREADABLE),
        _ => UNREADABLE,
    };
    let mut verdict = Verdict::of(code, operation).saying(&String::from_utf8_lossy(&answer.body));
    verdict.wait = answer.retry_after;
    verdict
}

/// A status of success: what the call is for must be there.
fn of_success(operation: Operation, answer: &Answer, codes: &BTreeMap<String, CodeMeaning>) -> Verdict {
    let readable = match operation {
        Operation::Token => Token::read(&answer.body).is_some(),
        Operation::Feed => Page::read(&answer.body).is_some(),
        Operation::Create | Operation::Cancel => {
            return match Reply::read(&answer.body) {
                Some(reply) => of_reply(operation, &reply, codes),
                None => Verdict::of(UNREADABLE, operation).saying(&String::from_utf8_lossy(&answer.body)),
            };
        }
    };
    Verdict::of(if readable { OK } else { UNREADABLE }, operation)
}

/// A status of refusal: the envelope behind it says more, where there is one.
fn of_refusal(
    operation: Operation,
    answer: &Answer,
    codes: &BTreeMap<String, CodeMeaning>,
    without_envelope: &'static str,
) -> Verdict {
    let words = || String::from_utf8_lossy(&answer.body);
    let Some(reply) = Reply::read(&answer.body).filter(|_| operation.writes()) else {
        return Verdict::of(without_envelope, operation).saying(&words());
    };
    let verdict = of_reply(operation, &reply, codes);
    // Status and code contradict each other.
    if verdict.row.text.code == OK { Verdict::of(UNREADABLE, operation).saying(&words()) } else { verdict }
}

fn of_reply(operation: Operation, reply: &Reply, codes: &BTreeMap<String, CodeMeaning>) -> Verdict {
    let code = match (codes.get(&reply.status), operation) {
        (Some(CodeMeaning::Done), _) => Some(OK),
        (Some(CodeMeaning::AlreadyThere), Operation::Create) => Some(table::ALREADY_THERE),
        (Some(CodeMeaning::UnknownOrder), Operation::Cancel) => Some(table::UNKNOWN_ORDER),
        (Some(CodeMeaning::AlreadyCollected), Operation::Cancel) => Some(table::ALREADY_COLLECTED),
        (Some(CodeMeaning::AlreadyThere | CodeMeaning::UnknownOrder | CodeMeaning::AlreadyCollected), _)
        | (None, _) => None,
    };
    if let Some(code) = code {
        return Verdict::of(code, operation).saying(&reply.message);
    }
    let mut verdict = Verdict::of(table::UNLISTED, operation).saying(&reply.message);
    verdict.reason.code = ReasonCode::unlisted("POST", &reply.status);
    verdict
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
