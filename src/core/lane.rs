//! Which handoffs of a lane may be sent, and when.
//!
//! A lane is (partner, dossier). Its handoffs go out in the order in which they were planned, and none before the one
//! ahead of it is final, with these exceptions:
//!
//! - a handoff that is *held* for a person holds nobody;
//! - a dead status holds nobody: nothing needs it, and a newer one says all that it said;
//! - a dead progress row holds later rows for a configured time, and records not at all;
//! - a dead or uncertain order holds only its own leg, and so does what waits for it; a cancel may overtake its uncertain
//!   or dead order, because the cancel's answer can settle both;
//! - a dead cancel holds only what concerns its own order; a cancel that overtook once waits like any other;
//! - dead news for the commune's system holds nobody: later news says where the dossier stands now.
//!
//! A dead record holds what stands behind it until a newer record replaces it (that is the planner's doing).

use crate::handoff::{HandoffKind, Leg};
use crate::ids::OrderNumber;
use crate::plan::Stage;
use jiff::{SignedDuration, Timestamp};

/// An open handoff of a lane, in the order of the lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its kind.
    pub kind: HandoffKind,
    /// Its leg, of postal handoffs.
    pub leg: Option<Leg>,
    /// Its order number, of postal handoffs.
    pub number: Option<OrderNumber>,
    /// Where it stands.
    pub stage: Stage,
    /// An attempt has been made.
    pub attempted: bool,
    /// When it is due: of waiting ones the next attempt, of uncertain ones the next question.
    pub due: Timestamp,
    /// Since when it is dead.
    pub dead_since: Option<Timestamp>,
    /// It travels alone: a row with status 5, or one of a refused batch.
    pub alone: bool,
}

/// Finds the entries that may go, each with the earliest time: `(index, time)`.
///
/// Waiting entries go out as attempts, uncertain ones as questions; the caller tells them apart by their stage.
pub fn may_go(lane: &[Entry], dead_row_holds: SignedDuration) -> Vec<(usize, Timestamp)> {
    let mut free = Vec::new();
    for (index, entry) in lane.iter().enumerate() {
        let ahead = lane.get(..index).unwrap_or_default();
        match entry.stage {
            Stage::Waiting => {
                if let Some(earliest) = released(ahead, entry, dead_row_holds) {
                    free.push((index, earliest.max(entry.due)));
                }
            }
            Stage::Uncertain => free.push((index, entry.due)),
            Stage::Sending | Stage::Dead | Stage::Held => {}
        }
    }
    free
}

/// An operator's pause of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// It ends by itself.
    Until(Timestamp),
    /// It ends when somebody releases the lane.
    UntilReleased,
}

/// What still may go of a paused lane: questions, which send nothing, and attempts once the pause ends by itself.
pub fn while_paused(
    lane: &[Entry],
    free: Vec<(usize, Timestamp)>,
    pause: Option<Pause>,
) -> Vec<(usize, Timestamp)> {
    let asks = |index: usize| lane.get(index).is_some_and(|entry| entry.stage == Stage::Uncertain);
    free.into_iter()
        .filter_map(|(index, time)| match pause {
            None => Some((index, time)),
            Some(_) if asks(index) => Some((index, time)),
            Some(Pause::Until(end)) => Some((index, time.max(end))),
            Some(Pause::UntilReleased) => None,
        })
        .collect()
}

/// The first entry ahead that holds the one at `index`.
pub fn holder(lane: &[Entry], index: usize, dead_row_holds: SignedDuration) -> Option<usize> {
    let entry = lane.get(index)?;
    let ahead = lane.get(..index).unwrap_or_default();
    (0..index).find(|other| !matches!(hold_of(ahead, *other, entry, dead_row_holds), Hold::No))
}

/// From when on `entry` may pass everything ahead of it; `None` while something holds it.
fn released(ahead: &[Entry], entry: &Entry, dead_row_holds: SignedDuration) -> Option<Timestamp> {
    let mut earliest = Timestamp::MIN;
    for index in 0..ahead.len() {
        match hold_of(ahead, index, entry, dead_row_holds) {
            Hold::No => {}
            Hold::Until(time) => earliest = earliest.max(time),
            Hold::Yes => return None,
        }
    }
    Some(earliest)
}

