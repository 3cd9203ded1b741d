//! How everything stands.

use super::Problem;
use crate::acts::{Desk, Trouble};
use crate::clock;
use crate::users::{Actor, Right};
use crate::views::overview::Overview;
use axum::extract::{Extension, State};
use axum::response::Json;

/// How everything stands: lamps, alarms, what is not called, and how much comes and goes
#[utoipa::path(get, path = "/overview", tag = "overview",
    responses((status = 200, body = Overview), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn overview(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<Overview>, Trouble> {
    actor.need(Right::See)?;
    desk.overview(&actor, clock::now()).await.map(Json)
}
