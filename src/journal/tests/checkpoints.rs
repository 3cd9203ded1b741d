//! Checkpoints beside the writer.

use crate::journal::checkpoints::{COMMITS, Checkpoints};
use crate::journal::open;

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