/// How the entry ahead at `index` holds `entry`.
fn hold_of(ahead: &[Entry], index: usize, entry: &Entry, dead_row_holds: SignedDuration) -> Hold {
    let Some(other) = ahead.get(index) else { return Hold::No };
    if other.leg != entry.leg && is_stuck(ahead.get(..index).unwrap_or_default(), other, dead_row_holds) {
        return Hold::No;
    }
    hold(other, entry, dead_row_holds)
}

/// Whether something postal waits for an order of its leg that is dead or uncertain, which may take days.
fn is_stuck(ahead: &[Entry], entry: &Entry, dead_row_holds: SignedDuration) -> bool {
    let holds = |other: &Entry| {
        matches!(other.stage, Stage::Dead | Stage::Uncertain)
            && other.leg == entry.leg
            && matches!(hold(other, entry, dead_row_holds), Hold::Yes)
    };
    entry.leg.is_some() && entry.stage == Stage::Waiting && ahead.iter().any(holds)
}

enum Hold {
    No,
    Until(Timestamp),
    Yes,
}

fn hold(other: &Entry, entry: &Entry, dead_row_holds: SignedDuration) -> Hold {
    let same_leg = other.leg == entry.leg;
    match (other.stage, other.kind) {
        (Stage::Held, _) => Hold::No,
        (Stage::Waiting | Stage::Sending, _) => Hold::Yes,
        (Stage::Uncertain, HandoffKind::PostOrder) => match entry.kind {
            // Overtaking is worth one try: refused as unknown, the cancel waits until the order is settled.
            HandoffKind::PostCancel => yes_if(entry.attempted),
            HandoffKind::PostOrder => yes_if(same_leg),
            HandoffKind::PortalRecord
            | HandoffKind::PortalProgress
            | HandoffKind::PortalStatus
            | HandoffKind::CommuneEvent => Hold::Yes,
        },
        (Stage::Uncertain, HandoffKind::PostCancel) => yes_if(same_leg),
        (
            Stage::Uncertain,
            HandoffKind::PortalRecord
            | HandoffKind::PortalProgress
            | HandoffKind::PortalStatus
            | HandoffKind::CommuneEvent,
        ) => Hold::Yes,
        (Stage::Dead, HandoffKind::PostOrder) => match entry.kind {
            HandoffKind::PostCancel => Hold::No,
            HandoffKind::PostOrder
            | HandoffKind::PortalRecord
            | HandoffKind::PortalProgress
            | HandoffKind::PortalStatus
            | HandoffKind::CommuneEvent => yes_if(same_leg),
        },
        // A cancel that failed is a task for a person; a later order of the leg has a number of its own.
        (Stage::Dead, HandoffKind::PostCancel) => yes_if(other.number == entry.number),
        (Stage::Dead, HandoffKind::PortalStatus | HandoffKind::CommuneEvent) => Hold::No,
        (Stage::Dead, HandoffKind::PortalRecord) => Hold::Yes,
        (Stage::Dead, HandoffKind::PortalProgress) => match entry.kind {
            HandoffKind::PortalProgress => dead_row(other, dead_row_holds),
            HandoffKind::PortalRecord
            | HandoffKind::PortalStatus
            | HandoffKind::PostOrder
            | HandoffKind::PostCancel
            | HandoffKind::CommuneEvent => Hold::No,
        },
    }
}

fn yes_if(held: bool) -> Hold {
    if held { Hold::Yes } else { Hold::No }
}

fn dead_row(row: &Entry, holds: SignedDuration) -> Hold {
    match row.dead_since.and_then(|since| since.checked_add(holds).ok()) {
        Some(until) => Hold::Until(until),
        None => Hold::Yes,
    }
}

