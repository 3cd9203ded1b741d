//! The cure is at the desk: a newer event that corrects what a dead letter names brings it back to life.
//!
//! What our own translation refused is tried again: it is cured when nothing is wrong any more. What a partner refused
//! is cured when the field that the partner's code points at has another value than in the snapshot it was planned
//! from. What *may have been taken* is never cured by an event: only a person may repeat it.

use super::{Open, Stage};
use crate::event::Snapshot;
use crate::outcome::{Reason, gateway};
use serde_json::Value;

/// Codes of ours that say nothing about the content: the partner may have it.
const MAY_BE_TAKEN: [&str; 6] = [
    gateway::UNCERTAIN,
    gateway::DIFFERS,
    gateway::BUDGET_SPENT,
    gateway::PANIC,
    gateway::INTERRUPTED,
    gateway::NO_ACCOUNT,
];

/// Why the handoff is dead, when the partner surely has not taken it.
pub(super) fn refused(open: &Open) -> Option<&Reason> {
    let reason = open.dead.as_ref().filter(|_| open.stage == Stage::Dead)?;
    let surely = !open.attempted || !MAY_BE_TAKEN.contains(&reason.code.as_str());
    surely.then_some(reason)
}

/// Whether our own translation refused it, not the partner.
pub(super) fn is_our_own(reason: &Reason) -> bool {
    reason.code.as_str().starts_with("GATEWAY-")
}

/// Whether the field that a partner's refusal names has another value now. Where the snapshot it was planned from is
/// lost nobody can tell: then whatever differs may be it.
pub(super) fn field_changed(open: &Open, reason: &Reason, now: &Snapshot) -> bool {
    match (&reason.field, &open.planned_from) {
        (Some(path), Some(before)) => field(before, path) != field(now, path),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// The value at a path of the event's `data`, such as `postal.return.phone`; null where there is none.
///
/// A path into `postal.forward` stands for the whole block: its address lies one level deeper here than in the event.
fn field(snapshot: &Snapshot, path: &str) -> Value {
    let whole = serde_json::to_value(snapshot).expect("a snapshot has string keys only");
    let path = if path.starts_with("postal.forward") { "postal.forward" } else { path };
    let mut found = &whole;
    for step in path.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
        let next = match step.parse::<usize>() {
            Ok(index) => found.get(index),
            Err(_) => found.get(step),
        };
        match next {
            Some(value) => found = value,
            None => return Value::Null,
        }
    }
    found.clone()
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn fields_are_found_by_the_events_own_paths() {
        let snapshot = sample::snapshot();
        fn check(snapshot: &Snapshot, path: &str, expected: &str) {
            assert_eq!(field(snapshot, path).to_string(), expected, "{path}");
        }
        check(&snapshot, "applicant.phone", "\"0510000111\"");
        check(&snapshot, "postal.return.phone", "\"0510000111\"");
        check(&snapshot, "fees[0].amount", "8000");
        check(&snapshot, "fees.0.paid", "true");
        check(&snapshot, "postal.forward.phone", "null");
        check(&snapshot, "dossier.unheard_of", "null");
    }
}
