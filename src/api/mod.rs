//! The operator's desk for programs: JSON under `/api/v1`, described by `/api/v1/openapi.json`.
//!
//! ```text
//! request ─▶ only_known (token, or session and CSRF) ─▶ a handler of a module here ─▶ JSON
//!                                                             └ Trouble ─▶ {"code": …, "vi": …, "en": …}
//! ```
//!
//! A subject is a module whose handlers are named in [`endpoints`]: one line each, which serves them and describes them, so
//! that the description cannot say anything else. They take [`State<Desk>`](Desk) and `Extension(actor): Extension<Actor>`, and
//! show what the page shows: the values of `src/views`.

mod acts;
mod asides;
mod digest;
mod dossiers;
mod figures;
mod letters;
mod me;
mod orders;
mod overview;
mod partners;
mod replays;
#[cfg(test)]
mod tests;

use crate::acts::{Desk, Trouble};
use crate::admin::gate::{self, Knock};
use crate::clock;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Json, Response};
use serde::Serialize;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What is served, and what describes it.
fn endpoints() -> OpenApiRouter<Desk> {
    let endpoints = OpenApiRouter::new()
        .routes(routes!(document))
        .routes(routes!(me::me))
        .routes(routes!(overview::overview))
        .routes(routes!(digest::read))
        .routes(routes!(partners::partners))
        .routes(routes!(partners::pause))
        .routes(routes!(partners::resume))
        .routes(routes!(acts::audit))
        .routes(routes!(dossiers::search))
        .routes(routes!(dossiers::dossier))
        .routes(routes!(dossiers::persons))
        .routes(routes!(orders::orders))
        .routes(routes!(orders::persons))
        .routes(routes!(orders::slip))
        .routes(routes!(figures::read))
        .routes(routes!(figures::read_csv))
        .routes(routes!(figures::missing))
        .routes(routes!(figures::missing_csv))
        .routes(routes!(figures::list))
        .routes(routes!(figures::import))
        .merge(of_dead_letters());
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api/v1", endpoints)
}

/// What stopped, and what waits for a person beside it.
fn of_dead_letters() -> OpenApiRouter<Desk> {
    OpenApiRouter::new()
        .routes(routes!(letters::groups))
        .routes(routes!(letters::list))
        .routes(routes!(letters::letter))
        .routes(routes!(letters::replay))
        .routes(routes!(letters::preview))
        .routes(routes!(letters::edit))
        .routes(routes!(letters::resolve))
        .routes(routes!(letters::dismiss))
        .routes(routes!(letters::reopen))
        .routes(routes!(replays::preview))
        .routes(routes!(replays::list, replays::begin))
        .routes(routes!(replays::task))
        .routes(routes!(replays::stop))
        .routes(routes!(asides::messages))
        .routes(routes!(asides::message))
        .routes(routes!(asides::uncertain))
        .routes(routes!(asides::desk_tasks))
        .routes(routes!(asides::done))
}

/// Everything that programs are served.
pub(crate) fn router(desk: &Desk) -> Router {
    let (router, _document) = endpoints().split_for_parts();
    let nothing = Router::new().route("/api/{*path}", axum::routing::any(nowhere));
    let gate = middleware::from_fn_with_state(desk.clone(), only_known);
    router.merge(nothing).layer(gate).with_state(desk.clone())
}

async fn nowhere() -> Trouble {
    Trouble::NotFound
}

#[derive(OpenApi)]
#[openapi(
    info(title = "lienthong: the operator's desk", version = "1"),
    components(schemas(Problem)),
    modifiers(&Schemes),
    security(("token" = []), ("session" = []))
)]
struct Description;

/// How one shows who one is.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let about =
            "The cookie of the page's session; what changes something also needs the header x-csrf-token.";
        let session = ApiKey::Cookie(ApiKeyValue::with_description("lienthong", about));
        components.add_security_scheme("session", SecurityScheme::ApiKey(session));
    }
}

/// This description
#[utoipa::path(get, path = "/openapi.json", tag = "desk", responses((status = 200, description = "OpenAPI 3.1")))]
async fn document() -> Json<Document> {
    Json(endpoints().into_openapi())
}

/// Why a request was not answered as asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A stable word.
    pub(crate) code: &'static str,
    /// What it is and what to do, in Vietnamese.
    pub(crate) vi: String,
    /// The same in English.
    pub(crate) en: String,
}

/// Lets in who is known, and what comes from a page of ours where a browser asks.
async fn only_known(State(desk): State<Desk>, mut request: Request, next: Next) -> Response {
    let actor = match gate::knock(&desk, request.headers(), clock::now()) {
        Knock::Nobody => return told(Trouble::LoggedOut.into_response()),
        Knock::Program(actor) => actor,
        Knock::Browser(present, _session) => {
            if !gate::is_safe(request.method()) {
                request = match gate::proven(request, &present.csrf).await {
                    Ok(request) => request,
                    Err(trouble) => return told(trouble.into_response()),
                };
            }
            present.actor
        }
    };
    request.extensions_mut().insert(actor);
    told(next.run(request).await)
}

/// The answer, with one shape for all trouble.
fn told(response: Response) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let trouble = response.extensions().get::<Trouble>().cloned();
    let trouble = trouble.unwrap_or_else(|| Trouble::of_status(status));
    let sentence = trouble.sentence();
    let problem = Problem { code: trouble.code(), vi: sentence.vi, en: sentence.en };
    (trouble.status(), Json(problem)).into_response()
}
