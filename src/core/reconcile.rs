//! Comparing both sides: what differs, of which kind, what repairs it, and what may happen by itself.
//!
//! ```text
//! what we hold ─┐
//!               ├─▶ compare_record · compare_order · compare_stranger ─▶ Difference ─▶ Repair
//! what they say ┘
//! ```
//!
//! Everything here is decided from codes, numbers and times; nobody's name comes near it. By itself only one thing is
//! ever sent: a whole record that the portal does not have although we hold it as accepted ([`Difference::repairs_itself`],
//! and the table `only_a_record_that_is_missing_there_is_sent_by_itself`). A progress row, an order or a cancel is repeated
//! by nobody here. An order that the post seems not to have becomes a task for a person who phones.

mod night;
mod order;
mod reasons;
mod record;

pub use night::OffPeak;
pub use order::{Held, OrderStage, Witness, compare_order, compare_stranger};
pub use reasons::REASONS;
pub use record::{AtPortal, compare_record};

use crate::outcome::Outcome;
use std::time::Duration;

/// The four kinds of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// We hold that they have it, and they do not.
    MissingThere,
    /// They have it, and we do not hold that they do.
    MissingHere,
    /// Both have it, and it is not the same.
    Differs,
    /// They have it more than once.
    DoubleThere,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::MissingThere, Self::MissingHere, Self::Differs, Self::DoubleThere];

    /// Name in the journal, in answers and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingThere => "missing-there",
            Self::MissingHere => "missing-here",
            Self::Differs => "differs",
            Self::DoubleThere => "double-there",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How far the evidence goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// They were asked, and said so.
    Firm,
    /// Their silence says so: it may have another reason.
    Weak,
}

impl Grade {
    /// Name in the journal and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::Weak => "weak",
        }
    }
}

/// What repairs a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The newest record is sent once more, whole.
    SendRecord,
    /// A person phones the post office about an order.
    CallPost,
    /// A person compares both sides with the post.
    AskPost,
    /// A person compares both sides with the portal.
    AskPortal,
    /// What stopped or was ended here is cured, replayed or explained.
    Cure,
    /// The desk publishes the dossier, which the gateway never heard of.
    Publish,
}

/// What the gateway does for a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It plans a record, which goes out like any other.
    Send,
    /// It asks a person, with a task of the desk; it sends nothing.
    Ask,
    /// Nothing: what there is to do is done elsewhere.
    Nothing,
}

impl Repair {
    /// All repairs.
    pub const ALL: [Self; 6] =
        [Self::SendRecord, Self::CallPost, Self::AskPost, Self::AskPortal, Self::Cure, Self::Publish];

    /// Name in the journal and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::SendRecord => "send-record",
            Self::CallPost => "call-post",
            Self::AskPost => "ask-post",
            Self::AskPortal => "ask-portal",
            Self::Cure => "cure",
            Self::Publish => "publish",
        }
    }

    /// The repair of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|repair| repair.name() == name)
    }

    /// What the gateway does for it.
    pub fn act(self) -> Act {
        match self {
            Self::SendRecord => Act::Send,
            Self::CallPost | Self::AskPost | Self::AskPortal => Act::Ask,
            Self::Cure | Self::Publish => Act::Nothing,
        }
    }
}

/// A difference between both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which kind.
    pub kind: Kind,
    /// What exactly: a reason code, `RECONCILE-…`.
    pub code: &'static str,
    /// How far the evidence goes.
    pub grade: Grade,
    /// What we hold: a state, a status, a sum or a waybill.
    pub ours: String,
    /// What they say, in their own codes.
    pub theirs: String,
    /// What repairs it.
    pub repair: Repair,
}

impl Difference {
    /// Whether the nightly comparison repairs it without being told to: by a whole record that is missing there, which
    /// has no second effect, or by asking a person about an order that is missing there, which sends nothing.
    pub fn repairs_itself(&self) -> bool {
        repairs_itself(self.kind, self.repair)
    }
}

/// The same of a difference that was written down.
pub fn repairs_itself(kind: Kind, repair: Repair) -> bool {
    match (kind, repair) {
        (Kind::MissingThere, Repair::SendRecord | Repair::CallPost) => true,
        (Kind::MissingThere, Repair::AskPost | Repair::AskPortal | Repair::Cure | Repair::Publish)
        | (Kind::MissingHere | Kind::Differs | Kind::DoubleThere, _) => false,
    }
}

