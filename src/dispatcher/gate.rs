//! An account's gate: concurrency and rate, in front of every attempt.

use crate::partners::Account;
use governor::clock::DefaultClock;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls claimed in one round at most: keeps a claim's transaction short.
const CALLS_PER_ROUND: usize = 64;

/// The gate of one account.
pub(super) struct Gate {
    permits: Arc<Semaphore>,
    rate: RateLimiter<NotKeyed, InMemoryState, DefaultClock>,
    /// Tokens of the rate that were taken for a round and not used: spent first in the next.
    spare: AtomicU32,
}

impl Gate {
    /// A gate within the account's limits.
    pub(super) fn new(account: &Account) -> Self {
        let rate = NonZeroU32::new(account.rate).unwrap_or(NonZeroU32::MIN);
        Self {
            permits: Arc::new(Semaphore::new(account.concurrency)),
            rate: RateLimiter::direct(Quota::per_second(rate)),
            spare: AtomicU32::new(0),
        }
    }

    /// Takes as many permits as concurrency and rate allow now.
    pub(super) fn take(&self) -> Vec<OwnedSemaphorePermit> {
        let mut taken = Vec::new();
        while taken.len() < CALLS_PER_ROUND {
            let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else { break };
            if !self.take_token() {
                break;
            }
            taken.push(permit);
        }
        taken
    }

    /// Gives back what a round took and did not use.
    pub(super) fn give_back(&self, unused: Vec<OwnedSemaphorePermit>) {
        self.spare.fetch_add(u32::try_from(unused.len()).unwrap_or(0), Ordering::Relaxed);
    }

    fn take_token(&self) -> bool {
        let spare =
            self.spare.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spare| spare.checked_sub(1));
        spare.is_ok() || self.rate.check().is_ok()
    }
}
