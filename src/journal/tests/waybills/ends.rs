//! Where a waybill goes when its order ends, or the partner cannot use it.

use super::*;
use crate::journal::command::Resolution;
use crate::journal::tests::world::code;
use lienthong_core::event::EventKind;
use lienthong_core::handoff::Partner;

fn rejected(code: &'static str) -> Outcome {
    Outcome::Rejected(reason(code))
}

fn uncertain() -> Outcome {
    Outcome::Uncertain(reason("TEST-SILENT"))
}

/// An order that met these outcomes one after another and was dismissed in the end.
async fn dismissed(outcomes: &[Outcome]) -> World {
    let world = stocked(2);
    world.admit([event(1, 1, 9)]).await;
    let mut now = 0;
    for outcome in outcomes {
        now += 10_000;
        if world.state("post.order") == "dead" {
            operator(&world).replay(&id_of(&world, "post.order"), true, None, at(now)).unwrap();
        }
        let call = order(&world, at(now)).await;
        world.settle(call, outcome.clone(), at(now + 1)).await;
    }
    if world.state("post.order") != "dead" {
        let id = id_of(&world, "post.order");
        assert_eq!(operator(&world).skip(&id, "thử", true, at(now + 2)).unwrap(), Acted::Done);
    } else {
        let id = id_of(&world, "post.order");
        assert_eq!(operator(&world).dismiss(&id, "thử", at(now + 2)).unwrap(), Acted::Done);
    }
    assert_eq!(world.state("post.order"), "dismissed");
    world
}

#[tokio::test]
async fn a_dismissed_order_gives_its_waybill_back_only_if_it_is_provably_unused() {
    async fn check(outcomes: &[Outcome], returned: bool) {
        let world = dismissed(outcomes).await;
        let expected = if returned { (2, 0, 0, 0) } else { (1, 1, 0, 0) };
        assert_eq!(counts(&world), expected, "{outcomes:?}");
    }
    check(&[down()], true).await;
    check(&[rejected("TEST-NO")], true).await;
    check(&[down(), rejected("TEST-NO")], true).await;
    check(&[rejected("TEST-57")], false).await;
    check(&[uncertain()], false).await;
    check(&[uncertain(), rejected("TEST-NO")], false).await;
}

#[tokio::test]
async fn a_reopened_order_takes_another_if_its_own_went_back() {
    let world = dismissed(&[rejected("TEST-NO")]).await;
    world.admit([event(2, 1, 9)]).await;
    let other = order(&world, at(20_000)).await;
    let id = {
        let sql = "SELECT handoff_id FROM handoff WHERE state = 'dismissed'";
        lienthong_core::ids::HandoffId::new(
            world.file().query_row(sql, [], |row| row.get::<_, String>(0)).unwrap(),
        )
    };
    assert_eq!(operator(&world).reopen(&id, None, at(20_001)).unwrap(), Acted::Done);
    assert_eq!(operator(&world).replay(&id, false, None, at(20_002)).unwrap(), Acted::Done);
    let again = order(&world, at(20_003)).await;
    assert_ne!(waybill(&again), waybill(&other));
}

#[tokio::test]
async fn an_order_called_off_before_it_was_taken_gives_its_waybill_back_and_wakes_who_waits() {
    let world = stocked(1);
    world.admit([event(1, 1, 9)]).await;
    let call = order(&world, at(1)).await;
    let first = waybill(&call);
    world.settle(call, down(), at(2)).await;
    world.admit([event(2, 1, 9)]).await;
    assert!(world.calls(at(3)).await.iter().all(|call| call.handoffs[0].kind().partner() == Partner::Portal));
    let mut withdrawn = event(1, 2, 9);
    withdrawn.kind = EventKind::ReturnWithdrawn;
    world.admit_at(at(4), [withdrawn]).await;
    let call = order(&world, at(5)).await;
    assert_eq!((waybill(&call), call.handoffs[0].dossier.to_string()), (first, code(2)));
}

#[tokio::test]
async fn an_order_that_was_accepted_and_cancelled_keeps_its_waybill() {
    let world = stocked(1);
    world.admit([event(1, 1, 9)]).await;
    world.accept_all(at(1)).await;
    let mut withdrawn = event(1, 2, 9);
    withdrawn.kind = EventKind::ReturnWithdrawn;
    world.admit_at(at(4), [withdrawn]).await;
    world.accept_all(at(5)).await;
    assert_eq!(counts(&world), (0, 1, 0, 0));
}

#[tokio::test]
async fn a_waybill_that_cannot_be_used_is_retired_and_the_order_takes_another() {
    let world = stocked(5);
    world.admit([event(1, 1, 9)]).await;
    let call = order(&world, at(1)).await;
    let first = waybill(&call);
    world.settle(call, rejected("TEST-105"), at(2)).await;
    assert_eq!((counts(&world), world.state("post.order").as_str()), ((4, 0, 1, 0), "waiting"));
    let call = order(&world, at(1000)).await;
    assert_ne!(waybill(&call), first);
    world.settle(call, rejected("TEST-105"), at(1001)).await;
    let call = order(&world, at(9000)).await;
    world.settle(call, rejected("TEST-105"), at(9001)).await;
    assert_eq!(world.state("post.order"), "dead", "three in a row are no fault of the waybill");
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead' AND code = 'TEST-105'"), 1);
    assert_eq!(counts(&world), (2, 0, 3, 0));
}

#[tokio::test]
async fn after_an_attempt_that_may_have_been_taken_no_other_waybill_is_tried() {
    let world = stocked(3);
    world.admit([event(1, 1, 9)]).await;
    let call = order(&world, at(1)).await;
    world.settle(call, uncertain(), at(2)).await;
    let call = order(&world, at(1000)).await;
    world.settle(call, rejected("TEST-105"), at(1001)).await;
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE state = 'dead' AND code = 'GATEWAY-UNCERTAIN'"),
        1
    );
    assert_eq!(counts(&world), (2, 0, 1, 0));
    let id = id_of(&world, "post.order");
    let refused = Acted::Refused(Refusal::MayBeThere);
    assert_eq!(operator(&world).replay(&id, false, None, at(1002)).unwrap(), refused);
}

#[tokio::test]
async fn five_orders_whose_waybills_are_refused_are_taken_for_a_fault_of_the_account() {
    let world = stocked(20);
    for dossier in 1..=5 {
        world.admit([event(dossier, 1, 9)]).await;
        let call = order(&world, at(1)).await;
        world.settle(call, rejected("TEST-105"), at(1)).await;
    }
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code = 'GATEWAY-STORM'"), 1);
    assert_eq!(counts(&world), (15, 0, 5, 0));
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'waiting'"),
        5
    );
}

#[tokio::test]
async fn a_waybill_of_another_order_resolves_nothing() {
    let world = stocked(2);
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    let (one, two) = (take(&mut calls, "post.order"), take(&mut calls, "post.order"));
    let (id, own, others) = (one.handoffs[0].id.clone(), waybill(&one), waybill(&two));
    world.settle(one, rejected("TEST-57"), at(2)).await;
    let resolve = |number: &str| {
        let resolution = Resolution { partner_number: number, reason: None, unchecked: true };
        operator(&world).resolve(&id, resolution, None, at(3)).unwrap()
    };
    let other = format!("{}-TRA-1", two.handoffs[0].dossier);
    assert_eq!(resolve(&others), Acted::Refused(Refusal::OtherParcel(other)));
    assert_eq!(resolve(&own), Acted::Done);
}
