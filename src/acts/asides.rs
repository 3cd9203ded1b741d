//! What waits for a person without being a dead letter, with persons where somebody gives a reason for seeing them.

use super::persons;
use super::{Desk, Trouble};
use crate::users::{Actor, Agencies, Right};
use crate::views::quarantine::{self, ShownMessage};
use crate::views::uncertain::{self, UncertainHandoff};

/// One message of the quarantine; with its bytes where there is a reason to see them, which goes into the audit first.
/// They may speak of anybody: they are for users of all agencies.
///
/// # Errors
/// When there is none that the actor may see, or its bytes are not for the actor.
pub(crate) async fn message(
    desk: &Desk,
    actor: &Actor,
    id: i64,
    why: Option<&str>,
) -> Result<ShownMessage, Trouble> {
    actor.need(Right::See)?;
    let read = |personal: bool| {
        let (agencies, partners) = (actor.agencies.clone(), desk.partners().clone());
        desk.report(move |report| quarantine::message(report, &partners, id, personal, &agencies))
    };
    let masked = read(false).await?.ok_or(Trouble::NotFound)?;
    let Some(why) = why else { return Ok(masked) };
    // Its key names an agency, but nobody has checked that it speaks of that agency's people.
    if !actor.sees_all() {
        return Err(Trouble::NotAllowed);
    }
    persons::note(desk, actor, &format!("quarantine {id}"), None, why).await?;
    read(true).await?.ok_or(Trouble::NotFound)
}

/// What partners may have; with persons where there is a reason to see them, which goes into the audit first, for each
/// handoff that names some.
///
/// # Errors
/// When persons are not for the actor.
pub(crate) async fn uncertain(
    desk: &Desk,
    actor: &Actor,
    agencies: Agencies,
    limit: usize,
    why: Option<&str>,
) -> Result<Vec<UncertainHandoff>, Trouble> {
    actor.need(Right::See)?;
    let read = |personal: bool| {
        let (agencies, of) = (agencies.clone(), desk.clone());
        desk.report(move |report| {
            uncertain::uncertain(report, of.settings(), of.partners(), (limit, personal), &agencies)
        })
    };
    let Some(why) = why else { return read(false).await };
    actor.need(Right::SeePersons)?;
    let handoffs = read(true).await?;
    for named in handoffs.iter().filter(|handoff| handoff.parcel.is_some()) {
        let (handoff, dossier) = (&named.handoff.handoff, named.handoff.dossier.clone());
        persons::note(desk, actor, handoff, Some(dossier), why).await?;
    }
    Ok(handoffs)
}
