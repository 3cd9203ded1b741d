//! The operator's desk for people: HTML from `templates/`, no outside resource, usable without script.
//!
//! ```text
//! request ─▶ headers::set ─▶ only_users (session, CSRF) ─▶ a handler of a module here ─▶ template
//!                                   │ nobody                      └ Trouble ─▶ error page
//!                                   └▶ /login
//! ```
//!
//! A part of the desk is a module with a `routes() -> Router<Desk>`, which [`inside`] merges: one line. Its handlers take
//! [`State<Desk>`](Desk) and a [`Visit`], read with [`Desk::report`] or act with [`Desk::act`], and answer with [`shown`], or
//! after an act with [`done`]. What they show comes from `src/views`; what they do, the command line does too. All that is
//! shown is of agencies that `visit.actor` sees.
//!
//! Every form here posts; its field `csrf` is `layout.csrf`, and is checked in front of the handlers.

mod acts;
mod chart;
mod digest;
mod dossiers;
mod figures;
mod layout;
mod letters;
mod login;
mod overview;
mod partners;
mod post;
mod statics;
#[cfg(test)]
mod tests;

pub(crate) use layout::{Language, Layout, Menu, Visit};

use crate::acts::{Desk, Trouble};
use crate::admin::gate::{self, Knock};
use crate::clock;
use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse as _, Redirect, Response};

/// Everything that people are served.
pub(crate) fn router(desk: &Desk) -> Router {
    let gate = middleware::from_fn_with_state(desk.clone(), only_users);
    inside()
        .fallback(nowhere)
        .layer(gate)
        .merge(login::routes())
        .merge(statics::routes())
        .with_state(desk.clone())
}

/// The parts of the desk, each behind the login.
fn inside() -> Router<Desk> {
    Router::new()
        .merge(overview::routes())
        .merge(digest::routes())
        .merge(letters::routes())
        .merge(dossiers::routes())
        .merge(post::routes())
        .merge(partners::routes())
        .merge(figures::routes())
        .merge(acts::routes())
}

async fn nowhere() -> Trouble {
    Trouble::NotFound
}

/// Lets in whoever is logged in, and what comes from a page of ours.
async fn only_users(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let now = clock::now();
    let lang = Language::of_headers(request.headers());
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let Knock::Browser(present, session) = gate::knock(&desk, request.headers(), now) else {
        return to_login(request.uri());
    };
    let is_safe = gate::is_safe(request.method());
    let notice = if is_safe { desk.users().told(&session) } else { None };
    let visit =
        Visit { actor: present.actor, lang, now, csrf: present.csrf, session, path, notice, trouble: None };
    let request = if is_safe { Ok(request) } else { gate::proven(request, &visit.csrf).await };
    match request {
        Ok(mut request) => {
            request.extensions_mut().insert(visit.clone());
            told(next.run(request).await, || visit.titled(lang.of("Có trở ngại", "Trouble"), None))
        }
        Err(trouble) => {
            told(trouble.into_response(), || visit.titled(lang.of("Có trở ngại", "Trouble"), None))
        }
    }
}

fn to_login(uri: &Uri) -> Response {
    let wanted = uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
    Redirect::to(&format!("/login?next={next}")).into_response()
}

/// The answer, with a page in place of bare trouble.
fn told(response: Response, layout: impl FnOnce() -> Layout) -> Response {
    let status = response.status();
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(is_html);
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let trouble = response.extensions().get::<Trouble>().cloned();
    let trouble = trouble.unwrap_or_else(|| Trouble::of_status(status));
    let mut layout = layout();
    layout.as_of = None;
    let sentence = layout.lang.said(&trouble.sentence()).to_owned();
    (trouble.status(), shown(&ErrorPage { layout, sentence, back: "/" })).into_response()
}

fn is_html(kind: &HeaderValue) -> bool {
    kind.to_str().is_ok_and(|kind| kind.starts_with("text/html"))
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    sentence: String,
    back: &'static str,
}

/// A page of a template.
pub(crate) fn shown(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "failed to write a page");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// After an act: on to a page, which says once what was done.
pub(crate) fn done(desk: &Desk, visit: &Visit, to: &str, said: impl Into<String>) -> Response {
    desk.users().tell(&visit.session, said.into());
    Redirect::to(to).into_response()
}
