use super::*;
use crate::testing;
use lienthong_http::Left;
use serde_json::Value;
use std::collections::BTreeSet;

/// A recorded answer and what it must mean.
struct Recorded {
    file: String,
    fields: Value,
}

impl Recorded {
    fn text(&self, key: &str) -> &str {
        self.fields[key].as_str().unwrap_or_else(|| panic!("{}: {key}", self.file))
    }

    fn operation(&self) -> Operation {
        [Operation::Login, Operation::Create, Operation::Update, Operation::AppendRows, Operation::LookUp]
            .into_iter()
            .find(|operation| operation.name() == self.text("operation"))
            .unwrap_or_else(|| panic!("{}: operation", self.file))
    }

    fn verdict(&self) -> Verdict {
        if let Some(name) = self.fields["failure"].as_str() {
            return Verdict::of_failure(self.operation(), &failure(name));
        }
        let body = &self.fields["body"];
        let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
        let answer = Answer {
            status: u16::try_from(self.fields["status"].as_u64().unwrap()).unwrap(),
            content_type: None,
            retry_after: self.fields["retry_after_seconds"].as_u64().map(Duration::from_secs),
            body: body.into(),
        };
        classify(self.operation(), &answer, &phrases())
    }
}

fn failure(name: &str) -> Failure {
    let (kind, left) = [
        (FailureKind::Refused, Left::No),
        (FailureKind::NameNotFound, Left::No),
        (FailureKind::Tls, Left::No),
        (FailureKind::Deadline, Left::Maybe),
        (FailureKind::ClosedEarly, Left::Maybe),
        (FailureKind::BodyTooLarge, Left::Maybe),
    ]
    .into_iter()
    .find(|(kind, _)| kind.name() == name)
    .unwrap();
    Failure { left, kind, status: None, source: None }
}

fn phrases() -> Phrases {
    Phrases::new(&testing::settings("http://axis.example"))
}

fn recorded() -> Vec<Recorded> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/answers");
    let mut all: Vec<Recorded> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let fields = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            Recorded { file: path.file_name().unwrap().to_string_lossy().into_owned(), fields }
        })
        .collect();
    all.sort_by(|a, b| a.file.cmp(&b.file));
    all
}

#[test]
fn every_recorded_answer_means_what_its_file_says() {
    for answer in recorded() {
        let verdict = answer.verdict();
        let file = &answer.file;
        assert_eq!(verdict.row.text.code, answer.text("row"), "{file}");
        let cure = match verdict.row.cure {
            Cure::Nothing => "nothing",
            Cure::OtherHalf => "other-half",
            Cure::Renew => "renew",
        };
        assert_eq!(cure, answer.text("cure"), "{file}");
        let outcome = verdict.outcome();
        assert_eq!(outcome.name(), answer.text("outcome"), "{file}");
        assert_eq!(outcome.reason().code.as_str(), answer.text("code"), "{file}");
        if let Outcome::Unavailable { wait, unsent, .. } = &outcome {
            let expected = answer.fields["retry_after_seconds"].as_u64().map(Duration::from_secs);
            assert_eq!(*wait, expected, "{file}");
            assert_eq!(*unsent, answer.text("row") == "PORTAL-UNREACHABLE", "{file}");
        }
        assert!(!answer.text("source").is_empty(), "{file}");
    }
}

#[test]
fn every_row_has_an_answer_and_every_answer_a_row() {
    let rows: BTreeSet<String> = TABLE.iter().map(|row| row.text.code.to_owned()).collect();
    let answered: BTreeSet<String> = recorded().iter().map(|answer| answer.text("row").to_owned()).collect();
    assert_eq!(rows, answered);
    assert_eq!(rows.len(), TABLE.len(), "a code stands twice");
}

#[test]
fn every_row_and_reason_has_its_words() {
    for row in TABLE {
        assert!(!row.source.is_empty(), "{}", row.text.code);
    }
    let codes: BTreeSet<&str> = REASONS.iter().map(|reason| reason.code).collect();
    assert_eq!(codes.len(), REASONS.len(), "a code stands twice");
    assert_eq!(REASONS.len(), TABLE.len() + 2);
    for reason in REASONS {
        assert!(reason.code.starts_with("PORTAL-"), "{}", reason.code);
        assert!(!reason.vi.is_empty() && !reason.en.is_empty(), "{}", reason.code);
    }
}

#[test]
fn a_login_never_refuses_the_handoff_that_waits_for_it() {
    for row in TABLE {
        let outcome = Verdict::of(row.text.code, Operation::Login).outcome();
        assert!(
            !matches!(outcome, Outcome::Rejected(_) | Outcome::Uncertain(_)),
            "{} ends a login as {}",
            row.text.code,
            outcome.name()
        );
    }
}

#[test]
fn only_a_short_piece_of_a_page_is_kept() {
    let answer =
        Answer { status: 502, content_type: None, retry_after: None, body: "ấ".repeat(9000).into() };
    let outcome = classify(Operation::Create, &answer, &phrases()).outcome();
    assert_eq!(outcome.reason().said.as_ref().unwrap().chars().count(), EVIDENCE_LIMIT);
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
