use super::*;
use crate::outcome::{Reason, ReasonCode};
use Sign::{Away, Nothing, Up};
use jiff::SignedDuration;
use proptest::prelude::*;

const CONCURRENCY: u32 = 8;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_663_214_400 + seconds).unwrap()
}

fn rules() -> BreakerRules {
    BreakerRules::default()
}

/// A call that ends a second after it began.
fn see(breaker: &mut Breaker, sign: Sign, ended: i64) -> Option<Change> {
    let call = Observed { sign, started_at: at(ended - 1), ended_at: at(ended), concurrency: CONCURRENCY };
    breaker.observe(&call, &rules())
}

fn fine() -> Outcome {
    Outcome::Accepted(Reason::new(ReasonCode::known("TEST-OK")))
}

fn away() -> Outcome {
    Outcome::Unavailable { reason: Reason::new(ReasonCode::known("TEST-503")), wait: None, unsent: false }
}

/// Opened at that second.
fn opened(second: i64) -> Breaker {
    let mut breaker = Breaker::default();
    let changes: Vec<_> = (0..5).filter_map(|_| see(&mut breaker, Away, second)).collect();
    assert_eq!(changes, [Change::Opened]);
    breaker
}

/// Being tried since that second.
fn trying(second: i64) -> Breaker {
    let mut breaker = opened(second - 30);
    breaker.begin_probe(at(second), &rules());
    breaker.end_probe(&fine(), at(second), &rules());
    assert_eq!(breaker.room(at(second), &rules()), Room::Permits(1));
    breaker
}

#[test]
fn what_a_partner_answers_shows_that_it_is_up_and_what_is_our_own_fault_shows_nothing() {
    let reason = |code| Reason::new(ReasonCode::known(code));
    let unavailable = |wait, unsent| Outcome::Unavailable { reason: reason("TEST"), wait, unsent };
    for (outcome, sign) in [
        (Outcome::Accepted(reason("TEST")), Up),
        (Outcome::Rejected(reason("TEST")), Up),
        (unavailable(None, false), Away),
        (unavailable(None, true), Away),
        (unavailable(Some(Duration::from_secs(9)), false), Nothing),
        (Outcome::Uncertain(reason("TEST")), Away),
        (Outcome::Uncertain(reason(gateway::PANIC)), Nothing),
        (Outcome::Blocked(reason("TEST")), Nothing),
    ] {
        assert_eq!(Sign::of(&outcome), sign, "{outcome:?}");
    }
}

#[test]
fn it_opens_on_failures_in_a_row_or_on_half_of_many_within_a_minute() {
    let check = |about: &str, signs: &[(Sign, usize, i64)], opens: bool| {
        let (mut breaker, mut now) = (Breaker::default(), 0);
        for (sign, times, seconds_between) in signs {
            for _ in 0..*times {
                now += seconds_between;
                see(&mut breaker, *sign, now);
            }
        }
        assert_eq!(!breaker.is_closed(), opens, "{about}: {breaker:?}");
    };
    check("four in a row", &[(Away, 4, 1)], false);
    check("five in a row", &[(Away, 5, 1)], true);
    check("five in a row, hours apart", &[(Away, 5, 7200)], true);
    check("a success in between", &[(Away, 4, 1), (Up, 1, 1), (Away, 4, 1)], false);
    check("a wait in between says nothing", &[(Away, 4, 1), (Nothing, 3, 1), (Away, 1, 1)], true);
    let mixed = |ups: usize, between: i64| [(Away, 1, between), (Up, ups, between)].repeat(20);
    check("half fail", &mixed(1, 1), true);
    check("a third fail", &mixed(2, 0), false);
    check("half fail, and few within a minute", &mixed(1, 7), false);
}

#[test]
fn the_wait_doubles_with_each_probe_in_vain_up_to_the_longest() {
    let mut breaker = opened(0);
    let mut now = 0;
    for wait in [30, 60, 120, 240, 480, 600, 600] {
        assert_eq!(breaker.room(at(now), &rules()), Room::Not(at(now + wait)));
        now += wait;
        assert_eq!(breaker.room(at(now), &rules()), Room::Probe);
        breaker.begin_probe(at(now), &rules());
        assert_eq!(breaker.room(at(now), &rules()), Room::Not(at(now + 30)), "one probe at a time");
        breaker.end_probe(&away(), at(now), &rules());
    }
}

#[test]
fn a_probe_that_never_ends_is_followed_by_another() {
    let mut breaker = opened(0);
    breaker.begin_probe(at(30), &rules());
    assert_eq!(breaker.room(at(59), &rules()), Room::Not(at(60)));
    assert_eq!(breaker.room(at(60), &rules()), Room::Probe);
}

#[test]
fn permits_start_at_one_and_double_with_each_success_until_it_closes() {
    let mut breaker = trying(100);
    for (permits, change) in [(Some(2), None), (Some(4), None), (None, Some(Change::Closed))] {
        assert_eq!(see(&mut breaker, Up, 110), change);
        let room = permits.map_or(Room::Free, Room::Permits);
        assert_eq!(breaker.room(at(110), &rules()), room);
    }
    assert_eq!(breaker.opened_at, None);
    assert_eq!(opened(200).room(at(200), &rules()), Room::Not(at(230)), "and the next outage begins anew");
}

