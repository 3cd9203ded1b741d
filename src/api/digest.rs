//! The daily digest.

use super::Problem;
use crate::acts::digest::{self, Wanted};
use crate::acts::{Desk, Trouble};
use crate::clock;
use crate::users::Actor;
use crate::views::digest::Digest;
use axum::extract::{Extension, Query, State};
use axum::response::Json;

/// What failed on a day, what of it healed by itself, what by hand, and what is still open
#[utoipa::path(get, path = "/digest", tag = "overview", params(Wanted), responses((status = 200, body = Digest),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub(super) async fn read(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Digest>, Trouble> {
    digest::read(&desk, &actor, &wanted, clock::now()).await.map(Json)
}

#[cfg(test)]
mod tests;
