//! Partners' accounts, and their pauses.

use super::Problem;
use crate::acts::partners::Pausing;
use crate::acts::{Desk, Trouble};
use crate::clock;
use crate::users::{Actor, Right};
use crate::views::partners::Partners;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Json;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Accounts that one's agencies use: limits, what holds them up, and what will run out
#[utoipa::path(get, path = "/partners", tag = "partners",
    responses((status = 200, body = Partners), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn partners(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<Partners>, Trouble> {
    actor.need(Right::See)?;
    desk.partners_seen(&actor, clock::now()).await.map(Json)
}

/// What to pause.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Pause {
    /// `post`, `portal`, `commune`, or an account.
    scope: String,
    /// Why; everybody who asks how things stand reads it.
    reason: String,
    /// Until when; without it until resumed.
    until: Option<Timestamp>,
}

/// Sends nothing to a partner or through an account until its end, or until resumed
#[utoipa::path(post, path = "/pauses", tag = "partners", request_body = Pause, responses(
    (status = 204, description = "It is paused"), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem)))]
pub(super) async fn pause(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(pause): Json<Pause>,
) -> Result<StatusCode, Trouble> {
    let pausing = Pausing { scope: pause.scope, reason: pause.reason, until: pause.until };
    desk.pause(&actor, pausing, clock::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why it goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Resume {
    /// Why; it is in the audit.
    reason: String,
}

/// Ends a pause, the block of an account, and a breaker's wait
#[utoipa::path(delete, path = "/pauses/{scope}", tag = "partners", params(
        ("scope" = String, Path, description = "`post`, `portal`, `commune`, or an account"), Resume),
    responses((status = 204, description = "It goes on"), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn resume(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(scope): Path<String>,
    Query(resume): Query<Resume>,
) -> Result<StatusCode, Trouble> {
    desk.resume(&actor, scope, &resume.reason, clock::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
