//! Who knocks: the session of a browser, or the token of a program; and whether a request that changes something comes
//! from a page of ours.
//!
//! A browser sends its session along wherever a request comes from. What changes something therefore needs the session's
//! token beside, in the field `csrf` of a form or in the header `x-csrf-token`, and must not come from another site. This
//! is checked in front of every handler, so that none can forget it.

use crate::acts::{Desk, Trouble};
use crate::users::{Actor, Present};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;

/// Where the session stands for browsers; by https with the prefix that ties a cookie to this host.
const SESSION: &str = "lienthong";
const SESSION_HTTPS: &str = "__Host-lienthong";

/// Carries the session's token where there is no form.
const CSRF: &str = "x-csrf-token";

/// Marks what a page asks for by itself, to keep itself up to date: nobody is there.
const REFRESH: &str = "x-desk-refresh";

/// Bytes of a form at most: an edit of a handoff is the largest.
const FORM_CAP: usize = 1 << 20;

/// Who knocked.
pub(crate) enum Knock {
    /// Somebody with a browser.
    Browser(Present, String),
    /// A program.
    Program(Actor),
    /// Nobody we know.
    Nobody,
}

/// Finds out who it is. A token that is shown is the only thing that counts then.
pub(crate) fn knock(desk: &Desk, headers: &HeaderMap, now: Timestamp) -> Knock {
    if let Some(shown) = headers.get(header::AUTHORIZATION) {
        let token = shown.to_str().ok().and_then(|shown| shown.strip_prefix("Bearer "));
        return token.and_then(|token| desk.users().of_token(token)).map_or(Knock::Nobody, Knock::Program);
    }
    let Some(id) = session_id(desk, headers) else { return Knock::Nobody };
    let used = !headers.contains_key(REFRESH);
    match desk.users().of_session(&id, used, now) {
        Some(present) => Knock::Browser(present, id),
        None => Knock::Nobody,
    }
}

/// The name of the session's cookie.
pub(crate) fn cookie_name(desk: &Desk) -> &'static str {
    if desk.settings().admin.is_https() { SESSION_HTTPS } else { SESSION }
}

/// The id of the session that a browser shows.
pub(crate) fn session_id(desk: &Desk, headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(cookie_name(desk)).map(|cookie| cookie.value().to_owned())
}

/// Whether it only looks.
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether a browser says that the request comes from a page of somebody else.
pub(crate) fn is_of_another_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(origin) = text("origin") {
        let host = origin.split_once("://").map(|(_, host)| host);
        return host.is_none() || host != text("host");
    }
    text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

/// The request, if it shows the session's token and comes from a page of ours.
///
/// # Errors
/// When it does not.
pub(crate) async fn proven(request: Request, csrf: &str) -> Result<Request, Trouble> {
    if is_of_another_site(request.headers()) {
        return Err(Trouble::Forged);
    }
    if let Some(shown) = request.headers().get(CSRF) {
        return if same(shown.as_bytes(), csrf.as_bytes()) { Ok(request) } else { Err(Trouble::Forged) };
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(Trouble::Forged);
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, FORM_CAP).await else {
        return Err(Trouble::input("Biểu mẫu quá lớn.", "The form is too large."));
    };
    let shown = url::form_urlencoded::parse(&body).find(|(name, _)| name == "csrf");
    let is_ours = shown.is_some_and(|(_, shown)| same(shown.as_bytes(), csrf.as_bytes()));
    if is_ours { Ok(Request::from_parts(parts, Body::from(body))) } else { Err(Trouble::Forged) }
}

/// Compares in a time that does not tell how much is equal.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0, |found, (one, other)| found | (one ^ other));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_tells_where_a_request_comes_from() {
        let check = |headers: &[(&'static str, &'static str)], expected| {
            let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            assert_eq!(is_of_another_site(&map.collect()), expected, "{headers:?}");
        };
        let host = ("host", "desk.example:8085");
        check(&[host, ("origin", "https://desk.example:8085")], false);
        check(&[host, ("origin", "https://desk.example")], true);
        check(&[host, ("origin", "https://evil.example")], true);
        check(&[host, ("origin", "null")], true);
        check(&[host, ("sec-fetch-site", "cross-site")], true);
        check(&[host, ("sec-fetch-site", "same-site")], true);
        check(&[host, ("sec-fetch-site", "same-origin")], false);
        check(&[host], false);
    }
}
