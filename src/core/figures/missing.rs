//! Why the portal has acknowledged no record of a dossier, and who must act.

/// A state of a record that is not with the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// It is due, or will be.
    Waiting,
    /// It is being sent.
    Sending,
    /// The portal may have it.
    Uncertain,
    /// It stopped.
    Dead,
    /// It would empty a list.
    Held,
    /// A person ended it.
    Dismissed,
    /// The gateway only observes.
    Observed,
}

/// The newest record of a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// How it stands.
    pub state: RecordState,
    /// It was tried before.
    pub tried: bool,
    /// Its account is blocked, or an operator has paused it.
    pub closed: bool,
    /// Its reason names a field of the event.
    pub field: bool,
}

/// Why the portal has acknowledged nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// Not sent yet.
    Waiting,
    /// Tried and not taken; tried again by itself.
    Retrying,
    /// Being sent.
    Sending,
    /// Its account is blocked or paused.
    Closed,
    /// The portal may have it; the gateway finds out.
    Uncertain,
    /// Stopped, and the desk corrects a field.
    StoppedAtDesk,
    /// Stopped, and nobody but operators can do anything.
    Stopped,
    /// Held, because it would empty a list at the portal.
    Held,
    /// Ended by a person.
    Dismissed,
    /// The agency is only observed.
    Observed,
    /// No record: its events wait behind one that has not come.
    Gap,
    /// No record: its event could not be planned.
    Aside,
    /// No record: a ministry's system reports the procedure.
    Elsewhere,
    /// No record: the agency has no account at the portal.
    NoAccount,
    /// No record, and nothing that is still kept says why.
    Unplanned,
    /// Its message was set aside and never taken in.
    Quarantined,
}

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Nobody: it goes by itself, or is not for this gateway.
    Nobody,
    /// The one-stop desk.
    Desk,
    /// Operators of the gateway.
    Ops,
    /// The post office.
    Post,
}

impl Who {
    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Desk => "desk",
            Self::Ops => "ops",
            Self::Post => "post",
        }
    }
}

impl Record {
    /// Why the portal has not acknowledged it.
    pub fn missing(self) -> Missing {
        match self.state {
            RecordState::Waiting if self.closed => Missing::Closed,
            RecordState::Waiting if self.tried => Missing::Retrying,
            RecordState::Waiting => Missing::Waiting,
            RecordState::Sending => Missing::Sending,
            RecordState::Uncertain => Missing::Uncertain,
            RecordState::Dead if self.field => Missing::StoppedAtDesk,
            RecordState::Dead => Missing::Stopped,
            RecordState::Held => Missing::Held,
            RecordState::Dismissed => Missing::Dismissed,
            RecordState::Observed => Missing::Observed,
        }
    }
}

impl Missing {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Waiting,
        Self::Retrying,
        Self::Sending,
        Self::Closed,
        Self::Uncertain,
        Self::StoppedAtDesk,
        Self::Stopped,
        Self::Held,
        Self::Dismissed,
        Self::Observed,
        Self::Gap,
        Self::Aside,
        Self::Elsewhere,
        Self::NoAccount,
        Self::Unplanned,
        Self::Quarantined,
    ];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
            Self::Sending => "sending",
            Self::Closed => "account-closed",
            Self::Uncertain => "uncertain",
            Self::StoppedAtDesk => "stopped-field",
            Self::Stopped => "stopped",
            Self::Held => "held",
            Self::Dismissed => "dismissed",
            Self::Observed => "observed",
            Self::Gap => "gap",
            Self::Aside => "unplannable",
            Self::Elsewhere => "elsewhere",
            Self::NoAccount => "no-account",
            Self::Unplanned => "never-planned",
            Self::Quarantined => "quarantined",
        }
    }

    /// Who must act.
    pub fn who(self) -> Who {
        match self {
            Self::Waiting | Self::Retrying | Self::Sending | Self::Uncertain | Self::Elsewhere => Who::Nobody,
            Self::StoppedAtDesk | Self::Held | Self::Gap | Self::Quarantined => Who::Desk,
            Self::Closed
            | Self::Stopped
            | Self::Dismissed
            | Self::Observed
            | Self::Aside
            | Self::NoAccount
            | Self::Unplanned => Who::Ops,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_newest_record_says_why_and_who() {
        fn check(state: RecordState, (tried, closed, field): (bool, bool, bool), why: Missing, who: Who) {
            let missing = Record { state, tried, closed, field }.missing();
            assert_eq!((missing, missing.who()), (why, who), "{state:?}");
        }
        use RecordState::{Dead, Dismissed, Held, Observed, Sending, Uncertain, Waiting};
        check(Waiting, (false, false, false), Missing::Waiting, Who::Nobody);
        check(Waiting, (true, false, false), Missing::Retrying, Who::Nobody);
        check(Waiting, (true, true, false), Missing::Closed, Who::Ops);
        check(Sending, (true, true, false), Missing::Sending, Who::Nobody);
        check(Uncertain, (true, true, false), Missing::Uncertain, Who::Nobody);
        check(Dead, (false, false, true), Missing::StoppedAtDesk, Who::Desk);
        check(Dead, (true, true, false), Missing::Stopped, Who::Ops);
        check(Held, (false, false, true), Missing::Held, Who::Desk);
        check(Dismissed, (true, false, false), Missing::Dismissed, Who::Ops);
        check(Observed, (false, false, false), Missing::Observed, Who::Ops);
    }

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Missing::ALL.into_iter().map(Missing::name).collect();
        assert_eq!(names.len(), Missing::ALL.len());
    }
}
