//! What people do at the desk, as the API is asked for it.

use crate::admin::tests::Stage;
use crate::clock;
use crate::journal::tests::world::{World, at, code, event, reason, take};
use lienthong_core::handoff::Content;
use lienthong_core::outcome::Outcome;
use serde_json::{Value, json};

pub(crate) const GROUP: &str = "post.order/rejected/TEST-105/postal.return.phone";

/// What the fixture says of its person.
pub(crate) const PERSON: [&str; 4] = ["Bưởi", "0510000111", "999199000124", "Lạc Long Quân"];

/// So many dossiers from a number on whose orders were refused for their phone, in words that name the receiver.
pub(crate) async fn dead(world: &World, first: usize, count: usize) {
    for dossier in first..first + count {
        world.admit([event(dossier, 1, 9)]).await;
        let mut calls = world.calls(at(1)).await;
        let why =
            reason("TEST-105").at("postal.return.phone").saying("Lò Thị Bưởi không nghe máy 0510000111");
        world.settle(take(&mut calls, "post.order"), Outcome::Rejected(why), at(1)).await;
        for call in calls {
            world.settle(call, Outcome::Accepted(reason("TEST-OK")), at(1)).await;
        }
        // Else five of them would be a storm.
        world.file().execute("UPDATE account SET storm = '{}'", []).unwrap();
    }
    world.accept_all(at(1)).await;
}

/// Two dead letters of one cause: of H11.01.07, and of H11.01.08.
pub(crate) async fn two_communes() -> Stage {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 2).await;
    let file = stage.world.file();
    file.execute("UPDATE dossier SET agency = 'H11.01.08' WHERE key = ?1", [code(2)]).unwrap();
    stage
}

pub(crate) fn order_of(stage: &Stage, dossier: usize) -> String {
    let sql = "SELECT handoff_id FROM handoff h JOIN dossier d ON d.id = h.dossier
               WHERE d.key = ?1 AND h.kind = 'post.order'";
    stage.world.file().query_row(sql, [code(dossier)], |row| row.get(0)).unwrap()
}

pub(crate) fn path(handoff: &str, act: &str) -> String {
    format!("/api/v1/dead-letters/{handoff}{act}")
}

