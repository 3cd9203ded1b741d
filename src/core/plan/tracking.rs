//! What the post's reports cause: rows, the lasting fact of a delivery, and what the legs make of the news. What they say
//! of the cash stands apart (`money`).
//!
//! Reports have an order of their own: an older one never overwrites a newer one, and what has ended is not reopened by
//! a report of something in between. Only the return leg is told to the portal. A delivery is never late against a desk
//! event, but a desk that has taken the dossier up again since has the last word.

use super::draft::Draft;
use super::{legs, money, orders, portal, reasons};
use crate::event::Snapshot;
use crate::handoff::{Leg, Row};
use crate::news::{ParcelNews, Told};
use crate::state::{LegStage, LegState, Tracked};
use crate::status::Status;
use crate::tracking::{TrackingEvent, TrackingState};
use jiff::{SignedDuration, Timestamp};

/// A parcel can be reported that much before its order's event: desks write times by the day.
const BEFORE_ORDER: SignedDuration = SignedDuration::from_hours(24);
/// Clocks differ that much.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// Plans a report.
pub(super) fn plan_report(draft: &mut Draft<'_>, report: &TrackingEvent, now: Timestamp) {
    let mut legs = draft.state.legs.iter();
    let known = legs.find(|(_, state)| state.number == report.number && state.stage != LegStage::Free);
    let Some((&leg, state)) = known else {
        look_at_stray(draft, report);
        return;
    };
    // What nobody can read of the parcel changes nothing, and is told nobody.
    let readable = report.meaning.parcel.filter(|state| *state != TrackingState::Unknown);
    if let Some(news) = readable.filter(|news| !is_stale(state, *news, report.at)) {
        plan_parcel(draft, leg, news, report, now);
    }
    money::plan_money(draft, leg, report);
}

fn plan_parcel(draft: &mut Draft<'_>, leg: Leg, news: TrackingState, report: &TrackingEvent, now: Timestamp) {
    let Some(state) = draft.state.legs.get_mut(&leg) else { return };
    let (before, ordered_at) = (state.stage, state.ordered_at);
    let after = advance(before, news);
    state.tracked = Some(Tracked { state: news, at: report.at });
    state.stage = after;
    tell_commune(draft, Some(leg), news, report);
    tell_desk(draft, leg, before, after);
    let Some(basis) = draft.known.basis.as_ref() else { return };
    if leg == Leg::Return {
        let credible = is_credible(report.at, ordered_at, now);
        tell_portal(draft, basis, news, report, before, credible);
    }
    legs::look_again(draft, basis);
}

fn tell_commune(draft: &mut Draft<'_>, leg: Option<Leg>, state: TrackingState, report: &TrackingEvent) {
    let (number, waybill) = (report.number.clone(), report.waybill.clone());
    draft.tell(Told::Parcel(ParcelNews { leg, number, state, waybill }));
}

/// An order that a newer one of its leg has replaced should not move any more. Forwarded papers may.
fn look_at_stray(draft: &mut Draft<'_>, report: &TrackingEvent) {
    let named = |leg: &Leg| report.number.as_str().contains(&format!("-{}-", leg.name()));
    let leg = Leg::ALL.into_iter().find(named);
    if let Some(state) = report.meaning.parcel.filter(|state| *state != TrackingState::Unknown) {
        tell_commune(draft, leg, state, report);
        let moves = matches!(state, TrackingState::Collected | TrackingState::Delivered);
        if moves && leg != Some(Leg::Forward) {
            draft.ask(reasons::OLD_PARCEL);
        }
    }
    money::look_at_stray(draft, leg, report);
}

fn is_stale(state: &LegState, news: TrackingState, at: Timestamp) -> bool {
    let Some(last) = state.tracked else { return false };
    let ended = matches!(last.state, TrackingState::Delivered | TrackingState::Returned);
    let ends = news.is_final() && !last.state.is_final();
    let again = news == last.state && at == last.at;
    again || (ended && !news.is_final()) || (at < last.at && !ends)
}

fn advance(before: LegStage, state: TrackingState) -> LegStage {
    match state {
        TrackingState::Requested
        | TrackingState::Accepted
        | TrackingState::Collecting
        | TrackingState::Unknown => before,
        TrackingState::Collected
        | TrackingState::InTransit
        | TrackingState::OutForDelivery
        | TrackingState::FailedAttempt
        | TrackingState::Returning => LegStage::Collected,
        TrackingState::Delivered => LegStage::Delivered,
        TrackingState::Returned => LegStage::Returned,
        TrackingState::Cancelled => match before {
            LegStage::Cancelling | LegStage::Cancelled | LegStage::CancelFailed => LegStage::Cancelled,
            LegStage::Delivered | LegStage::Returned => before,
            LegStage::Free
            | LegStage::Ordered
            | LegStage::CancelledByPost
            | LegStage::ByHand
            | LegStage::Collected => LegStage::CancelledByPost,
        },
    }
}

