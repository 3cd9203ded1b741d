//! Dead letters and lanes in the hands of an operator.

mod edits;
mod lanes;

use super::commands::{operator, refused};
use super::id_of;
use super::world::{World, at, event, reason, take};
use crate::journal::command::{Acted, Refusal, Resolution};
use crate::journal::report::JournalReport;
use crate::users::Agencies;
use lienthong_core::event::EventKind;
use lienthong_core::ids::HandoffId;
use lienthong_core::outcome::{Outcome, Reason};
use lienthong_core::port::LookUp;

fn rejected(code: &'static str) -> Outcome {
    Outcome::Rejected(reason(code))
}

fn report(world: &World) -> JournalReport {
    JournalReport::open(&world.settings.journal.path).unwrap()
}

/// Acts of the audit, as `act subject-kind`.
fn acts(world: &World) -> Vec<String> {
    report(world).audit(at(-1000), 100).unwrap().into_iter().map(|act| act.act).collect()
}

/// The row with this status.
fn row_of(world: &World, status: u8) -> HandoffId {
    let sql = "SELECT handoff_id FROM handoff WHERE row_status = ?1";
    HandoffId::new(world.file().query_row(sql, [status], |row| row.get::<_, String>(0)).unwrap())
}

/// A dossier at the portal whose row with status 2 was refused, and whose later rows went on.
async fn passed_by(second: u8) -> World {
    let world = World::open();
    world.admit([event(1, 1, second)]).await;
    world
        .settle(
            take(&mut world.calls(at(1)).await, "portal.record"),
            Outcome::Accepted(reason("TEST-OK")),
            at(1),
        )
        .await;
    let row = take(&mut world.calls(at(1)).await, "portal.progress");
    world.settle(row, rejected("TEST-58"), at(1)).await;
    world.admit([event(1, 2, 4)]).await;
    // A dead row holds later rows for a time; then they go on.
    world.accept_all(at(2 * 24 * 3600)).await;
    world
}

#[tokio::test]
async fn a_row_behind_which_others_were_accepted_goes_late_and_a_fresh_record_follows_it() {
    let world = passed_by(2).await;
    let row = row_of(&world, 2);
    let later = at(3 * 24 * 3600);
    assert_eq!(operator(&world).replay(&row, false, None, later).unwrap(), Acted::DueLate);
    let records = "SELECT count(*) FROM handoff WHERE kind = 'portal.record' AND state = 'waiting'";
    assert_eq!(world.count(records), 1);
    let call = take(&mut world.calls(later).await, "portal.progress");
    assert_eq!(call.handoffs[0].id, row);
    world.settle(call, rejected("TEST-58"), later).await;
    // Late a second time, a record of its own follows again.
    world.accept_all(later).await;
    assert_eq!(operator(&world).replay(&row, false, None, later).unwrap(), Acted::DueLate);
    assert_eq!(world.count(records), 1);
    world.accept_all(later).await;
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE state <> 'accepted' AND state <> 'superseded'"),
        0
    );
    assert_eq!(acts(&world), ["replay", "replay"]);
}

#[tokio::test]
async fn a_row_five_is_never_added_late() {
    let world = passed_by(5).await;
    let row = row_of(&world, 5);
    let acted = operator(&world).replay(&row, true, None, at(3 * 24 * 3600)).unwrap();
    assert_eq!(acted, Acted::Refused(Refusal::LateSupplement));
    assert!(acts(&world).is_empty(), "what was refused is no act");
}

#[tokio::test]
async fn a_record_older_than_what_the_portal_has_is_not_sent_again() {
    let world = World::open();
    world.admit([event(1, 1, 2)]).await;
    world.settle(take(&mut world.calls(at(1)).await, "portal.record"), rejected("TEST-57"), at(1)).await;
    let old = id_of(&world, "portal.record");
    // As a journal of an older program may hold it: the newer one went past.
    let sql = "INSERT INTO handoff (handoff_id, dossier, partner, account, kind, place, state, due_at, tables_version,
                   planned_at, ended_at)
               SELECT 'newer', dossier, partner, account, kind, place + 10, 'accepted', due_at, tables_version, planned_at, 1
               FROM handoff WHERE kind = 'portal.record'";
    world.file().execute(sql, []).unwrap();
    let acted = operator(&world).replay(&old, false, None, at(2)).unwrap();
    assert_eq!(acted, Acted::Refused(Refusal::NewerRecord));
}