pub(crate) async fn posts(stage: &Stage, name: &str, path: &str, body: Value) -> (u16, Value) {
    let token = format!("Bearer token-{name}");
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let answer = stage.browser().sends("POST", path, &headers, &body.to_string()).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

fn acts(stage: &Stage) -> Vec<String> {
    let file = stage.world.file();
    let mut statement = file.prepare("SELECT act || ' ' || who FROM audit ORDER BY id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A message in quarantine under a routing key of each commune, and a task of each desk.
pub(crate) fn asides(world: &World) {
    world
        .file()
        .execute_batch(
            "INSERT INTO payload (id, body) VALUES (900, CAST('{\"name\":\"Lò Thị Bưởi\"}' AS BLOB));
             INSERT INTO quarantine VALUES (1, 1, 'COMMUNE-NOT-JSON', NULL, 'not JSON', x'ab', 3,
                 'H11.01.07.vn.dossier.status-changed', NULL, '{}', 900),
                 (2, 1, 'COMMUNE-NOT-JSON', NULL, 'not JSON', x'ac', 3, 'Lò Thị Bưởi', NULL, '{}', 900);
             INSERT INTO flag (id, dossier, code, task, at) VALUES (71, 1, 'DESK-OLD-PARCEL', 1, 1), (72, 2, 'DESK-OLD-PARCEL', 1, 1);",
        )
        .unwrap();
}

#[tokio::test]
async fn whoever_is_bound_to_a_commune_reads_of_that_commune_alone() {
    let stage = two_communes().await;
    asides(&stage.world);
    let (hers, other) = (order_of(&stage, 1), order_of(&stage, 2));
    let count = async |name: &str, path: &str| {
        let (status, found) = stage.asks(name, &format!("/api/v1{path}")).await;
        assert_eq!(status, 200, "{name} {path}");
        found.as_array().unwrap().len()
    };
    for (path, of_lan, of_binh, of_minh) in [
        ("/dead-letters", 1, 1, 2),
        ("/quarantine", 1, 0, 2),
        ("/desk-tasks", 1, 1, 2),
        ("/dead-letters?group=post.order/rejected/TEST-105/postal.return.phone", 1, 1, 2),
    ] {
        let counted = [count("lan", path).await, count("binh", path).await, count("minh", path).await];
        assert_eq!(counted, [of_lan, of_binh, of_minh], "{path}");
    }
    let (_, groups) = stage.asks("binh", "/api/v1/dead-letters/groups").await;
    assert_eq!(
        (&groups[0]["cause"]["count"], &groups[0]["cause"]["agencies"]),
        (&json!(1), &json!({ "H11.01.08": 1 }))
    );
    let (_, groups) = stage.asks("minh", "/api/v1/dead-letters/groups?agency=H11.01.07").await;
    assert_eq!((&groups[0]["cause"]["group"], &groups[0]["cause"]["count"]), (&json!(GROUP), &json!(1)));
    for (name, path) in [
        ("binh", path(&hers, "")),
        ("lan", path(&other, "")),
        ("lan", path(&other, "?personal=true&reason=x")),
        ("binh", "/api/v1/quarantine/1".to_owned()),
        ("lan", "/api/v1/quarantine/2".to_owned()),
        ("lan", "/api/v1/dead-letters?agency=H11.01.08".to_owned()),
    ] {
        let (status, problem) = stage.asks(name, &path).await;
        assert_eq!((status, problem["code"].as_str()), (404, Some("not-found")), "{name} {path}");
    }
    assert_eq!(acts(&stage), Vec::<String>::new(), "nobody saw persons");
}

#[tokio::test]
async fn whoever_is_bound_to_a_commune_acts_on_that_commune_alone() {
    let stage = two_communes().await;
    asides(&stage.world);
    let other = order_of(&stage, 1);
    let fields = json!({ "fields": { "postal.return.phone": "0510000222" }, "reason": "x" });
    for (act, body) in [
        ("/replay", json!({ "reason": "x" })),
        ("/edit", fields.clone()),
        ("/edit/preview", fields),
        ("/resolve", json!({ "partner_number": "CH1", "reason": "x" })),
        ("/dismiss", json!({ "reason": "x" })),
        ("/reopen", json!({ "reason": "x" })),
    ] {
        let (status, _) = posts(&stage, "hoa", &path(&other, act), body).await;
        assert_eq!(status, 404, "{act}");
    }
    let (status, _) = posts(&stage, "binh", "/api/v1/desk-tasks/71/done", json!({ "reason": "x" })).await;
    assert_eq!(status, 404);
    let whole = json!({ "group": GROUP, "handoffs": [other, order_of(&stage, 2)], "reason": "x" });
    assert_eq!(posts(&stage, "hoa", "/api/v1/replays", whole.clone()).await.0, 404);
    // What an operator of all begins, one of a commune sees in part and cannot stop.
    let (status, begun) = posts(&stage, "minh", "/api/v1/replays", whole).await;
    assert_eq!((status, &begun["task"]), (200, &json!(1)));
    let (_, part) = stage.asks("hoa", "/api/v1/replays/1").await;
    assert_eq!((part["items"].as_array().unwrap().len(), &part["task"]["total"]), (1, &json!(1)));
    assert_eq!(posts(&stage, "hoa", "/api/v1/replays/1/stop", json!({ "reason": "x" })).await.0, 404);
    assert_eq!(acts(&stage), ["task-start minh (web)"]);
}

#[tokio::test]
async fn what_a_role_may_not_is_refused_and_leaves_nothing() {
    let stage = two_communes().await;
    asides(&stage.world);
    let order = order_of(&stage, 1);
    let correct = json!({ "fields": { "postal.return.phone": "0510000222" }, "reason": "x" });
    let settle = [
        (path(&order, "/replay"), json!({ "reason": "x" })),
        (path(&order, "/edit"), json!({ "patch": { "order": { "cash": 1 } }, "reason": "x" })),
        (path(&order, "/edit"), json!({ "anew": true, "reason": "x" })),
        (path(&order, "/resolve"), json!({ "partner_number": "CH1", "reason": "x" })),
        (path(&order, "/dismiss"), json!({ "reason": "x" })),
        (path(&order, "/reopen"), json!({ "reason": "x" })),
        ("/api/v1/replays/preview".to_owned(), json!({ "group": GROUP })),
        ("/api/v1/replays".to_owned(), json!({ "group": GROUP, "handoffs": [order], "reason": "x" })),
        ("/api/v1/replays/1/stop".to_owned(), json!({ "reason": "x" })),
    ];
    for (path, body) in &settle {
        for name in ["tam", "lan"] {
            let (status, problem) = posts(&stage, name, path, body.clone()).await;
            assert_eq!((status, problem["code"].as_str()), (403, Some("not-allowed")), "{name} {path}");
        }
    }
    for (path, body) in [
        (path(&order, "/edit"), correct),
        ("/api/v1/desk-tasks/71/done".to_owned(), json!({ "reason": "x" })),
    ] {
        assert_eq!(posts(&stage, "tam", &path, body.clone()).await.0, 403, "{path}");
        assert_eq!(posts(&stage, "lan", &path, body).await.0, 200, "{path}");
    }
    assert_eq!(stage.asks("tam", &path(&order, "?personal=true&reason=x")).await.0, 403);
    // Nobody knows whose persons are in it.
    assert_eq!(stage.asks("lan", "/api/v1/quarantine/1?personal=true&reason=x").await.0, 403);
    assert_eq!(acts(&stage), ["edit lan (web)", "close lan (web)"]);
}

#[tokio::test]
async fn nothing_is_done_without_a_reason() {
    let stage = two_communes().await;
    asides(&stage.world);
    let order = order_of(&stage, 1);
    for (path, body) in [
        (path(&order, "/replay"), json!({ "reason": " " })),
        (path(&order, "/edit"), json!({ "fields": { "postal.return.phone": "0510000222" } })),
        (path(&order, "/resolve"), json!({ "partner_number": "CH1", "reason": "" })),
        (path(&order, "/dismiss"), json!({ "reason": "" })),
        (path(&order, "/reopen"), json!({ "reason": "" })),
        ("/api/v1/replays".to_owned(), json!({ "group": GROUP, "handoffs": [order], "reason": "" })),
        ("/api/v1/replays/1/stop".to_owned(), json!({ "reason": "" })),
        ("/api/v1/desk-tasks/71/done".to_owned(), json!({ "reason": "" })),
        (path(&order, "/dismiss"), json!({})),
    ] {
        let (status, problem) = posts(&stage, "minh", &path, body).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("input")), "{path}");
    }
    assert_eq!(stage.asks("minh", &path(&order, "?personal=true")).await.0, 422);
    assert_eq!(acts(&stage), Vec::<String>::new());
}

#[tokio::test]
async fn a_letter_replayed_twice_at_once_begins_once() {
    let stage = two_communes().await;
    let replay = path(&order_of(&stage, 1), "/replay");
    let body = || json!({ "reason": "bưu điện đã sửa" });
    let (one, other) =
        tokio::join!(posts(&stage, "minh", &replay, body()), posts(&stage, "quan", &replay, body()));
    let mut both = [one.0, other.0];
    both.sort_unstable();
    assert_eq!(both, [200, 409]);
    let refused = if one.0 == 409 { one.1 } else { other.1 };
    assert_eq!(refused["code"], "not-dead");
    assert_eq!(acts(&stage).len(), 1);
    assert_eq!(stage.world.calls(clock::now()).await.len(), 1);
}

#[tokio::test]
async fn a_corrected_field_goes_out_and_the_original_is_kept_beside_it() {
    let stage = two_communes().await;
    let order = order_of(&stage, 1);
    let (_, letter) = stage.asks("lan", &path(&order, "")).await;
    let correction = &letter["corrections"][0];
    assert_eq!(
        (&correction["field"], &correction["now"]),
        (&json!("postal.return.phone"), &json!("05x…111"))
    );
    let fields =
        |phone: &str| json!({ "fields": { "postal.return.phone": phone }, "reason": "người dân báo số mới" });
    let (_, preview) = posts(&stage, "lan", &path(&order, "/edit/preview"), fields("0510 000 222")).await;
    let change = json!({ "field": "/order/to/phone", "before": "05x…111", "after": "05x…222" });
    assert_eq!(preview["changes"], json!([change]));
    assert_eq!(stage.world.count("SELECT count(*) FROM edit"), 0, "a preview writes nothing");
    // Something else than what was seen is not written.
    let mut unseen = fields("0510000333");
    unseen["seen"] = preview["seen"].clone();
    let (status, problem) = posts(&stage, "lan", &path(&order, "/edit"), unseen).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("changed-meanwhile")));
    let mut seen = fields("0510 000 222");
    seen["seen"] = preview["seen"].clone();
    assert_eq!(posts(&stage, "lan", &path(&order, "/edit"), seen).await.0, 200);
    let call = take(&mut stage.world.calls(clock::now()).await, "post.order");
    let Content::Order(sent) = &call.handoffs[0].content else { panic!("an order") };
    assert_eq!((sent.to.phone.as_str(), call.handoffs[0].id.as_str()), ("0510000222", order.as_str()));
    let (_, masked) = stage.asks("lan", &path(&order, "")).await;
    assert_eq!(masked["edits"][0]["original"]["order"]["to"]["phone"], "05x…111");
    let (_, whole) = stage.asks("lan", &path(&order, "?personal=true&reason=gọi%20điện")).await;
    assert_eq!(whole["edits"][0]["original"]["order"]["to"]["phone"], "0510000111");
    assert_eq!(acts(&stage), ["edit lan (web)", "unmasked lan (web)"]);
}

