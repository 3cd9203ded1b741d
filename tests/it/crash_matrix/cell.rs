//! The cells of the matrix: where the process dies, what it is about then, and how the partner answers.

use crate::support::Dossier;
use mock_kit::{Deed, Fault, Stage, Wait};
use std::fmt;

/// What the partner does with the call that the cell is about, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    Rejected,
    Unavailable,
    UncertainTaken,
    UncertainNotTaken,
    Blocked,
}

/// The call that the cell is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The first record of a dossier.
    Record,
    /// Its first progress row.
    Row,
    /// A row with status 5, which must never stand twice.
    Row5,
    /// Two rows in one call.
    Batch,
    /// The order of a return.
    Order,
    /// Its cancel.
    Cancel,
    /// A status of a dossier that was lodged at the portal.
    Status,
}

/// Where the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At a crash point that knows the call.
    Call(&'static str),
    /// At a crash point that knows the call and its outcome.
    Outcome(&'static str),
    /// Killed from outside while the partner holds back an answer that it has decided.
    Held,
    /// At a crash point anywhere; `Cell::pass` says at which pass.
    Anywhere(&'static str),
    /// As `Held`, and then once more at this point of the next start.
    AndAgain(&'static str),
}

/// One cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) place: Place,
    pub(super) subject: Subject,
    pub(super) answer: Answer,
    /// At which pass, of places anywhere.
    pub(super) pass: u32,
}

impl Answer {
    pub(super) const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Rejected,
        Self::Unavailable,
        Self::UncertainTaken,
        Self::UncertainNotTaken,
        Self::Blocked,
    ];

    /// The outcome that the gateway must make of it.
    pub(super) fn outcome(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::UncertainTaken | Self::UncertainNotTaken => "uncertain",
            Self::Blocked => "blocked",
        }
    }

    fn deed(self, subject: Subject) -> Option<Deed> {
        let code = match subject {
            Subject::Order | Subject::Cancel => "150",
            Subject::Record | Subject::Row | Subject::Row5 | Subject::Batch | Subject::Status => "57",
        };
        match self {
            Self::Accepted => None,
            Self::Rejected => {
                Some(Deed::Refuse { code: code.to_owned(), message: "Không hợp lệ".to_owned() })
            }
            Self::Unavailable => Some(Deed::Unavailable { wait: Wait::None }),
            Self::UncertainTaken => Some(Deed::Reset { stage: Stage::AfterTaking }),
            Self::UncertainNotTaken => Some(Deed::Reset { stage: Stage::BeforeTaking }),
            Self::Blocked => Some(Deed::NotFound),
        }
    }
}

impl Subject {
    pub(super) const ALL: [Self; 7] =
        [Self::Record, Self::Row, Self::Row5, Self::Batch, Self::Order, Self::Cancel, Self::Status];

    /// The operation at the partner.
    pub(super) fn operation(self) -> &'static str {
        match self {
            Self::Record => "DongBoHoSoMC",
            Self::Row | Self::Row5 | Self::Batch => "CapNhatTienDoHoSoMC",
            Self::Order => "order",
            Self::Cancel => "cancel",
            Self::Status => "DongBoTrangThaiHoSo",
        }
    }

    pub(super) fn is_of_the_post(self) -> bool {
        matches!(self, Self::Order | Self::Cancel)
    }

    /// What the partner knows it by.
    pub(super) fn key(self, dossier: &Dossier) -> String {
        if self.is_of_the_post() { dossier.order("TRA") } else { dossier.code.clone() }
    }

    /// Calls of this operation and key that come before it.
    pub(super) fn before_it(self) -> u32 {
        match self {
            Self::Record | Self::Row | Self::Order | Self::Cancel | Self::Status => 0,
            Self::Row5 => 1,
            Self::Batch => 2,
        }
    }

    /// The words by which a crash point knows it.
    fn words(self, dossier: &Dossier) -> String {
        let (code, number) = (&dossier.code, dossier.order("TRA"));
        match self {
            Self::Record => format!("portal.record {code}"),
            Self::Row => format!("portal.progress {code}/2"),
            Self::Row5 => format!("portal.progress {code}/5"),
            Self::Batch => format!("portal.progress {code}/4 {code}/6 2-in-one-call"),
            Self::Order => format!("post.order {number}"),
            Self::Cancel => format!("post.cancel {number}"),
            // Which step it tells of depends on what has come by then: a newer one supersedes it.
            Self::Status => "portal.status".to_owned(),
        }
    }
}

