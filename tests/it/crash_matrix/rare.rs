//! Deaths in what happens rarely: a storm, a refused feed, erasing.

use super::is_compiled_in;
use crate::support::{DEADLINE, Dossier, Event, PORTAL_ACCOUNT, World, until};
use mock_kit::{Deed, Fault};
use rusqlite::Connection;

async fn dies(world: &World, point: &str) {
    let words = world.spawn_to_die(point).last_words().await;
    assert!(words.starts_with(point), "{words}");
}

async fn resume(world: &World, account: &str) {
    let resumed = world.command(&["resume", account]).await;
    assert!(resumed.status.success(), "{resumed:?}");
}

#[tokio::test]
async fn a_storm_whose_commit_is_lost_breaks_again_and_all_of_it_is_due_again() {
    is_compiled_in();
    let world = World::new().await;
    world.gateway().await.stop().await;
    let refuse = Deed::Refuse { code: "-9".to_owned(), message: "Không hợp lệ".to_owned() };
    let fault = world.portal.fault(Fault::new(refuse).on("DongBoHoSoMC"));
    let mut dossiers: Vec<Dossier> = (0..5).map(Dossier::new).collect();
    let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(2)).collect();
    world.publish(&events).await;
    dies(&world, "storm.before_commit").await;
    let gateway = world.gateway().await;
    until("blocked", DEADLINE, || !world.journal().blocked().is_empty()).await;
    world.portal.clear_fault(fault);
    resume(&world, PORTAL_ACCOUNT).await;
    world.settled(events.len(), DEADLINE).await;
    for (dossier, event) in dossiers.iter().zip(&events) {
        assert_eq!(world.rows(dossier), [event.row()]);
        assert_eq!(world.record_status(dossier).as_deref(), Some("2"));
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_feed_that_is_refused_blocks_its_account_even_if_the_first_block_is_lost() {
    is_compiled_in();
    let world = World::new().await;
    world.gateway().await.stop().await;
    let fault = world.post.fault(Fault::new(Deed::NotFound).on("tracking"));
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&dossier.statuses(&[2, 9])).await;
    dies(&world, "block.before_commit").await;
    assert_eq!(world.journal().blocked(), [""; 0], "it was not committed");
    let gateway = world.gateway().await;
    // The neighbour's account is refused as well.
    until("both are blocked", DEADLINE, || world.journal().blocked().len() == 2).await;
    world.post.clear_fault(fault);
    for account in world.journal().blocked() {
        resume(&world, &account).await;
    }
    world.settled(2, DEADLINE).await;
    assert_eq!(world.post.partner().parcels(&dossier.order("TRA")).len(), 1);
    gateway.stop().await;
}

/// Everything in the journal happened 400 days earlier.
fn age(world: &World) {
    let journal = Connection::open(world.file("journal.db")).unwrap();
    for column in
        ["handoff SET ended_at", "attempt SET ended_at", "inbox SET arrived_at", "dossier SET updated_at"]
    {
        let (_, name) = column.split_once("SET ").unwrap();
        journal.execute(&format!("UPDATE {column} = {name} - 34560000000"), []).unwrap();
    }
}

#[tokio::test]
async fn erasing_that_is_cut_off_goes_on_and_what_is_known_stays_known() {
    is_compiled_in();
    let world = World::new().await;
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..12).map(Dossier::new).collect();
    let events: Vec<Event> = dossiers.iter_mut().flat_map(|dossier| dossier.statuses(&[2, 9, 10])).collect();
    world.publish(&events).await;
    world.settled(events.len(), DEADLINE).await;
    gateway.stop().await;
    age(&world);
    let journal = world.journal();
    let payloads = || journal.count("SELECT count(*) FROM payload");
    let all = payloads();
    dies(&world, "erase.before_commit").await;
    assert_eq!(payloads(), all, "nothing was erased");
    dies(&world, "erase.after_commit").await;
    assert!((1..all).contains(&payloads()), "{} of {all}", payloads());
    let gateway = world.gateway().await;
    until("all is erased", DEADLINE, || payloads() == 0).await;
    let calls = world.portal.ledger().len();
    world.publish(&events).await;
    // The last of the queue: when it is stored, everything before it was looked at.
    world.publish(&[Dossier::new(99).status(2)]).await;
    until("the last event is stored", DEADLINE, || journal.events() == 37).await;
    gateway.stop().await;
    let known = journal.count("SELECT count(*) FROM inbox WHERE payload IS NOT NULL");
    assert_eq!(known, 1, "what came again is known and not stored again");
    assert_eq!(journal.quarantine(), []);
    let later = world.portal.ledger().into_iter().skip(calls);
    let of_the_last = |keys: &[String]| keys.iter().all(|key| *key == Dossier::new(99).code);
    let told: Vec<_> = later.filter(|entry| !of_the_last(&entry.keys)).collect();
    assert!(told.is_empty(), "{told:?}");
}
