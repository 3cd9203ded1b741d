//! Sending a dead letter again: whether it may be, and setting it due.
//!
//! It never passes the inbox and never makes a second handoff: id, key, lane and place stay, so that the protections of a
//! first sending hold for every later one. Commands and bulk tasks both come here.

use super::recover::may_be_there;
use super::rows::HandoffRow;
use super::settle::Settling;
use super::{Error, Surroundings, Transition, known, lanes, millis, turns};
use jiff::Timestamp;
use lienthong_core::handoff::{HandoffKind, Leg};
use lienthong_core::letters::{Again, Later, again};
use lienthong_core::plan::Ended;
use rusqlite::{Connection, params};

/// Why an operator's act was refused; nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such handoff, dossier, lane or task.
    Unknown,
    /// It is not a dead letter.
    NotDead,
    /// The partner may have it: this needs the word of somebody who asked the partner.
    MayBeThere,
    /// Its content has been erased.
    Erased,
    /// Its account is not configured: nothing would send it.
    NoAccount,
    /// The portal has a newer record: this one would turn the dossier back.
    NewerRecord,
    /// A newer status of the dossier at the portal said all that it says.
    NewerStatus,
    /// A row 5 behind later rows would make the dossier late.
    LateSupplement,
    /// Another order serves its leg.
    OtherOrder,
    /// An attempt is under way.
    UnderWay,
    /// It was not ended by hand.
    NotDismissed,
    /// Later work rests on its end.
    LaterWork,
    /// Something ahead of it holds it: that is the head.
    NotHead,
    /// What it would say cannot be made: no snapshot any more, or it is not reported.
    NoSnapshot,
    /// The patch does not fit the content.
    PatchDoesNotFit,
    /// The patched content has this field, which no content has.
    UnknownField(String),
    /// The patch would make another handoff of it: this part of its key would change.
    KeyChanged(&'static str),
    /// The partner's contract refuses the content: code and field.
    Problem(String, String),
    /// It differs from what was shown and confirmed.
    ChangedMeanwhile,
    /// The partner was asked and does not have it.
    Absent,
    /// The partner was asked and holds something else under our number.
    Differs,
    /// The number belongs to another order.
    OtherParcel(String),
    /// A bulk replay of this group runs already.
    TaskRuns(i64),
    /// The waybill is this order's.
    WaybillInUse(String),
    /// The waybill is in the pool of another account: which waybill, and whose.
    WaybillOfOther(String, String),
}

impl Refusal {
    /// Its name in answers to programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotDead => "not-dead",
            Self::MayBeThere => "may-be-there",
            Self::Erased => "erased",
            Self::NoAccount => "no-account",
            Self::NewerRecord => "newer-record",
            Self::NewerStatus => "newer-status",
            Self::LateSupplement => "late-supplement",
            Self::OtherOrder => "other-order",
            Self::UnderWay => "under-way",
            Self::NotDismissed => "not-dismissed",
            Self::LaterWork => "later-work",
            Self::NotHead => "not-head",
            Self::NoSnapshot => "no-snapshot",
            Self::PatchDoesNotFit => "patch-does-not-fit",
            Self::UnknownField(_) => "unknown-field",
            Self::KeyChanged(_) => "key-changed",
            Self::Problem(..) => "problem",
            Self::ChangedMeanwhile => "changed-meanwhile",
            Self::Absent => "absent",
            Self::Differs => "differs",
            Self::OtherParcel(_) => "other-parcel",
            Self::TaskRuns(_) => "task-runs",
            Self::WaybillInUse(_) => "waybill-in-use",
            Self::WaybillOfOther(..) => "waybill-of-other",
        }
    }
}

/// What becomes of a dead letter that is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// It goes at its place.
    InPlace,
    /// It is added after later rows.
    Late,
}

/// Whether a dead letter may be sent again, and how.
pub(super) fn course_of(
    tx: &Connection,
    around: &Surroundings,
    row: &HandoffRow,
    not_there: bool,
) -> Result<Result<Course, Refusal>, Error> {
    if row.state != "dead" && row.state != "held" {
        return Ok(Err(Refusal::NotDead));
    }
    if row.content.is_none() {
        return Ok(Err(Refusal::Erased));
    }
    if around.partners.get(&row.account).is_none() {
        return Ok(Err(Refusal::NoAccount));
    }
    if may_be_there(row) && !not_there {
        return Ok(Err(Refusal::MayBeThere));
    }
    Ok(match again(row.kind, row.row_status, later(tx, row)?) {
        Again::InPlace => Ok(Course::InPlace),
        Again::Late => Ok(Course::Late),
        Again::NewerRecord => Err(Refusal::NewerRecord),
        Again::NewerStatus => Err(Refusal::NewerStatus),
        Again::LateSupplement => Err(Refusal::LateSupplement),
        Again::OtherOrder => Err(Refusal::OtherOrder),
    })
}

/// What was accepted behind it since it stopped.
fn later(tx: &Connection, row: &HandoffRow) -> Result<Later, Error> {
    let accepted_behind = |kind: &str| -> Result<bool, Error> {
        Ok(tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM handoff AS later JOIN handoff AS this ON this.id = ?1
                     WHERE later.dossier = this.dossier AND later.kind = ?2 AND later.state IN ('accepted', 'resolved')
                       AND (later.place, later.id) > (this.place, this.id))",
            )?
            .query_row(params![row.id, kind], |row| row.get(0))?)
    };
    let mut later = Later::default();
    match row.kind {
        HandoffKind::PortalRecord => later.record = accepted_behind(row.kind.name())?,
        HandoffKind::PortalStatus => later.status = accepted_behind(row.kind.name())?,
        HandoffKind::PortalProgress => later.rows = accepted_behind(row.kind.name())?,
        HandoffKind::PostOrder => later.order = is_replaced(tx, row)?,
        HandoffKind::PostCancel | HandoffKind::CommuneEvent => {}
    }
    Ok(later)
}

/// Whether another order serves the leg now. Papers may be forwarded more than once: there every order stands for itself.
pub(super) fn is_replaced(tx: &Connection, row: &HandoffRow) -> Result<bool, Error> {
    let Some(leg) = row.leg.filter(|leg| *leg != Leg::Forward) else { return Ok(false) };
    let state = known::state_of(&known::dossier(tx, row.dossier)?)?;
    Ok(state.legs.get(&leg).is_some_and(|state| state.order != row.handoff_id))
}

/// Sets it due under the same key.
pub(super) fn set_due(
    tx: &Connection,
    around: &Surroundings,
    row: &HandoffRow,
    course: Course,
    now: Timestamp,
) -> Result<Vec<Transition>, Error> {
    tx.prepare_cached(
        "UPDATE handoff SET state = 'waiting', due_at = ?2, dead_at = NULL, code = NULL, field = NULL, failures = 0,
             counted_attempts = 0, counted_age_ms = 0, uncertain_since = NULL, absent_looks = 0 WHERE id = ?1",
    )?
    .execute(params![row.id, millis(now)])?;
    turns::mark_replayed(tx, row.id)?;
    // It is sent again, so chance has no part in it.
    let settling = Settling { tx, around, now, draw: 0.5 };
    let mut transitions = vec![settling.transition(row, "waiting", None)?];
    if course == Course::Late {
        transitions.extend(settling.follow_up(row, Ended::SentLate(row.attempts))?);
    }
    lanes::refresh(tx, row.dossier, &around.tables)?;
    Ok(transitions)
}
