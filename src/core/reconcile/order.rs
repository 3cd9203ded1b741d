//! A postal order here and at the post.

use super::record::kept;
use super::{Difference, Grade, Kind, Repair, codes};
use crate::inspect::Theirs;
use crate::tracking::TrackingState;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// An order as we hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// How far it got.
    pub stage: OrderStage,
    /// The cash that it asks for, where that is still known.
    pub cash: Option<u64>,
    /// The waybill that came with its acceptance.
    pub waybill: Option<String>,
}

/// How far an order got here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderStage {
    /// It waits, is being sent, or is asked about: the dispatcher and the tracker see to it.
    UnderWay,
    /// The post took it then.
    Accepted(Timestamp),
    /// The post took its cancel.
    Cancelled,
    /// The post never took it; the state that it ended or stopped in.
    NotAccepted(&'static str),
}

/// By what the post is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A list of the account's orders: what is not in it is not there.
    Listing,
    /// The tracking feed, which may show an order only once it is collected.
    Feed {
        /// When the feed last brought a new row.
        moved_at: Option<Timestamp>,
    },
}

/// Compares. What was accepted after `visible_before` may not show yet.
pub fn compare_order(
    ours: &Held,
    theirs: &[Theirs],
    witness: Witness,
    visible_before: Timestamp,
) -> Option<Difference> {
    let differs = |code| found(Kind::Differs, code, Grade::Firm, ours, theirs, Repair::AskPost);
    match ours.stage {
        OrderStage::UnderWay => None,
        OrderStage::Accepted(since) if theirs.is_empty() => {
            let grade = unseen(since, witness, visible_before)?;
            Some(found(Kind::MissingThere, codes::ORDER_UNSEEN, grade, ours, theirs, Repair::CallPost))
        }
        OrderStage::Accepted(_) if is_double(theirs) => {
            let code = codes::ORDER_DOUBLE;
            Some(found(Kind::DoubleThere, code, Grade::Firm, ours, theirs, Repair::AskPost))
        }
        OrderStage::Accepted(_) if other_cash(ours, theirs) => Some(differs(codes::ORDER_CASH)),
        OrderStage::Accepted(_) if other_waybill(ours, theirs) => Some(differs(codes::ORDER_WAYBILL)),
        OrderStage::Accepted(_) => None,
        OrderStage::Cancelled => {
            let moves = theirs.iter().any(|one| one.state.is_some_and(TrackingState::is_collected));
            moves.then(|| differs(codes::ORDER_CANCELLED))
        }
        OrderStage::NotAccepted(_) => {
            let lives = theirs.iter().any(|one| one.state != Some(TrackingState::Cancelled));
            lives.then(|| differs(codes::ORDER_UNSENT))
        }
    }
}

/// What the post has under a number that is none of ours, on an account of ours.
pub fn compare_stranger(theirs: &[Theirs]) -> Difference {
    Difference {
        kind: Kind::MissingHere,
        code: codes::ORDER_STRANGER,
        grade: Grade::Firm,
        ours: "unknown".to_owned(),
        theirs: shown(theirs),
        repair: Repair::AskPost,
    }
}

/// How much it says that an order does not show; `None` as long as it says nothing.
fn unseen(since: Timestamp, witness: Witness, visible_before: Timestamp) -> Option<Grade> {
    if since > visible_before {
        return None;
    }
    match witness {
        Witness::Listing => Some(Grade::Firm),
        // A feed that stands still says nothing about anybody.
        Witness::Feed { moved_at } => moved_at.filter(|at| *at > since).map(|_moved| Grade::Weak),
    }
}

/// Two waybills under one number, or two entries of a list that cannot be told to be one.
fn is_double(theirs: &[Theirs]) -> bool {
    let waybills: BTreeSet<&str> = theirs.iter().filter_map(|one| one.waybill.as_deref()).collect();
    let without = theirs.iter().filter(|one| one.waybill.is_none()).count();
    waybills.len() > 1 || without > 1
}

fn other_cash(ours: &Held, theirs: &[Theirs]) -> bool {
    ours.cash.is_some_and(|cash| theirs.iter().filter_map(|one| one.cash).any(|other| other != cash))
}

fn other_waybill(ours: &Held, theirs: &[Theirs]) -> bool {
    let shown = theirs.iter().filter_map(|one| one.waybill.as_deref());
    ours.waybill.as_deref().is_some_and(|waybill| shown.into_iter().any(|other| other != waybill))
}

fn found(
    kind: Kind,
    code: &'static str,
    grade: Grade,
    ours: &Held,
    theirs: &[Theirs],
    repair: Repair,
) -> Difference {
    Difference { kind, code, grade, ours: held(ours), theirs: shown(theirs), repair }
}

