//! What the answers of the order service mean: from answer to a row of the interface's table.
//!
//! The HTTP status comes first, then the post's `Status` code, whose meanings are configured because no public source
//! settles them. Texts decide nothing. Pure; `client` acts on the verdict. The rows stand with the interface, which calls
//! them by [`Words`] of its own.
//!
//! ```text
//! answer ─▶ Verdict { row, reason, wait } ─stale token?─▶ one renewal ─else─▶ Outcome
//! ```

use crate::orders::settings::CodeMeaning;
use crate::orders::wire::{Page, Reply, Token};
use lienthong_http::Answer;
use lienthong_http::classify::{ByStatus, Effect, Table, Usual, Verdict, by_status};
use std::collections::BTreeMap;

/// What an interface calls the answers that the service is known to give: codes of rows of its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// The table.
    pub(crate) table: Table,
    /// Done.
    pub(crate) ok: &'static str,
    /// Create: there already.
    pub(crate) already_there: &'static str,
    /// Cancel: no such order.
    pub(crate) unknown_order: &'static str,
    /// Cancel: too late.
    pub(crate) already_collected: &'static str,
    /// Token: not given.
    pub(crate) token_refused: &'static str,
    /// Create: the waybill cannot be used, where the interface is told one.
    pub(crate) waybill_unusable: Option<&'static str>,
    /// Create: refused, and nothing taken, where the interface tells that apart.
    pub(crate) refused: Option<&'static str>,
}
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
    words: &Words,
    operation: Operation,
    answer: &Answer,
    codes: &BTreeMap<String, CodeMeaning>,
) -> Verdict {
    let effect = operation.effect();
    let usual = match by_status(answer.status) {
        // "Accepted for later" and the like are no receipt.
        ByStatus::Success if !matches!(answer.status, 200 | 201) => Usual::Unreadable,
        ByStatus::Success => return of_success(words, operation, answer, codes),
        ByStatus::Row(Usual::Unauthorised | Usual::Forbidden) | ByStatus::Refusal(Usual::Unreadable)
            if operation == Operation::Token =>
        {
            return words.table.verdict(effect, words.token_refused);
        }
        ByStatus::Refusal(usual) => return of_refusal(words, operation, answer, codes, usual),
        ByStatus::Row(usual) => usual,
    };
    words.table.answered(effect, usual, answer)
}

/// A status of success: what the call is for must be there.
fn of_success(
    words: &Words,
    operation: Operation,
    answer: &Answer,
    codes: &BTreeMap<String, CodeMeaning>,
) -> Verdict {
    let readable = match operation {
        Operation::Token => Token::read(&answer.body).is_some(),
        Operation::Feed => Page::read(&answer.body).is_some(),
        Operation::Create | Operation::Cancel => {
            return match Reply::read(&answer.body) {
                Some(reply) => of_reply(words, operation, &reply, codes),
                None => words.table.answered(operation.effect(), Usual::Unreadable, answer),
            };
        }
    };
    let effect = operation.effect();
    if readable {
        words.table.verdict(effect, words.ok)
    } else {
        words.table.answered(effect, Usual::Unreadable, answer)
    }
}

/// A status of refusal: the envelope behind it says more, where there is one.
fn of_refusal(
    words: &Words,
    operation: Operation,
    answer: &Answer,
    codes: &BTreeMap<String, CodeMeaning>,
    without_envelope: Usual,
) -> Verdict {
    let reply = match operation.effect() {
        Effect::Writes => Reply::read(&answer.body),
        Effect::Reads | Effect::Credential => None,
    };
    let verdict = reply.map(|reply| of_reply(words, operation, &reply, codes));
    match verdict {
        None => words.table.answered(operation.effect(), without_envelope, answer),
        // Status and code contradict each other.
        Some(verdict) if verdict.row.text.code == words.ok => {
            words.table.answered(operation.effect(), Usual::Unreadable, answer)
        }
        Some(verdict) => verdict,
    }
}

fn of_reply(
    words: &Words,
    operation: Operation,
    reply: &Reply,
    codes: &BTreeMap<String, CodeMeaning>,
) -> Verdict {
    let code = codes.get(&reply.status).and_then(|meaning| match (meaning, operation) {
        (CodeMeaning::Done, _) => Some(words.ok),
        (CodeMeaning::AlreadyThere, Operation::Create) => Some(words.already_there),
        (CodeMeaning::UnknownOrder, Operation::Cancel) => Some(words.unknown_order),
        (CodeMeaning::AlreadyCollected, Operation::Cancel) => Some(words.already_collected),
        (CodeMeaning::WaybillUnusable, Operation::Create) => words.waybill_unusable,
        (CodeMeaning::Refused, Operation::Create) => words.refused,
        (
            CodeMeaning::AlreadyThere
            | CodeMeaning::UnknownOrder
            | CodeMeaning::AlreadyCollected
            | CodeMeaning::WaybillUnusable
            | CodeMeaning::Refused,
            Operation::Token | Operation::Create | Operation::Cancel | Operation::Feed,
        ) => None,
    });
    let verdict = match code {
        Some(code) => words.table.verdict(operation.effect(), code),
        None => words.table.unlisted(operation.effect(), &reply.status),
    };
    verdict.saying(&reply.message)
}
