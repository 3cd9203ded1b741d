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

#[tokio::test]
async fn what_happened_today_is_counted_at_the_agencies_that_are_seen() {
    let stage = Stage::new().await;
    stage.world.admit_at(crate::clock::now(), [event(1, 1, 4), event(2, 1, 4)]).await;
    let (status, seen) = stage.asks("minh", "/api/v1/overview").await;
    assert_eq!(status, 200);
    assert_eq!((seen["today"]["events"].as_u64(), seen["today"]["quarantined"].as_u64()), (Some(2), Some(0)));
    let names: Vec<&str> =
        seen["lamps"].as_array().unwrap().iter().map(|lamp| lamp["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["queue", "store", "post", "portal", "clock"]);
    let arrived = |seen: &Value| -> u64 {
        seen["hours"].as_array().unwrap().iter().map(|slice| slice["events"].as_u64().unwrap()).sum()
    };
    assert_eq!((arrived(&seen), seen["hours"].as_array().unwrap().len()), (2, 72));
    let (_, hers) = stage.asks("lan", "/api/v1/overview").await;
    assert_eq!((arrived(&hers), hers["today"]["quarantined"].is_null()), (2, true));
    let (_, of_another) = stage.asks("binh", "/api/v1/overview").await;
    assert_eq!((arrived(&of_another), of_another["today"]["events"].as_u64()), (0, Some(0)));
    assert_eq!(of_another["hours"][71]["open"].as_u64(), Some(0));
}

#[tokio::test]
async fn an_account_that_is_configured_no_more_is_named_to_who_sees_all() {
    let stage = Stage::new().await;
    stage.world.admit_at(crate::clock::now(), [event(1, 1, 4)]).await;
    stage
        .world
        .file()
        .execute_batch(
            "UPDATE handoff SET account = 'portal-xa-cu';
             INSERT INTO alarm (code, scope, raised_at, since, count) VALUES ('WATCH-HANDOFF-OLD', 'portal-xa-cu', 1, 1, 1),
                 ('WATCH-GAP', 'inbox', 1, 1, 1);",
        )
        .unwrap();
    for (name, partners, alarms) in
        [("minh", &["commune", "portal-xa-cu"][..], 2), ("lan", &[], 1), ("binh", &["commune"], 1)]
    {
        let (_, seen) = stage.asks(name, "/api/v1/overview").await;
        let oldest = seen["oldest"].as_array().unwrap();
        let named: Vec<&str> = oldest.iter().map(|oldest| oldest["partner"].as_str().unwrap()).collect();
        assert_eq!((named, seen["alarms"].as_array().unwrap().len()), (partners.to_vec(), alarms), "{name}");
        assert_eq!(seen.to_string().contains("portal-xa-cu"), name == "minh", "{name}");
    }
}

#[tokio::test]
async fn the_first_page_tells_in_words_what_the_plots_show() {
    let stage = Stage::new().await;
    let page = stage.logged_in("tam").await.gets("/").await;
    assert_eq!(page.status, 200);
    for words in
        ["Năm đèn", "Cơ sở dữ liệu", "<desc id=\"events-desc\">Sáu giờ qua", "Bảng số liệu", "số liệu đến"]
    {
        assert!(page.body.to_lowercase().contains(&words.to_lowercase()), "{words}: {}", page.body);
    }
    assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "nothing inline");
}

#[tokio::test]
async fn an_account_is_paused_and_resumed_by_who_may_and_in_the_audit() {
    let stage = Stage::new().await;
    let (pauses, body) =
        ("/api/v1/pauses", serde_json::json!({ "scope": "commune-8", "reason": " bảo trì máy chủ " }));
    for (name, expected) in [("tam", 403), ("binh", 403), ("tho", 404), ("nobody", 401)] {
        assert_eq!(stage.tells(name, "POST", pauses, &body).await.0, expected, "{name}");
    }
    for (wrong, expected) in [
        (serde_json::json!({ "scope": "commune-8", "reason": " " }), 422),
        (serde_json::json!({ "scope": "commune-8", "reason": "x", "until": "2022-01-01T00:00:00Z" }), 422),
        (serde_json::json!({ "scope": "commune-9", "reason": "x" }), 404),
        (serde_json::json!({ "reason": "x" }), 422),
    ] {
        let (status, problem) = stage.tells("minh", "POST", pauses, &wrong).await;
        assert_eq!((status, problem["vi"].is_string()), (expected, true), "{wrong}");
    }
    assert_eq!(stage.world.count("SELECT count(*) FROM pause"), 0);
    assert_eq!(stage.tells("minh", "POST", pauses, &body).await.0, 204);
    let (_, seen) = stage.asks("binh", "/api/v1/partners").await;
    let account = &seen["accounts"][0];
    assert_eq!(
        (account["account"].as_str(), account["quota_per_day"].as_u64()),
        (Some("commune-8"), Some(40))
    );
    for (name, names_it) in [("binh", true), ("lan", false), ("minh", true)] {
        let (_, overview) = stage.asks(name, "/api/v1/overview").await;
        assert_eq!(overview.to_string().contains("commune-8"), names_it, "{name}");
    }
    assert_eq!(account["stops"][0]["cause"], "paused");
    assert_eq!(account["stops"][0]["why"]["vi"], "bảo trì máy chủ");
    assert!(account["means"]["vi"].as_str().unwrap().starts_with("Tạm dừng"), "{account}");
    assert_eq!(seen["may_pause"], serde_json::json!([]));
    let resume = "/api/v1/pauses/commune-8?reason=xong";
    assert_eq!(stage.tells("minh", "DELETE", "/api/v1/pauses/commune-8?reason=", &Value::Null).await.0, 422);
    assert_eq!(stage.tells("minh", "DELETE", resume, &Value::Null).await.0, 204);
    assert_eq!(stage.tells("minh", "DELETE", resume, &Value::Null).await.0, 409);
    let (_, audit) = stage.asks("quan", "/api/v1/audit").await;
    let acts: Vec<_> = audit["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| (act["act"].clone(), act["who"].clone(), act["reason"].clone()))
        .collect();
    assert_eq!(
        acts,
        [
            ("resume".into(), "minh (web)".into(), "xong".into()),
            ("pause".into(), "minh (web)".into(), "bảo trì máy chủ".into())
        ]
    );
}

#[tokio::test]
async fn a_clerk_sees_the_accounts_of_her_commune_and_no_other() {
    let stage = Stage::new().await;
    for (name, expected) in [("binh", 1), ("lan", 0), ("tam", 1)] {
        let (status, seen) = stage.asks(name, "/api/v1/partners").await;
        assert_eq!((status, seen["accounts"].as_array().unwrap().len()), (200, expected), "{name}");
        let page = stage.logged_in(name).await.gets("/partners").await;
        assert_eq!((page.status, page.body.contains("commune-8")), (200, expected == 1), "{name}");
        assert!(!page.body.contains("action=\"/partners/pause\""), "{name} may not pause");
    }
    let (_, seen) = stage.asks("minh", "/api/v1/partners").await;
    assert_eq!(seen["may_pause"], serde_json::json!(["commune", "commune-8"]));
}

#[tokio::test]
async fn the_page_pauses_with_a_reason_and_says_so_once() {
    let stage = Stage::new().await;
    let mut browser = stage.logged_in("minh").await;
    let csrf = browser.gets("/partners").await.csrf().to_owned();
    let form =
        [("csrf", csrf.as_str()), ("scope", "commune"), ("reason", "bảo trì"), ("until", "2199-01-01T08:00")];
    assert_eq!(browser.posts("/partners/pause", &form[1..]).await.status, 403, "without the token");
    assert_eq!(stage.world.count("SELECT count(*) FROM pause"), 0);
    let answer = browser.posts("/partners/pause", &form).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/partners")));
    let page = browser.gets("/partners").await;
    assert!(
        page.body.contains("Đã tạm dừng commune.") && page.body.contains("01/01/2199 08:00:00"),
        "{}",
        page.body
    );
    assert!(!browser.gets("/partners").await.body.contains("Đã tạm dừng commune."));
    let wrong = [("csrf", csrf.as_str()), ("scope", "commune"), ("reason", "x"), ("until", "mai")];
    let answer = browser.posts("/partners/pause", &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("hãy chọn ngày và giờ"), "{}", answer.body);
    let resume = [("csrf", csrf.as_str()), ("scope", "commune"), ("reason", "xong")];
    assert_eq!(browser.posts("/partners/resume", &resume).await.status, 303);
    assert_eq!(stage.world.count("SELECT count(*) FROM pause"), 0);
}
