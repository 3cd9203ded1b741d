//! Dead letters: which are alike, what sending them again would mean, and how many are tried at once.
//!
//! The journal asks; nothing here reads or writes. A group of dead letters is known by its fingerprint: partner and
//! operation, class, code and field, never a name, a number or an index, so that one cause makes one group.

use crate::handoff::HandoffKind;
use crate::outcome::{Reason, gateway};
use crate::plan::Stage;
use crate::status::Status;

/// What stopped a handoff, roughly: who must do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The partner refused it.
    Rejected,
    /// Our own planning found something to correct.
    Planning,
    /// The partner may have it.
    Uncertain,
    /// The partner was away for too long.
    Unavailable,
    /// Held for a person, without holding others.
    Held,
    /// A fault or a loss within the gateway.
    Gateway,
}

impl Class {
    /// Its name in fingerprints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Planning => "planning",
            Self::Uncertain => "uncertain",
            Self::Unavailable => "unavailable",
            Self::Held => "held",
            Self::Gateway => "gateway",
        }
    }
}

/// The class of a handoff that stopped.
pub fn class(stage: Stage, code: &str) -> Class {
    match stage {
        Stage::Held => return Class::Held,
        Stage::Uncertain => return Class::Uncertain,
        Stage::Dead | Stage::Waiting | Stage::Sending => {}
    }
    match code {
        gateway::UNCERTAIN | gateway::DIFFERS | gateway::NO_ACCOUNT => Class::Uncertain,
        gateway::BUDGET_SPENT => Class::Unavailable,
        gateway::ERASED | gateway::UNPLANNABLE | gateway::PANIC | gateway::INTERRUPTED | gateway::SKIPPED => {
            Class::Gateway
        }
        code if code.starts_with("GATEWAY-") => Class::Planning,
        _partners_own => Class::Rejected,
    }
}

/// What dead letters of one cause have in common, such as `post.order/rejected/POST-105/postal.return.phone`.
pub fn fingerprint(kind: HandoffKind, stage: Stage, reason: Option<&Reason>) -> String {
    let code = reason.map_or("", |reason| reason.code.as_str());
    let field = reason.and_then(|reason| reason.field.as_deref()).map(without_indices).unwrap_or_default();
    let class = class(stage, code).name();
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    format!("{}/{class}/{}/{}", kind.name(), or_dash(code), or_dash(&field))
}

/// `fees[3].amount` and `fees.3.amount` are the same field of another fee.
fn without_indices(path: &str) -> String {
    let steps = path.split(['.', '[', ']']).filter(|step| !step.is_empty() && step.parse::<usize>().is_err());
    steps.collect::<Vec<_>>().join(".")
}

/// What happened behind a dead letter in its lane since it stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Later {
    /// The portal accepted a newer record.
    pub record: bool,
    /// The portal accepted a newer status.
    pub status: bool,
    /// The portal accepted rows that stand behind it.
    pub rows: bool,
    /// Another order serves its leg.
    pub order: bool,
}

/// What sending a dead letter again means for its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It goes at its place.
    InPlace,
    /// It is added to the progress after later rows, and a fresh record follows it.
    Late,
    /// A newer record said all that it says.
    NewerRecord,
    /// A newer status of a dossier that was lodged at the portal said all that it says.
    NewerStatus,
    /// A row 5 after later rows would begin a supplement that nobody ends: it makes the dossier late.
    LateSupplement,
    /// Another order serves its leg: this one would be a second parcel.
    OtherOrder,
}

/// Decides it.
pub fn again(kind: HandoffKind, row_status: Option<Status>, later: Later) -> Again {
    match kind {
        HandoffKind::PortalRecord if later.record => Again::NewerRecord,
        HandoffKind::PortalStatus if later.status => Again::NewerStatus,
        HandoffKind::PortalProgress if later.rows && row_status == Some(Status::SupplementAsked) => {
            Again::LateSupplement
        }
        HandoffKind::PortalProgress if later.rows => Again::Late,
        HandoffKind::PostOrder if later.order => Again::OtherOrder,
        HandoffKind::PortalRecord
        | HandoffKind::PortalProgress
        | HandoffKind::PortalStatus
        | HandoffKind::PostOrder
        | HandoffKind::PostCancel
        | HandoffKind::CommuneEvent => Again::InPlace,
    }
}

