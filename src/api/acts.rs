//! What operators did.

use super::Problem;
use crate::acts::{Desk, Trouble};
use crate::clock;
use crate::users::{Actor, Right};
use crate::views::acts::{self, Acts, Span};
use axum::extract::{Extension, Query, State};
use axum::response::Json;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which acts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Not older than this; else 30 days.
    since: Option<Timestamp>,
    /// Done before the act of this number.
    before: Option<i64>,
}

/// What operators did, newest first; of one's own agencies
#[utoipa::path(get, path = "/audit", tag = "audit", params(Wanted),
    responses((status = 200, body = Acts), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn audit(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Acts>, Trouble> {
    actor.need(Right::See)?;
    let span = Span::days(30, wanted.before, clock::now());
    let span = Span { since: wanted.since.unwrap_or(span.since), ..span };
    desk.report(move |report| acts::acts(report, &actor.agencies, span)).await.map(Json)
}
