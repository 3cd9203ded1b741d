//! Waybills that the post gave beforehand: one order, one waybill, one parcel, through crashes and an empty pool.

use crate::support::{AGENCY_2, DEADLINE, Dossier, Gateway, Options, POST_ACCOUNT, Secrets, World, until};
use mock_bcci::{Config, Customer, Range, Running};
use mock_kit::{Deed, Fault};
use std::collections::BTreeSet;

/// The post with waybills, which knows Tiến Thành.
async fn post() -> Running {
    let customer = Customer {
        code: "LC_XA_TIENTHANH".to_owned(),
        access_token: Some(Secrets::POST.to_owned()),
        ranges: vec![Range::new("CH", 10_020_000, 10_020_999)],
        ..Customer::default()
    };
    // Before a parcel is collected the feed says nothing, so that only another attempt can tell what became of one.
    let config = Config { customers: vec![customer], feed_silent: true, ..Config::default() };
    mock_bcci::Mock::start(config).await.unwrap()
}

async fn world(post: &Running) -> World {
    World::with(Options { bcci: Some(post.url()), ..Options::default() }).await
}

/// Brings so many waybills into the pool, from this serial number on.
async fn import(world: &World, first: u32, count: u32) {
    let (from, to) = (format!("CH{first:08}VN"), format!("CH{:08}VN", first + count - 1));
    let import = ["waybills", "import", "--range", &from, &to, "--account", POST_ACCOUNT];
    let output = world.command(&import).await;
    assert!(output.status.success(), "{output:?}");
}

/// A gateway whose pool was filled, stopped again.
async fn stocked(world: &World, count: u32) {
    let gateway = world.gateway().await;
    import(world, 10_020_000, count).await;
    gateway.stop().await;
}

/// The waybills with which an order came, in the order of its attempts.
fn came_with(post: &Running, number: &str) -> Vec<String> {
    let orders = post.received("order").into_iter().map(|entry| entry.json());
    let own = orders.filter(|order| order["OrderNumber"] == number);
    own.map(|order| order["ItemCode"].as_str().unwrap().to_owned()).collect()
}

/// The order went out at least so often, always with one waybill, and is one parcel.
fn is_one_parcel(post: &Running, number: &str, attempts: usize) {
    let came = came_with(post, number);
    assert!(came.len() >= attempts, "{came:?}");
    assert_eq!(BTreeSet::from_iter(&came).len(), 1, "{came:?}");
    assert_eq!(post.partner().post().parcels(number).len(), 1);
    assert_eq!(post.partner().violations(), []);
    assert_eq!(post.partner().waybills().get(&came[0]).map(String::as_str), Some(number));
}

async fn dies_and_comes_back(point: &str, attempts: usize) {
    let post = post().await;
    let world = world(&post).await;
    stocked(&world, 3).await;
    let mut gateway = world.spawn_to_die(point);
    gateway.ready().await;
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&dossier.statuses(&[2, 9])).await;
    gateway.last_words().await;
    let gateway = world.gateway().await;
    world.settled(2, DEADLINE).await;
    is_one_parcel(&post, &dossier.order("TRA"), attempts);
    let pool = world.json(&["waybills", "status"]).await;
    assert_eq!((&pool[0]["free"], &pool[0]["bound"]), (&2.into(), &1.into()), "{pool}");
    gateway.stop().await;
}

#[tokio::test]
async fn a_death_between_binding_and_sending_leaves_the_order_its_waybill() {
    dies_and_comes_back("claim.after_commit post.order", 1).await;
}

#[tokio::test]
async fn a_death_between_answer_and_settlement_sends_the_same_waybill_again() {
    dies_and_comes_back("send.answered post.order", 2).await;
}

