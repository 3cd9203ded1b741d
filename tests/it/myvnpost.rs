//! MyVNPost in place of NGSP: an order whose answer is lost, a cancel that a post office decides, a webhook that is believed
//! in nothing.

mod conformance;

use crate::support::{DEADLINE, Dossier, Options, World, until};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mock_kit::Fault;
use mock_myvnpost::{CancelEnds, Config, Customer, Mock, Running, Signing, Status};
use std::os::unix::fs::PermissionsExt;

/// Where the account of Tiến Thành is at MyVNPost, and how often its feed is read.
struct Account {
    feed: &'static str,
    webhook: bool,
}

/// A world in which Tiến Thành's account is one at MyVNPost.
async fn world(config: Config, account: Account) -> (World, Running) {
    let world = World::with(Options { deadline: "500ms", ..Options::default() }).await;
    let customer = Customer::new("T000180000", "tienthanh_mc", "mat-khau-7307");
    let post = Mock::start(Config { customers: vec![customer], ..config }).await.unwrap();
    let path = world.file("gateway.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("[accounts.post-tien-thanh]").unwrap();
    let (_, after) = rest.split_once("[accounts.post-tien-loi]").unwrap();
    let areas = before.lines().find(|line| line.starts_with("post_areas")).unwrap().to_owned();
    let before = before.replace(&areas, "post_areas = \"areas.csv\"");
    let own = own_account(&post, &account);
    let webhook = if account.webhook { "[webhook]\nlisten = \"127.0.0.1:0\"\n\n" } else { "" };
    std::fs::write(&path, format!("{before}{own}[accounts.post-tien-loi]{after}\n{webhook}")).unwrap();
    let rows = "unit_code,post_province,post_district,valid_from,valid_to,post_commune\n22966,80,,,,80123\n22963,80,,,,80124\n";
    std::fs::write(world.file("areas.csv"), rows).unwrap();
    std::fs::write(world.file("my"), "mat-khau-7307").unwrap();
    std::fs::set_permissions(world.file("my"), PermissionsExt::from_mode(0o600)).unwrap();
    let key = STANDARD.encode(post.partner().webhook_keys().public);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n");
    std::fs::write(world.file("webhook.pem"), pem).unwrap();
    (world, post)
}

fn own_account(post: &Running, account: &Account) -> String {
    let (url, feed) = (post.url(), account.feed);
    let webhook = match account.webhook {
        true => "webhook_signature = \"rsa-sha256\"\nwebhook_key = \"webhook.pem\"",
        false => "",
    };
    format!(
        r#"[accounts.post-tien-thanh]
interface = "post-myvnpost"
base_url = "{url}"
username = "tienthanh_mc"
password = {{ file = "my" }}
customer_code = "T000180000"
tracking_codes = {{ 14 = "delivered", 21 = "cash-settled" }}
visibility_delay = "100ms"
uncertain_limit = "10m"
feed_busy = "{feed}"
feed_idle = "{feed}"
deadline = "500ms"
connect_deadline = "500ms"
rate = 10000
schedule = {{ waits = ["100ms", "300ms", "1s"], longest_wait = "2s", attempts = 200, age = "10m" }}
{webhook}

"#
    )
}

fn states(world: &World, dossier: &Dossier, kind: &str) -> Vec<String> {
    world.journal().of(&dossier.code, kind).into_iter().map(|handoff| handoff.state).collect()
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_adopted_and_delivered() {
    let (world, post) = world(Config::default(), Account { feed: "200ms", webhook: false }).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    let number = dossier.order("TRA");
    post.fault(Fault::taken_in_silence("CreateOrder").times(1));
    world.publish(&dossier.statuses(&[2, 9])).await;
    until("the order is adopted", DEADLINE, || states(&world, &dossier, "post.order") == ["accepted"]).await;
    assert_eq!(post.partner().parcels(&number).len(), 1, "one order");
    assert!(gateway.said("a handoff may have been taken and will be asked about") > 0);

    post.partner().advance_to(&number, Status::DELIVERED);
    let is_done = world.portal.until(DEADLINE, |portal| {
        let held = portal.partner().dossier(&dossier.code);
        held.is_some_and(|held| held.versions.last().is_some_and(|newest| newest.status == "10"))
    });
    assert!(is_done.await, "the portal says 10 once it is delivered");
    gateway.stop().await;
}

/// Dies around the settlement that brings an order's receipt; gives how many receipts the journal has then, and in the end.
async fn receipts_of_an_order_cut_off_at(point: &str) -> (i64, i64) {
    let (world, post) = world(Config::default(), Account { feed: "1h", webhook: false }).await;
    let mut dossier = Dossier::new(1).by_post();
    let number = dossier.order("TRA");
    let mut dying = world.spawn_to_die(point);
    dying.ready().await;
    world.publish(&dossier.statuses(&[2, 9])).await;
    let words = dying.last_words().await;
    assert!(words.starts_with(point), "{point}: it died at {words}");
    let receipts = || {
        world
            .journal()
            .count("SELECT count(*) FROM receipt WHERE reference IS NOT NULL AND waybill IS NOT NULL")
    };
    let left = receipts();
    assert_eq!(post.partner().parcels(&number).len(), 1, "{point}: the post took it");

    let gateway = world.gateway().await;
    until("it is ours", DEADLINE, || states(&world, &dossier, "post.order") == ["accepted"]).await;
    world.publish(&[dossier.event("return-withdrawn", 9).set("/data/dossier/return_by_post", false)]).await;
    until("cancelled", DEADLINE, || states(&world, &dossier, "post.cancel") == ["accepted"]).await;
    let parcels = post.partner().parcels(&number);
    assert!(matches!(&*parcels, [one] if one.is_cancelled()), "{point}: {parcels:?}");
    gateway.stop().await;
    (left, receipts())
}

#[tokio::test]
async fn a_receipt_that_dies_with_its_settlement_is_found_again_and_the_cancel_has_it() {
    for (point, left) in [
        ("send.answered post.order", 0),
        ("settle.before_commit post.order", 0),
        ("settle.after_commit post.order", 1),
    ] {
        assert_eq!(receipts_of_an_order_cut_off_at(point).await, (left, 1), "{point}");
    }
}

#[tokio::test]
async fn a_cancel_that_a_post_office_decides_is_asked_once_and_ends_with_the_decision() {
    let config = Config { cancel_ends: CancelEnds::Asked, ..Config::default() };
    let (world, post) = world(config, Account { feed: "1h", webhook: false }).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    let number = dossier.order("TRA");
    world.publish(&dossier.statuses(&[2, 9])).await;
    until("ordered", DEADLINE, || states(&world, &dossier, "post.order") == ["accepted"]).await;
    assert_eq!(world.journal().count("SELECT count(*) FROM receipt WHERE waybill IS NOT NULL"), 1);
    world.publish(&[dossier.event("return-withdrawn", 9).set("/data/dossier/return_by_post", false)]).await;
    let waits = || {
        let cancels = world.journal().of(&dossier.code, "post.cancel");
        cancels.iter().any(|cancel| cancel.state == "waiting" && cancel.attempts > 2)
    };
    until("it waits for the post office", DEADLINE, waits).await;
    assert_eq!(world.journal().blocked(), Vec::<String>::new(), "the account goes on");
    assert!(post.partner().decide(&number, true));
    until("cancelled", DEADLINE, || states(&world, &dossier, "post.cancel") == ["accepted"]).await;
    let asked = post.count("orderCancel");
    assert_eq!((asked, post.partner().parcels(&number)[0].is_cancelled()), (1, true));
    gateway.stop().await;
}

#[tokio::test]
async fn a_webhook_lets_the_feed_be_read_and_is_believed_in_nothing() {
    let (world, post) = world(Config::default(), Account { feed: "1h", webhook: true }).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    let number = dossier.order("TRA");
    world.publish(&dossier.statuses(&[2, 9])).await;
    until("ordered", DEADLINE, || states(&world, &dossier, "post.order") == ["accepted"]).await;
    let address = gateway.lines().iter().find_map(|line| Some(line["webhook"].as_str()?.to_owned())).unwrap();
    let url = format!("http://{address}/webhooks/post-tien-thanh");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let told = |signing| post.partner().packet(&[&number], now, signing);

    // Forged, and stored nowhere.
    for signing in [Signing::Foreign, Signing::Garbage, Signing::Absent, Signing::Encryption] {
        let delivery = post.partner().send(&url, &told(signing)).await.unwrap();
        assert_eq!(delivery.status, Some(401), "{signing:?}");
    }
    let lies = told(Signing::Signature).change(0, Status::DELIVERED);
    assert_eq!(post.partner().send(&url, &lies).await.unwrap().status, Some(401));
    assert_eq!(world.journal().count("SELECT count(*) FROM webhook"), 0);

    // Signed for a parcel on its way, and read as what it is by then.
    post.partner().advance_to(&number, Status::IN_TRANSIT);
    let packet = told(Signing::Signature);
    post.partner().advance_to(&number, Status::DELIVERED);
    for _ in 0..3 {
        assert_eq!(post.partner().send(&url, &packet).await.unwrap().status, Some(200));
    }
    assert_eq!(world.journal().count("SELECT count(*) FROM webhook"), 1, "sent again, it is the same");
    let delivered = "SELECT count(*) FROM tracking WHERE state = 'delivered'";
    until("read after the webhook", DEADLINE, || world.journal().count(delivered) == 1).await;
    let changes = "SELECT count(*) FROM inbox";
    assert_eq!(world.journal().count(changes), 2, "nothing is planned from a webhook");
    gateway.stop().await;
}
