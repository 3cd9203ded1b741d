//! A dead letter with another content: typed, previewed, confirmed.

use super::form::{self, Filled};
use super::{Desk, Language, Layout, Menu, Trouble, Visit, letter, show, shown};
use crate::acts::letters::{self as acts, Change};
use crate::views::letters::ShownLetter;
use crate::views::rewriting::{Difference, Rewriting};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use axum::routing::post;
use serde_json::Value;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/letters/one/{handoff}/preview", post(preview))
        .route("/letters/one/{handoff}/correct", post(correct))
}

/// What was filled in.
fn change(filled: &Filled) -> Result<Change, Trouble> {
    let (fields, patch) = (form::fields(filled), form::value(filled, "patch").trim());
    if form::ticked(filled, "anew") {
        return Ok(Change::Anew);
    }
    if !fields.is_empty() {
        // A field that was left empty is left as it is.
        let typed: Vec<_> = fields.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        if typed.is_empty() {
            return Err(Trouble::input(
                "Hãy nhập giá trị đúng vào ô cần sửa.",
                "Type the right value into the field.",
            ));
        }
        return Ok(Change::Fields(typed));
    }
    match serde_json::from_str::<Value>(patch) {
        Ok(patch) => Ok(Change::Patch(patch)),
        Err(_not_json) => Err(Trouble::input(
            "Phần sửa không phải là JSON (JSON merge patch hoặc JSON Patch).",
            "This is no JSON (a JSON merge patch or a JSON Patch).",
        )),
    }
}

#[derive(Template)]
#[template(path = "letters/preview.html")]
struct PreviewPage {
    layout: Layout,
    lang: Language,
    link: String,
    dossier: String,
    changes: Vec<ChangeRow>,
    after: String,
    /// What is posted again with the confirmation.
    kept: Filled,
    seen: String,
}

struct ChangeRow {
    field: String,
    before: String,
    after: String,
}

impl ChangeRow {
    fn of(lang: Language, letter: &ShownLetter, difference: Difference) -> Self {
        let correction = letter.corrections.iter().find(|correction| correction.pointer == difference.field);
        let label = correction.map(|correction| lang.of(correction.label.vi, correction.label.en).to_owned());
        let text = |value: Option<Value>| match value {
            None | Some(Value::Null) => "–".to_owned(),
            Some(Value::String(text)) if text.is_empty() => "–".to_owned(),
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
        };
        Self {
            field: label.unwrap_or(difference.field),
            before: text(difference.before),
            after: text(difference.after),
        }
    }
}

async fn preview(
    State(desk): State<Desk>,
    visit: Visit,
    Path(handoff): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    match previewed(&desk, &visit, &handoff, &filled).await {
        Ok((letter, rewriting)) => Ok(shown(&page_of(&visit, &letter, rewriting, filled))),
        Err(trouble) => letter::again(&desk, &visit, &handoff, trouble).await,
    }
}

async fn previewed(
    desk: &Desk,
    visit: &Visit,
    handoff: &str,
    filled: &Filled,
) -> Result<(ShownLetter, Rewriting), Trouble> {
    let (change, not_there) = (change(filled)?, form::ticked(filled, "not_there"));
    let rewriting = acts::preview(desk, &visit.actor, handoff, &change, not_there).await?;
    Ok((acts::shown(desk, &visit.actor, handoff).await?, rewriting))
}

fn page_of(visit: &Visit, letter: &ShownLetter, rewriting: Rewriting, filled: Filled) -> PreviewPage {
    let lang = visit.lang;
    let mut layout = visit
        .titled(lang.of("Xem trước khi gửi lại", "Preview before it is sent again"), Some(Menu::Letters));
    // It answers a form: there is nothing to fetch anew.
    layout.as_of = None;
    let changes = rewriting.changes.into_iter().map(|change| ChangeRow::of(lang, letter, change));
    PreviewPage {
        layout,
        lang,
        link: show::handoff(&letter.handoff.handoff),
        dossier: letter.handoff.dossier.clone(),
        changes: changes.collect(),
        after: serde_json::to_string_pretty(&rewriting.after).unwrap_or_default(),
        kept: filled.into_iter().filter(|(name, _)| name != "csrf").collect(),
        seen: rewriting.seen,
    }
}

async fn correct(
    State(desk): State<Desk>,
    visit: Visit,
    Path(handoff): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    let (seen, why) = (form::value(&filled, "seen"), form::value(&filled, "reason"));
    let acted = match change(&filled) {
        Ok(change) => {
            let seen = (Some(seen), form::ticked(&filled, "not_there"));
            acts::correct(&desk, &visit.actor, &handoff, &change, seen, why).await
        }
        Err(trouble) => Err(trouble),
    };
    letter::answered(&desk, &visit, &handoff, acted).await
}
