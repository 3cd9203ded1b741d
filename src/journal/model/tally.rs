//! How often each kind of thing happened: a test that never meets a crash proves nothing about crashes.

use std::collections::BTreeMap;

/// Counts by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub(super) fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    pub(super) fn add(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    pub(super) fn join(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            self.add(what, *times);
        }
    }

    /// The classes that happened less often than asked for, scaled to the number of cases; of few cases nothing is asked,
    /// as a rare class may well be missing.
    pub(super) fn too_rare(&self, least: &[(&'static str, u64)], cases: u64) -> Vec<String> {
        if cases < super::CASES {
            return Vec::new();
        }
        let rare = least.iter().filter_map(|(what, in_ten_thousand)| {
            let wanted = in_ten_thousand * cases / 10_000;
            let found = self.0.get(what).copied().unwrap_or_default();
            (found < wanted).then(|| format!("{what}: {found}, at least {wanted} wanted"))
        });
        rare.collect()
    }

    pub(super) fn lines(&self) -> String {
        self.0.iter().map(|(what, times)| format!("  {what:<34} {times}\n")).collect()
    }
}
