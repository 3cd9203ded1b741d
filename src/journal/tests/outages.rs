//! Breakers, the outage clock, pauses, maintenance and quotas, with the clock moved.

use super::world::{PORTAL, POST, World, at, event, partners, partners_of, reason, settings, take};
use crate::journal::command::CommandJournal;
use crate::journal::{Call, Journal, Probe, Work};
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::maintenance::{Span, Window};
use lienthong_core::outcome::Outcome;
use std::sync::Arc;
use std::time::Duration;

fn accepted() -> Outcome {
    Outcome::Accepted(reason("TEST-OK"))
}

fn away() -> Outcome {
    Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: false }
}

fn operator(world: &World) -> CommandJournal {
    CommandJournal::open(&world.settings, partners(), "canbo").unwrap()
}

/// What a claim gives, by kind; probes apart.
async fn claimed(world: &World, now: Timestamp) -> (Vec<Call>, Vec<Probe>) {
    let (mut calls, mut probes) = (Vec::new(), Vec::new());
    for (_, work) in world.claim(now).await.work {
        match work {
            Work::Send(call) => calls.push(call),
            Work::Probe(probe) => probes.push(probe),
            Work::Ask(_) => {}
        }
    }
    (calls, probes)
}

fn kinds(calls: &[Call]) -> Vec<&'static str> {
    let mut kinds: Vec<_> = calls.iter().map(|call| call.handoffs[0].kind().name()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Ten dossiers whose first five orders found the post away, all at second 1; everything else was accepted.
async fn orders_away() -> World {
    let world = World::open();
    world.admit((0..10).map(|dossier| event(dossier, 1, 9))).await;
    let mut calls = world.calls(at(1)).await;
    let mut orders = Vec::new();
    while calls.iter().any(|call| call.handoffs[0].kind().name() == "post.order") {
        orders.push(take(&mut calls, "post.order"));
    }
    for call in calls {
        world.settle(call, accepted(), at(1)).await;
    }
    for order in orders {
        world.settle(order, away(), at(1)).await;
    }
    world
}

#[tokio::test]
async fn an_outage_of_one_operation_stops_that_operation_alone_and_no_order_is_used_as_a_probe() {
    let world = orders_away().await;
    // Retries are due long before the probe is.
    let (calls, probes) = claimed(&world, at(25)).await;
    assert_eq!((kinds(&calls), probes.len()), (vec!["portal.progress"], 0));
    let (calls, mut probes) = claimed(&world, at(31)).await;
    assert_eq!((calls.len(), probes.len()), (0, 1));
    assert_eq!(probes[0].account.as_str(), POST);
    assert!(claimed(&world, at(32)).await.1.is_empty(), "one probe at a time");
    // In vain: nothing goes, and the next one comes after twice the wait.
    world.journal.settle_probe(probes.remove(0), away(), at(33)).await.unwrap();
    let (calls, probes) = claimed(&world, at(92)).await;
    assert_eq!((calls.len(), probes.len()), (0, 0));
    assert_eq!(claimed(&world, at(93)).await.1.len(), 1);
    assert_eq!(
        world.count(
            "SELECT count(*) FROM attempt JOIN handoff ON handoff.id = handoff WHERE kind = 'post.order'"
        ),
        10
    );
}

#[tokio::test]
async fn after_a_good_probe_one_order_goes_at_a_time_then_two_then_four() {
    let world = orders_away().await;
    let mut probes = claimed(&world, at(31)).await.1;
    world.journal.settle_probe(probes.remove(0), accepted(), at(31)).await.unwrap();
    let mut going = Vec::new();
    let mut seen = Vec::new();
    for _ in 0..4 {
        going.extend(
            claimed(&world, at(40))
                .await
                .0
                .into_iter()
                .filter(|call| call.handoffs[0].kind().name() == "post.order"),
        );
        assert!(claimed(&world, at(40)).await.0.is_empty(), "no more than the permits");
        seen.push(going.len());
        if let Some(call) = going.pop() {
            world.settle(call, accepted(), at(40)).await;
        }
    }
    // One success frees its own permit and doubles them all; at the account's concurrency everything may go.
    assert_eq!(seen, [1, 2, 4, 7]);
}

#[tokio::test]
async fn a_restart_in_an_outage_neither_hammers_nor_forgets() {
    let world = orders_away().await.die();
    world.journal.recover(at(5), 0.5).await.unwrap();
    let (calls, probes) = claimed(&world, at(20)).await;
    assert_eq!((kinds(&calls), probes.len()), (vec!["portal.progress"], 0));
    let mut probes = claimed(&world, at(31)).await.1;
    world.journal.settle_probe(probes.remove(0), accepted(), at(31)).await.unwrap();
    let world = world.die();
    world.journal.recover(at(32), 0.5).await.unwrap();
    let calls = claimed(&world, at(40)).await.0;
    let orders = calls.iter().filter(|call| call.handoffs[0].kind().name() == "post.order").count();
    assert_eq!(orders, 1, "still one at a time");
}

/// An outage longer than the budget (12 attempts, 72 hours) kills nothing, however often it is tried.
#[tokio::test]
async fn an_outage_of_a_month_costs_no_handoff_its_budget() {
    let world = World::open();
    world.admit((0..3).map(|dossier| event(dossier, 1, 2))).await;
    let mut tried = 0;
    for hour in 0..24 * 30 {
        let now = at(hour * 3600);
        let (calls, probes) = claimed(&world, now).await;
        for probe in probes {
            // Now and then the login works, and nothing else does.
            let outcome = if hour % 2 == 0 { accepted() } else { away() };
            world.journal.settle_probe(probe, outcome, now).await.unwrap();
        }
        for call in calls {
            tried += 1;
            world.settle(call, away(), now).await;
        }
    }
    assert!(tried > 50, "{tried}");
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE state <> 'waiting'"),
        0,
        "{:?}",
        world.states()
    );
    assert_eq!(world.count("SELECT max(counted_attempts) FROM handoff"), 0);
    assert_eq!(world.count("SELECT max(counted_age_ms) FROM handoff"), 0);
}