fn held(ours: &Held) -> String {
    let stage = match ours.stage {
        OrderStage::UnderWay => "under way",
        OrderStage::Accepted(_) => "accepted",
        OrderStage::Cancelled => "cancelled",
        OrderStage::NotAccepted(state) => state,
    };
    let cash = ours.cash.filter(|cash| *cash > 0).map(|cash| format!("cash {cash}"));
    let waybill = ours.waybill.as_deref().map(|waybill| format!("waybill {}", billed(waybill)));
    [Some(stage.to_owned()), waybill, cash].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn shown(theirs: &[Theirs]) -> String {
    let one = |theirs: &Theirs| {
        let state = theirs.state.map_or("there", TrackingState::name).to_owned();
        let code = theirs.status.as_deref().map(|code| format!("code {}", kept(code)));
        let waybill = theirs.waybill.as_deref().map(|waybill| format!("waybill {}", billed(waybill)));
        let cash = theirs.cash.map(|cash| format!("cash {cash}"));
        [Some(state), code, waybill, cash].into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let all: Vec<String> = theirs.iter().take(MOST_SHOWN).map(one).collect();
    match theirs.len() {
        0 => "absent".to_owned(),
        1 => all.concat(),
        count => format!("{count} times: {}", all.join("; ")),
    }
}

/// A waybill as it is kept: capitals and digits, a capital first, as the post's own are.
fn billed(waybill: &str) -> &str {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_uppercase());
    let plain = waybill.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let is_one = plain && waybill.len() <= LONGEST_WAYBILL && letter(waybill.chars().next());
    if is_one { waybill } else { "?" }
}

/// Longest waybill that is kept: the post's own have 13 characters.
const LONGEST_WAYBILL: usize = 20;

/// Entries of one number that a finding names.
const MOST_SHOWN: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::codes::{
        ORDER_CANCELLED, ORDER_CASH, ORDER_DOUBLE, ORDER_UNSEEN, ORDER_UNSENT, ORDER_WAYBILL,
    };
    use Grade::{Firm, Weak};
    use Kind::{Differs, DoubleThere, MissingThere};
    use Repair::{AskPost, CallPost};

    const LISTING: Witness = Witness::Listing;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn feed(moved_at: Option<i64>) -> Witness {
        Witness::Feed { moved_at: moved_at.map(at) }
    }

    fn held(stage: OrderStage) -> Held {
        Held { stage, cash: Some(8000), waybill: Some("EN1VN".to_owned()) }
    }

    fn accepted(second: i64) -> Held {
        held(OrderStage::Accepted(at(second)))
    }

    fn there(state: TrackingState) -> Theirs {
        Theirs { name: "X-TRA-1".to_owned(), state: Some(state), ..Theirs::default() }
    }

    fn billed(waybill: &str) -> Theirs {
        Theirs { waybill: Some(waybill.to_owned()), ..there(TrackingState::InTransit) }
    }

    type Expected = Option<(Kind, &'static str, Grade, Repair)>;

    #[track_caller]
    fn check(ours: &Held, theirs: &[Theirs], witness: Witness, expected: Expected) {
        let found = compare_order(ours, theirs, witness, at(1000));
        let seen = found.map(|found| (found.kind, found.code, found.grade, found.repair));
        assert_eq!(seen, expected, "{ours:?} {theirs:?} {witness:?}");
    }

    #[test]
    fn an_order_that_does_not_show_is_missing_there_as_far_as_the_witness_goes() {
        let missing = |grade| Some((MissingThere, ORDER_UNSEEN, grade, CallPost));
        check(&accepted(900), &[], LISTING, missing(Firm));
        check(&accepted(900), &[], feed(Some(950)), missing(Weak));
        check(&accepted(900), &[], feed(Some(900)), None);
        check(&accepted(900), &[], feed(None), None);
        check(&accepted(1001), &[], LISTING, None);
        check(&accepted(1001), &[], feed(Some(2000)), None);
        check(&accepted(900), &[there(TrackingState::Unknown)], feed(Some(950)), None);
    }

    #[test]
    fn an_order_is_there_once_with_our_cash_and_waybill() {
        let cash = |cash| Theirs { cash: Some(cash), ..billed("EN1VN") };
        let double = Some((DoubleThere, ORDER_DOUBLE, Firm, AskPost));
        for witness in [LISTING, feed(Some(950))] {
            check(&accepted(900), &[billed("EN1VN")], witness, None);
            check(&accepted(900), &[cash(8000)], witness, None);
            check(&accepted(900), &[cash(0)], witness, Some((Differs, ORDER_CASH, Firm, AskPost)));
            check(&accepted(900), &[billed("EN2VN")], witness, Some((Differs, ORDER_WAYBILL, Firm, AskPost)));
            check(&accepted(900), &[billed("EN1VN"), billed("EN2VN")], witness, double);
            check(&accepted(900), &[billed("EN1VN"), billed("EN1VN")], witness, None);
            let twice = [there(TrackingState::Accepted), there(TrackingState::Accepted)];
            check(&accepted(900), &twice, witness, double);
            // The feed shows an order before it has a waybill, and a list shows it afterwards.
            check(&accepted(900), &[there(TrackingState::Accepted), billed("EN1VN")], witness, None);
        }
        let unknown = Held { cash: None, waybill: None, ..accepted(900) };
        check(&unknown, &[cash(5)], LISTING, None);
    }

    #[test]
    fn what_was_cancelled_stands_still_and_what_was_not_taken_is_not_there() {
        let cancelled = held(OrderStage::Cancelled);
        let moves = Some((Differs, ORDER_CANCELLED, Firm, AskPost));
        let unsent = Some((Differs, ORDER_UNSENT, Firm, AskPost));
        for state in TrackingState::ALL {
            check(&cancelled, &[there(state)], LISTING, moves.filter(|_| state.is_collected()));
            for stopped in ["dead", "held", "dismissed", "superseded", "observed"] {
                let ours = held(OrderStage::NotAccepted(stopped));
                let expected = unsent.filter(|_| state != TrackingState::Cancelled);
                check(&ours, &[there(state)], feed(None), expected);
            }
            check(&held(OrderStage::UnderWay), &[there(state)], LISTING, None);
        }
        check(&cancelled, &[], LISTING, None);
        check(&held(OrderStage::NotAccepted("dead")), &[], LISTING, None);
    }

    #[test]
    fn a_stranger_is_missing_here_and_shown_by_its_codes() {
        let theirs = Theirs { status: Some("4".to_owned()), ..billed("EN7VN") };
        let found = compare_stranger(&[theirs]);
        assert_eq!((found.kind, found.code), (Kind::MissingHere, codes::ORDER_STRANGER));
        assert_eq!(found.theirs, "in-transit, code 4, waybill EN7VN");
    }
}
