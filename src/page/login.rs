//! In and out, and the switch of language.

use super::layout::LANGUAGE;
use super::{Desk, Language, Layout, Trouble, shown, told};
use crate::admin::{Peer, gate};
use crate::clock;
use crate::users::Refused;
use askama::Template;
use axum::Router;
use axum::extract::{ConnectInfo, Form, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use lienthong_core::text;
use serde::Deserialize;
use std::net::IpAddr;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/login", get(form).post(log_in))
        .route("/logout", post(log_out))
        .route("/language/{code}", get(switch))
        .layer(middleware::from_fn(outside))
}

/// Shows trouble to people who are not logged in.
async fn outside(request: Request, next: Next) -> Response {
    let lang = Language::of_headers(request.headers());
    let layout = move || Layout::outside(lang, lang.of("Có trở ngại", "Trouble"), "/login");
    told(next.run(request).await, layout)
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    layout: Layout,
    refusal: Option<String>,
    name: String,
    next: String,
}

impl LoginPage {
    fn new(lang: Language, next: &str) -> Self {
        let next = own_path(next).to_owned();
        let back: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let layout = Layout::outside(lang, lang.of("Đăng nhập", "Log in"), &format!("/login?next={back}"));
        Self { layout, refusal: None, name: String::new(), next }
    }
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    next: String,
}

async fn form(headers: HeaderMap, Query(wanted): Query<Wanted>) -> Response {
    shown(&LoginPage::new(Language::of_headers(&headers), &wanted.next))
}

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn log_in(
    State(desk): State<Desk>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
    jar: CookieJar,
    Form(login): Form<Login>,
) -> Result<Response, Trouble> {
    if gate::is_of_another_site(&headers) {
        return Err(Trouble::Forged);
    }
    let name = text::normalise(&text::cut(&login.name, 100));
    let tried = desk.log_in((name.clone(), login.password), peer.ip(), clock::now()).await?;
    match tried {
        Ok(begun) => {
            tracing::info!(user = name, address = %peer.ip(), "a user has logged in");
            // Whoever was logged in here is not any more.
            if let Some(old) = gate::session_id(&desk, &headers) {
                desk.users().log_out(&old);
            }
            let cookie = Cookie::build((gate::cookie_name(&desk), begun.id))
                .path("/")
                .http_only(true)
                .same_site(SameSite::Strict)
                .secure(desk.settings().admin.is_https());
            Ok((jar.add(cookie), Redirect::to(own_path(&login.next))).into_response())
        }
        Err(refused) => Ok(refuse(&desk, refused, (&name, peer.ip()), &login.next, &headers)),
    }
}

/// Says no. The log names users alone: what else was typed as a name may be a password.
fn refuse(
    desk: &Desk,
    refused: Refused,
    (name, address): (&str, IpAddr),
    next: &str,
    headers: &HeaderMap,
) -> Response {
    let user = if desk.users().knows(name) { name } else { "" };
    let lang = Language::of_headers(headers);
    let (status, refusal) = match refused {
        Refused::Wrong => {
            tracing::warn!(user, address = %address, "a login was refused");
            let text = lang.of("Tên hoặc mật khẩu không đúng.", "Name or password is wrong.");
            (StatusCode::UNPROCESSABLE_ENTITY, text.to_owned())
        }
        Refused::TooMany(wait) => {
            tracing::warn!(user, address = %address, "a login was not tried: too many were refused");
            let seconds = wait.as_secs().max(0) + 1;
            let text = match lang {
                Language::Vietnamese => {
                    format!("Đăng nhập sai quá nhiều lần; hãy thử lại sau {seconds} giây.")
                }
                Language::English => format!("Too many failed logins; try again in {seconds} seconds."),
            };
            (StatusCode::TOO_MANY_REQUESTS, text)
        }
    };
    let page = LoginPage { refusal: Some(refusal), name: name.to_owned(), ..LoginPage::new(lang, next) };
    (status, shown(&page)).into_response()
}

async fn log_out(State(desk): State<Desk>, jar: CookieJar, request: Request) -> Result<Response, Trouble> {
    let Some(id) = gate::session_id(&desk, request.headers()) else {
        return Ok(Redirect::to("/login").into_response());
    };
    if let Some(present) = desk.users().of_session(&id, true, clock::now()) {
        gate::proven(request, &present.csrf).await?;
        desk.users().log_out(&id);
        tracing::info!(user = present.actor.name, "a user has logged out");
    }
    let gone = Cookie::build(gate::cookie_name(&desk)).path("/").secure(desk.settings().admin.is_https());
    Ok((jar.remove(gone), Redirect::to("/login")).into_response())
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

async fn switch(
    jar: CookieJar,
    Path(code): Path<String>,
    Query(back): Query<Back>,
) -> Result<Response, Trouble> {
    let lang = Language::read(&code).ok_or(Trouble::NotFound)?;
    let cookie = Cookie::build((LANGUAGE, lang.code()))
        .path("/")
        .same_site(SameSite::Strict)
        .http_only(true)
        .permanent();
    Ok((jar.add(cookie), Redirect::to(own_path(&back.back))).into_response())
}

/// A path of this desk; else its first page.
fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && path.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if is_own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_led_elsewhere() {
        for (path, expected) in [
            ("/acts?days=7", "/acts?days=7"),
            ("", "/"),
            ("//evil.example/", "/"),
            ("/\\evil.example/", "/"),
            ("https://evil.example/", "/"),
            ("/a\nb", "/"),
        ] {
            assert_eq!(own_path(path), expected, "{path:?}");
        }
    }
}
