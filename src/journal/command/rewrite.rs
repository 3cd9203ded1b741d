//! Dead letters with another content under the same key: planned anew from the newest snapshot, or patched by a person.
//!
//! What it would say is shown first and confirmed; what was confirmed is what is written. The content before and the
//! patch are kept as payloads beside the handoff, and erased with it.

use super::super::replay::{self, Refusal};
use super::super::{Error, known, millis, planning, rows};
use super::{Acted, Acting, CommandJournal, refused};
use crate::partners::Partners;
use jiff::Timestamp;
use lienthong_core::handoff::Content;
use lienthong_core::ids::HandoffId;
use lienthong_core::outcome::Problem;
use lienthong_core::plan::{Born, anew};
use lienthong_core::port::Translate as _;
use rusqlite::params;
use serde_json::Value;

/// Where the new content comes from.
#[derive(Clone, Copy, Debug)]
pub enum Rewrite<'a> {
    /// The newest snapshot, with the present tables and rules.
    Anew,
    /// A JSON merge patch (an object) or a JSON Patch (an array) of the content as it is shown.
    Patched(&'a Value),
}

impl Rewrite<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Anew => "replan",
            Self::Patched(_) => "edit",
        }
    }
}

/// A dead letter as it is and as it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// What it says. Names persons.
    pub before: Value,
    /// What it would say. Names persons.
    pub after: Value,
}

impl CommandJournal {
    /// What a dead letter would say; writes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub fn preview(
        &self,
        id: &HandoffId,
        rewrite: Rewrite<'_>,
        not_there: bool,
    ) -> Result<Result<Rewritten, Refusal>, Error> {
        let tx = &self.connection;
        let Some(row) = rows::handoff_row_of(tx, id)? else { return Ok(Err(Refusal::Unknown)) };
        if let Err(refusal) = replay::course_of(tx, &self.around, &row, not_there)? {
            return Ok(Err(refusal));
        }
        let acting = Acting {
            name: rewrite.name(),
            tx,
            around: &self.around,
            who: &self.who,
            now: Timestamp::UNIX_EPOCH,
        };
        Ok(acting.rewritten(&row, rewrite)?.and_then(|(before, after)| {
            Ok(Rewritten { before: value_of(&before)?, after: value_of(&after)? })
        }))
    }

    /// Writes what was confirmed and sets the dead letter due.
    ///
    /// # Errors
    /// When the store fails.
    pub fn rewrite(
        &mut self,
        id: &HandoffId,
        rewrite: Rewrite<'_>,
        confirmed: &Rewritten,
        (not_there, reason): (bool, Option<&str>),
        now: Timestamp,
    ) -> Result<Acted, Error> {
        self.act(rewrite.name(), now, |acting| {
            let Some(row) = rows::handoff_row_of(acting.tx, id)? else { return refused(Refusal::Unknown) };
            if let Err(refusal) = replay::course_of(acting.tx, acting.around, &row, not_there)? {
                return refused(refusal);
            }
            let (before, after) = match acting.rewritten(&row, rewrite)? {
                Ok(contents) => contents,
                Err(refusal) => return refused(refusal),
            };
            let shown =
                |content: &Content, shown: &Value| value_of(content).is_ok_and(|value| value == *shown);
            if !shown(&before, &confirmed.before) || !shown(&after, &confirmed.after) {
                return refused(Refusal::ChangedMeanwhile);
            }
            acting.keep(&row, rewrite, reason)?;
            // Whether it may be sent again was judged above; once it is rewritten it is no dead letter any more.
            let acted = acting.replay(&row, not_there, reason)?;
            acting.write(&row, after)?;
            Ok(acted)
        })
    }
}

fn value_of(content: &Content) -> Result<Value, Refusal> {
    serde_json::to_value(content).map_err(|_not_json| Refusal::PatchDoesNotFit)
}

