//! The accounts' gates: concurrency and rate, in front of every call.
//!
//! Attempts, questions and probes pass through the dispatcher's rounds, reading a feed through [`Gates::pass`]; there is
//! no other way out. The daily quota is durable and stands in the journal.

use super::ahead::{Ahead, Places};
use crate::partners::{Account, Partners};
use lienthong_core::ids::AccountName;
use lienthong_core::rate::Rate;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Calls claimed in one round at most: keeps a claim's transaction short.
const CALLS_PER_ROUND: usize = 64;

/// The gates of all accounts, shared by everybody who calls partners.
pub struct Gates {
    gates: BTreeMap<AccountName, Gate>,
    begun: Instant,
}

struct Gate {
    permits: Arc<Semaphore>,
    rate: Mutex<Rate>,
    ahead: Ahead,
}

impl Gate {
    fn new(concurrency: usize, rate: u32) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(concurrency)),
            rate: Mutex::new(Rate::new(rate)),
            ahead: Ahead::new(concurrency),
        }
    }

    /// A panic elsewhere leaves a whole value: each change is one assignment.
    fn rate(&self) -> MutexGuard<'_, Rate> {
        self.rate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gates {
    /// Gates within the limits of these accounts.
    pub fn new(partners: &Partners) -> Self {
        let gate = |account: &Account| (account.name.clone(), Gate::new(account.concurrency, account.rate));
        Self { gates: partners.iter().map(gate).collect(), begun: Instant::now() }
    }

    /// Waits for room for one call, and takes it until the permit is dropped; `None` for an account that is not there.
    ///
    /// # Cancel safety
    /// A dropped future takes nothing.
    pub async fn pass(&self, account: &AccountName) -> Option<OwnedSemaphorePermit> {
        let gate = self.gates.get(account)?;
        let permit = Arc::clone(&gate.permits).acquire_owned().await.ok()?;
        loop {
            let now = self.begun.elapsed();
            if gate.rate().take(now) {
                return Some(permit);
            }
            let wait = gate.rate().wait(now);
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes as many permits as concurrency and rate allow now.
    pub(super) fn take(&self, account: &AccountName) -> Vec<OwnedSemaphorePermit> {
        let Some(gate) = self.gates.get(account) else { return Vec::new() };
        let mut taken = Vec::new();
        while taken.len() < CALLS_PER_ROUND {
            let Ok(permit) = Arc::clone(&gate.permits).try_acquire_owned() else { break };
            if !gate.rate().take(self.begun.elapsed()) {
                break;
            }
            taken.push(permit);
        }
        taken
    }

    /// Gives back the tokens of so many calls that are not made.
    pub(super) fn give_back(&self, account: &AccountName, unused: usize) {
        if let Some(gate) = self.gates.get(account) {
            gate.rate().give_back(u32::try_from(unused).unwrap_or(0));
        }
    }

    /// What the account may have claimed ahead.
    pub(super) fn ahead(&self, account: &AccountName) -> Option<&Ahead> {
        self.gates.get(account).map(|gate| &gate.ahead)
    }

    /// Takes places for calls that are claimed ahead, as many as the rate allows now.
    pub(super) fn take_ahead(&self, account: &AccountName) -> Option<Places> {
        let gate = self.gates.get(account)?;
        let mut places = gate.ahead.take()?;
        let now = self.begun.elapsed();
        let tokens = (0..places.len()).take_while(|_| gate.rate().take(now)).count();
        places.keep(tokens);
        Some(places)
    }

    /// Waits for room for a call that was claimed ahead: its token was taken then.
    ///
    /// # Cancel safety
    /// A dropped future takes nothing.
    pub(super) async fn room(&self, account: &AccountName) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.gates.get(account)?.permits).acquire_owned().await.ok()
    }

    /// How long until the rate of some account lets a call through that has a permit and no token now.
    pub(super) fn next_token(&self) -> Option<Duration> {
        let now = self.begun.elapsed();
        let free = self.gates.values().filter(|gate| gate.permits.available_permits() > 0);
        free.map(|gate| gate.rate().wait(now)).filter(|wait| !wait.is_zero()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates(concurrency: usize, rate: u32) -> (Gates, AccountName) {
        let account = AccountName::new("post-1");
        let gate = Gate::new(concurrency, rate);
        (Gates { gates: [(account.clone(), gate)].into(), begun: Instant::now() }, account)
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_gets_what_concurrency_and_rate_allow_and_gives_back_what_it_did_not_use() {
        let (gates, account) = gates(8, 5);
        let taken = gates.take(&account);
        assert_eq!(taken.len(), 5, "a second of the rate");
        assert_eq!(gates.next_token(), Some(Duration::from_millis(200)));
        gates.give_back(&account, taken.len());
        drop(taken);
        assert_eq!(gates.next_token(), None);
        let taken = gates.take(&account);
        tokio::time::advance(Duration::from_secs(1)).await;
        let more = gates.take(&account);
        assert_eq!((taken.len(), more.len()), (5, 3), "eight at once");
        assert_eq!(gates.next_token(), None, "a permit that comes back wakes the loop, no token does");
    }

    #[tokio::test(start_paused = true)]
    async fn reading_a_feed_waits_for_its_token_like_everybody() {
        let (gates, account) = gates(8, 2);
        drop(gates.take(&account));
        let begun = Instant::now();
        assert!(gates.pass(&account).await.is_some());
        let waited = begun.elapsed();
        assert!((Duration::from_millis(500)..Duration::from_millis(510)).contains(&waited), "{waited:?}");
        assert!(gates.pass(&AccountName::new("nobody")).await.is_none());
    }
}
