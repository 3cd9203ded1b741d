//! Promise 5: nobody is delayed by another's trouble.

use crate::support::{
    AGENCY_2, DEADLINE, Dossier, Event, Options, PORTAL_ACCOUNT_2, POST_ACCOUNT_2, World, until,
};
use mock_kit::{Deed, Fault, Wait};
use serde_json::Value;
use std::collections::BTreeMap;

const DOSSIERS: usize = 20;
const LIFE: [u8; 4] = [2, 4, 9, 10];

/// What the portal was told, per dossier and in order: operation and content.
type Ledger = BTreeMap<String, Vec<(String, Value)>>;

fn ledger(world: &World) -> Ledger {
    let mut ledger = Ledger::new();
    for entry in world.portal.ledger().iter().filter(|entry| !entry.keys.is_empty()) {
        assert!(entry.took_effect(), "{entry:?}");
        let mut body = entry.json();
        body.as_object_mut().unwrap().remove("session");
        ledger.entry(entry.keys[0].clone()).or_default().push((entry.operation.clone(), body));
    }
    ledger
}

/// Whether the post is to do anything.
enum Post {
    Healthy,
    Down,
    Does(Deed),
}

/// Runs some dossiers through their life and gives what the portal was told. Each wave is published when the portal has
/// the one before, so that what is superseded does not depend on chance.
async fn run(post: Post) -> Ledger {
    let world = World::with(Options { deadline: "1s", concurrency: 4, ..Options::default() }).await;
    match post {
        Post::Healthy => {}
        Post::Down => world.post.go_down().await,
        Post::Does(deed) => {
            world.post.fault(Fault::new(deed));
        }
    }
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..DOSSIERS).map(|number| Dossier::new(number).by_post()).collect();
    for (wave, status) in (1..).zip(LIFE) {
        let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(status)).collect();
        world.publish(&events).await;
        let told =
            world.portal.until(DEADLINE, |portal| portal.partner().counts().rows == wave * DOSSIERS).await;
        assert!(told, "wave {wave}: {:?}", world.portal.partner().counts());
    }
    let ledger = ledger(&world);
    // The grace period ends with the silent calls.
    gateway.stop().await;
    ledger
}

#[tokio::test]
async fn the_portal_hears_the_same_whatever_the_post_does() {
    let healthy = run(Post::Healthy).await;
    assert_eq!(healthy.len(), DOSSIERS);
    let refusal = Deed::Refuse { code: "999".to_owned(), message: "Tạm ngừng tiếp nhận".to_owned() };
    let troubles = [
        ("down", Post::Down),
        ("unavailable", Post::Does(Deed::Unavailable { wait: Wait::None })),
        ("refusing", Post::Does(refusal)),
        ("silent", Post::Does(Deed::Silence { taken: false })),
        ("locked", Post::Does(Deed::WrongCredentials)),
    ];
    for (trouble, post) in troubles {
        assert_eq!(run(post).await, healthy, "{trouble}");
    }
}

#[tokio::test]
async fn one_agencys_wrong_passwords_stop_its_own_accounts_with_one_alert_and_one_login_each() {
    let world = World::with(Options { neighbour_is_locked_out: true, ..Options::default() }).await;
    let gateway = world.gateway().await;
    let mut ours: Vec<Dossier> = (0..DOSSIERS).map(|number| Dossier::new(number).by_post()).collect();
    let mut theirs: Vec<Dossier> =
        (0..DOSSIERS).map(|number| Dossier::of(AGENCY_2, number).by_post()).collect();
    let mut events = Vec::new();
    for status in [2, 9] {
        events.extend(theirs.iter_mut().map(|dossier| dossier.status(status)));
        events.extend(ours.iter_mut().map(|dossier| dossier.status(status)));
    }
    world.publish(&events).await;
    let told = |world: &World| world.portal.partner().counts().rows + world.post.partner().taken();
    until("ours are told", DEADLINE, || told(&world) == 3 * DOSSIERS).await;
    until("both are blocked", DEADLINE, || gateway.said("an account is blocked until somebody acts") == 2)
        .await;
    let blocked: Vec<String> = gateway
        .lines()
        .iter()
        .filter(|line| line["message"] == "an account is blocked until somebody acts")
        .map(|line| line["account"].as_str().unwrap().to_owned())
        .collect();
    for account in [PORTAL_ACCOUNT_2, POST_ACCOUNT_2] {
        assert_eq!(blocked.iter().filter(|blocked| *blocked == account).count(), 1, "{blocked:?}");
    }
    let refused = |entry: &mock_kit::Entry| !entry.took_effect();
    assert_eq!(world.portal.received("login").iter().filter(|entry| refused(entry)).count(), 1);
    assert_eq!(world.post.received("token").iter().filter(|entry| refused(entry)).count(), 1);
    let waiting = "SELECT count(*) FROM handoff WHERE account LIKE '%tien-loi' AND state = 'waiting'";
    assert!(world.journal().count(waiting) > 0);
    let status = world.json(&["status"]).await.to_string();
    assert!(status.contains("PORTAL-LOGIN-REFUSED"), "{status}");
    gateway.stop().await;
}

#[tokio::test]
async fn one_bad_dossier_delays_no_other() {
    let world = World::new().await;
    let refusal = Deed::Refuse { code: "57".to_owned(), message: "Sai mã lĩnh vực".to_owned() };
    let mut bad = Dossier::new(9_999);
    world.portal.fault(Fault::new(refusal).key(&bad.code));
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..DOSSIERS).map(Dossier::new).collect();
    let mut events = bad.statuses(&[2, 4]);
    events.extend(dossiers.iter_mut().flat_map(|dossier| dossier.statuses(&[2, 4, 10])));
    world.publish(&events).await;
    let told = world.portal.until(DEADLINE, |portal| portal.partner().counts().rows == 3 * DOSSIERS).await;
    assert!(told);
    until("the bad one is listed", DEADLINE, || {
        world.journal().of(&bad.code, "portal.record").iter().any(|record| record.state == "dead")
    })
    .await;
    assert_eq!(world.rows(&bad), []);
    gateway.stop().await;
}
