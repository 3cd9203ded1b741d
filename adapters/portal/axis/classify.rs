//! What the portal's answers mean: one table, from answer to row, from row to outcome.
//!
//! The HTTP status comes first, then the portal's `error_code`, then, because the code alone does not tell *created*
//! from *already there*, its phrases (configured; NFC and case-folded on both sides). A phrase never drops anything: it
//! only chooses the other half of the pair create/update, or one renewed login. Pure; `client` acts on the verdict.
//! Rows of the table cite where their answer was seen; where nothing is public, the row says *inferred*. Each row has a
//! recorded answer under `fixtures/answers`, and each recorded answer a row (test
//! `every_row_has_an_answer_and_every_answer_a_row`).
//!
//! ```text
//! answer ─▶ Verdict { row, reason, wait } ─cure?─▶ other half | renewed login ─else─▶ Outcome
//! ```

use crate::wire::Reply;
use lienthong_core::text;
use lienthong_http::Answer;
use lienthong_http::classify::{ByStatus, Effect, Usual, Verdict, by_status};

#[path = "classify_table.rs"]
mod table;
pub use table::REASONS;
pub(crate) use table::TABLE;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Opens a session.
    Login,
    /// Writes a dossier as new.
    Create,
    /// Replaces a dossier.
    Update,
    /// Appends progress rows.
    AppendRows,
    /// Sets the status of a dossier that was lodged at the portal.
    SetStatus,
    /// Asks for a dossier.
    LookUp,
}

impl Operation {
    /// Name of the step in an attempt.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Create => "create",
            Self::Update => "update",
            Self::AppendRows => "rows",
            Self::SetStatus => "status",
            Self::LookUp => "look-up",
        }
    }

    /// What the call does at the portal.
    pub(crate) fn effect(self) -> Effect {
        match self {
            Self::Create | Self::Update | Self::AppendRows | Self::SetStatus => Effect::Writes,
            Self::Login => Effect::Credential,
            Self::LookUp => Effect::Reads,
        }
    }
}

/// The configured phrases and codes, folded once.
#[derive(Clone, Debug)]
pub(crate) struct Phrases {
    pub(crate) session: Vec<String>,
    pub(crate) exists: Vec<String>,
    pub(crate) missing: Vec<String>,
    pub(crate) success: Vec<String>,
}

impl Phrases {
    /// Folds the phrases of a configuration.
    pub(crate) fn new(settings: &super::config::AxisSettings) -> Self {
        let folded = |phrases: &[String]| -> Vec<String> {
            phrases.iter().map(|phrase| fold(phrase)).filter(|phrase| !phrase.is_empty()).collect()
        };
        Self {
            session: folded(&settings.session_words),
            exists: folded(&settings.exists_phrases),
            missing: folded(&settings.missing_phrases),
            success: settings.success_codes.clone(),
        }
    }
}

/// Says what an answer means.
pub(crate) fn classify(operation: Operation, answer: &Answer, phrases: &Phrases) -> Verdict {
    let effect = operation.effect();
    let without_envelope = match by_status(answer.status) {
        ByStatus::Row(Usual::Unauthorised | Usual::Forbidden) if operation == Operation::Login => {
            return TABLE.verdict(effect, table::LOGIN_REFUSED);
        }
        ByStatus::Row(usual) => return TABLE.answered(effect, usual, answer),
        ByStatus::Success => Usual::Unreadable,
        ByStatus::Refusal(usual) => usual,
    };
    let Some(reply) = Reply::read(&answer.body) else {
        return match answer.status {
            413 => TABLE.verdict(effect, table::TOO_LARGE).quoting(answer),
            _ => TABLE.answered(effect, without_envelope, answer),
        };
    };
    by_envelope(operation, answer, phrases, &reply)
}

fn by_envelope(operation: Operation, answer: &Answer, phrases: &Phrases, reply: &Reply) -> Verdict {
    let effect = operation.effect();
    let success = phrases.success.contains(&reply.code);
    let verdict = if success && by_status(answer.status) != ByStatus::Success {
        // Status and code contradict each other.
        TABLE.usual(effect, Usual::Unreadable)
    } else {
        match row_of(operation, success, &fold(&reply.message), reply, phrases) {
            Some(code) => TABLE.verdict(effect, code),
            None if success => TABLE.usual(effect, Usual::Unreadable),
            None => TABLE.unlisted(effect, &reply.code),
        }
    };
    verdict.saying(&reply.message)
}

/// The row of a readable envelope; `None` for a success without what the call is for, and for a code that no row knows.
fn row_of(
    operation: Operation,
    success: bool,
    message: &str,
    reply: &Reply,
    phrases: &Phrases,
) -> Option<&'static str> {
    let says = |phrases: &[String]| phrases.iter().any(|phrase| message.contains(phrase.as_str()));
    match operation {
        Operation::Login if !success => return Some(table::LOGIN_REFUSED),
        Operation::Login => return reply.session().map(|_session| table::OK),
        Operation::Create
        | Operation::Update
        | Operation::AppendRows
        | Operation::SetStatus
        | Operation::LookUp => {}
    }
    // Before the other phrases: "phiên đăng nhập không tồn tại" speaks of the session, not of a dossier.
    if !success && says(&phrases.session) {
        return Some(table::SESSION);
    }
    match operation {
        // Also when the code says success: the code alone does not tell "created" from "already exists".
        Operation::Create if says(&phrases.exists) => Some(table::EXISTS),
        // Not when it says success: nobody has seen that pair, and a row taken for refused would be written twice.
        Operation::Update | Operation::AppendRows | Operation::SetStatus | Operation::LookUp
            if !success && says(&phrases.missing) =>
        {
            Some(table::MISSING)
        }
        Operation::Login
        | Operation::Create
        | Operation::Update
        | Operation::AppendRows
        | Operation::SetStatus
        | Operation::LookUp => success.then_some(table::OK),
    }
}

fn fold(words: &str) -> String {
    text::normalise(words).to_lowercase()
}

/// Codes that are named outside.
pub(crate) mod codes {
    pub(crate) use super::table::{NO_QUESTION, NO_STATUS_CODE, OK, WRONG_CONTENT};
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