#[tokio::test]
async fn what_cannot_be_typed_or_found_is_said() {
    let stage = two_communes().await;
    let edit = path(&order_of(&stage, 1), "/edit/preview");
    for (body, status) in [
        (json!({ "fields": { "postal.return.phone": "không có" } }), 422),
        (json!({ "fields": { "postal.return.name": "Lò Thị Xuân" } }), 422),
        (json!({ "fields": { "postal.return.phone": "0510000222" }, "anew": true }), 422),
        (json!({}), 422),
        (json!({ "patch": { "order": { "number": "X" } } }), 409),
        (json!({ "patch": { "order": { "cash": 8000 } } }), 200),
    ] {
        let (found, answer) = posts(&stage, "minh", &edit, body.clone()).await;
        assert_eq!(found, status, "{body} {answer}");
    }
}

#[tokio::test]
async fn what_was_previewed_is_what_is_frozen_whatever_stops_since() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 4).await;
    let erased = "UPDATE handoff SET content = NULL WHERE kind = 'post.order' AND dossier = 2";
    stage.world.file().execute(erased, []).unwrap();
    let (status, preview) = posts(&stage, "minh", "/api/v1/replays/preview", json!({ "group": GROUP })).await;
    assert_eq!(
        (status, &preview["count"], &preview["stays"][0]["why"]["result"]),
        (200, &json!(4), &json!("erased"))
    );
    assert_eq!(acts(&stage), Vec::<String>::new(), "a preview writes nothing");
    dead(&stage.world, 11, 2).await;
    let confirmed = json!({ "group": GROUP, "handoffs": preview["handoffs"], "reason": "bưu điện đã sửa" });
    let (_, begun) = posts(&stage, "minh", "/api/v1/replays", confirmed.clone()).await;
    assert_eq!(begun["task"], 1);
    let (_, shown) = stage.asks("minh", "/api/v1/replays/1").await;
    let frozen: Vec<&Value> =
        shown["items"].as_array().unwrap().iter().map(|item| &item["handoff"]).collect();
    assert_eq!(frozen, preview["handoffs"].as_array().unwrap().iter().collect::<Vec<_>>());
    // The two that stopped since, and the one that was left out.
    assert_eq!((&shown["task"]["total"], &shown["task"]["new_since"]), (&json!(3), &json!(3)));
    let (status, problem) = posts(&stage, "minh", "/api/v1/replays", confirmed).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("task-runs")));
    let stop = json!({ "reason": "chờ đã" });
    assert_eq!(posts(&stage, "minh", "/api/v1/replays/1/stop", stop).await.0, 200);
    let (_, stopped) = stage.asks("minh", "/api/v1/replays/1").await;
    assert_eq!(stopped["task"]["stopped_by"], "hand");
    assert_eq!(acts(&stage), ["task-start minh (web)", "task-stop minh (web)"]);
}

