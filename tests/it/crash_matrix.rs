//! The crash matrix: the gateway dies at every commit and every send, for each class of partner answer, and is started
//! again; then the partners' own books are read.
//!
//! Each cell is a world of its own with three dossiers, a pickup, a return and its cancel. It counts only if the
//! gateway really died where the cell says. `ARCHITECTURE.md` has the windows, `src/proof.rs` the crash points.

mod cell;
mod commands;
mod rare;
mod single;
mod story;

use cell::{Answer, Cell, Place, Subject};
use private_broker::{Broker, Vhost};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Worlds at once, of all matrices together: cells mostly wait.
const WORLDS: usize = 8;

/// Dies with the fourth answer of a comparison compared and not committed: `reconciled` lives it.
pub(crate) const COMPARED: &str = "reconcile.before_commit answer#4";

static ROOM: Semaphore = Semaphore::const_new(WORLDS);

/// Virtual hosts whose queue is empty: a new one costs a second.
static FREE: Mutex<Vec<Vhost>> = Mutex::new(Vec::new());

/// What is run without the features proves nothing, and must not look as if it did.
fn is_compiled_in() {
    if !cfg!(all(feature = "crash-points", feature = "sabotage")) {
        panic!("run with --features crash-points,sabotage: without them nothing dies");
    }
}

/// Lives all cells, so many at once; gives what failed.
async fn live_all(cells: Vec<Cell>) {
    is_compiled_in();
    let begun = Instant::now();
    let waiting = Arc::new(Mutex::new(cells.iter().rev().copied().collect::<Vec<_>>()));
    let mut workers = JoinSet::new();
    for _ in 0..WORLDS {
        workers.spawn(work(Arc::clone(&waiting)));
    }
    let mut results = Vec::new();
    while let Some(done) = workers.join_next().await {
        results.extend(done.unwrap());
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut failed = Vec::new();
    for (cell, result) in &results {
        match result {
            Ok(words) => {
                *counts.entry(words.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1
            }
            Err(why) => failed.push(format!("{cell}\n    {why}")),
        }
    }
    println!("{} cells in {:?}; died at", results.len(), begun.elapsed());
    for (point, count) in &counts {
        println!("  {point:<28} {count}");
    }
    assert_eq!(results.len(), cells.len());
    assert!(failed.is_empty(), "{} of {} cells failed:\n{}", failed.len(), cells.len(), failed.join("\n"));
}

/// Lives one cell after the other.
async fn work(waiting: Arc<Mutex<Vec<Cell>>>) -> Vec<(Cell, Result<String, String>)> {
    let mut results = Vec::new();
    while let Some(cell) = take(&waiting) {
        let _room = ROOM.acquire().await.unwrap();
        let free = FREE.lock().unwrap().pop();
        let vhost = match free {
            Some(vhost) => vhost,
            None => Broker::shared().await.unwrap().new_vhost().await.unwrap(),
        };
        let inside = vhost.clone();
        let mut one = JoinSet::new();
        one.spawn(async move { story::live(&cell, inside).await });
        let result = match one.join_next().await.unwrap() {
            Ok(words) => {
                // A cell that failed may have left something in its queue.
                FREE.lock().unwrap().push(vhost);
                check_words(&cell, &words)
            }
            Err(failure) => Err(told(failure)),
        };
        results.push((cell, result));
    }
    results
}

fn take(waiting: &Mutex<Vec<Cell>>) -> Option<Cell> {
    waiting.lock().unwrap().pop()
}

/// Whether it died where it was to die.
fn check_words(cell: &Cell, words: &str) -> Result<String, String> {
    let point = match cell.place {
        Place::Call(point) | Place::Outcome(point) | Place::AndAgain(point) | Place::Anywhere(point) => point,
        Place::Held => "held",
    };
    let wanted = point.split(['#', ' ']).next().unwrap_or_default();
    if words.split(' ').next() == Some(wanted) {
        Ok(words.to_owned())
    } else {
        Err(format!("it died at {words}"))
    }
}

fn told(failure: tokio::task::JoinError) -> String {
    match failure.try_into_panic() {
        Ok(panic) => panic
            .downcast::<String>()
            .map(|text| *text)
            .or_else(|panic| panic.downcast::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|_other| "a panic".to_owned()),
        Err(error) => error.to_string(),
    }
}

fn each(places: &[Place], subjects: &[Subject], answers: &[Answer]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for place in places {
        for subject in subjects {
            cells.extend(answers.iter().map(|answer| Cell::of(*place, *subject, *answer)));
        }
    }
    cells
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_between_claim_and_settlement_loses_nothing_and_doubles_nothing() {
    // Before the request leaves the answer only decides what the second attempt meets.
    let unsent = [Place::Call("claim.before_commit"), Place::Call("claim.after_commit")];
    let sent = [
        Place::Held,
        Place::Outcome("send.answered"),
        Place::Outcome("settle.before_commit"),
        Place::Outcome("settle.after_commit"),
    ];
    let others = [Subject::Record, Subject::Row5, Subject::Batch, Subject::Cancel, Subject::Status];
    let mut cells = each(&sent, &Subject::ALL, &Answer::ALL);
    cells.extend(each(&unsent, &[Subject::Row, Subject::Order], &Answer::ALL));
    cells.extend(each(&unsent, &others, &[Answer::Accepted, Answer::UncertainTaken]));
    live_all(cells).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_in_intake_gaps_tracking_look_up_or_recovery_loses_nothing_and_doubles_nothing() {
    let places = [
        Place::Anywhere("intake.received"),
        Place::Anywhere("intake.before_commit"),
        Place::Anywhere("intake.after_commit"),
        Place::Anywhere("intake.acknowledged"),
        Place::Anywhere("gaps.before_commit"),
        Place::Anywhere("gaps.after_commit"),
        Place::Anywhere("track.before_commit rows"),
        Place::Anywhere("track.after_commit rows"),
        Place::AndAgain("recovery.before_commit"),
        Place::AndAgain("recovery.after_commit"),
        Place::AndAgain("recovery.before_questions"),
    ];
    let mut cells = each(&places, &[Subject::Order], &Answer::ALL);
    for point in [
        "claim.before_commit question",
        "claim.after_commit question",
        "look_up.before_commit",
        "look_up.after_commit",
    ] {
        for answer in [Answer::UncertainTaken, Answer::UncertainNotTaken] {
            cells.push(Cell::of(Place::Anywhere(point), Subject::Order, answer));
        }
    }
    for point in ["migrate.before_commit", "migrate.after_commit"] {
        cells.push(Cell::of(Place::Anywhere(point), Subject::Order, Answer::Accepted));
    }
    live_all(cells).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_at_any_commit_loses_nothing_and_doubles_nothing() {
    let mut cells = Vec::new();
    for (pass, answer) in (1..=12).zip(Answer::ALL.iter().cycle()) {
        for point in ["journal.before_commit", "journal.after_commit"] {
            let place = Place::Anywhere(point);
            cells.push(Cell { pass: 4 * pass, ..Cell::of(place, Subject::Order, *answer) });
        }
    }
    live_all(cells).await;
}