impl Acting<'_> {
    fn rewritten(
        &self,
        row: &rows::HandoffRow,
        rewrite: Rewrite<'_>,
    ) -> Result<Result<(Content, Content), Refusal>, Error> {
        let Some(before) = rows::payload::<Content>(self.tx, row.content)? else {
            return Ok(Err(Refusal::Erased));
        };
        let after = match rewrite {
            Rewrite::Anew => self.anew(row, &before)?,
            Rewrite::Patched(patch) => patched(&before, patch),
        };
        Ok(after.and_then(|after| {
            check(&self.around.partners, row, &before, &after)?;
            Ok((before, after))
        }))
    }

    fn anew(&self, row: &rows::HandoffRow, before: &Content) -> Result<Result<Content, Refusal>, Error> {
        let known = known::of(self.tx, &known::dossier(self.tx, row.dossier)?)?;
        let (tables, partners) = (&self.around.tables, &self.around.partners);
        let planned =
            anew::content(&row.handoff_id, &row.account, before, &known, tables, partners, self.now);
        Ok(match planned {
            None => Err(Refusal::NoSnapshot),
            Some((_, Born::Dead(reason) | Born::Held(reason))) => {
                let field = reason.field.unwrap_or_default();
                Err(Refusal::Problem(reason.code.as_str().to_owned(), field))
            }
            Some((content, Born::Due)) => Ok(content),
        })
    }

    /// Keeps the content before and the patch.
    fn keep(&self, row: &rows::HandoffRow, rewrite: Rewrite<'_>, reason: Option<&str>) -> Result<(), Error> {
        self.tx
            .prepare_cached("INSERT INTO payload (body) SELECT body FROM payload WHERE id = ?1")?
            .execute([row.content])?;
        let original = self.tx.last_insert_rowid();
        let (how, patch) = match rewrite {
            Rewrite::Anew => ("replanned", None),
            Rewrite::Patched(patch) => ("edited", Some(rows::put_payload(self.tx, patch)?)),
        };
        self.tx
            .prepare_cached(
                "INSERT INTO edit (handoff, at, who, how, reason, original, patch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![row.id, millis(self.now), self.who, how, reason, original, patch])?;
        Ok(())
    }

    fn write(&self, row: &rows::HandoffRow, content: Content) -> Result<(), Error> {
        let known = known::of(self.tx, &known::dossier(self.tx, row.dossier)?)?;
        let (tables, partners) = (&self.around.tables, &self.around.partners);
        let plan = anew::rewrite(&row.handoff_id, content, &known, tables, partners, self.now);
        planning::write(self.tx, self.around, row.dossier, &plan, self.now).map(drop)
    }
}

/// The content with a patch applied, as long as every field of the result is one that a content has.
fn patched(before: &Content, patch: &Value) -> Result<Content, Refusal> {
    let mut value = value_of(before)?;
    if patch.is_array() {
        let patch: json_patch::Patch =
            serde_json::from_value(patch.clone()).map_err(|_not_a_patch| Refusal::PatchDoesNotFit)?;
        json_patch::patch(&mut value, &patch).map_err(|_does_not_fit| Refusal::PatchDoesNotFit)?;
    } else {
        json_patch::merge(&mut value, patch);
    }
    let content: Content =
        serde_json::from_value(value.clone()).map_err(|_no_content| Refusal::PatchDoesNotFit)?;
    // What the content does not hold would be lost without a word.
    match json_patch::diff(&value_of(&content)?, &value).first() {
        None => Ok(content),
        Some(operation) => Err(Refusal::UnknownField(operation.path().to_string())),
    }
}

fn check(
    partners: &Partners,
    row: &rows::HandoffRow,
    before: &Content,
    after: &Content,
) -> Result<(), Refusal> {
    if let Some(field) = before.changed_key(after) {
        return Err(Refusal::KeyChanged(field));
    }
    partners.check(&row.account, after).map_err(|problems| {
        let first = problems.into_iter().next();
        let Problem { code, field } = first.unwrap_or(Problem::new("GATEWAY-UNPLANNABLE", ""));
        Refusal::Problem(code.as_str().to_owned(), field)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lienthong_core::handoff::{Cancel, Leg};
    use lienthong_core::ids::OrderNumber;
    use serde_json::json;

    #[test]
    fn a_patch_fits_or_is_refused() {
        let before = Content::Cancel(Cancel { number: OrderNumber::new("X-TRA-1"), leg: Leg::Return });
        let check = |patch: Value, expected: Result<&str, Refusal>| {
            let number = patched(&before, &patch).map(|content| match content {
                Content::Cancel(cancel) => cancel.number.as_str().to_owned(),
                Content::Record(_)
                | Content::Row(_)
                | Content::Status(_)
                | Content::Order(_)
                | Content::News(_) => {
                    panic!("a cancel")
                }
            });
            assert_eq!(number, expected.map(str::to_owned), "{patch}");
        };
        check(json!({ "cancel": { "number": "X-TRA-2" } }), Ok("X-TRA-2"));
        check(json!([{ "op": "replace", "path": "/cancel/number", "value": "X-TRA-3" }]), Ok("X-TRA-3"));
        check(json!({}), Ok("X-TRA-1"));
        check(json!({ "cancel": { "nummer": 1 } }), Err(Refusal::UnknownField("/cancel/nummer".to_owned())));
        check(json!({ "cancel": { "leg": "XXX" } }), Err(Refusal::PatchDoesNotFit));
        check(
            json!([{ "op": "test", "path": "/cancel/leg", "value": "GOM" }]),
            Err(Refusal::PatchDoesNotFit),
        );
        check(json!([{ "op": "dance" }]), Err(Refusal::PatchDoesNotFit));
        let other = Content::Cancel(Cancel { number: OrderNumber::new("X-TRA-2"), leg: Leg::Return });
        assert_eq!(before.changed_key(&other), Some("number"));
    }
}
