//! The one HTTP client of the gateway.
//!
//! Every call to a partner goes through [`Client`]: it has a deadline, a size cap that holds before a body is read, no
//! redirects, no proxy from the environment, and one question answered after every failure: *can the request have left
//! us?* ([`Left`]). It makes one attempt and never repeats it. It knows nothing of partners, bodies or business codes.

use bytes::Bytes;
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

/// How calls are made; one per account.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// From the first byte out until the last byte in.
    pub deadline: Duration,
    /// Until a connection, TLS included, stands.
    pub connect_deadline: Duration,
    /// Largest body that is read, in bytes.
    pub body_cap: usize,
    /// Own certificate authorities in PEM; empty: those of the system.
    pub authorities: Vec<Vec<u8>>,
    /// Client certificate and key in PEM.
    pub identity: Option<Vec<u8>>,
}

/// One request.
#[derive(Debug)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// Where to; its host is one from the configuration.
    pub url: Url,
    /// Headers that may be printed.
    pub headers: Vec<(&'static str, String)>,
    /// Headers that may not, such as `Authorization`.
    pub secret_headers: Vec<(&'static str, SecretString)>,
    /// The body.
    pub body: Body,
    /// Use a connection of its own, which cannot be stale: for calls that are not idempotent.
    pub fresh_connection: bool,
    /// W3C `traceparent` to pass on.
    pub trace: Option<String>,
}

/// HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// A request's body.
#[derive(Clone, Debug)]
pub enum Body {
    /// None.
    Empty,
    /// `application/json`, UTF-8.
    Json(Bytes),
    /// `application/x-www-form-urlencoded`.
    Form(Bytes),
}

/// A complete answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, lower case, without parameters.
    pub content_type: Option<String>,
    /// `Retry-After`, seconds or date, as a wait from now; not yet bounded.
    pub retry_after: Option<Duration>,
    /// The body, at most the cap.
    pub body: Bytes,
}

/// Whether a request can have left us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Provably not: refused, name not found, no connection, TLS refused.
    No,
    /// It may have arrived.
    Maybe,
}
