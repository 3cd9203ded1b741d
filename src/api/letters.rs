//! Dead letters: groups, one by one, and what can be done about one.

use super::Problem;
use crate::acts::among;
use crate::acts::letters::{self as acts, Change, Known};
use crate::acts::{Desk, Trouble};
use crate::clock;
use crate::journal::report::HandoffLine;
use crate::users::{Actor, Right};
use crate::views::letters::{self, ShownGroup, ShownLetter};
use crate::views::refusals::Told;
use crate::views::rewriting::Rewriting;
use axum::extract::{Extension, Path, Query, State};
use axum::response::Json;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Lines of a list when nobody says how many, and at most.
const LINES: usize = 200;
const LINES_MOST: usize = 1000;

/// So many lines.
pub(super) fn limit(wanted: Option<usize>) -> usize {
    wanted.unwrap_or(LINES).clamp(1, LINES_MOST)
}

/// Of which agency.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfAgency {
    /// Only of this agency; else of all that the user sees.
    agency: Option<String>,
}

/// What stopped, by cause, the largest group first
#[utoipa::path(get, path = "/dead-letters/groups", tag = "dead letters", params(OfAgency),
    responses((status = 200, body = [ShownGroup]), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn groups(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<OfAgency>,
) -> Result<Json<Vec<ShownGroup>>, Trouble> {
    actor.need(Right::See)?;
    let (agencies, partners) = (among(&actor, wanted.agency.as_deref())?, desk.partners().clone());
    desk.report(move |report| letters::groups(report, &partners, &agencies, clock::now())).await.map(Json)
}

/// Which ones.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only of this group.
    group: Option<String>,
    /// Only of this agency; else of all that the user sees.
    agency: Option<String>,
    /// How many at most: 200 unless told, 1000 at most.
    limit: Option<usize>,
}