#[tokio::test]
async fn an_order_that_is_cut_off_in_flight_goes_again_with_its_waybill_and_is_there_already() {
    let post = post().await;
    let world = world(&post).await;
    stocked(&world, 3).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    let number = dossier.order("TRA");
    post.fault(Fault::new(Deed::Delay { ms: 60_000, taken: true }).on("order").key(&number).times(1));
    world.publish(&dossier.statuses(&[2, 9])).await;
    until("the order was taken", DEADLINE, || post.partner().post().parcels(&number).len() == 1).await;
    gateway.kill().await;
    let gateway = world.gateway().await;
    world.settled(2, DEADLINE).await;
    is_one_parcel(&post, &number, 2);
    let orders = world.journal().of(&dossier.code, "post.order");
    assert_eq!((orders.len(), orders[0].state.as_str()), (1, "accepted"));
    assert_eq!(orders[0].code.as_deref(), Some("BCCI-101"));
    gateway.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_the_same_number_and_waybill() {
    let post = post().await;
    let world = world(&post).await;
    stocked(&world, 3).await;
    post.fault(Fault::new(Deed::Silence { taken: true }).on("order").times(1));
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&dossier.statuses(&[2, 9])).await;
    world.settled(2, DEADLINE).await;
    is_one_parcel(&post, &dossier.order("TRA"), 2);
    gateway.stop().await;
}

fn waiting(world: &World) -> i64 {
    world.journal().count(
        "SELECT count(*) FROM handoff WHERE state = 'waiting' AND code = 'GATEWAY-NO-WAYBILL' AND attempts = 0",
    )
}

fn raised(gateway: &Gateway, code: &str) -> bool {
    gateway.lines().iter().any(|line| line["message"] == "an alarm is raised" && line["reason"] == code)
}

#[tokio::test]
async fn an_empty_pool_lets_orders_wait_and_they_go_when_it_is_refilled() {
    let post = post().await;
    let world = world(&post).await;
    let gateway = world.gateway().await;
    import(&world, 10_020_000, 2).await;
    let mut dossiers: Vec<Dossier> = (1..=5).map(|number| Dossier::new(number).by_post()).collect();
    let mut neighbour = Dossier::of(AGENCY_2, 1).by_post();
    for dossier in dossiers.iter_mut().chain([&mut neighbour]) {
        world.publish(&dossier.statuses(&[2, 9])).await;
    }
    until("three orders wait", DEADLINE, || waiting(&world) == 3).await;
    until("the others are settled", DEADLINE, || world.journal().unfinished() == 3).await;
    // Neither the portal nor another account is concerned.
    assert!(dossiers.iter().all(|dossier| world.rows(dossier).len() == 2));
    assert_eq!(world.post.partner().parcels(&neighbour.order("TRA")).len(), 1);
    until("it is told", DEADLINE, || raised(&gateway, "WATCH-WAYBILLS-OUT")).await;
    assert!(raised(&gateway, "WATCH-WAYBILLS-LOW"));
    let pool = world.json(&["waybills", "status"]).await;
    assert_eq!((&pool[0]["free"], &pool[0]["waiting"]), (&0.into(), &3.into()), "{pool}");

    import(&world, 10_020_002, 10).await;
    world.settled(12, DEADLINE).await;
    for dossier in &dossiers {
        is_one_parcel(&post, &dossier.order("TRA"), 1);
    }
    assert_eq!(post.partner().waybills().len(), 5);
    gateway.stop().await;
}

#[tokio::test]
async fn a_waybill_that_is_not_ours_is_retired_and_the_order_goes_with_another() {
    let post = post().await;
    let world = world(&post).await;
    let gateway = world.gateway().await;
    // The last of a range that the post gave to somebody else, and then one of ours.
    import(&world, 10_019_999, 2).await;
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&dossier.statuses(&[2, 9])).await;
    world.settled(2, DEADLINE).await;
    let number = dossier.order("TRA");
    let came = came_with(&post, &number);
    assert_eq!(came.len(), 2, "{came:?}");
    assert_eq!(post.partner().waybills().get(&came[1]), Some(&number));
    let retired = world.json(&["waybills", "list", "--state", "retired"]).await;
    assert_eq!(
        (&retired[0]["waybill"], &retired[0]["reason"]),
        (&came[0].clone().into(), &"BCCI-105".into())
    );
    gateway.stop().await;
}
