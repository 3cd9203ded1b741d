//! A site whose system is OpenCPS: its dossiers as they are, from acceptance to delivery, and its secret nowhere.

use crate::support::{AGENCY, DEADLINE, Dossier, Gateway, Options, POST_ACCOUNT, World, until};
use mock_post::{Advance, Step};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What stands under `password` in the fixtures.
const SECRET: &str = "7KX-bien-nhan-93";
/// When the desk accepted it, in milliseconds: 08:30:15 of 2022-09-13.
const RECEIVED: u64 = 1_663_032_615_000;
const KEY: &str = "H11.01.07.vn.dossier.status-changed";

async fn world() -> World {
    World::with(Options { opencps: true, log_filter: "trace", ..Options::default() }).await
}

/// OpenCPS's dossier, some columns changed.
fn dossier(fixture: &str, action: u64, columns: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/commune/fixtures/opencps/valid");
    let mut dossier: Value = serde_json::from_slice(&fs::read(folder.join(fixture)).unwrap()).unwrap();
    dossier["dossierActionId"] = json!(action);
    for (column, value) in columns.as_object().unwrap() {
        dossier[column] = value.clone();
    }
    dossier
}

/// The dossier of the fixtures, as the other tests name theirs.
fn named() -> Dossier {
    let mut dossier = Dossier::of(AGENCY, 41).by_post();
    dossier.code = "H11.01.07-220913-0041".to_owned();
    dossier
}

async fn publish(world: &World, body: &Value) {
    let headers = [("x-dialect", "opencps")];
    let body = body.to_string();
    world.publisher().await.publish_with_headers(KEY, "application/json", &headers, body.as_bytes()).await;
}

fn statuses(world: &World) -> Vec<String> {
    world.rows(&named()).into_iter().map(|(_, status, _)| status).collect()
}

fn parcels(world: &World) -> Vec<String> {
    world.post.partner().orders().into_keys().collect()
}

/// Everything in the world's folder, the journal with its log of writes among it, and what the gateway said.
fn check_secret(world: &World, gateway: &Gateway) {
    let mut searched = 0;
    for entry in fs::read_dir(world.file("")).unwrap() {
        let path = entry.unwrap().path();
        let held = fs::read(&path).unwrap();
        searched += usize::from(path.to_string_lossy().contains("journal.db"));
        assert!(!held.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "{}", path.display());
    }
    assert!(searched >= 1, "the journal was not looked at");
    assert!(!gateway.log().contains(SECRET));
}

#[tokio::test]
async fn a_dossier_goes_from_new_to_delivered_by_post() {
    let world = world().await;
    let gateway = world.gateway().await;
    publish(&world, &dossier("new.json", 910_231, &json!({}))).await;
    publish(&world, &dossier("processing.json", 910_233, &json!({}))).await;
    world.settled(2, DEADLINE).await;
    assert_eq!(parcels(&world), [""; 0], "there is no result yet");
    publish(&world, &dossier("releasing.json", 910_240, &json!({}))).await;
    // The site notes that it was ordered: the same state, told again.
    publish(&world, &dossier("releasing.json", 910_241, &json!({ "viaPostal": 3 }))).await;
    world.settled(4, DEADLINE).await;
    assert_eq!(parcels(&world), [named().order("TRA")]);
    world.post.partner().advance(&Advance { to: Some(Step::Delivered), ..Advance::default() });
    until("the portal shows 10", DEADLINE, || world.record_status(&named()).as_deref() == Some("10")).await;
    until("and its row", DEADLINE, || statuses(&world).last().map(String::as_str) == Some("10")).await;
    assert_eq!(statuses(&world), ["2", "4", "9", "9", "9", "10"]);
    // The site takes the delivery over: nothing is told twice.
    publish(&world, &dossier("done.json", 910_255, &json!({}))).await;
    world.settled(5, DEADLINE).await;
    assert_eq!(statuses(&world).len(), 6);
    assert_eq!(world.post.partner().parcels(&named().order("TRA")).len(), 1, "one parcel");
    let first = world.rows(&named()).remove(2);
    assert_eq!(first, ("20220915101200".to_owned(), "9".to_owned(), "Có kết quả".to_owned()));
    let record = world.portal.ledger().into_iter().find(|entry| entry.operation == "DongBoHoSoMC").unwrap();
    assert!(record.json().to_string().contains("G15-TP03"), "the field comes from the table of procedures");
    assert_eq!(world.journal().quarantine(), []);
    check_secret(&world, &gateway);
    gateway.stop().await;
}

#[tokio::test]
async fn the_post_is_asked_once_and_called_off_when_the_state_says_so() {
    let world = world().await;
    let gateway = world.gateway().await;
    let mut action = 0;
    let mut told = 0;
    for (fixture, columns) in [
        ("pickup.json", json!({})),
        ("pickup.json", json!({ "dossierStatus": "new", "receiveDate": RECEIVED })),
        (
            "pickup.json",
            json!({ "dossierStatus": "processing", "vnpostalStatus": 4, "receiveDate": RECEIVED }),
        ),
        ("releasing.json", json!({ "viaPostal": 2 })),
        ("releasing.json", json!({ "viaPostal": 1 })),
    ] {
        action += 1;
        told += 1;
        publish(&world, &dossier(fixture, action, &columns)).await;
        world.settled(told, DEADLINE).await;
    }
    assert_eq!(parcels(&world), [named().order("GOM"), named().order("TRA")]);
    let cancels = || {
        let all = world.journal().of(&named().code, "post.cancel");
        all.into_iter()
            .filter(|cancel| cancel.state == "accepted")
            .filter_map(|cancel| cancel.number)
            .collect::<Vec<_>>()
    };
    assert_eq!(cancels(), [named().order("GOM"), named().order("TRA")]);
    // Late, it asks for nothing any more.
    publish(&world, &dossier("pickup.json", 0, &json!({ "dossierActionId": 1, "dossierId": 9 }))).await;
    world.settled(told + 1, DEADLINE).await;
    assert_eq!(parcels(&world).len(), 2);
    gateway.stop().await;
}

