//! The order of things: written to the journal's log, the log synced, and only then acknowledged.

use super::trace::{Call, acks};
use std::collections::BTreeSet;

/// Length of the header before each page in SQLite's write-ahead log (file format, "WAL Frame Header").
const FRAME_HEADER: usize = 24;

/// What a trace showed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// Messages acknowledged.
    pub(super) acknowledged: usize,
    /// Acknowledgements sent.
    pub(super) acks: usize,
    /// Syncs of the log that succeeded.
    pub(super) syncs: usize,
}

/// One step, at its line of the trace.
enum Step<'a> {
    Written(&'a Call),
    SyncBegins(usize),
    SyncEnds(usize),
    Acknowledged(u64, bool),
}

/// Checks that every acknowledgement left after a sync which began after the commit of every message that it covers.
///
/// `ids[n]` is the id of the message with the delivery tag `n + 1`. A message is *committed* once a page with its id, and
/// the last page of the transaction (the frame whose header holds the size of the database), have been written.
///
/// # Errors
/// Names the first acknowledgement that came too early.
pub(super) fn check(calls: &[Call], ids: &[String]) -> Result<Shown, String> {
    let mut shown = Shown::default();
    let mut log = Log::default();
    let mut durable: BTreeSet<usize> = BTreeSet::new();
    let mut syncing: Vec<(usize, BTreeSet<usize>)> = Vec::new();
    let mut acknowledged = 0;
    for (line, step) in steps(calls) {
        match step {
            Step::Written(call) => log.write(&call.bytes, ids),
            Step::SyncBegins(sync) => syncing.push((sync, log.committed.clone())),
            Step::SyncEnds(sync) => {
                shown.syncs += 1;
                for (_, committed) in syncing.extract_if(.., |(begun, _)| *begun == sync) {
                    durable.extend(committed);
                }
            }
            Step::Acknowledged(tag, multiple) => {
                let tag = usize::try_from(tag).map_err(|error| error.to_string())?;
                let covered = if multiple { acknowledged + 1..=tag } else { tag..=tag };
                for message in covered {
                    if !durable.contains(&(message - 1)) {
                        return Err(format!(
                            "message {message} is acknowledged at line {line} before it is synced"
                        ));
                    }
                    shown.acknowledged += 1;
                }
                acknowledged = tag;
                shown.acks += 1;
            }
        }
    }
    Ok(shown)
}

/// The write-ahead log as it grows.
#[derive(Default)]
struct Log {
    /// The frame under way is the last one of its transaction.
    commits: bool,
    seen: BTreeSet<usize>,
    committed: BTreeSet<usize>,
}

impl Log {
    fn write(&mut self, bytes: &[u8], ids: &[String]) {
        if let Ok(header) = <&[u8; FRAME_HEADER]>::try_from(bytes) {
            self.commits = header.iter().skip(4).take(4).any(|byte| *byte != 0);
            return;
        }
        let found = |id: &String| bytes.windows(id.len()).any(|window| window == id.as_bytes());
        let new = ids.iter().enumerate().filter(|(index, id)| !self.committed.contains(index) && found(id));
        self.seen.extend(new.map(|(index, _)| index).collect::<Vec<_>>());
        if std::mem::take(&mut self.commits) {
            self.committed.append(&mut self.seen);
        }
    }
}

fn steps(calls: &[Call]) -> Vec<(usize, Step<'_>)> {
    let mut steps: Vec<(usize, Step<'_>)> = Vec::new();
    for (index, call) in calls.iter().enumerate().filter(|(_, call)| call.file.ends_with("journal.db-wal")) {
        match call.name.as_str() {
            "fsync" | "fdatasync" if call.result == 0 => {
                steps.push((call.begin, Step::SyncBegins(index)));
                steps.push((call.end, Step::SyncEnds(index)));
            }
            "write" | "pwrite64" if call.result > 0 => steps.push((call.end, Step::Written(call))),
            _failed_or_other => {}
        }
    }
    steps.extend(acks(calls).iter().map(|ack| (ack.at, Step::Acknowledged(ack.tag, ack.multiple))));
    steps.sort_by_key(|(line, _)| *line);
    steps
}
