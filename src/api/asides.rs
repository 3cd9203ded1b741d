//! What waits for a person without being a dead letter: the quarantine, what partners may have, tasks of the desk.

use super::Problem;
use super::letters::{Persons, Why, limit};
use crate::acts::{Desk, Trouble};
use crate::acts::{among, asides, tasks};
use crate::users::{Actor, Right};
use crate::views::desk_tasks::{self, ShownDeskTask};
use crate::views::quarantine::{self, ShownMessage};
use crate::views::refusals::Told;
use crate::views::uncertain::UncertainHandoff;
use axum::extract::{Extension, Path, Query, State};
use axum::response::Json;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which ones.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only of this agency; else of all that the user sees.
    agency: Option<String>,
    /// How many at most: 200 unless told, 1000 at most.
    limit: Option<usize>,
}

/// Messages that could not be taken in, newest first
#[utoipa::path(get, path = "/quarantine", tag = "quarantine", params(Wanted),
    responses((status = 200, body = [ShownMessage]), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn messages(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<ShownMessage>>, Trouble> {
    actor.need(Right::See)?;
    let (agencies, partners) = (among(&actor, wanted.agency.as_deref())?, desk.partners().clone());
    let limit = limit(wanted.limit);
    desk.report(move |report| quarantine::messages(report, &partners, limit, &agencies)).await.map(Json)
}

/// One of them; with its bytes when persons are asked for
#[utoipa::path(get, path = "/quarantine/{id}", tag = "quarantine",
    params(("id" = i64, Path, description = "Its number"), Persons),
    responses((status = 200, body = ShownMessage), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn message(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<i64>,
    Query(asked): Query<Persons>,
) -> Result<Json<ShownMessage>, Trouble> {
    asides::message(&desk, &actor, id, asked.asked_for()).await.map(Json)
}

/// Which ones, and whether persons are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedUncertain {
    /// Only of this agency; else of all that the user sees.
    agency: Option<String>,
    /// How many at most: 200 unless told, 1000 at most.
    limit: Option<usize>,
    /// With persons: needs the right, and a reason, which goes into the audit.
    #[serde(default)]
    personal: bool,
    /// Why persons are asked for.
    reason: Option<String>,
}

/// What partners may have, with all that is needed to phone the post office; masked unless persons are asked for
#[utoipa::path(get, path = "/uncertain", tag = "dead letters", params(WantedUncertain),
    responses((status = 200, body = [UncertainHandoff]), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn uncertain(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<WantedUncertain>,
) -> Result<Json<Vec<UncertainHandoff>>, Trouble> {
    let agencies = among(&actor, wanted.agency.as_deref())?;
    let why = wanted.personal.then(|| wanted.reason.as_deref().unwrap_or_default());
    asides::uncertain(&desk, &actor, agencies, limit(wanted.limit), why).await.map(Json)
}

/// What desks are asked to do, oldest first
#[utoipa::path(get, path = "/desk-tasks", tag = "desk tasks", params(Wanted),
    responses((status = 200, body = [ShownDeskTask]), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn desk_tasks(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<ShownDeskTask>>, Trouble> {
    actor.need(Right::See)?;
    let (agencies, partners) = (among(&actor, wanted.agency.as_deref())?, desk.partners().clone());
    let limit = limit(wanted.limit);
    desk.report(move |report| desk_tasks::desk_tasks(report, &partners, limit, &agencies)).await.map(Json)
}

/// The desk has done it
#[utoipa::path(post, path = "/desk-tasks/{number}/done", tag = "desk tasks", request_body = Why,
    params(("number" = i64, Path, description = "Its number")),
    responses((status = 200, body = Told), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn done(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(number): Path<i64>,
    Json(why): Json<Why>,
) -> Result<Json<Told>, Trouble> {
    tasks::close(&desk, &actor, number, &why.reason).await.map(Json)
}
