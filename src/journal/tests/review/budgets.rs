//! What uses a handoff's budget up, and for how long an account waits.

use super::super::world::{PORTAL, World, at, event, partners, reason, take};
use super::{accepted, away, carried, rejected, take_of};
use crate::journal::Call;
use crate::journal::command::CommandJournal;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;

const DAY: i64 = 24 * 3600;
const BAD: &str = "1 portal.record";

/// The records of so many dossiers, under way.
async fn under_way(dossiers: usize) -> (World, Vec<Call>) {
    let world = World::open();
    world.admit((1..=dossiers).map(|dossier| event(dossier, 1, 2))).await;
    let calls = world.calls(at(1)).await;
    assert_eq!(calls.len(), dossiers);
    (world, calls)
}

/// Attempts and seconds that count against the bad record.
fn counted(world: &World) -> (i64, i64) {
    let of_bad = |what: &str| {
        let sql = "SELECT {} FROM handoff WHERE kind = 'portal.record' ORDER BY id LIMIT 1";
        world.count(&sql.replace("{}", what))
    };
    (of_bad("counted_attempts"), of_bad("counted_age_ms / 1000"))
}

fn unblock(world: &World) {
    world.file().execute("UPDATE account SET blocked_code = NULL", []).unwrap();
}

#[tokio::test]
async fn a_pause_longer_than_the_age_budget_kills_nothing() {
    let world = World::open();
    world.admit((1..=3).map(|dossier| event(dossier, 1, 2))).await;
    let mut operator = CommandJournal::open(&world.settings, partners(), "test").unwrap();
    let pause = |operator: &mut CommandJournal, from: i64| {
        operator.pause("portal", "bảo trì", Some(at(from + 4 * DAY)), at(from)).unwrap();
        from + 4 * DAY
    };
    let now = pause(&mut operator, 0);
    assert!(world.calls(at(now - 1)).await.is_empty());
    let mut calls = world.calls(at(now)).await;
    world.settle(take_of(&mut calls, "2 portal.record"), accepted(), at(now)).await;
    world.settle(take_of(&mut calls, BAD), away(None), at(now + 1)).await;
    assert_eq!(counted(&world), (1, 0), "a first failure has no age");
    // The same between two failures: only the wait that the schedule gave counts.
    world.settle(take_of(&mut calls, "3 portal.record"), accepted(), at(now + 2)).await;
    let now = pause(&mut operator, now + 3);
    world.settle(take_of(&mut world.calls(at(now)).await, BAD), away(None), at(now)).await;
    assert_eq!(counted(&world), (2, 15));
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 0);
}

#[tokio::test]
async fn age_grows_by_the_schedules_waits_while_others_succeed_until_it_is_spent() {
    let (world, mut calls) = under_way(13).await;
    let mut bad = take_of(&mut calls, BAD);
    let mut now = 2;
    let mut age = 0;
    for (number, wait) in [15, 60, 300, 900, 1800, 3600, 7200, 7200, 7200, 7200, 7200].into_iter().enumerate()
    {
        world.settle(calls.remove(0), accepted(), at(now - 1)).await;
        world.settle(bad, away(None), at(now)).await;
        assert_eq!(counted(&world), (i64::try_from(number).unwrap() + 1, age));
        now += wait;
        age += wait;
        // It may be late: what it waits for is not its fault.
        now += 100;
        bad = take_of(&mut world.calls(at(now)).await, BAD);
    }
    // Nobody was served since: this one counts for nothing.
    world.settle(bad, away(None), at(now)).await;
    assert_eq!(counted(&world), (11, age - 7200));
    now += 7200;
    let bad = take_of(&mut world.calls(at(now)).await, BAD);
    world.settle(calls.remove(0), accepted(), at(now)).await;
    world.settle(bad, away(None), at(now)).await;
    let spent = "SELECT count(*) FROM handoff WHERE state = 'dead' AND code = 'GATEWAY-BUDGET-SPENT'";
    assert_eq!(world.count(spent), 1);
}

