use super::*;
use crate::myvnpost::testing;
use lienthong_http::testing::{Answers, Recorded, check_table};

fn states() -> States {
    testing::settings("http://my.example").tracking_codes
}

/// What a recorded answer means. A `search` is a page of the list, of which all orders have the number looked for.
fn verdict(recorded: &Recorded) -> Verdict {
    if recorded.text("operation") == "search" {
        let page = listed(&recorded.answer().unwrap().body).expect("a page of the list");
        return of_found(&page, &states());
    }
    recorded.verdict(
        &[
            Operation::Token,
            Operation::Create,
            Operation::Order,
            Operation::Cancel,
            Operation::List,
            Operation::History,
        ],
        Operation::name,
        |operation, answer| classify(operation, answer, &states()),
        |operation, failure| TABLE.failed(operation.effect(), failure),
    )
}

fn answers() -> Answers {
    Answers::of(concat!(env!("CARGO_MANIFEST_DIR"), "/myvnpost"))
}

#[test]
fn every_recorded_answer_means_what_its_file_says() {
    answers().check_meanings(verdict);
}

#[test]
fn every_row_has_an_answer_and_every_answer_a_row() {
    answers().check_rows(&TABLE);
}

#[test]
fn every_row_has_its_words_and_stands_in_the_readme() {
    check_table(&TABLE, REASONS, include_str!("README.md"));
    assert_eq!(REASONS.len(), TABLE.rows.len() + 2);
}

#[test]
fn a_token_never_becomes_evidence() {
    let body = r#"{"success": true, "token": ["bi-mat"]}"#;
    let answer = Answer { status: 200, content_type: None, retry_after: None, body: body.into() };
    let verdict = classify(Operation::Token, &answer, &States::new());
    assert!(!format!("{verdict:?}").contains("bi-mat"));
}

#[test]
fn what_they_say_is_kept_beside_the_refusal() {
    let body = r#"{"success": false, "message": "Mã xã người nhận không hợp lệ"}"#;
    let answer = Answer { status: 200, content_type: None, retry_after: None, body: body.into() };
    let outcome = classify(Operation::Create, &answer, &States::new()).outcome();
    assert_eq!(outcome.reason().said.as_deref(), Some("Mã xã người nhận không hợp lệ"));
}
