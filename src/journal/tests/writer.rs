//! The writer alone: jobs, commits and who shares them.

use crate::journal::Error;
use crate::journal::writer::Writer;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::sync_channel;

fn writer() -> Writer {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (x INTEGER UNIQUE)").unwrap();
    Writer::start(connection, Arc::default(), None).unwrap()
}

#[tokio::test]
async fn a_job_that_fails_leaves_its_neighbours_unharmed() {
    let writer = writer();
    let insert = |x: i64| {
        writer.write(move |tx| {
            tx.execute("INSERT INTO t VALUES (?1)", [x])?;
            if x == 2 { Err(Error::Missing("a reason to stay")) } else { Ok(x) }
        })
    };
    let (one, two, three) = tokio::join!(insert(1), insert(2), insert(3));
    assert!(one.is_ok() && two.is_err() && three.is_ok());
    let count: i64 =
        writer.write(|tx| Ok(tx.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)).await.unwrap();
    assert_eq!(count, 2);
    writer.close();
}

#[tokio::test]
async fn jobs_of_one_commit_are_done_again_one_by_one_when_one_fails() {
    let writer = writer();
    let runs = Arc::new(AtomicU32::new(0));
    let insert = |x: i64| {
        let runs = Arc::clone(&runs);
        move |tx: &Connection| {
            runs.fetch_add(1, Ordering::SeqCst);
            tx.execute("INSERT INTO t VALUES (?1)", [x])?;
            if x == 2 { Err(Error::Missing("a reason to stay")) } else { Ok(()) }
        }
    };
    // Holds the writer until the others wait for its commit; done again, it waits for nobody.
    let ((holds, held), (go, wait)) = (sync_channel::<()>(1), sync_channel::<()>(1));
    let mut again = false;
    let holding = writer
        .hand_over(move |_tx| {
            let told = std::mem::replace(&mut again, true) || (holds.send(()).is_ok() && wait.recv().is_ok());
            told.then_some(()).ok_or(Error::Missing("a word to go on"))
        })
        .await
        .unwrap();
    held.recv().unwrap();
    let mut waiting = Vec::new();
    for x in 1..=3 {
        waiting.push(writer.hand_over(insert(x)).await.unwrap());
    }
    go.send(()).unwrap();
    holding.written().await.unwrap();
    let mut ends = Vec::new();
    for written in waiting {
        ends.push(written.written().await);
    }
    assert!(matches!(ends.as_slice(), [Ok(()), Err(Error::Missing(_)), Ok(())]), "{ends:?}");
    let stored: Vec<i64> = writer
        .write(|tx| {
            Ok(tx
                .prepare("SELECT x FROM t ORDER BY x")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
        .await
        .unwrap();
    assert_eq!(stored, [1, 3]);
    assert_eq!(runs.load(Ordering::SeqCst), 5, "1 and 2 together, then 1, 2 and 3 one by one");
    writer.close();
}

#[tokio::test]
async fn a_job_that_comes_while_others_are_done_shares_their_commit() {
    let writer = writer();
    let ((begins, begun), (go, wait)) = (sync_channel::<()>(1), sync_channel::<()>(1));
    writer.refusals.until.store(1, Ordering::SeqCst);
    let first = writer
        .hand_over(move |tx| {
            tx.execute("INSERT INTO t VALUES (1)", [])?;
            let told = begins.send(()).is_ok() && wait.recv().is_ok();
            told.then_some(()).ok_or(Error::Missing("a word to go on"))
        })
        .await
        .unwrap();
    begun.recv().unwrap();
    let second = writer.hand_over(|tx| Ok(tx.execute("INSERT INTO t VALUES (2)", [])?)).await.unwrap();
    go.send(()).unwrap();
    let ends = (first.written().await, second.written().await);
    assert!(matches!(ends, (Err(Error::Commit(_)), Err(Error::Commit(_)))), "one commit failed: {ends:?}");
    writer.close();
}
