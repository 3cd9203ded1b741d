//! Commands that die: before their commit nothing has changed, after it everything has, and typed again they are right.

use super::is_compiled_in;
use crate::support::{ABORTED, DEADLINE, Dossier, POST_ACCOUNT, World, last_words, until};
use mock_kit::{Deed, Fault};
use std::os::unix::process::ExitStatusExt as _;

/// Runs a command that dies at its commit.
async fn die(world: &World, arguments: &[&str], point: &str) {
    let output = world.command_to_die(arguments, point).await;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let words =
        last_words(&errors).unwrap_or_else(|| panic!("{arguments:?} lived through {point}: {output:?}"));
    assert!(words.starts_with(point), "{words}");
    assert_eq!(output.status.signal(), Some(ABORTED), "{output:?}");
}

async fn succeed(world: &World, arguments: &[&str]) {
    let output = world.command(arguments).await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

#[tokio::test]
async fn a_pause_holds_once_its_commit_is_done_and_a_resume_frees() {
    is_compiled_in();
    let world = World::new().await;
    let gateway = world.gateway().await;
    let journal = world.journal();
    let paused = || journal.count("SELECT count(*) FROM pause");
    let pause = ["pause", POST_ACCOUNT, "--reason", "kiểm tra"];
    die(&world, &pause, "command.before_commit").await;
    assert_eq!(paused(), 0);
    die(&world, &pause, "command.after_commit").await;
    assert_eq!(paused(), 1);
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&dossier.statuses(&[2, 9])).await;
    until("the portal is told", DEADLINE, || world.rows(&dossier).len() == 2).await;
    assert_eq!(world.post.count("order"), 0, "the account is paused");
    die(&world, &["resume", POST_ACCOUNT], "command.before_commit").await;
    assert_eq!(paused(), 1);
    die(&world, &["resume", POST_ACCOUNT], "command.after_commit").await;
    world.settled(2, DEADLINE).await;
    assert_eq!(world.post.partner().parcels(&dossier.order("TRA")).len(), 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_dead_letter_is_replayed_or_dismissed_once_the_commit_is_done() {
    is_compiled_in();
    let world = World::new().await;
    let refuse = Deed::Refuse { code: "150".to_owned(), message: "Không hợp lệ".to_owned() };
    let fault = world.post.fault(Fault::new(refuse).on("order"));
    let gateway = world.gateway().await;
    let mut dossiers = [Dossier::new(1).by_post(), Dossier::new(2).by_post()];
    for dossier in &mut dossiers {
        world.publish(&dossier.statuses(&[2, 9])).await;
    }
    world.settled(4, DEADLINE).await;
    let order = |dossier: &Dossier| world.journal().of(&dossier.code, "post.order").remove(0);
    let [replayed, dismissed] = &dossiers;
    world.post.clear_fault(fault);
    let (replay, dismiss) = (order(replayed).id, order(dismissed).id);
    let told = world.post.count("order");
    for command in [
        vec!["dead-letters", "replay", &replay],
        vec!["dead-letters", "dismiss", &dismiss, "--reason", "thử"],
    ] {
        die(&world, &command, "command.before_commit").await;
    }
    assert_eq!((order(replayed).state, order(dismissed).state), ("dead".to_owned(), "dead".to_owned()));
    assert_eq!(world.post.count("order"), told, "nothing was sent");
    for command in [
        vec!["dead-letters", "replay", &replay],
        vec!["dead-letters", "dismiss", &dismiss, "--reason", "thử"],
    ] {
        die(&world, &command, "command.after_commit").await;
    }
    until("sent", DEADLINE, || order(replayed).state == "accepted").await;
    assert_eq!(order(dismissed).state, "dismissed");
    let parcels = |dossier: &Dossier| world.post.partner().parcels(&dossier.order("TRA")).len();
    assert_eq!((parcels(replayed), parcels(dismissed)), (1, 0));
    gateway.stop().await;
}

#[tokio::test]
async fn a_file_published_again_after_a_death_is_taken_in_once() {
    is_compiled_in();
    let world = World::new().await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1);
    let events = dossier.statuses(&[2, 4, 9]);
    let lines: Vec<Vec<u8>> = events.iter().map(crate::support::Event::body).collect();
    std::fs::write(world.file("day.jsonl"), lines.join(&b'\n')).unwrap();
    die(&world, &["publish", "day.jsonl"], "publisher.confirmed").await;
    succeed(&world, &["publish", "day.jsonl"]).await;
    world.settled(events.len(), DEADLINE).await;
    let expected: Vec<_> = events.iter().map(crate::support::Event::row).collect();
    assert_eq!(world.rows(&dossier), expected);
    assert_eq!(world.journal().events(), 3);
    gateway.stop().await;
}
