//! An outage of one operation: it is left alone, nothing else is, and it comes back gently.

use crate::support::{DEADLINE, Dossier, Event, Options, POST_ACCOUNT, World, until};
use mock_kit::{Deed, Fault, Wait};

const DOSSIERS: usize = 30;
const CONCURRENCY: u32 = 8;
const OPENS: &str = "a partner does not answer, its operation is left alone";
const CLOSES: &str = "a partner answers again, its operation goes on";

/// Where each order that is not final stands.
const ORDERS: &str = "SELECT number || ' ' || state || ' ' || ifnull(code, '-') || ': '
        || (SELECT group_concat(ifnull(outcome || ' ' || code, 'open'), ', ') FROM attempt WHERE handoff = handoff.id)
    FROM handoff WHERE kind = 'post.order' AND ended_at IS NULL";

/// Calls for a token and creates, in the order in which the post received them.
fn calls(world: &World) -> Vec<String> {
    let of_orders = |operation: &String| ["token", "order"].contains(&operation.as_str());
    world.post.ledger().iter().map(|entry| entry.operation.clone()).filter(of_orders).collect()
}

/// The most creates that came with no call for a token between them.
fn most_in_a_row(calls: &[String]) -> usize {
    calls.split(|operation| operation == "token").map(<[String]>::len).max().unwrap_or(0)
}

#[tokio::test]
async fn an_outage_of_orders_stops_orders_alone_and_is_asked_after_with_logins_through_a_restart() {
    // An answer that is late on a busy machine would leave its order in doubt, and the feed shows nothing here.
    let deadline = "60s";
    let breaker_waits = ("500ms", "1s");
    let options = Options { concurrency: CONCURRENCY, breaker_waits, deadline, ..Options::default() };
    let world = World::with(options).await;
    world.post.fault(Fault::new(Deed::Unavailable { wait: Wait::None }).on("order"));
    let first = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..DOSSIERS).map(|number| Dossier::new(number).by_post()).collect();
    let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(9)).collect();
    world.publish(&events).await;
    until("the breaker is open", DEADLINE, || first.said(OPENS) == 1).await;
    let told = world.portal.until(DEADLINE, |portal| portal.partner().counts().rows == DOSSIERS).await;
    assert!(told, "the portal hears everything meanwhile");
    let status = world.json(&["status"]).await;
    let away = &status["breakers"][0];
    assert_eq!(
        (&away["account"], &away["operation"]),
        (&POST_ACCOUNT.into(), &"post.order".into()),
        "{status}"
    );

    // A token is a probe; each good one is worth one create, which is refused and opens again.
    let tokens = |world: &World| calls(world).iter().filter(|call| *call == "token").count();
    let probed = tokens(&world) + 3;
    until("it is probed", DEADLINE, || tokens(&world) >= probed).await;
    let so_far = calls(&world);
    let opened = so_far.iter().rposition(|call| call == "token").map_or(0, |last| last - 3);
    assert!(most_in_a_row(so_far.get(opened..).unwrap()) <= 1, "{so_far:?}");
    let most = usize::try_from(2 * CONCURRENCY).unwrap();
    assert!(most_in_a_row(&so_far) <= most, "{so_far:?}");

    // The process dies; the next one knows. It has no create under way then: one that is cut off is in doubt, and waits
    // for the feed, which shows nothing here.
    first.kill_at_rest(&world.journal()).await;
    let before = calls(&world).len();
    let second = world.gateway().await;
    let probed = tokens(&world) + 3;
    until("it is probed again", DEADLINE, || tokens(&world) >= probed).await;
    let since = calls(&world).split_off(before);
    assert!(most_in_a_row(&since) <= 1, "{since:?}");
    assert_eq!((second.said(OPENS), world.post.partner().taken()), (0, 0), "nobody is told again");

    world.post.clear_faults();
    let taken = world.post.until(DEADLINE, |post| post.partner().taken() == DOSSIERS).await;
    let orders = world.journal().texts(ORDERS);
    assert!(taken, "{} taken; {orders:#?}", world.post.partner().taken());
    until("it has closed", DEADLINE, || second.said(CLOSES) == 1).await;
    world.settled(DOSSIERS, DEADLINE).await;
    assert_eq!(world.post.partner().doubled(), []);
    assert_eq!(world.json(&["status"]).await["breakers"], serde_json::json!([]));
    second.stop().await;
}

