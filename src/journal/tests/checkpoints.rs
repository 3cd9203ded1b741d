//! Checkpoints beside the writer.

use super::world::World;
use crate::journal::checkpoints::{COMMITS, Checkpoints};
use crate::journal::open;
use std::os::unix::fs::MetadataExt as _;

#[test]
fn what_was_committed_is_copied_into_the_file_while_its_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let writer = open::connect(&path).unwrap();
    writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    let (mut checkpoints, size) = (Checkpoints::start(&path).unwrap(), || path.metadata().unwrap().len());
    let before = size();
    writer.execute("CREATE TABLE t (x INTEGER)", []).unwrap();
    for x in 0..COMMITS {
        writer.execute("INSERT INTO t VALUES (?1)", [x]).unwrap();
        checkpoints.note();
    }
    // The end of the thread is the end of what it was asked for.
    drop(checkpoints);
    assert!(size() > before, "{before}");
}

/// SQLite's locks on a file end when the process closes it in any other way (POSIX), and then another program may throw the
/// write-ahead log away.
#[tokio::test]
async fn the_locks_of_the_journal_outlive_whoever_opens_it_again() {
    let world = World::open();
    let path = &world.settings.journal.path;
    drop(open::connect(path).unwrap());
    let shared = format!(":{} 1073741826 ", path.metadata().unwrap().ino());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    assert!(locks.contains(&shared), "no{shared}in\n{locks}");
}