impl Cell {
    pub(super) fn of(place: Place, subject: Subject, answer: Answer) -> Self {
        Self { place, subject, answer, pass: 1 }
    }

    /// For `LIENTHONG_CRASH_AT`; `None` when it is killed from outside.
    pub(super) fn spot(&self, dossier: &Dossier) -> Option<String> {
        match self.place {
            Place::Call(point) => Some(format!("{point} {}", self.subject.words(dossier))),
            Place::Outcome(point) => {
                Some(format!("{point} {} {}", self.subject.words(dossier), self.answer.outcome()))
            }
            Place::Anywhere(point) => Some(format!("{point}#{}", self.pass)),
            Place::Held | Place::AndAgain(_) => None,
        }
    }

    /// What the partner is told to do, once.
    pub(super) fn faults(&self, dossier: &Dossier) -> Vec<Fault> {
        let holds = matches!(self.place, Place::Held | Place::AndAgain(_));
        let held = holds.then_some(Deed::Delay { ms: 60_000, taken: true });
        let fault = |deed| {
            let fault = Fault::new(deed).on(self.subject.operation()).key(&self.subject.key(dossier));
            fault.after(self.subject.before_it()).times(1)
        };
        held.into_iter().chain(self.answer.deed(self.subject)).map(fault).collect()
    }

    /// Statuses of the rows that may stand twice: those that were taken and whose answer was lost. Of dossiers that the
    /// cell is not about any row may have been under way, and the journal's marks are the bound; never one with status 5.
    pub(super) fn may_double(&self, is_about_it: bool) -> &'static [&'static str] {
        if !is_about_it || self.subject.is_of_the_post() {
            return &["2", "4", "6", "9"];
        }
        let taken = matches!(self.answer, Answer::Accepted | Answer::UncertainTaken);
        let lost = match self.place {
            Place::Held | Place::AndAgain(_) => true,
            Place::Outcome(point) => point != "settle.after_commit" || self.answer == Answer::UncertainTaken,
            Place::Call(_) => self.answer == Answer::UncertainTaken,
            Place::Anywhere(_) => true,
        };
        let settled = self.place == Place::Outcome("settle.after_commit");
        match self.subject {
            // What goes next may be claimed in the commit of the settlement before it, and under way when the process dies: the
            // row behind its record, and the first row of a refused batch, alone.
            Subject::Record if settled && self.answer == Answer::Accepted => &["2"],
            Subject::Batch if settled && self.answer == Answer::Rejected => &["4"],
            // A claim may stand in one commit with the settlement of the row before: then both are lost.
            Subject::Row5 if self.place == Place::Call("claim.before_commit") => &["2"],
            // The same, and the row is that of whichever step the status tells of; of a supplement it tells nothing.
            Subject::Status if self.place == Place::Call("claim.before_commit") => &["2", "4", "6", "9"],
            Subject::Row if taken && lost => &["2"],
            Subject::Batch if taken && lost => &["4", "6"],
            Subject::Record
            | Subject::Row
            | Subject::Row5
            | Subject::Batch
            | Subject::Order
            | Subject::Cancel
            | Subject::Status => &[],
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place {
            Place::Call(point) | Place::Outcome(point) => point.to_owned(),
            Place::Anywhere(point) => format!("{point}#{}", self.pass),
            Place::Held => "killed while the answer is held".to_owned(),
            Place::AndAgain(point) => format!("killed while the answer is held, then {point}"),
        };
        write!(f, "{place:<58} {:<8} {:?}", format!("{:?}", self.subject), self.answer)
    }
}
