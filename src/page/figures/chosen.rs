//! The chooser of the period.

use crate::acts::figures::Wanted;
use lienthong_core::figures::Period;

/// What every page of the figures has: the chooser of the period, and links that keep it.
pub(super) struct Chosen {
    period: Period,
    pub(super) agency: String,
}

impl Chosen {
    pub(super) fn of(wanted: &Wanted, period: Period) -> Self {
        Self { period, agency: wanted.agency.clone().unwrap_or_default() }
    }

    pub(super) fn name(&self) -> String {
        self.period.name().unwrap_or_default()
    }

    /// First and last day, where the period has no name.
    pub(super) fn days(&self) -> Option<(String, String)> {
        let days = (self.period.first().to_string(), self.period.last().to_string());
        self.period.name().is_none().then_some(days)
    }

    /// The query that asks for the same period; of one agency where it is named.
    pub(super) fn query(&self, agency: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        match self.days() {
            Some((from, to)) => query.append_pair("from", &from).append_pair("to", &to),
            None => query.append_pair("period", &self.name()),
        };
        let agency = agency.unwrap_or(&self.agency);
        if !agency.is_empty() {
            query.append_pair("agency", agency);
        }
        query.finish()
    }
}