/// What fails alone while others are served is given up in the end.
#[tokio::test]
async fn what_fails_while_others_are_served_uses_up_its_budget() {
    let world = World::open();
    world.admit([event(0, 1, 2)]).await;
    for round in 0..20 {
        let now = at(round * 7_300 + 1);
        let other = usize::try_from(round).unwrap() + 1;
        world.admit([event(other, 1, 2)]).await;
        let mut calls = world.calls(now).await;
        calls.sort_by_key(|call| call.handoffs[0].dossier.as_str().to_owned());
        for call in calls {
            let is_bad = call.handoffs[0].dossier.as_str().ends_with("-0000");
            world.settle(call, if is_bad { away() } else { accepted() }, now).await;
        }
    }
    let dead = "SELECT count(*) FROM handoff WHERE state = 'dead' AND code = 'GATEWAY-BUDGET-SPENT' AND counted_attempts = 12";
    assert_eq!(world.count(dead), 1, "{:?}", world.states());
}

#[tokio::test]
async fn a_resume_makes_the_probe_due_at_once() {
    let world = orders_away().await;
    assert!(operator(&world).resume("post", None, at(2)).unwrap());
    assert_eq!(claimed(&world, at(2)).await.1.len(), 1);
    let world = orders_away().await;
    assert!(operator(&world).resume(POST, None, at(2)).unwrap());
    assert_eq!(claimed(&world, at(2)).await.1.len(), 1);
    assert!(!operator(&world).resume(PORTAL, None, at(2)).unwrap());
}

#[tokio::test]
async fn a_probe_that_is_refused_blocks_the_account_and_a_wait_that_is_asked_for_is_kept() {
    let world = orders_away().await;
    let mut probes = claimed(&world, at(31)).await.1;
    world
        .journal
        .settle_probe(probes.remove(0), Outcome::Blocked(reason("TEST-LOGIN")), at(31))
        .await
        .unwrap();
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code = 'TEST-LOGIN'"), 1);
    assert!(claimed(&world, at(1_000)).await.1.is_empty(), "no login is hammered");

    let world = orders_away().await;
    let mut probes = claimed(&world, at(31)).await.1;
    let wait = Outcome::Unavailable {
        reason: reason("TEST-429"),
        wait: Some(Duration::from_secs(500)),
        unsent: false,
    };
    world.journal.settle_probe(probes.remove(0), wait, at(31)).await.unwrap();
    assert!(claimed(&world, at(530)).await.1.is_empty());
    assert_eq!(claimed(&world, at(531)).await.1.len(), 1);
}

#[tokio::test]
async fn how_operations_stand_is_told() {
    let world = orders_away().await;
    let standing = world.journal.standing(at(2)).await.unwrap();
    let away: Vec<_> = standing.operations.iter().filter(|operation| operation.away).collect();
    assert_eq!(away.len(), 1);
    assert_eq!((away[0].account.as_str(), away[0].kind.name()), (POST, "post.order"));
    assert_eq!(standing.operations.len(), 5);
    let reasons: Vec<_> =
        standing.accounts.iter().map(|(_, reason)| reason.as_ref().map(|code| code.as_str())).collect();
    assert_eq!(reasons, [None, Some("GATEWAY-PARTNER-AWAY")]);
}

/// A world with this window of maintenance.
fn with_window(scope: &str, from: i64, until: i64) -> World {
    let folder = tempfile::tempdir().unwrap();
    let span = Span::Once { from: at(from), until: at(until) };
    let window = Window { scope: scope.to_owned(), span, reason: "bảo trì".to_owned() };
    let settings = crate::config::Settings { maintenance: vec![window], ..settings(folder.path()) };
    let journal = Arc::new(Journal::open(&settings, partners(), at(0)).unwrap());
    World { journal, settings, folder }
}

