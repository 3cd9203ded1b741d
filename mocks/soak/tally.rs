//! What struck, and how often: by edge and kind.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Counts of what was done to the gateway.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<(&'static str, String), u32>>);

impl Tally {
    /// It struck once.
    pub(crate) fn strike(&self, edge: &'static str, kind: &str) {
        self.add(edge, kind, 1);
    }

    /// It struck so often.
    pub(crate) fn add(&self, edge: &'static str, kind: &str, count: u32) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((edge, kind.to_owned())).or_default() += count;
    }

    /// Everything so far.
    pub(crate) fn counts(&self) -> BTreeMap<(&'static str, String), u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything at one edge.
    pub(crate) fn at(&self, edge: &str) -> u32 {
        self.counts().iter().filter(|((at, _), _)| *at == edge).map(|(_, count)| count).sum()
    }
}
