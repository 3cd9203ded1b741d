//! The figures as a program and a browser see them, over the fixed journal of `journal::tests::figures`.
//!
//! What is asked here does not depend on what time it is: counts of what was received, acknowledged and taken.

use crate::admin::tests::Stage;
use crate::journal::tests::figures::fixture::{A, B, ROWS, code, fixed};
use serde_json::{Value, json};

const NOVEMBER: &str = "/api/v1/figures?period=2026-11";

async fn stage() -> Stage {
    Stage::over(fixed().await).await
}

fn agencies(seen: &Value) -> Vec<&str> {
    seen["agencies"].as_array().unwrap().iter().map(|agency| agency["agency"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_clerk_reads_the_figures_of_her_commune_and_of_no_other() {
    let stage = stage().await;
    let (status, hers) = stage.asks("lan", NOVEMBER).await;
    assert_eq!((status, agencies(&hers)), (200, vec![A]));
    assert_eq!((&hers["total"]["received"], &hers["total"]["sync_percent"]), (&json!(15), &json!(80.0)));
    let (_, of_another) = stage.asks("binh", NOVEMBER).await;
    assert_eq!((agencies(&of_another), &of_another["total"]["received"]), (vec![B], &json!(1)));
    let (_, all) = stage.asks("minh", NOVEMBER).await;
    assert_eq!((all["agencies"].as_array().unwrap().len(), &all["total"]["denominator"]), (3, &json!(19)));
    let (_, asked) = stage.asks("lan", &format!("{NOVEMBER}&agency={B}")).await;
    assert_eq!((agencies(&asked), &asked["total"]["received"]), (vec![], &json!(0)));
    for path in ["missing?period=2026-11&", "list?list=failed&period=2026-11&"] {
        let (_, hers) = stage.asks("lan", &format!("/api/v1/figures/{path}")).await;
        assert!(!hers["lines"].as_array().unwrap().is_empty(), "{path}");
        let (_, of_another) = stage.asks("binh", &format!("/api/v1/figures/{path}")).await;
        assert_eq!(of_another["lines"], json!([]), "{path}");
    }
    let (status, _) = stage.asks("nobody", NOVEMBER).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_period_that_cannot_be_read_is_said_so() {
    let stage = stage().await;
    for query in ["period=2026-13", "from=2026-11-02&to=2026-11-01", "from=2026-11-02", "from=x&to=y"] {
        let (status, problem) = stage.asks("minh", &format!("/api/v1/figures?{query}")).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("input")), "{query}");
    }
    let (_, days) = stage.asks("minh", "/api/v1/figures?from=2026-11-19&to=2026-11-19").await;
    assert_eq!((&days["period"]["name"], &days["total"]["received"]), (&Value::Null, &json!(1)));
    let (status, problem) = stage.asks("minh", "/api/v1/figures/list?list=nothing").await;
    assert!(status == 422 && problem["vi"].as_str().unwrap().contains("without-9"), "{problem}");
}

#[tokio::test]
async fn counts_are_imported_by_operators_whole_or_not_at_all() {
    let stage = stage().await;
    let sends = async |name: &str, csv: &str| {
        let headers =
            [("authorization", &*format!("Bearer token-{name}")), ("content-type", "application/json")];
        let body = json!({ "csv": csv, "reason": "báo cáo tháng 11" }).to_string();
        let answer = stage.browser().sends("POST", "/api/v1/figures/reported", &headers, &body).await;
        (answer.status, serde_json::from_str::<Value>(&answer.body).unwrap())
    };
    let good = "agency,period,received\nH11.01.07,2026-11,20\n";
    assert_eq!(sends("lan", good).await.0, 403);
    let (status, problem) =
        sends("minh", "agency,period,received\nX,2026-99,1\nH11.01.07,2026-11,20\n").await;
    let said = problem["vi"].as_str().unwrap().to_owned();
    assert!(status == 422 && said.contains("line 2, agency") && said.contains("line 2, period"), "{said}");
    let (_, before) = stage.asks("lan", NOVEMBER).await;
    assert_eq!(before["total"]["reported"], Value::Null);
    assert_eq!(sends("minh", good).await, (200, json!({ "new": 1, "changed": 0, "same": 0 })));
    let (_, after) = stage.asks("lan", NOVEMBER).await;
    assert_eq!((&after["total"]["unheard"], &after["total"]["sync_percent"]), (&json!(5), &json!(60.0)));
    let act = "SELECT who || ', ' || reason || ', ' || detail FROM audit WHERE subject = 'H11.01.07'";
    let kept: String = stage.world.file().query_row(act, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "minh (web), báo cáo tháng 11, 2026-11: 20");
}

#[tokio::test]
async fn the_page_shows_the_figures_and_leads_to_the_lists_behind_them() {
    let stage = stage().await;
    let mut browser = stage.logged_in("lan").await;
    let page = browser.gets("/sync?period=2026-11").await;
    assert!(page.status == 200 && page.body.contains("80,00 %") && !page.body.contains(B), "{}", page.body);
    let link = "/sync/missing?period=2026-11&#38;agency=H11.01.07";
    assert!(page.body.contains(link) || page.body.contains(&link.replace("&#38;", "&amp;")), "{}", page.body);
    let missing = browser.gets("/sync/missing?period=2026-11&agency=H11.01.07").await;
    for n in [6, 7, 16] {
        assert!(missing.body.contains(&code(&ROWS[n - 1])), "{}", missing.body);
    }
    assert!(missing.body.contains("đã dừng, một cửa cần sửa thông tin"), "{}", missing.body);
    let failed = browser.gets("/sync/list?list=failed&period=2026-11").await;
    assert!(failed.body.contains(&code(&ROWS[11])), "{}", failed.body);
    let empty = browser.gets("/sync?period=2026-12").await;
    assert!(empty.body.contains("không có số liệu") && !empty.body.contains("100,00 %"), "{}", empty.body);
}

#[tokio::test]
async fn a_file_of_figures_opens_in_excel_and_holds_what_its_reader_may_see() {
    let stage = stage().await;
    let mut browser = stage.logged_in("lan").await;
    let page = browser.gets("/sync?period=2026-11&csv=1").await;
    let answer = browser.gets("/api/v1/figures.csv?period=2026-11").await;
    for file in [&page, &answer] {
        assert_eq!((file.status, file.header("content-type")), (200, Some("text/csv; charset=utf-8")));
        assert!(file.body.starts_with("\u{feff}\"Mã cơ quan\","), "{}", file.body);
        assert!(file.body.contains("\"80,00\"") && !file.body.contains(B), "{}", file.body);
        assert_eq!(file.body.lines().count(), 2, "{}", file.body);
    }
    let missing = browser.gets("/api/v1/figures/missing.csv?period=2026-11").await;
    assert_eq!(missing.body.lines().count(), 4, "{}", missing.body);
    let all = stage.logged_in("quan").await.gets("/sync?period=2026-11&csv=1").await;
    assert!(all.body.lines().count() == 5 && all.body.contains("\"Tổng\""), "{}", all.body);
}

#[tokio::test]
async fn an_operator_pastes_counts_into_the_page_and_a_clerk_cannot() {
    let stage = stage().await;
    let mut browser = stage.logged_in("minh").await;
    let csrf = browser.gets("/sync/reported").await.csrf().to_owned();
    let counts = "agency,period,received\nH11.01.09,2026-11,3\n";
    let fields = [("csrf", &*csrf), ("counts", counts), ("reason", "báo cáo")];
    let answer = browser.posts("/sync/reported", &fields).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/sync")));
    assert!(browser.gets("/sync?period=2026-11").await.body.contains("Đã nhập: 1 mới"));
    let mut clerk = stage.logged_in("lan").await;
    assert_eq!(clerk.gets("/sync/reported").await.status, 403);
    assert!(!clerk.gets("/sync").await.body.contains("/sync/reported"));
}
