//! The dispatcher's loop on a journal that hangs.

use super::*;
use crate::journal::tests::world::{World, partners};
use std::sync::mpsc::sync_channel;

/// What a store that hangs looks like to `/live`: rounds that find no room beside the claim show nothing.
#[tokio::test(start_paused = true)]
async fn a_claim_that_is_never_answered_is_no_turn_of_the_loop() {
    let world = World::open();
    let (go_on, wait) = sync_channel::<()>(1);
    let held = world.journal.hold(wait).await.unwrap();
    let (health, partners) = (Arc::new(Health::new()), partners());
    let gates = Arc::new(Gates::new(&partners));
    let dispatcher = Dispatcher::new(Arc::clone(&world.journal), partners, gates, Arc::clone(&health));
    let ticked = || health.liveness(clock::now()).ticked;
    let mut run = Box::pin(dispatcher.run(CancellationToken::new()));
    // The clock is tokio's and goes on by itself; scans come each second of it.
    let mut for_a_minute = async || {
        tokio::select! {
            () = &mut run => panic!("nobody stopped it"),
            () = tokio::time::sleep(Duration::from_secs(60)) => ticked(),
        }
    };
    let first = for_a_minute().await;
    let later = for_a_minute().await;
    go_on.send(()).unwrap();
    held.await.unwrap();
    assert!(first.is_some(), "it began");
    assert_eq!(first, later, "a round went by while the journal answered nobody");
}
