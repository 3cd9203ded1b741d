use super::*;
use crate::axis::testing;
use lienthong_core::outcome::Outcome;
use lienthong_http::testing::{Answers, Recorded, check_table};

fn phrases() -> Phrases {
    Phrases::new(&testing::settings("http://axis.example"))
}

fn answers() -> Answers {
    Answers::of(concat!(env!("CARGO_MANIFEST_DIR"), "/axis"))
}

fn verdict(recorded: &Recorded) -> Verdict {
    recorded.verdict(
        &[
            Operation::Login,
            Operation::Create,
            Operation::Update,
            Operation::AppendRows,
            Operation::SetStatus,
            Operation::LookUp,
        ],
        Operation::name,
        |operation, answer| classify(operation, answer, &phrases()),
        |operation, failure| TABLE.failed(operation.effect(), failure),
    )
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
    assert_eq!(REASONS.len(), TABLE.rows.len() + 3);
}

#[test]
fn a_login_never_refuses_the_handoff_that_waits_for_it() {
    for row in TABLE.rows {
        let outcome = TABLE.verdict(Operation::Login.effect(), row.text.code).outcome();
        assert!(
            !matches!(outcome, Outcome::Rejected(_) | Outcome::Uncertain(_)),
            "{} ends a login as {}",
            row.text.code,
            outcome.name()
        );
    }
}

#[test]
fn a_session_never_becomes_evidence() {
    let body = r#"{"session": "bi-mat", "error": null}"#;
    let answer = Answer { status: 200, content_type: None, retry_after: None, body: body.into() };
    let verdict = classify(Operation::Login, &answer, &phrases());
    assert!(!format!("{verdict:?}").contains("bi-mat"));
}

#[test]
fn phrases_are_configuration() {
    let mut settings = testing::settings("http://axis.example");
    settings.exists_phrases = vec!["  Trùng MÃ hồ sơ ".to_owned(), String::new()];
    settings.success_codes = vec!["1".to_owned()];
    let phrases = Phrases::new(&settings);
    let code_of = |body: &'static str| {
        let answer = Answer { status: 200, content_type: None, retry_after: None, body: body.into() };
        classify(Operation::Create, &answer, &phrases).row.text.code
    };
    assert_eq!(code_of(r#"{"error_code":9,"message":"trùng mã hồ sơ H56"}"#), "PORTAL-EXISTS");
    assert_eq!(code_of(r#"{"error_code":1,"message":"ok"}"#), "PORTAL-OK");
    assert_eq!(code_of(r#"{"error_code":0,"message":"ok"}"#), "PORTAL-UNLISTED");
}
