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
use lienthong_core::outcome::{Outcome, Reason, ReasonCode};
use lienthong_core::text;
use lienthong_http::{Answer, Failure, FailureKind};
use std::time::Duration;

#[path = "classify_table.rs"]
mod table;
pub(crate) use table::{Cure, Ends, REASONS, Row, TABLE};

/// Longest piece of the portal's words that is kept as evidence, in characters.
const EVIDENCE_LIMIT: usize = 500;

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
            Self::LookUp => "look-up",
        }
    }

    /// Whether the portal may hold something because of the call.
    pub(crate) fn writes(self) -> bool {
        match self {
            Self::Create | Self::Update | Self::AppendRows => true,
            Self::Login | Self::LookUp => false,
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
    pub(crate) fn new(settings: &crate::config::PortalSettings) -> Self {
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
    /// Picks a row by hand: for failures without an answer.
    pub(crate) fn of(code: &'static str, operation: Operation) -> Self {
        let row = TABLE.iter().find(|row| row.text.code == code).expect("codes here are rows of the table");
        let reason = Reason::new(ReasonCode::known(code));
        let reason = match row.field {
            Some(field) => reason.at(field),
            None => reason,
        };
        Self { row, operation, reason, wait: None }
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
            FailureKind::BodyTooLarge | FailureKind::Malformed => table::UNREADABLE,
        };
        Self::of(code, operation)
    }

    /// Keeps the portal's words as evidence.
    pub(crate) fn saying(mut self, words: &str) -> Self {
        let words = words.trim();
        if !words.is_empty() {
            self.reason = self.reason.saying(text::cut(words, EVIDENCE_LIMIT));
        }
        self
    }

    /// What is known when no cure is left. A call that writes nothing leaves nothing in doubt.
    pub(crate) fn outcome(self) -> Outcome {
        let unsent = self.row.text.code == table::UNREACHABLE;
        match self.row.ends {
            Ends::Accepted => Outcome::Accepted(self.reason),
            // A login says nothing about the handoff that waits for it.
            Ends::Rejected if self.operation == Operation::Login => Outcome::Blocked(self.reason),
            Ends::Rejected => Outcome::Rejected(self.reason),
            Ends::Blocked => Outcome::Blocked(self.reason),
            Ends::Uncertain if self.operation.writes() => Outcome::Uncertain(self.reason),
            Ends::Uncertain | Ends::Unavailable => {
                Outcome::Unavailable { reason: self.reason, wait: self.wait, unsent }
            }
        }
    }
}

/// Says what an answer means.
pub(crate) fn classify(operation: Operation, answer: &Answer, phrases: &Phrases) -> Verdict {
    let verdict = match answer.status {
        200..=299 => return by_envelope(operation, answer, phrases, table::UNREADABLE),
        300..=399 => table::REDIRECTED,
        401 | 403 if operation == Operation::Login => table::LOGIN_REFUSED,
        401 => table::UNAUTHORISED,
        403 => table::FORBIDDEN,
        404 | 405 => return by_envelope(operation, answer, phrases, table::WRONG_ADDRESS),
        413 => return by_envelope(operation, answer, phrases, table::TOO_LARGE),
        429 => table::TOO_MANY,
        400..=499 => return by_envelope(operation, answer, phrases, table::UNREADABLE),
        503 => table::OUT_OF_SERVICE,
        _ => table::SERVER_ERROR,
    };
    let mut verdict = Verdict::of(verdict, operation).saying(&String::from_utf8_lossy(&answer.body));
    verdict.wait = answer.retry_after;
    verdict
}

fn by_envelope(
    operation: Operation,
    answer: &Answer,
    phrases: &Phrases,
    unreadable: &'static str,
) -> Verdict {
    let Some(reply) = Reply::read(&answer.body) else {
        return Verdict::of(unreadable, operation).saying(&String::from_utf8_lossy(&answer.body));
    };
    let success = phrases.success.contains(&reply.code);
    if success && !(200..=299).contains(&answer.status) {
        // Status and code contradict each other.
        return Verdict::of(table::UNREADABLE, operation).saying(&reply.message);
    }
    match row_of(operation, success, &fold(&reply.message), &reply, phrases) {
        Some(code) => Verdict::of(code, operation).saying(&reply.message),
        None => {
            let mut verdict = Verdict::of(table::UNLISTED, operation).saying(&reply.message);
            verdict.reason.code = ReasonCode::unlisted("PORTAL", &reply.code);
            verdict
        }
    }
}

/// The row of a readable envelope; `None` for a code that no row knows.
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
        Operation::Login if reply.session().is_none() => return Some(table::UNREADABLE),
        Operation::Login => return Some(table::OK),
        Operation::Create | Operation::Update | Operation::AppendRows | Operation::LookUp => {}
    }
    // Before the other phrases: "phiên đăng nhập không tồn tại" speaks of the session, not of a dossier.
    if !success && says(&phrases.session) {
        return Some(table::SESSION);
    }
    match operation {
        // Also when the code says success: the code alone does not tell "created" from "already exists".
        Operation::Create if says(&phrases.exists) => Some(table::EXISTS),
        // Not when it says success: nobody has seen that pair, and a row taken for refused would be written twice.
        Operation::Update | Operation::AppendRows | Operation::LookUp
            if !success && says(&phrases.missing) =>
        {
            Some(table::MISSING)
        }
        Operation::Login
        | Operation::Create
        | Operation::Update
        | Operation::AppendRows
        | Operation::LookUp => success.then_some(table::OK),
    }
}

fn fold(words: &str) -> String {
    text::normalise(words).to_lowercase()
}

/// Codes that `client` names itself.
pub(crate) mod codes {
    pub(crate) use super::table::{MISSING, NO_QUESTION, OK, UNREADABLE};
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
