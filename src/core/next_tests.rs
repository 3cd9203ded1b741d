//! The table *outcome × kind × abilities → what follows*.

use super::*;
use crate::port::Waybills;
use std::time::Duration;

fn abilities(look_up: LookUpAbility, number_unique: Uniqueness) -> Abilities {
    Abilities {
        look_up,
        number_unique,
        rows_per_call: 10,
        visibility_delay: Duration::from_secs(60),
        absent_looks: 2,
        uncertain_limit: Duration::from_secs(3600),
        waybills: Waybills::Partner,
    }
}

fn reason(code: &'static str) -> Reason {
    Reason::new(ReasonCode::known(code))
}

struct Case {
    kind: HandoffKind,
    status: Option<Status>,
    unique: Uniqueness,
    outcome: Outcome,
}

fn name(next: &Next) -> &'static str {
    match next {
        Next::Accepted(_) => "accepted",
        Next::Dead(_) => "dead",
        Next::Again { maybe_doubled: true, .. } => "again, maybe doubled",
        Next::Again { maybe_doubled: false, .. } => "again",
        Next::Ask { .. } => "ask",
        Next::Block(_) => "block",
        Next::Split => "split",
    }
}

fn situation<'a>(kind: HandoffKind, abilities: &'a Abilities, schedule: &'a Schedule) -> Situation<'a> {
    Situation {
        kind,
        row_status: None,
        call_size: 1,
        failures: 1,
        counted_attempts: 1,
        counted_age: SignedDuration::ZERO,
        uncertain_since: None,
        absent_looks: 0,
        abilities,
        schedule,
        now: Timestamp::UNIX_EPOCH,
        draw: 0.5,
    }
}

#[test]
fn every_kind_and_outcome_has_its_sequel() {
    use HandoffKind::{
        PortalProgress as Row, PortalRecord as Record, PostCancel as Cancel, PostOrder as Order,
    };
    let check = |case: Case, expected: &str| {
        let abilities = abilities(LookUpAbility::PositiveOnly, case.unique);
        let schedule = Schedule::default();
        let at = Situation { row_status: case.status, ..situation(case.kind, &abilities, &schedule) };
        assert_eq!(name(&after_attempt(&case.outcome, &at)), expected, "{:?} {:?}", case.kind, case.outcome);
    };
    let uncertain = || Outcome::Uncertain(reason("T"));
    let case = |kind, unique, outcome| Case { kind, status: None, unique, outcome };
    for kind in [Row, Record, Cancel, Order] {
        check(case(kind, Uniqueness::No, Outcome::Accepted(reason("T"))), "accepted");
        check(case(kind, Uniqueness::No, Outcome::Rejected(reason("T"))), "dead");
        check(case(kind, Uniqueness::No, Outcome::Blocked(reason("T"))), "block");
        let down = Outcome::Unavailable { reason: reason("T"), wait: None, unsent: false };
        check(case(kind, Uniqueness::No, down), "again");
    }
    check(case(Record, Uniqueness::No, uncertain()), "again");
    check(case(Cancel, Uniqueness::No, uncertain()), "again");
    check(case(Row, Uniqueness::No, uncertain()), "again, maybe doubled");
    let five = Case { status: Some(Status::SupplementAsked), ..case(Row, Uniqueness::No, uncertain()) };
    check(five, "dead");
    check(case(Order, Uniqueness::Yes, uncertain()), "again");
    check(case(Order, Uniqueness::No, uncertain()), "ask");
    check(case(Order, Uniqueness::Unknown, uncertain()), "ask");
}

#[test]
fn a_refused_batch_is_split() {
    let abilities = abilities(LookUpAbility::None, Uniqueness::No);
    let schedule = Schedule::default();
    let at = Situation { call_size: 3, ..situation(HandoffKind::PortalProgress, &abilities, &schedule) };
    assert_eq!(after_attempt(&Outcome::Rejected(reason("T")), &at), Next::Split);
}

#[test]
fn a_spent_budget_ends_in_a_dead_letter() {
    let abilities = abilities(LookUpAbility::None, Uniqueness::No);
    let schedule = Schedule::default();
    let at =
        Situation { counted_attempts: 12, ..situation(HandoffKind::PortalRecord, &abilities, &schedule) };
    let down = Outcome::Unavailable { reason: reason("T"), wait: None, unsent: false };
    assert_eq!(after_attempt(&down, &at), Next::Dead(reason(gateway::BUDGET_SPENT)));
}

#[test]
fn absent_is_believed_only_at_an_authoritative_look_up_asked_often_and_long_enough() {
    let check = |ability, looks, waited_seconds, expected: &str| {
        let abilities = abilities(ability, Uniqueness::No);
        let schedule = Schedule::default();
        let at = Situation {
            uncertain_since: Some(Timestamp::UNIX_EPOCH),
            absent_looks: looks,
            now: Timestamp::from_second(waited_seconds).unwrap(),
            ..situation(HandoffKind::PostOrder, &abilities, &schedule)
        };
        assert_eq!(
            name(&after_look_up(&LookUp::Absent, false, &at)),
            expected,
            "{ability:?} {looks} {waited_seconds}"
        );
    };
    check(LookUpAbility::Authoritative, 1, 100, "ask");
    check(LookUpAbility::Authoritative, 2, 10, "ask");
    check(LookUpAbility::Authoritative, 2, 100, "again");
    check(LookUpAbility::PositiveOnly, 9, 100, "ask");
    check(LookUpAbility::PositiveOnly, 9, 3600, "dead");
}

#[test]
fn the_feed_settles_what_it_shows_and_proves_nothing_by_silence() {
    let abilities = abilities(LookUpAbility::PositiveOnly, Uniqueness::Unknown);
    let schedule = Schedule::default();
    let at = Situation {
        uncertain_since: Some(Timestamp::UNIX_EPOCH),
        ..situation(HandoffKind::PostOrder, &abilities, &schedule)
    };
    assert_eq!(name(&after_look_up(&LookUp::AskTheFeed, true, &at)), "accepted");
    assert_eq!(name(&after_look_up(&LookUp::AskTheFeed, false, &at)), "ask");
}

#[test]
fn another_thing_under_our_number_is_neither_adopted_nor_overwritten() {
    let abilities = abilities(LookUpAbility::Authoritative, Uniqueness::Yes);
    let schedule = Schedule::default();
    let at = situation(HandoffKind::PostOrder, &abilities, &schedule);
    let differs = Next::Dead(reason(gateway::DIFFERS));
    assert_eq!(after_look_up(&LookUp::found(false), false, &at), differs);
    assert_eq!(name(&after_look_up(&LookUp::found(true), false, &at)), "accepted");
}

#[test]
fn an_interrupted_attempt_counts_as_made() {
    let abilities = abilities(LookUpAbility::PositiveOnly, Uniqueness::No);
    let schedule = Schedule::default();
    let order = situation(HandoffKind::PostOrder, &abilities, &schedule);
    assert_eq!(after_restart(&order), Next::Ask { due: Timestamp::UNIX_EPOCH });
    let record = situation(HandoffKind::PortalRecord, &abilities, &schedule);
    assert_eq!(after_restart(&record), Next::Again { due: Timestamp::UNIX_EPOCH, maybe_doubled: false });
}
