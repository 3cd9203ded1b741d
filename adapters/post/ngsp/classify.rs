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

use crate::ngsp::config::CodeMeaning;
use crate::ngsp::wire::{Page, Reply, Token};
use lienthong_http::Answer;
use lienthong_http::classify::{ByStatus, Effect, Usual, Verdict, by_status};
use std::collections::BTreeMap;

#[path = "classify_table.rs"]
mod table;
pub use table::REASONS;
pub(crate) use table::{OK, TABLE};

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

    /// What the call does at the post.
    pub(crate) fn effect(self) -> Effect {
        match self {
            Self::Create | Self::Cancel => Effect::Writes,
            Self::Token => Effect::Credential,
            Self::Feed => Effect::Reads,
        }
    }
}

/// Says what an answer means.
pub(crate) fn classify(
    operation: Operation,
    answer: &Answer,
    codes: &BTreeMap<String, CodeMeaning>,
) -> Verdict {
    let effect = operation.effect();
    let usual = match by_status(answer.status) {
        // "Accepted for later" and the like are no receipt.
        ByStatus::Success if !matches!(answer.status, 200 | 201) => Usual::Unreadable,
        ByStatus::Success => return of_success(operation, answer, codes),
        ByStatus::Row(Usual::Unauthorised | Usual::Forbidden) | ByStatus::Refusal(Usual::Unreadable)
            if operation == Operation::Token =>
        {
            return TABLE.verdict(effect, table::TOKEN_REFUSED);
        }
        ByStatus::Refusal(usual) => return of_refusal(operation, answer, codes, usual),
        ByStatus::Row(usual) => usual,
    };
    TABLE.answered(effect, usual, answer)
}

/// A status of success: what the call is for must be there.
fn of_success(operation: Operation, answer: &Answer, codes: &BTreeMap<String, CodeMeaning>) -> Verdict {
    let readable = match operation {
        Operation::Token => Token::read(&answer.body).is_some(),
        Operation::Feed => Page::read(&answer.body).is_some(),
        Operation::Create | Operation::Cancel => {
            return match Reply::read(&answer.body) {
                Some(reply) => of_reply(operation, &reply, codes),
                None => TABLE.answered(operation.effect(), Usual::Unreadable, answer),
            };
        }
    };
    let effect = operation.effect();
    if readable { TABLE.verdict(effect, OK) } else { TABLE.answered(effect, Usual::Unreadable, answer) }
}

/// A status of refusal: the envelope behind it says more, where there is one.
fn of_refusal(
    operation: Operation,
    answer: &Answer,
    codes: &BTreeMap<String, CodeMeaning>,
    without_envelope: Usual,
) -> Verdict {
    let reply = match operation.effect() {
        Effect::Writes => Reply::read(&answer.body),
        Effect::Reads | Effect::Credential => None,
    };
    let verdict = reply.map(|reply| of_reply(operation, &reply, codes));
    match verdict {
        None => TABLE.answered(operation.effect(), without_envelope, answer),
        // Status and code contradict each other.
        Some(verdict) if verdict.row.text.code == OK => {
            TABLE.answered(operation.effect(), Usual::Unreadable, answer)
        }
        Some(verdict) => verdict,
    }
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
    let verdict = match code {
        Some(code) => TABLE.verdict(operation.effect(), code),
        None => TABLE.unlisted(operation.effect(), &reply.status),
    };
    verdict.saying(&reply.message)
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