#[tokio::test]
async fn an_update_empties_no_list_that_another_system_told() {
    let world = world().await;
    let gateway = world.gateway().await;
    let mut desk = named();
    let papers = json!([{ "id": "1", "name": "to-khai-4141.pdf", "part_code": null, "url": "https://hoso.example/f/1",
                          "digitised": true, "reused": 0, "from_store": false }]);
    world.publish(&[desk.status(2).set("/data/dossier/documents", papers)]).await;
    world.settled(1, DEADLINE).await;
    publish(&world, &dossier("processing.json", 7, &json!({}))).await;
    world.settled(2, DEADLINE).await;
    let records: Vec<String> = world
        .portal
        .ledger()
        .iter()
        .filter(|entry| entry.operation == "DongBoHoSoMC")
        .map(|entry| entry.json().to_string())
        .collect();
    assert!(
        records.len() >= 2 && records.iter().all(|record| record.contains("to-khai-4141.pdf")),
        "{records:#?}"
    );
    assert!(records.last().unwrap().contains("LP01"), "nor the fees");
    gateway.stop().await;
}

#[tokio::test]
async fn what_cannot_be_reported_is_set_aside_without_the_secret() {
    let world = world().await;
    let gateway = world.gateway().await;
    let new = |columns: Value| dossier("new.json", 3, &columns);
    publish(&world, &new(json!({ "dossierStatus": "" }))).await;
    publish(&world, &new(json!({ "dossierStatus": "pausing" }))).await;
    publish(&world, &new(json!({ "dossierNo": "" }))).await;
    publish(&world, &new(json!({ "govAgencyCode": "H11.01.08" }))).await;
    let whole = new(json!({})).to_string();
    let publisher = world.publisher().await;
    // Without the header it is no event; torn, too large, and under a header that nobody knows neither.
    publisher.publish_bytes(KEY, Some("application/json"), whole.as_bytes()).await;
    let torn = whole.as_bytes().split_at(whole.len() - 1).0;
    publisher.publish_with_headers(KEY, "application/json", &[("x-dialect", "opencps")], torn).await;
    publisher
        .publish_bytes(KEY, Some("application/json"), format!("{whole}{}", " ".repeat(1 << 20)).as_bytes())
        .await;
    publisher
        .publish_with_headers(KEY, "application/json", &[("x-dialect", "igate")], whole.as_bytes())
        .await;
    publish(&world, &new(json!({}))).await;
    publish(&world, &new(json!({ "applicantName": "Lò Văn Khác" }))).await;
    until("all is set aside", DEADLINE, || world.journal().quarantine().len() == 9).await;
    let quarantine = world.journal().quarantine();
    let found: Vec<(&str, Option<&str>)> =
        quarantine.iter().map(|(code, field)| (code.as_str(), field.as_deref())).collect();
    let expected = [
        ("COMMUNE-DRAFT", Some("dossierStatus")),
        ("COMMUNE-UNMAPPED-STATUS", Some("dossierStatus")),
        ("COMMUNE-NO-DOSSIER", Some("dossierNo")),
        ("COMMUNE-BAD-VALUE", Some("govAgencyCode")),
        ("COMMUNE-MISSING-FIELD", Some("specversion")),
        ("COMMUNE-TRUNCATED", None),
        ("COMMUNE-TOO-LARGE", None),
        ("COMMUNE-UNKNOWN-DIALECT", Some("x-dialect")),
        ("COMMUNE-CONFLICT", Some("id")),
    ];
    assert_eq!(found, expected);
    let kept = world.journal().count(
        "SELECT count(*) FROM quarantine q JOIN payload p ON p.id = q.payload
         WHERE CAST(p.body AS TEXT) LIKE '%Lạc Long Quân%'",
    );
    assert_eq!(kept, 9, "a person can see what came");
    check_secret(&world, &gateway);
    gateway.stop().await;
}

#[tokio::test]
async fn a_file_is_explained_and_published_without_the_secret() {
    let world = world().await;
    let gateway = world.gateway().await;
    let body = dossier("releasing.json", 5, &json!({}));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dossier.json");
    fs::write(&path, body.to_string()).unwrap();
    let file = path.to_str().unwrap();
    let explained = world.json(&["explain", file, "--dialect", "opencps"]).await;
    assert_eq!((&explained["dialect"], &explained["verdict"]), (&json!("opencps"), &json!("new")));
    assert_eq!(explained["routing_key"], KEY);
    let order = |handoff: &&Value| handoff["account"] == POST_ACCOUNT;
    assert!(explained["handoffs"].as_array().unwrap().iter().any(|handoff| order(&handoff)));
    assert!(!explained.to_string().contains(SECRET));
    // What waits in the queue holds no secret either: the gateway is away.
    gateway.stop().await;
    let published = world.json(&["publish", file, "--dialect", "opencps"]).await;
    assert_eq!((&published["published"], &published["failed"]), (&json!(1), &json!(0)));
    let gateway = world.gateway().await;
    world.settled(1, DEADLINE).await;
    assert_eq!((parcels(&world), world.journal().quarantine()), (vec![named().order("TRA")], vec![]));
    check_secret(&world, &gateway);
    gateway.stop().await;
}
