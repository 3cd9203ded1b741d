//! *Nhật ký thao tác*: what operators did.

use super::{Desk, Language, Layout, Menu, Trouble, Visit, shown};
use crate::users::Right;
use crate::views::acts::{self, Acts, Span};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route(Menu::Acts.path(), get(list))
}

#[derive(Deserialize)]
struct Wanted {
    days: Option<u16>,
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "acts.html")]
struct ActsPage {
    layout: Layout,
    lang: Language,
    days: u16,
    seen: Acts,
}

async fn list(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let days = wanted.days.unwrap_or(30).clamp(1, 3650);
    let span = Span::days(days, wanted.before, visit.now);
    let agencies = visit.actor.agencies.clone();
    let seen = desk.report(move |report| acts::acts(report, &agencies, span)).await?;
    Ok(shown(&ActsPage { layout: visit.layout(Menu::Acts), lang: visit.lang, days, seen }))
}
