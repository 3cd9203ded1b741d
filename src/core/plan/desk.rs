//! What a desk event causes: the portal's side first, then the legs.
//!
//! In order, the event's snapshot becomes the newest one and everything is judged by it. Late, the event adds its row and
//! a fresh record of the newest snapshot; what it asks of the post is judged against the present state.

use super::draft::Draft;
use super::legs;
use super::moves::{self, Move};
use super::orders::View;
use super::sequence::{self, Position};
use super::{Born, Stage, cure, echo, lists, portal, reasons, wishes};
use crate::event::{Event, EventKind, Snapshot, Subject};
use crate::handoff::{HandoffKind, Leg, Row};
use crate::ids::{DossierCode, SlipNumber};
use crate::outcome::{Reason, ReasonCode, gateway};
use crate::state::LegStage;
use crate::status::Status;
use crate::tables::DoneMeans;

/// Plans a desk event.
pub(super) fn plan_event(draft: &mut Draft<'_>, event: &Event) {
    let rules = draft.tables.source(&event.source);
    let position = sequence::place_of(event, &draft.state, rules);
    sequence::remember(event, &mut draft.state);
    if position == Position::First && draft.tables.agency(&event.snapshot.agency.code).is_none() {
        draft.ask(reasons::UNKNOWN_AGENCY);
    }
    match position {
        Position::Late => draft.inform(reasons::LATE_EVENT),
        Position::Gap => draft.inform(reasons::SEQUENCE_GAP),
        Position::First | Position::InOrder => {}
    }
    let late = position == Position::Late;
    match &event.subject {
        Subject::Slip(slip) => plan_slip(draft, event, slip, late),
        Subject::Dossier(code) if late => plan_late(draft, event, code),
        Subject::Dossier(code) => plan_in_order(draft, event, code),
    }
}

fn plan_in_order(draft: &mut Draft<'_>, event: &Event, code: &DossierCode) {
    let before = draft.known.basis.as_ref();
    let mut next = completed(event, code);
    if let Some(before) = before {
        lists::fill(&mut next, before);
    }
    if !admit_status(draft, event, code, &mut next) {
        return;
    }
    let echo = echo::is_echo(draft, event, &next);
    draft.state.as_of = Some(event.time);
    if echo {
        draft.state.portal.step = next.dossier.status;
    } else {
        tell_step(draft, event, &next);
    }
    take_status(draft, event, &next);
    let emptied = lists::emptied(&next, &draft.state.portal.lists);
    let mut basis = next.clone();
    lists::restore(&mut basis, &emptied, before);
    if let Some(side) = portal::side(draft, &next, event.time).filter(|_| !echo) {
        let row = row_of(draft, event, code);
        if wants_record(draft, event, &next) || cures_the_record(draft, &side, &next) {
            portal::look_at_phone(draft, &next);
            portal::add_record(draft, &side, &next, emptied);
        }
        if let Some(row) = row {
            portal::add_row(draft, &side, row, None);
        }
        if event.kind == EventKind::StatusChanged {
            portal::add_status(draft, &side, &next, event.time, &next.step.text);
        } else {
            portal::catch_up_status(draft, &side, &next, event.time);
        }
    }
    let asked = wishes::take(draft, event, false);
    wishes::tell_of_other_orders(draft, &basis);
    let view = View {
        snapshot: &basis,
        before,
        base: code.as_str(),
        as_of: event.time,
        registered: event.kind == EventKind::ReturnRegistered,
    };
    ask_the_post(draft, event, &view, asked);
    legs::reconcile(draft, &view);
    draft.set_basis(basis);
}

/// The event's snapshot with what its kind says beyond doubt.
fn completed(event: &Event, code: &DossierCode) -> Snapshot {
    let mut snapshot = event.snapshot.clone();
    snapshot.dossier.code = Some(code.clone());
    match event.kind {
        EventKind::ReturnRegistered => snapshot.dossier.return_by_post = true,
        EventKind::ReturnWithdrawn => snapshot.dossier.return_by_post = false,
        EventKind::StatusChanged
        | EventKind::PickupRequested
        | EventKind::PickupCancelled
        | EventKind::PapersForwarded
        | EventKind::FeesChanged
        | EventKind::ReorderRequested => {}
    }
    snapshot
}

