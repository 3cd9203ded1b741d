//! One log line for each change of a handoff's state, written once the change is committed; and how an error is told.

use super::{Error, Transition};
use crate::intake::chain;

impl Error {
    /// The error with its causes on one line, for the log. Causes that could quote what is stored are left out: a payload
    /// names persons.
    pub fn told(&self) -> String {
        match self {
            Self::Unreadable { .. } => self.to_string(),
            Self::Store(_)
            | Self::Commit(_)
            | Self::Stopped
            | Self::Thread(_)
            | Self::Locked { .. }
            | Self::Open { .. }
            | Self::NewerJournal { .. }
            | Self::OlderJournal { .. }
            | Self::MigrationChanged { .. }
            | Self::Together
            | Self::Missing(_)
            | Self::Halted
            | Self::Panicked(_) => chain(self),
        }
    }
}

/// Logs what changed; levels follow the consequence.
pub fn transitions(transitions: &[Transition]) {
    for transition in transitions {
        let Transition { handoff, dossier, kind, account, state, reason, attempt } = transition;
        let partner = kind.partner().name();
        let kind = kind.name();
        let code = reason.as_ref().map_or("", |reason| reason.code.as_str());
        let field = reason.as_ref().and_then(|reason| reason.field.as_deref()).unwrap_or("");
        metrics::counter!("lienthong_handoffs_total", "partner" => partner, "kind" => kind, "state" => *state).increment(1);
        macro_rules! line {
            ($level:ident, $message:literal) => {
                tracing::$level!(
                    handoff.id = %handoff, dossier.code = %dossier, kind, partner, account = %account,
                    attempt, reason = code, field, $message
                )
            };
        }
        match *state {
            "waiting" => line!(info, "a handoff waits for its turn"),
            "accepted" => line!(info, "a handoff was accepted"),
            "superseded" => line!(info, "a handoff was superseded"),
            "observed" => line!(info, "a handoff was planned and not sent"),
            "uncertain" => line!(warn, "a handoff may have been taken and will be asked about"),
            "held" => line!(warn, "a handoff is held for a person"),
            "dead" => line!(error, "a handoff became a dead letter"),
            _other => line!(info, "a handoff changed"),
        }
    }
}
