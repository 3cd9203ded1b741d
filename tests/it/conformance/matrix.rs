//! Makes every cell of the table happen.

use super::operation::Operation;
use super::stage::{Setup, Stage};
use super::table::{self, Row, Trouble};
use mock_kit::{Deed, Fault, Stage as ResetAt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;

/// A stage on which the trouble is about to strike.
async fn troubled(row: &Row, operation: Operation) -> Stage {
    let tls = matches!(row.trouble, Trouble::Shows(_));
    let stage = Stage::prepared(operation, Setup { tls, ..Setup::default() }).await;
    let unread = Deed::Reset { stage: ResetAt::BeforeReading };
    match &row.trouble {
        Trouble::None => {}
        Trouble::Down => {
            stage.portal.go_down().await;
            stage.post.go_down().await;
        }
        Trouble::Does(deed) if *deed == unread => {
            stage.fault(Fault::new(deed.clone()).on(operation.endpoint()));
        }
        Trouble::Does(deed) => stage.fault(Fault::new(deed.clone()).on(operation.wire())),
        Trouble::DoesOnce(deed) => stage.fault(Fault::new(deed.clone()).on(operation.wire()).times(1)),
        Trouble::DeadCredential => {
            stage.portal.partner().expire_sessions(None);
            stage.post.partner().expire_tokens(None);
        }
        Trouble::Shows(certificate) => stage.show(*certificate).await,
    }
    stage
}

/// Whether the row ends when the deadline passes, and not before.
fn waits_for_the_deadline(row: &Row) -> bool {
    match &row.trouble {
        Trouble::Does(Deed::Silence { .. }) => true,
        Trouble::Does(Deed::Slow { ms_per_byte } | Deed::SlowHead { ms_per_byte }) => *ms_per_byte > 1_000,
        Trouble::Does(_)
        | Trouble::None
        | Trouble::Down
        | Trouble::DoesOnce(_)
        | Trouble::DeadCredential
        | Trouble::Shows(_) => false,
    }
}

/// All operations meet the trouble at once, each with its partner.
async fn check(row: &Row) {
    let mut attempts = JoinSet::new();
    let mut stages = Vec::new();
    for operation in Operation::ALL {
        let stage = Arc::new(troubled(row, operation).await);
        stages.push((operation, Arc::clone(&stage)));
        attempts.spawn(async move { (operation, stage.act(operation).await) });
    }
    let in_time = waits_for_the_deadline(row);
    if in_time {
        for (_, stage) in &stages {
            stage.received(1).await;
        }
        // All that is left to happen is that the deadlines pass.
        tokio::time::pause();
    }
    let outcomes = attempts.join_all().await;
    if in_time {
        tokio::time::resume();
    }
    for (operation, stage) in stages {
        let (_, outcome) = outcomes.iter().find(|(other, _)| *other == operation).unwrap();
        let calls = row.expected_calls(operation);
        let received = stage.calls_of(calls.split_whitespace().count()).await;
        let expected = (row.expected(operation), calls);
        assert_eq!((outcome.clone(), received), expected, "{}: {operation:?}", row.name);
    }
}

async fn check_all(rows: Vec<Row>) {
    for row in rows {
        check(&row).await;
    }
}

#[tokio::test]
async fn what_they_answer_is_a_receipt_or_may_have_been_one() {
    check_all(table::answers()).await;
}

#[tokio::test]
async fn a_status_says_whether_they_took_it() {
    check_all(table::statuses()).await;
}

#[tokio::test]
async fn a_refusal_in_their_words_is_kept_as_theirs() {
    check_all(table::refusals()).await;
}

#[tokio::test]
async fn what_is_not_answered_may_have_been_taken() {
    check_all(table::silences()).await;
}

#[tokio::test]
async fn what_never_left_was_not_taken() {
    check_all(table::connections()).await;
}

#[test]
fn no_cell_of_the_table_is_missing() {
    let rows = table::all();
    let names: BTreeSet<&str> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), rows.len(), "a row stands twice");
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    let mut kinds = BTreeSet::new();
    println!("{:<42} {}", "trouble", Operation::ALL.map(|operation| format!("{operation:?}")).join(" "));
    for row in &rows {
        let letters = row.letters();
        assert_eq!(letters.len(), Operation::ALL.len(), "{}: a cell is missing, or one too many", row.name);
        for operation in Operation::ALL {
            row.expected(operation);
        }
        letters.iter().for_each(|letter| *counts.entry(*letter).or_default() += 1);
        if let Trouble::Does(deed) | Trouble::DoesOnce(deed) = &row.trouble {
            kinds.insert(deed.kind());
        }
        println!("{:<42} {}", row.name, letters.iter().collect::<String>());
    }
    println!("{} troubles × {} operations: {counts:?}", rows.len(), Operation::ALL.len());
    assert_eq!(kinds, BTreeSet::from(Deed::KINDS), "a deed of the mocks has no row");
    assert_eq!(counts.values().sum::<usize>(), rows.len() * Operation::ALL.len());
    assert!(rows.len() >= 50, "{} rows", rows.len());
    let outcomes = ['A', 'B', 'F', 'H', 'N', 'P', 'Q', 'R', 'U', 'n'];
    assert!(counts.keys().copied().eq(outcomes), "{counts:?}");
}