#[tokio::test]
async fn a_dismissal_is_taken_back_as_long_as_the_leg_did_not_go_on() {
    let world = refused(rejected("TEST-150")).await;
    let order = id_of(&world, "post.order");
    let mut operator = operator(&world);
    assert_eq!(operator.reopen(&order, None, at(2)).unwrap(), Acted::Refused(Refusal::NotDismissed));
    assert_eq!(operator.dismiss(&order, "trả tại quầy", at(2)).unwrap(), Acted::Done);
    // Registered again while a person has the leg: nothing happens.
    let mut again = event(1, 2, 9);
    again.kind = EventKind::ReturnRegistered;
    world.admit([again]).await;
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'post.order'"), 1);
    assert_eq!(operator.reopen(&order, Some("nhầm"), at(3)).unwrap(), Acted::Done);
    assert_eq!(world.state("post.order"), "dead");
    assert_eq!(operator.replay(&order, false, None, at(4)).unwrap(), Acted::Done);
    world.accept_all(at(4)).await;
    assert_eq!(world.state("post.order"), "accepted");
    assert_eq!(acts(&world), ["dismiss", "reopen", "replay"]);

    let reordered = refused(rejected("TEST-150")).await;
    let order = id_of(&reordered, "post.order");
    let mut operator = super::commands::operator(&reordered);
    operator.dismiss(&order, "trả tại quầy", at(2)).unwrap();
    let mut again = event(1, 2, 9);
    again.kind = EventKind::ReorderRequested;
    reordered.admit([again]).await;
    assert_eq!(reordered.count("SELECT count(*) FROM handoff WHERE kind = 'post.order'"), 2);
    assert_eq!(operator.reopen(&order, None, at(3)).unwrap(), Acted::Refused(Refusal::LaterWork));
}

