//! Promise 1 at its root: the journal's log is synced before the broker is told, seen from outside the process.
//!
//! The gateway runs under `strace`, which needs the right to trace its own children (`ptrace`); where that is forbidden
//! the test is red. `docs/proof.md` says how to read it.

mod order;
mod trace;

use crate::support::{DEADLINE, Dossier, Event, World, until};
use order::{Shown, check};
use std::path::Path;
use trace::{Call, read};

/// Messages that come one by one, each after the one before was stored.
const SINGLE: usize = 15;

/// Messages of a burst, and bursts.
const BURST: (usize, usize) = (25, 2);

/// Publishes one by one and in bursts; gives the ids in the order of the queue.
async fn publish(world: &World) -> Vec<String> {
    let mut events: Vec<Event> =
        (0..SINGLE + BURST.0 * BURST.1).map(|number| Dossier::new(number).status(2)).collect();
    let ids = events.iter().map(|event| event.0["id"].as_str().unwrap().to_owned()).collect();
    let bursts = events.split_off(SINGLE);
    let stored = |count: usize| world.journal().events() >= i64::try_from(count).unwrap();
    for (index, event) in events.iter().enumerate() {
        world.publish(std::slice::from_ref(event)).await;
        until("stored", DEADLINE, || stored(index + 1)).await;
    }
    for (index, burst) in bursts.chunks(BURST.0).enumerate() {
        world.publish(burst).await;
        until("stored", DEADLINE, || stored(SINGLE + (index + 1) * BURST.0)).await;
    }
    ids
}

/// The trace, once the tracer has written its last line.
async fn finished(path: &Path) -> String {
    let text = || std::fs::read_to_string(path).unwrap_or_default();
    until("the trace ends", DEADLINE, || text().trim_end().ends_with("+++ exited with 0 +++")).await;
    text()
}

#[tokio::test]
async fn every_acknowledgement_leaves_after_the_sync_of_what_it_acknowledges() {
    let world = World::new().await;
    let path = world.file("trace");
    let mut gateway = world.spawn_traced(&path);
    gateway.ready().await;
    let ids = publish(&world).await;
    world.settled(ids.len(), DEADLINE).await;
    gateway.stop().await;
    let calls = read(&finished(&path).await);
    let shown = check(&calls, &ids).unwrap();
    println!("{shown:?} among {} calls", calls.len());
    assert_eq!(shown.acknowledged, ids.len(), "every message was acknowledged, once");
    assert!(shown.acks > SINGLE && shown.syncs >= shown.acks, "{shown:?}");
    assert_eq!(world.publisher().await.waiting().await, 0);
}

fn on_log(name: &str, bytes: &[u8], begin: usize, end: usize) -> Call {
    let result = if bytes.is_empty() { 0 } else { i64::try_from(bytes.len()).unwrap() };
    let file = "/tmp/x/journal.db-wal".to_owned();
    Call { name: name.to_owned(), file, bytes: bytes.to_owned(), begin, end, result }
}

fn sent(bytes: &[u8], at: usize) -> Call {
    let file = "TCP:[127.0.0.1:4->127.0.0.1:5]".to_owned();
    let result = i64::try_from(bytes.len()).unwrap();
    Call { name: "sendto".to_owned(), file, bytes: bytes.to_owned(), begin: at, end: at, result }
}

fn ack(tag: u8) -> [u8; 21] {
    [1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 0, tag, 1, 0xCE]
}

/// The header of a frame, and whether it ends its transaction.
fn header(commits: bool) -> [u8; 24] {
    let mut header = [7; 24];
    header[4..8].copy_from_slice(&[0, 0, 0, u8::from(commits)]);
    header
}

/// A check that accepts everything proves nothing: these orders are wrong, and it says so.
#[test]
fn an_acknowledgement_before_the_sync_is_found() {
    let ids = ["id-0001".to_owned(), "id-0002".to_owned()];
    let greeting = || sent(b"AMQP\x00\x00\x09\x01", 0);
    let page = b"..id-0001..id-0002..";
    let written =
        || vec![greeting(), on_log("pwrite64", &header(true), 1, 1), on_log("pwrite64", page, 2, 2)];
    let with = |more: Vec<Call>| written().into_iter().chain(more).collect::<Vec<_>>();
    let good = with(vec![on_log("fdatasync", b"", 3, 4), sent(&ack(2), 5)]);
    assert_eq!(check(&good, &ids), Ok(Shown { acknowledged: 2, acks: 1, syncs: 1 }));
    let early = [
        ("no sync", with(vec![sent(&ack(2), 5)])),
        ("the sync has not ended", with(vec![on_log("fdatasync", b"", 3, 6), sent(&ack(2), 5)])),
        (
            "a sync that failed",
            with(vec![Call { result: -1, ..on_log("fdatasync", b"", 3, 4) }, sent(&ack(2), 5)]),
        ),
        ("a message that was not written", with(vec![on_log("fdatasync", b"", 3, 4), sent(&ack(3), 5)])),
        (
            "a sync that began before the write had ended",
            vec![
                greeting(),
                on_log("pwrite64", &header(true), 1, 1),
                on_log("fdatasync", b"", 2, 4),
                on_log("pwrite64", page, 2, 3),
                sent(&ack(2), 5),
            ],
        ),
        (
            "a transaction that was not complete",
            vec![
                greeting(),
                on_log("pwrite64", &header(false), 1, 1),
                on_log("pwrite64", page, 2, 2),
                on_log("fdatasync", b"", 3, 4),
                sent(&ack(2), 5),
            ],
        ),
    ];
    for (what, calls) in early {
        assert!(check(&calls, &ids).is_err(), "{what} is not found");
    }
}

#[test]
fn calls_of_several_threads_are_told_apart() {
    let trace = r#"11 pwrite64(4<\x2f\x6a\x2d\x77\x61\x6c>, "\x41\x42", 2, 24) = 2
12 sendto(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "\x43", 1, MSG_NOSIGNAL, NULL, 0 <unfinished ...>
11 fdatasync(4<\x2f\x6a\x2d\x77\x61\x6c> <unfinished ...>
12 <... sendto resumed>)             = 1
12 writev(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base="\x44", iov_len=1}, {iov_base="\x45\x46", iov_len=2}], 2) = 3
11 <... fdatasync resumed>)          = 0
11 sendto(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "\x47", 1, 0, NULL, 0) = -1 EAGAIN (Resource temporarily unavailable)
11 +++ exited with 0 +++
"#;
    let calls = read(trace);
    let short: Vec<_> = calls
        .iter()
        .map(|call| (call.name.as_str(), call.bytes.as_slice(), call.begin, call.end, call.result))
        .collect();
    let expected: Vec<(&str, &[u8], usize, usize, i64)> = vec![
        ("pwrite64", b"AB", 0, 0, 2),
        ("sendto", b"C", 1, 3, 1),
        ("fdatasync", b"", 2, 5, 0),
        ("writev", b"DEF", 4, 4, 3),
        ("sendto", b"G", 6, 6, -1),
    ];
    assert_eq!(short, expected);
    assert!(
        calls.iter().all(|call| ["/j-wal", "TCP:[127.0.0.1:1->127.0.0.1:2]"].contains(&call.file.as_str()))
    );
}
