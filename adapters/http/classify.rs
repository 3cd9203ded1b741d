//! What an answer means, as far as it is the same at every interface.
//!
//! An adapter owns a [`Table`] of [`Row`]s with its own codes and sentences, and reads its partner's envelope. What a
//! status says before a body is read ([`by_status`]), what a call without an answer says ([`Table::failed`]), and what a
//! row means for a handoff ([`Verdict::outcome`]) is said here, once. The rows for that are the [`Usual`] ones: every
//! table has them all, under its own prefix (`POST-HTTP-429`). Pure; nothing here knows a partner's words.
//!
//! ```text
//! status ─by_status─▶ usual row ─┐
//! envelope ─the adapter─▶ row ───┼─▶ Verdict { row, reason, wait } ─cure?─▶ second step of the attempt ─else─▶ Outcome
//! no answer ─Left─▶ usual row ───┘
//! ```

use crate::{Answer, Failure, FailureKind, Left};
use lienthong_core::outcome::{Outcome, Reason, ReasonCode, ReasonText};
use lienthong_core::text;
use std::time::Duration;

/// Longest piece of a partner's words that is kept as evidence, in characters.
pub const EVIDENCE_LIMIT: usize = 500;

/// What an answer is in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// They have it.
    Accepted,
    /// They will never take this one.
    Rejected,
    /// They did not take it, and may later.
    Unavailable,
    /// They may have it.
    Uncertain,
    /// Nothing to this account passes until somebody acts.
    Blocked,
}

/// What the same attempt may do once before the answer counts; each follows only an answer that means *not done*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cure {
    /// Nothing.
    Nothing,
    /// Renew the credential and call again.
    Renew,
    /// Make the other call of a pair of which one fits, such as create and update.
    OtherHalf,
}

/// What a call does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It may leave something: every row counts as it stands.
    Writes,
    /// It leaves nothing in doubt, and nothing of ours is refused by it for good.
    Reads,
    /// It asks for a session or token: likewise, but a refusal is one of the account. Its answer may hold the credential.
    Credential,
}

/// A row of an interface's table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Code and sentences.
    pub text: ReasonText,
    /// The outcome.
    pub ends: Ends,
    /// What is tried first.
    pub cure: Cure,
    /// The event's field to correct.
    pub field: Option<&'static str>,
    /// Where the answer was seen.
    pub source: &'static str,
}

impl Row {
    /// A row without cure and field.
    pub const fn new(
        code: &'static str,
        ends: Ends,
        source: &'static str,
        vi: &'static str,
        en: &'static str,
    ) -> Self {
        Self { text: ReasonText { code, vi, en }, ends, cure: Cure::Nothing, field: None, source }
    }

    /// Names what is tried first.
    #[must_use]
    pub const fn cured_by(self, cure: Cure) -> Self {
        Self { cure, ..self }
    }

    /// Names the event's field to correct.
    #[must_use]
    pub const fn at(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }
}

/// The sentences of all reasons that an adapter gives: its rows', and `more` of its own. `N` is the sum of both.
pub const fn sentences<const N: usize>(rows: &[Row], more: &[ReasonText]) -> [ReasonText; N] {
    assert!(rows.len() + more.len() == N, "N is the number of rows and of other reasons");
    let mut texts = [ReasonText { code: "", vi: "", en: "" }; N];
    let mut i = 0;
    while i < N {
        texts[i] = if i < rows.len() { rows[i].text } else { more[i - rows.len()] };
        i += 1;
    }
    texts
}

/// The rows that every table has: what a status or a failed call says, whatever the partner's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// 401.
    Unauthorised,
    /// 403.
    Forbidden,
    /// 429.
    TooMany,
    /// 503.
    OutOfService,
    /// Every other 5xx.
    ServerError,
    /// 3xx, which is not followed.
    Redirected,
    /// 404 and 405 without the partner's envelope.
    WrongAddress,
    /// A code of the partner that no row knows.
    Unlisted,
    /// What should say more cannot be read.
    Unreadable,
    /// Provably unsent.
    Unreachable,
    /// The deadline passed, or the connection was closed.
    NoAnswer,
    /// TLS was refused by one of the two sides.
    Certificate,
}

impl Usual {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Unauthorised,
        Self::Forbidden,
        Self::TooMany,
        Self::OutOfService,
        Self::ServerError,
        Self::Redirected,
        Self::WrongAddress,
        Self::Unlisted,
        Self::Unreadable,
        Self::Unreachable,
        Self::NoAnswer,
        Self::Certificate,
    ];

    /// Its code behind the prefix.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Unauthorised => "HTTP-401",
            Self::Forbidden => "HTTP-403",
            Self::TooMany => "HTTP-429",
            Self::OutOfService => "HTTP-503",
            Self::ServerError => "HTTP-5XX",
            Self::Redirected => "HTTP-3XX",
            Self::WrongAddress => "WRONG-ADDRESS",
            Self::Unlisted => "UNLISTED",
            Self::Unreadable => "UNREADABLE",
            Self::Unreachable => "UNREACHABLE",
            Self::NoAnswer => "NO-ANSWER",
            Self::Certificate => "CERTIFICATE",
        }
    }

    fn of(failure: &Failure) -> Self {
        match (failure.left, failure.kind) {
            (Left::No, FailureKind::Tls) => Self::Certificate,
            (Left::No, _) => Self::Unreachable,
            (Left::Maybe, FailureKind::BodyTooLarge | FailureKind::Malformed) => Self::Unreadable,
            (
                Left::Maybe,
                FailureKind::Deadline
                | FailureKind::ClosedEarly
                | FailureKind::Unbuildable
                | FailureKind::NameNotFound
                | FailureKind::Refused
                | FailureKind::ConnectTimedOut
                | FailureKind::Tls
                | FailureKind::NotConnected,
            ) => Self::NoAnswer,
        }
    }
}