#[tokio::test]
async fn a_block_burns_no_attempt_and_no_age() {
    let (world, mut calls) = under_way(4).await;
    world.settle(take_of(&mut calls, "2 portal.record"), accepted(), at(2)).await;
    world.settle(take_of(&mut calls, BAD), away(None), at(2)).await;
    assert_eq!(counted(&world), (1, 0));
    for (number, dossier) in ["3 portal.record", "4 portal.record"].into_iter().enumerate() {
        let now = 100 + i64::try_from(number).unwrap() * 4 * DAY;
        let bad = take_of(&mut world.calls(at(now)).await, BAD);
        world.settle(take_of(&mut calls, dossier), accepted(), at(now)).await;
        world.settle(bad, Outcome::Blocked(reason("TEST-LOGIN")), at(now)).await;
        assert!(world.calls(at(now + DAY)).await.is_empty());
        unblock(&world);
    }
    assert_eq!(counted(&world), (1, 0));
    let now = 9 * DAY;
    let mut calls = world.calls(at(now)).await;
    let bad = take_of(&mut calls, BAD);
    world.settle(calls.remove(0), accepted(), at(now)).await;
    world.settle(bad, away(None), at(now)).await;
    assert_eq!(counted(&world), (2, 15), "of days, the wait of the schedule");
}

#[tokio::test]
async fn a_storm_burns_no_attempt() {
    let (world, mut calls) = under_way(6).await;
    world.settle(take_of(&mut calls, "6 portal.record"), accepted(), at(2)).await;
    world.settle(take_of(&mut calls, BAD), away(None), at(2)).await;
    assert_eq!(counted(&world), (1, 0));
    calls.push(take_of(&mut world.calls(at(20)).await, BAD));
    for call in calls {
        world.settle(call, rejected("TEST-9"), at(20)).await;
    }
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code = 'GATEWAY-STORM'"), 1);
    assert_eq!(world.count("SELECT sum(failures + counted_attempts + counted_age_ms) FROM handoff"), 0);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 0);
}

#[tokio::test]
async fn refusals_of_two_kinds_in_turn_are_a_storm_and_all_of_them_are_due_again() {
    let (world, calls) = under_way(5).await;
    for call in calls {
        world.settle(call, accepted(), at(1)).await;
    }
    world.admit((6..=10).map(|dossier| event(dossier, 1, 2))).await;
    let mut calls = world.calls(at(2)).await;
    for dossier in 1..=5 {
        world
            .settle(
                take_of(&mut calls, &format!("{} portal.record", dossier + 5)),
                rejected("TEST-57"),
                at(3),
            )
            .await;
        world
            .settle(take_of(&mut calls, &format!("{dossier} portal.progress")), rejected("TEST-58"), at(3))
            .await;
        let dead = if dossier < 5 { 2 * dossier } else { 0 };
        assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), dead, "{dossier}");
    }
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code = 'GATEWAY-STORM'"), 1);
    assert!(world.calls(at(4)).await.is_empty());
    unblock(&world);
    assert_eq!(world.calls(at(4)).await.len(), 10);
}

#[tokio::test]
async fn a_wait_that_the_partner_asks_for_holds_the_whole_account_and_no_other() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 9), event(3, 1, 2), event(4, 1, 2)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take_of(&mut calls, BAD), away(Some(90)), at(1)).await;
    // Answers to what was under way change nothing: neither a success nor a shorter wait.
    world.settle(take_of(&mut calls, "2 portal.record"), accepted(), at(2)).await;
    world.settle(take_of(&mut calls, "3 portal.record"), away(Some(5)), at(2)).await;
    world.settle(take_of(&mut calls, "4 portal.record"), away(Some(0)), at(2)).await;
    world.admit([event(5, 1, 9)]).await;
    assert_eq!(carried(&world.calls(at(3)).await), ["5 post.order"]);
    let portal = AccountName::new(PORTAL);
    for (now, open) in [(3, false), (90, false), (91, true)] {
        let may_call = world.journal.may_call(&portal, Partner::Portal, at(now)).await.unwrap();
        assert_eq!(may_call, open, "feed and probe wait as well: {now}");
    }
    assert!(world.calls(at(90)).await.is_empty());
    let ready =
        ["1 portal.record", "2 portal.progress", "3 portal.record", "4 portal.record", "5 portal.record"];
    assert_eq!(carried(&world.calls(at(91)).await), ready);
}

#[tokio::test]
async fn a_partner_that_says_at_once_is_given_a_second() {
    let (world, mut calls) = under_way(1).await;
    for now in 1..4 {
        world.settle(take(&mut calls, "portal.record"), away(Some(0)), at(now)).await;
        assert!(world.calls(at(now)).await.is_empty(), "{now}");
        calls = world.calls(at(now + 1)).await;
    }
}
