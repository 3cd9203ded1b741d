//! The operator's desk over real connections: who is let in, what each user gets, and what no browser is talked into.

use crate::support::{AGENCY, AGENCY_2, DEADLINE, Dossier, Gateway, Visitor, World, filled, until};

const USERS: [(&str, &str, &str); 4] =
    [("lan", "clerk", AGENCY), ("loi", "clerk", AGENCY_2), ("minh", "operator", "*"), ("quan", "admin", "*")];

/// A world with a dossier of Tiến Thành that an operator has paused.
async fn world() -> (World, Vec<String>, Gateway, Dossier) {
    let world = World::new().await;
    let tokens = world.configure_users(&USERS).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&[dossier.status(2)]).await;
    world.settled(1, DEADLINE).await;
    let paused = world.command(&["lane", "pause", &dossier.code, "--reason", "chờ xác minh"]).await;
    assert!(paused.status.success(), "{paused:?}");
    (world, tokens, gateway, dossier)
}

#[tokio::test]
async fn a_clerk_of_one_commune_gets_nothing_of_another_one() {
    let (_world, tokens, gateway, dossier) = world().await;
    let address = gateway.admin();
    let (hers, others) = (Visitor::logged_in(address, "lan").await, Visitor::logged_in(address, "loi").await);
    assert!(hers.gets("/acts").await.body.contains(&dossier.code), "she sees what was done to her dossier");
    for path in hers.menu().await {
        let page = others.gets(&path).await;
        assert!(!page.body.contains(&dossier.code), "{path} shows it to another commune: {}", page.body);
        assert!(!page.body.contains("tien-thanh"), "{path} names another commune's account: {}", page.body);
    }
    let (hers, others) = (Visitor::with_token(address, &tokens[0]), Visitor::with_token(address, &tokens[1]));
    assert!(hers.gets("/api/v1/audit").await.body.contains(&dossier.code));
    let mut asked = 0;
    for (method, path) in others.endpoints().await {
        if method == "GET" {
            let path = filled(&path, &dossier.code);
            let answer = others.gets(&path).await;
            assert!(!answer.body.contains(&dossier.code), "{path} tells another commune: {}", answer.body);
            asked += 1;
        }
    }
    assert!(asked >= 5, "{asked} endpoints");
}

#[tokio::test]
async fn nobody_gets_anything_but_how_the_gateway_is() {
    let (_world, _tokens, gateway, dossier) = world().await;
    let admin = Visitor::logged_in(gateway.admin(), "quan").await;
    let nobody = Visitor::new(gateway.admin());
    for path in admin.menu().await {
        let answer = nobody.gets(&path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.headers["location"].to_str().unwrap().starts_with("/login?next="), "{path}");
    }
    for (method, path) in admin.endpoints().await {
        let answer = nobody.sends(&method, &filled(&path, &dossier.code), None).await;
        assert_eq!(answer.status, 401, "{method} {path}: {}", answer.body);
    }
    for path in ["/live", "/ready", "/metrics"] {
        let answer = nobody.gets(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains(&dossier.code), "{path}");
    }
}

#[tokio::test]
async fn what_changes_something_needs_the_token_of_the_session() {
    let (world, _tokens, gateway, dossier) = world().await;
    let admin = Visitor::logged_in(gateway.admin(), "quan").await;
    let before = world.json(&["audit"]).await;
    let mut refused = 0;
    for (method, path) in admin.endpoints().await {
        if method != "GET" {
            let body = Some(("application/json", "{}".to_owned()));
            let answer = admin.sends(&method, &filled(&path, &dossier.code), body).await;
            assert_eq!(answer.status, 403, "{method} {path}: {}", answer.body);
            assert!(answer.body.contains("\"forged\""), "{method} {path}: {}", answer.body);
            refused += 1;
        }
    }
    assert!(refused >= 2, "{refused} endpoints");
    for path in ["/partners/pause", "/partners/resume", "/logout"] {
        let fields = [("scope", "post"), ("reason", "thử"), ("until", ""), ("csrf", "0")];
        assert_eq!(admin.posts(path, &fields).await.status, 403, "{path}");
    }
    assert_eq!(world.json(&["audit"]).await, before, "nothing was done");
}

