//! The portal's side: records, rows, and statuses of dossiers that were lodged at the portal.
//!
//! A record is the newest desk snapshot with the gateway's own lasting facts; a row is one step of the dossier's life and
//! is never merged away. A row needs a record before it, so the first row of a dossier that the portal has no record of
//! brings one along, whatever event caused it. A status is set at the portal's own copy of the dossier, in a service that
//! not every interface has and that knows fewer statuses: the newest one says all that earlier ones said.

use super::draft::Draft;
use super::superseding::{self, succession};
use super::{Born, Change, Place, lists, reasons};
use crate::event::{Dossier, Event, Snapshot, Step};
use crate::handoff::{Content, Partner, Record, Row, Standing};
use crate::ids::{AccountName, DossierCode, ProcedureCode};
use crate::outcome::{Reason, ReasonCode, gateway};
use crate::state::{Emptying, List};
use crate::status::Status;
use crate::tables::{Field, Reporter, Tables, is_national_procedure};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Where the gateway reports a dossier.
pub(super) struct Side<'a> {
    account: &'a AccountName,
    procedure: ProcedureCode,
    field: Option<&'a Field>,
    refusal: Option<Reason>,
}

/// The portal's side of a dossier whose procedure is looked up at a time; `None` when the gateway does not report it.
pub(super) fn side<'a>(draft: &Draft<'a>, snapshot: &Snapshot, at: Timestamp) -> Option<Side<'a>> {
    side_through(draft.account(&snapshot.agency.code, Partner::Portal)?, snapshot, at, draft.tables)
}

/// The same through an account that a handoff was planned for.
pub(super) fn side_through<'a>(
    account: &'a AccountName,
    snapshot: &Snapshot,
    at: Timestamp,
    tables: &'a Tables,
) -> Option<Side<'a>> {
    let code = &snapshot.dossier.procedure_code;
    let national = without_suffix(code);
    let row = tables.procedure(code, at).or_else(|| tables.procedure(&national, at));
    match row {
        Some(row) => match row.reported_by {
            Reporter::Gateway => {
                let (procedure, field) = (row.national_code.clone(), row.field.as_ref());
                Some(Side { account, procedure, field, refusal: None })
            }
            Reporter::Ministry => None,
        },
        None if is_national_procedure(&national) => {
            Some(Side { account, procedure: national, field: None, refusal: None })
        }
        None => {
            let unknown = Reason::new(ReasonCode::known(gateway::UNKNOWN_PROCEDURE));
            let refusal = Some(unknown.at("dossier.procedure_code"));
            Some(Side { account, procedure: code.clone(), field: None, refusal })
        }
    }
}

/// Provinces append their own identifier: `1.000894.H56`, `1.000894.000.00.00.H56`.
fn without_suffix(code: &ProcedureCode) -> ProcedureCode {
    let mut parts = code.as_str().split('.');
    match (parts.next(), parts.next()) {
        (Some(first), Some(second)) => {
            let cut = ProcedureCode::new(format!("{first}.{second}"));
            if is_national_procedure(&cut) { cut } else { code.clone() }
        }
        (Some(_), None) | (None, _) => code.clone(),
    }
}

/// Plans the record that the snapshot makes, behind or in place of those that it makes needless.
///
/// `emptied` are lists that the portal holds and that the snapshot says are empty.
pub(super) fn add_record(
    draft: &mut Draft<'_>,
    side: &Side<'_>,
    snapshot: &Snapshot,
    emptied: BTreeSet<List>,
) {
    let Some(content) = record(draft, side, snapshot) else { return };
    let born = match (judge(draft, side, &content), emptied.first()) {
        (Born::Due, Some(list)) => {
            Born::Held(Reason::new(ReasonCode::known(gateway::EMPTIED_LIST)).at(list.field()))
        }
        (born, _) => born,
    };
    let decided = succession(&draft.known.open, draft.state.portal.acknowledged, &born);
    for id in decided.superseded {
        draft.change(Change::Supersede { id });
    }
    let due = born == Born::Due;
    let held = matches!(born, Born::Held(_));
    let id = draft.add(side.account, content, born, decided.place);
    let portal = &mut draft.state.portal;
    portal.recorded = true;
    portal.emptying = held.then_some(Emptying { record: id, lists: emptied });
    if due {
        portal.lists.extend(lists::filled(snapshot));
    }
}