/// How many a bulk replay sets due in a batch, the first being 0: one shows whether the cause is gone.
pub fn batch_size(batch: u32) -> usize {
    match batch {
        0 => 1,
        1 => 5,
        2.. => 25,
    }
}

/// Whether a bulk replay stops after a batch of which so many failed again as before: one of the first, else more than a
/// fifth.
pub fn stops(batch: u32, size: usize, failed_again: usize) -> bool {
    if batch == 0 { failed_again > 0 } else { failed_again.saturating_mul(5) > size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::ReasonCode;

    #[test]
    fn one_cause_is_one_fingerprint_without_indices() {
        fn check(kind: HandoffKind, stage: Stage, code: &'static str, field: Option<&str>, expected: &str) {
            let reason = Reason { field: field.map(str::to_owned), ..Reason::new(ReasonCode::known(code)) };
            assert_eq!(fingerprint(kind, stage, Some(&reason)), expected);
        }
        use HandoffKind::{PortalProgress, PortalRecord, PostOrder};
        let phone = "postal.return.phone";
        check(
            PostOrder,
            Stage::Dead,
            "POST-105",
            Some(phone),
            "post.order/rejected/POST-105/postal.return.phone",
        );
        check(
            PostOrder,
            Stage::Dead,
            "GATEWAY-NO-PHONE",
            Some(phone),
            "post.order/planning/GATEWAY-NO-PHONE/postal.return.phone",
        );
        check(PostOrder, Stage::Dead, "GATEWAY-UNCERTAIN", None, "post.order/uncertain/GATEWAY-UNCERTAIN/-");
        check(
            PortalProgress,
            Stage::Dead,
            "GATEWAY-BUDGET-SPENT",
            None,
            "portal.progress/unavailable/GATEWAY-BUDGET-SPENT/-",
        );
        check(
            PortalRecord,
            Stage::Dead,
            "PORTAL-57",
            Some("fees[3].amount"),
            "portal.record/rejected/PORTAL-57/fees.amount",
        );
        check(
            PortalRecord,
            Stage::Dead,
            "PORTAL-57",
            Some("fees.12.amount"),
            "portal.record/rejected/PORTAL-57/fees.amount",
        );
        check(
            PortalRecord,
            Stage::Held,
            "GATEWAY-EMPTIED-LIST",
            None,
            "portal.record/held/GATEWAY-EMPTIED-LIST/-",
        );
        assert_eq!(fingerprint(PostOrder, Stage::Uncertain, None), "post.order/uncertain/-/-");
    }

    #[test]
    fn what_came_later_decides_how_it_goes_again() {
        fn check(kind: HandoffKind, status: Option<u8>, later: Later, expected: Again) {
            let status = status.map(|code| Status::try_from(code).unwrap());
            assert_eq!(again(kind, status, later), expected, "{kind:?} {later:?}");
        }
        use HandoffKind::{PortalProgress, PortalRecord, PortalStatus, PostCancel, PostOrder};
        let nothing = Later::default();
        let all = Later { record: true, status: true, rows: true, order: true };
        for kind in [PortalRecord, PortalProgress, PortalStatus, PostOrder, PostCancel] {
            check(kind, Some(5), nothing, Again::InPlace);
        }
        check(PortalRecord, None, all, Again::NewerRecord);
        check(PortalStatus, Some(5), all, Again::NewerStatus);
        check(PortalStatus, Some(4), Later { status: false, ..all }, Again::InPlace);
        check(PortalRecord, None, Later { rows: true, ..nothing }, Again::InPlace);
        check(PortalProgress, Some(4), all, Again::Late);
        check(PortalProgress, Some(5), all, Again::LateSupplement);
        check(PostOrder, None, all, Again::OtherOrder);
        check(PostCancel, None, all, Again::InPlace);
    }

    #[test]
    fn a_bulk_replay_starts_small_and_stops_when_the_cause_is_still_there() {
        assert_eq!([0, 1, 2, 3].map(batch_size), [1, 5, 25, 25]);
        fn check(batch: u32, size: usize, failed: usize, expected: bool) {
            assert_eq!(stops(batch, size, failed), expected, "{failed} of {size} in batch {batch}");
        }
        check(0, 1, 0, false);
        check(0, 1, 1, true);
        check(1, 5, 1, false);
        check(1, 5, 2, true);
        check(2, 25, 5, false);
        check(2, 25, 6, true);
        check(2, 3, 1, true);
        check(2, 0, 0, false);
    }
}