#[test]
fn a_failure_while_it_is_tried_goes_back_to_one_permit_and_there_it_opens_again() {
    let mut breaker = trying(100);
    see(&mut breaker, Up, 110);
    see(&mut breaker, Up, 110);
    assert_eq!(see(&mut breaker, Away, 111), None);
    assert_eq!(breaker.room(at(111), &rules()), Room::Permits(1));
    assert_eq!(see(&mut breaker, Away, 112), None, "nobody is told a second time");
    assert_eq!(breaker.room(at(112), &rules()), Room::Not(at(112 + 60)));
    assert_eq!(breaker.opened_at, Some(at(70)));
}

#[test]
fn what_began_before_it_opened_tells_of_then() {
    let mut breaker = opened(0);
    assert_eq!(see(&mut breaker, Up, 1), None);
    assert_eq!(breaker.room(at(1), &rules()), Room::Not(at(30)));
    let mut breaker = trying(100);
    let straggler = |sign| Observed { sign, started_at: at(60), ended_at: at(101), concurrency: CONCURRENCY };
    for sign in [Up, Away] {
        assert_eq!(breaker.observe(&straggler(sign), &rules()), None);
        assert_eq!(breaker.room(at(101), &rules()), Room::Permits(1));
    }
}

#[test]
fn a_resume_makes_the_probe_due_and_opens_no_gate() {
    let mut breaker = opened(0);
    breaker.hurry(at(3));
    assert_eq!(breaker.room(at(3), &rules()), Room::Probe);
    let mut closed = Breaker::default();
    closed.hurry(at(3));
    assert_eq!(closed, Breaker::default());
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_for_longer_than_the_longest_wait() {
    let breaker = opened(100_000);
    assert_eq!(breaker.room(at(0), &rules()), Room::Probe);
    let mut breaker = trying(100_000);
    for _ in 0..3 {
        see(&mut breaker, Up, 10);
    }
    assert!(breaker.is_closed());
}

#[test]
fn the_partner_was_up_when_it_answered_somebody_since_and_is_not_away_now() {
    let check = |about: &str, signs: &[(Sign, i64)], since: i64, up: bool| {
        let mut breaker = Breaker::default();
        for (sign, now) in signs {
            see(&mut breaker, *sign, *now);
        }
        assert_eq!(breaker.was_up_since(at(since)), up, "{about}");
    };
    check("nobody was served", &[(Away, 10), (Away, 30)], 10, false);
    check("another was served", &[(Away, 10), (Up, 20), (Away, 30)], 10, true);
    check("another was served before", &[(Away, 5), (Up, 8), (Away, 10), (Away, 30)], 10, false);
    check("steady service", &[(Up, 1), (Away, 10), (Up, 11), (Up, 12), (Up, 13), (Away, 30)], 10, true);
    check("a refused login is no answer", &[(Up, 5), (Nothing, 10), (Up, 20), (Away, 30)], 10, true);
    let outage = [(Away, 10), (Up, 11), (Away, 12), (Away, 13), (Away, 14), (Away, 15), (Away, 16)];
    check("it opened", &outage, 10, false);
}

proptest! {
    #[test]
    fn whatever_happens_an_open_breaker_lets_nothing_through_before_its_probe(
        steps in proptest::collection::vec((0i64..40, 0usize..3, 0i64..60, any::<bool>()), 1..200),
    ) {
        let (mut breaker, mut now, rules) = (Breaker::default(), 0, rules());
        for (wait, sign, took, probe_is_good) in steps {
            now += wait;
            match breaker.room(at(now), &rules) {
                Room::Probe => {
                    breaker.begin_probe(at(now), &rules);
                    let outcome = if probe_is_good { fine() } else { away() };
                    breaker.end_probe(&outcome, at(now), &rules);
                }
                Room::Not(until) => {
                    prop_assert!(until.duration_since(at(now)) <= SignedDuration::from_secs(600));
                    prop_assert!(!breaker.is_closed() && !breaker.was_up_since(at(0)));
                    // A call that was under way ends; it neither closes nor prolongs.
                    let before = breaker.clone();
                    let call = Observed {
                        sign: [Up, Away, Nothing][sign], started_at: at(now - took), ended_at: at(now), concurrency: CONCURRENCY,
                    };
                    prop_assert_eq!(breaker.observe(&call, &rules), None);
                    prop_assert_eq!(breaker.phase, before.phase);
                }
                room @ (Room::Free | Room::Permits(_)) => {
                    if let Room::Permits(permits) = room {
                        prop_assert!((1..CONCURRENCY).contains(&permits));
                    }
                    let was_closed = breaker.is_closed();
                    match see(&mut breaker, [Up, Away, Nothing][sign], now) {
                        Some(Change::Opened) => prop_assert!(was_closed && !breaker.is_closed()),
                        Some(Change::Closed) => prop_assert!(!was_closed && breaker.is_closed()),
                        None => prop_assert!(was_closed == breaker.is_closed()),
                    }
                }
            }
            prop_assert_eq!(breaker.opened_at.is_some(), !breaker.is_closed());
            let stored = serde_json::to_string(&breaker).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Breaker>(&stored).unwrap(), &breaker);
        }
    }
}
