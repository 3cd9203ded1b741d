//! What needs no login.

use super::*;

#[tokio::test]
async fn each_path_tells_the_truth() {
    let bound = listen(([127, 0, 0, 1], 0).into(), None).await.unwrap();
    let mut browser = Browser::new(bound.address().unwrap());
    let (health, stop) = (Arc::new(Health::new()), CancellationToken::new());
    measures::install().unwrap();
    let serving = serve(bound, Arc::clone(&health), None, stop.clone());
    let asking = async {
        assert_eq!(browser.gets("/live").await.status, 503);
        assert_eq!(browser.gets("/ready").await.status, 503);
        health.tick(crate::clock::now());
        health.up("journal", crate::clock::now());
        health.down("broker", "GATEWAY-BROKER-LOST", crate::clock::now());
        assert_eq!(browser.gets("/live").await.status, 200);
        let answer = browser.gets("/ready").await;
        assert_eq!(answer.status, 503);
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["dependencies"]["broker"]["reason"], "GATEWAY-BROKER-LOST");
        health.up("broker", crate::clock::now());
        assert_eq!(browser.gets("/ready").await.status, 200);
        let answer = browser.gets("/metrics").await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.body.contains("lienthong_dependency_ready{dependency=\"broker\"} 1"),
            "{}",
            answer.body
        );
        for path in ["/secrets", "/", "/login", "/api/v1/me", "/static/style.css"] {
            assert_eq!(browser.gets(path).await.status, 404, "{path}: there is no desk without users");
        }
        stop.cancel();
    };
    tokio::join!(serving, asking);
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do() {
    let stage = Stage::new().await;
    let mut browser = stage.logged_in("lan").await;
    for path in [
        "/live",
        "/ready",
        "/metrics",
        "/login",
        "/acts",
        "/nowhere",
        "/static/desk.js",
        "/api/v1/me",
        "/api/x",
    ] {
        let answer = browser.gets(path).await;
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
        let kept = if path.starts_with("/static/") { "no-cache" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), Some(kept), "{path}");
    }
}

#[tokio::test]
async fn a_file_is_sent_once() {
    let stage = Stage::new().await;
    let first = stage.browser().gets("/static/style.css").await;
    assert_eq!((first.status, first.header("content-type")), (200, Some("text/css; charset=utf-8")));
    let tag = first.header("etag").unwrap();
    let again = stage.browser().sends("GET", "/static/style.css", &[("if-none-match", tag)], "").await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}
