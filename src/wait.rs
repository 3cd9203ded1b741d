//! Waits between attempts inside this process: the broker's connection, a store that fails, a token.
//!
//! The only module that knows the crate `backoff`. The crate is unmaintained (RUSTSEC-2025-0012) and used on the owner's
//! wish; `backon` can replace it here, in this one file (`docs/decisions/0001-backoff.md`).
//!
//! Waits double from the first to the longest, each ±20 %, so that many gateways do not come back to a broker in the
//! same second, and they never end: giving up is no answer to a night's maintenance. Nothing durable is decided here:
//! when a handoff is tried again is data of the journal, and a pure function of the core.

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff as _;
use std::time::Duration;

/// Part of a wait by which it is shortened or prolonged at most. Herds of a province's communes spread over seconds.
const JITTER: f64 = 0.2;

/// Growing waits without an end.
#[derive(Debug)]
pub struct Waits {
    backoff: ExponentialBackoff,
}

impl Waits {
    /// Waits that double from `first` to `longest`; both are middles of their jitter.
    pub fn new(first: Duration, longest: Duration) -> Self {
        let backoff = ExponentialBackoff {
            current_interval: first.min(longest),
            initial_interval: first.min(longest),
            randomization_factor: JITTER,
            multiplier: 2.0,
            max_interval: longest,
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        Self { backoff }
    }

    /// How long to wait now; the next answer is twice as long.
    pub fn next_wait(&mut self) -> Duration {
        self.backoff.next_backoff().expect("waits without a limit on elapsed time never end")
    }

    /// Starts again with the first wait.
    pub fn reset(&mut self) {
        self.backoff.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(waits: &mut Waits, middle_ms: u64) {
        let wait = waits.next_wait();
        let middle = Duration::from_millis(middle_ms);
        let slack = Duration::from_nanos(1);
        assert!(wait + slack >= middle * 8 / 10, "{wait:?} is shorter than 80 % of {middle:?}");
        assert!(wait <= middle * 12 / 10 + slack, "{wait:?} is longer than 120 % of {middle:?}");
    }

    #[test]
    fn waits_double_to_the_longest_and_stay_there() {
        let mut waits = Waits::new(Duration::from_millis(500), Duration::from_secs(30));
        for middle_ms in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000] {
            check(&mut waits, middle_ms);
        }
        for _ in 0..10_000 {
            check(&mut waits, 30_000);
        }
    }

    #[test]
    fn a_reset_starts_with_the_first_wait_again() {
        let mut waits = Waits::new(Duration::from_millis(100), Duration::from_secs(5));
        for _ in 0..5 {
            waits.next_wait();
        }
        waits.reset();
        check(&mut waits, 100);
        check(&mut waits, 200);
    }

    #[test]
    fn waits_differ_from_one_gateway_to_the_next() {
        let first = || Waits::new(Duration::from_secs(1), Duration::from_secs(30)).next_wait();
        let waits: std::collections::BTreeSet<_> = (0..50).map(|_| first()).collect();
        assert!(waits.len() > 40, "only {} different waits out of 50", waits.len());
    }

    #[test]
    fn a_first_wait_above_the_longest_is_cut() {
        check(&mut Waits::new(Duration::from_secs(60), Duration::from_secs(1)), 1_000);
    }
}
