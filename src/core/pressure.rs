//! Back-pressure: when nothing more may be taken in, and when again.
//!
//! The backlog belongs in the broker: what cannot be stored soon and safely is not taken from the queue, and what was
//! taken is given back. Sending what is stored goes on where it can. Each reason ends by itself; none waits for a person.
//! What closed intake opens it again only well on the other side of the limit, so that it does not flap.

use std::time::Duration;

/// How long a store that fails is waited for before the batch in hand is given back: a lock held by a backup is over by
/// then, a full disk is not.
pub const STORE_PATIENCE: Duration = Duration::from_secs(10);

/// How long intake rests for memory at most. What was in hand is freed at once, but the allocator may keep the pages: they
/// are used again by what comes next, so waiting longer gains nothing.
pub const MEMORY_REST: Duration = Duration::from_secs(20);

/// Why nothing is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The store cannot be written.
    StoreFailed,
    /// Free room on the disk cannot be told.
    DiskUnknown,
    /// Too little room on the disk.
    DiskFull,
    /// Commits take too long.
    StoreSlow,
    /// Too much memory is in use.
    Memory,
}

/// The limits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Free disk, in bytes.
    pub disk_floor: u64,
    /// Resident memory, in bytes.
    pub memory_ceiling: u64,
    /// Time of a commit.
    pub commit: Duration,
}

/// How things are.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Free disk, in bytes, when it can be told.
    pub free: Option<u64>,
    /// Resident memory, in bytes, where the system tells it.
    pub resident: Option<u64>,
    /// Time of the last commit, or of the one under way if that is longer.
    pub commit: Duration,
    /// For how long the store has been failing.
    pub failing: Option<Duration>,
    /// For how long intake has been closed.
    pub closed_for: Duration,
}

/// Whether intake is closed, and why, when it was closed for `before` until now.
pub fn judge(before: Option<Stop>, reading: Reading, limits: Limits) -> Option<Stop> {
    let was = |stop| before == Some(stop);
    if reading.failing.is_some_and(|time| time >= STORE_PATIENCE || was(Stop::StoreFailed)) {
        return Some(Stop::StoreFailed);
    }
    let Some(free) = reading.free else { return Some(Stop::DiskUnknown) };
    let floor = limits.disk_floor;
    if free < if was(Stop::DiskFull) { floor.saturating_add(floor / 10) } else { floor } {
        return Some(Stop::DiskFull);
    }
    if reading.commit > if was(Stop::StoreSlow) { limits.commit / 2 } else { limits.commit } {
        return Some(Stop::StoreSlow);
    }
    let ceiling = limits.memory_ceiling;
    let rests = was(Stop::Memory) && reading.closed_for < MEMORY_REST;
    let most = if rests { ceiling - ceiling / 10 } else { ceiling };
    let rested = was(Stop::Memory) && !rests;
    (!rested && reading.resident.is_some_and(|resident| resident > most)).then_some(Stop::Memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LIMITS: Limits = Limits { disk_floor: 1000, memory_ceiling: 1000, commit: Duration::from_secs(4) };
    const FINE: Reading = Reading {
        free: Some(9999),
        resident: Some(10),
        commit: Duration::from_millis(5),
        failing: None,
        closed_for: Duration::ZERO,
    };

    fn check(before: Option<Stop>, reading: Reading, expected: Option<Stop>) {
        assert_eq!(judge(before, reading, LIMITS), expected, "{before:?} {reading:?}");
    }

    #[test]
    fn each_limit_closes_and_opens_well_on_the_other_side() {
        let disk = |free| Reading { free, ..FINE };
        check(None, disk(Some(1000)), None);
        check(None, disk(Some(999)), Some(Stop::DiskFull));
        check(Some(Stop::DiskFull), disk(Some(1000)), Some(Stop::DiskFull));
        check(Some(Stop::DiskFull), disk(Some(1100)), None);
        check(None, disk(None), Some(Stop::DiskUnknown));
        check(Some(Stop::DiskUnknown), disk(Some(1000)), None);

        let commit = |commit| Reading { commit, ..FINE };
        check(None, commit(4 * SECOND), None);
        check(None, commit(5 * SECOND), Some(Stop::StoreSlow));
        check(Some(Stop::StoreSlow), commit(3 * SECOND), Some(Stop::StoreSlow));
        check(Some(Stop::StoreSlow), commit(2 * SECOND), None);

        let memory = |resident, closed_for| Reading { resident: Some(resident), closed_for, ..FINE };
        check(None, memory(1000, SECOND), None);
        check(None, memory(1001, SECOND), Some(Stop::Memory));
        check(Some(Stop::Memory), memory(950, SECOND), Some(Stop::Memory));
        check(Some(Stop::Memory), memory(900, SECOND), None);
        check(Some(Stop::Memory), memory(5000, MEMORY_REST), None);
        check(None, Reading { resident: None, ..FINE }, None);
    }

    #[test]
    fn a_store_that_fails_is_waited_for_a_little_and_opens_when_it_works() {
        let failing = |time| Reading { failing: Some(time), ..FINE };
        check(None, failing(9 * SECOND), None);
        check(None, failing(10 * SECOND), Some(Stop::StoreFailed));
        check(Some(Stop::StoreFailed), failing(SECOND), Some(Stop::StoreFailed));
        check(Some(Stop::StoreFailed), FINE, None);
        let all = Reading { free: None, resident: Some(5000), commit: 9 * SECOND, ..failing(60 * SECOND) };
        check(Some(Stop::DiskFull), all, Some(Stop::StoreFailed));
    }

    #[test]
    fn limits_at_the_ends_of_their_range_are_survived() {
        let most = Limits { disk_floor: u64::MAX, memory_ceiling: u64::MAX, commit: Duration::MAX };
        assert_eq!(judge(Some(Stop::DiskFull), FINE, most), Some(Stop::DiskFull));
        let none = Limits { disk_floor: 0, ..most };
        assert_eq!(judge(None, Reading { free: Some(0), ..FINE }, none), None);
    }
}
