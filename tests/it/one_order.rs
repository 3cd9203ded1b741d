//! Promise 3: one order. What the post may have taken is never repeated on a guess.

use crate::support::{DEADLINE, Dossier, Options, World, until};
use mock_kit::{Deed, Fault, Stage};
use mock_post::{Advance, Step};

/// Ways in which the answer to a create gets lost, and whether the order was taken.
fn lost_answers() -> Vec<(Deed, bool)> {
    let status = |status| Deed::Status { status, body: "lỗi".to_owned(), taken: true };
    vec![
        (Deed::Silence { taken: true }, true),
        (Deed::Silence { taken: false }, false),
        (Deed::Reset { stage: Stage::BeforeTaking }, false),
        (Deed::Reset { stage: Stage::AfterTaking }, true),
        (status(500), true),
        (status(504), true),
        (Deed::HtmlPage { taken: true }, true),
        (Deed::HtmlPage { taken: false }, false),
        (Deed::Unreadable, true),
    ]
}

/// A world in which each dossier's create meets its own misfortune, and those dossiers.
async fn misfortunes(options: Options) -> (World, Vec<(Dossier, bool)>) {
    let world = World::with(Options { deadline: "500ms", ..options }).await;
    let dossiers = lost_answers().into_iter().enumerate().map(|(number, (deed, taken))| {
        let dossier = Dossier::new(number).by_post();
        world.post.fault(Fault::new(deed).on("order").key(&dossier.order("TRA")).times(1));
        (dossier, taken)
    });
    let dossiers = dossiers.collect();
    (world, dossiers)
}

async fn publish_done(world: &World, dossiers: &mut [(Dossier, bool)]) {
    let events: Vec<_> = dossiers.iter_mut().flat_map(|(dossier, _)| dossier.statuses(&[2, 9])).collect();
    world.publish(&events).await;
    world.settled(events.len(), DEADLINE).await;
}

fn state_of(world: &World, dossier: &Dossier) -> String {
    let orders = world.journal().of(&dossier.code, "post.order");
    assert_eq!(orders.len(), 1, "{}", dossier.code);
    orders[0].state.clone()
}

#[tokio::test]
async fn where_numbers_are_unique_a_lost_answer_is_asked_for_again_under_the_same_number() {
    let (world, mut dossiers) = misfortunes(Options { number_unique: true, ..Options::default() }).await;
    let gateway = world.gateway().await;
    publish_done(&world, &mut dossiers).await;
    for (dossier, taken) in &dossiers {
        let number = dossier.order("TRA");
        let order = world.post.partner().orders().remove(&number).unwrap();
        assert_eq!((order.parcels.len(), state_of(&world, dossier).as_str()), (1, "accepted"), "{number}");
        assert_eq!(order.refused > 0, *taken, "{number}");
    }
    gateway.stop().await;
}

/// Runs the misfortunes where numbers are not unique; the feed shows a taken order once it is at `shown_at`.
async fn check_watched(options: Options, shown_at: Step) {
    let (world, mut dossiers) = misfortunes(options).await;
    let gateway = world.gateway().await;
    publish_done(&world, &mut dossiers).await;
    for (dossier, taken) in &dossiers {
        assert_eq!(state_of(&world, dossier), "uncertain", "{}", dossier.code);
        assert_eq!(world.post.partner().parcels(&dossier.order("TRA")).len(), usize::from(*taken));
    }
    world.post.partner().advance(&Advance { to: Some(shown_at), ..Advance::default() });
    for (dossier, taken) in &dossiers {
        if *taken {
            until("adopted", DEADLINE, || state_of(&world, dossier) == "accepted").await;
        }
    }
    for (dossier, taken) in &dossiers {
        assert_eq!(world.post.partner().parcels(&dossier.order("TRA")).len(), usize::from(*taken));
        assert_eq!(
            state_of(&world, dossier),
            if *taken { "accepted" } else { "uncertain" },
            "{}",
            dossier.code
        );
    }
    gateway.stop().await;
}

#[tokio::test]
async fn where_they_are_not_an_uncertain_order_is_watched_until_the_feed_shows_it() {
    check_watched(Options::default(), Step::Accepted).await;
}

#[tokio::test]
async fn a_feed_that_is_silent_until_collection_proves_nothing_before() {
    check_watched(Options { feed_silent: true, ..Options::default() }, Step::Collected).await;
}

#[tokio::test]
async fn a_create_that_provably_did_not_leave_is_sent_again() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    world.post.go_down().await;
    world.publish(&dossier.statuses(&[2, 9])).await;
    until("tried", DEADLINE, || {
        world.journal().of(&dossier.code, "post.order").iter().any(|order| order.attempts > 1)
    })
    .await;
    world.post.come_back().await.unwrap();
    world.settled(2, DEADLINE).await;
    assert_eq!(state_of(&world, &dossier), "accepted");
    assert_eq!(world.post.partner().parcels(&dossier.order("TRA")).len(), 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_cancel_overtakes_an_uncertain_order_and_settles_both() {
    let options = Options { feed_silent: true, deadline: "500ms", ..Options::default() };
    let world = World::with(options).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    world.post.fault(Fault::taken_in_silence("order"));
    world.publish(&dossier.statuses(&[2, 9])).await;
    until("uncertain", DEADLINE, || {
        world.journal().of(&dossier.code, "post.order").iter().any(|order| order.state == "uncertain")
    })
    .await;
    let withdrawn = dossier.event("return-withdrawn", 9).set("/data/dossier/return_by_post", false);
    world.publish(&[withdrawn]).await;
    world.settled(3, DEADLINE).await;
    until("both are settled", DEADLINE, || {
        world.journal().handoffs().iter().all(|handoff| handoff.is_final() || handoff.kind == "post.order")
    })
    .await;
    let parcels = world.post.partner().parcels(&dossier.order("TRA"));
    assert_eq!((parcels.len(), parcels[0].is_cancelled()), (1, true));
    let journal = world.journal();
    assert_eq!(journal.of(&dossier.code, "post.cancel")[0].state, "accepted");
    // Nothing is left that a person would have to look after: the answer to the cancel is the answer to the create.
    until("the order is settled", DEADLINE, || {
        journal.of(&dossier.code, "post.order").iter().all(|order| order.is_final())
    })
    .await;
    gateway.stop().await;
}
