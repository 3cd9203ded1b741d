//! Dossiers, and everything that happened to one.

use super::Problem;
use crate::acts::dossiers;
use crate::acts::{Desk, Trouble};
use crate::journal::report::FoundLine;
use crate::users::{Actor, Right};
use crate::views::dossier::{self, DossierView};
use axum::extract::{Extension, Path, Query, State};
use axum::response::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A dossier code or its beginning (8 characters), `phieu:` and a slip, an order number, or a waybill.
    search: String,
}

/// Why persons must be seen.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Reasoned {
    /// Stands in the audit for ever: no citizen's name in it.
    reason: String,
}

/// Finds dossiers by what stands on a paper, never by a person; of one's own agencies
#[utoipa::path(get, path = "/dossiers", tag = "dossiers", params(Wanted),
    responses((status = 200, body = Vec<FoundLine>), (status = 401, body = Problem)))]
pub(super) async fn search(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<FoundLine>>, Trouble> {
    actor.need(Right::See)?;
    let found =
        desk.report(move |report| dossier::search(report, &wanted.search, |agency| actor.sees(agency)));
    found.await.map(Json)
}

/// Everything about one dossier, persons masked
#[utoipa::path(get, path = "/dossiers/{key}", tag = "dossiers",
    params(("key" = String, Path, description = "its code, `phieu:` and its slip, an order number, or a waybill")),
    responses((status = 200, body = DossierView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn dossier(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(key): Path<String>,
) -> Result<Json<DossierView>, Trouble> {
    dossiers::shown(&desk, &actor, key).await.map(Json)
}

/// The same with persons; that stands in the audit
#[utoipa::path(post, path = "/dossiers/{key}/persons", tag = "dossiers", request_body = Reasoned,
    params(("key" = String, Path, description = "its code, `phieu:` and its slip, an order number, or a waybill")),
    responses((status = 200, body = DossierView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn persons(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(key): Path<String>,
    Json(asked): Json<Reasoned>,
) -> Result<Json<DossierView>, Trouble> {
    dossiers::unmasked(&desk, &actor, key, &asked.reason).await.map(Json)
}