/// The progress rows that travel in one call with the row at `head`: those that follow it at once, wait, are due, and
/// need not travel alone. `head` itself is not in the answer.
pub fn companions(lane: &[Entry], head: usize, most: usize, now: Timestamp) -> Vec<usize> {
    let travels = |entry: &Entry| {
        entry.kind == HandoffKind::PortalProgress
            && entry.stage == Stage::Waiting
            && !entry.alone
            && entry.due <= now
    };
    match lane.get(head) {
        Some(entry) if travels(entry) => {}
        Some(_) | None => return Vec::new(),
    }
    lane.iter()
        .enumerate()
        .skip(head + 1)
        .take_while(|(_, entry)| travels(entry))
        .take(most.saturating_sub(1))
        .map(|(index, _)| index)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use HandoffKind::{
        CommuneEvent as News, PortalProgress as Row, PortalRecord as Record, PortalStatus as Status,
        PostCancel as Cancel, PostOrder as Order,
    };
    use proptest::prelude::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn entry(kind: HandoffKind, stage: Stage) -> Entry {
        let leg = match kind {
            Order | Cancel => Some(Leg::Return),
            Record | Row | Status | News => None,
        };
        let number = leg.map(|_| OrderNumber::new("TRA-1"));
        let attempted = stage != Stage::Waiting;
        let due = Timestamp::UNIX_EPOCH;
        Entry { kind, leg, number, stage, attempted, due, dead_since: None, alone: false }
    }

    fn free(lane: &[Entry]) -> Vec<usize> {
        may_go(lane, HOUR).into_iter().map(|(index, _)| index).collect()
    }

    #[test]
    fn a_status_waits_for_its_turn_and_a_dead_one_holds_nobody() {
        let waiting = || entry(Status, Stage::Waiting);
        assert_eq!(free(&[entry(Record, Stage::Waiting), waiting()]), [0]);
        assert_eq!(free(&[entry(Row, Stage::Sending), waiting()]), [0; 0]);
        assert_eq!(free(&[entry(Record, Stage::Dead), waiting()]), [0; 0]);
        assert_eq!(free(&[entry(Row, Stage::Dead), waiting()]), [1]);
        for stage in [Stage::Sending, Stage::Waiting] {
            assert!(!free(&[entry(Status, stage), entry(Record, Stage::Waiting)]).contains(&1), "{stage:?}");
        }
        assert_eq!(free(&[entry(Status, Stage::Uncertain), entry(Row, Stage::Waiting)]), [0]);
        for behind in [Record, Row, Status] {
            assert_eq!(free(&[entry(Status, Stage::Dead), entry(behind, Stage::Waiting)]), [1]);
        }
    }

    #[test]
    fn news_goes_out_in_order_and_dead_news_holds_nobody() {
        assert_eq!(free(&[entry(News, Stage::Waiting), entry(News, Stage::Waiting)]), [0]);
        assert_eq!(free(&[entry(News, Stage::Sending), entry(News, Stage::Waiting)]), [0; 0]);
        assert_eq!(free(&[entry(News, Stage::Dead), entry(News, Stage::Waiting)]), [1]);
    }

    #[test]
    fn only_the_head_goes() {
        assert_eq!(free(&[entry(Record, Stage::Waiting), entry(Row, Stage::Waiting)]), [0]);
        assert_eq!(free(&[entry(Record, Stage::Sending), entry(Row, Stage::Waiting)]), [0usize; 0]);
    }

    #[test]
    fn a_dead_record_holds_what_is_behind_it() {
        assert_eq!(free(&[entry(Record, Stage::Dead), entry(Row, Stage::Waiting)]), [0usize; 0]);
    }

    #[test]
    fn a_held_record_holds_nobody() {
        assert_eq!(free(&[entry(Record, Stage::Held), entry(Row, Stage::Waiting)]), [1]);
    }

    #[test]
    fn a_dead_row_holds_rows_for_a_time_and_records_not_at_all() {
        let dead = Entry { dead_since: Some(Timestamp::UNIX_EPOCH), ..entry(Row, Stage::Dead) };
        let until = Timestamp::UNIX_EPOCH.checked_add(HOUR).unwrap();
        assert_eq!(may_go(&[dead.clone(), entry(Row, Stage::Waiting)], HOUR), [(1, until)]);
        assert_eq!(free(&[dead, entry(Record, Stage::Waiting)]), [1]);
    }

    #[test]
    fn a_stuck_order_holds_only_its_own_leg() {
        let pickup = Entry { leg: Some(Leg::Pickup), ..entry(Order, Stage::Dead) };
        assert_eq!(free(&[pickup, entry(Order, Stage::Waiting)]), [1]);
        assert_eq!(free(&[entry(Order, Stage::Dead), entry(Order, Stage::Waiting)]), [0usize; 0]);
    }

    #[test]
    fn what_waits_for_a_stuck_order_holds_only_its_own_leg() {
        let forward = |stage| Entry { leg: Some(Leg::Forward), ..entry(Order, stage) };
        let pickup = |kind, stage| Entry { leg: Some(Leg::Pickup), ..entry(kind, stage) };
        let tried = Entry { attempted: true, ..pickup(Cancel, Stage::Waiting) };
        let last = || entry(Order, Stage::Waiting);
        assert_eq!(free(&[forward(Stage::Dead), forward(Stage::Waiting), last()]), [2]);
        assert_eq!(free(&[forward(Stage::Uncertain), forward(Stage::Waiting), last()]), [0, 2]);
        assert_eq!(free(&[pickup(Order, Stage::Uncertain), tried, last()]), [0, 2]);
        assert_eq!(free(&[forward(Stage::Sending), forward(Stage::Waiting), last()]), [0usize; 0]);
        assert_eq!(free(&[forward(Stage::Waiting), last()]), [0]);
    }

    #[test]
    fn a_cancel_overtakes_its_uncertain_order_but_waits_for_one_in_flight() {
        assert_eq!(free(&[entry(Order, Stage::Uncertain), entry(Cancel, Stage::Waiting)]), [0, 1]);
        assert_eq!(free(&[entry(Order, Stage::Dead), entry(Cancel, Stage::Waiting)]), [1]);
        assert_eq!(free(&[entry(Order, Stage::Sending), entry(Cancel, Stage::Waiting)]), [0usize; 0]);
    }

    #[test]
    fn a_cancel_that_overtook_once_waits_for_its_order() {
        let tried = Entry { attempted: true, ..entry(Cancel, Stage::Waiting) };
        assert_eq!(free(&[entry(Order, Stage::Uncertain), tried]), [0]);
    }

    #[test]
    fn a_paused_lane_asks_and_sends_nothing_until_its_pause_ends() {
        let lane = [
            entry(Order, Stage::Uncertain),
            Entry { leg: Some(Leg::Pickup), ..entry(Order, Stage::Waiting) },
        ];
        let end = Timestamp::UNIX_EPOCH.checked_add(HOUR).unwrap();
        let check = |pause, expected: &[(usize, Timestamp)]| {
            assert_eq!(while_paused(&lane, may_go(&lane, HOUR), pause), expected, "{pause:?}");
        };
        let now = Timestamp::UNIX_EPOCH;
        check(None, &[(0, now), (1, now)]);
        check(Some(Pause::UntilReleased), &[(0, now)]);
        check(Some(Pause::Until(end)), &[(0, now), (1, end)]);
    }

    #[test]
    fn the_holder_is_the_first_that_holds() {
        let lane = [entry(Record, Stage::Held), entry(Record, Stage::Dead), entry(Row, Stage::Waiting)];
        assert_eq!(holder(&lane, 2, HOUR), Some(1));
        assert_eq!(holder(&lane, 0, HOUR), None);
        assert_eq!(holder(&lane, 9, HOUR), None);
    }

    #[test]
    fn a_dead_cancel_holds_no_later_order() {
        let next = Entry { number: Some(OrderNumber::new("TRA-2")), ..entry(Order, Stage::Waiting) };
        assert_eq!(free(&[entry(Cancel, Stage::Dead), next]), [1]);
    }

    #[test]
    fn rows_that_follow_each_other_travel_together() {
        let row = || entry(Row, Stage::Waiting);
        let alone = || Entry { alone: true, ..row() };
        let now = Timestamp::UNIX_EPOCH;
        let check =
            |lane: &[Entry], most, expected: &[usize]| assert_eq!(companions(lane, 0, most, now), expected);
        check(&[row(), row(), row()], 10, &[1, 2]);
        check(&[row(), row(), row()], 2, &[1]);
        check(&[row(), alone(), row()], 10, &[]);
        check(&[alone(), row()], 10, &[]);
        check(&[row(), entry(Record, Stage::Waiting), row()], 10, &[]);
    }

    fn any_entry() -> impl Strategy<Value = Entry> {
        let kinds = prop::sample::select(vec![Record, Row]);
        let stages = prop::sample::select(vec![
            Stage::Waiting,
            Stage::Sending,
            Stage::Uncertain,
            Stage::Dead,
            Stage::Held,
        ]);
        (kinds, stages).prop_map(|(kind, stage)| entry(kind, stage))
    }

    proptest! {
        #[test]
        fn nothing_passes_a_waiting_or_sending_handoff(lane in prop::collection::vec(any_entry(), 0..8)) {
            for index in free(&lane) {
                if lane[index].stage == Stage::Waiting {
                    prop_assert!(lane[..index].iter().all(|e| !matches!(e.stage, Stage::Waiting | Stage::Sending)));
                }
            }
        }
    }
}