#[tokio::test]
async fn a_refused_login_of_the_feed_blocks_the_account_with_one_alert_and_is_not_repeated() {
    let world = World::new().await;
    world.post.fault(Fault::new(Deed::WrongCredentials).on("tracking"));
    world.post.fault(Fault::new(Deed::WrongCredentials).on("token"));
    let gateway = world.gateway().await;
    let blocked = "an account is blocked until somebody acts";
    until("both accounts of the post are blocked", DEADLINE, || gateway.said(blocked) == 2).await;
    let logins = world.post.received("token").len();
    assert_eq!(logins, 2, "one for each account");
    // An event of ours: the portal is told, the post is not called.
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&[dossier.status(9)]).await;
    assert!(world.portal.until(DEADLINE, |portal| portal.partner().counts().rows == 1).await);
    assert_eq!(world.journal().count("SELECT sum(attempts) FROM handoff WHERE partner = 'post'"), 0);
    assert_eq!((world.post.received("token").len(), gateway.said(blocked)), (logins, 2));
    // Somebody acts; what the feed says is no secret any more.
    world.post.clear_faults();
    gateway.stop().await;
    let gateway = world.gateway().await;
    assert_eq!(world.post.received("token").len(), logins, "a restart does not try a blocked account");
    for account in [POST_ACCOUNT, crate::support::POST_ACCOUNT_2] {
        assert!(world.command(&["resume", account]).await.status.success());
    }
    assert!(world.post.until(DEADLINE, |post| post.partner().taken() == 1).await);
    gateway.stop().await;
}

#[tokio::test]
async fn a_quota_of_the_day_is_kept_whoever_calls_and_told_once() {
    let world = World::with(Options { account: "quota_per_day = 20", ..Options::default() }).await;
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..DOSSIERS).map(Dossier::new).collect();
    let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(2)).collect();
    world.publish(&events).await;
    let spent = |gateway: &crate::support::Gateway| {
        let of_portal = |line: &&serde_json::Value| line["account"] == crate::support::PORTAL_ACCOUNT;
        let lines = gateway.lines();
        lines
            .iter()
            .filter(|line| line["message"] == "the day's calls of an account are used up")
            .filter(of_portal)
            .count()
    };
    until("it is told", DEADLINE, || spent(&gateway) == 1).await;
    let attempts =
        "SELECT count(*) FROM attempt JOIN handoff ON handoff.id = handoff WHERE partner = 'portal'";
    // The line is written before the commit that it tells of.
    until("the day's calls are made", DEADLINE, || {
        world.journal().count(attempts) == 20
            && world.journal().count("SELECT count(*) FROM handoff WHERE state = 'sending'") == 0
    })
    .await;
    gateway.stop().await;
    // The next process finds the day's calls used up, and tells nobody again.
    let gateway = world.gateway().await;
    world.publish(&[Dossier::new(DOSSIERS).status(2)]).await;
    until("one more is stored", DEADLINE, || world.journal().events() > i64::try_from(DOSSIERS).unwrap())
        .await;
    assert_eq!(spent(&gateway), 0);
    gateway.stop().await;
    assert_eq!(world.journal().count(attempts), 20);
}

#[tokio::test]
async fn a_pause_is_told_at_its_begin_and_at_its_end_and_wins_over_a_probe() {
    let world = World::new().await;
    world.post.fault(Fault::new(Deed::Unavailable { wait: Wait::None }).on("order"));
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..DOSSIERS).map(|number| Dossier::new(number).by_post()).collect();
    let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(9)).collect();
    world.publish(&events).await;
    until("the breaker is open", DEADLINE, || gateway.said(OPENS) == 1).await;
    assert!(world.command(&["pause", "post", "--reason", "bảo trì"]).await.status.success());
    until("the pause is told", DEADLINE, || gateway.said("sending is paused") == 1).await;
    let sending = "SELECT count(*) FROM handoff WHERE partner = 'post' AND state = 'sending'";
    until("what was under way has ended", DEADLINE, || world.journal().count(sending) == 0).await;
    world.post.clear_faults();
    assert_eq!(world.json(&["status"]).await["pauses"][0]["scope"], "post");
    assert_eq!(world.post.partner().taken(), 0);
    assert!(world.command(&["resume", "post"]).await.status.success());
    until("its end is told", DEADLINE, || gateway.said("a pause of sending has ended") == 1).await;
    assert!(world.post.until(DEADLINE, |post| post.partner().taken() == DOSSIERS).await);
    assert_eq!(world.post.partner().doubled(), []);
    gateway.stop().await;
}
