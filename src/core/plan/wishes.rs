//! What the citizen wants of the post, where it is said: by an event of its own, or by a state that changed.
//!
//! Most sources ask: `pickup-requested`, `pickup-cancelled`. A source that tells states ([`PostTold`]) repeats with each
//! event how the collection stands; what it asks is found by comparing with what it said before, so that nothing is
//! ordered twice because it was said twice. The return needs no such comparison: `legs` judges the newest snapshot.
//!
//! [`PostTold`]: crate::event::PostTold

use super::draft::Draft;
use super::{legs, reasons};
use crate::event::{Event, EventKind, PickupTold, Snapshot};
use crate::state::Wish;
use crate::status::Status;

/// Notes what the citizen wants collected, and says what the event asks of it; a late event counts only when nothing
/// newer was wished.
pub(super) fn take(draft: &mut Draft<'_>, event: &Event, late: bool) -> Option<bool> {
    let wanted = match event.kind {
        EventKind::PickupRequested => true,
        EventKind::PickupCancelled => false,
        EventKind::StatusChanged => told(draft, event, late)?,
        EventKind::ReturnRegistered
        | EventKind::ReturnWithdrawn
        | EventKind::PapersForwarded
        | EventKind::FeesChanged
        | EventKind::ReorderRequested => return None,
    };
    if !late || draft.state.pickup.is_none_or(|wish| event.time >= wish.at) {
        draft.state.pickup = Some(Wish { wanted, at: event.time });
    }
    Some(wanted)
}

/// What a source that tells states asks of the collection: where its word is another than the last one. Late, it asks
/// nothing: its newer word was heard.
fn told(draft: &Draft<'_>, event: &Event, late: bool) -> Option<bool> {
    let told = event.snapshot.postal.told.filter(|_| !late)?.pickup?;
    let wished = draft.state.pickup.is_some_and(|wish| wish.wanted);
    match told {
        PickupTold::Wanted => {
            let before = draft.known.basis.as_ref().and_then(|before| before.postal.told?.pickup);
            (!wished || before == Some(PickupTold::UnderWay)).then_some(true)
        }
        PickupTold::NotWanted => wished.then_some(false),
        PickupTold::UnderWay => None,
    }
}

/// Tells the desk once of a parcel that this gateway neither ordered nor follows.
pub(super) fn tell_of_other_orders(draft: &mut Draft<'_>, next: &Snapshot) {
    let elsewhere = |snapshot: &Snapshot| {
        snapshot.dossier.status == Some(Status::Done) && legs::is_ordered_elsewhere(&draft.state, snapshot)
    };
    if elsewhere(next) && !draft.known.basis.as_ref().is_some_and(elsewhere) {
        draft.inform(reasons::ORDERED_ELSEWHERE);
    }
}
