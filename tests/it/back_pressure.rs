//! The backlog stays in the broker while nothing can be stored, and comes in by itself when it can.

use crate::support::{DEADLINE, Dossier, Event, Gateway, World, until};
use rusqlite::Connection;
use serde_json::Value;
use std::time::Duration;

/// Longer than the rest that intake takes for memory, and than a lock is waited for.
const PATIENT: Duration = Duration::from_secs(120);

/// Changes the configuration of a world before its next start.
fn configure(world: &World, from: &str, to: &str) {
    let path = world.file("gateway.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Somebody else's connection to the journal that lets nobody write until it is dropped.
fn lock(world: &World) -> Connection {
    let other = Connection::open(world.file("journal.db")).unwrap();
    other.busy_timeout(DEADLINE).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

/// How often a line was logged with a reason.
fn said(gateway: &Gateway, message: &str, reason: &str) -> usize {
    gateway.lines().iter().filter(|line| line["message"] == message && line["reason"] == reason).count()
}

fn journal_of(readiness: &Value) -> &Value {
    &readiness["dependencies"]["journal"]
}

#[tokio::test]
async fn a_store_that_cannot_be_written_stops_intake_and_what_waits_comes_in_when_it_can() {
    let world = World::new().await;
    configure(&world, "commit_limit = \"60s\"", "commit_limit = \"1s\"");
    let mut gateway = world.gateway().await;
    world.publisher().await;
    let other = lock(&world);
    let mut dossiers: Vec<Dossier> = (0..40).map(Dossier::new).collect();
    let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(2)).collect();
    world.publish(&events).await;

    let closed = "intake closed; the backlog stays in the queue";
    until("a commit that stands still is seen", PATIENT, || {
        said(&gateway, closed, "GATEWAY-STORE-SLOW") == 1
    })
    .await;
    let readiness = gateway.until_readiness(503).await;
    let journal = journal_of(&readiness);
    assert_eq!(
        journal["runbook"],
        format!("docs/runbook.md#{}", journal["reason"].as_str().unwrap().to_lowercase())
    );
    assert!(journal["since"].is_string(), "{journal}");
    let broken = "failed to write to the journal";
    until("the store has failed", PATIENT, || said(&gateway, broken, "GATEWAY-STORE-FAILED") == 1).await;
    // Shown within a second.
    while journal_of(&gateway.until_readiness(503).await)["reason"] != "GATEWAY-STORE-FAILED" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(gateway.ask("/live").await.unwrap().0, 200, "a locked store is no reason to restart");
    assert_eq!(world.journal().events(), 0);

    drop(other);
    gateway.until_readiness(200).await;
    world.settled(events.len(), PATIENT).await;
    assert_eq!(gateway.said("the journal can be written again"), 1);
    assert_eq!(said(&gateway, broken, "GATEWAY-STORE-FAILED"), 1, "a failure is told once");
    assert_eq!(world.portal.partner().counts().rows, events.len(), "everything once");
    gateway.stop().await;
}

#[tokio::test]
async fn too_much_memory_stops_intake_and_what_waits_comes_in_later() {
    let world = World::new().await;
    let mut gateway = world.gateway().await;
    world.publisher().await;
    let resting = gateway.memory("VmRSS");
    gateway.stop().await;
    let ceiling = resting / 1024 + 24;
    configure(
        &world,
        "[admin]",
        &format!("[intake]\nbatch_most = 4\nmemory_ceiling = \"{ceiling}MiB\"\n\n[admin]"),
    );
    // The backlog is there before it starts, and more than it may hold in its hand.
    let text = Value::from("Hồ sơ nặng. ".repeat(50_000));
    let events: Vec<Event> =
        (0..60).map(|number| Dossier::new(number).status(2).set("/data/step/text", text.clone())).collect();
    world.publish(&events).await;
    gateway = world.spawn();
    let closed = "intake closed; the backlog stays in the queue";
    until("memory is above its ceiling", PATIENT, || said(&gateway, closed, "GATEWAY-MEMORY") > 0).await;
    let journal = world.journal();
    let stored = || journal.events() + journal.count("SELECT count(*) FROM quarantine");
    until("everything has come in", PATIENT, || stored() == 60).await;
    gateway.until_readiness(200).await;
    gateway.stop().await;
}