fn tell_desk(draft: &mut Draft<'_>, leg: Leg, before: LegStage, after: LegStage) {
    if before == after {
        return;
    }
    let moves = matches!(after, LegStage::Collected | LegStage::Delivered);
    if before == LegStage::Cancelling {
        // A cancel that was not tried yet would come too late, or is no longer needed.
        orders::drop_unsent_cancel(draft, leg);
    }
    if moves && matches!(before, LegStage::Cancelling | LegStage::Cancelled | LegStage::CancelledByPost) {
        draft.ask(reasons::CANCEL_TOO_LATE);
    }
    match after {
        LegStage::Cancelled => orders::close_order(draft, leg),
        LegStage::CancelledByPost => {
            orders::close_order(draft, leg);
            draft.ask(reasons::CANCELLED_BY_POST);
        }
        LegStage::Returned => {
            draft.ask(reasons::PARCEL_RETURNED);
            money::look_at_return(draft, leg);
        }
        LegStage::Free
        | LegStage::Ordered
        | LegStage::Cancelling
        | LegStage::CancelFailed
        | LegStage::ByHand
        | LegStage::Collected
        | LegStage::Delivered => {}
    }
}

fn is_credible(at: Timestamp, ordered_at: Timestamp, now: Timestamp) -> bool {
    let earliest = ordered_at.saturating_sub(BEFORE_ORDER).expect("hours can be taken off");
    let latest = now.saturating_add(AHEAD).expect("hours can be added");
    earliest <= at && at <= latest
}

fn tell_portal(
    draft: &mut Draft<'_>,
    basis: &Snapshot,
    news: TrackingState,
    report: &TrackingEvent,
    before: LegStage,
    credible: bool,
) {
    let texts = &draft.tables.tracking_texts;
    match news {
        TrackingState::Collected if before != LegStage::Collected => {
            add_row(draft, basis, report, &texts.collected);
        }
        TrackingState::FailedAttempt => add_row(draft, basis, report, &texts.failed_attempt),
        TrackingState::Returned if before != LegStage::Returned => {
            add_row(draft, basis, report, &texts.returned);
        }
        TrackingState::Delivered if before != LegStage::Delivered => {
            if credible {
                deliver(draft, basis, report);
            } else {
                draft.ask(reasons::DELIVERY_TIME);
            }
        }
        TrackingState::Requested
        | TrackingState::Accepted
        | TrackingState::Collecting
        | TrackingState::Collected
        | TrackingState::InTransit
        | TrackingState::OutForDelivery
        | TrackingState::Delivered
        | TrackingState::Returning
        | TrackingState::Returned
        | TrackingState::Cancelled
        | TrackingState::Unknown => {}
    }
}

/// The citizen has the result: 10, unless the desk said so first, or has taken the dossier up again since.
fn deliver(draft: &mut Draft<'_>, basis: &Snapshot, report: &TrackingEvent) {
    let portal = &draft.state.portal;
    let told = portal.reported() == Some(Status::Returned);
    let done = matches!(portal.status, Some(Status::Done | Status::Returned));
    let reopened = portal.reopened_at.is_some_and(|reopened_at| reopened_at > report.at);
    if told {
        return;
    }
    let text = &draft.tables.tracking_texts.delivered;
    if !done || reopened {
        draft.ask(reasons::DELIVERED_WHILE_OPEN);
        add_row(draft, basis, report, text);
        return;
    }
    draft.state.portal.delivered_at = Some(report.at);
    let at = draft.state.as_of.unwrap_or(report.at);
    let side = portal::side(draft, basis, at);
    if let Some(side) = &side {
        portal::add_record(draft, side, basis, [].into());
    }
    add_row(draft, basis, report, text);
    if let Some(side) = &side {
        portal::add_status(draft, side, basis, report.at, text);
    }
}

/// A row under the status that the portal shows now, with a record before it if the portal has none.
fn add_row(draft: &mut Draft<'_>, basis: &Snapshot, report: &TrackingEvent, text: &str) {
    let at = draft.state.as_of.unwrap_or(report.at);
    let Some(side) = portal::side(draft, basis, at) else { return };
    let (Some(status), Some(dossier)) = (draft.state.portal.reported(), basis.dossier.code.clone()) else {
        return;
    };
    if !draft.state.portal.recorded {
        portal::add_record(draft, &side, basis, [].into());
    }
    let row = Row {
        dossier,
        status,
        at: report.at,
        officer: draft.tables.tracking_texts.officer.clone(),
        position: None,
        department: None,
        text: text.to_owned(),
        started_at: None,
        due_at: None,
    };
    portal::add_row(draft, &side, row, None);
}
