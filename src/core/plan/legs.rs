//! Postal orders as *wanted* against *present*, leg by leg.
//!
//! What a leg wants follows from the newest snapshot alone; what it has, from the state and the open handoffs. The
//! difference is ordered, called off, written anew or given to a person, whatever the cause was: the desk, tracking or a
//! settlement. So a return registered again while its cancel is on the way needs no rule of its own: the cancel's
//! settlement looks once more.
//!
//! Invariants (`properties`): a leg has one live order; a number is used again only when its order never left; a
//! collected parcel is never called off.

use super::draft::Draft;
use super::orders::View;
use super::{Open, Stage, cure, label, orders, reasons};
use crate::event::Snapshot;
use crate::handoff::Leg;
use crate::ids::{DossierCode, SlipNumber};
use crate::state::{DossierState, LegStage};
use crate::status::Status;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Parcel,
    Nothing,
    /// Whatever is there stays as it is.
    AsItIs,
}

/// Brings every leg from what it has to what it wants.
pub(super) fn reconcile(draft: &mut Draft<'_>, view: &View<'_>) {
    for leg in [Leg::Pickup, Leg::PapersBack, Leg::Return] {
        drop_needless_cancel(draft, leg);
        match want(leg, &draft.state, view.snapshot) {
            Want::Parcel => {
                provide(draft, view, leg);
                note_wanted(draft, leg, true);
            }
            Want::Nothing => {
                call_off(draft, leg);
                note_wanted(draft, leg, false);
            }
            Want::AsItIs => {}
        }
    }
    // An address to forward to belongs to its own event: without one there is nothing to try again with.
    if view.snapshot.postal.forward.is_some()
        && let Some(Present::Refused(open)) = present(draft, Leg::Forward)
    {
        orders::revive(draft, view, Leg::Forward, open);
    }
}

/// Reconciles after a cause that brings no snapshot of its own.
pub(super) fn look_again(draft: &mut Draft<'_>, basis: &Snapshot) {
    let dossier = &basis.dossier;
    let code = dossier.code.as_ref().map(DossierCode::as_str);
    let Some(base) = code.or(dossier.slip.as_ref().map(SlipNumber::as_str)) else { return };
    let Some(as_of) = draft.state.as_of else { return };
    reconcile(draft, &View { snapshot: basis, before: Some(basis), base, as_of, registered: false });
}

fn want(leg: Leg, state: &DossierState, snapshot: &Snapshot) -> Want {
    let status = state.portal.status;
    let parcel = |wanted| if wanted { Want::Parcel } else { Want::Nothing };
    match leg {
        Leg::Pickup => match state.pickup {
            Some(wish) if wish.wanted && status.is_some_and(super::moves::has_ended) => Want::AsItIs,
            Some(wish) => parcel(wish.wanted),
            None => Want::AsItIs,
        },
        Leg::Return => match status {
            // The parcel that was dispatched or delivered is what this 10 speaks of.
            Some(Status::Returned) if state.portal.dispatched || state.portal.delivered_at.is_some() => {
                Want::AsItIs
            }
            Some(Status::Done) if is_ordered_elsewhere(state, snapshot) => Want::AsItIs,
            Some(status) => parcel(snapshot.dossier.return_by_post && status == Status::Done),
            None => Want::Nothing,
        },
        Leg::PapersBack => {
            let ended = matches!(status, Some(Status::Refused | Status::Withdrawn | Status::Stopped));
            parcel(ended && state.legs.get(&Leg::Pickup).is_some_and(|pickup| came(pickup.stage)))
        }
        Leg::Forward => Want::AsItIs,
    }
}

/// Whether the desk's system says that the result was ordered, and it was never ordered here: somebody else did, and a
/// second parcel would be one too many.
pub(super) fn is_ordered_elsewhere(state: &DossierState, snapshot: &Snapshot) -> bool {
    snapshot.postal.told.is_some_and(|told| told.return_ordered) && !state.legs.contains_key(&Leg::Return)
}

