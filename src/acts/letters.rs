//! Dead letters one by one.

use super::{Desk, Trouble};
use super::{reason, refused, told};
use crate::clock;
use crate::journal::command::{CommandJournal, Refusal, Resolution, Rewrite, Rewritten};
use crate::users::{Actor, Right};
use crate::views::corrections::{self, Untypable};
use crate::views::letters::{self, ShownLetter};
use crate::views::refusals::Told;
use crate::views::rewriting::{self, Rewriting};
use lienthong_core::ids::HandoffId;
use lienthong_core::text;
use serde_json::Value;

/// Where another content comes from.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// From the newest snapshot, with the present tables.
    Anew,
    /// A JSON merge patch or a JSON Patch.
    Patch(Value),
    /// Fields of the event, each with what was typed.
    Fields(Vec<(String, String)>),
}

impl Change {
    /// A clerk corrects the fields that the reason names; everything else is an operator's.
    fn right(&self, not_there: bool) -> Right {
        match self {
            Self::Fields(_) if !not_there => Right::Correct,
            Self::Fields(_) | Self::Anew | Self::Patch(_) => Right::Settle,
        }
    }
}

/// One handoff as it is shown, masked.
///
/// # Errors
/// When there is none that the actor may see.
pub(crate) async fn shown(desk: &Desk, actor: &Actor, handoff: &str) -> Result<ShownLetter, Trouble> {
    actor.need(Right::See)?;
    read(desk, actor, handoff, false).await
}

/// The same with persons, which goes into the audit first.
///
/// # Errors
/// When there is none that the actor may see, or persons are not for the actor.
pub(crate) async fn unmasked(
    desk: &Desk,
    actor: &Actor,
    handoff: &str,
    why: &str,
) -> Result<ShownLetter, Trouble> {
    let masked = shown(desk, actor, handoff).await?;
    super::persons::note(desk, actor, handoff, Some(masked.handoff.dossier), why).await?;
    read(desk, actor, handoff, true).await
}

async fn read(desk: &Desk, actor: &Actor, handoff: &str, personal: bool) -> Result<ShownLetter, Trouble> {
    let (agencies, id, partners) = (actor.agencies.clone(), handoff.to_owned(), desk.partners().clone());
    let letter =
        desk.report(move |report| letters::letter(report, &partners, &id, personal, &agencies)).await?;
    letter.ok_or(Trouble::NotFound)
}

/// Sets a dead letter due again as it is; `not_there`: somebody asked the partner.
///
/// # Errors
/// When the actor may not, or it is not allowed as things stand.
pub(crate) async fn replay(
    desk: &Desk,
    actor: &Actor,
    handoff: &str,
    not_there: bool,
    why: &str,
) -> Result<Told, Trouble> {
    let why = reason(why)?;
    let id = seen(desk, actor, Right::Settle, handoff).await?;
    let acted = desk
        .act(actor, Right::Settle, move |journal| journal.replay(&id, not_there, Some(&why), clock::now()));
    told(&acted.await?)
}

/// What a dead letter would say; nothing is written.
///
/// # Errors
/// When the actor may not, or it is not allowed as things stand.
pub(crate) async fn preview(
    desk: &Desk,
    actor: &Actor,
    handoff: &str,
    change: &Change,
    not_there: bool,
) -> Result<Rewriting, Trouble> {
    let right = change.right(not_there);
    let id = seen(desk, actor, right, handoff).await?;
    let patch = patch(desk, actor, handoff, change).await?;
    let previewed = desk
        .act(actor, right, move |journal| journal.preview(&id, rewrite(patch.as_ref()), not_there))
        .await?;
    let rewritten = previewed.map_err(|refusal| refused(&refusal))?;
    Ok(Rewriting::of(handoff, &rewritten, false))
}

