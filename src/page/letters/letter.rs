//! One handoff: why it stopped, what it says, and the forms of what can be done.

use super::form::{self, Filled};
use super::{Desk, Language, Layout, Menu, Trouble, Visit, show, shown};
use crate::acts::letters::{self as acts, Known};
use crate::journal::report::EditLine;
use crate::page::done;
use crate::users::{Actor, Right};
use crate::views::corrections::{Correction, Input};
use crate::views::letters::ShownLetter;
use crate::views::refusals::Told;
use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use lienthong_core::text;
use serde_json::Value;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/letters/one/{handoff}", get(letter))
        .route("/letters/one/{handoff}/persons", post(persons))
        .route("/letters/one/{handoff}/replay", post(replay))
        .route("/letters/one/{handoff}/resolve", post(resolve))
        .route("/letters/one/{handoff}/dismiss", post(dismiss))
        .route("/letters/one/{handoff}/reopen", post(reopen))
}

#[derive(Template)]
#[template(path = "letters/letter.html")]
struct LetterPage {
    layout: Layout,
    lang: Language,
    link: String,
    kind: String,
    state: String,
    state_class: &'static str,
    dossier: String,
    dossier_link: String,
    agency: String,
    account: String,
    number: Option<String>,
    partner_number: Option<String>,
    since: String,
    code: String,
    why: String,
    field: Option<String>,
    todo: Option<String>,
    group: Option<String>,
    fields: Vec<FieldRow>,
    tries: Vec<Try>,
    content: Option<String>,
    said: Option<String>,
    edits: Vec<EditRow>,
    can: Can,
    unmasked: bool,
}

/// A field to correct.
struct FieldRow {
    name: String,
    id: String,
    label: &'static str,
    now: String,
    kind: &'static str,
    mode: &'static str,
}

impl FieldRow {
    fn of(lang: Language, index: usize, correction: &Correction) -> Self {
        let (kind, mode) = match correction.input {
            Input::Text => ("text", "text"),
            Input::Phone => ("tel", "tel"),
            Input::Amount => ("text", "numeric"),
        };
        let now = match &correction.now {
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            Some(Value::String(_)) | None => lang.of("để trống", "empty").to_owned(),
            Some(other) => other.to_string(),
        };
        let label = lang.of(correction.label.vi, correction.label.en);
        let name = format!("{}{}", form::FIELD, correction.field);
        Self { name, id: format!("field-{index}"), label, now, kind, mode }
    }
}

/// An attempt.
struct Try {
    n: u32,
    at: String,
    outcome: String,
    code: String,
    http: String,
}

/// What a person made of the content.
struct EditRow {
    head: String,
    reason: String,
    patch: Option<String>,
    original: String,
}

impl EditRow {
    fn of(lang: Language, edit: &EditLine) -> Self {
        let edited = edit.how == "edited";
        let how = if edited { lang.of("Sửa", "Edited") } else { lang.of("Lập lại", "Planned anew") };
        let erased = || lang.of("đã xóa", "erased").to_owned();
        Self {
            head: format!("{how}: {}, {}", show::local(edit.at), edit.who),
            reason: show::or_dash(edit.reason.as_deref()),
            patch: edited.then(|| edit.patch.as_ref().map_or_else(erased, pretty)),
            original: edit.original.as_ref().map_or_else(erased, pretty),
        }
    }
}

/// What whoever looks can do about it now.
struct Can {
    correct: bool,
    settle: bool,
    resolve: bool,
    reopen: bool,
    persons: bool,
    /// Sending it again needs the word of somebody who asked the partner.
    ask_first: bool,
}