/// What a status says before the body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByStatus {
    /// 2xx: the body decides.
    Success,
    /// A refusal that the partner's envelope may explain; without one, this row.
    Refusal(Usual),
    /// This row, whatever the body.
    Row(Usual),
}

/// Reads a status.
pub fn by_status(status: u16) -> ByStatus {
    match status {
        200..=299 => ByStatus::Success,
        300..=399 => ByStatus::Row(Usual::Redirected),
        401 => ByStatus::Row(Usual::Unauthorised),
        403 => ByStatus::Row(Usual::Forbidden),
        404 | 405 => ByStatus::Refusal(Usual::WrongAddress),
        429 => ByStatus::Row(Usual::TooMany),
        400..=499 => ByStatus::Refusal(Usual::Unreadable),
        503 => ByStatus::Row(Usual::OutOfService),
        500..=599 => ByStatus::Row(Usual::ServerError),
        _ => ByStatus::Row(Usual::Unreadable),
    }
}

/// The table of an interface.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// What stands in front of every code, without the hyphen.
    pub prefix: &'static str,
    /// Its rows; every [`Usual`] one is among them.
    pub rows: &'static [Row],
}

impl Table {
    /// Picks a row by its code.
    ///
    /// # Panics
    /// When the table has no such row: codes stand in the adapter's code, which a test checks against its table.
    pub fn verdict(&self, effect: Effect, code: &'static str) -> Verdict {
        Verdict::new(effect, self.find(|row| row.text.code == code))
    }

    /// Picks one of the usual rows.
    ///
    /// # Panics
    /// When the table lacks it, which a test of each table checks.
    pub fn usual(&self, effect: Effect, usual: Usual) -> Verdict {
        Verdict::new(effect, self.find(|row| self.suffix(row) == Some(usual.suffix())))
    }

    /// Says what a call without an answer means.
    pub fn failed(&self, effect: Effect, failure: &Failure) -> Verdict {
        Verdict { unsent: failure.left == Left::No, ..self.usual(effect, Usual::of(failure)) }
    }

    /// Says what one of the usual rows means when an answer led to it: its body is evidence, its wait is kept.
    pub fn answered(&self, effect: Effect, usual: Usual, answer: &Answer) -> Verdict {
        Verdict { wait: answer.retry_after, ..self.usual(effect, usual).quoting(answer) }
    }

    /// Says what a code means that no row knows for this call: the reason carries that code.
    pub fn unlisted(&self, effect: Effect, code: &str) -> Verdict {
        let mut verdict = self.usual(effect, Usual::Unlisted);
        let reason = ReasonCode::unlisted(self.prefix, code);
        // A code such as "OK", or one that a row knows for another call, must not speak with that row's sentence.
        let mut others =
            self.rows.iter().map(|row| row.text.code).filter(|code| *code != verdict.row.text.code);
        let is_taken = others.any(|code| code == reason.as_str());
        verdict.reason.code =
            if is_taken { ReasonCode::unlisted(verdict.row.text.code, code) } else { reason };
        verdict
    }

    fn suffix(&self, row: &Row) -> Option<&'static str> {
        row.text.code.strip_prefix(self.prefix)?.strip_prefix('-')
    }

    fn find(&self, fits: impl Fn(&Row) -> bool) -> &'static Row {
        self.rows.iter().find(|row| fits(row)).expect("codes and usual rows stand in the table")
    }
}

/// What an answer means.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The row that says so.
    pub row: &'static Row,
    reason: Reason,
    effect: Effect,
    wait: Option<Duration>,
    unsent: bool,
}

impl Verdict {
    fn new(effect: Effect, row: &'static Row) -> Self {
        let reason = Reason::new(ReasonCode::known(row.text.code));
        let reason = match row.field {
            Some(field) => reason.at(field),
            None => reason,
        };
        Self { row, reason, effect, wait: None, unsent: false }
    }

    /// Keeps the partner's message as evidence.
    #[must_use]
    pub fn saying(mut self, message: &str) -> Self {
        let message = message.trim();
        if !message.is_empty() {
            self.reason = self.reason.saying(text::cut(message, EVIDENCE_LIMIT));
        }
        self
    }

    /// Keeps a piece of the body as evidence, unless it may hold a credential.
    #[must_use]
    pub fn quoting(self, answer: &Answer) -> Self {
        match self.effect {
            Effect::Credential => self,
            Effect::Writes | Effect::Reads => self.saying(&String::from_utf8_lossy(&answer.body)),
        }
    }

    /// What is known when no cure is left.
    pub fn outcome(self) -> Outcome {
        let Self { row, reason, effect, wait, unsent } = self;
        match (row.ends, effect) {
            (Ends::Accepted, _) => Outcome::Accepted(reason),
            // What refuses a credential refuses the account, and says nothing about the handoff that waits for it.
            (Ends::Blocked, _) | (Ends::Rejected, Effect::Credential) => Outcome::Blocked(reason),
            (Ends::Rejected, Effect::Writes) => Outcome::Rejected(reason),
            (Ends::Uncertain, Effect::Writes) => Outcome::Uncertain(reason),
            (Ends::Unavailable, _)
            | (Ends::Rejected, Effect::Reads)
            | (Ends::Uncertain, Effect::Reads | Effect::Credential) => {
                Outcome::Unavailable { reason, wait, unsent }
            }
        }
    }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