/// What a record of the snapshot would be; `None` while there is no status to report.
pub(super) fn record(draft: &Draft<'_>, side: &Side<'_>, snapshot: &Snapshot) -> Option<Content> {
    let portal = &draft.state.portal;
    let status = portal.reported()?;
    let told = snapshot.dossier.returned_at;
    let returned_at = match portal.delivered_at {
        Some(delivered_at) => Some(delivered_at),
        None if status == Status::Returned => told.or(portal.status_at),
        None if portal.dispatched => None,
        None => told,
    };
    let mut snapshot = snapshot.clone();
    if snapshot.dossier.field_code.is_empty()
        && let Some(field) = side.field
    {
        snapshot.dossier.field_code.clone_from(&field.code);
        snapshot.dossier.field_name.clone_from(&field.name);
    }
    Some(Content::Record(Box::new(Record {
        snapshot,
        procedure: side.procedure.clone(),
        status,
        returned_at,
        delivered_by_post: portal.delivered_at.is_some(),
    })))
}

/// What a record would be born as, lists aside.
pub(super) fn judge(draft: &Draft<'_>, side: &Side<'_>, content: &Content) -> Born {
    match &side.refusal {
        Some(refusal) => Born::Dead(refusal.clone()),
        None => draft.judge(side.account, content),
    }
}

/// Plans a row.
pub(super) fn add_row(draft: &mut Draft<'_>, side: &Side<'_>, row: Row, refusal: Option<Reason>) {
    draft.hand_off(side.account, Content::Row(row), refusal);
}

/// Plans the status of a dossier that was lodged at the portal, where the account's interface takes it.
pub(super) fn add_status(
    draft: &mut Draft<'_>,
    side: &Side<'_>,
    snapshot: &Snapshot,
    at: Timestamp,
    text: &str,
) {
    let Dossier { code: Some(code), portal_code: Some(portal_code), .. } = &snapshot.dossier else { return };
    let Some(status) = draft.state.portal.reported() else { return };
    if !draft.tables.takes_status(side.account, status) {
        return;
    }
    let content = Content::Status(Standing {
        portal_code: portal_code.clone(),
        dossier: code.clone(),
        applicant: snapshot.applicant.portal_id.clone(),
        status,
        at,
        text: text.to_owned(),
    });
    let born = draft.judge(side.account, &content);
    for id in superseding::older_statuses(&draft.known.open, &born) {
        draft.change(Change::Supersede { id });
    }
    if matches!(born, Born::Dead(_)) {
        draft.state.portal.status_stopped = true;
    }
    draft.state.portal.status_told = Some(status);
    draft.add(side.account, content, born, Place::Last);
}

/// Plans the status that the portal is to show, unless it was the last one planned: the step that brought it was lost, or
/// came late.
pub(super) fn catch_up_status(draft: &mut Draft<'_>, side: &Side<'_>, snapshot: &Snapshot, at: Timestamp) {
    if draft.state.portal.status_told != draft.state.portal.reported() {
        add_status(draft, side, snapshot, at, &snapshot.step.text);
    }
}

/// The row of a desk's step.
pub(super) fn step_row(event: &Event, dossier: DossierCode, status: Status) -> Row {
    let Step { officer, position, department, text, started_at, due_at } = event.snapshot.step.clone();
    Row { dossier, status, at: event.time, officer, position, department, text, started_at, due_at }
}

/// Tells the desk once when the portal gets no phone.
pub(super) fn look_at_phone(draft: &mut Draft<'_>, snapshot: &Snapshot) {
    let missing = |snapshot: &Snapshot| snapshot.applicant.phone.as_deref().is_none_or(str::is_empty);
    let new = draft.known.basis.as_ref().is_none_or(|basis| !missing(basis));
    if missing(snapshot) && new {
        draft.inform(reasons::NO_PHONE_AT_PORTAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agency_suffixes_are_cut_from_national_codes_only() {
        for (code, expected) in [
            ("1.004873", "1.004873"),
            ("1.000894.H56", "1.000894"),
            ("1.000894.000.00.00.H56", "1.000894"),
            ("TS_lop1.000.00.00.H22", "TS_lop1.000.00.00.H22"),
            ("TS_lop1", "TS_lop1"),
            ("", ""),
        ] {
            assert_eq!(without_suffix(&ProcedureCode::new(code)).as_str(), expected, "{code}");
        }
    }
}
