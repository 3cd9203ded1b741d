//! What the post reports later about an order: one vocabulary for all interfaces, with ranks.
//!
//! The table *wire code → meaning* belongs to an interface and stands in configuration. A code says where the parcel is,
//! what became of the cash that the postman collects, or both. The two are axes of their own: money comes long after
//! *delivered*, and says nothing of the parcel. Here states only have an order: an older event never overwrites a newer
//! one, *delivered* is never late against a desk event, and money only goes on.

use crate::ids::OrderNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackingState {
    /// Asked for by us, not yet known there.
    Requested,
    /// Taken into their system.
    Accepted,
    /// The postman is on the way to collect it.
    Collecting,
    /// In the post's hands.
    Collected,
    /// Between post offices.
    InTransit,
    /// With the postman who delivers it.
    OutForDelivery,
    /// The receiver has it.
    Delivered,
    /// Nobody took it.
    FailedAttempt,
    /// On the way back.
    Returning,
    /// Back with the sender.
    Returned,
    /// Called off.
    Cancelled,
    /// A code that no row knows: stored and shown, never final.
    Unknown,
}

impl TrackingState {
    /// Whether the post has the parcel, or had it: from here on a cancel comes too late.
    pub fn is_collected(self) -> bool {
        match self {
            Self::Collected
            | Self::InTransit
            | Self::OutForDelivery
            | Self::Delivered
            | Self::FailedAttempt
            | Self::Returning
            | Self::Returned => true,
            Self::Requested | Self::Accepted | Self::Collecting | Self::Cancelled | Self::Unknown => false,
        }
    }

    /// Whether the parcel's journey is over.
    pub fn is_final(self) -> bool {
        match self {
            Self::Delivered | Self::Returned | Self::Cancelled => true,
            Self::Requested
            | Self::Accepted
            | Self::Collecting
            | Self::Collected
            | Self::InTransit
            | Self::OutForDelivery
            | Self::FailedAttempt
            | Self::Returning
            | Self::Unknown => false,
        }
    }

    /// Name used in configuration, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Accepted => "accepted",
            Self::Collecting => "collecting",
            Self::Collected => "collected",
            Self::InTransit => "in-transit",
            Self::OutForDelivery => "out-for-delivery",
            Self::Delivered => "delivered",
            Self::FailedAttempt => "failed-attempt",
            Self::Returning => "returning",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// All states.
    pub const ALL: [Self; 12] = [
        Self::Requested,
        Self::Accepted,
        Self::Collecting,
        Self::Collected,
        Self::InTransit,
        Self::OutForDelivery,
        Self::Delivered,
        Self::FailedAttempt,
        Self::Returning,
        Self::Returned,
        Self::Cancelled,
        Self::Unknown,
    ];
}

/// What became of the cash that the postman collects. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Money {
    /// The postman took it from the receiver.
    Collected,
    /// The post has paid it out, or accounted for it.
    Settled,
}

impl Money {
    /// Both, in the order in which they come about.
    pub const ALL: [Self; 2] = [Self::Collected, Self::Settled];

    /// Name used in outcomes and by the journal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::Settled => "settled",
        }
    }

    /// Name used in configuration and logs, beside the states of parcels.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Collected => "cash-collected",
            Self::Settled => "cash-settled",
        }
    }
}

/// What a code of the post says: where the parcel is, what became of its cash, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Meaning {
    /// Where the parcel is; `None` when the code speaks of the cash alone.
    pub parcel: Option<TrackingState>,
    /// What became of the cash; `None` when the code speaks of the parcel alone.
    pub money: Option<Money>,
}

impl Meaning {
    /// Of a code that no row knows.
    pub const UNKNOWN: Self = Self { parcel: Some(TrackingState::Unknown), money: None };

    /// What one word, or one for the parcel and one for the cash, says; `None` of other words.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut meaning = Self { parcel: None, money: None };
        for word in words {
            let money = Money::ALL.into_iter().find(|money| money.word() == word);
            match (TrackingState::from_name(word), money) {
                (Some(state), None) if meaning.parcel.is_none() => meaning.parcel = Some(state),
                (None, Some(money)) if meaning.money.is_none() => meaning.money = Some(money),
                (Some(_) | None, Some(_) | None) => return None,
            }
        }
        (meaning.parcel.is_some() || meaning.money.is_some()).then_some(meaning)
    }
}

impl From<TrackingState> for Meaning {
    fn from(state: TrackingState) -> Self {
        Self { parcel: Some(state), money: None }
    }
}

impl From<Money> for Meaning {
    fn from(money: Money) -> Self {
        Self { parcel: None, money: Some(money) }
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [self.parcel.map(TrackingState::name), self.money.map(Money::word)];
        f.write_str(&words.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

/// One report of the post about one order, translated into our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingEvent {
    /// Identifier of the row, the same whenever the row is read again.
    pub feed_id: String,
    /// The order concerned.
    pub number: OrderNumber,
    /// What it says in our words.
    pub meaning: Meaning,
    /// The partner's own code.
    pub wire_code: String,
    /// When it happened, as the partner says.
    pub at: Timestamp,
    /// The waybill (mã vận đơn), once known.
    pub waybill: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_means_a_state_of_the_parcel_or_of_the_cash_or_one_of_each() {
        fn check(words: &[&str], expected: Option<&str>) {
            let meaning = Meaning::of_words(words.iter().copied());
            assert_eq!(meaning.map(|meaning| meaning.to_string()).as_deref(), expected, "{words:?}");
        }
        for state in TrackingState::ALL {
            check(&[state.name()], Some(state.name()));
        }
        check(&["cash-collected"], Some("cash-collected"));
        check(&["cash-settled"], Some("cash-settled"));
        check(&["cash-collected", "delivered"], Some("delivered cash-collected"));
        check(&["delivered", "cash-settled"], Some("delivered cash-settled"));
        check(&[], None);
        check(&["deliverd"], None);
        check(&["delivered", "returned"], None);
        check(&["cash-collected", "cash-settled"], None);
        check(&["delivered", "cash-collected", "delivered"], None);
    }

    #[test]
    fn cash_is_settled_after_it_was_collected() {
        assert!(Money::Settled > Money::Collected);
    }
}
