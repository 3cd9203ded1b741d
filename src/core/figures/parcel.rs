//! What became of a postal order that the post has taken.

use crate::tracking::{Money, TrackingState};
use jiff::Timestamp;

/// An order that the post has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Since when the post has it.
    pub taken_at: Timestamp,
    /// Where the parcel is, as the post last reported.
    pub tracked: Option<TrackingState>,
    /// The post confirmed that it is cancelled.
    pub cancelled: bool,
    /// Cash that the postman collects; whole đồng.
    pub cash: u64,
    /// How far that cash got.
    pub money: Option<Money>,
}

impl Parcel {
    /// Whether nobody has come for it since it was taken at this instant or before.
    pub fn is_left_since(&self, bound: Timestamp) -> bool {
        let collected = self.tracked.is_some_and(TrackingState::is_collected);
        // Whoever paid has the parcel, whatever was not reported.
        !collected && !self.is_called_off() && self.money.is_none() && self.taken_at <= bound
    }

    /// Whether nobody took it at the door, as far as is known.
    pub fn has_failed(&self) -> bool {
        self.tracked == Some(TrackingState::FailedAttempt)
    }

    /// Whether it goes back to the desk, or is there.
    pub fn is_coming_back(&self) -> bool {
        matches!(self.tracked, Some(TrackingState::Returning | TrackingState::Returned))
    }

    /// The cash that is to come of it, or came.
    pub fn expected(&self) -> u64 {
        let void = self.is_called_off() || self.is_coming_back();
        if void && self.money.is_none() { 0 } else { self.cash }
    }

    fn is_called_off(&self) -> bool {
        self.cancelled || self.tracked == Some(TrackingState::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn parcel(tracked: Option<TrackingState>) -> Parcel {
        Parcel { taken_at: at(100), tracked, cancelled: false, cash: 8000, money: None }
    }

    #[test]
    fn a_parcel_is_left_until_the_post_has_it_or_it_is_called_off() {
        for state in TrackingState::ALL {
            let left = matches!(
                state,
                TrackingState::Requested
                    | TrackingState::Accepted
                    | TrackingState::Collecting
                    | TrackingState::Unknown
            );
            assert_eq!(parcel(Some(state)).is_left_since(at(100)), left, "{state:?}");
        }
        assert!(parcel(None).is_left_since(at(100)));
        assert!(!parcel(None).is_left_since(at(99)), "too young");
        assert!(!Parcel { cancelled: true, ..parcel(None) }.is_left_since(at(100)));
        assert!(!Parcel { money: Some(Money::Collected), ..parcel(None) }.is_left_since(at(100)));
    }

    #[test]
    fn cash_is_expected_of_what_may_still_arrive_or_was_paid() {
        let check = |tracked, cancelled, money, expected| {
            let parcel = Parcel { cancelled, money, ..parcel(tracked) };
            assert_eq!(parcel.expected(), expected, "{parcel:?}");
        };
        use TrackingState::{Cancelled, Delivered, FailedAttempt, Returned, Returning};
        check(None, false, None, 8000);
        check(Some(Delivered), false, None, 8000);
        check(Some(FailedAttempt), false, None, 8000);
        check(Some(Returning), false, None, 0);
        check(Some(Returned), false, None, 0);
        check(Some(Returned), false, Some(Money::Collected), 8000);
        check(Some(Cancelled), false, None, 0);
        check(None, true, None, 0);
    }
}
