//! When a dossier's processing ended, and whether that was in time.
//!
//! Item 2.1: the end is the time of the ending status among the progress lines (3, 8, 9, 10, or 7 of a dossier that had
//! been received), 9 before 10. One 5 and nothing after it: that is the end. More than one 5 without an end: late. The time in which a
//! supplement was waited for is deducted. A dossier that has not ended is compared with the end of the period.

use crate::status::Status;
use jiff::{SignedDuration, Timestamp};

/// A status that the desk reported, and when it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The status.
    pub status: Status,
    /// When.
    pub at: Timestamp,
}

/// What is known of a dossier's way, cut at some instant.
#[derive(Clone, Copy, Debug)]
pub struct Life<'a> {
    /// Accepted at the desk.
    pub received_at: Timestamp,
    /// The date that was promised first.
    pub promised_at: Option<Timestamp>,
    /// The date that is promised now.
    pub due_at: Option<Timestamp>,
    /// What the desk reported, oldest first.
    pub steps: &'a [Step],
}

/// How a dossier's processing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this status.
    At(Step),
    /// The only supplement was asked for then, and nothing came after.
    Asked(Timestamp),
    /// Supplements were asked for more than once, and there is no end.
    AskedAgain,
    /// It has not.
    Open,
}

/// Whether it was in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It ended in time.
    OnTime,
    /// It ended late.
    Late,
    /// It has not ended, and its date has not passed.
    Running,
    /// It has not ended, and counts as late.
    Overdue,
    /// No date was promised: nothing to compare with.
    Undated,
}

impl Life<'_> {
    /// How its processing ended.
    pub fn ending(&self) -> Ending {
        if let Some(end) = self.steps.iter().fold(None, |end, step| self.after(end, *step)) {
            return Ending::At(end);
        }
        match (self.supplements(), self.steps.last()) {
            (2.., _) => Ending::AskedAgain,
            (1, Some(last)) if last.status == Status::SupplementAsked => Ending::Asked(last.at),
            (_, _) => Ending::Open,
        }
    }

    /// The end after one more step. What no process can mean (3 to 9, 9 to 3, 9 to 1) is refused by the planner and never
    /// reaches the portal: it changes nothing here either.
    fn after(&self, end: Option<Step>, step: Step) -> Option<Step> {
        let ended = end.map(|end| end.status);
        match step.status {
            Status::Lodged => end,
            // A step back into work opens it again.
            Status::Received | Status::Processing | Status::SupplementAsked | Status::PaymentAsked => None,
            Status::Withdrawn if self.received_at > step.at => end,
            Status::Refused | Status::Withdrawn | Status::Stopped => end.or(Some(step)),
            Status::Done => match ended {
                Some(Status::Done | Status::Refused) => end,
                // 9 goes before 10, in whatever order they were reported.
                Some(_) | None => Some(step),
            },
            Status::Returned => match ended {
                Some(Status::Done | Status::Returned | Status::Refused) => end,
                Some(_) | None => Some(step),
            },
        }
    }

    /// How often a supplement was asked for.
    pub fn supplements(&self) -> usize {
        self.steps.iter().filter(|step| step.status == Status::SupplementAsked).count()
    }

    /// Whether the result was returned (10) and never reported as done (9).
    pub fn is_returned_without_done(&self) -> bool {
        let has = |status| self.steps.iter().any(|step| step.status == status);
        has(Status::Returned) && !has(Status::Done)
    }

    /// The time in which a supplement was waited for and that the promised date has not been moved by already.
    fn deducted(&self) -> SignedDuration {
        let mut waited = SignedDuration::ZERO;
        let mut since = None;
        for step in self.steps {
            if step.status == Status::SupplementAsked {
                since = since.or(Some(step.at));
            } else if let Some(since) = since.take() {
                waited = waited.saturating_add(step.at.duration_since(since));
            }
        }
        let moved = match (self.promised_at, self.due_at) {
            (Some(promised), Some(due)) => due.duration_since(promised).max(SignedDuration::ZERO),
            (None, _) | (_, None) => SignedDuration::ZERO,
        };
        waited.saturating_sub(moved).max(SignedDuration::ZERO)
    }

    /// Whether it was in time, as of an instant.
    pub fn standing(&self, cut: Timestamp) -> Standing {
        let ending = self.ending();
        if ending == Ending::AskedAgain {
            return Standing::Overdue;
        }
        let Some(latest) = self.latest() else { return Standing::Undated };
        match ending {
            Ending::At(end) if end.at <= latest => Standing::OnTime,
            Ending::At(_) => Standing::Late,
            Ending::Asked(at) if at <= latest => Standing::Running,
            Ending::Open if cut <= latest => Standing::Running,
            Ending::Asked(_) | Ending::Open | Ending::AskedAgain => Standing::Overdue,
        }
    }

    /// The last instant that is in time: the promised date, and as much later as a supplement was waited for.
    fn latest(&self) -> Option<Timestamp> {
        self.due_at.map(|due| due.checked_add(self.deducted()).unwrap_or(Timestamp::MAX))
    }

    /// Whether it has not ended, waits for nobody's supplement, and its promised date lies between now and then.
    pub fn is_at_risk(&self, now: Timestamp, until: Timestamp) -> bool {
        let waits = self.steps.last().is_some_and(|last| last.status == Status::SupplementAsked);
        let open = !waits && !matches!(self.ending(), Ending::At(_));
        open && self.due_at.is_some_and(|due| now <= due && due <= until)
    }
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
