//! Claims ahead: calls that are claimed while others are still under way, and begin as soon as there is room.
//!
//! A claim is a commit, and a call that waits for one of its own is held up by the disk, not by the partner. So a round
//! claims more than there is room for: the next calls then begin when a permit comes back, with no commit in between,
//! and one commit serves many of them. What it costs is that what was claimed and has not begun counts as attempted when the
//! process dies; so only calls are claimed ahead that nobody has to decide about then (`journal::claim`).
//!
//! Nothing is claimed ahead of a partner that is slow, where it would change nothing, or in trouble. A call that
//! waited while another one failed, or too long, is handed back to the journal and claimed again by its rules: a breaker, a
//! block or an operator's pause holds it then.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Calls that may wait for each one that may be under way: with commits of ten milliseconds, thirty calls share one.
const PER_CALL: usize = 3;

/// A call that takes longer is slow: what waits behind it would wait too long.
const BRISK: Duration = Duration::from_millis(100);

/// How long nothing is claimed ahead after a call that failed.
const CALM: Duration = Duration::from_secs(1);

/// How long a claimed call may wait for room: it bounds how long after an operator's pause a call begins.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// What one account may have claimed ahead.
pub(super) struct Ahead {
    room: Arc<Semaphore>,
    failures: AtomicU64,
    pace: Mutex<Pace>,
}

/// What the calls that ended say of the partner.
#[derive(Default)]
struct Pace {
    /// Whether the last good call was no slow one; there may have been none yet.
    brisk: bool,
    /// Until when a failure keeps calls from being claimed ahead.
    calm_at: Option<Instant>,
}

/// A place among the calls that wait.
pub(super) struct Place {
    _room: OwnedSemaphorePermit,
    failures: u64,
}

/// Places that a round took.
pub(super) struct Places {
    room: OwnedSemaphorePermit,
    failures: u64,
}

impl Ahead {
    /// For an account with this concurrency.
    pub(super) fn new(concurrency: usize) -> Self {
        let room = Arc::new(Semaphore::new(concurrency * PER_CALL));
        Self { room, failures: AtomicU64::new(0), pace: Mutex::default() }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // A panic elsewhere leaves a whole value: each change is one assignment.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all places that are free; `None` when nothing may be claimed ahead now.
    pub(super) fn take(&self) -> Option<Places> {
        let failures = self.failures.load(Ordering::Acquire);
        let fit = {
            let pace = self.pace();
            pace.brisk && pace.calm_at.is_none_or(|at| at <= Instant::now())
        };
        if !fit {
            return None;
        }
        let free = u32::try_from(self.room.available_permits()).ok().filter(|free| *free > 0)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(free).ok()?;
        Some(Places { room, failures })
    }

    /// Notes how a call ended. Call it before the call's room is left.
    pub(super) fn note(&self, accepted: bool, took: Duration) {
        let mut pace = self.pace();
        if accepted {
            pace.brisk = took <= BRISK;
        } else {
            self.failures.fetch_add(1, Ordering::AcqRel);
            pace.calm_at = Some(Instant::now() + CALM);
        }
    }

    /// Whether a call that waited in this place may begin.
    pub(super) fn may_begin(&self, place: &Place) -> bool {
        place.failures == self.failures.load(Ordering::Acquire)
    }
}

impl Places {
    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.room.num_permits()
    }

    /// Leaves all but so many.
    pub(super) fn keep(&mut self, places: usize) {
        drop(self.room.split(self.len().saturating_sub(places)));
    }

    /// Gives one of them to a call that was claimed.
    pub(super) fn next(&mut self) -> Option<Place> {
        let room = self.room.split(1)?;
        Some(Place { _room: room, failures: self.failures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(2);

    fn taken(ahead: &Ahead) -> usize {
        ahead.take().map_or(0, |places| places.len())
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_claimed_ahead_of_a_partner_that_is_unknown_slow_or_in_trouble() {
        let ahead = Ahead::new(8);
        assert_eq!(taken(&ahead), 0, "nobody knows it yet");
        ahead.note(true, QUICK);
        assert_eq!(taken(&ahead), 24);
        ahead.note(true, Duration::from_millis(101));
        assert_eq!(taken(&ahead), 0, "it is slow");
        ahead.note(true, QUICK);
        ahead.note(false, QUICK);
        ahead.note(true, Duration::from_millis(101));
        ahead.note(true, QUICK);
        assert_eq!(taken(&ahead), 0, "a call failed");
        tokio::time::advance(CALM).await;
        assert_eq!(taken(&ahead), 24);
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_taken_until_the_call_leaves_them() {
        let ahead = Ahead::new(1);
        ahead.note(true, QUICK);
        let mut places = ahead.take().unwrap();
        let place = places.next().unwrap();
        drop(places);
        assert_eq!(taken(&ahead), 2);
        drop(place);
        assert_eq!(taken(&ahead), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_waited_through_a_failure_does_not_begin() {
        let ahead = Ahead::new(1);
        ahead.note(true, QUICK);
        let mut places = ahead.take().unwrap();
        let place = places.next().unwrap();
        assert!(ahead.may_begin(&place));
        ahead.note(false, QUICK);
        assert!(!ahead.may_begin(&place));
        let claimed_before = places.next().unwrap();
        assert!(!ahead.may_begin(&claimed_before), "its claim did not see the failure");
    }
}