#[tokio::test]
async fn every_route_says_what_a_browser_must_not_do() {
    let (_world, _tokens, gateway, dossier) = world().await;
    let admin = Visitor::logged_in(gateway.admin(), "quan").await;
    let mut paths = admin.menu().await;
    paths.extend(["/live", "/ready", "/metrics", "/login", "/static/style.css", "/none"].map(str::to_owned));
    for (method, path) in admin.endpoints().await {
        if method == "GET" {
            paths.push(filled(&path, &dossier.code));
        }
    }
    for path in paths {
        let answer = admin.gets(&path).await;
        let header =
            |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        assert!(header("content-security-policy").starts_with("default-src 'none';"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert!(!header("cache-control").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn the_description_lists_what_is_served_and_nothing_else() {
    let (_world, tokens, gateway, dossier) = world().await;
    let admin = Visitor::with_token(gateway.admin(), &tokens[3]);
    let endpoints = admin.endpoints().await;
    for (method, path) in &endpoints {
        let own: Vec<&str> =
            endpoints.iter().filter(|(_, other)| other == path).map(|(method, _)| method.as_str()).collect();
        let filled = filled(path, &dossier.code);
        if method == "GET" && !path.contains('{') {
            let status = admin.gets(&filled).await.status;
            assert!(status == 200 || status == 422, "{path} is described, and answers {status}");
        }
        for other in
            ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(|other| !own.contains(other))
        {
            let answer = admin.sends(other, &filled, None).await;
            assert!(
                matches!(answer.status, 404 | 405 | 422),
                "{other} {path} is not described, and answers {}",
                answer.status
            );
        }
    }
    for path in ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/me"] {
        assert_eq!(admin.gets(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_operator_pauses_from_the_page_and_the_gateway_sends_nothing_until_resumed() {
    let (world, tokens, gateway, _dossier) = world().await;
    let operator = Visitor::with_token(gateway.admin(), &tokens[2]);
    let pause = r#"{"scope":"portal","reason":"bảo trì đột xuất"}"#.to_owned();
    assert_eq!(operator.sends("POST", "/api/v1/pauses", Some(("application/json", pause))).await.status, 204);
    let mut other = Dossier::new(2);
    world.publish(&[other.status(2)]).await;
    until("it is shown as paused", DEADLINE, || world.journal().events() >= 2).await;
    let seen = operator.gets("/api/v1/overview").await.body;
    assert!(seen.contains("\"cause\":\"paused\"") && seen.contains("bảo trì đột xuất"), "{seen}");
    assert_eq!(world.record_status(&other), None, "nothing was sent");
    assert_eq!(operator.sends("DELETE", "/api/v1/pauses/portal?reason=xong", None).await.status, 204);
    until("the portal has it", DEADLINE, || world.record_status(&other).is_some()).await;
}

#[tokio::test]
async fn logins_that_fail_are_limited_and_in_the_log_without_what_was_typed() {
    let (_world, _tokens, gateway, _dossier) = world().await;
    let nobody = Visitor::new(gateway.admin());
    for _ in 0..5 {
        assert_eq!(nobody.posts("/login", &[("name", "lan"), ("password", "sai-7401")]).await.status, 422);
    }
    assert_eq!(nobody.posts("/login", &[("name", "lan"), ("password", "sai-7401")]).await.status, 429);
    assert_eq!(nobody.posts("/login", &[("name", "mat-khau-7402"), ("password", "x")]).await.status, 422);
    let said = |message| gateway.said(message);
    until("it is in the log", DEADLINE, || said("a login was refused") == 6).await;
    assert_eq!(said("a login was not tried: too many were refused"), 1);
    let log = gateway.log();
    assert!(log.contains("\"lan\""), "{log}");
    assert!(!log.contains("7401") && !log.contains("7402"), "{log}");
}