/// Whether the pickup brought the papers: only then do they go back by post.
fn came(pickup: LegStage) -> bool {
    match pickup {
        LegStage::Collected | LegStage::Delivered => true,
        LegStage::Free
        | LegStage::Ordered
        | LegStage::Cancelling
        | LegStage::Cancelled
        | LegStage::CancelledByPost
        | LegStage::CancelFailed
        | LegStage::ByHand
        | LegStage::Returned => false,
    }
}

/// What a leg has.
enum Present<'a> {
    /// No order, or none that counts any more.
    Nothing,
    /// An order of this very plan.
    New,
    /// An order that never left.
    Unsent(&'a Open),
    /// A dead order that the post surely has not taken.
    Refused(&'a Open),
    /// An order that the post has or may have, uncollected.
    Placed,
    /// A cancel on its way.
    Cancelling,
    /// In the post's hands, or perhaps: a person has the task.
    Underway,
    /// Its journey is over, or a person took it over.
    Closed,
}

fn present<'a>(draft: &Draft<'a>, leg: Leg) -> Option<Present<'a>> {
    let state = draft.state.legs.get(&leg)?;
    Some(match state.stage {
        LegStage::Free | LegStage::Cancelled => Present::Nothing,
        LegStage::Ordered => match draft.open(&state.order) {
            Some(open) if cure::refused(open).is_some() => Present::Refused(open),
            Some(open) if open.stage == Stage::Waiting && !open.attempted => Present::Unsent(open),
            None if draft.is_new(&state.order) => Present::New,
            // Its receiver paid: the parcel is with him, whatever was not reported.
            Some(_) | None if state.cashed.is_some() => Present::Underway,
            Some(_) | None => Present::Placed,
        },
        LegStage::Cancelling => Present::Cancelling,
        LegStage::Collected | LegStage::CancelFailed => Present::Underway,
        LegStage::Delivered | LegStage::Returned | LegStage::CancelledByPost | LegStage::ByHand => {
            Present::Closed
        }
    })
}

fn provide(draft: &mut Draft<'_>, view: &View<'_>, leg: Leg) {
    let wanted_before = draft.state.legs.get(&leg).is_some_and(|state| state.wanted);
    match present(draft, leg) {
        None | Some(Present::Nothing) => orders::order(draft, view, leg),
        Some(Present::Unsent(open)) => orders::rewrite(draft, view, leg, open),
        Some(Present::Refused(open)) => orders::revive(draft, view, leg, open),
        Some(Present::Placed) => change_placed(draft, view, leg),
        Some(Present::New | Present::Cancelling) => {}
        Some(Present::Underway) => tell_changes(draft, view, leg, wanted_before),
        Some(Present::Closed) if wanted_before => {}
        Some(Present::Closed) => draft.ask(reasons::REORDER_NEEDED),
    }
}

fn call_off(draft: &mut Draft<'_>, leg: Leg) {
    let wanted_before = draft.state.legs.get(&leg).is_some_and(|state| state.wanted);
    match present(draft, leg) {
        None | Some(Present::Nothing | Present::New | Present::Cancelling | Present::Closed) => {}
        Some(Present::Unsent(open) | Present::Refused(open)) => orders::annihilate(draft, leg, open),
        Some(Present::Placed) => orders::cancel(draft, leg),
        Some(Present::Underway) if wanted_before => draft.ask(reasons::PARCEL_UNDERWAY),
        Some(Present::Underway) => {}
    }
}

/// What a placed order says has changed: cash and a newly registered receiver are worth a new order, once the cancel of
/// this one is confirmed.
fn change_placed(draft: &mut Draft<'_>, view: &View<'_>, leg: Leg) {
    let changes = changes(draft, view, leg);
    if changes.cash.is_some() || (changes.receiver && view.registered && leg == Leg::Return) {
        orders::cancel(draft, leg);
    } else if changes.receiver {
        draft.ask(reasons::RECEIVER_CHANGED);
    }
}

