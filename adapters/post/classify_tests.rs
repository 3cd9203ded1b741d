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
        [Operation::Token, Operation::Create, Operation::Cancel, Operation::Feed]
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
        classify(self.operation(), &answer, &testing::settings("http://ngsp.example").codes)
    }
}

fn failure(name: &str) -> Failure {
    let (kind, left) = [
        (FailureKind::Refused, Left::No),
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
        let outcome = verdict.outcome();
        assert_eq!(outcome.name(), answer.text("outcome"), "{file}");
        assert_eq!(outcome.reason().code.as_str(), answer.text("code"), "{file}");
        if let Outcome::Unavailable { wait, unsent, .. } = &outcome {
            let expected = answer.fields["retry_after_seconds"].as_u64().map(Duration::from_secs);
            assert_eq!(*wait, expected, "{file}");
            assert_eq!(*unsent, answer.text("row") == "POST-UNREACHABLE", "{file}");
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
fn every_row_has_its_words_and_stands_in_the_readme() {
    let readme = include_str!("README.md");
    for row in TABLE {
        let name = match row.ends {
            Ends::Accepted => "accepted",
            Ends::Rejected => "rejected",
            Ends::Unavailable => "unavailable",
            Ends::Uncertain => "uncertain",
            Ends::Blocked => "blocked",
        };
        assert!(!row.source.is_empty(), "{}", row.text.code);
        assert!(readme.contains(&format!("| `{}` | {name} |", row.text.code)), "{}", row.text.code);
    }
    assert_eq!(REASONS.len(), TABLE.len() + 1);
    for reason in REASONS {
        assert!(reason.code.starts_with("POST-"), "{}", reason.code);
        assert!(!reason.vi.is_empty() && !reason.en.is_empty(), "{}", reason.code);
    }
}

#[test]
fn a_token_never_becomes_evidence() {
    let body = r#"{"access_token": "bi-mat", "token_type": ["?"]}"#;
    let answer = Answer { status: 200, content_type: None, retry_after: None, body: body.into() };
    let verdict = classify(Operation::Token, &answer, &BTreeMap::new());
    assert!(!format!("{verdict:?}").contains("bi-mat"));
}

#[test]
fn a_code_means_what_the_configuration_says() {
    fn check(operation: Operation, status: &str, meaning: CodeMeaning, expected: (&str, &str)) {
        let codes = [(status.to_owned(), meaning)].into();
        let body = format!(r#"{{"Status": "{status}"}}"#);
        let answer = Answer { status: 201, content_type: None, retry_after: None, body: body.into() };
        let outcome = classify(operation, &answer, &codes).outcome();
        assert_eq!((outcome.name(), outcome.reason().code.as_str()), expected);
    }
    check(Operation::Create, "0", CodeMeaning::Done, ("accepted", "POST-OK"));
    check(Operation::Create, "7", CodeMeaning::AlreadyThere, ("accepted", "POST-101"));
    check(Operation::Cancel, "8", CodeMeaning::UnknownOrder, ("rejected", "POST-103"));
    check(Operation::Cancel, "9", CodeMeaning::AlreadyCollected, ("rejected", "POST-104"));
    // A meaning that the call cannot have is a code that nobody knows.
    check(Operation::Create, "8", CodeMeaning::UnknownOrder, ("rejected", "POST-8"));
    check(Operation::Cancel, "7", CodeMeaning::AlreadyThere, ("rejected", "POST-7"));
}
