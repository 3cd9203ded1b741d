//! What a change of status means: real processes repeat, step back and re-open, and the portal is told so.
//!
//! The usual changes are those of the portal's own life cycle. Only what no process can mean is refused.

use crate::status::Status;

/// What a change of status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// As the life cycle has it.
    Usual,
    /// The same once more.
    Repeated,
    /// A dossier that had ended is worked on again.
    Reopened,
    /// Back to an earlier step.
    SteppedBack,
    /// A step is missing, or the way is uncommon.
    Unusual,
    /// No process can mean it.
    Impossible,
}

/// Judges a change of status.
pub(super) fn judge(from: Status, to: Status) -> Move {
    use Status::{
        Done, Lodged, PaymentAsked, Processing, Received, Refused, Returned, Stopped, SupplementAsked,
        Withdrawn,
    };
    if from == to {
        return Move::Repeated;
    }
    if matches!((from, to), (Done | Returned, Lodged | Refused) | (Refused, Done | Returned)) {
        return Move::Impossible;
    }
    if matches!(
        (from, to),
        (Lodged, Received | Refused | Withdrawn)
            | (Received, Processing | SupplementAsked | PaymentAsked | Withdrawn | Stopped | Done | Returned)
            | (Processing, SupplementAsked | PaymentAsked | Withdrawn | Stopped | Done)
            | (SupplementAsked | PaymentAsked, Processing | Withdrawn | Stopped | Done)
            | (Done, Returned)
    ) {
        return Move::Usual;
    }
    if has_ended(from) && (is_under_way(to) || matches!(to, Done | Returned) && from != Returned) {
        return Move::Reopened;
    }
    if to.code() < from.code() { Move::SteppedBack } else { Move::Unusual }
}

/// Whether the desk has done its part.
pub(super) fn has_ended(status: Status) -> bool {
    match status {
        Status::Refused | Status::Withdrawn | Status::Stopped | Status::Done | Status::Returned => true,
        Status::Lodged
        | Status::Received
        | Status::Processing
        | Status::SupplementAsked
        | Status::PaymentAsked => false,
    }
}

/// Whether the desk works on it.
pub(super) fn is_under_way(status: Status) -> bool {
    match status {
        Status::Received | Status::Processing | Status::SupplementAsked | Status::PaymentAsked => true,
        Status::Lodged
        | Status::Refused
        | Status::Withdrawn
        | Status::Stopped
        | Status::Done
        | Status::Returned => false,
    }
}

/// Whether such a status, reported later than a delivery, says that the result is not the last word.
pub(super) fn ends_a_delivery(status: Status) -> bool {
    is_under_way(status) || matches!(status, Status::Withdrawn | Status::Stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_process_can_mean_is_impossible() {
        let mut impossible = Vec::new();
        for from in Status::ALL {
            for to in Status::ALL {
                if judge(from, to) == Move::Impossible {
                    impossible.push((from.code(), to.code()));
                }
            }
        }
        assert_eq!(impossible, [(3, 9), (3, 10), (9, 1), (9, 3), (10, 1), (10, 3)]);
    }

    #[test]
    fn changes_are_told_apart() {
        fn check(from: u8, to: u8, expected: Move) {
            let (old, new) = (Status::try_from(from).unwrap(), Status::try_from(to).unwrap());
            assert_eq!(judge(old, new), expected, "{from} -> {to}");
        }
        check(1, 2, Move::Usual);
        check(2, 9, Move::Usual);
        check(2, 10, Move::Usual);
        check(4, 5, Move::Usual);
        check(5, 4, Move::Usual);
        check(9, 10, Move::Usual);
        check(4, 4, Move::Repeated);
        check(2, 1, Move::SteppedBack);
        check(4, 2, Move::SteppedBack);
        check(10, 9, Move::SteppedBack);
        check(9, 4, Move::Reopened);
        check(10, 4, Move::Reopened);
        check(8, 4, Move::Reopened);
        check(3, 2, Move::Reopened);
        check(4, 10, Move::Unusual);
        check(1, 9, Move::Unusual);
    }
}
