//! When an attempt is made again: data and a pure function.
//!
//! The schedule is durable: the due time it gives is a column of the handoff's row, so that a restart forgets nothing.
//! Chance comes in as `draw`, a number in 0..1.

use crate::outcome::Outcome;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// When attempts are made again, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Waits after the first, second, … failure; the last one repeats.
    pub waits: Vec<Duration>,
    /// Jitter in percent of the wait, both ways.
    pub jitter_percent: u8,
    /// Longest wait asked for by a partner that is honoured.
    pub longest_wait: Duration,
    /// Attempts at most that are counted; the first is counted.
    pub attempts: u32,
    /// Age at most that is counted.
    pub age: SignedDuration,
}

impl Default for Schedule {
    /// 15 s, 1 min, 5 min, 15 min, 30 min, 1 h, then every 2 h; ±20 %; 12 attempts within 72 hours.
    fn default() -> Self {
        let waits = [15, 60, 300, 900, 1800, 3600, 7200].map(Duration::from_secs).to_vec();
        Self {
            waits,
            jitter_percent: 20,
            longest_wait: Duration::from_secs(7200),
            attempts: 12,
            age: SignedDuration::from_hours(72),
        }
    }
}

/// Shortest wait that is taken from a partner: "at once", said to every handoff of an account, would be a hot loop.
const SHORTEST_ASKED: Duration = Duration::from_secs(1);

/// Longest wait of the fast try after an attempt that provably never left us.
const FAST_LONGEST: Duration = Duration::from_millis(1000);
/// Shortest wait of the fast try.
const FAST_SHORTEST: Duration = Duration::from_millis(200);

impl Schedule {
    /// The wait after `failures` attempts that failed in a row (at least 1).
    pub fn wait(&self, failures: u32, draw: f64) -> Duration {
        let last = self.waits.len().saturating_sub(1);
        let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(last).min(last);
        let wait = self.waits.get(index).copied().unwrap_or(Duration::from_secs(60));
        let jitter = f64::from(self.jitter_percent) / 100.0;
        wait.mul_f64(1.0 - jitter + 2.0 * jitter * draw.clamp(0.0, 1.0))
    }

    /// When to try again after an attempt that failed.
    ///
    /// A partner's own wait is honoured up to [`Schedule::longest_wait`]. The first failure that provably never left us
    /// is tried again within a second, once.
    pub fn due_again(&self, outcome: &Outcome, failures: u32, now: Timestamp, draw: f64) -> Timestamp {
        let scheduled = self.wait(failures, draw);
        let wait = match outcome {
            Outcome::Unavailable { wait: Some(asked), .. } => {
                (*asked).min(self.longest_wait).max(SHORTEST_ASKED)
            }
            Outcome::Unavailable { wait: None, unsent: true, .. } if failures <= 1 => {
                FAST_SHORTEST + (FAST_LONGEST - FAST_SHORTEST).mul_f64(draw.clamp(0.0, 1.0))
            }
            Outcome::Unavailable { .. }
            | Outcome::Accepted(_)
            | Outcome::Rejected(_)
            | Outcome::Uncertain(_)
            | Outcome::Blocked(_) => scheduled,
        };
        later(now, wait)
    }

    /// Whether the budget is used up.
    pub fn is_spent(&self, counted_attempts: u32, counted_age: SignedDuration) -> bool {
        counted_attempts >= self.attempts || counted_age >= self.age
    }
}

/// `now` plus a wait, at the latest the end of time.
pub fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Reason, ReasonCode};
    use proptest::prelude::*;

    fn unavailable(wait: Option<u64>, unsent: bool) -> Outcome {
        let reason = Reason::new(ReasonCode::known("TEST"));
        Outcome::Unavailable { reason, wait: wait.map(Duration::from_secs), unsent }
    }

    #[test]
    fn waits_follow_the_list_and_the_last_repeats() {
        let schedule = Schedule::default();
        for (failures, seconds) in [(1, 15), (2, 60), (3, 300), (7, 7200), (8, 7200), (1000, 7200)] {
            assert_eq!(schedule.wait(failures, 0.5).as_secs(), seconds, "{failures}");
        }
    }

    #[test]
    fn a_partners_wait_is_honoured_within_bounds() {
        let schedule = Schedule::default();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(schedule.due_again(&unavailable(Some(90), false), 1, now, 0.0).as_second(), 90);
        assert_eq!(schedule.due_again(&unavailable(Some(90_000), false), 1, now, 0.0).as_second(), 7200);
        assert_eq!(schedule.due_again(&unavailable(Some(0), false), 1, now, 0.5).as_second(), 1);
    }

    #[test]
    fn only_the_first_provably_unsent_attempt_is_tried_again_at_once() {
        let schedule = Schedule::default();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(schedule.due_again(&unavailable(None, true), 1, now, 0.0).as_millisecond(), 200);
        assert_eq!(schedule.due_again(&unavailable(None, true), 2, now, 0.5).as_second(), 60);
        assert_eq!(schedule.due_again(&unavailable(None, false), 1, now, 0.5).as_second(), 15);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_its_percent(failures in 1u32..50, draw in 0.0f64..1.0) {
            let schedule = Schedule::default();
            let middle = schedule.wait(failures, 0.5).as_secs_f64();
            let wait = schedule.wait(failures, draw).as_secs_f64();
            prop_assert!((wait - middle).abs() <= middle * 0.2 + 0.001);
        }
    }
}
