//! The digest as a program and a browser see it, over the fixed journal of `journal::tests::digest`.
//!
//! What is asked here does not depend on what time it is: contents of 2022 are not kept any more, and what is open stays so.

use crate::admin::tests::Stage;
use crate::clock;
use crate::journal::tests::digest::fixture::{code_of_b, fixed};
use crate::journal::tests::figures::fixture::{A, B};
use crate::journal::tests::world::code;
use lienthong_core::tables::day_in_vietnam;
use serde_json::{Value, json};

const DAY: &str = "/api/v1/digest?day=2022-09-15";

async fn stage() -> Stage {
    Stage::over(fixed().await).await
}

fn counts(seen: &Value) -> [&Value; 5] {
    ["failed", "healed_by_itself", "healed_by_hand", "ended_otherwise", "open"]
        .map(|share| &seen[share]["count"])
}

#[tokio::test]
async fn whoever_asks_is_told_of_her_agencies_and_of_no_other() {
    let stage = stage().await;
    for (name, expected) in [("minh", [12, 3, 3, 2, 4]), ("lan", [11, 3, 3, 2, 3]), ("binh", [1, 0, 0, 0, 1])]
    {
        let (status, seen) = stage.asks(name, DAY).await;
        assert_eq!((status, counts(&seen)), (200, expected.map(|count| json!(count)).each_ref()), "{name}");
    }
    let (_, one) = stage.asks("minh", &format!("{DAY}&agency={A}")).await;
    assert_eq!(one["failed"]["count"], 11);
    for (name, agency) in [("lan", B), ("binh", A), ("lan", "H11.*")] {
        let (status, problem) = stage.asks(name, &format!("{DAY}&agency={agency}")).await;
        assert_eq!((status, problem["code"].as_str()), (404, Some("not-found")), "{name} {agency}");
    }
    let (status, _) = stage.asks("nobody", DAY).await;
    assert_eq!(status, 401);
    let (_, seen) = stage.asks("lan", DAY).await;
    assert_eq!((&seen["complete"], &seen["totals"]["events"]), (&json!(true), &Value::Null));
    let advised = seen["open"]["reasons"].as_array().unwrap();
    assert!(advised.iter().all(|reason| reason["advice"]["vi"].is_string()), "{advised:?}");
}

#[tokio::test]
async fn a_day_is_yesterday_unless_one_that_has_begun_is_asked_for() {
    let stage = stage().await;
    let today = day_in_vietnam(clock::now());
    let (status, seen) = stage.asks("tam", "/api/v1/digest").await;
    let yesterday = today.yesterday().unwrap().to_string();
    assert_eq!((status, seen["day"].as_str(), &seen["complete"]), (200, Some(&*yesterday), &json!(true)));
    let (_, seen) = stage.asks("tam", &format!("/api/v1/digest?day={today}")).await;
    assert_eq!((&seen["complete"], &seen["totals"]["events"]), (&json!(false), &json!(0)));
    assert!(seen["says"]["vi"].as_str().unwrap().contains("chưa hết ngày, số liệu đến "), "{}", seen["says"]);
    let tomorrow = today.tomorrow().unwrap();
    for wrong in [tomorrow.to_string(), "mai".to_owned(), "2022-02-30".to_owned()] {
        let (status, problem) = stage.asks("tam", &format!("/api/v1/digest?day={wrong}")).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("input")), "{wrong}");
    }
}

#[tokio::test]
async fn the_page_shows_the_digest_from_the_first_page_on() {
    let stage = stage().await;
    let mut browser = stage.logged_in("lan").await;
    let first = browser.gets("/").await;
    assert!(first.body.contains("<a href=\"/digest\">Bản tin ngày</a>"), "{}", first.body);
    let page = browser.gets("/digest?day=2022-09-15").await;
    assert_eq!(page.status, 200);
    let says =
        "11 việc có lỗi; 3 tự khắc phục, 3 do người vận hành khắc phục, 2 kết thúc cách khác, 3 còn mở.";
    for words in [says, "Còn mở: 3", "Tự khắc phục: 3", "TEST-57", "Nên làm: Gọi bưu cục", "không còn lưu"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(page.body.contains(&format!("href=\"/dossiers/{}\"", code(6))), "{}", page.body);
    assert!(!page.body.contains(&code_of_b()) && !page.body.contains("Bưởi"), "{}", page.body);
    assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "nothing inline");
    let wrong = browser.gets("/digest?day=2199-01-01").await;
    assert!(wrong.status == 422 && wrong.body.contains("Ngày đó chưa đến"), "{}", wrong.body);
    let english = browser.gets("/language/en?back=%2Fdigest").await;
    assert_eq!(english.status, 303);
    let page = browser.gets("/digest?day=2022-09-15").await;
    assert!(page.body.contains("11 handoffs failed; 3 healed by themselves"), "{}", page.body);
}