impl Can {
    fn of(actor: &Actor, letter: &ShownLetter) -> Self {
        let state = letter.handoff.state.as_str();
        let (stands, settle) = (matches!(state, "dead" | "held"), actor.may(Right::Settle));
        let ask_first = letter.class == Some("uncertain");
        Self {
            correct: stands && !letter.corrections.is_empty() && actor.may(Right::Correct) && !ask_first,
            settle: stands && settle,
            resolve: settle && (stands || state == "uncertain"),
            reopen: settle && state == "dismissed",
            persons: actor.may(Right::SeePersons),
            ask_first,
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A partner's words: text as it is, anything else as JSON.
fn words_of(value: &Value) -> String {
    value.as_str().map_or_else(|| pretty(value), str::to_owned)
}

fn state_class(state: &str) -> &'static str {
    match state {
        "dead" => "bad",
        "held" | "uncertain" => "warn",
        "accepted" | "resolved" => "good",
        _on_its_way_or_over => "faint",
    }
}

fn page_of(visit: &Visit, letter: &ShownLetter, unmasked: bool) -> LetterPage {
    let (lang, handoff) = (visit.lang, &letter.handoff);
    let tries = handoff.tries.iter().map(|attempt| Try {
        n: attempt.n,
        at: show::local(attempt.started_at),
        outcome: show::outcome(lang, attempt.outcome.as_deref()),
        code: show::or_dash(attempt.code.as_deref()),
        http: show::or_dash(attempt.http_status),
    });
    let fields = letter.corrections.iter().enumerate();
    let kind = show::kind(lang, &handoff.kind);
    let mut layout = visit.titled(format!("{kind} – {}", handoff.dossier), Some(Menu::Letters));
    if unmasked {
        // What was asked for once is not fetched again and again.
        layout.as_of = None;
    }
    let reason = letter.handoff.code.as_ref();
    LetterPage {
        lang,
        link: show::handoff(&handoff.handoff),
        state: show::state(lang, &handoff.state),
        state_class: state_class(&handoff.state),
        dossier: handoff.dossier.clone(),
        dossier_link: show::dossier(&handoff.dossier),
        agency: handoff.agency.clone(),
        account: handoff.account.clone(),
        number: handoff.number.clone(),
        partner_number: handoff.partner_number.clone(),
        since: show::local_or_dash(handoff.ended_at.or(handoff.dead_at).or(handoff.uncertain_since)),
        why: reason.map_or_else(String::new, |_| show::sentence(lang, letter.vi, letter.en)),
        code: show::or_dash(reason),
        field: handoff.field.as_deref().map(|path| show::field(lang, letter.field_label, path)),
        todo: letter.advice.map(|advice| lang.of(advice.vi, advice.en).to_owned()),
        group: letter.group.as_deref().map(show::group),
        fields: fields.map(|(index, correction)| FieldRow::of(lang, index, correction)).collect(),
        tries: tries.collect(),
        content: letter.content.as_ref().map(pretty),
        said: letter.said.as_ref().map(words_of),
        edits: letter.edits.iter().map(|edit| EditRow::of(lang, edit)).collect(),
        can: Can::of(&visit.actor, letter),
        kind,
        layout,
        unmasked,
    }
}

async fn letter(
    State(desk): State<Desk>,
    visit: Visit,
    Path(handoff): Path<String>,
) -> Result<Response, Trouble> {
    let letter = acts::shown(&desk, &visit.actor, &handoff).await?;
    Ok(shown(&page_of(&visit, &letter, false)))
}

async fn persons(
    State(desk): State<Desk>,
    visit: Visit,
    Path(handoff): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    match acts::unmasked(&desk, &visit.actor, &handoff, form::value(&filled, "reason")).await {
        Ok(letter) => Ok(shown(&page_of(&visit, &letter, true))),
        Err(trouble) => again(&desk, &visit, &handoff, trouble).await,
    }
}

async fn replay(
    State(desk): State<Desk>,
    visit: Visit,
    Path(handoff): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    let (not_there, why) = (form::ticked(&filled, "not_there"), form::value(&filled, "reason"));
    let acted = acts::replay(&desk, &visit.actor, &handoff, not_there, why).await;
    answered(&desk, &visit, &handoff, acted).await
}

async fn resolve(
    State(desk): State<Desk>,
    visit: Visit,
    Path(handoff): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    let known = Known {
        partner_number: form::value(&filled, "partner_number").to_owned(),
        unchecked: form::ticked(&filled, "unchecked"),
        reason: form::value(&filled, "reason").to_owned(),
    };
    let acted = acts::resolve(&desk, &visit.actor, &handoff, known).await;
    answered(&desk, &visit, &handoff, acted).await
}

async fn dismiss(
    State(desk): State<Desk>,
    visit: Visit,
    Path(handoff): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    let acted = acts::dismiss(&desk, &visit.actor, &handoff, form::value(&filled, "reason")).await;
    answered(&desk, &visit, &handoff, acted).await
}

async fn reopen(
    State(desk): State<Desk>,
    visit: Visit,
    Path(handoff): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    let acted = acts::reopen(&desk, &visit.actor, &handoff, form::value(&filled, "reason")).await;
    answered(&desk, &visit, &handoff, acted).await
}

/// Back to the letter, which says what was done or why nothing was.
pub(super) async fn answered(
    desk: &Desk,
    visit: &Visit,
    handoff: &str,
    acted: Result<Told, Trouble>,
) -> Result<Response, Trouble> {
    match acted {
        Ok(told) => {
            let said = text::capital(visit.lang.of(&told.vi, &told.en));
            Ok(done(desk, visit, &show::handoff(handoff), format!("{said}.")))
        }
        Err(trouble) => again(desk, visit, handoff, trouble).await,
    }
}

/// The letter once more with what is wrong, where the person can do something about it.
pub(super) async fn again(
    desk: &Desk,
    visit: &Visit,
    handoff: &str,
    trouble: Trouble,
) -> Result<Response, Trouble> {
    let (status, visit) = visit.again(trouble, show::handoff(handoff))?;
    let letter = acts::shown(desk, &visit.actor, handoff).await?;
    Ok((status, shown(&page_of(&visit, &letter, false))).into_response())
}