#[tokio::test]
async fn announced_maintenance_stops_attempts_probes_and_the_feed_and_ends_by_itself() {
    for scope in ["post", POST] {
        let world = with_window(scope, 100, 200);
        world.admit([event(1, 1, 9)]).await;
        let post = AccountName::new(POST);
        let partner = lienthong_core::handoff::Partner::Post;
        assert_eq!(kinds(&claimed(&world, at(100)).await.0), ["portal.record"]);
        assert!(!world.journal.may_call(&post, partner, at(199)).await.unwrap());
        let reason = &world.journal.standing(at(150)).await.unwrap().accounts[1].1;
        assert_eq!(reason.as_ref().map(|code| code.as_str()), Some("GATEWAY-MAINTENANCE"));
        let holds = world.journal.holds(at(150)).await.unwrap();
        assert_eq!((holds.len(), holds[0].cause, holds[0].until), (1, "maintenance", Some(at(200))));
        assert!(world.journal.may_call(&post, partner, at(200)).await.unwrap());
        assert_eq!(kinds(&claimed(&world, at(200)).await.0), ["post.order"]);
        assert!(world.journal.holds(at(200)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn maintenance_and_pauses_win_over_a_probe_that_is_due() {
    let world = orders_away().await;
    operator(&world).pause("post", "bảo trì", Some(at(500)), at(2)).unwrap();
    let world = world.die();
    assert!(claimed(&world, at(400)).await.1.is_empty());
    assert_eq!(world.journal.holds(at(400)).await.unwrap()[0].cause, "operator");
    assert_eq!(claimed(&world, at(500)).await.1.len(), 1, "it ended by itself");
    assert!(world.journal.holds(at(500)).await.unwrap().is_empty());
    assert_eq!(world.count("SELECT count(*) FROM pause"), 0);
}

/// A world whose portal account may be called so often a day.
fn with_quota(quota: u32) -> World {
    World::with(partners_of(|account| account.quota_per_day = Some(quota)))
}

#[tokio::test]
async fn a_quota_counts_every_call_through_a_restart_and_begins_anew_at_midnight_in_vietnam() {
    let world = with_quota(5);
    world.admit((0..6).map(|dossier| event(dossier, 1, 2))).await;
    let mut calls = world.calls(at(1)).await;
    assert_eq!(calls.len(), 5);
    world.settle(calls.remove(0), away(), at(1)).await;
    for call in calls {
        world.settle(call, accepted(), at(1)).await;
    }
    let world = world.die_with(partners_of(|account| account.quota_per_day = Some(5)));
    world.journal.recover(at(2), 0.5).await.unwrap();
    assert!(world.calls(at(1_000)).await.is_empty(), "a retry is a call too");
    let portal = AccountName::new(PORTAL);
    let partner = lienthong_core::handoff::Partner::Portal;
    assert!(
        !world.journal.may_call(&portal, partner, at(1_000)).await.unwrap(),
        "and so is a page of a feed"
    );
    let reason = &world.journal.standing(at(1_000)).await.unwrap().accounts[0].1;
    assert_eq!(reason.as_ref().map(|code| code.as_str()), Some("GATEWAY-QUOTA-SPENT"));
    assert_eq!(world.count("SELECT told FROM quota WHERE used = 5"), 1);
    // The world begins at 11:00 in Việt Nam.
    let midnight = 13 * 3600;
    assert!(world.calls(at(midnight - 1)).await.is_empty());
    assert_eq!(world.calls(at(midnight)).await.len(), 5);
}

#[tokio::test]
async fn a_question_that_calls_nobody_costs_no_call_and_a_page_of_a_feed_costs_one() {
    let world = with_quota(3);
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), Outcome::Uncertain(reason("TEST-SILENT")), at(1)).await;
    let used = "SELECT used FROM quota WHERE account = 'post-1'";
    assert_eq!(world.count(used), 1);
    let question = world.questions(at(61)).await.remove(0);
    assert_eq!(world.count(used), 2, "counted before it is asked");
    world
        .journal
        .settle_look_up(&question, lienthong_core::port::LookUp::AskTheFeed, at(62), 0.5)
        .await
        .unwrap();
    assert_eq!(world.count(used), 1);
    world.journal.count_call(&AccountName::new(POST), at(63)).await.unwrap();
    assert_eq!(world.count(used), 2);
}

#[tokio::test]
async fn a_call_asked_for_before_midnight_counts_for_the_day_that_has_begun_meanwhile() {
    let world = with_quota(5);
    let midnight = 13 * 3600;
    let portal = AccountName::new(PORTAL);
    let count = async |second| world.journal.count_call(&portal, at(second)).await.unwrap();
    let used = "SELECT used FROM quota WHERE account = 'portal-1'";
    count(midnight - 60).await;
    count(midnight).await;
    assert_eq!(world.count(used), 1, "a new day begins anew");
    count(midnight - 1).await;
    count(midnight).await;
    assert_eq!(world.count(used), 3, "and not a second time");
    let partner = lienthong_core::handoff::Partner::Portal;
    count(midnight).await;
    count(midnight - 1).await;
    assert!(!world.journal.may_call(&portal, partner, at(midnight - 1)).await.unwrap(), "they are used up");
    // A clock that was days ahead and was set right.
    count(midnight + 3 * 24 * 3600).await;
    count(midnight).await;
    assert_eq!(world.count(used), 1);
}
