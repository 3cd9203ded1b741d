//! What a wrapper's answers mean: one table, from answer to row, from row to outcome.
//!
//! The HTTP status comes first, then `error_code`, then phrases (configured; NFC and case-folded on both sides). Records
//! are answered with an envelope; there a phrase only chooses the other half of the pair create/update. Progress rows are
//! answered with a text and nothing else, so there phrases are the verdict: *taken* when a phrase of success stands in it
//! and none of failure, *refused* when it is the other way round. A phrase of failure may hold one of success (“không
//! thành công”): it is taken out before success is looked for. A text that says both, or neither, or is a page, leaves it
//! open whether the rows were written.
//!
//! Rows of the table cite where their answer was seen; where nothing is public, the row says *inferred*. Each row has a
//! recorded answer under `fixtures/answers`, and each recorded answer a row (test
//! `every_row_has_an_answer_and_every_answer_a_row`). Pure; `client` acts on the verdict.

use super::config::WrapperSettings;
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
    /// Shows whether anybody answers.
    Reach,
    /// Writes a dossier as new.
    Create,
    /// Replaces a dossier.
    Update,
    /// Appends progress rows.
    AppendRows,
}

impl Operation {
    /// Name of the step in an attempt.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reach => "reach",
            Self::Create => "create",
            Self::Update => "update",
            Self::AppendRows => "rows",
        }
    }

    /// What the call does at the wrapper.
    pub(crate) fn effect(self) -> Effect {
        match self {
            Self::Create | Self::Update | Self::AppendRows => Effect::Writes,
            Self::Reach => Effect::Reads,
        }
    }
}

/// The configured phrases and codes, folded once.
#[derive(Clone, Debug)]
pub(crate) struct Phrases {
    exists: Vec<String>,
    missing: Vec<String>,
    success: Vec<String>,
    failure: Vec<String>,
    success_codes: Vec<String>,
}

impl Phrases {
    /// Folds the phrases of a configuration.
    pub(crate) fn new(settings: &WrapperSettings) -> Self {
        let folded = |phrases: &[String]| -> Vec<String> {
            phrases.iter().map(|phrase| fold(phrase)).filter(|phrase| !phrase.is_empty()).collect()
        };
        Self {
            exists: folded(&settings.exists_phrases),
            missing: folded(&settings.missing_phrases),
            success: folded(&settings.success_phrases),
            failure: folded(&settings.failure_phrases),
            success_codes: settings.success_codes.clone(),
        }
    }
}

/// Says what an answer means.
pub(crate) fn classify(operation: Operation, answer: &Answer, phrases: &Phrases) -> Verdict {
    let effect = operation.effect();
    if operation == Operation::Reach {
        return reached(answer);
    }
    let unreadable = match by_status(answer.status) {
        ByStatus::Row(usual) => return TABLE.answered(effect, usual, answer),
        ByStatus::Success => Usual::Unreadable,
        ByStatus::Refusal(usual) => usual,
    };
    if let Some(reply) = Reply::read(&answer.body) {
        return by_envelope(operation, answer, phrases, &reply);
    }
    if operation == Operation::AppendRows
        && let Some(words) = words_of(&answer.body)
        && let Some(verdict) = by_words(answer, phrases, &words)
    {
        return verdict.saying(&words);
    }
    match answer.status {
        413 => TABLE.verdict(effect, table::TOO_LARGE).quoting(answer),
        _ => TABLE.answered(effect, unreadable, answer),
    }
}

/// Whoever answers can be reached, whatever it says of a call that means nothing; except a proxy that says of what is
/// behind it that it is not there.
fn reached(answer: &Answer) -> Verdict {
    let effect = Operation::Reach.effect();
    match answer.status {
        429 => TABLE.answered(effect, Usual::TooMany, answer),
        503 => TABLE.answered(effect, Usual::OutOfService, answer),
        502 | 504 => TABLE.answered(effect, Usual::ServerError, answer),
        _ => TABLE.verdict(effect, table::REACHABLE),
    }
}

fn by_envelope(operation: Operation, answer: &Answer, phrases: &Phrases, reply: &Reply) -> Verdict {
    let effect = operation.effect();
    let said = Said::of(&reply.message, phrases);
    let code = if phrases.success_codes.contains(&reply.code) {
        let contradicted = by_status(answer.status) != ByStatus::Success || said.failure && !said.success;
        match operation {
            // The code alone does not tell "created" from "already exists".
            Operation::Create if said.exists => Some(table::EXISTS),
            Operation::Reach | Operation::Create | Operation::Update | Operation::AppendRows => {
                (!contradicted).then_some(table::OK)
            }
        }
    } else {
        match operation {
            Operation::Create if said.exists => Some(table::EXISTS),
            Operation::Update | Operation::AppendRows if said.missing => Some(table::MISSING),
            Operation::Reach | Operation::Create | Operation::Update | Operation::AppendRows => {
                return TABLE.unlisted(effect, &reply.code).saying(&reply.message);
            }
        }
    };
    let verdict = match code {
        Some(code) => TABLE.verdict(effect, code),
        None => TABLE.usual(effect, Usual::Unreadable),
    };
    verdict.saying(&reply.message)
}

/// What a text says of rows; `None` when it does not say, or contradicts its status or itself.
fn by_words(answer: &Answer, phrases: &Phrases, words: &str) -> Option<Verdict> {
    let effect = Operation::AppendRows.effect();
    match Said::of(words, phrases) {
        Said { success: true, missing: false, failure: false, .. }
            if by_status(answer.status) == ByStatus::Success =>
        {
            Some(TABLE.verdict(effect, table::OK))
        }
        Said { success: false, missing: true, .. } => Some(TABLE.verdict(effect, table::MISSING)),
        Said { success: false, failure: true, .. } => Some(TABLE.verdict(effect, table::REFUSED)),
        Said { .. } => None,
    }
}

/// Which phrases stand in a text.
struct Said {
    exists: bool,
    missing: bool,
    success: bool,
    failure: bool,
}

impl Said {
    fn of(words: &str, phrases: &Phrases) -> Self {
        let words = fold(words);
        let holds =
            |words: &str, phrases: &[String]| phrases.iter().any(|phrase| words.contains(phrase.as_str()));
        let mut rest = words.clone();
        for phrase in &phrases.failure {
            // A space keeps the words on both sides apart.
            rest = rest.replace(phrase.as_str(), " ");
        }
        Self {
            exists: holds(&words, &phrases.exists),
            missing: holds(&words, &phrases.missing),
            success: holds(&rest, &phrases.success),
            failure: rest != words,
        }
    }
}

/// A text: as it is or as a string of JSON. A page is none, and neither is any other JSON.
fn words_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}').trim();
    match serde_json::from_str(text) {
        Ok(serde_json::Value::String(words)) => Some(words),
        Ok(_) => None,
        Err(_) => (!text.starts_with(['<', '{', '['])).then(|| text.to_owned()),
    }
}

fn fold(words: &str) -> String {
    text::normalise(words).to_lowercase()
}

/// Codes that are named outside.
pub(crate) mod codes {
    pub(crate) use super::table::{NO_QUESTION, WRONG_CONTENT};
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