/// Refuses a change of status that no process can mean: the row is born a dead letter, and nothing else follows. Events
/// that only carry such a status along are planned under the present one.
fn admit_status(draft: &mut Draft<'_>, event: &Event, code: &DossierCode, next: &mut Snapshot) -> bool {
    let (Some(from), Some(to)) = (draft.state.portal.status, next.dossier.status) else { return true };
    if moves::judge(from, to) != Move::Impossible {
        return true;
    }
    if event.kind != EventKind::StatusChanged {
        next.dossier.status = Some(from);
        draft.inform(reasons::STATUS_JUMP);
        return true;
    }
    match portal::side(draft, next, event.time) {
        Some(side) => {
            let reason = Reason::new(ReasonCode::known(gateway::STATUS_JUMP)).at("dossier.status");
            let row = portal::step_row(event, code.clone(), to);
            portal::add_row(draft, &side, row, Some(reason));
        }
        None => draft.ask(reasons::STATUS_JUMP),
    }
    false
}

/// Takes the snapshot's status over, with what it means for the lasting facts.
fn take_status(draft: &mut Draft<'_>, event: &Event, next: &Snapshot) {
    let Some(status) = next.dossier.status else { return };
    let stepped = event.kind == EventKind::StatusChanged;
    let leaves = leaves_only(draft, event);
    let portal = &mut draft.state.portal;
    if moves::ends_a_delivery(status) {
        if portal.delivered_at.is_some_and(|delivered_at| event.time > delivered_at) {
            portal.delivered_at = None;
        }
        if matches!(portal.status, Some(Status::Done | Status::Returned)) {
            portal.reopened_at = Some(event.time);
        }
    }
    let changed = portal.status != Some(status);
    let dispatched =
        if stepped || changed { status == Status::Returned && leaves } else { portal.dispatched };
    if changed || dispatched != portal.dispatched {
        portal.status_at = Some(event.time);
    }
    portal.dispatched = dispatched;
    portal.status = Some(status);
}

/// Whether the source's 10 says of this dossier only that the parcel has left. A parcel that came back has not: then the
/// desk handed the result over.
fn leaves_only(draft: &Draft<'_>, event: &Event) -> bool {
    let means = draft.tables.source(&event.source).map_or(DoneMeans::HandedOver, |rules| rules.done_means);
    let came_back = draft.state.legs.get(&Leg::Return).is_some_and(|state| state.stage == LegStage::Returned);
    means == DoneMeans::Dispatched && event.snapshot.dossier.return_by_post && !came_back
}

/// Tells the desk what its step means, and remembers it.
fn tell_step(draft: &mut Draft<'_>, event: &Event, next: &Snapshot) {
    let Some(status) = next.dossier.status.filter(|_| event.kind == EventKind::StatusChanged) else { return };
    match draft.state.portal.step.map_or(Move::Usual, |step| moves::judge(step, status)) {
        Move::Usual | Move::Impossible => {}
        Move::Repeated => draft.inform(reasons::REPEATED),
        Move::Reopened => draft.inform(reasons::REOPENED),
        Move::SteppedBack => draft.inform(reasons::STEPPED_BACK),
        Move::Unusual => draft.inform(reasons::UNUSUAL_STEP),
    }
    draft.state.portal.step = Some(status);
    count_supplement(draft, status);
}

fn count_supplement(draft: &mut Draft<'_>, status: Status) {
    if status != Status::SupplementAsked {
        return;
    }
    if draft.state.portal.supplements > 0 {
        draft.inform(reasons::SECOND_SUPPLEMENT);
    }
    draft.state.portal.supplements += 1;
}

