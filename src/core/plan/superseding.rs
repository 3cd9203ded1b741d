//! Which records a new record makes needless, and where it stands; and which statuses a new status.
//!
//! A record says the whole dossier, so a newer one says all that an older one said. But rows need a record before them:
//! a waiting record goes only when the portal already has one, or one is still ahead of it in the lane
//! (`R2 P2 R4 P4 R9 P9` becomes `R2 P2 P4 R9 P9`). A dead record holds the rows behind it, so the new one takes its
//! place. What was attempted is never called back. Nothing needs a status of a dossier that was lodged at the portal: a
//! newer one goes last and makes those needless that have not left.

use super::{Born, Open, Place, Stage};
use crate::handoff::HandoffKind;
use crate::ids::HandoffId;

/// What a new record does to those before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Succession {
    /// Where the new record stands.
    pub(super) place: Place,
    /// Records that it makes needless.
    pub(super) superseded: Vec<HandoffId>,
}

/// Decides it. `open` is the lane in its order; `acknowledged`: the portal has accepted a record.
pub(super) fn succession(open: &[Open], acknowledged: bool, born: &Born) -> Succession {
    let records: Vec<&Open> = open.iter().filter(|open| open.kind == HandoffKind::PortalRecord).collect();
    match born {
        Born::Due => by_a_due_record(&records, acknowledged),
        Born::Dead(_) => by_a_dead_record(&records),
        Born::Held(_) => Succession { place: Place::Last, superseded: held(&records) },
    }
}

/// Which statuses a new one makes needless. One that is dead itself takes nothing away that may still be sent.
pub(super) fn older_statuses(open: &[Open], born: &Born) -> Vec<HandoffId> {
    let statuses = open.iter().filter(|open| open.kind == HandoffKind::PortalStatus);
    let needless = statuses.filter(|status| match status.stage {
        Stage::Dead | Stage::Held => true,
        Stage::Waiting => *born == Born::Due && !status.attempted,
        Stage::Sending | Stage::Uncertain => false,
    });
    needless.map(|status| status.id.clone()).collect()
}

/// Whether a newer status than this one is on its way: then this one may stop without anybody acting.
pub(super) fn is_overtaken(open: &[Open], status: &HandoffId) -> bool {
    let behind = open.iter().skip_while(|open| open.id != *status).skip(1);
    behind.filter(|open| open.kind == HandoffKind::PortalStatus).any(|newer| match newer.stage {
        Stage::Waiting | Stage::Sending | Stage::Uncertain => true,
        Stage::Dead | Stage::Held => false,
    })
}

fn by_a_due_record(records: &[&Open], acknowledged: bool) -> Succession {
    let dead = records.iter().position(|record| record.stage == Stage::Dead);
    // A record already attempted behind the dead one would come after the newest: then the newest goes last.
    let takes_place = dead.filter(|&dead| !records.iter().skip(dead).any(|record| is_started(record)));
    let place = takes_place
        .and_then(|dead| records.get(dead))
        .map_or(Place::Last, |record| Place::Of(record.id.clone()));
    let mut ahead = acknowledged;
    let mut superseded = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let behind_the_new = takes_place.is_some_and(|dead| index >= dead);
        let goes = match record.stage {
            Stage::Dead | Stage::Held => true,
            Stage::Waiting => !record.attempted && (ahead || behind_the_new),
            Stage::Sending | Stage::Uncertain => false,
        };
        if goes {
            superseded.push(record.id.clone());
        } else {
            ahead = true;
        }
    }
    Succession { place, superseded }
}

/// A dead newest record replaces an older dead or held one, but nothing that may still be sent.
fn by_a_dead_record(records: &[&Open]) -> Succession {
    let mut superseded = held(records);
    let others: Vec<_> = records.iter().filter(|record| record.stage != Stage::Held).collect();
    match others.last() {
        Some(last) if last.stage == Stage::Dead => {
            superseded.push(last.id.clone());
            Succession { place: Place::Of(last.id.clone()), superseded }
        }
        Some(_) | None => Succession { place: Place::Last, superseded },
    }
}

fn held(records: &[&Open]) -> Vec<HandoffId> {
    records.iter().filter(|record| record.stage == Stage::Held).map(|record| record.id.clone()).collect()
}

