//! What the comparison of both sides has sent or asked for: one record more, or a task for a person.
//!
//! A record says the whole dossier as it stands now, so sending it once more turns nothing back. Rows, orders and cancels
//! are never planned here (test `a_repair_plans_a_record_and_nothing_else`).

use super::draft::Draft;
use super::{Born, Known, Plan, Stage, portal};
use crate::event::Snapshot;
use crate::handoff::{HandoffKind, Partner};
use crate::outcome::Reason;
use crate::port::Translate;
use crate::tables::Tables;
use jiff::Timestamp;

/// Why no record is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAgain {
    /// There is no snapshot any more.
    NoSnapshot,
    /// The gateway does not report the dossier now, or there is no status to report.
    NotReported,
    /// A record is under way, and says the same.
    UnderWay,
    /// A record stopped: what stopped it is cured first.
    Stopped,
    /// The record could not be sent as it is.
    Refused(Reason),
}

impl NotAgain {
    /// Name in the journal and in answers.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoSnapshot => "no-snapshot",
            Self::NotReported => "not-reported",
            Self::UnderWay => "under-way",
            Self::Stopped => "stopped",
            Self::Refused(_) => "refused",
        }
    }
}

/// Whether the gateway reports such a dossier, whose newest event came about `at`, through an account in force `now`.
pub fn is_reported(snapshot: &Snapshot, at: Timestamp, tables: &Tables, now: Timestamp) -> bool {
    let account = tables.account(&snapshot.agency.code, Partner::Portal, now);
    account.is_some_and(|account| portal::side_through(account, snapshot, at, tables).is_some())
}

/// The record of the newest snapshot once more. The same `repair` gives the same handoff.
///
/// # Errors
/// Why none is planned.
pub fn record(
    repair: &str,
    known: &Known,
    tables: &Tables,
    translate: &dyn Translate,
    now: Timestamp,
) -> Result<Plan, NotAgain> {
    let records = || known.open.iter().filter(|open| open.kind == HandoffKind::PortalRecord);
    if records().any(|open| matches!(open.stage, Stage::Waiting | Stage::Sending | Stage::Uncertain)) {
        return Err(NotAgain::UnderWay);
    }
    if records().next().is_some() {
        return Err(NotAgain::Stopped);
    }
    let (Some(basis), Some(at)) = (known.basis.as_ref(), known.state.as_of) else {
        return Err(NotAgain::NoSnapshot);
    };
    let mut draft = Draft::new(&["reconcile", repair], None, now, known, tables, translate);
    let side = portal::side(&draft, basis, at).ok_or(NotAgain::NotReported)?;
    let content = portal::record(&draft, &side, basis).ok_or(NotAgain::NotReported)?;
    match portal::judge(&draft, &side, &content) {
        Born::Due => {
            portal::add_record(&mut draft, &side, basis, [].into());
            Ok(draft.finish())
        }
        Born::Dead(reason) | Born::Held(reason) => Err(NotAgain::Refused(reason)),
    }
}

/// A task for the desk, and nothing else.
pub fn task(
    code: &'static str,
    known: &Known,
    tables: &Tables,
    translate: &dyn Translate,
    now: Timestamp,
) -> Plan {
    let mut draft = Draft::new(&["reconcile", code], None, now, known, tables, translate);
    draft.ask(code);
    draft.finish()
}
