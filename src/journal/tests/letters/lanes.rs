//! Lanes that are paused, released, and whose head is skipped.

use super::super::commands::{operator, refused};
use super::super::id_of;
use super::super::review::carried;
use super::super::world::{World, at, event, reason, take};
use super::{acts, report, row_of};
use crate::journal::command::{Acted, Refusal};
use lienthong_core::handoff::Partner;
use lienthong_core::outcome::Outcome;
use std::time::Duration;

const ALL: &[Partner] = &Partner::ALL;

#[tokio::test]
async fn a_paused_lane_sends_nothing_until_it_is_released_and_its_neighbours_go_on() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    let dossier = report(&world).dossier_row("H11.01.07-220915-0001").unwrap().unwrap();
    operator(&world).pause_lanes(dossier, ALL, "chờ xác minh", None, at(1)).unwrap();
    assert_eq!(carried(&world.calls(at(2)).await), ["2 portal.record", "2 post.order"]);
    // What is planned meanwhile waits as well, and so does the next process.
    world.admit([event(1, 2, 9)]).await;
    let world = world.die();
    world.journal.recover(at(3), 0.5).await.unwrap();
    assert!(carried(&world.calls(at(4)).await).iter().all(|call| call.starts_with("2 ")));
    let lanes = report(&world).lanes(dossier, world.settings.tables.dead_row_holds, at(4)).unwrap();
    assert!(lanes.iter().all(|lane| lane.paused.as_deref() == Some("chờ xác minh")));
    assert_eq!(operator(&world).release_lanes(dossier, &[Partner::Post], at(5)).unwrap(), Acted::Done);
    assert_eq!(carried(&world.calls(at(6)).await), ["1 post.order"]);
    assert_eq!(operator(&world).release_lanes(dossier, ALL, at(7)).unwrap(), Acted::Done);
    let again = operator(&world).release_lanes(dossier, ALL, at(7)).unwrap();
    assert_eq!(again, Acted::Refused(Refusal::Unknown));
    assert!(!world.calls(at(8)).await.is_empty());
    assert_eq!(acts(&world), ["lane-pause", "lane-release", "lane-release"]);
}

#[tokio::test]
async fn a_pause_of_a_lane_ends_by_itself_at_its_time() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let dossier = report(&world).dossier_row("H11.01.07-220915-0001").unwrap().unwrap();
    operator(&world).pause_lanes(dossier, ALL, "trưa", Some(at(100)), at(1)).unwrap();
    assert!(world.calls(at(99)).await.is_empty());
    assert_eq!(world.calls(at(100)).await.len(), 2);
}

#[tokio::test]
async fn the_head_that_blocks_a_lane_is_skipped_and_what_follows_goes_on() {
    let world = World::open();
    world.admit([event(1, 1, 2)]).await;
    let away = Outcome::Unavailable {
        reason: reason("TEST-503"),
        wait: Some(Duration::from_secs(5)),
        unsent: false,
    };
    world.settle(take(&mut world.calls(at(1)).await, "portal.record"), away, at(1)).await;
    let (record, row) = (id_of(&world, "portal.record"), row_of(&world, 2));
    let mut operator = operator(&world);
    assert_eq!(operator.skip(&row, "thử", false, at(2)).unwrap(), Acted::Refused(Refusal::NotHead));
    assert_eq!(operator.skip(&record, "Cổng đã có", false, at(2)).unwrap(), Acted::Done);
    assert_eq!(carried(&world.calls(at(60)).await), ["1 portal.progress"]);
    assert_eq!(world.state("portal.record"), "dismissed");
    assert_eq!(acts(&world), ["skip"]);
    let state = world.file().query_row("SELECT code FROM handoff WHERE kind = 'portal.record'", [], |row| {
        row.get::<_, String>(0)
    });
    assert_eq!(state.unwrap(), "GATEWAY-SKIPPED");
}

#[tokio::test]
async fn an_order_that_may_be_there_is_skipped_only_on_somebodys_word() {
    let world = refused(Outcome::Uncertain(reason("TEST-SILENT"))).await;
    let order = id_of(&world, "post.order");
    let mut operator = operator(&world);
    assert_eq!(operator.skip(&order, "thử", false, at(2)).unwrap(), Acted::Refused(Refusal::MayBeThere));
    assert_eq!(operator.skip(&order, "bưu cục chưa nhận", true, at(2)).unwrap(), Acted::Done);
    assert_eq!(world.state("post.order"), "dismissed");
    // Reopened, it is still in doubt.
    assert_eq!(operator.reopen(&order, None, at(3)).unwrap(), Acted::Done);
    assert_eq!(operator.replay(&order, false, None, at(4)).unwrap(), Acted::Refused(Refusal::MayBeThere));
}

#[tokio::test]
async fn what_is_under_way_is_not_skipped() {
    let world = World::open();
    world.admit([event(1, 1, 2)]).await;
    let calls = world.calls(at(1)).await;
    let record = id_of(&world, "portal.record");
    assert_eq!(
        operator(&world).skip(&record, "thử", true, at(2)).unwrap(),
        Acted::Refused(Refusal::UnderWay)
    );
    drop(calls);
}
