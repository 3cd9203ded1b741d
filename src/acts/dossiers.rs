//! A dossier as it is shown, masked or not.

use super::persons;
use super::{Desk, Trouble};
use crate::users::{Actor, Right};
use crate::views::dossier::{self, DossierView};
use crate::views::post::Persons;
use std::collections::BTreeSet;

/// Everything about one dossier, persons masked; `key` is its code, a slip, an order number or a waybill.
///
/// # Errors
/// When there is none that the actor may see.
pub(crate) async fn shown(desk: &Desk, actor: &Actor, key: String) -> Result<DossierView, Trouble> {
    actor.need(Right::See)?;
    read(desk, actor, key, Persons::Masked).await
}

/// The same with persons, which goes into the audit before anybody is shown.
///
/// # Errors
/// When there is none that the actor may see, persons are not for the actor, or no reason is given.
pub(crate) async fn unmasked(
    desk: &Desk,
    actor: &Actor,
    key: String,
    why: &str,
) -> Result<DossierView, Trouble> {
    let why = persons::allowed(actor, why)?;
    let seen = read(desk, actor, key, Persons::Shown).await?;
    persons::note_all(desk, actor, &seen.dossier, BTreeSet::from([seen.dossier.clone()]), why).await?;
    Ok(seen)
}

async fn read(desk: &Desk, actor: &Actor, key: String, persons: Persons) -> Result<DossierView, Trouble> {
    let (around, actor) = (desk.clone(), actor.clone());
    let seen = desk.report(move |report| {
        let sees = |agency: &str| actor.sees(agency);
        dossier::dossier(report, around.settings(), around.partners(), &key, sees, persons)
    });
    seen.await?.ok_or(Trouble::NotFound)
}
