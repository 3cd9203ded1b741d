//! What settlements leave behind.

use super::world::{PORTAL, World, at, event, reason, take};
use crate::journal::{Answered, Call};
use lienthong_core::outcome::{Outcome, Reason};
use lienthong_core::port::{LookUp, Sent};
use lienthong_core::receipt::Receipt;
use std::sync::Arc;
use std::time::Duration;

fn rejected(code: &'static str) -> Outcome {
    Outcome::Rejected(reason(code))
}

fn uncertain() -> Outcome {
    Outcome::Uncertain(reason("TEST-NO-ANSWER"))
}

/// The calls of the first claim after some dossiers were received.
async fn received(world: &World, dossiers: usize) -> Vec<Call> {
    world.admit((0..dossiers).map(|dossier| event(dossier, 1, 2))).await;
    world.calls(at(1)).await
}

#[tokio::test]
async fn an_accepted_record_frees_its_rows() {
    let world = World::open();
    let mut calls = received(&world, 1).await;
    world.settle(take(&mut calls, "portal.record"), Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    assert_eq!(take(&mut world.calls(at(1)).await, "portal.progress").handoffs.len(), 1);
    assert_eq!(world.states(), ["portal.record accepted", "portal.progress sending"]);
}

#[tokio::test]
async fn a_refused_record_holds_its_rows_until_a_newer_one_takes_its_place() {
    let world = World::open();
    let mut calls = received(&world, 1).await;
    world.settle(take(&mut calls, "portal.record"), rejected("TEST-57"), at(1)).await;
    assert_eq!(world.states(), ["portal.record dead", "portal.progress waiting"]);
    assert!(world.calls(at(2)).await.is_empty());
    world.admit([event(0, 2, 4)]).await;
    world.accept_all(at(3)).await;
    let ended = world.states();
    assert!(
        ended.iter().all(|state| state.ends_with("accepted") || state.ends_with("superseded")),
        "{ended:?}"
    );
    assert_eq!(ended.iter().filter(|state| state.starts_with("portal.progress")).count(), 2);
}

#[tokio::test]
async fn a_partner_that_is_away_is_tried_again_on_schedule_and_its_wait_is_honoured() {
    let world = World::open();
    let away = |wait| Outcome::Unavailable { reason: reason("TEST-503"), wait, unsent: false };
    for (failures, (wait, expected)) in
        [(None, 15), (None, 60), (Some(Duration::from_secs(7)), 7)].into_iter().enumerate()
    {
        let now = i64::try_from(failures).unwrap() * 1_000 + 1;
        let mut calls = if failures == 0 { received(&world, 1).await } else { world.calls(at(now)).await };
        world.settle(take(&mut calls, "portal.record"), away(wait), at(now)).await;
        assert!(world.calls(at(now + expected - 1)).await.is_empty(), "{expected}");
        let due = world.count("SELECT ready_at FROM handoff WHERE kind = 'portal.record'");
        assert_eq!(due, at(now + expected).as_millisecond());
    }
}

#[tokio::test]
async fn an_answer_that_comes_again_says_nothing_of_the_next_attempt() {
    let world = World::open();
    let mut calls = received(&world, 1).await;
    let away = Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: false };
    let sent = Sent { outcome: away, http_status: None, steps: Vec::new(), receipt: Receipt::default() };
    let call = take(&mut calls, "portal.record");
    let answered = Arc::new(Answered { call, sent, ended_at: at(1), draw: 0.5 });
    world.journal.settle(Arc::clone(&answered)).await.unwrap();
    let mut next = world.calls(at(100)).await;
    // The store had taken the settlement and its answer was lost: the worker tries again.
    world.journal.settle(answered).await.unwrap();
    assert_eq!(world.state("portal.record"), "sending");
    world.settle(take(&mut next, "portal.record"), Outcome::Accepted(reason("TEST-OK")), at(101)).await;
    assert_eq!(world.state("portal.record"), "accepted");
}

#[tokio::test]
async fn attempts_count_only_while_the_partner_works_for_others() {
    let world = World::open();
    let away = || Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: false };
    let mut calls = received(&world, 2).await;
    let bad = take(&mut calls, "portal.record");
    world.settle(bad, away(), at(1)).await;
    let counted = "SELECT max(counted_attempts) FROM handoff";
    assert_eq!(world.count(counted), 0, "nobody was served since");
    world.settle(take(&mut calls, "portal.record"), Outcome::Accepted(reason("TEST-OK")), at(2)).await;
    let mut calls = world.calls(at(100)).await;
    world.settle(take(&mut calls, "portal.record"), away(), at(100)).await;
    assert_eq!(world.count(counted), 1);
}

#[tokio::test]
async fn a_refused_batch_is_split_down_to_the_guilty_row() {
    let world = World::open();
    world.admit([event(1, 1, 2), event(1, 2, 4), event(1, 3, 6)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "portal.record"), Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    let batch = take(&mut world.calls(at(1)).await, "portal.progress");
    let size = batch.handoffs.len();
    assert!(size > 1);
    world.settle(batch, rejected("TEST-58"), at(2)).await;
    let alone = take(&mut world.calls(at(2)).await, "portal.progress");
    assert_eq!(alone.handoffs.len(), 1);
    world.settle(alone, rejected("TEST-58"), at(3)).await;
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 1);
}

