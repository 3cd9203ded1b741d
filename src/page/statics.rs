//! The files of the page: style, script, icon. They come with the program.

use super::Desk;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

const FILES: [(&str, &str, &str); 3] = [
    ("/static/style.css", "text/css; charset=utf-8", include_str!("static/style.css")),
    ("/static/desk.js", "text/javascript; charset=utf-8", include_str!("static/desk.js")),
    ("/static/icon.svg", "image/svg+xml", include_str!("static/icon.svg")),
];

pub(super) fn routes() -> Router<Desk> {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, content)| {
        let tag = tag(content);
        router.route(path, get(move |headers: HeaderMap| async move { file(&headers, kind, content, &tag) }))
    })
}

/// Browsers keep a file and ask whether it is still this one.
fn file(headers: &HeaderMap, kind: &'static str, content: &'static str, tag: &HeaderValue) -> Response {
    let kept = headers.get(header::IF_NONE_MATCH) == Some(tag);
    let about = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, tag.clone()),
    ];
    if kept { (StatusCode::NOT_MODIFIED, about).into_response() } else { (about, content).into_response() }
}

fn tag(content: &str) -> HeaderValue {
    let digest = Sha256::digest(content.as_bytes());
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hex}\"")).expect("hexadecimal digits are allowed in a header")
}
