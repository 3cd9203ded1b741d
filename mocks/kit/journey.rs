//! How a partner's orders move along, whatever a partner calls its stations.

use jiff::Timestamp;
use serde::Deserialize;

/// How orders are to move.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default, bound(deserialize = "S: Deserialize<'de>"))]
pub struct Advance<S> {
    /// Only this order number; without it, every order.
    pub order: Option<String>,
    /// Goes on to this station: through the script if it lies ahead, else directly.
    pub to: Option<S>,
    /// Number of stations, if none is named; one without it.
    pub steps: Option<usize>,
    /// Time of the first station; now without it.
    pub at: Option<Timestamp>,
    /// What the postman noted.
    pub notes: String,
}

impl<S> Default for Advance<S> {
    fn default() -> Self {
        Self { order: None, to: None, steps: None, at: None, notes: String::new() }
    }
}

impl<S: Copy + PartialEq> Advance<S> {
    /// On to `station` with one order.
    #[must_use]
    pub fn of(number: &str, station: S) -> Self {
        Self { order: Some(number.to_owned()), to: Some(station), ..Self::default() }
    }

    /// Whether an order is meant.
    #[must_use]
    pub fn means(&self, number: &str) -> bool {
        self.order.as_deref().is_none_or(|wanted| wanted == number)
    }

    /// The stations that this lets an order go; what is gone is taken off its script.
    pub fn route(&self, ahead: &mut Vec<S>) -> Vec<S> {
        let count = match self.to {
            Some(to) => match ahead.iter().position(|station| *station == to) {
                Some(index) => index + 1,
                None => return vec![to],
            },
            None => self.steps.unwrap_or(1).min(ahead.len()),
        };
        ahead.drain(..count).collect()
    }
}

/// The way of one order, as `POST /_mock/script` gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script<S> {
    /// The order number; the order need not exist yet.
    pub order: String,
    /// Its stations from here on.
    pub steps: Vec<S>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_ahead_is_reached_through_the_script() {
        let check = |advance: Advance<u8>, gone: &[u8], left: &[u8]| {
            let mut ahead = vec![1, 2, 3];
            assert_eq!(advance.route(&mut ahead), gone, "{advance:?}");
            assert_eq!(ahead, left, "{advance:?}");
        };
        check(Advance::default(), &[1], &[2, 3]);
        check(Advance { steps: Some(9), ..Advance::default() }, &[1, 2, 3], &[]);
        check(Advance::of("A", 2), &[1, 2], &[3]);
        check(Advance::of("A", 7), &[7], &[1, 2, 3]);
    }
}