fn wants_record(draft: &Draft<'_>, event: &Event, next: &Snapshot) -> bool {
    let first = !draft.state.portal.recorded;
    match event.kind {
        EventKind::StatusChanged | EventKind::ReturnRegistered | EventKind::ReturnWithdrawn => true,
        EventKind::FeesChanged => {
            first || draft.known.basis.as_ref().is_none_or(|before| before.fees != next.fees)
        }
        // Its row needs a record before it.
        EventKind::PapersForwarded => first,
        EventKind::PickupRequested | EventKind::PickupCancelled | EventKind::ReorderRequested => false,
    }
}

/// Whether an event without a record of its own corrects what a dead record was refused for.
fn cures_the_record(draft: &Draft<'_>, side: &portal::Side<'_>, next: &Snapshot) -> bool {
    let mut records = draft.known.open.iter().filter(|open| open.kind == HandoffKind::PortalRecord);
    let Some(dead) = records.find(|open| open.stage == Stage::Dead) else { return false };
    let Some(reason) = &dead.dead else { return false };
    if cure::is_our_own(reason) && !dead.attempted {
        return portal::record(draft, side, next)
            .is_some_and(|content| portal::judge(draft, side, &content) == Born::Due);
    }
    cure::field_changed(dead, reason, next)
}

fn row_of(draft: &Draft<'_>, event: &Event, code: &DossierCode) -> Option<Row> {
    let status = match event.kind {
        EventKind::StatusChanged => event.snapshot.dossier.status?,
        EventKind::PapersForwarded => Status::Processing,
        EventKind::PickupRequested
        | EventKind::PickupCancelled
        | EventKind::ReturnRegistered
        | EventKind::ReturnWithdrawn
        | EventKind::FeesChanged
        | EventKind::ReorderRequested => return None,
    };
    if status == Status::Returned && draft.state.portal.delivered_at.is_some() {
        return None;
    }
    let leaves = status == Status::Returned && leaves_only(draft, event);
    let told = if leaves { Status::Done } else { status };
    Some(portal::step_row(event, code.clone(), told))
}

/// What the event asks of the post beyond what follows from the snapshot.
fn ask_the_post(draft: &mut Draft<'_>, event: &Event, view: &View<'_>, asked: Option<bool>) {
    match event.kind {
        EventKind::PapersForwarded => legs::forward(draft, view),
        EventKind::ReorderRequested => reorder(draft, view),
        EventKind::PickupRequested => {
            // Asked for again under the dossier's code, it is the same pickup, unless that one was over before.
            let tracked = draft.state.legs.get(&Leg::Pickup).and_then(|state| state.tracked);
            if draft.state.legs.contains_key(&Leg::Pickup)
                && tracked.is_none_or(|tracked| event.time > tracked.at)
            {
                legs::pick_up_again(draft, view);
            }
        }
        EventKind::StatusChanged if asked == Some(true) => legs::pick_up_again(draft, view),
        EventKind::StatusChanged
        | EventKind::PickupCancelled
        | EventKind::ReturnRegistered
        | EventKind::ReturnWithdrawn
        | EventKind::FeesChanged => {}
    }
}

/// A new order after one that came back: of the papers while they go back, else of the result.
fn reorder(draft: &mut Draft<'_>, view: &View<'_>) {
    let stage = |leg| draft.state.legs.get(&leg).map(|state| state.stage);
    match draft.state.portal.status {
        Some(Status::Refused | Status::Withdrawn | Status::Stopped)
            if stage(Leg::PapersBack) == Some(LegStage::Returned) =>
        {
            legs::order_again(draft, view, Leg::PapersBack);
        }
        Some(Status::Done | Status::Returned)
            if view.snapshot.dossier.return_by_post
                && draft.state.portal.reported() == Some(Status::Done) =>
        {
            legs::order_again(draft, view, Leg::Return);
        }
        Some(_) | None => draft.inform(reasons::REORDER_IGNORED),
    }
}