#[tokio::test]
async fn a_letter_is_settled_dismissed_and_reopened_by_hand() {
    let stage = two_communes().await;
    let (one, other) = (order_of(&stage, 1), order_of(&stage, 2));
    let dismiss = json!({ "reason": "trả tại quầy" });
    assert_eq!(posts(&stage, "minh", &path(&one, "/dismiss"), dismiss).await.0, 200);
    assert_eq!(posts(&stage, "minh", &path(&one, "/reopen"), json!({ "reason": "nhầm" })).await.0, 200);
    let resolve = json!({ "partner_number": "CH10020030VN", "reason": "bưu cục xác nhận qua điện thoại" });
    assert_eq!(posts(&stage, "minh", &path(&other, "/resolve"), resolve).await.0, 200);
    let (_, letter) = stage.asks("minh", &path(&other, "")).await;
    assert_eq!(
        (&letter["handoff"]["state"], &letter["handoff"]["partner_number"]),
        (&json!("resolved"), &json!("CH10020030VN"))
    );
    assert_eq!(acts(&stage), ["dismiss minh (web)", "reopen minh (web)", "resolve minh (web)"]);
}

#[tokio::test]
async fn an_uncertain_order_has_all_that_the_post_office_wants_to_hear() {
    let stage = two_communes().await;
    let uncertain = "UPDATE handoff SET code = 'GATEWAY-UNCERTAIN', field = NULL WHERE kind = 'post.order'";
    stage.world.file().execute(uncertain, []).unwrap();
    let (_, masked) = stage.asks("lan", "/api/v1/uncertain").await;
    let parcel = &masked[0]["parcel"];
    assert_eq!(masked.as_array().unwrap().len(), 1);
    assert_eq!(
        (&parcel["number"], &parcel["to"]["phone"]),
        (&json!(format!("{}-TRA-1", code(1))), &json!("05x…111"))
    );
    let (_, whole) = stage.asks("lan", "/api/v1/uncertain?personal=true&reason=gọi%20bưu%20cục").await;
    assert_eq!(whole[0]["parcel"]["to"]["phone"], "0510000111");
    assert_eq!(acts(&stage), ["unmasked lan (web)"]);
    let replay = path(&order_of(&stage, 1), "/replay");
    let (status, problem) = posts(&stage, "minh", &replay, json!({ "reason": "x" })).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("may-be-there")));
    let asked = json!({ "reason": "bưu cục nói chưa nhận", "not_there": true });
    assert_eq!(posts(&stage, "minh", &replay, asked).await.0, 200);
}