/// The parcel is in the post's hands: only a person can change anything.
fn tell_changes(draft: &mut Draft<'_>, view: &View<'_>, leg: Leg, wanted_before: bool) {
    let changes = changes(draft, view, leg);
    if !wanted_before {
        draft.ask(reasons::PARCEL_UNDERWAY);
    }
    if changes.receiver {
        draft.ask(reasons::RECEIVER_CHANGED);
    }
    if let Some(more) = changes.cash {
        draft.ask(if more { reasons::CASH_ADDED_LATE } else { reasons::CASH_PAID_LATE });
    }
}

struct Changes {
    /// More or less cash.
    cash: Option<bool>,
    receiver: bool,
}

/// What the event changed about the order, compared with the snapshot before it.
fn changes(draft: &Draft<'_>, view: &View<'_>, leg: Leg) -> Changes {
    let (Some(before), Some(state)) = (view.before, draft.state.legs.get(&leg)) else {
        return Changes { cash: None, receiver: false };
    };
    let written = |snapshot| {
        let name = view.base.to_owned();
        label::write(leg, state.number.clone(), name, snapshot, view.as_of, draft.tables)
    };
    let (old, new) = (written(before), written(view.snapshot));
    let known = old.refusal.is_none() && new.refusal.is_none();
    let receiver = known && (old.order.from != new.order.from || old.order.to != new.order.to);
    // Fees that are booked as paid once the postman has the cash are those fees.
    let open = state.cashed.is_none();
    let cash = (open && old.order.cash != new.order.cash && new.order.cash != state.cash)
        .then_some(new.order.cash > old.order.cash);
    Changes { cash, receiver }
}

/// An order that was refused after its cancel was planned needs no cancel: both go, and the number is free again.
fn drop_needless_cancel(draft: &mut Draft<'_>, leg: Leg) {
    let Some(state) = draft.state.legs.get(&leg) else { return };
    if state.stage != LegStage::Cancelling {
        return;
    }
    let refused = draft.open(&state.order).filter(|open| cure::refused(open).is_some());
    if let Some(order) = refused
        && orders::drop_unsent_cancel(draft, leg)
    {
        orders::annihilate(draft, leg, order);
    }
}

fn note_wanted(draft: &mut Draft<'_>, leg: Leg, wanted: bool) {
    if let Some(state) = draft.state.legs.get_mut(&leg) {
        state.wanted = wanted;
    }
}

/// Papers go on to another agency: every such event is an order of its own, except that it corrects a refused one.
pub(super) fn forward(draft: &mut Draft<'_>, view: &View<'_>) {
    match present(draft, Leg::Forward) {
        Some(Present::Refused(open)) => {
            orders::annihilate(draft, Leg::Forward, open);
            orders::order(draft, view, Leg::Forward);
        }
        Some(_) | None => orders::order(draft, view, Leg::Forward),
    }
}

/// The citizen asks for a pickup although there was one: a new one, if that is over.
pub(super) fn pick_up_again(draft: &mut Draft<'_>, view: &View<'_>) {
    if let Some(Present::Closed) = present(draft, Leg::Pickup) {
        orders::order(draft, view, Leg::Pickup);
    }
}

/// Asks for one more order of a leg whose present one came to nothing, or did its work.
pub(super) fn order_again(draft: &mut Draft<'_>, view: &View<'_>, leg: Leg) {
    match present(draft, leg) {
        Some(Present::Closed) => orders::order(draft, view, leg),
        Some(Present::Underway) => draft.ask(reasons::PARCEL_UNDERWAY),
        Some(Present::Placed | Present::Cancelling) => draft.inform(reasons::REORDER_IGNORED),
        // What never left, or was called off, is ordered or revived as soon as it is wanted.
        Some(Present::Nothing | Present::New | Present::Unsent(_) | Present::Refused(_)) | None => {}
    }
}
