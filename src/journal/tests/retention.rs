//! What is erased, and when.

use super::gaps::pickup;
use super::world::{World, at, event, partners};
use crate::partners::{Account, Partners};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::tables::Tables;
use std::sync::Arc;

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn the_newest_snapshot_stays_until_the_desk_has_ended_and_the_parcel_has_come() {
    let world = World::open();
    // Two at work, one ended, one with a parcel under way.
    world.admit([event(1, 1, 4), event(2, 1, 3), pickup(3, 1), event(4, 1, 9)]).await;
    world.accept_all(at(1)).await;
    world.journal.erase(at(31 * DAY)).await.unwrap();
    let kept = "SELECT count(*) FROM dossier JOIN payload ON payload.id = basis";
    assert_eq!(world.count(kept), 3);
    world.admit([event(1, 2, 3)]).await;
    world.accept_all(at(2)).await;
    world.journal.erase(at(63 * DAY)).await.unwrap();
    assert_eq!(world.count(kept), 2);
}

/// A world whose commune is told what became of its dossiers; [`World::accept_all`] leaves that waiting.
fn told() -> World {
    let name = AccountName::new("commune-1");
    let usual: Vec<Account> = partners().iter().cloned().collect();
    let commune = Account { name: name.clone(), partner: Partner::Commune, ..usual[0].clone() };
    World::changed(Partners::of(usual.into_iter().chain([commune])), |settings| {
        let mut tables = Tables::clone(&settings.tables);
        tables.agencies.values_mut().for_each(|agency| agency.commune_account = Some(name.clone().into()));
        settings.tables = Arc::new(tables);
    })
}

#[tokio::test]
async fn news_that_nobody_takes_keeps_no_person() {
    let world = told();
    world.admit([event(1, 1, 3)]).await;
    world.accept_all(at(1)).await;
    world.journal.erase(at(31 * DAY)).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM dossier JOIN payload ON payload.id = basis"), 0);
    assert_eq!(world.count("SELECT count(*) FROM inbox JOIN payload ON payload.id = inbox.payload"), 0);
    let waiting = "SELECT count(*) FROM handoff JOIN payload ON payload.id = content
         WHERE kind = 'commune.event' AND state = 'waiting'";
    assert_eq!(world.count(waiting), 2, "of the record and of the row, to be told yet");
}

#[tokio::test]
async fn erasing_ends_although_some_snapshots_are_still_needed() {
    let world = World::open();
    world.admit((0..50).map(|dossier| event(dossier, 1, if dossier < 45 { 4 } else { 3 }))).await;
    world.accept_all(at(1)).await;
    let erased = world.journal.erase(at(31 * DAY)).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM dossier WHERE basis IS NULL"), 5);
    // Of each dossier the event, the record and the row; of five the snapshot.
    assert_eq!(erased, 50 * 3 + 5);
    assert_eq!(world.journal.erase(at(31 * DAY)).await.unwrap(), 0);
}
