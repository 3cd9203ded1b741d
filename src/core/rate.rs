//! Attempts a second: when the next may begin.
//!
//! A second's worth of attempts may go at once, and what was taken and not used can be given back. Time is an argument:
//! how long the process has run.

use std::time::Duration;

/// How long a burst may be ahead of the rate.
const BURST: Duration = Duration::from_secs(1);

/// A rate with what has been taken of it.
#[derive(Clone, Debug)]
pub struct Rate {
    interval: Duration,
    /// Until when what was taken lasts, one attempt an interval.
    taken_until: Duration,
}

impl Rate {
    /// So many attempts a second; at least one.
    pub fn new(per_second: u32) -> Self {
        Self { interval: BURST / per_second.max(1), taken_until: Duration::ZERO }
    }

    /// Takes one attempt, if the rate allows it now.
    pub fn take(&mut self, now: Duration) -> bool {
        let allowed = self.wait(now).is_zero();
        if allowed {
            self.taken_until = self.taken_until.max(now) + self.interval;
        }
        allowed
    }

    /// Gives back attempts that were taken and not made.
    pub fn give_back(&mut self, unused: u32) {
        self.taken_until = self.taken_until.saturating_sub(self.interval.saturating_mul(unused));
    }

    /// How long until one can be taken; zero when now.
    pub fn wait(&self, now: Duration) -> Duration {
        (self.taken_until.max(now) + self.interval).saturating_sub(now + BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn takes(rate: &mut Rate, now: Duration) -> usize {
        (0..10_000).take_while(|_| rate.take(now)).count()
    }

    #[test]
    fn a_second_of_attempts_may_go_at_once_and_then_one_an_interval() {
        let mut rate = Rate::new(50);
        let now = Duration::from_secs(7);
        assert_eq!(takes(&mut rate, now), 50);
        assert_eq!(rate.wait(now), Duration::from_millis(20));
        assert_eq!(takes(&mut rate, now + Duration::from_millis(19)), 0);
        assert_eq!(takes(&mut rate, now + Duration::from_millis(20)), 1);
        assert_eq!(takes(&mut rate, now + Duration::from_secs(100)), 50);
    }

    #[test]
    fn what_was_not_used_is_taken_again() {
        let mut rate = Rate::new(10);
        let now = Duration::from_secs(7);
        assert_eq!(takes(&mut rate, now), 10);
        rate.give_back(4);
        assert_eq!(takes(&mut rate, now), 4);
    }

    proptest! {
        #[test]
        fn no_second_sees_more_than_two_seconds_worth(
            per_second in 1u32..200,
            steps in proptest::collection::vec((0u64..400, any::<bool>()), 1..80),
        ) {
            let mut rate = Rate::new(per_second);
            let (mut now, mut made) = (Duration::ZERO, Vec::new());
            for (wait, back) in steps {
                now += Duration::from_millis(wait);
                let taken = takes(&mut rate, now);
                if back {
                    rate.give_back(u32::try_from(taken).unwrap());
                } else {
                    made.extend(std::iter::repeat_n(now, taken));
                }
                let recent = made.iter().filter(|at| **at + Duration::from_secs(1) > now).count();
                prop_assert!(recent <= 2 * usize::try_from(per_second).unwrap(), "{recent}");
            }
        }
    }
}
