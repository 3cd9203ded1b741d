//! The model test: thousands of small lives under every fault, on the journal and on a model of it in memory.
//!
//! Each life is drawn from one seed: desks that change their minds, messages that come late, twice, out of order or not
//! at all, partners that refuse, lose answers or fall silent, two workers whose answers cross, an operator, a clock that
//! jumps, and a process that dies between any two calls, at any commit and in its recovery. After **every** step
//! [`promises`] checks what stands; [`sending`] judges each request before it leaves; [`ending`] judges what is left.
//!
//! ```text
//! desk ─▶ wire ─▶ admit ─▶ claim ─▶ partner ─▶ settle          life · steps · operator draw what happens
//!                    both stores, step by step                 disk = the journal, memory = the model
//!                    promises after every step                 book, partners = the judge's own notes
//! ```
//!
//! The checks share nothing with the engine's decisions; the model in memory shares only the core's pure functions. The
//! seed of a failing life is printed with its story; `LIENTHONG_MODEL_SEED` leads that one life again,
//! `LIENTHONG_MODEL_FIRST` says with which life to begin (the gate takes it from the hash of the sources, so that its
//! verdict on them is the same everywhere), `LIENTHONG_MODEL_CASES` how many are led.

mod ahead;
mod answers;
mod book;
mod classes;
mod desk;
mod disk;
mod ending;
mod law;
mod life;
mod memory;
mod operator;
mod partners;
mod promises;
mod sending;
mod steps;
mod store;
mod tally;
mod town;
mod twin;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use tally::Tally;

/// Lives in the gate: as many as five minutes on two cores have room for.
const CASES: u64 = 4_000;

/// Lives led at once: the gate's machine has two cores.
const WORKERS: u64 = 2;

#[expect(clippy::disallowed_methods, reason = "which lives are led is asked of the person who runs the test")]
fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// Leads one life; a broken promise comes with the whole story.
fn lead(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let mut story = Vec::new();
    let led = catch_unwind(AssertUnwindSafe(|| life::lead(seed, tally, &mut story)));
    let broken = match led {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(broken)) => broken,
        Err(_panic) => "a panic".to_owned(),
    };
    let story = story.join("\n");
    Err(format!("{story}\n\n{broken}\n\nonce more: LIENTHONG_MODEL_SEED={seed}"))
}

#[test]
fn every_small_life_keeps_the_promises() {
    if let Some(seed) = setting("LIENTHONG_MODEL_SEED") {
        let mut tally = Tally::default();
        let led = lead(seed, &mut tally);
        println!("{}", tally.lines());
        return led.unwrap_or_else(|broken| panic!("{broken}"));
    }
    let cases = setting("LIENTHONG_MODEL_CASES").unwrap_or(CASES);
    let first = setting("LIENTHONG_MODEL_FIRST").unwrap_or_else(|| rand::random::<u64>() >> 16);
    println!("{cases} lives from seed {first}");
    let next = AtomicU64::new(0);
    let worker = || {
        let mut tally = Tally::default();
        loop {
            let case = next.fetch_add(1, Ordering::Relaxed);
            if case >= cases {
                return Ok(tally);
            }
            if let Err(broken) = lead(first + case, &mut tally) {
                // The others need not go on.
                next.store(cases, Ordering::Relaxed);
                return Err(broken);
            }
        }
    };
    let led: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("panics are caught")).collect()
    });
    let mut tally = Tally::default();
    for led in led {
        tally.join(&led.unwrap_or_else(|broken| panic!("{broken}")));
    }
    println!("{}", tally.lines());
    let rare = tally.too_rare(&classes::LEAST, cases);
    assert!(rare.is_empty(), "these lives are too easy: {rare:#?}");
}