fn is_started(record: &Open) -> bool {
    match record.stage {
        Stage::Sending | Stage::Uncertain => true,
        Stage::Waiting => record.attempted,
        Stage::Dead | Stage::Held => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Reason, ReasonCode};

    fn lane(text: &str) -> Vec<Open> {
        text.split_whitespace()
            .map(|word| {
                let (id, mark) = word.split_at_checked(2).unwrap();
                let (stage, attempted) = match mark {
                    "" => (Stage::Waiting, false),
                    "+" => (Stage::Waiting, true),
                    "!" => (Stage::Sending, true),
                    "?" => (Stage::Uncertain, true),
                    "x" => (Stage::Dead, true),
                    "h" => (Stage::Held, false),
                    other => panic!("unknown mark {other}"),
                };
                let kind = match id.chars().next() {
                    Some('R') => HandoffKind::PortalRecord,
                    Some('S') => HandoffKind::PortalStatus,
                    _ => HandoffKind::PortalProgress,
                };
                Open {
                    id: HandoffId::new(id),
                    kind,
                    leg: None,
                    number: None,
                    stage,
                    attempted,
                    dead: None,
                    planned_from: None,
                    content: None,
                }
            })
            .collect()
    }

    #[test]
    fn a_newer_record_supersedes_what_rows_do_not_need() {
        fn check(text: &str, acknowledged: bool, born: &Born, place: &str, superseded: &[&str]) {
            let got = succession(&lane(text), acknowledged, born);
            let expected = if place == "last" { Place::Last } else { Place::Of(HandoffId::new(place)) };
            assert_eq!(got.place, expected, "{text}");
            let ids: Vec<_> = got.superseded.iter().map(HandoffId::as_str).collect();
            assert_eq!(ids, superseded, "{text}");
        }
        let reason = || Reason::new(ReasonCode::known("GATEWAY-X"));
        let (due, dead, held) = (Born::Due, Born::Dead(reason()), Born::Held(reason()));
        check("", false, &due, "last", &[]);
        check("R2 P2", false, &due, "last", &[]);
        check("R2 P2 R4 P4", false, &due, "last", &["R4"]);
        check("R2 P2 R4 P4", true, &due, "last", &["R2", "R4"]);
        check("R2! P2 R4 P4", false, &due, "last", &["R4"]);
        check("R2+ P2", true, &due, "last", &[]);
        check("R2? P2", true, &due, "last", &[]);
        check("R2x P2", false, &due, "R2", &["R2"]);
        check("R2x P2 R4 P4", false, &due, "R2", &["R2", "R4"]);
        check("R2x P2 R4! P4", false, &due, "last", &["R2"]);
        check("R2 P2 R4x P4", false, &due, "R4", &["R4"]);
        check("R2h P2", true, &due, "last", &["R2"]);
        check("R2 P2 R4h", false, &due, "last", &["R4"]);
        check("R2x P2", false, &dead, "R2", &["R2"]);
        check("R2 P2", true, &dead, "last", &[]);
        check("R2 P2", true, &held, "last", &[]);
        check("R2h P2", true, &held, "last", &["R2"]);
    }

    #[test]
    fn a_newer_status_makes_those_needless_that_have_not_left() {
        fn check(text: &str, born: &Born, expected: &[&str]) {
            let got = older_statuses(&lane(text), born);
            assert_eq!(got.iter().map(HandoffId::as_str).collect::<Vec<_>>(), expected, "{text}");
        }
        let (due, dead) = (Born::Due, Born::Dead(Reason::new(ReasonCode::known("GATEWAY-X"))));
        check("R2 P2 S2 R4 P4 S4+ S6! S9? S7x", &due, &["S2", "S7"]);
        check("R2 P2 S2 S7x", &dead, &["S7"]);
        check("R2 P2", &due, &[]);
    }

    #[test]
    fn a_status_is_overtaken_by_a_newer_one_that_may_still_arrive() {
        fn check(text: &str, expected: bool) {
            assert_eq!(is_overtaken(&lane(text), &HandoffId::new("S2")), expected, "{text}");
        }
        check("S2x", false);
        check("S1 S2x R4 P4", false);
        check("S2x S4x S6h", false);
        check("S2x P4 S4", true);
        check("S2x S4!", true);
        check("S2x S4?", true);
    }
}
