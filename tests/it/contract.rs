//! What the gateway really sends keeps the partners' contracts, field by field.
//!
//! The requests are taken from the mocks' ledgers after a mixed run, spoilt in every way that the field tables know, and
//! sent again: each must be refused, or the mocks would not have noticed a misspelt field of the gateway either.

use crate::support::{DEADLINE, Dossier, Event, Secrets, World, client, read};
use mock_kit::{Entry, Field, mutations};
use mock_post::{Advance, Step};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything that a dossier can tell: every list filled, both legs.
fn rich(event: Event) -> Event {
    let address = event.0["data"]["postal"]["return"].clone();
    event
        .set(
            "/data/dossier/documents",
            json!([{ "id": "1", "name": "to-khai.pdf", "part_code": "TP01",
            "url": "https://hoso.example/f/1", "digitised": true, "reused": 1, "from_store": false }]),
        )
        .set(
            "/data/dossier/results",
            json!([{ "code": "KQ.1", "name": "Giấy xác nhận", "part_code": "KQ01",
            "url": "https://hoso.example/f/2" }]),
        )
        .set(
            "/data/dossier/supplements",
            json!([{ "id": "1", "asked_at": "2022-09-14T08:00:00+07:00",
            "asked_by": "Hà Văn Mẫu", "text": "Bổ sung bản sao", "received_at": null,
            "due_before": "2022-09-16T17:00:00+07:00", "due_after": "2022-09-19T17:00:00+07:00" }]),
        )
        .set("/data/postal/pickup", address)
}

async fn mixed_run(world: &World) {
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..3).map(|number| Dossier::new(number).by_post()).collect();
    let mut events: Vec<Event> = Vec::new();
    for dossier in &mut dossiers {
        events.push(rich(dossier.status(2)));
        events.push(rich(dossier.event("pickup-requested", 2)));
    }
    world.publish(&events).await;
    world.settled(events.len(), DEADLINE).await;
    let later: Vec<Event> = dossiers
        .iter_mut()
        .flat_map(|dossier| {
            [rich(dossier.event("pickup-cancelled", 2)), rich(dossier.status(4)), rich(dossier.status(9))]
        })
        .collect();
    world.publish(&later).await;
    world.settled(events.len() + later.len(), DEADLINE).await;
    world.post.partner().advance(&Advance { to: Some(Step::Delivered), ..Advance::default() });
    let delivered = world.portal.until(DEADLINE, |portal| {
        portal
            .partner()
            .dossiers()
            .values()
            .all(|held| held.versions.last().is_some_and(|newest| newest.status == "10"))
    });
    assert!(delivered.await);
    gateway.stop().await;
}

/// The richest accepted request of an operation.
fn sent(ledger: &[Arc<Entry>], operation: &str) -> Arc<Entry> {
    let accepted = ledger.iter().filter(|entry| entry.operation == operation && entry.took_effect());
    let richest = accepted.max_by_key(|entry| entry.body.len() + entry.target.len());
    Arc::clone(richest.unwrap_or_else(|| panic!("{operation} was not called")))
}

fn names(message: &Value) -> BTreeSet<String> {
    message.as_object().unwrap().keys().cloned().collect()
}

/// The fields of a message are those of the contract.
fn check_fields(operation: &str, message: &Value, table: &[Field], count: usize) {
    assert_eq!(table.len(), count, "{operation}");
    assert_eq!(names(message), table.iter().map(|field| field.name.to_owned()).collect(), "{operation}");
}

#[test]
fn the_number_of_fields_is_the_contracts() {
    let tables: [(&[Field], usize); 8] = [
        (&mock_portal::RECORD_FIELDS, 38),
        (&mock_portal::RECORD_FIELDS_2020, 28),
        (&mock_portal::PROGRESS_FIELDS, 9),
        (&mock_portal::FILE_FIELDS, 9),
        (&mock_portal::RESULT_FIELDS, 5),
        (&mock_portal::SUPPLEMENT_FIELDS, 12),
        (&mock_portal::FEE_FIELDS, 5),
        (&mock_post::ORDER_FIELDS, 17),
    ];
    for (table, count) in tables {
        assert_eq!(table.len(), count, "{}", table[0].name);
    }
}

