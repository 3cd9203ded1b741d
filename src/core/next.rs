//! What follows from an outcome.
//!
//! One attempt ends in an [`Outcome`]; [`after_attempt`] says what becomes of the handoff. *Did not take it* is never
//! *may have taken it*: what may have been taken is asked about before it is repeated, and repeated on a guess never.

use crate::handoff::HandoffKind;
use crate::outcome::{Outcome, Reason, ReasonCode, gateway};
use crate::port::{Abilities, LookUp, LookUpAbility, Uniqueness};
use crate::schedule::{Schedule, later};
use crate::status::Status;
use jiff::{SignedDuration, Timestamp};

/// What is known of a handoff when one of its attempts or look-ups ends.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Its kind.
    pub kind: HandoffKind,
    /// Status of a progress row.
    pub row_status: Option<Status>,
    /// Handoffs that travelled in the same call, itself included.
    pub call_size: usize,
    /// Attempts that failed in a row, this one included.
    pub failures: u32,
    /// Attempts made while the partner was up.
    pub counted_attempts: u32,
    /// Age that passed while the partner was up.
    pub counted_age: SignedDuration,
    /// Since when it is uncertain.
    pub uncertain_since: Option<Timestamp>,
    /// Look-ups in a row that said *absent*, this one included.
    pub absent_looks: u32,
    /// What the interface can do.
    pub abilities: &'a Abilities,
    /// When attempts are made again.
    pub schedule: &'a Schedule,
    /// The time.
    pub now: Timestamp,
    /// A random number in 0..1 for jitter.
    pub draw: f64,
}

/// What becomes of a handoff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Final: they have it.
    Accepted(Reason),
    /// Stopped, for a person or the desk.
    Dead(Reason),
    /// Another attempt.
    Again {
        /// When.
        due: Timestamp,
        /// The effect may now happen twice.
        maybe_doubled: bool,
    },
    /// They may have it: ask first.
    Ask {
        /// When.
        due: Timestamp,
    },
    /// The account stops; the handoff waits for it without losing an attempt.
    Block(Reason),
    /// Each handoff of the refused call travels alone from now on.
    Split,
}

/// Decides what follows from an attempt.
pub fn after_attempt(outcome: &Outcome, at: &Situation<'_>) -> Next {
    match outcome {
        Outcome::Accepted(reason) => Next::Accepted(reason.clone()),
        Outcome::Rejected(_) if at.call_size > 1 => Next::Split,
        Outcome::Rejected(reason) => Next::Dead(reason.clone()),
        Outcome::Blocked(reason) => Next::Block(reason.clone()),
        Outcome::Unavailable { reason, .. } => again_or_spent(outcome, reason, at, false),
        Outcome::Uncertain(reason) => match at.kind {
            HandoffKind::PortalRecord
            | HandoffKind::PortalStatus
            | HandoffKind::PostCancel
            | HandoffKind::CommuneEvent => again_or_spent(outcome, reason, at, false),
            HandoffKind::PortalProgress if at.row_status == Some(Status::SupplementAsked) => {
                Next::Dead(uncertain(reason))
            }
            HandoffKind::PortalProgress => again_or_spent(outcome, reason, at, true),
            HandoffKind::PostOrder if at.abilities.number_unique == Uniqueness::Yes => {
                again_or_spent(outcome, reason, at, false)
            }
            HandoffKind::PostOrder => ask_or_give_up(reason, at),
        },
    }
}

/// Decides what follows from a look-up of an uncertain handoff.
pub fn after_look_up(look_up: &LookUp, found_in_feed: bool, at: &Situation<'_>) -> Next {
    let witness = Reason::new(ReasonCode::known(gateway::FOUND));
    match look_up {
        LookUp::Found { same: true, .. } => Next::Accepted(witness),
        LookUp::Found { same: false, .. } => Next::Dead(Reason::new(ReasonCode::known(gateway::DIFFERS))),
        LookUp::AskTheFeed if found_in_feed => Next::Accepted(witness),
        LookUp::Absent if at.abilities.look_up == LookUpAbility::Authoritative => {
            let waited =
                at.uncertain_since.is_some_and(|since| later(since, at.abilities.visibility_delay) <= at.now);
            if waited && at.absent_looks >= at.abilities.absent_looks {
                return Next::Again { due: at.now, maybe_doubled: false };
            }
            ask_or_give_up(&Reason::new(ReasonCode::known(gateway::UNCERTAIN)), at)
        }
        LookUp::Absent | LookUp::AskTheFeed | LookUp::CouldNotAsk(_) => {
            ask_or_give_up(&Reason::new(ReasonCode::known(gateway::UNCERTAIN)), at)
        }
    }
}

/// Decides what becomes of a handoff whose attempt was open when the daemon stopped.
pub fn after_restart(at: &Situation<'_>) -> Next {
    let reason = Reason::new(ReasonCode::known(gateway::INTERRUPTED));
    match after_attempt(&Outcome::Uncertain(reason), at) {
        // Nothing is known against the partner: no wait is due.
        Next::Again { maybe_doubled, .. } => Next::Again { due: at.now, maybe_doubled },
        Next::Ask { .. } => Next::Ask { due: at.now },
        other @ (Next::Accepted(_) | Next::Dead(_) | Next::Block(_) | Next::Split) => other,
    }
}

fn again_or_spent(outcome: &Outcome, reason: &Reason, at: &Situation<'_>, maybe_doubled: bool) -> Next {
    if at.schedule.is_spent(at.counted_attempts, at.counted_age) {
        let spent = Reason { code: ReasonCode::known(gateway::BUDGET_SPENT), ..reason.clone() };
        return Next::Dead(spent);
    }
    Next::Again { due: at.schedule.due_again(outcome, at.failures, at.now, at.draw), maybe_doubled }
}

fn ask_or_give_up(reason: &Reason, at: &Situation<'_>) -> Next {
    let since = at.uncertain_since.unwrap_or(at.now);
    let limit = later(since, at.abilities.uncertain_limit);
    if limit <= at.now {
        return Next::Dead(uncertain(reason));
    }
    let wait = at.abilities.visibility_delay.max(at.schedule.wait(at.absent_looks.max(1), at.draw));
    Next::Ask { due: later(at.now, wait).min(limit) }
}

fn uncertain(reason: &Reason) -> Reason {
    Reason { code: ReasonCode::known(gateway::UNCERTAIN), ..reason.clone() }
}

#[cfg(test)]
#[path = "next_tests.rs"]
mod tests;
