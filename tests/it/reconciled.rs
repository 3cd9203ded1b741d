//! Both sides compared: planted differences of four kinds at both partners are found, a repair does what it says, and by
//! itself only a record that is missing there is sent.

use crate::crash_matrix::COMPARED;
use crate::support::{AGENCY, DEADLINE, Dossier, Gateway, Options, POST_ACCOUNT, World, until};
use mock_kit::{Deed, Fault};
use mock_post::{Planted, Step};
use serde_json::Value;
use std::collections::BTreeMap;

const CUSTOMER: &str = "LC_XA_TIENTHANH";

/// Every hour is night, and what was accepted a moment ago should show.
const NIGHTLY: &str = "[reconcile]\nnightly = true\noff_peak = \"00:00-00:00\"\nvisible_after = \"1ms\"";

/// Name and kind of every finding.
fn kinds(shown: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = shown["findings"].as_array().unwrap();
    findings.iter().map(|found| (text(&found["name"]), text(&found["kind"]))).collect()
}

fn expected(found: &[(&str, &str)]) -> BTreeMap<String, String> {
    found.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

/// Dossiers told to both partners.
async fn told(world: &World, count: usize, by_post: bool) -> Vec<Dossier> {
    let dossier = |number| if by_post { Dossier::new(number).by_post() } else { Dossier::new(number) };
    let mut dossiers: Vec<Dossier> = (0..count).map(dossier).collect();
    let events: Vec<_> = dossiers.iter_mut().map(|dossier| dossier.status(9)).collect();
    world.publish(&events).await;
    world.settled(count, DEADLINE).await;
    dossiers
}

/// The same world an hour later, as far as records are concerned: what was accepted a moment ago need not show.
async fn an_hour_later(world: &World, gateway: Gateway) {
    gateway.stop().await;
    let records =
        "UPDATE handoff SET ended_at = ended_at - 3600000 WHERE kind = 'portal.record' AND ended_at > 0";
    assert!(world.journal().change(records) > 0);
}

/// An order at the post that nobody sent, like another one.
fn planted(world: &World, number: &str, like: &Dossier) -> Planted {
    let order = world.post.partner().parcels(&like.order("TRA"))[0].order();
    let (customer, at) = (CUSTOMER.to_owned(), mock_kit::now());
    Planted { customer, number: number.to_owned(), order, steps: Vec::new(), at }
}

/// A dossier whose record the portal refuses.
async fn refused(world: &World, number: usize) -> Dossier {
    let message = "Không hợp lệ".to_owned();
    let mut dossier = Dossier::new(number);
    let refuse =
        Fault::new(Deed::Refuse { code: "77".to_owned(), message }).on("DongBoHoSoMC").key(&dossier.code);
    world.portal.fault(refuse);
    world.publish(&[dossier.status(9)]).await;
    let dead = "SELECT count(*) FROM handoff WHERE kind = 'portal.record' AND state = 'dead'";
    until("it is dead", DEADLINE, || world.journal().count(dead) == 1).await;
    world.portal.clear_faults();
    dossier
}

/// The comparison of the first night, once it has ended and its repairs have.
async fn night(world: &World, partner: &str) -> Value {
    let of = format!("partner = '{partner}' AND night IS NOT NULL");
    let ended = format!("SELECT count(*) FROM reconcile_run WHERE {of} AND state = 'done'");
    until("the night's comparison has ended", DEADLINE, || world.journal().count(&ended) == 1).await;
    let open = "SELECT count(*) FROM reconcile_finding WHERE chosen_by IS NOT NULL AND result IS NULL";
    until("its repairs have ended", DEADLINE, || world.journal().count(open) == 0).await;
    let number = world.journal().count(&format!("SELECT id FROM reconcile_run WHERE {of}"));
    world.json(&["reconcile", "show", &number.to_string()]).await
}

#[tokio::test]
async fn the_portal_is_compared_and_the_report_says_what_repairs_each_difference() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    let dossiers = told(&world, 4, false).await;
    let [there, lost, other, twice] = dossiers.as_slice() else { panic!("four") };
    let stopped = refused(&world, 4).await;
    an_hour_later(&world, gateway).await;
    let gateway = world.gateway().await;
    let portal = world.portal.partner();
    assert!(portal.remove(&lost.code));
    assert!(portal.set_status(&other.code, "4"));
    assert!(portal.find_often(&twice.code, 2));
    assert!(portal.plant(AGENCY, &stopped.code, "2"));
    let written = world.portal.count("DongBoHoSoMC");

    let shown = world.json(&["reconcile", "portal", "--agency", AGENCY]).await;
    let four = expected(&[
        (&lost.code, "missing-there"),
        (&other.code, "differs"),
        (&twice.code, "double-there"),
        (&stopped.code, "missing-here"),
    ]);
    assert_eq!(kinds(&shown), four, "{shown}");
    assert_eq!((&shown["run"]["state"], &shown["run"]["parts"][0]["agreed"]), (&"done".into(), &1.into()));
    assert_eq!(world.portal.count("TraCuuHoSo"), 5);
    assert_eq!(world.portal.count("DongBoHoSoMC"), written, "asked for by hand, it sends nothing by itself");

    let number = shown["run"]["run"].to_string();
    let csv = world.file("report.csv");
    let show = ["reconcile", "show", &number, "--kind", "differs", "--csv", csv.to_str().unwrap()];
    let text = String::from_utf8(world.command(&show).await.stdout).unwrap();
    assert!(text.contains("RECONCILE-RECORD-STATUS") && text.contains("gửi lại bản ghi"), "{text}");
    let csv = std::fs::read_to_string(csv).unwrap();
    assert!(csv.starts_with('\u{feff}') && csv.contains(&format!("\"{}\"", other.code)), "{csv}");

    let repair = ["reconcile", "repair", &number];
    assert_eq!(world.command(&repair).await.status.code(), Some(5), "nothing is done without a word");
    let repair = ["reconcile", "repair", &number, "--kind", "differs", "--reason", "một cửa đúng", "--yes"];
    assert!(world.command(&repair).await.status.success());
    assert_eq!(world.record_status(other).as_deref(), Some("9"));
    assert!(world.portal.partner().dossier(&lost.code).is_none(), "of another kind");
    assert_eq!(world.rows(there).len(), 1);
    let audit = world.json(&["audit"]).await.to_string();
    for act in ["reconcile", "reconcile-repair", "repair"] {
        assert!(audit.contains(&format!("\"act\":\"{act}\"")), "{act}: {audit}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn the_night_sends_nothing_but_a_record_that_is_missing_there() {
    let world = World::with(Options { feed_silent: true, ..Options::default() }).await;
    let gateway = world.gateway().await;
    let dossiers = told(&world, 6, true).await;
    let [lost, other, twice, parcels, unseen, seen] = dossiers.as_slice() else { panic!("six") };
    let post = world.post.partner();
    assert!(post.duplicate(&parcels.order("TRA")));
    post.plant(&planted(&world, "TU-GUI-1", seen));
    for dossier in dossiers.iter().filter(|dossier| dossier.code != unseen.code) {
        post.advance_to(&dossier.order("TRA"), Step::Collected);
    }
    post.advance_to("TU-GUI-1", Step::Collected);
    let rows = "SELECT count(DISTINCT number) FROM tracking";
    until("the feed was read", DEADLINE, || world.journal().count(rows) == 6).await;
    world.settled(6, DEADLINE).await;
    an_hour_later(&world, gateway).await;
    let portal = world.portal.partner();
    assert!(portal.remove(&lost.code));
    assert!(portal.set_status(&other.code, "4"));
    assert!(portal.find_often(&twice.code, 2));
    let taken = post.taken();
    let records = world.portal.count("DongBoHoSoMC");
    let other_calls = || {
        let calls = ["CapNhatTienDoHoSoMC"].map(|call| world.portal.count(call));
        (calls, ["order", "cancel"].map(|call| world.post.count(call)))
    };
    let before = other_calls();

    world.configure(NIGHTLY);
    let gateway = world.gateway().await;
    let at_portal = night(&world, "portal").await;
    let at_post = night(&world, "post").await;
    let found =
        expected(&[(&lost.code, "missing-there"), (&other.code, "differs"), (&twice.code, "double-there")]);
    assert_eq!(kinds(&at_portal), found, "{at_portal}");
    let found = expected(&[
        (&parcels.order("TRA"), "double-there"),
        (&unseen.order("TRA"), "missing-there"),
        ("TU-GUI-1", "missing-here"),
    ]);
    assert_eq!(kinds(&at_post), found, "{at_post}");
    assert_eq!(world.record_status(lost).as_deref(), Some("9"), "it was sent again, whole");
    // The adapter tries the update first, which the portal refuses, then creates it.
    let written: Vec<_> = world.portal.received("DongBoHoSoMC").into_iter().skip(records).collect();
    assert!(written.iter().all(|entry| entry.keys == [lost.code.clone()]), "{written:?}");
    assert_eq!(other_calls(), before, "no row, no order, no cancel");
    assert_eq!(post.taken(), taken);
    let tasks = world.json(&["desk-tasks", "list"]).await;
    let asked: Vec<_> = tasks.as_array().unwrap().iter().map(|task| &task["task"]).collect();
    let of_orders: Vec<_> = asked.iter().filter(|task| task["code"] == "RECONCILE-ORDER-UNSEEN").collect();
    assert_eq!(of_orders.len(), 1, "{tasks}");
    assert_eq!(of_orders[0]["dossier"], unseen.code.as_str());
    assert_eq!(world.rows(seen).len(), 2);
    gateway.stop().await;
}

#[tokio::test]
async fn orders_that_differ_or_are_strangers_are_found_at_the_post() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    let message = "Không hợp lệ".to_owned();
    let refuse = Fault::new(Deed::Refuse { code: "150".to_owned(), message }).on("order").times(1);
    world.post.fault(refuse);
    let mut dismissed = Dossier::new(1).by_post();
    world.publish(&[dismissed.status(9)]).await;
    let dead = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'dead'";
    until("it is dead", DEADLINE, || world.journal().count(dead) == 1).await;
    let id = world.journal().of(&dismissed.code, "post.order")[0].id.clone();
    let dismiss = ["dead-letters", "dismiss", &id, "--reason", "dân đến nhận"];
    assert!(world.command(&dismiss).await.status.success());
    let post = world.post.partner();
    let accepted = Dossier::new(2).by_post().status(9);
    let like = Dossier::new(2).by_post();
    world.publish(&[accepted]).await;
    until("another is taken", DEADLINE, || post.parcels(&like.order("TRA")).len() == 1).await;
    post.plant(&planted(&world, &dismissed.order("TRA"), &like));
    post.advance_to(&dismissed.order("TRA"), Step::Collected);
    until("the feed was read", DEADLINE, || world.journal().count("SELECT count(*) FROM tracking") == 1)
        .await;
    let shown = world.json(&["reconcile", "post"]).await;
    assert_eq!(kinds(&shown), expected(&[(&dismissed.order("TRA"), "differs")]), "{shown}");
    assert_eq!(shown["findings"][0]["account"], POST_ACCOUNT);
    gateway.stop().await;
}

/// Kills the gateway when it has compared some answers.
async fn killed_in_the_middle(world: &World) -> Gateway {
    let mut gateway = world.spawn_to_die(COMPARED);
    gateway.ready().await;
    assert!(world.command(&["reconcile", "portal", "--detach"]).await.status.success());
    assert!(!gateway.end().await.success());
    world.gateway().await
}

#[tokio::test]
async fn a_kill_in_the_middle_asks_one_question_again_at_most() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    let dossiers = told(&world, 8, false).await;
    an_hour_later(&world, gateway).await;
    assert!(world.portal.partner().remove(&dossiers[2].code));
    let gateway = killed_in_the_middle(&world).await;
    let ended = "SELECT count(*) FROM reconcile_run WHERE state = 'done'";
    until("it went on and ended", DEADLINE, || world.journal().count(ended) == 1).await;
    let shown = world.json(&["reconcile", "show", "1"]).await;
    assert_eq!(kinds(&shown), expected(&[(&dossiers[2].code, "missing-there")]));
    assert_eq!(
        (&shown["run"]["parts"][0]["agreed"], &shown["run"]["parts"][0]["total"]),
        (&7.into(), &8.into())
    );
    assert_eq!(world.portal.count("TraCuuHoSo"), 9, "the question whose answer was lost, once more");
    gateway.stop().await;
}

#[tokio::test]
async fn a_list_finds_what_nobody_told_us() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    let dossiers = told(&world, 1, false).await;
    let (born_there, nowhere) = ("H11.01.07-220915-7001", "H11.01.07-220915-7002");
    assert!(world.portal.partner().plant(AGENCY, born_there, "2"));
    let file = world.file("list.csv");
    let list = format!("STT,Mã hồ sơ\n1,{}\n2,{born_there}\n3,\"{nowhere}\"\n", dossiers[0].code);
    std::fs::write(&file, list).unwrap();
    let file = file.to_str().unwrap();
    let portal = ["reconcile", "portal", "--agency", AGENCY, "--list", file, "--column", "Mã hồ sơ"];
    let shown = world.json(&portal).await;
    assert_eq!(
        kinds(&shown),
        expected(&[(born_there, "missing-here"), (nowhere, "missing-there")]),
        "{shown}"
    );
    gateway.stop().await;
}