#[tokio::test]
async fn nobody_is_named_anywhere_unless_somebody_asks() {
    let stage = two_communes().await;
    asides(&stage.world);
    let order = order_of(&stage, 1);
    let patch = json!({ "patch": { "order": { "to": { "address": "12 Lạc Long Quân" } } }, "reason": "x" });
    assert_eq!(posts(&stage, "minh", &path(&order, "/edit"), patch).await.0, 200);
    let whole = json!({ "group": GROUP, "handoffs": [order_of(&stage, 2)], "reason": "x" });
    assert_eq!(posts(&stage, "minh", "/api/v1/replays", whole).await.0, 200);
    for path in [
        "/dead-letters/groups".to_owned(),
        "/dead-letters".to_owned(),
        format!("/dead-letters/{order}"),
        format!("/dead-letters/{}", order_of(&stage, 2)),
        "/replays".to_owned(),
        "/replays/1".to_owned(),
        "/quarantine".to_owned(),
        "/quarantine/1".to_owned(),
        "/quarantine/2".to_owned(),
        "/uncertain".to_owned(),
        "/desk-tasks".to_owned(),
    ] {
        let (status, answer) = stage.asks("minh", &format!("/api/v1{path}")).await;
        assert_eq!(status, 200, "{path}");
        for name in PERSON {
            assert!(!answer.to_string().contains(name), "{path} names {name}");
        }
    }
    // The planted ones are there for whoever asks.
    let (_, message) = stage.asks("minh", "/api/v1/quarantine/1?personal=true&reason=x").await;
    assert_eq!(message["body"], "{\"name\":\"Lò Thị Bưởi\"}");
    let (_, letter) = stage.asks("minh", &path(&order, "?personal=true&reason=x")).await;
    assert!(PERSON[..2].iter().all(|name| letter.to_string().contains(name)), "{letter}");
}
