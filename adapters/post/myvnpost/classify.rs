//! What MyVNPost's answers mean: one table, from answer to row, from row to outcome.
//!
//! The HTTP status comes first, then what stands in the body: a receipt, a refusal in words, a decision about a cancel, the
//! record of an order. Texts decide nothing. An answer of success without a receipt is a refusal, because the document says
//! so; half a receipt is neither. Pure; `client` acts on the verdict. Rows of the table cite where their answer was seen;
//! where nothing is public, the row says *inferred*. Each row has a recorded answer under `fixtures/answers`, and each
//! recorded answer a row (test `every_row_has_an_answer_and_every_answer_a_row`). No answer of this interface names a
//! field, so no row does.
//!
//! ```text
//! answer ─▶ Verdict { row, reason, wait } ─stale token?─▶ one renewal ─else─▶ Outcome
//! ```

use crate::myvnpost::wire::{Created, Decision, Given, Record, Refusal, history, listed, order};
use lienthong_core::tracking::{Meaning, TrackingState};
use lienthong_http::Answer;
use lienthong_http::classify::{ByStatus, Effect, Usual, Verdict, by_status};
use std::collections::BTreeMap;

#[path = "classify_table.rs"]
mod table;
pub use table::REASONS;
pub(crate) use table::{OK, TABLE, TOO_MANY_ORDERS, WAITS_FOR_APPROVAL};

/// What the post's statuses mean.
pub(crate) type States = BTreeMap<String, Meaning>;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Asks for a token.
    Token,
    /// Makes an order.
    Create,
    /// Reads the order that is to be cancelled.
    Order,
    /// Cancels an order.
    Cancel,
    /// Reads a page of the list of orders.
    List,
    /// Reads the history of an order.
    History,
}

impl Operation {
    /// Name of the step in an attempt.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Create => "create",
            Self::Order => "read",
            Self::Cancel => "cancel",
            Self::List => "list",
            Self::History => "history",
        }
    }

    /// What the call does at the post.
    pub(crate) fn effect(self) -> Effect {
        match self {
            Self::Create | Self::Cancel => Effect::Writes,
            Self::Token => Effect::Credential,
            Self::Order | Self::List | Self::History => Effect::Reads,
        }
    }
}

/// Says what an answer means.
pub(crate) fn classify(operation: Operation, answer: &Answer, states: &States) -> Verdict {
    let effect = operation.effect();
    let usual = match by_status(answer.status) {
        // "Accepted for later" and the like are no receipt.
        ByStatus::Success if !matches!(answer.status, 200 | 201) => Usual::Unreadable,
        ByStatus::Success => {
            let verdict = of_success(operation, &answer.body, states);
            return verdict.unwrap_or_else(|| TABLE.answered(effect, Usual::Unreadable, answer));
        }
        ByStatus::Row(Usual::Unauthorised | Usual::Forbidden) | ByStatus::Refusal(Usual::Unreadable)
            if operation == Operation::Token =>
        {
            return TABLE.verdict(effect, table::TOKEN_REFUSED);
        }
        ByStatus::Refusal(Usual::Unreadable) if effect == Effect::Writes => {
            let verdict = of_refusal(effect, &answer.body);
            return verdict.unwrap_or_else(|| TABLE.answered(effect, Usual::Unreadable, answer));
        }
        // No refusal of this interface is known that comes as 404 or 405, and any server's page has a `message`.
        ByStatus::Refusal(usual) | ByStatus::Row(usual) => usual,
    };
    TABLE.answered(effect, usual, answer)
}

/// A status of success: what the call is for must be there.
fn of_success(operation: Operation, body: &[u8], states: &States) -> Option<Verdict> {
    let effect = operation.effect();
    let ok = || TABLE.verdict(effect, OK);
    match operation {
        Operation::Token => Given::read(body).map(|given| match given {
            Given::Token(_) => ok(),
            Given::Refused => TABLE.verdict(effect, table::TOKEN_REFUSED),
        }),
        Operation::Create => match Created::read(body) {
            Some(_) => Some(ok()),
            None => of_refusal(effect, body),
        },
        Operation::Cancel => match Decision::read(body) {
            Some(decision) => Some(of_decision(&decision)),
            None => of_refusal(effect, body),
        },
        Operation::Order => order(body).map(|found| of_found(found.as_slice(), states)),
        Operation::List => listed(body).map(|_| ok()),
        Operation::History => history(body).map(|_| ok()),
    }
}

/// A refusal in their words; there is no code for it.
fn of_refusal(effect: Effect, body: &[u8]) -> Option<Verdict> {
    Refusal::read(body).map(|refusal| TABLE.usual(effect, Usual::Unlisted).saying(&refusal.message))
}

fn of_decision(decision: &Decision) -> Verdict {
    let verdict = match &*decision.kind {
        "00" => TABLE.verdict(Effect::Writes, OK),
        "02" => TABLE.verdict(Effect::Writes, WAITS_FOR_APPROVAL),
        other => TABLE.unlisted(Effect::Writes, other),
    };
    verdict.saying(&decision.message)
}

/// What the orders that were found say about a cancel of one of them: accepted by [`OK`] means that it can be tried.
pub(crate) fn of_found(found: &[Record], states: &States) -> Verdict {
    let code = match found {
        [] => table::UNKNOWN_ORDER,
        [one] => match one.status.as_ref().and_then(|status| states.get(status)) {
            Some(Meaning { parcel: Some(TrackingState::Cancelled), .. }) => table::ALREADY_CANCELLED,
            Some(Meaning { parcel: Some(state), .. }) if state.is_collected() => table::ALREADY_COLLECTED,
            // Who paid has the parcel.
            Some(Meaning { money: Some(_), .. }) => table::ALREADY_COLLECTED,
            Some(Meaning { money: None, .. }) | None => OK,
        },
        _ => table::SEVERAL,
    };
    // What is refused here is the cancel, not the question.
    TABLE.verdict(Effect::Writes, code)
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