/// What stopped, is held, or may be at a partner, oldest first
#[utoipa::path(get, path = "/dead-letters", tag = "dead letters", params(Wanted),
    responses((status = 200, body = [HandoffLine]), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn list(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<HandoffLine>>, Trouble> {
    actor.need(Right::See)?;
    let (agencies, limit) = (among(&actor, wanted.agency.as_deref())?, limit(wanted.limit));
    let lines = desk.report(move |report| match &wanted.group {
        Some(group) => report.stopped_of(group, limit, &agencies),
        None => report.stopped(limit, &agencies),
    });
    lines.await.map(Json)
}

/// Whether persons are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Persons {
    /// With persons: needs the right, and a reason, which goes into the audit.
    #[serde(default)]
    personal: bool,
    /// Why persons are asked for.
    reason: Option<String>,
}

impl Persons {
    /// The reason, if persons are asked for.
    pub(super) fn asked_for(&self) -> Option<&str> {
        self.personal.then(|| self.reason.as_deref().unwrap_or_default())
    }
}

/// One of them, or one that has ended: reason, attempts, content, edits; masked unless persons are asked for
#[utoipa::path(get, path = "/dead-letters/{handoff}", tag = "dead letters",
    params(("handoff" = String, Path, description = "Its identity"), Persons),
    responses((status = 200, body = ShownLetter), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn letter(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(handoff): Path<String>,
    Query(persons): Query<Persons>,
) -> Result<Json<ShownLetter>, Trouble> {
    match persons.asked_for() {
        Some(why) => acts::unmasked(&desk, &actor, &handoff, why).await.map(Json),
        None => acts::shown(&desk, &actor, &handoff).await.map(Json),
    }
}

/// Sends it again as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Replay {
    /// Why.
    reason: String,
    /// Somebody asked the partner, and it is not there.
    #[serde(default)]
    not_there: bool,
}

/// Sends it again under the same key, with the same content
#[utoipa::path(post, path = "/dead-letters/{handoff}/replay", tag = "dead letters", request_body = Replay,
    params(("handoff" = String, Path, description = "Its identity")),
    responses((status = 200, body = Told), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn replay(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(handoff): Path<String>,
    Json(wanted): Json<Replay>,
) -> Result<Json<Told>, Trouble> {
    acts::replay(&desk, &actor, &handoff, wanted.not_there, &wanted.reason).await.map(Json)
}

/// Another content: of `fields`, `patch` and `anew` exactly one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    /// Why; a preview needs none.
    #[serde(default)]
    reason: String,
    /// Fields of `corrections`, such as `postal.return.phone`, each with its new value as it is typed.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// A JSON merge patch (an object) or a JSON Patch (an array) of the content.
    #[schema(value_type = Option<Object>)]
    patch: Option<Value>,
    /// Planned anew from the newest snapshot and the present tables.
    #[serde(default)]
    anew: bool,
    /// What a preview gave: only what was seen is written. Without it, whatever the change comes to.
    seen: Option<String>,
    /// Somebody asked the partner, and it is not there.
    #[serde(default)]
    not_there: bool,
}

impl Edit {
    fn change(&self) -> Result<Change, Trouble> {
        match (self.fields.is_empty(), &self.patch, self.anew) {
            (true, None, true) => Ok(Change::Anew),
            (true, Some(patch), false) => Ok(Change::Patch(patch.clone())),
            (false, None, false) => Ok(Change::Fields(self.fields.clone().into_iter().collect())),
            _none_or_several => Err(Trouble::input(
                "Hãy gửi đúng một trong ba: fields, patch, anew.",
                "Send exactly one of fields, patch and anew.",
            )),
        }
    }
}

/// What it would say: what changes, masked, and the word for exactly this; nothing is written
#[utoipa::path(post, path = "/dead-letters/{handoff}/edit/preview", tag = "dead letters", request_body = Edit,
    params(("handoff" = String, Path, description = "Its identity")),
    responses((status = 200, body = Rewriting), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn preview(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(handoff): Path<String>,
    Json(edit): Json<Edit>,
) -> Result<Json<Rewriting>, Trouble> {
    acts::preview(&desk, &actor, &handoff, &edit.change()?, edit.not_there).await.map(Json)
}

/// Sends it with another content under the same key; the content before is kept
#[utoipa::path(post, path = "/dead-letters/{handoff}/edit", tag = "dead letters", request_body = Edit,
    params(("handoff" = String, Path, description = "Its identity")),
    responses((status = 200, body = Told), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn edit(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(handoff): Path<String>,
    Json(edit): Json<Edit>,
) -> Result<Json<Told>, Trouble> {
    let seen = (edit.seen.as_deref(), edit.not_there);
    acts::correct(&desk, &actor, &handoff, &edit.change()?, seen, &edit.reason).await.map(Json)
}

/// What somebody found out: the partner has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resolve {
    /// The partner's number of it.
    partner_number: String,
    /// From whom or where it is known.
    reason: String,
    /// It stands although a look-up says otherwise.
    #[serde(default)]
    unchecked: bool,
}

/// Settles it: the partner has it, as somebody found out; the partner is asked where it can be
#[utoipa::path(post, path = "/dead-letters/{handoff}/resolve", tag = "dead letters", request_body = Resolve,
    params(("handoff" = String, Path, description = "Its identity")),
    responses((status = 200, body = Told), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn resolve(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(handoff): Path<String>,
    Json(wanted): Json<Resolve>,
) -> Result<Json<Told>, Trouble> {
    let Resolve { partner_number, reason, unchecked } = wanted;
    acts::resolve(&desk, &actor, &handoff, Known { partner_number, unchecked, reason }).await.map(Json)
}

/// Why something is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    /// The reason, which goes into the audit.
    pub(super) reason: String,
}

/// Ends it by hand: nothing more is done
#[utoipa::path(post, path = "/dead-letters/{handoff}/dismiss", tag = "dead letters", request_body = Why,
    params(("handoff" = String, Path, description = "Its identity")),
    responses((status = 200, body = Told), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn dismiss(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(handoff): Path<String>,
    Json(why): Json<Why>,
) -> Result<Json<Told>, Trouble> {
    acts::dismiss(&desk, &actor, &handoff, &why.reason).await.map(Json)
}

/// Takes a dismissal back, as long as nothing later rests on it
#[utoipa::path(post, path = "/dead-letters/{handoff}/reopen", tag = "dead letters", request_body = Why,
    params(("handoff" = String, Path, description = "Its identity")),
    responses((status = 200, body = Told), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn reopen(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(handoff): Path<String>,
    Json(why): Json<Why>,
) -> Result<Json<Told>, Trouble> {
    acts::reopen(&desk, &actor, &handoff, &why.reason).await.map(Json)
}
