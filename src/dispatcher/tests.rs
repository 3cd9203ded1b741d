//! The dispatcher's loop on a real journal: one that hangs, and ports that count.

use super::*;
use crate::journal::tests::world::{PORTAL, World, abilities, event, partners, partners_of, reason};
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, ReasonText};
use lienthong_core::port::{Abilities, FeedPage, LookUp, Pending, Port, Sent};
use lienthong_core::receipt::Receipt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::sync_channel;
use tokio::sync::Notify;

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

/// A port that counts its calls; one of them waits for a word, and then the account is blocked.
#[derive(Default)]
struct Counting {
    calls: Mutex<Vec<String>>,
    under_way: AtomicUsize,
    most: AtomicUsize,
    blocks: Option<usize>,
    word: Notify,
}

impl Counting {
    fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    async fn take(&self, handoffs: &[Handoff]) -> Outcome {
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.extend(handoffs.iter().map(|handoff| handoff.id.to_string()));
            calls.len()
        };
        self.most.fetch_max(self.under_way.fetch_add(1, SeqCst) + 1, SeqCst);
        let blocked = self.blocks == Some(number);
        if blocked {
            self.word.notified().await;
        } else {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.under_way.fetch_sub(1, SeqCst);
        if blocked { Outcome::Blocked(reason("TEST-KEY")) } else { Outcome::Accepted(reason("TEST-OK")) }
    }
}

impl Port for Counting {
    fn abilities(&self) -> Abilities {
        Abilities { rows_per_call: 1, ..abilities() }
    }

    fn translate(&self, _: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        Ok(serde_json::Value::Null)
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], _: Option<&'a str>) -> Pending<'a, Sent> {
        Box::pin(async {
            let outcome = self.take(handoffs).await;
            Sent { outcome, http_status: None, steps: Vec::new(), receipt: Receipt::default() }
        })
    }

    fn look_up<'a>(&'a self, _: &'a Handoff) -> Pending<'a, LookUp> {
        Box::pin(async { LookUp::AskTheFeed })
    }

    fn inspect<'a>(&'a self, _: &'a Inspection) -> Pending<'a, Inspected> {
        Box::pin(async { Inspected::NoQuestion })
    }

    fn probe(&self) -> Pending<'_, Outcome> {
        Box::pin(async { Outcome::Accepted(reason("TEST-OK")) })
    }

    fn read_feed<'a>(&'a self, _: Option<&'a str>) -> Pending<'a, FeedPage> {
        Box::pin(async { FeedPage::NoFeed })
    }

    fn reasons(&self) -> &'static [ReasonText] {
        &[]
    }
}

/// So many dossiers with a record and a row each, and a portal with this port and room for so many calls.
async fn drained(
    port: &Arc<Counting>,
    concurrency: usize,
    dossiers: usize,
    meanwhile: impl AsyncFnOnce(&World),
) -> World {
    let partners = partners_of(|account| {
        if account.name.as_str() == PORTAL {
            account.port = Arc::clone(port) as Arc<dyn Port>;
            account.concurrency = concurrency;
        }
    });
    let world = World::with(partners.clone());
    world.admit((0..dossiers).map(|dossier| event(dossier, 1, 2))).await;
    let gates = Arc::new(Gates::new(&partners));
    let dispatcher = Dispatcher::new(Arc::clone(&world.journal), partners, gates, Arc::new(Health::new()));
    let stop = CancellationToken::new();
    let run = dispatcher.run(stop.clone());
    let over = async {
        meanwhile(&world).await;
        stop.cancel();
    };
    tokio::join!(run, over);
    world
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came about: {what}");
}

fn sending(world: &World) -> i64 {
    world.count("SELECT count(*) FROM handoff WHERE state = 'sending'")
}

#[tokio::test]
async fn what_is_claimed_ahead_is_sent_once_and_never_passes_the_concurrency() {
    let port = Arc::new(Counting::default());
    let mut most_claimed = 0;
    let world = drained(&port, 2, 60, async |world| {
        until("everything is accepted", || {
            most_claimed = most_claimed.max(sending(world));
            world.count("SELECT count(*) FROM handoff WHERE state = 'accepted'") == 120
        })
        .await;
    })
    .await;
    assert!(most_claimed > 2, "nothing waited for room: {most_claimed}");
    assert_eq!(port.most.load(SeqCst), 2);
    let mut calls = port.calls.lock().unwrap().clone();
    calls.sort();
    calls.dedup();
    assert_eq!((calls.len(), port.calls()), (120, 120));
    assert_eq!(world.count("SELECT count(*) FROM attempt"), 120);
}

/// Whether others waited behind the call that was blocked.
async fn blocked() -> bool {
    let port = Arc::new(Counting { blocks: Some(9), ..Counting::default() });
    let mut claimed = 0;
    let world = drained(&port, 1, 30, async |world| {
        until("the call that is blocked", || port.calls() == 9).await;
        claimed = sending(world);
        port.word.notify_one();
        until("nothing is under way", || sending(world) == 0).await;
    })
    .await;
    assert_eq!(port.calls(), 9, "a call began after the one that was blocked");
    assert_eq!(world.count("SELECT count(*) FROM attempt"), 9);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'accepted'"), 8);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'waiting' AND attempts = 0"), 51);
    claimed > 1
}

#[tokio::test]
async fn what_waits_is_handed_back_when_the_account_is_blocked() {
    for _ in 0..5 {
        // A machine that stands still for a moment makes the partner look slow, and nothing is claimed ahead then.
        if blocked().await {
            return;
        }
    }
    panic!("nothing ever waited");
}
