//! Chance from a seed: the same seed gives the same pilot for ever, on every machine.
//!
//! `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). The generators of the crate
//! `rand` promise no such stability between versions.

/// A generator.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for one dossier, so that a life does not change when another one does.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).expect("low is not above high");
        low + i64::try_from(self.next() % span).expect("smaller than the span")
    }

    pub(crate) fn percent(&mut self, share: i64) -> bool {
        self.between(0, 99) < share
    }

    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let last = i64::try_from(choices.len()).expect("a short list") - 1;
        let index = usize::try_from(self.between(0, last)).expect("not negative");
        choices.get(index).expect("within the list")
    }

    /// Puts a list into an order of chance.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            let last = i64::try_from(end).expect("a short list");
            list.swap(end, usize::try_from(self.between(0, last)).expect("not negative"));
        }
    }
}