#[tokio::test]
async fn a_persons_word_is_checked_where_the_partner_can_be_asked() {
    let word =
        |number| Resolution { partner_number: number, reason: Some("gọi bưu cục"), unchecked: false };
    let world = refused(rejected("TEST-150")).await;
    let order = id_of(&world, "post.order");
    let mut operator = operator(&world);
    assert!(operator.witness(&order).unwrap().is_some());
    let acted = operator.resolve(&order, word("EN980000015VN"), Some(&LookUp::AskTheFeed), at(2)).unwrap();
    assert_eq!((acted, world.state("post.order").as_str()), (Acted::Done, "resolved"));
    let code: String = world
        .file()
        .query_row("SELECT code || ' ' || partner_number FROM handoff WHERE kind = 'post.order'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(code, "GATEWAY-UNCHECKED EN980000015VN");
    assert_eq!(operator.resolve(&order, word("X"), None, at(3)).unwrap(), Acted::Refused(Refusal::NotDead));
    // The order stands: a return withdrawn is a cancel.
    let mut withdrawn = event(1, 2, 9);
    withdrawn.kind = EventKind::ReturnWithdrawn;
    world.admit([withdrawn]).await;
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'post.cancel'"), 1);

    let world = refused(rejected("TEST-150")).await;
    let order = id_of(&world, "post.order");
    let mut operator = super::commands::operator(&world);
    let differs = operator.resolve(&order, word("Y"), Some(&LookUp::found(false)), at(2)).unwrap();
    assert_eq!(differs, Acted::Refused(Refusal::Differs));
    let found = operator.resolve(&order, word("Y"), Some(&LookUp::found(true)), at(2)).unwrap();
    assert_eq!((found, world.state("post.order").as_str()), (Acted::Found, "accepted"));
}

#[tokio::test]
async fn a_number_of_another_parcel_resolves_nothing() {
    let world = refused(rejected("TEST-150")).await;
    let order = id_of(&world, "post.order");
    let sql = "INSERT INTO tracking (number, account, state, wire_code, at, feed_id, waybill)
               VALUES ('H11.01.07-220915-0077-TRA-1', 'post-1', 'collected', '1', 1, '1', 'EN980000077VN')";
    world.file().execute(sql, []).unwrap();
    let word = Resolution { partner_number: "EN980000077VN", reason: None, unchecked: false };
    let acted = operator(&world).resolve(&order, word, None, at(2)).unwrap();
    assert_eq!(acted, Acted::Refused(Refusal::OtherParcel("H11.01.07-220915-0077-TRA-1".to_owned())));
    assert_eq!(world.state("post.order"), "dead");
}

#[tokio::test]
async fn an_uncertain_order_is_resolved_and_a_later_answer_changes_nothing() {
    let world = refused(Outcome::Uncertain(reason("TEST-SILENT"))).await;
    assert_eq!(world.state("post.order"), "uncertain");
    let order = id_of(&world, "post.order");
    let question = world.questions(at(7200)).await.pop().unwrap();
    let word = Resolution { partner_number: "EN980000015VN", reason: None, unchecked: false };
    assert_eq!(operator(&world).resolve(&order, word, None, at(7200)).unwrap(), Acted::Done);
    world.journal.settle_look_up(&question, LookUp::Absent, at(7201), 0.5).await.unwrap();
    assert_eq!(world.state("post.order"), "resolved");
    world.accept_all(at(9000)).await;
    assert_eq!(
        world.count(
            "SELECT count(*) FROM attempt a JOIN handoff h ON h.id = a.handoff WHERE h.kind = 'post.order'"
        ),
        1
    );
}

#[tokio::test]
async fn dead_letters_of_one_cause_are_one_group() {
    let world = World::open();
    world.admit((1..=4).map(|dossier| event(dossier, 1, 9))).await;
    for call in world.calls(at(1)).await {
        let outcome = match call.handoffs[0].kind().name() {
            "post.order" => {
                Outcome::Rejected(Reason { field: Some("fees[2].amount".to_owned()), ..reason("TEST-150") })
            }
            _ => Outcome::Accepted(reason("TEST-OK")),
        };
        world.settle(call, outcome, at(1)).await;
    }
    let groups = report(&world).groups(&Agencies::all(), at(2)).unwrap();
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert_eq!((groups[0].group.as_str(), groups[0].count), ("post.order/rejected/TEST-150/fees.amount", 4));
    assert_eq!(report(&world).members(&groups[0].group, &Agencies::all()).unwrap().len(), 4);
}

#[tokio::test]
async fn the_audit_is_append_only_and_a_timeline_shows_it() {
    let world = refused(rejected("TEST-150")).await;
    let order = id_of(&world, "post.order");
    operator(&world).replay(&order, false, Some("bưu điện đã sửa"), at(2)).unwrap();
    operator(&world).pause("post", "bảo trì", None, at(3)).unwrap();
    operator(&world).resume("post", None, at(4)).unwrap();
    assert_eq!(acts(&world), ["replay", "pause", "resume"]);
    let act = report(&world).audit(at(2), 1).unwrap();
    assert_eq!((act[0].act.as_str(), act[0].who.as_str()), ("resume", "canbo"));
    for sql in ["UPDATE audit SET who = 'x'", "DELETE FROM audit"] {
        assert!(world.file().execute(sql, []).is_err(), "{sql}");
    }
    let dossier = report(&world).dossier("H11.01.07-220915-0001").unwrap().unwrap();
    assert_eq!(dossier.acts.len(), 1);
    assert_eq!(dossier.acts[0].reason.as_deref(), Some("bưu điện đã sửa"));
}

#[tokio::test]
async fn a_task_of_the_desk_is_closed_once() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    world
        .file()
        .execute("INSERT INTO flag (dossier, code, task, at) VALUES (1, 'DESK-OLD-PARCEL', 1, 1)", [])
        .unwrap();
    let task = report(&world).desk_tasks(10, &Agencies::all()).unwrap().pop().unwrap();
    assert_eq!(operator(&world).close_task(task.number, "đã gọi", at(2)).unwrap(), Acted::Done);
    assert!(report(&world).desk_tasks(10, &Agencies::all()).unwrap().is_empty());
    let again = operator(&world).close_task(task.number, "đã gọi", at(2)).unwrap();
    assert_eq!(again, Acted::Refused(Refusal::Unknown));
    assert_eq!(acts(&world), ["close"]);
}
