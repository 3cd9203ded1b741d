//! Who asks.

use crate::users::{Actor, Right, Role};
use axum::extract::Extension;
use axum::response::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Who asks, and what for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// The name.
    name: String,
    /// The role.
    role: Role,
    /// Agencies that are seen: codes, or beginnings with a star.
    agencies: Vec<String>,
    /// What may be done.
    rights: Vec<&'static str>,
}

/// Who asks, and what they may
#[utoipa::path(get, path = "/me", tag = "desk", responses((status = 200, body = Me), (status = 401, body = super::Problem)))]
pub(super) async fn me(Extension(actor): Extension<Actor>) -> Json<Me> {
    let rights = Right::ALL.into_iter().filter(|right| actor.may(*right)).map(Right::name).collect();
    let agencies = actor.agencies.patterns().to_vec();
    Json(Me { name: actor.name, role: actor.role, agencies, rights })
}
