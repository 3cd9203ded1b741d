//! What holds for the forms of every page; the dead letters have tests of their own.

use crate::acts::tests::dead;
use crate::admin::tests::Stage;
use crate::journal::tests::world::code;

/// Sends a form of a page without what it needs: the page comes again and says so, with what stood on it.
async fn check(stage: &Stage, page: &str, action: &str, typed: &[(&str, &str)], stands: &str) {
    let mut quan = stage.logged_in("quan").await;
    let csrf = quan.gets(page).await.csrf().to_owned();
    let mut fields = vec![("csrf", csrf.as_str())];
    fields.extend(typed);
    let answer = quan.posts(action, &fields).await;
    assert_eq!(answer.status, 422, "{action}");
    assert!(answer.body.contains("role=\"alert\">Hãy ghi lý do"), "{action}: {}", answer.body);
    assert!(answer.body.contains(stands) && !answer.body.contains("Quay lại trang đầu"), "{action}");
    assert!(!answer.body.contains("data-refresh"), "{action}: what was said stays until it is read");
}

#[tokio::test]
async fn a_form_without_a_reason_says_so_on_its_own_page() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 1).await;
    let dossier = format!("/dossiers/{}", code(1));
    check(&stage, &dossier, &format!("{dossier}/persons"), &[("reason", " ")], &code(1)).await;
    check(&stage, "/post", "/post/persons", &[("tab", "desk"), ("reason", "")], "Phiếu bàn giao").await;
    check(&stage, "/post", "/post/slip", &[("tab", "desk"), ("reason", "")], "Phiếu bàn giao").await;
    let pause = [("scope", "commune-8"), ("reason", ""), ("until", "")];
    check(&stage, "/partners", "/partners/pause", &pause, "Dự kiến đến").await;
    check(&stage, "/partners", "/partners/resume", &pause[..2], "Dự kiến đến").await;
    let typed = "agency,period,received\nH11.01.07,2022-09,12";
    check(&stage, "/sync/reported", "/sync/reported", &[("counts", typed), ("reason", "")], typed).await;
}