fn plan_late(draft: &mut Draft<'_>, event: &Event, code: &DossierCode) {
    let own = completed(event, code);
    let newest = draft.known.basis.clone().map(|mut newest| {
        lists::fill(&mut newest, &own);
        newest
    });
    report_late(draft, event, code, &own, newest.as_ref());
    wishes::take(draft, event, true);
    let status = draft.state.portal.status;
    let before = draft.known.basis.as_ref();
    let as_of = draft.state.as_of.unwrap_or(event.time);
    let base = code.as_str();
    match event.kind {
        EventKind::PapersForwarded if status.is_none_or(moves::is_under_way) => {
            let view = View { snapshot: &own, before, base, as_of: event.time, registered: false };
            legs::forward(draft, &view);
        }
        EventKind::PapersForwarded => draft.ask(reasons::LATE_EVENT),
        EventKind::ReorderRequested => draft.inform(reasons::REORDER_IGNORED),
        EventKind::StatusChanged
        | EventKind::PickupRequested
        | EventKind::PickupCancelled
        | EventKind::ReturnRegistered
        | EventKind::ReturnWithdrawn
        | EventKind::FeesChanged => {}
    }
    if let Some(newest) = newest {
        legs::reconcile(draft, &View { snapshot: &newest, before, base, as_of, registered: false });
        draft.set_basis(newest);
    }
}

/// The late row, then a fresh record of what is newer, so that the portal does not end on the old status, nor on what was
/// before a change that was overtaken.
fn report_late(
    draft: &mut Draft<'_>,
    event: &Event,
    code: &DossierCode,
    own: &Snapshot,
    newest: Option<&Snapshot>,
) {
    let row = row_of(draft, event, code);
    if row.is_none() && !tells_by_record(event.kind) {
        return;
    }
    if let Some(row) = row.as_ref().filter(|_| event.kind == EventKind::StatusChanged) {
        count_supplement(draft, row.status);
    }
    let Some(side) = portal::side(draft, own, event.time) else { return };
    let recorded = draft.state.portal.recorded;
    if recorded && let Some(row) = row.clone() {
        portal::add_row(draft, &side, row, None);
    }
    if let Some(newest) = newest {
        let at = draft.state.as_of.unwrap_or(event.time);
        if let Some(side) = portal::side(draft, newest, at) {
            portal::add_record(draft, &side, newest, [].into());
            portal::catch_up_status(draft, &side, newest, at);
        }
    }
    if !recorded && let Some(row) = row {
        portal::add_row(draft, &side, row, None);
    }
}

/// Whether such an event is told by a record alone: the newer event that overtook it may have brought none.
fn tells_by_record(kind: EventKind) -> bool {
    match kind {
        EventKind::ReturnRegistered | EventKind::ReturnWithdrawn | EventKind::FeesChanged => true,
        EventKind::StatusChanged
        | EventKind::PapersForwarded
        | EventKind::PickupRequested
        | EventKind::PickupCancelled
        | EventKind::ReorderRequested => false,
    }
}

/// A slip has a pickup and nothing else. Once joined, the dossier's own snapshot stays the newest.
fn plan_slip(draft: &mut Draft<'_>, event: &Event, slip: &SlipNumber, late: bool) {
    if !matches!(event.kind, EventKind::PickupRequested | EventKind::PickupCancelled) {
        draft.inform(reasons::SLIP_ONLY);
        return;
    }
    let before = draft.known.basis.as_ref();
    let basis = match before {
        Some(before) if late || before.dossier.code.is_some() => {
            let mut basis = before.clone();
            if !late && event.snapshot.postal.pickup.is_some() {
                basis.postal.pickup.clone_from(&event.snapshot.postal.pickup);
            }
            basis
        }
        Some(before) => {
            let mut basis = event.snapshot.clone();
            lists::fill(&mut basis, before);
            basis
        }
        None => event.snapshot.clone(),
    };
    if basis.dossier.code.is_none() && !late {
        draft.state.as_of = Some(event.time);
    }
    let asked = wishes::take(draft, event, late);
    let base = slip.as_str();
    let view = View { snapshot: &basis, before, base, as_of: event.time, registered: false };
    if !late {
        ask_the_post(draft, event, &view, asked);
    }
    legs::reconcile(draft, &view);
    draft.set_basis(basis);
}
