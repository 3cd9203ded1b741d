//! What only says back to the gateway what the gateway said.
//!
//! The commune's system takes over what it is told, and its own publisher may see a change in that. Were it told to the
//! portal once more, and its acceptance to the commune, it would never end.

use super::draft::Draft;
use crate::event::{Event, EventKind, Snapshot};
use crate::status::Status;

/// Whether the event is an echo. It bears a mark of ours: the 10 that the gateway told first, or a step under the name that
/// the gateway's rows carry. Anything else that it says anew makes it the desk's own word.
pub(super) fn is_echo(draft: &Draft<'_>, event: &Event, next: &Snapshot) -> bool {
    let (portal, Some(before)) = (&draft.state.portal, draft.known.basis.as_ref()) else { return false };
    let status = next.dossier.status;
    if event.kind != EventKind::StatusChanged || status.is_none() || status != portal.reported() {
        return false;
    }
    let told_first = portal.delivered_at.is_some() && portal.status != Some(Status::Returned);
    let by_us = event.snapshot.step.officer == draft.tables.tracking_texts.officer;
    (told_first || by_us) && says_no_more(next, before)
}

/// Whether a snapshot says nothing that the one before it did not, the step and what goes with its status aside.
fn says_no_more(next: &Snapshot, before: &Snapshot) -> bool {
    let mut aside = next.clone();
    aside.step.clone_from(&before.step);
    aside.dossier.status = before.dossier.status;
    aside.dossier.finished_at = before.dossier.finished_at;
    aside.dossier.returned_at = before.dossier.returned_at;
    aside.postal.told = before.postal.told;
    aside == *before
}
