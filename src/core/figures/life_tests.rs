//! Stories of dossiers, written as `status@hour`: hours since the desk accepted it; the date promised is hour 100.

use super::*;
use proptest::prelude::*;

fn hour(hours: i64) -> Timestamp {
    "2026-11-02T01:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

fn steps(story: &str) -> Vec<Step> {
    let step = |text: &str| {
        let (status, at) = text.split_once('@').unwrap();
        let status = Status::try_from(status.parse::<u8>().unwrap()).unwrap();
        Step { status, at: hour(at.parse().unwrap()) }
    };
    story.split_whitespace().map(step).collect()
}

fn life(steps: &[Step]) -> Life<'_> {
    Life { received_at: hour(0), promised_at: Some(hour(100)), due_at: Some(hour(100)), steps }
}

#[test]
fn the_end_is_the_ending_status_and_9_goes_before_10() {
    fn check(story: &str, expected: &str) {
        let steps = steps(story);
        let hours = |at: Timestamp| at.duration_since(hour(0)).as_hours();
        let ending = match life(&steps).ending() {
            Ending::At(end) => format!("{}@{}", end.status.code(), hours(end.at)),
            Ending::Asked(at) => format!("asked@{}", hours(at)),
            Ending::AskedAgain => "asked again".to_owned(),
            Ending::Open => "open".to_owned(),
        };
        assert_eq!(ending, expected, "{story}");
    }
    check("", "open");
    check("1@-2 2@0 4@1", "open");
    check("2@0 9@5", "9@5");
    check("2@0 9@5 10@60", "9@5");
    check("2@0 10@60", "10@60");
    check("2@0 10@60 9@61", "9@61");
    check("2@0 9@5 9@7", "9@5");
    check("2@0 10@5 10@7", "10@5");
    check("3@1", "3@1");
    check("2@0 8@3", "8@3");
    check("2@0 7@3", "7@3");
    check("1@-5 7@-1", "open");
    check("2@0 8@3 9@9", "9@9");
    // Opened again, and ended once more.
    check("2@0 9@5 4@8", "open");
    check("2@0 9@5 4@8 9@20", "9@20");
    check("2@0 9@5 10@6 4@8 10@30", "10@30");
    check("2@0 8@3 4@4", "open");
    // What the planner refuses changes nothing.
    check("2@0 9@5 3@6", "9@5");
    check("2@0 9@5 1@6", "9@5");
    check("3@1 9@5", "3@1");
    check("3@1 10@5", "3@1");
    // Supplements.
    check("2@0 5@10", "asked@10");
    check("2@0 5@10 4@20", "open");
    check("2@0 5@10 4@20 5@30", "asked again");
    check("2@0 5@10 4@20 5@30 4@40", "asked again");
    check("2@0 5@10 5@12", "asked again");
    check("2@0 5@10 4@20 5@30 4@40 9@50", "9@50");
}

#[test]
fn in_time_is_what_ended_by_the_promised_date_without_the_time_of_supplements() {
    fn check(story: &str, cut: i64, expected: Standing) {
        let steps = steps(story);
        assert_eq!(life(&steps).standing(hour(cut)), expected, "{story} at {cut}");
    }
    use Standing::{Late, OnTime, Overdue, Running};
    check("2@0 9@100", 500, OnTime);
    check("2@0 9@101", 500, Late);
    // A missing 9 makes the delivery by post the end.
    check("2@0 9@99 10@140", 500, OnTime);
    check("2@0 10@140", 500, Late);
    check("2@0 4@1", 100, Running);
    check("2@0 4@1", 101, Overdue);
    // Twenty hours were waited for a supplement.
    check("2@0 5@10 4@30 9@120", 500, OnTime);
    check("2@0 5@10 4@30 9@121", 500, Late);
    check("2@0 5@10 4@30", 120, Running);
    check("2@0 5@10 4@30", 121, Overdue);
    // Two rounds are added up once there is an end.
    check("2@0 5@10 4@30 5@40 4@50 9@130", 500, OnTime);
    check("2@0 5@10 4@30 5@40 4@50 9@131", 500, Late);
    check("2@0 5@10 4@30 5@40 4@50", 51, Overdue);
    // One 5 and nothing after it: that time is the end, whenever it is looked at.
    check("2@0 5@100", 500, Running);
    check("2@0 5@101", 500, Overdue);
    check("2@0 3@5", 500, OnTime);
    check("2@0 7@101", 500, Late);
}

