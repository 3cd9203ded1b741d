//! How often a login may be tried: by name and by address.
//!
//! Each name and each address has a few attempts, which come back one by one. An attempt that succeeds is given back, so
//! that only failures count. Names that nobody has are counted as those that somebody has: who is refused learns nothing.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Names or addresses that are remembered at most: what an attacker can make us hold.
const KEPT: usize = 10_000;

/// Attempts, by name or by address.
#[derive(Debug)]
pub(super) struct Attempts {
    most: u32,
    every: SignedDuration,
    counted: HashMap<String, Counted>,
}

/// What was tried lately under one key.
#[derive(Clone, Copy, Debug)]
struct Counted {
    /// Attempts taken and not come back.
    taken: u32,
    /// Since when the next one is coming back.
    since: Timestamp,
}

impl Attempts {
    /// So many at once; one comes back after each `every`.
    pub(super) fn new(most: u32, every: SignedDuration) -> Self {
        Self { most, every, counted: HashMap::new() }
    }

    /// Takes an attempt.
    ///
    /// # Errors
    /// With the time to wait, when none is left.
    pub(super) fn take(&mut self, key: &str, now: Timestamp) -> Result<(), SignedDuration> {
        let mut counted = self.now(key, now);
        if counted.taken >= self.most {
            return Err(self.every - now.duration_since(counted.since));
        }
        counted.taken += 1;
        if !self.counted.contains_key(key) && self.counted.len() >= KEPT {
            self.make_room(now);
        }
        self.counted.insert(key.to_owned(), counted);
        Ok(())
    }

    /// Gives an attempt back that was no guess.
    pub(super) fn give_back(&mut self, key: &str) {
        if let Some(counted) = self.counted.get_mut(key) {
            counted.taken = counted.taken.saturating_sub(1);
        }
    }

    /// What is counted under a key now. A clock that went back begins anew to wait.
    fn now(&self, key: &str, now: Timestamp) -> Counted {
        let Some(counted) = self.counted.get(key) else { return Counted { taken: 0, since: now } };
        let waited = now.duration_since(counted.since);
        if waited.is_negative() {
            return Counted { since: now, ..*counted };
        }
        let back = waited.as_secs() / self.every.as_secs().max(1);
        let back = u32::try_from(back).unwrap_or(u32::MAX);
        if back >= counted.taken {
            return Counted { taken: 0, since: now };
        }
        // Fewer came back than were taken, and few are taken: no overflow.
        let times = i32::try_from(back).unwrap_or(i32::MAX);
        Counted { taken: counted.taken - back, since: counted.since + self.every * times }
    }

    /// Forgets what has come back, or else whoever failed least.
    fn make_room(&mut self, now: Timestamp) {
        let spent: Vec<(String, u32)> =
            self.counted.keys().map(|key| (key.clone(), self.now(key, now).taken)).collect();
        let least = spent.iter().map(|(_, taken)| *taken).min().unwrap_or(0);
        for (key, _) in spent.iter().filter(|(_, taken)| *taken == least) {
            self.counted.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn attempts() -> Attempts {
        Attempts::new(3, SignedDuration::from_secs(30))
    }

    #[test]
    fn a_few_failures_and_then_one_at_a_time() {
        let mut attempts = attempts();
        for _ in 0..3 {
            assert_eq!(attempts.take("lan", at(0)), Ok(()));
        }
        assert_eq!(attempts.take("lan", at(10)), Err(SignedDuration::from_secs(20)));
        assert_eq!(attempts.take("minh", at(10)), Ok(()), "another name is another count");
        assert_eq!(attempts.take("lan", at(30)), Ok(()));
        assert_eq!(attempts.take("lan", at(31)), Err(SignedDuration::from_secs(29)));
        for _ in 0..3 {
            assert_eq!(attempts.take("lan", at(1000)), Ok(()));
        }
        assert!(attempts.take("lan", at(1000)).is_err());
    }

    #[test]
    fn a_success_costs_nothing() {
        let mut attempts = attempts();
        for _ in 0..50 {
            assert_eq!(attempts.take("lan", at(0)), Ok(()));
            attempts.give_back("lan");
        }
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out_for_longer() {
        let mut attempts = attempts();
        while attempts.take("lan", at(10_000)).is_ok() {}
        assert_eq!(attempts.take("lan", at(0)), Err(SignedDuration::from_secs(30)));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_worst_stay() {
        let mut attempts = attempts();
        while attempts.take("lan", at(0)).is_ok() {}
        for number in 0..2 * KEPT {
            assert_eq!(attempts.take(&format!("name {number}"), at(1)), Ok(()));
        }
        assert!(attempts.counted.len() <= KEPT);
        assert!(attempts.take("lan", at(2)).is_err(), "whoever failed most is remembered");
    }
}
