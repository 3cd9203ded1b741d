use super::*;
use crate::wrapper::testing;
use lienthong_http::testing::{Answers, Recorded, check_table};

fn phrases() -> Phrases {
    Phrases::new(&testing::settings("http://lgsp.example"))
}

fn answers() -> Answers {
    Answers::of(concat!(env!("CARGO_MANIFEST_DIR"), "/wrapper"))
}

fn verdict(recorded: &Recorded) -> Verdict {
    recorded.verdict(
        &[Operation::Reach, Operation::Create, Operation::Update, Operation::AppendRows],
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
    assert_eq!(REASONS.len(), TABLE.rows.len() + 2);
}

fn code_of(operation: Operation, body: &'static str, phrases: &Phrases) -> String {
    let answer = Answer { status: 200, content_type: None, retry_after: None, body: body.into() };
    classify(operation, &answer, phrases).outcome().reason().code.to_string()
}

#[test]
fn what_rows_are_answered_is_read_as_people_read_it() {
    fn check(body: &'static str, expected: &str) {
        assert_eq!(code_of(Operation::AppendRows, body, &phrases()), expected, "{body}");
    }
    check("thành công", "WRAPPER-OK");
    check("\"Th\\u00e0nh c\\u00f4ng\"", "WRAPPER-OK");
    check("\u{feff}\r\n Cập nhật thành công 2 dòng.\r\n", "WRAPPER-OK");
    check("không thành công", "WRAPPER-REFUSED");
    check("Chưa thành công: hồ sơ không tồn tại", "WRAPPER-MISSING");
    check("Đã xảy ra lỗi", "WRAPPER-UNREADABLE");
    check("thành công, nhưng hồ sơ không tồn tại", "WRAPPER-UNREADABLE");
    check("thành công; không thành công", "WRAPPER-UNREADABLE");
    check("không thành  công", "WRAPPER-UNREADABLE");
    check("{\"ket_qua\": \"thành công\"}", "WRAPPER-UNREADABLE");
    check("{\"ket_qua\": \"thành công", "WRAPPER-UNREADABLE");
    check("true", "WRAPPER-UNREADABLE");
}

#[test]
fn phrases_are_configuration() {
    let mut settings = testing::settings("http://lgsp.example");
    settings.exists_phrases = vec!["  Trùng MÃ hồ sơ ".to_owned(), String::new()];
    settings.success_phrases = vec!["đã ghi".to_owned()];
    settings.failure_phrases = vec!["LỖI".to_owned()];
    settings.success_codes = vec!["1".to_owned()];
    let phrases = Phrases::new(&settings);
    let check = |operation, body, expected: &str| assert_eq!(code_of(operation, body, &phrases), expected);
    check(Operation::Create, r#"{"error_code":9,"message":"trùng mã hồ sơ H56"}"#, "WRAPPER-EXISTS");
    check(Operation::Create, r#"{"error_code":1,"message":"ok"}"#, "WRAPPER-OK");
    check(Operation::Create, r#"{"error_code":0,"message":"ok"}"#, "WRAPPER-0");
    check(Operation::AppendRows, "đã ghi", "WRAPPER-OK");
    check(Operation::AppendRows, "lỗi", "WRAPPER-REFUSED");
    check(Operation::AppendRows, "thành công", "WRAPPER-UNREADABLE");
}
