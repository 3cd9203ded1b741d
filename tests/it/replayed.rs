//! Dead letters sent again: in bulk, edited, resolved; never twice, and always with a row in the audit.

use crate::support::{DEADLINE, Dossier, Event, Gateway, Options, POST_ACCOUNT, World, until};
use mock_kit::{Deed, Fault};
use serde_json::{Value, json};

const DEAD: &str = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'dead'";

fn refuse(code: &str) -> Fault {
    let message = "Không hợp lệ".to_owned();
    Fault::new(Deed::Refuse { code: code.to_owned(), message }).on("order")
}

/// Dossiers whose orders the post refuses, every one of them a dead letter at last.
async fn all_refused(world: &World, count: usize) -> Vec<Dossier> {
    let mut dossiers: Vec<Dossier> = (0..count).map(|number| Dossier::new(number).by_post()).collect();
    let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(9)).collect();
    world.publish(&events).await;
    let journal = world.journal();
    let blocked = "SELECT count(*) FROM account WHERE blocked_code IS NOT NULL";
    let dead = i64::try_from(count).unwrap();
    // Five refusals alike block the account; somebody looks each time, and lets it go on.
    while journal.count(DEAD) < dead {
        until("blocked, or all are dead", DEADLINE, || {
            journal.count(blocked) > 0 || journal.count(DEAD) == dead
        })
        .await;
        if journal.count(blocked) > 0 {
            assert!(world.command(&["resume", POST_ACCOUNT]).await.status.success());
        }
    }
    dossiers
}

/// Begins the bulk replay of the only group, and gives its number.
async fn begin(world: &World) -> i64 {
    let groups = world.json(&["dead-letters", "list"]).await;
    let group = groups[0]["cause"]["group"].as_str().unwrap().to_owned();
    let begun = ["dead-letters", "replay", "--group", &group, "--reason", "bưu điện đã sửa", "--yes"];
    world.json(&begun).await["task"]["task"].as_i64().unwrap()
}

async fn task(world: &World, number: i64) -> Value {
    let tasks = world.json(&["dead-letters", "tasks"]).await;
    tasks.as_array().unwrap().iter().find(|task| task["task"] == number).unwrap().clone()
}

async fn ended(world: &World, number: i64) -> Value {
    let state = format!("SELECT count(*) FROM replay_task WHERE id = {number} AND state <> 'running'");
    until("the task has ended", DEADLINE, || world.journal().count(&state) == 1).await;
    task(world, number).await
}

/// Kills the gateway in the middle of a task, and starts the next.
async fn killed_in_the_middle(world: &World, gateway: Gateway, number: i64) -> Gateway {
    let begun = format!("SELECT count(*) FROM replay_item WHERE task = {number} AND batch IS NOT NULL");
    until("the task is in its middle", DEADLINE, || world.journal().count(&begun) >= 6).await;
    gateway.kill().await;
    let begun = world.journal().count(&begun);
    assert!((6..60).contains(&begun), "killed after {begun} of 60");
    world.gateway().await
}

#[tokio::test]
async fn a_bulk_replay_stops_while_the_cause_is_there_and_sends_each_once_when_it_is_gone() {
    let world = World::with(Options { number_unique: true, ..Options::default() }).await;
    let fault = world.post.fault(refuse("150"));
    let gateway = world.gateway().await;
    let dossiers = all_refused(&world, 60).await;
    let before = world.post.count("order");

    let first = begin(&world).await;
    let stopped = ended(&world, first).await;
    assert_eq!((&stopped["state"], &stopped["stopped_by"]), (&json!("stopped"), &json!("same-failure")));
    assert_eq!(world.post.count("order"), before + 1, "one shows that the cause is still there");
    assert_eq!(world.journal().count(DEAD), 60);

    world.post.clear_fault(fault);
    let second = begin(&world).await;
    let gateway = killed_in_the_middle(&world, gateway, second).await;
    let done = ended(&world, second).await;
    assert_eq!((&done["state"], &done["results"]["accepted"]), (&json!("done"), &json!(60)), "{done}");
    for dossier in &dossiers {
        assert_eq!(world.post.partner().parcels(&dossier.order("TRA")).len(), 1, "{}", dossier.code);
    }
    let audit = world.json(&["audit"]).await.to_string();
    for act in ["task-start", "replay", "resume"] {
        assert!(audit.contains(&format!("\"act\":\"{act}\"")), "{act}");
    }
    let timeline = world.json(&["dossier", &dossiers[7].code]).await;
    assert_eq!(timeline["acts"].as_array().unwrap().len(), 1, "{timeline}");
    assert_eq!(timeline["acts"][0]["detail"], format!("task {second}"));
    gateway.stop().await;
}

