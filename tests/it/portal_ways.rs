//! What else reaches the portal: a province's wrapper in front of it, and statuses of dossiers that were lodged there.

use crate::support::{AGENCY, DEADLINE, Dossier, Event, Options, World, until};
use serde_json::json;

const BORN: &str = "G22.99.1-220912-0142";

#[tokio::test]
async fn whole_lives_reach_the_portal_through_a_wrapper_and_through_its_outage() {
    let world = World::with(Options { wrapper: true, ..Options::default() }).await;
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (1..=6).map(Dossier::new).collect();
    let lives: Vec<Vec<Event>> =
        dossiers.iter_mut().map(|dossier| dossier.statuses(&[2, 4, 5, 4, 9, 10])).collect();
    let (before, after): (Vec<_>, Vec<_>) = lives.iter().map(|life| life.split_at(2)).unzip();
    world.publish(&before.concat()).await;
    until("the portal shows 4", DEADLINE, || {
        dossiers.iter().all(|dossier| world.record_status(dossier).as_deref() == Some("4"))
    })
    .await;
    world.portal.go_down().await;
    world.publish(&after.concat()).await;
    until("the outage is noticed", DEADLINE, || {
        world
            .journal()
            .count("SELECT count(*) FROM breaker WHERE state LIKE '%open%' OR state LIKE '%probing%'")
            > 0
    })
    .await;
    world.portal.come_back().await.unwrap();
    for (dossier, life) in dossiers.iter().zip(&lives) {
        let rows: Vec<_> = life.iter().map(Event::row).collect();
        until("all of its rows are there", DEADLINE, || world.rows(dossier) == rows).await;
        assert_eq!(world.record_status(dossier).as_deref(), Some("10"));
    }
    assert!(world.portal.partner().doubled_rows().is_empty());
    gateway.stop().await;
}

#[tokio::test]
async fn the_portals_own_copy_of_a_dossier_that_was_lodged_there_follows_its_life() {
    let world = World::with(Options { portal_lines: "status_service = true", ..Options::default() }).await;
    world.portal.partner().bear(AGENCY, BORN);
    let gateway = world.gateway().await;
    let mut lodged = Dossier::new(1);
    let mut usual = Dossier::new(2);
    for (before, status) in [2, 4, 5, 4, 9, 10].into_iter().enumerate() {
        let mut event = lodged.status(status);
        event.0["data"]["dossier"]["portal_code"] = json!(BORN);
        event.0["data"]["applicant"]["portal_id"] = json!("a81f-77c2");
        world.publish(&[event, usual.status(status)]).await;
        let shown = status.to_string();
        until("the portal has the record", DEADLINE, || {
            [&lodged, &usual].iter().all(|dossier| world.record_status(dossier).as_deref() == Some(&shown))
        })
        .await;
        // A status that still waits when the next one comes is superseded by it.
        world.settled(2 * (before + 1), DEADLINE).await;
    }
    let birth = world.portal.partner().born(BORN).unwrap();
    assert_eq!(birth.local.as_deref(), Some(&*lodged.code));
    // Of the supplement nothing is told: no public source knows its code.
    let told: Vec<&str> = birth.updates.iter().map(|update| update.status.as_str()).collect();
    assert_eq!(told, ["2"; 5]);
    assert_eq!(birth.updates[0].whole()["MaDoiTuong"], "a81f-77c2");
    let times: Vec<&str> = birth.updates.iter().map(|update| update.time.as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
    gateway.stop().await;
}
