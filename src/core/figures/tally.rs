//! Counting, agency by agency.

use super::{Life, Parcel, Standing};
use crate::tracking;
use jiff::Timestamp;
use std::fmt;

/// A part of a whole, in per cent with two decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The part.
    pub part: u64,
    /// The whole.
    pub whole: u64,
}

impl Share {
    /// Hundredths of a per cent, rounded half up; `None` of an empty whole. What is not whole is never 100,00, and what is
    /// not empty never 0,00.
    pub fn hundredths(self) -> Option<u64> {
        let (part, whole) = (u128::from(self.part), u128::from(self.whole));
        let rounded = (part * 20_000 + whole).checked_div(2 * whole)?;
        let bounded = match part {
            0 => 0,
            part if part < whole => rounded.clamp(1, 9_999),
            _whole_or_more => rounded,
        };
        u64::try_from(bounded).ok()
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hundredths() {
            Some(hundredths) => write!(f, "{},{:02}", hundredths / 100, hundredths % 100),
            None => f.write_str("–"),
        }
    }
}

/// Item 1.4: dossiers of the period whose record the portal has acknowledged, of all that were received in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sync {
    /// Received according to the national report, where that was imported.
    pub reported: Option<u64>,
    /// Received here.
    pub received: u64,
    /// Of these, acknowledged by the portal.
    pub acknowledged: u64,
}

impl Sync {
    /// The greater of both counts.
    pub fn denominator(self) -> u64 {
        self.reported.unwrap_or(0).max(self.received)
    }

    /// The rate.
    pub fn share(self) -> Share {
        Share { part: self.acknowledged, whole: self.denominator() }
    }

    /// Received here and not acknowledged.
    pub fn missing(self) -> u64 {
        self.received.saturating_sub(self.acknowledged)
    }

    /// In the national report, and never heard of here.
    pub fn unheard(self) -> u64 {
        self.denominator() - self.received
    }
}

/// How many, and how much together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cash {
    /// How many.
    pub count: u64,
    /// Whole đồng.
    pub sum: u64,
}

impl Cash {
    fn add(&mut self, sum: u64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(sum);
    }

    fn join(&mut self, other: Self) {
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
    }
}

/// Postal orders of the period that the post has taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// All of them.
    pub taken: u64,
    /// Not collected for too long.
    pub left: u64,
    /// Not delivered at the door.
    pub failed: u64,
    /// On the way back, or back.
    pub returned: u64,
    /// Cash that is to come, or came.
    pub expected: Cash,
    /// Of it, collected at the door, settled or not.
    pub collected: Cash,
    /// Of it, settled.
    pub settled: Cash,
}

/// What is counted of a dossier beside its life.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// Its life, cut at the end of the period.
    pub life: Life<'a>,
    /// The portal has acknowledged a record of it.
    pub acknowledged: bool,
    /// The result is to go back by post.
    pub return_by_post: bool,
    /// An order for that is under way, or with the post.
    pub return_ordered: bool,
    /// It stands at 9 now, whatever it stood at when its life was cut.
    pub done: bool,
}

/// Dossiers received in a period, and orders made in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Received.
    pub received: u64,
    /// Acknowledged by the portal.
    pub acknowledged: u64,
    /// Ended in time.
    pub on_time: u64,
    /// Ended late.
    pub late: u64,
    /// Not ended, date not passed.
    pub running: u64,
    /// Not ended, and late.
    pub overdue: u64,
    /// Without a promised date.
    pub undated: u64,
    /// Returned (10), never reported as done (9).
    pub without_done: u64,
    /// Asked for supplements more than once.
    pub asked_again: u64,
    /// Done (9), to go back by post, and no order.
    pub without_order: u64,
    /// Postal orders.
    pub orders: Orders,
}

impl Tally {
    /// Counts a dossier as it stood at the cut.
    pub fn dossier(&mut self, dossier: &Counted<'_>, cut: Timestamp) {
        let life = &dossier.life;
        self.received += 1;
        self.acknowledged += u64::from(dossier.acknowledged);
        *match life.standing(cut) {
            Standing::OnTime => &mut self.on_time,
            Standing::Late => &mut self.late,
            Standing::Running => &mut self.running,
            Standing::Overdue => &mut self.overdue,
            Standing::Undated => &mut self.undated,
        } += 1;
        self.without_done += u64::from(life.is_returned_without_done());
        self.asked_again += u64::from(life.supplements() > 1);
        self.without_order += u64::from(dossier.lacks_order());
    }