/// The only dead letter.
async fn dead_letter(world: &World) -> String {
    until("it is dead", DEADLINE, || world.journal().count(DEAD) == 1).await;
    let list = world.json(&["dead-letters", "list", "--all"]).await;
    list[0]["handoff"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_edited_dead_letter_goes_out_as_it_was_confirmed() {
    let world = World::new().await;
    world.post.fault(refuse("150").times(1));
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&[dossier.status(9)]).await;
    let id = dead_letter(&world).await;
    let file = world.file("patch.json");
    std::fs::write(&file, json!({ "order": { "to": { "phone": "0510000222" } } }).to_string()).unwrap();
    let edit = ["dead-letters", "replay", &id, "--edit", file.to_str().unwrap(), "--reason", "số mới"];
    let unconfirmed = world.command(&edit).await;
    assert_eq!(unconfirmed.status.code(), Some(5), "nothing is done without a word");
    let shown = String::from_utf8(unconfirmed.stdout).unwrap();
    assert!(shown.contains("/order/to/phone") && shown.contains("05x…222"), "{shown}");
    assert!(!shown.contains("0510000222"), "{shown}");
    assert_eq!(world.journal().count(DEAD), 1);

    let done = world.command(&[edit.as_slice(), &["--yes", "--as", "Tổ trực"]].concat()).await;
    assert!(done.status.success(), "{done:?}");
    world.settled(1, DEADLINE).await;
    let parcels = world.post.partner().parcels(&dossier.order("TRA"));
    assert_eq!(parcels.len(), 1);
    assert!(parcels[0].order().to_string().contains("0510000222"));
    let audit = world.json(&["audit"]).await;
    assert_eq!((&audit[0]["act"], &audit[0]["reason"]), (&json!("edit"), &json!("số mới")));
    assert!(audit[0]["who"].as_str().unwrap().starts_with("Tổ trực ("));
    gateway.stop().await;
}

#[tokio::test]
async fn what_a_person_found_out_and_a_paused_lane_stand_until_told_otherwise() {
    let world = World::new().await;
    world.post.fault(refuse("150").times(1));
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&[dossier.status(9)]).await;
    let id = dead_letter(&world).await;
    let resolve =
        ["dead-letters", "resolve", &id, "--partner-number", "EN980000015VN", "--reason", "gọi bưu cục"];
    let resolved = world.json(&resolve).await;
    assert_eq!(resolved[0]["result"], "done", "{resolved}");
    assert_eq!(world.journal().of(&dossier.code, "post.order")[0].state, "resolved");

    let pause = ["lane", "pause", &dossier.code, "--partner", "portal", "--reason", "chờ xác minh"];
    assert!(world.command(&pause).await.status.success());
    world.publish(&[dossier.status(10)]).await;
    until("it is planned", DEADLINE, || {
        world.journal().count("SELECT count(*) FROM handoff WHERE row_status = 10") == 1
    })
    .await;
    let lanes = world.json(&["lane", "show", &dossier.code]).await;
    assert_eq!(lanes[0]["paused"], "chờ xác minh", "{lanes}");
    assert_eq!(world.rows(&dossier).len(), 1);
    assert!(world.command(&["lane", "release", &dossier.code]).await.status.success());
    until("the row goes", DEADLINE, || world.rows(&dossier).len() == 2).await;
    assert_eq!(world.command(&["lane", "release", &dossier.code]).await.status.code(), Some(4));
    gateway.stop().await;
}
