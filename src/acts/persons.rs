//! That somebody saw persons unmasked: written down before they are shown.

use super::reason;
use super::{Desk, Trouble};
use crate::clock;
use crate::journal::command::CommandJournal;
use crate::users::{Actor, Right};
use std::collections::BTreeSet;

/// The reason, of an actor who may see persons.
///
/// # Errors
/// When the actor may not, or gives no reason.
pub(super) fn allowed(actor: &Actor, why: &str) -> Result<String, Trouble> {
    actor.need(Right::SeePersons)?;
    reason(why)
}

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
    let (subject, why) = (subject.to_owned(), allowed(actor, why)?);
    desk.act(actor, Right::SeePersons, move |journal| {
        journal.unmasked(&subject, dossier.as_deref(), Some(&why), clock::now())
    })
    .await
}

/// The same of several dossiers: a row for each, so that each tells who has seen its persons.
///
/// # Errors
/// When it cannot be written: then nobody may be shown.
pub(super) async fn note_all(
    desk: &Desk,
    actor: &Actor,
    subject: &str,
    dossiers: BTreeSet<String>,
    why: String,
) -> Result<(), Trouble> {
    let subject = subject.to_owned();
    let noted =
        move |journal: &mut CommandJournal| journal.unmasked_all(&subject, &dossiers, &why, clock::now());
    desk.act(actor, Right::SeePersons, noted).await
}
