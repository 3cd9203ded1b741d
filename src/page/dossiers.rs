//! *Hồ sơ*: finds a dossier by what stands on a paper, and shows everything that happened to it.

use super::{Desk, Language, Layout, Menu, Trouble, Visit, shown};
use crate::acts::dossiers;
use crate::journal::report::{FlagLine, FoundBy, FoundLine, HandoffLine};
use crate::users::Right;
use crate::views::dossier::{self, DossierView, ExchangeView};
use crate::views::post::Persons;
use crate::views::timeline::{self, Moment};
use crate::views::{times, words};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(Menu::Dossiers.path(), get(search))
        .route("/dossiers/{key}", get(show))
        .route("/dossiers/{key}/persons", get(back).post(unmask))
}

#[derive(Deserialize)]
struct Wanted {
    search: Option<String>,
}

#[derive(Template)]
#[template(path = "dossiers.html")]
struct SearchPage {
    layout: Layout,
    lang: Language,
    search: String,
    found: Vec<FoundLine>,
}

impl SearchPage {
    fn by(&self, found: &FoundLine) -> &'static str {
        let english = match found.by {
            FoundBy::Code => "dossier code",
            FoundBy::Slip => "slip",
            FoundBy::Order => "order number",
            FoundBy::Waybill => "waybill",
        };
        self.lang.of(words::found_by(found.by), english)
    }
}

async fn search(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let search = wanted.search.unwrap_or_default().trim().to_owned();
    let (actor, text) = (visit.actor.clone(), search.clone());
    let found =
        desk.report(move |report| dossier::search(report, &text, |agency| actor.sees(agency))).await?;
    if let [one] = found.as_slice() {
        return Ok(Redirect::to(&path(&one.dossier)).into_response());
    }
    let layout = Layout { as_of: None, ..visit.layout(Menu::Dossiers) };
    Ok(shown(&SearchPage { layout, lang: visit.lang, search, found }))
}

/// Where a dossier is.
pub(super) fn path(dossier: &str) -> String {
    let key: String = url::form_urlencoded::byte_serialize(dossier.as_bytes()).collect();
    format!("{}/{key}", Menu::Dossiers.path())
}

#[derive(Template)]
#[template(path = "dossier.html")]
struct DossierPage {
    layout: Layout,
    lang: Language,
    moments: Vec<Moment>,
    may_unmask: bool,
    seen: DossierView,
}

impl DossierPage {
    fn title(&self, handoff: &HandoffLine) -> String {
        self.either(timeline::title(handoff), timeline::title_en(handoff))
    }

    fn state(&self, handoff: &HandoffLine) -> String {
        self.either(timeline::state(handoff), handoff.state.clone())
    }

    fn what(&self, moment: &Moment) -> String {
        self.either(moment.vi.clone(), moment.en.clone())
    }

    fn reason(&self, handoff: &HandoffLine) -> &'static str {
        handoff.code.as_deref().map_or("", |code| self.means(code))
    }

    fn flagged(&self, flag: &FlagLine) -> &'static str {
        self.means(&flag.code)
    }

    fn means(&self, code: &str) -> &'static str {
        let explained = self.seen.explanations.iter().find(|explained| explained.code == code);
        explained.map_or("", |explained| self.lang.of(explained.vi, explained.en))
    }

    fn is_shown(&self) -> bool {
        self.seen.persons == Persons::Shown
    }

    fn money(&self, amount: &u64) -> String {
        words::money(*amount)
    }

    fn time(&self, at: &Timestamp) -> String {
        times::local(*at)
    }

    fn maybe(&self, at: &Option<Timestamp>) -> String {
        times::local_or_dash(*at)
    }

    fn exchange(&self, handoff: &HandoffLine) -> Option<&ExchangeView> {
        self.seen.exchanges.iter().find(|exchange| exchange.handoff == handoff.handoff)
    }

    /// A value as people read it.
    fn pretty(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                serde_json::to_string_pretty(value).unwrap_or_default()
            }
        }
    }

    fn either(&self, vi: String, en: String) -> String {
        match self.lang {
            Language::Vietnamese => vi,
            Language::English => en,
        }
    }
}

async fn show(State(desk): State<Desk>, visit: Visit, Path(key): Path<String>) -> Result<Response, Trouble> {
    Ok(page(&visit, dossiers::shown(&desk, &visit.actor, key).await?))
}

/// Its masked page: what was unmasked is shown once, in answer to the form, and stands nowhere.
async fn back(Path(key): Path<String>) -> Redirect {
    Redirect::to(&path(&key))
}

#[derive(Deserialize)]
struct Reasoned {
    #[serde(default)]
    reason: String,
}

async fn unmask(
    State(desk): State<Desk>,
    visit: Visit,
    Path(key): Path<String>,
    Form(asked): Form<Reasoned>,
) -> Result<Response, Trouble> {
    match dossiers::unmasked(&desk, &visit.actor, key.clone(), &asked.reason).await {
        Ok(seen) => Ok(page(&visit, seen)),
        Err(trouble) => {
            let (status, visit) = visit.again(trouble, path(&key))?;
            Ok((status, page(&visit, dossiers::shown(&desk, &visit.actor, key).await?)).into_response())
        }
    }
}

fn page(visit: &Visit, seen: DossierView) -> Response {
    let masked = seen.persons == Persons::Masked;
    let mut layout = visit.titled(seen.dossier.clone(), Some(Menu::Dossiers));
    if !masked {
        // What was unmasked for a reason does not keep itself up to date.
        layout.as_of = None;
    }
    let may_unmask = masked && visit.actor.may(Right::SeePersons);
    shown(&DossierPage { layout, lang: visit.lang, moments: timeline::timeline(&seen), may_unmask, seen })
}