/// The codes of differences.
pub mod codes {
    /// The portal does not have a dossier whose record it accepted.
    pub const RECORD_ABSENT: &str = "RECONCILE-RECORD-ABSENT";
    /// The portal shows another status than the record that it accepted.
    pub const RECORD_STATUS: &str = "RECONCILE-RECORD-STATUS";
    /// The portal has a dossier more than once.
    pub const RECORD_DOUBLE: &str = "RECONCILE-RECORD-DOUBLE";
    /// The portal has a dossier of which it accepted no record of ours.
    pub const RECORD_UNTOLD: &str = "RECONCILE-RECORD-UNTOLD";
    /// A dossier of the list that the portal does not have and of which no record was accepted.
    pub const RECORD_STOPPED: &str = "RECONCILE-RECORD-STOPPED";
    /// The portal has a dossier that the gateway never heard of.
    pub const DOSSIER_UNKNOWN: &str = "RECONCILE-DOSSIER-UNKNOWN";
    /// A dossier of the list that neither the portal nor the gateway has.
    pub const DOSSIER_NOWHERE: &str = "RECONCILE-DOSSIER-NOWHERE";
    /// The post does not show an order that it accepted.
    pub const ORDER_UNSEEN: &str = "RECONCILE-ORDER-UNSEEN";
    /// The post shows an order that is none of ours.
    pub const ORDER_STRANGER: &str = "RECONCILE-ORDER-STRANGER";
    /// An order that was cancelled moves.
    pub const ORDER_CANCELLED: &str = "RECONCILE-ORDER-CANCELLED";
    /// The post has an order that it did not accept from us.
    pub const ORDER_UNSENT: &str = "RECONCILE-ORDER-UNSENT";
    /// The post collects another sum than ours.
    pub const ORDER_CASH: &str = "RECONCILE-ORDER-CASH";
    /// The post shows another waybill than it gave.
    pub const ORDER_WAYBILL: &str = "RECONCILE-ORDER-WAYBILL";
    /// The post has more than one parcel under a number.
    pub const ORDER_DOUBLE: &str = "RECONCILE-ORDER-DOUBLE";

    /// All of them.
    pub const ALL: [&str; 14] = [
        RECORD_ABSENT,
        RECORD_STATUS,
        RECORD_DOUBLE,
        RECORD_UNTOLD,
        RECORD_STOPPED,
        DOSSIER_UNKNOWN,
        DOSSIER_NOWHERE,
        ORDER_UNSEEN,
        ORDER_STRANGER,
        ORDER_CANCELLED,
        ORDER_UNSENT,
        ORDER_CASH,
        ORDER_WAYBILL,
        ORDER_DOUBLE,
    ];
}

/// Questions about one thing that may end without an answer; then it is left out, and said to be.
pub const MOST_TRIES: u32 = 5;

/// First wait after a question that was not answered; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(15);

/// Longest wait after a question that was not answered.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What follows from a question that was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// It is asked again, and the account not before so long.
    Again(Duration),
    /// It is left out: they answer, and not this.
    LeftOut,
    /// The account asks nobody until a person acts.
    Closed,
}

/// Decides it. `tries` were made about this thing and `in_a_row` through this account, this one included.
pub fn unanswered(outcome: &Outcome, tries: u32, in_a_row: u32) -> Unanswered {
    let again = |asked: Option<Duration>| {
        let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(in_a_row.saturating_sub(1).min(10)));
        Unanswered::Again(doubled.min(LONGEST_WAIT).max(asked.unwrap_or_default()))
    };
    match outcome {
        Outcome::Blocked(_) => Unanswered::Closed,
        Outcome::Rejected(_) | Outcome::Accepted(_) => Unanswered::LeftOut,
        Outcome::Unavailable { .. } | Outcome::Uncertain(_) if tries >= MOST_TRIES => Unanswered::LeftOut,
        Outcome::Unavailable { wait, .. } => again(*wait),
        Outcome::Uncertain(_) => again(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Reason, ReasonCode};

    #[test]
    fn only_a_record_that_is_missing_there_is_sent_by_itself() {
        for kind in Kind::ALL {
            for repair in Repair::ALL {
                let sent = repairs_itself(kind, repair) && repair.act() == Act::Send;
                let expected = kind == Kind::MissingThere && repair == Repair::SendRecord;
                assert_eq!(sent, expected, "{kind:?} {repair:?}");
            }
        }
        assert!(repairs_itself(Kind::MissingThere, Repair::CallPost), "a task for a person");
        assert_eq!(Repair::CallPost.act(), Act::Ask);
    }

    #[test]
    fn names_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        for repair in Repair::ALL {
            assert_eq!(Repair::from_name(repair.name()), Some(repair));
        }
        assert_eq!((Kind::from_name("x"), Repair::from_name("x")), (None, None));
    }

    #[test]
    fn what_is_not_answered_is_asked_again_more_and_more_slowly_and_left_out_at_last() {
        let because = || Reason::new(ReasonCode::known("TEST"));
        let away = |wait: Option<u64>| Outcome::Unavailable {
            reason: because(),
            wait: wait.map(Duration::from_secs),
            unsent: false,
        };
        let after = |seconds| Unanswered::Again(Duration::from_secs(seconds));
        let check = |outcome: &Outcome, tries, in_a_row, expected| {
            assert_eq!(unanswered(outcome, tries, in_a_row), expected, "{outcome:?} {tries} {in_a_row}");
        };
        check(&away(None), 1, 1, after(15));
        check(&away(None), 2, 2, after(30));
        check(&away(None), 1, 5, after(240));
        check(&away(None), 4, 40, after(600));
        check(&away(Some(3600)), 1, 1, after(3600));
        check(&away(Some(1)), 1, 1, after(15));
        check(&away(None), 5, 5, Unanswered::LeftOut);
        check(&Outcome::Uncertain(because()), 1, 1, after(15));
        check(&Outcome::Uncertain(because()), 5, 1, Unanswered::LeftOut);
        check(&Outcome::Rejected(because()), 1, 1, Unanswered::LeftOut);
        check(&Outcome::Accepted(because()), 1, 1, Unanswered::LeftOut);
        check(&Outcome::Blocked(because()), 5, 9, Unanswered::Closed);
    }
}
