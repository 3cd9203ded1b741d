//! Who is let in, and what a form must carry.

use super::*;

#[tokio::test]
async fn nobody_is_led_to_the_login_and_from_there_to_where_they_wanted() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let answer = browser.gets("/acts?days=7").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/login?next=%2Facts%3Fdays%3D7")));
    let page = browser.gets("/login?next=%2Facts%3Fdays%3D7").await;
    assert!(
        page.body.contains("Tên đăng nhập") && page.body.contains("value=\"/acts?days=7\""),
        "{}",
        page.body
    );
    let form = [("name", "lan"), ("password", PASSWORD), ("next", "/acts?days=7")];
    let answer = browser.posts("/login", &form).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/acts?days=7")));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let page = browser.gets("/acts?days=7").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("lan (cán bộ một cửa)"), "{}", page.body);
}

#[tokio::test]
async fn behind_a_proxy_that_ends_tls_the_session_is_for_https_alone() {
    for behind_tls in [false, true] {
        let world = World::changed(partners(), |settings| settings.admin.behind_tls = behind_tls);
        let stage = Stage::over(world).await;
        let mut browser = stage.logged_in("lan").await;
        let names: Vec<&String> = browser.cookies.keys().collect();
        assert_eq!(names, [if behind_tls { "__Host-lienthong" } else { "lienthong" }]);
        let form = [("name", "lan"), ("password", PASSWORD)];
        let answer = browser.posts("/login", &form).await;
        let cookie = answer.header("set-cookie").unwrap().to_owned();
        assert_eq!(cookie.contains("; Secure"), behind_tls, "{cookie}");
        assert!(!cookie.contains("Domain="), "{cookie}");
        let page = browser.gets("/acts").await;
        assert_eq!((page.status, page.header("strict-transport-security")), (200, None));
        let csrf = page.csrf().to_owned();
        let answer = browser.posts("/logout", &[("csrf", &csrf)]).await;
        let gone = answer.header("set-cookie").unwrap();
        assert_eq!(gone.contains("; Secure"), behind_tls, "else a browser does not take it back: {gone}");
        assert!(browser.cookies.is_empty());
    }
}

#[tokio::test]
async fn a_refused_login_opens_nothing_and_many_are_not_tried() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    for _ in 0..5 {
        let answer = browser.posts("/login", &[("name", "lan"), ("password", "x")]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("Tên hoặc mật khẩu không đúng."), "{}", answer.body);
    }
    let answer = browser.posts("/login", &[("name", "lan"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 429);
    assert!(answer.body.contains("hãy thử lại sau"), "{}", answer.body);
    assert!(browser.cookies.is_empty());
    assert_eq!(browser.gets("/acts").await.status, 303);
}

#[tokio::test]
async fn a_logout_ends_the_session_and_needs_its_token() {
    let stage = Stage::new().await;
    let mut browser = stage.logged_in("lan").await;
    let csrf = browser.gets("/acts").await.csrf().to_owned();
    for fields in [&[][..], &[("csrf", "0")]] {
        assert_eq!(browser.posts("/logout", fields).await.status, 403);
    }
    let elsewhere =
        [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example")];
    let answer = browser.sends("POST", "/logout", &elsewhere, &format!("csrf={csrf}")).await;
    assert_eq!(answer.status, 403, "a form of another site");
    let kept = browser.cookies.clone();
    assert_eq!(browser.posts("/logout", &[("csrf", &csrf)]).await.status, 303);
    assert!(browser.cookies.is_empty());
    browser.cookies = kept;
    assert_eq!(browser.gets("/acts").await.status, 303, "the id is worth nothing any more");
}

#[tokio::test]
async fn a_login_from_another_site_is_refused() {
    let stage = Stage::new().await;
    let form = format!(
        "name=lan&password={}",
        url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect::<String>()
    );
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example")];
    let answer = stage.browser().sends("POST", "/login", &headers, &form).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (403, None));
    assert!(answer.body.contains("hãy mở lại trang"), "{}", answer.body);
}

#[tokio::test]
async fn the_language_is_switched_and_stays() {
    let stage = Stage::new().await;
    let mut browser = stage.logged_in("lan").await;
    let answer = browser.gets("/language/en?back=%2Facts").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/acts")));
    let page = browser.gets("/acts").await;
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("Dead letters"), "{}", page.body);
    browser.gets("/language/vi?back=%2Facts").await;
    assert!(browser.gets("/acts").await.body.contains("Bàn xử lý"));
    assert_eq!(browser.gets("/language/fr").await.status, 404);
}

#[tokio::test]
async fn trouble_is_told_in_the_form_that_was_asked_for() {
    let stage = Stage::new().await;
    let page = stage.logged_in("lan").await.gets("/nowhere").await;
    assert_eq!(page.status, 404);
    assert!(
        page.body.contains("role=\"alert\"") && page.body.contains("hãy kiểm tra lại mã"),
        "{}",
        page.body
    );
    let page = stage.logged_in("lan").await.gets("/acts?days=many").await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("hãy quay lại"), "{}", page.body);
    let (status, problem) = stage.asks("lan", "/api/v1/nothing").await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("not-found")));
    assert!(problem["vi"].is_string() && problem["en"].is_string());
}
