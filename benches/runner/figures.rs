//! Figures: what was measured, run after run; medians and spread at the end.

use super::stage::{Cost, Side};
use serde::Serialize;

/// Values of one thing on one side, one a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    /// Scenario and case, such as `latency at 200/s`.
    pub(crate) case: String,
    /// Whose it is.
    pub(crate) side: &'static str,
    /// What was measured.
    pub(crate) what: String,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// One a run, in order.
    pub(crate) values: Vec<f64>,
}

/// All figures of a measure, in the order in which they first came.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    figures: Vec<Figure>,
}

impl Figures {
    /// Adds a value.
    pub(crate) fn add(&mut self, case: &str, side: &'static str, what: &str, unit: &'static str, value: f64) {
        let same = |figure: &&mut Figure| figure.case == case && figure.side == side && figure.what == what;
        match self.figures.iter_mut().find(same) {
            Some(figure) => figure.values.push(value),
            None => self.figures.push(Figure {
                case: case.to_owned(),
                side,
                what: what.to_owned(),
                unit,
                values: vec![value],
            }),
        }
    }

    /// Adds what a run of so many events has cost.
    pub(crate) fn add_cost(&mut self, case: &str, side: Side, events: usize, cost: &Cost) {
        let name = side.name();
        let thousands = count(events) / 1_000.0;
        self.add(case, name, "CPU", "s / 1,000 events", cost.own.cpu / thousands);
        self.add(case, name, "CPU of the stand-ins", "s / 1,000 events", cost.standins / thousands);
        self.add(case, name, "CPU of broker and others", "s / 1,000 events", cost.others / thousands);
        self.add(case, name, "peak memory", "MiB", f64::from(cost.own.peak) / 1_024.0);
        if let Some((commits, seconds)) = cost.commits {
            self.add(case, name, "commits", "1 / 1,000 events", commits / thousands);
            self.add(case, name, "a commit", "ms", seconds * 1_000.0 / commits.max(1.0));
        }
    }

    /// Adds the percentiles of latencies, in seconds.
    pub(crate) fn add_latencies(
        &mut self,
        case: &str,
        side: &'static str,
        what: &str,
        latencies: &mut [f64],
    ) {
        latencies.sort_by(f64::total_cmp);
        for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)] {
            if let Some(value) = at(latencies, share) {
                self.add(case, side, &format!("{what} {name}"), "ms", value * 1_000.0);
            }
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Figure] {
        &self.figures
    }

    /// The same thing on the other side.
    pub(crate) fn of_relay(&self, figure: &Figure) -> Option<&Figure> {
        let relay = Side::Relay.name();
        self.figures.iter().find(|other| {
            other.side == relay
                && figure.side != relay
                && other.case == figure.case
                && other.what == figure.what
        })
    }
}

impl Figure {
    /// Median, lowest and highest.
    pub(crate) fn spread(&self) -> (f64, f64, f64) {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted.first().copied(), sorted.last().copied());
        let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
        let lower = sorted.get((sorted.len().max(1) - 1) / 2).copied().unwrap_or(f64::NAN);
        (f64::midpoint(lower, upper), low.unwrap_or(f64::NAN), high.unwrap_or(f64::NAN))
    }
}

/// The value below which a share of sorted values lies (nearest rank).
pub(crate) fn at(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = count(sorted.len()) * share;
    sorted.iter().copied().zip(1_u32..).find(|(_, place)| f64::from(*place) >= rank).map(|(value, _)| value)
}

/// A number of things as a number to reckon with.
pub(crate) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_value_at_its_rank() {
        let sorted: Vec<f64> = (1_u32..=200).map(f64::from).collect();
        assert_eq!(
            [0.5, 0.95, 0.99, 1.0].map(|share| at(&sorted, share)),
            [100.0, 190.0, 198.0, 200.0].map(Some)
        );
        assert_eq!(at(&[], 0.5), None);
    }

    #[test]
    fn a_median_lies_between_the_middle_two() {
        let mut figures = Figures::default();
        for value in [4.0, 1.0, 3.0, 2.0] {
            figures.add("case", "gateway", "rate", "1/s", value);
        }
        assert_eq!(figures.all()[0].spread(), (2.5, 1.0, 4.0));
    }
}