#[test]
fn a_date_that_was_moved_for_the_supplement_is_not_moved_twice() {
    let steps = steps("2@0 5@10 4@30 9@125");
    let moved = |hours: i64| Life { due_at: Some(hour(100 + hours)), ..life(&steps) };
    assert_eq!(moved(0).standing(hour(500)), Standing::Late);
    // Moved by twenty hours: nothing is left to deduct.
    assert_eq!(moved(20).standing(hour(500)), Standing::Late);
    assert_eq!(moved(25).standing(hour(500)), Standing::OnTime);
    // Moved by less than was waited: the rest is deducted, and the same instant is the last.
    assert_eq!(moved(5).standing(hour(500)), Standing::Late);
    // Moved to an earlier day: nothing was moved for the supplement.
    let earlier = Life { due_at: Some(hour(105)), promised_at: Some(hour(110)), ..life(&steps) };
    assert_eq!(earlier.standing(hour(500)), Standing::OnTime);
}

#[test]
fn without_a_promised_date_nothing_is_compared() {
    let steps = steps("2@0 9@5");
    let life = Life { due_at: None, promised_at: None, ..life(&steps) };
    assert_eq!(life.standing(hour(500)), Standing::Undated);
    assert!(!life.is_at_risk(hour(0), hour(500)));
}

#[test]
fn at_risk_is_what_runs_out_soon_and_waits_for_nobody_else() {
    fn check(story: &str, now: i64, expected: bool) {
        let steps = steps(story);
        assert_eq!(life(&steps).is_at_risk(hour(now), hour(now + 8)), expected, "{story} at {now}");
    }
    check("2@0 4@1", 91, false);
    check("2@0 4@1", 92, true);
    check("2@0 4@1", 100, true);
    check("2@0 4@1", 101, false);
    check("2@0 9@50", 95, false);
    check("2@0 5@50", 95, false);
    // The date itself counts, not what may be deducted from it: told too early rather than too late.
    check("2@0 5@10 4@30", 95, true);
    check("2@0 5@10 4@30", 115, false);
    check("2@0 5@10 4@30 5@40 4@50", 95, true);
}

#[test]
fn what_is_asked_twice_or_returned_without_9_is_told_apart() {
    let of = |story: &str| {
        let steps = steps(story);
        let life = life(&steps);
        (life.supplements(), life.is_returned_without_done())
    };
    assert_eq!(of("2@0 5@1 4@2 5@3 9@4"), (2, false));
    assert_eq!(of("2@0 10@3"), (0, true));
    assert_eq!(of("2@0 9@2 10@3"), (0, false));
    assert_eq!(of(""), (0, false));
}

fn story() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((1_u8..=10, 0_i64..200), 0..12).prop_map(|mut drawn| {
        drawn.sort_by_key(|(_, at)| *at);
        let step = |(code, at)| Step { status: Status::try_from(code).unwrap(), at: hour(at) };
        drawn.into_iter().map(step).collect()
    })
}

proptest! {
    #[test]
    fn an_end_is_one_of_the_reported_steps_and_of_an_ending_status(steps in story()) {
        if let Ending::At(end) = life(&steps).ending() {
            prop_assert!(steps.contains(&end));
            prop_assert!(matches!(end.status.code(), 3 | 7 | 8 | 9 | 10));
        }
    }

    #[test]
    fn a_later_promise_never_makes_a_dossier_late(steps in story(), more in 0_i64..50, cut in 0_i64..300) {
        let late = |life: Life<'_>| matches!(life.standing(hour(cut)), Standing::Late | Standing::Overdue);
        let later = Life { due_at: Some(hour(100 + more)), promised_at: Some(hour(100)), ..life(&steps) };
        prop_assert!(!late(later) || late(life(&steps)));
    }

    #[test]
    fn what_is_at_risk_has_not_ended(steps in story(), now in 0_i64..300) {
        if life(&steps).is_at_risk(hour(now), hour(now + 8)) {
            prop_assert!(!matches!(life(&steps).standing(hour(now)), Standing::OnTime | Standing::Late));
        }
    }
}