#[tokio::test]
async fn every_spoilt_field_of_the_portals_requests_is_refused() {
    let world = World::new().await;
    mixed_run(&world).await;
    let ledger = world.portal.ledger();
    let records = sent(&ledger, "DongBoHoSoMC").json();
    check_fields("record", &records["data"][0], &mock_portal::RECORD_FIELDS, 38);
    let rows = sent(&ledger, "CapNhatTienDoHoSoMC").json();
    check_fields("row", &rows["data"][0], &mock_portal::PROGRESS_FIELDS, 9);
    let http = client();
    let calls: [(&str, &[Field]); 3] = [
        ("DongBoHoSoMC", &mock_portal::RECORD_CALL_FIELDS),
        ("CapNhatTienDoHoSoMC", &mock_portal::PROGRESS_CALL_FIELDS),
        ("login", &mock_portal::LOGIN_FIELDS),
    ];
    for (operation, table) in calls {
        let good = sent(&ledger, operation);
        let before = world.portal.partner().counts();
        let mut tried = 0;
        for spoilt in mutations(table, &good.json()) {
            let request = http.post(format!("{}{}", world.portal.url(), good.target)).json(&spoilt.message);
            let (_, answer) =
                read(request.header("dstcode", "VN:GOV:000.00.00.G22:vpcpdvcprovider").send().await.unwrap())
                    .await;
            let refused = answer["error_code"] != "0" && answer["error_code"] != 0 || answer.is_string();
            assert!(refused, "{operation}: {} {} was taken: {answer}", spoilt.way, spoilt.field);
            tried += 1;
        }
        assert_eq!(world.portal.partner().counts(), before, "{operation}");
        assert!(tried >= 4 * table.len(), "{operation}: {tried} ways");
    }
}

/// Query or form as an object.
fn parameters(text: &str) -> Value {
    let pairs = mock_kit::parse_query(text).into_iter().map(|(name, value)| (name, Value::from(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

#[tokio::test]
async fn every_spoilt_field_of_the_posts_requests_is_refused() {
    let world = World::new().await;
    mixed_run(&world).await;
    let (ledger, http, url) = (world.post.ledger(), client(), world.post.url());
    let token = sent(&ledger, "token");
    check_fields("token", &parameters(&String::from_utf8_lossy(&token.body)), &mock_post::TOKEN_FIELDS, 1);
    let query = |entry: &Entry| parameters(entry.target.split_once('?').unwrap().1);
    check_fields("cancel", &query(&sent(&ledger, "cancel")), &mock_post::CANCEL_FIELDS, 2);
    check_fields("tracking", &query(&sent(&ledger, "tracking")), &mock_post::TRACKING_FIELDS, 2);
    let order = sent(&ledger, "order");
    check_fields("order", &order.json(), &mock_post::ORDER_FIELDS, 17);

    let log_in =
        http.post(format!("{url}{}", token.target)).basic_auth(Secrets::POST_KEY, Some(Secrets::POST));
    let log_in = log_in.header("content-type", "application/x-www-form-urlencoded").body(token.body.clone());
    let (_, granted) = read(log_in.send().await.unwrap()).await;
    let bearer = granted["access_token"].as_str().unwrap();
    let taken = world.post.partner().taken();
    for spoilt in mutations(&mock_post::ORDER_FIELDS, &order.json()) {
        let request = http.post(format!("{url}{}", order.target)).bearer_auth(bearer).json(&spoilt.message);
        let (status, answer) = read(request.send().await.unwrap()).await;
        assert_eq!(status / 100, 4, "{} {} was taken: {answer}", spoilt.way, spoilt.field);
    }
    for (operation, table) in
        [("cancel", &mock_post::CANCEL_FIELDS), ("tracking", &mock_post::TRACKING_FIELDS)]
    {
        let good = sent(&ledger, operation);
        let path = good.target.split_once('?').unwrap().0;
        // A query knows no types, and null is the empty text: only what it can express is tried.
        for spoilt in mutations(table, &query(&good)).into_iter().filter(|spoilt| spoilt.way != "retype") {
            let members = spoilt.message.as_object().unwrap();
            let pairs: Vec<(&str, &str)> = members
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
                .collect();
            let request = http.get(format!("{url}{path}")).query(&pairs).bearer_auth(bearer);
            let (status, answer) = read(request.send().await.unwrap()).await;
            assert_eq!(status / 100, 4, "{operation}: {} {} was taken: {answer}", spoilt.way, spoilt.field);
        }
    }
    assert_eq!(world.post.partner().taken(), taken);
}