    /// Counts an order; `left_since`: taken at that instant or before, it should have been collected.
    pub fn parcel(&mut self, parcel: &Parcel, left_since: Timestamp) {
        let orders = &mut self.orders;
        orders.taken += 1;
        orders.left += u64::from(parcel.is_left_since(left_since));
        orders.failed += u64::from(parcel.has_failed());
        orders.returned += u64::from(parcel.is_coming_back());
        let expected = parcel.expected();
        if expected == 0 {
            return;
        }
        orders.expected.add(expected);
        if parcel.money.is_some() {
            orders.collected.add(expected);
        }
        if parcel.money == Some(tracking::Money::Settled) {
            orders.settled.add(expected);
        }
    }

    /// Item 2.1: ended in time, or not ended and not late, of all with a promised date or counted late without one.
    pub fn in_time(&self) -> Share {
        let part = self.on_time + self.running;
        Share { part, whole: part + self.late + self.overdue }
    }

    /// Adds what was counted for another agency.
    pub fn join(&mut self, other: &Self) {
        self.received += other.received;
        self.acknowledged += other.acknowledged;
        self.on_time += other.on_time;
        self.late += other.late;
        self.running += other.running;
        self.overdue += other.overdue;
        self.undated += other.undated;
        self.without_done += other.without_done;
        self.asked_again += other.asked_again;
        self.without_order += other.without_order;
        let (orders, others) = (&mut self.orders, &other.orders);
        orders.taken += others.taken;
        orders.left += others.left;
        orders.failed += others.failed;
        orders.returned += others.returned;
        orders.expected.join(others.expected);
        orders.collected.join(others.collected);
        orders.settled.join(others.settled);
    }
}

impl Counted<'_> {
    /// Whether it is done, should go back by post, and no order takes it there.
    pub fn lacks_order(&self) -> bool {
        self.return_by_post && !self.return_ordered && self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_share_has_two_decimals_and_is_whole_only_when_nothing_is_missing() {
        fn check(part: u64, whole: u64, expected: &str) {
            assert_eq!(Share { part, whole }.to_string(), expected, "{part} of {whole}");
        }
        check(0, 0, "–");
        check(5, 0, "–");
        check(0, 7, "0,00");
        check(7, 7, "100,00");
        check(1, 3, "33,33");
        check(2, 3, "66,67");
        check(1, 8, "12,50");
        check(99_999, 100_000, "99,99");
        check(1, 1_000_000, "0,01");
        check(u64::MAX, u64::MAX, "100,00");
        assert_eq!(Share { part: 0, whole: 0 }.hundredths(), None);
    }

    #[test]
    fn the_denominator_is_the_greater_count() {
        fn check(reported: Option<u64>, received: u64, acknowledged: u64, expected: (u64, u64, u64, &str)) {
            let sync = Sync { reported, received, acknowledged };
            let seen = (sync.denominator(), sync.missing(), sync.unheard(), sync.share().to_string());
            let (denominator, missing, unheard, share) = expected;
            assert_eq!(seen, (denominator, missing, unheard, share.to_owned()), "{sync:?}");
        }
        check(None, 0, 0, (0, 0, 0, "–"));
        check(Some(0), 0, 0, (0, 0, 0, "–"));
        check(None, 4, 3, (4, 1, 0, "75,00"));
        check(Some(3), 4, 4, (4, 0, 0, "100,00"));
        check(Some(5), 4, 4, (5, 0, 1, "80,00"));
        check(Some(5), 0, 0, (5, 0, 5, "0,00"));
    }

    proptest! {
        #[test]
        fn a_share_is_hundred_only_of_the_whole(part in 0_u64..100_000, more in 0_u64..100_000) {
            let hundredths = Share { part, whole: part + more }.hundredths();
            prop_assert_eq!(hundredths.is_none(), part + more == 0);
            if let Some(hundredths) = hundredths {
                prop_assert_eq!(hundredths == 10_000, more == 0);
                prop_assert_eq!(hundredths == 0, part == 0);
            }
        }
    }
}