#[tokio::test]
async fn an_order_that_may_have_been_taken_is_asked_about_and_goes_to_a_person_at_the_limit() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), uncertain(), at(1)).await;
    assert_eq!(world.state("post.order"), "uncertain");
    assert!(world.questions(at(60)).await.is_empty(), "not before it can be visible");
    let mut now = 61;
    while world.state("post.order") == "uncertain" {
        for question in world.questions(at(now)).await {
            world.journal.settle_look_up(&question, LookUp::AskTheFeed, at(now), 0.5).await.unwrap();
        }
        now += 60;
        assert!(now < 5_000, "the limit is an hour");
    }
    assert_eq!(world.state("post.order"), "dead");
    let code = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND code = 'GATEWAY-UNCERTAIN' AND attempts = 1";
    assert_eq!(world.count(code), 1, "and it was never sent again");
}

#[tokio::test]
async fn a_row_that_may_have_been_taken_is_sent_again_and_marked() {
    let world = World::open();
    let mut calls = received(&world, 1).await;
    world.settle(take(&mut calls, "portal.record"), Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    let row = take(&mut world.calls(at(1)).await, "portal.progress");
    world.settle(row, uncertain(), at(2)).await;
    assert_eq!(world.count("SELECT maybe_doubled FROM handoff WHERE kind = 'portal.progress'"), 1);
    assert_eq!(take(&mut world.calls(at(20)).await, "portal.progress").attempt, 2);
}

#[tokio::test]
async fn a_blocked_account_stops_and_burns_no_attempt() {
    let world = World::open();
    let mut calls = received(&world, 3).await;
    let transitions =
        world.settle(take(&mut calls, "portal.record"), Outcome::Blocked(reason("TEST-LOGIN")), at(1)).await;
    assert_eq!(transitions[0].state, "waiting");
    assert!(world.calls(at(100)).await.is_empty());
    assert_eq!(world.count("SELECT sum(failures) FROM handoff"), 0);
    let standing = world.journal.standing(at(2)).await.unwrap();
    let blocked = standing.accounts.iter().find(|(name, _)| name.as_str() == PORTAL).unwrap();
    assert_eq!(blocked.1.as_ref().map(|code| code.as_str()), Some("TEST-LOGIN"));
}

#[tokio::test]
async fn an_answer_to_what_somebody_else_has_settled_is_kept_as_evidence_and_changes_nothing() {
    let world = World::open();
    let mut calls = received(&world, 1).await;
    let call = take(&mut calls, "portal.record");
    world
        .file()
        .execute("UPDATE handoff SET state = 'resolved', ended_at = 1 WHERE kind = 'portal.record'", [])
        .unwrap();
    assert!(world.settle(call, rejected("TEST-57"), at(2)).await.is_empty());
    assert_eq!(world.state("portal.record"), "resolved");
    assert_eq!(world.count("SELECT count(*) FROM attempt WHERE code = 'TEST-57'"), 1);
}

#[tokio::test]
async fn five_dossiers_refused_alike_are_a_storm_and_all_of_them_are_due_again() {
    let world = World::open();
    let calls = received(&world, 7).await;
    assert_eq!(calls.len(), 7);
    // All seven are under way when the fifth refusal blocks the account.
    for call in calls {
        world.settle(call, rejected("TEST-9"), at(2)).await;
    }
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 0);
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code = 'GATEWAY-STORM'"), 1);
    assert!(world.calls(at(3)).await.is_empty());
    world.file().execute("UPDATE account SET blocked_code = NULL", []).unwrap();
    let again = world.calls(at(4)).await;
    assert_eq!(again.len(), 7);

    // It was no outage: refused again after somebody let the account go on, they are dead letters and block nobody.
    for call in again {
        world.settle(call, rejected("TEST-9"), at(5)).await;
    }
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 7);
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code IS NOT NULL"), 0);
}

#[tokio::test]
async fn a_success_between_refusals_is_no_storm() {
    let world = World::open();
    let calls = received(&world, 6).await;
    for (number, call) in calls.into_iter().enumerate() {
        let outcome = if number == 3 { Outcome::Accepted(reason("TEST-OK")) } else { rejected("TEST-9") };
        world.settle(call, outcome, at(2)).await;
    }
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 5);
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code IS NOT NULL"), 0);
}

#[tokio::test]
async fn a_partners_words_stand_apart_from_state() {
    let world = World::open();
    let mut calls = received(&world, 1).await;
    let said: Reason = reason("TEST-57").at("dossier.field_code").saying("Lò Thị Bưởi: sai lĩnh vực");
    let transitions = world.settle(take(&mut calls, "portal.record"), Outcome::Rejected(said), at(2)).await;
    assert_eq!(transitions[0].reason.as_ref().unwrap().field.as_deref(), Some("dossier.field_code"));
    let told = "SELECT count(*) FROM attempt JOIN payload ON payload.id = attempt.said WHERE instr(body, 'Bưởi') > 0";
    assert_eq!(world.count(told), 1);
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE field = 'dossier.field_code' AND code = 'TEST-57'"),
        1
    );
}
