//! The order of a lane, written down once more from the design and not from the code: who holds whom.
//!
//! | ahead | holds |
//! |---|---|
//! | waiting, being sent | everything |
//! | held for a person | nobody |
//! | dead record | everything, until a newer record takes its place |
//! | dead status | nobody |
//! | dead row | later rows for a time, records not at all |
//! | dead or uncertain order | orders of its leg; an uncertain one also a cancel that was tried already |
//! | dead cancel | what has its number |
//! | dead news | nobody |
//! | waiting for a dead or uncertain order of its own leg | its leg |

use super::store::Handoff;
use super::town::DEAD_ROW_HOLDS;
use lienthong_core::handoff::HandoffKind as Kind;

/// Who holds a handoff.
#[derive(Debug)]
pub(super) enum Hold<'a> {
    /// Nobody, from then on.
    FreeFrom(i64),
    By(&'a str),
}

/// Who holds the handoff at this place of its lane.
pub(super) fn hold<'a>(ahead: &[&'a Handoff], one: &Handoff) -> Hold<'a> {
    let mut from = one.due_at;
    for (index, other) in ahead.iter().enumerate().filter(|(_, other)| other.is_open()) {
        if other.kind == Kind::PortalProgress && other.is("dead") && one.kind == Kind::PortalProgress {
            let since = other.dead_at.unwrap_or(i64::MAX);
            from =
                from.max(since.saturating_add(i64::try_from(DEAD_ROW_HOLDS.as_millis()).unwrap_or(i64::MAX)));
        }
        let stuck = other.leg.is_some()
            && other.is("waiting")
            && ahead[..index].iter().any(|first| stops(first, other));
        let holds = if stuck { other.leg == one.leg } else { holds(other, one) };
        if holds {
            return Hold::By(&other.id);
        }
    }
    Hold::FreeFrom(from)
}

/// Whether an order that is stuck stops one of its leg.
fn stops(first: &Handoff, other: &Handoff) -> bool {
    (first.is("dead") || first.is("uncertain")) && first.leg == other.leg && holds(first, other)
}

fn holds(other: &Handoff, one: &Handoff) -> bool {
    match (other.state.as_str(), other.kind) {
        ("held", _) | ("dead", Kind::PortalProgress | Kind::PortalStatus | Kind::CommuneEvent) => false,
        ("dead", Kind::PostOrder) => one.kind == Kind::PostOrder && one.leg == other.leg,
        ("dead", Kind::PostCancel) => one.number == other.number,
        ("uncertain", Kind::PostOrder) => match one.kind {
            Kind::PostCancel => one.attempts > 0,
            Kind::PostOrder => one.leg == other.leg,
            Kind::PortalRecord | Kind::PortalProgress | Kind::PortalStatus | Kind::CommuneEvent => true,
        },
        _ => true,
    }
}