/// Writes what was previewed and sets the dead letter due; the content before is kept. `seen_before` is what the preview
/// gave: whatever differs from it by now is not written. A program may do without.
///
/// # Errors
/// When the actor may not, it differs from what was seen, or it is not allowed as things stand.
pub(crate) async fn correct(
    desk: &Desk,
    actor: &Actor,
    handoff: &str,
    change: &Change,
    (seen_before, not_there): (Option<&str>, bool),
    why: &str,
) -> Result<Told, Trouble> {
    let why = reason(why)?;
    let right = change.right(not_there);
    let id = seen(desk, actor, right, handoff).await?;
    let (patch, seen_before) = (patch(desk, actor, handoff, change).await?, seen_before.map(str::to_owned));
    let acted = desk.act(actor, right, move |journal| {
        let rewrite = rewrite(patch.as_ref());
        match confirmed(journal, &id, rewrite, not_there, seen_before.as_deref())? {
            Ok(rewritten) => {
                journal.rewrite(&id, rewrite, &rewritten, (not_there, Some(&why)), clock::now()).map(Ok)
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    });
    told(&acted.await?.map_err(|refusal| refused(&refusal))?)
}

/// The contents, if they are still the ones that were seen. The journal compares them once more when it writes.
fn confirmed(
    journal: &CommandJournal,
    id: &HandoffId,
    rewrite: Rewrite<'_>,
    not_there: bool,
    seen_before: Option<&str>,
) -> Result<Result<Rewritten, Refusal>, crate::journal::Error> {
    let previewed = journal.preview(id, rewrite, not_there)?;
    Ok(previewed.and_then(|rewritten| {
        let same = seen_before.is_none_or(|seen| rewriting::seen(&rewritten) == seen);
        if same { Ok(rewritten) } else { Err(Refusal::ChangedMeanwhile) }
    }))
}

fn rewrite(patch: Option<&Value>) -> Rewrite<'_> {
    patch.map_or(Rewrite::Anew, Rewrite::Patched)
}

/// The patch that a change comes to.
async fn patch(desk: &Desk, actor: &Actor, handoff: &str, change: &Change) -> Result<Option<Value>, Trouble> {
    match change {
        Change::Anew => Ok(None),
        Change::Patch(patch) if patch.is_object() || patch.is_array() => Ok(Some(patch.clone())),
        Change::Patch(_) => Err(refused(&Refusal::PatchDoesNotFit)),
        Change::Fields(fields) => {
            let letter = shown(desk, actor, handoff).await?;
            let operations = fields.iter().map(|(field, typed)| operation(&letter, field, typed));
            Ok(Some(Value::Array(operations.collect::<Result<_, _>>()?)))
        }
    }
}

fn operation(letter: &ShownLetter, field: &str, typed: &str) -> Result<Value, Trouble> {
    let Some(correction) = letter.corrections.iter().find(|correction| correction.field == field) else {
        return Err(Trouble::input(
            "Trường này không sửa được tại đây; hãy sửa tại phần mềm một cửa.",
            "This field cannot be corrected here; correct it in the one-stop system.",
        ));
    };
    corrections::operation(correction, typed).map_err(|untypable| {
        let (vi, en) = match untypable {
            Untypable::Empty => ("chưa nhập giá trị", "nothing was typed"),
            Untypable::NoPhone => ("không phải số điện thoại", "this is no phone number"),
            Untypable::NoAmount => ("không phải số tiền", "this is no amount"),
        };
        let label = correction.label;
        Trouble::input(format!("{}: {vi}.", label.vi), format!("{}: {en}.", label.en))
    })
}

/// What somebody found out: the partner has it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The partner's number.
    pub(crate) partner_number: String,
    /// It stands although a look-up says otherwise.
    pub(crate) unchecked: bool,
    /// From whom or where it is known.
    pub(crate) reason: String,
}

/// Settles a handoff that the partner has; the partner is asked first where it can be.
///
/// # Errors
/// When the actor may not, or it is not allowed as things stand.
pub(crate) async fn resolve(
    desk: &Desk,
    actor: &Actor,
    handoff: &str,
    known: Known,
) -> Result<Told, Trouble> {
    let why = reason(&known.reason)?;
    let number = text::normalise(&known.partner_number);
    if number.is_empty() {
        return Err(Trouble::input(
            "Hãy ghi số mà đối tác cho biết (số vận đơn, mã hồ sơ).",
            "Write the number that the partner gave (waybill, dossier code).",
        ));
    }
    let id = seen(desk, actor, Right::Settle, handoff).await?;
    let of_witness = id.clone();
    let witness = desk.act(actor, Right::Settle, move |journal| journal.witness(&of_witness)).await?;
    let answer = match witness {
        Some(witness) => Some(witness.account.port.look_up(&witness.handoff).await),
        None => None,
    };
    let acted = desk.act(actor, Right::Settle, move |journal| {
        let resolution =
            Resolution { partner_number: &number, reason: Some(&why), unchecked: known.unchecked };
        journal.resolve(&id, resolution, answer.as_ref(), clock::now())
    });
    told(&acted.await?)
}

/// Ends a dead letter by hand.
///
/// # Errors
/// When the actor may not, or it is not allowed as things stand.
pub(crate) async fn dismiss(desk: &Desk, actor: &Actor, handoff: &str, why: &str) -> Result<Told, Trouble> {
    let why = reason(why)?;
    let id = seen(desk, actor, Right::Settle, handoff).await?;
    let acted = desk.act(actor, Right::Settle, move |journal| journal.dismiss(&id, &why, clock::now()));
    told(&acted.await?)
}

/// Takes a dismissal back.
///
/// # Errors
/// When the actor may not, or it is not allowed as things stand.
pub(crate) async fn reopen(desk: &Desk, actor: &Actor, handoff: &str, why: &str) -> Result<Told, Trouble> {
    let why = reason(why)?;
    let id = seen(desk, actor, Right::Settle, handoff).await?;
    let acted = desk.act(actor, Right::Settle, move |journal| journal.reopen(&id, Some(&why), clock::now()));
    told(&acted.await?)
}

/// A handoff of an agency that the actor sees. No handoff ever changes its agency.
async fn seen(desk: &Desk, actor: &Actor, right: Right, handoff: &str) -> Result<HandoffId, Trouble> {
    actor.need(right)?;
    let (agencies, id) = (actor.agencies.clone(), handoff.to_owned());
    let found = desk.report(move |report| report.handoff(&id)).await?;
    match found {
        Some(found) if agencies.has(&found.agency) => Ok(HandoffId::new(handoff)),
        Some(_) | None => Err(Trouble::NotFound),
    }
}
