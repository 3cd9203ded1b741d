use super::*;
use bytes::Bytes;
use std::collections::BTreeSet;

const SOURCE: &str = "invented";

const fn row(code: &'static str, ends: Ends) -> Row {
    Row::new(code, ends, SOURCE, "Câu tiếng Việt.", "A sentence.")
}

const TABLE: Table = Table {
    prefix: "X",
    rows: &[
        row("X-OK", Ends::Accepted),
        row("X-MISSING", Ends::Rejected).at("dossier.code").cured_by(Cure::OtherHalf),
        row("X-HTTP-401", Ends::Blocked).cured_by(Cure::Renew),
        row("X-HTTP-403", Ends::Blocked).cured_by(Cure::Renew),
        row("X-HTTP-429", Ends::Unavailable),
        row("X-HTTP-503", Ends::Unavailable),
        row("X-HTTP-5XX", Ends::Uncertain),
        row("X-HTTP-3XX", Ends::Blocked),
        row("X-WRONG-ADDRESS", Ends::Blocked),
        row("X-UNLISTED", Ends::Rejected),
        row("X-UNREADABLE", Ends::Uncertain),
        row("X-UNREACHABLE", Ends::Unavailable),
        row("X-NO-ANSWER", Ends::Uncertain),
        row("X-CERTIFICATE", Ends::Blocked),
    ],
};

fn page(status: u16, retry_after: Option<Duration>, body: &'static str) -> Answer {
    Answer { status, content_type: None, retry_after, body: Bytes::from_static(body.as_bytes()) }
}

#[test]
fn a_status_says_the_same_everywhere() {
    fn check(status: u16, expected: ByStatus) {
        assert_eq!(by_status(status), expected, "{status}");
    }
    use ByStatus::{Refusal, Row, Success};
    for success in [200, 201, 202, 204] {
        check(success, Success);
    }
    for redirect in [300, 302, 304, 307] {
        check(redirect, Row(Usual::Redirected));
    }
    check(400, Refusal(Usual::Unreadable));
    check(401, Row(Usual::Unauthorised));
    check(403, Row(Usual::Forbidden));
    check(404, Refusal(Usual::WrongAddress));
    check(405, Refusal(Usual::WrongAddress));
    check(409, Refusal(Usual::Unreadable));
    check(422, Refusal(Usual::Unreadable));
    check(429, Row(Usual::TooMany));
    check(500, Row(Usual::ServerError));
    check(502, Row(Usual::ServerError));
    check(503, Row(Usual::OutOfService));
    check(504, Row(Usual::ServerError));
    check(999, Row(Usual::Unreadable));
}

#[test]
fn a_failure_is_uncertain_only_for_what_may_have_left_and_writes() {
    fn check(kind: FailureKind, code: &str, ends: [&str; 3]) {
        for (effect, name) in [Effect::Writes, Effect::Reads, Effect::Credential].into_iter().zip(ends) {
            let failure = Failure::new(kind, None, None);
            let left = failure.left;
            let outcome = TABLE.failed(effect, &failure).outcome();
            assert_eq!((outcome.reason().code.as_str(), outcome.name()), (code, name), "{kind:?} {effect:?}");
            if let Outcome::Unavailable { unsent, wait, .. } = outcome {
                assert_eq!((unsent, wait), (left == Left::No, None), "{kind:?}");
            }
        }
    }
    for kind in [
        FailureKind::Unbuildable,
        FailureKind::NameNotFound,
        FailureKind::Refused,
        FailureKind::ConnectTimedOut,
        FailureKind::NotConnected,
    ] {
        check(kind, "X-UNREACHABLE", ["unavailable"; 3]);
    }
    check(FailureKind::Tls, "X-CERTIFICATE", ["blocked"; 3]);
    for kind in [FailureKind::Deadline, FailureKind::ClosedEarly] {
        check(kind, "X-NO-ANSWER", ["uncertain", "unavailable", "unavailable"]);
    }
    for kind in [FailureKind::BodyTooLarge, FailureKind::Malformed] {
        check(kind, "X-UNREADABLE", ["uncertain", "unavailable", "unavailable"]);
    }
}

#[test]
fn a_credential_never_refuses_the_handoff_that_waits_for_it() {
    fn check(code: &'static str, ends: [&str; 3]) {
        for (effect, name) in [Effect::Writes, Effect::Reads, Effect::Credential].into_iter().zip(ends) {
            assert_eq!(TABLE.verdict(effect, code).outcome().name(), name, "{code} {effect:?}");
        }
    }
    check("X-OK", ["accepted"; 3]);
    check("X-MISSING", ["rejected", "unavailable", "blocked"]);
    check("X-HTTP-429", ["unavailable"; 3]);
    check("X-HTTP-5XX", ["uncertain", "unavailable", "unavailable"]);
    check("X-HTTP-401", ["blocked"; 3]);
}

#[test]
fn a_usual_row_brings_its_wait_and_a_short_piece_of_the_page() {
    let wait = Some(Duration::from_secs(7));
    let long = Answer { body: "ấ".repeat(9000).into(), ..page(429, wait, "") };
    let outcome = TABLE.answered(Effect::Writes, Usual::TooMany, &long).outcome();
    assert_eq!(outcome.reason().said.as_ref().unwrap().chars().count(), EVIDENCE_LIMIT);
    assert!(matches!(outcome, Outcome::Unavailable { wait: found, unsent: false, .. } if found == wait));
    let blank = TABLE.answered(Effect::Writes, Usual::ServerError, &page(502, None, " \n")).outcome();
    assert_eq!(blank.reason().said, None);
}

#[test]
fn the_body_of_a_credential_is_never_evidence() {
    let answer = page(200, None, r#"{"access_token": "bi-mat"}"#);
    let verdict = TABLE.answered(Effect::Credential, Usual::Unreadable, &answer);
    assert!(!format!("{verdict:?}").contains("bi-mat"));
    assert_eq!(verdict.saying("Sai mật khẩu").outcome().reason().said.as_deref(), Some("Sai mật khẩu"));
}

#[test]
fn a_code_that_no_row_knows_becomes_the_reason() {
    fn check(code: &str, expected: &str) {
        let outcome = TABLE.unlisted(Effect::Writes, code).saying("Lỗi").outcome();
        assert_eq!((outcome.name(), outcome.reason().code.as_str()), ("rejected", expected));
    }
    check("57", "X-57");
    check("lỗi", "X-LI");
    check("…", "X-UNLISTED");
    // Not the sentence of another row.
    check("ok", "X-UNLISTED-OK");
    check("HTTP-429", "X-UNLISTED-HTTP-429");
}

#[test]
fn a_row_names_the_field_to_correct() {
    let reason = TABLE.verdict(Effect::Writes, "X-MISSING").outcome().reason().clone();
    assert_eq!(reason.field.as_deref(), Some("dossier.code"));
}

#[test]
fn all_sentences_are_the_rows_and_the_adapters_own() {
    const OWN: ReasonText = ReasonText { code: "X-OWN", vi: "Câu.", en: "Own." };
    let texts: [ReasonText; TABLE.rows.len() + 1] = sentences(TABLE.rows, &[OWN]);
    let codes: BTreeSet<&str> = texts.iter().map(|text| text.code).collect();
    assert_eq!(codes.len(), TABLE.rows.len() + 1);
    assert_eq!(texts[TABLE.rows.len()].code, "X-OWN");
}
