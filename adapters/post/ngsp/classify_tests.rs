use super::*;
use crate::ngsp::testing;
use crate::orders::classify::{Operation, classify};
use crate::orders::settings::CodeMeaning;
use lienthong_http::Answer;
use lienthong_http::classify::Verdict;
use lienthong_http::testing::{Answers, Recorded, check_table};

fn answers() -> Answers {
    Answers::of(concat!(env!("CARGO_MANIFEST_DIR"), "/ngsp"))
}

fn verdict(recorded: &Recorded) -> Verdict {
    recorded.verdict(
        &[Operation::Token, Operation::Create, Operation::Cancel, Operation::Feed],
        Operation::name,
        |operation, answer| {
            classify(&WORDS, operation, answer, &testing::settings("http://ngsp.example").codes)
        },
        |operation, failure| WORDS.table.failed(operation.effect(), failure),
    )
}

#[test]
fn every_recorded_answer_means_what_its_file_says() {
    answers().check_meanings(verdict);
}

#[test]
fn every_row_has_an_answer_and_every_answer_a_row() {
    answers().check_rows(&WORDS.table);
}

#[test]
fn every_row_has_its_words_and_stands_in_the_readme() {
    check_table(&WORDS.table, REASONS, include_str!("README.md"));
    assert_eq!(REASONS.len(), WORDS.table.rows.len() + 1);
}

#[test]
fn a_token_never_becomes_evidence() {
    let body = r#"{"access_token": "bi-mat", "token_type": ["?"]}"#;
    let answer = Answer { status: 200, content_type: None, retry_after: None, body: body.into() };
    let verdict = classify(&WORDS, Operation::Token, &answer, &[].into());
    assert!(!format!("{verdict:?}").contains("bi-mat"));
}

#[test]
fn a_code_means_what_the_configuration_says() {
    fn check(operation: Operation, status: &str, meaning: CodeMeaning, expected: (&str, &str)) {
        let codes = [(status.to_owned(), meaning)].into();
        let body = format!(r#"{{"Status": "{status}"}}"#);
        let answer = Answer { status: 201, content_type: None, retry_after: None, body: body.into() };
        let outcome = classify(&WORDS, operation, &answer, &codes).outcome();
        assert_eq!((outcome.name(), outcome.reason().code.as_str()), expected);
    }
    check(Operation::Create, "0", CodeMeaning::Done, ("accepted", "POST-OK"));
    check(Operation::Create, "7", CodeMeaning::AlreadyThere, ("accepted", "POST-101"));
    check(Operation::Cancel, "8", CodeMeaning::UnknownOrder, ("rejected", "POST-103"));
    check(Operation::Cancel, "9", CodeMeaning::AlreadyCollected, ("rejected", "POST-104"));
    // A meaning that the call cannot have is a code that nobody knows.
    check(Operation::Create, "8", CodeMeaning::UnknownOrder, ("rejected", "POST-8"));
    check(Operation::Cancel, "7", CodeMeaning::AlreadyThere, ("rejected", "POST-7"));
    check(Operation::Cancel, "101", CodeMeaning::AlreadyThere, ("rejected", "POST-UNLISTED-101"));
}
