//! That somebody saw persons unmasked: written down before they are shown.

use super::reason;
use crate::clock;
use crate::page::{Desk, Trouble};
use crate::users::{Actor, Right};

/// Writes it down, of a handoff, a message or a list.
///
/// # Errors
/// When the actor may not see persons, gives no reason, or it cannot be written: then nobody may be shown.
pub(crate) async fn note(
    desk: &Desk,
    actor: &Actor,
    subject: &str,
    dossier: Option<String>,
    why: &str,
) -> Result<(), Trouble> {
    actor.need(Right::SeePersons)?;
    let (subject, why) = (subject.to_owned(), reason(why)?);
    desk.act(actor, Right::SeePersons, move |journal| {
        journal.unmasked(&subject, dossier.as_deref(), Some(&why), clock::now())
    })
    .await
}
