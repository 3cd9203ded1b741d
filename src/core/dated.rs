//! A value that changes on known days of Việt Nam.

use crate::tables::day_in_vietnam;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A value that changes on known days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dated<T> {
    first: T,
    changes: BTreeMap<Date, T>,
}

impl<T> Dated<T> {
    /// A value, and what it is from each of these days on.
    pub fn of(first: T, changes: BTreeMap<Date, T>) -> Self {
        Self { first, changes }
    }

    /// The value of a day.
    pub fn on(&self, day: Date) -> &T {
        self.changes.range(..=day).next_back().map_or(&self.first, |(_, value)| value)
    }

    /// The value at an instant.
    pub fn at(&self, at: Timestamp) -> &T {
        self.on(day_in_vietnam(at))
    }

    /// The values that held on some day up to this one.
    pub fn until(&self, day: Date) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(self.changes.range(..=day).map(|(_, value)| value))
    }

    /// What changes after a day, and when.
    pub fn after(&self, day: Date) -> impl Iterator<Item = (Date, &T)> {
        self.changes.iter().filter(move |(from, _)| **from > day).map(|(from, value)| (*from, value))
    }
}

impl<T> From<T> for Dated<T> {
    fn from(first: T) -> Self {
        Self { first, changes: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_change_holds_from_midnight_of_viet_nam_on() {
        let changes = [(date(2027, 1, 1), "new"), (date(2028, 1, 1), "newest")];
        let dated = Dated::of("old", changes.into());
        for (at, expected) in [
            ("2022-09-15T12:00:00Z", "old"),
            ("2026-12-31T16:59:59.999Z", "old"),
            ("2026-12-31T17:00:00Z", "new"),
            ("2027-12-31T17:00:00Z", "newest"),
        ] {
            assert_eq!(*dated.at(at.parse().unwrap()), expected, "{at}");
        }
        let until: Vec<_> = dated.until(date(2027, 1, 1)).copied().collect();
        assert_eq!(until, ["old", "new"]);
        let after: Vec<_> = dated.after(date(2027, 1, 1)).collect();
        assert_eq!(after, [(date(2028, 1, 1), &"newest")]);
    }
}
