//! What the post reports later about an order: one vocabulary for all interfaces, with ranks.
//!
//! The table *wire code → state* belongs to an interface and stands in configuration. Here states only have an order: an
//! older event never overwrites a newer one, and *delivered* is never late against a desk event.

use crate::ids::OrderNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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

/// One report of the post about one order, translated into our words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingEvent {
    /// Identifier of the row in the partner's feed; grows.
    pub feed_id: String,
    /// The order concerned.
    pub number: OrderNumber,
    /// The state in our words.
    pub state: TrackingState,
    /// The partner's own code.
    pub wire_code: String,
    /// When it happened, as the partner says.
    pub at: Timestamp,
    /// The waybill (mã vận đơn), once known.
    pub waybill: Option<String>,
}
