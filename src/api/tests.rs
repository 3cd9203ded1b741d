//! The API as a program sees it.

use crate::admin::tests::Stage;
use crate::journal::command::CommandJournal;
use crate::journal::tests::world::{at, event, partners};
use serde_json::Value;

fn acting(stage: &Stage) -> CommandJournal {
    CommandJournal::open(&stage.world.settings, partners(), "minh (web)").unwrap()
}

#[tokio::test]
async fn a_program_says_who_it_is_by_its_token() {
    let stage = Stage::new().await;
    let (status, me) = stage.asks("lan", "/api/v1/me").await;
    assert_eq!((status, me["name"].as_str(), me["role"].as_str()), (200, Some("lan"), Some("clerk")));
    assert_eq!(me["rights"], serde_json::json!(["see", "see-persons", "tasks", "correct"]));
    let (status, problem) = stage.asks("nobody", "/api/v1/me").await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("logged-out")));
    let answer = stage.browser().gets("/api/v1/openapi.json").await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_browser_says_who_it_is_by_its_session() {
    let stage = Stage::new().await;
    let answer = stage.logged_in("tam").await.gets("/api/v1/me").await;
    let me: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, me["role"].as_str()), (200, Some("viewer")));
}

#[tokio::test]
async fn a_session_changes_nothing_without_its_token() {
    let stage = Stage::new().await;
    let mut browser = stage.logged_in("quan").await;
    let csrf = browser.gets("/acts").await.csrf().to_owned();
    let json = ("content-type", "application/json");
    for (headers, expected) in [
        (vec![json], 403),
        (vec![json, ("x-csrf-token", "0")], 403),
        (vec![json, ("x-csrf-token", &csrf), ("origin", "https://evil.example")], 403),
        // Let in, and there is no such endpoint.
        (vec![json, ("x-csrf-token", &csrf)], 404),
    ] {
        let answer = browser.sends("POST", "/api/v1/nothing", &headers, "{}").await;
        assert_eq!(answer.status, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn a_clerk_sees_what_was_done_to_her_communes_dossiers_and_nothing_else() {
    let stage = Stage::new().await;
    stage.world.admit([event(1, 1, 4)]).await;
    let code = crate::journal::tests::world::code(1);
    let mut journal = acting(&stage);
    let now = crate::clock::now();
    journal.unmasked("h-1", Some(&code), Some("tra cứu"), now).unwrap();
    journal.unmasked("h-2", Some("H11.01.08-220915-0001"), None, now).unwrap();
    journal.pause("post", "bảo trì", None, now).unwrap();
    let acts = |seen: &Value| -> Vec<String> {
        let acts = seen["acts"].as_array().unwrap().iter();
        acts.map(|act| format!("{} {}", act["act"].as_str().unwrap(), act["subject"].as_str().unwrap()))
            .collect()
    };
    let (_, all) = stage.asks("minh", "/api/v1/audit").await;
    assert_eq!(acts(&all), ["pause post", "unmasked h-2", "unmasked h-1"]);
    assert_eq!(all["acts"][2]["who"], "minh (web)");
    let (_, hers) = stage.asks("lan", "/api/v1/audit").await;
    assert_eq!((acts(&hers), hers["all_agencies"].as_bool()), (vec!["unmasked h-1".to_owned()], Some(false)));
    let (_, of_another) = stage.asks("binh", "/api/v1/audit").await;
    assert_eq!(acts(&of_another), Vec::<String>::new());
    let page = stage.logged_in("binh").await.gets("/acts").await;
    assert!(page.body.contains("Chưa có thao tác nào.") && !page.body.contains(&code), "{}", page.body);
    let page = stage.logged_in("lan").await.gets("/acts").await;
    assert!(page.body.contains(&code) && page.body.contains("xem thông tin cá nhân"), "{}", page.body);
    let (_, older) = stage.asks("minh", "/api/v1/audit?before=2").await;
    assert_eq!(acts(&older), ["unmasked h-1"]);
    let (_, none) = stage
        .asks("minh", &format!("/api/v1/audit?since={}", now + jiff::SignedDuration::from_hours(1)))
        .await;
    assert_eq!(acts(&none), Vec::<String>::new());
    assert!(at(0) < now);
}

#[tokio::test]
async fn the_description_lists_what_is_served() {
    let stage = Stage::new().await;
    let (status, document) = stage.asks("tam", "/api/v1/openapi.json").await;
    assert_eq!(status, 200);
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 3, "{paths:?}");
    for (path, item) in paths {
        if item.get("get").is_some() && !path.contains('{') {
            let (status, _) = stage.asks("quan", path).await;
            assert_ne!(status, 404, "{path}");
        }
    }
    for word in ["Problem", "Acts", "Me"] {
        assert!(document["components"]["schemas"][word].is_object(), "{word}");
    }
    assert!(document["components"]["securitySchemes"]["token"].is_object());
}
