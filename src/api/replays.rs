//! Bulk replays: previewed, begun with exactly what was previewed, followed, stopped.

use super::Problem;
use super::letters::{Why, limit};
use crate::acts::replays as acts;
use crate::acts::{Desk, Trouble};
use crate::journal::report::TaskLine;
use crate::users::{Actor, Right};
use crate::views::refusals::Told;
use crate::views::replays::{self, Preview, ShownTask};
use axum::extract::{Extension, Path, Query, State};
use axum::response::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Of which group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfGroup {
    /// The group.
    group: String,
}

/// What a bulk replay of a group would do: which would go, which would not and why; nothing is written
#[utoipa::path(post, path = "/replays/preview", tag = "bulk replays", request_body = OfGroup,
    responses((status = 200, body = Preview), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn preview(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(of): Json<OfGroup>,
) -> Result<Json<Preview>, Trouble> {
    acts::preview(&desk, &actor, &of.group).await.map(Json)
}

/// What was previewed, and is confirmed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    /// The group.
    group: String,
    /// Exactly these are replayed: `handoffs` of the preview, or some of them.
    handoffs: Vec<String>,
    /// Why.
    reason: String,
}

/// A bulk replay that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Begun {
    /// Its number.
    task: i64,
}

/// Begins a bulk replay of exactly these; the daemon sends 1, then 5, then 25 at a time
#[utoipa::path(post, path = "/replays", tag = "bulk replays", request_body = Confirmed,
    responses((status = 200, body = Begun), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn begin(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(wanted): Json<Confirmed>,
) -> Result<Json<Begun>, Trouble> {
    let task = acts::begin(&desk, &actor, &wanted.group, wanted.handoffs, &wanted.reason).await?;
    Ok(Json(Begun { task }))
}

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Lines {
    /// How many at most: 200 unless told, 1000 at most.
    limit: Option<usize>,
}

/// The newest bulk replays that hold anything that the user sees
#[utoipa::path(get, path = "/replays", tag = "bulk replays", params(Lines),
    responses((status = 200, body = [TaskLine]), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(lines): Query<Lines>,
) -> Result<Json<Vec<TaskLine>>, Trouble> {
    actor.need(Right::See)?;
    desk.report(move |report| report.tasks(limit(lines.limit), &actor.agencies)).await.map(Json)
}

/// How far one is, what became of each, and how many have stopped since
#[utoipa::path(get, path = "/replays/{task}", tag = "bulk replays",
    params(("task" = i64, Path, description = "Its number")),
    responses((status = 200, body = ShownTask), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn task(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(task): Path<i64>,
) -> Result<Json<ShownTask>, Trouble> {
    actor.need(Right::See)?;
    let shown = desk.report(move |report| replays::task(report, task, &actor.agencies)).await?;
    shown.map(Json).ok_or(Trouble::NotFound)
}

/// Begins no further batch; what is under way ends by itself
#[utoipa::path(post, path = "/replays/{task}/stop", tag = "bulk replays", request_body = Why,
    params(("task" = i64, Path, description = "Its number")),
    responses((status = 200, body = Told), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn stop(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(task): Path<i64>,
    Json(why): Json<Why>,
) -> Result<Json<Told>, Trouble> {
    acts::stop(&desk, &actor, task, &why.reason).await.map(Json)
}
