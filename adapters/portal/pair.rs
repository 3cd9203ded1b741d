//! Create or update: which of the two a record is written with, and what a refusal of one turns to.
//!
//! The portal wants to be told whether it has a dossier already. What it has been seen to have is remembered here, in a
//! bounded set and for nothing but the choice of the first call: a create that is refused because the dossier is there
//! becomes an update, an update that is refused because it is not becomes a create, and the pair converges whatever the
//! set says. Each of these follows only an answer that means *not written*. No IO: a client makes the calls that a
//! [`Pair`] asks for.

use lienthong_core::outcome::Outcome;
use lienthong_http::classify::{Cure, Ends, Verdict};
use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Calls that write one record at most: one that is refused as the wrong half, the other half, and the first again
/// where the dossier came or went between the two.
const MOST_WRITES: usize = 3;

/// Dossiers remembered at most: 8 bytes each in two collections, about 2 MiB, and more than a province has open.
const MOST_KNOWN: usize = 65_536;

/// The dossiers that the portal is believed to have, of one account.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Known>);

/// The two calls that write a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    /// As new.
    Create,
    /// In place of what is there.
    Update,
}

/// One attempt at one record.
pub(crate) struct Pair<'a> {
    memory: &'a Memory,
    code: &'a str,
    half: Half,
    calls: usize,
    refused: Option<Verdict>,
}

impl Memory {
    /// Begins an attempt at the dossier's record.
    pub(crate) fn pair<'a>(&'a self, code: &'a str) -> Pair<'a> {
        let half = if self.known().contains(code) { Half::Update } else { Half::Create };
        Pair { memory: self, code, half, calls: 0, refused: None }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pair<'_> {
    /// The call to make now.
    pub(crate) fn half(&self) -> Half {
        self.half
    }

    /// Takes in what the call's answer means; `None` where the other half is to be called.
    pub(crate) fn answered(&mut self, verdict: Verdict) -> Option<Outcome> {
        self.calls += 1;
        match verdict.row.cure {
            Cure::OtherHalf => {
                self.turn(verdict);
                if self.calls == MOST_WRITES { self.refused.take().map(Verdict::outcome) } else { None }
            }
            Cure::Nothing | Cure::Renew => {
                if verdict.row.ends == Ends::Accepted {
                    self.memory.known().insert(self.code);
                }
                Some(verdict.outcome())
            }
        }
    }

    fn turn(&mut self, verdict: Verdict) {
        // The refused update says more than "already exists" about what is wrong.
        if self.refused.is_none() || self.half == Half::Update {
            self.refused = Some(verdict);
        }
        self.half = match self.half {
            Half::Create => {
                self.memory.known().insert(self.code);
                Half::Update
            }
            Half::Update => {
                self.memory.known().remove(self.code);
                Half::Create
            }
        };
    }
}

/// Dossiers that the portal is believed to have; the oldest are forgotten first. Hashes instead of codes: a clash costs
/// one call that is refused.
#[derive(Default)]
struct Known {
    hasher: RandomState,
    hashes: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Known {
    fn contains(&self, code: &str) -> bool {
        self.hashes.contains(&self.hasher.hash_one(code))
    }

    fn insert(&mut self, code: &str) {
        let hash = self.hasher.hash_one(code);
        if self.hashes.insert(hash) {
            self.order.push_back(hash);
        }
        if self.order.len() > MOST_KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.hashes.remove(&oldest);
        }
    }

    fn remove(&mut self, code: &str) {
        self.hashes.remove(&self.hasher.hash_one(code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_dossiers_is_bounded_and_forgets_the_oldest() {
        let mut known = Known::default();
        for number in 0..=MOST_KNOWN {
            known.insert(&number.to_string());
            known.insert(&number.to_string());
        }
        assert_eq!((known.hashes.len(), known.order.len()), (MOST_KNOWN, MOST_KNOWN));
        assert!(!known.contains("0") && known.contains("1") && known.contains(&MOST_KNOWN.to_string()));
    }
}
