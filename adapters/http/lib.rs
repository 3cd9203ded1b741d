//! What all interfaces share: the one HTTP client, one credential an account, and how answers are classified.
//!
//! Every call to a partner goes through [`Client`]: it has a deadline, a size cap that holds before a body is read, no
//! redirects, no proxy from the environment, and one question answered after every failure: *can the request have left
//! us?* ([`Left`]). It makes one attempt and never repeats it. [`credential`] keeps a session or token, [`classify`] holds
//! what a status or a failed call says at every interface, [`settings`] what is wrong with an account's configuration.
//! Nothing here knows a partner, its bodies or its business codes.
//!
//! Adapters call it; nothing else in the gateway speaks HTTP to a partner. Guarantee: [`Left::No`] is said only when no
//! connection stood, TLS included, so that not one byte of the request can have been read (`a_refused_port_left_nothing`,
//! `a_name_that_nobody_knows_left_nothing`, and `what_never_left_was_not_taken` of the gateway's tests). Everything after that is [`Left::Maybe`], also where the partner probably
//! read nothing: the difference cannot be told from here. A kept connection may be stale, and a call on it may end as
//! [`FailureKind::ClosedEarly`]; [`Connection`] says which calls may meet that.

pub mod classify;
pub mod credential;
pub mod settings;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

mod client;
mod failure;
mod retry_after;
#[cfg(test)]
mod tests;

pub use client::{BuildError, Client};
pub use failure::{Failure, FailureKind};

use bytes::Bytes;
use secrecy::SecretString;
use std::fmt;
use std::time::Duration;
use url::Url;

/// How calls are made; one per account.
#[derive(Clone)]
pub struct ClientSettings {
    /// The whole call, until the last byte is in.
    pub deadline: Duration,
    /// Until a connection, TLS included, stands. It is kept below the deadline, so that a connection that never stood
    /// is told from an answer that never came.
    pub connect_deadline: Duration,
    /// Largest body that is read, in bytes.
    pub body_cap: usize,
    /// Own certificate authorities in PEM; empty: those of the system.
    pub authorities: Vec<Vec<u8>>,
    /// Client certificate and key in PEM.
    pub identity: Option<Vec<u8>>,
}

impl fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("deadline", &self.deadline)
            .field("connect_deadline", &self.connect_deadline)
            .field("body_cap", &self.body_cap)
            .field("authorities", &self.authorities.len())
            .field("identity", &self.identity.is_some())
            .finish()
    }
}

/// One request.
#[derive(Debug)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where to; its host is one from the configuration.
    pub url: Url,
    /// Headers that may be printed.
    pub headers: Vec<(&'static str, String)>,
    /// Headers that may not, such as `Authorization`.
    pub secret_headers: Vec<(&'static str, SecretString)>,
    /// The body.
    pub body: Body,
    /// Which connection carries it.
    pub connection: Connection,
    /// W3C `traceparent` to pass on. What a header cannot carry is left out: a trace explains a call and never stops it.
    pub trace: Option<String>,
}

/// Which connection carries a request. One that the partner closed is told from a live one only by writing to it, and then nobody
/// knows whether the partner has read what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Any that is kept: for what can be repeated.
    Kept,
    /// One on which an answer came within the last [`LIVELY`], else a new one: for what is repeated when its answer is
    /// lost, but had better not be. No server that keeps connections at all gives one up so soon.
    Lively,
    /// One of its own: for what nobody repeats on a guess.
    New,
}

/// How long a connection counts as lively after an answer. Servers keep idle ones for seconds (Apache 5, nginx 75, IIS 120);
/// one that keeps none says so in its answer.
pub const LIVELY: Duration = Duration::from_millis(250);

/// HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD: shows that somebody answers, and asks for nothing.
    Head,
    /// POST.
    Post,
}

/// A request's body. Printed by its size only: bodies name people, and forms hold passwords.
#[derive(Clone)]
pub enum Body {
    /// None.
    Empty,
    /// `application/json`, UTF-8.
    Json(Bytes),
    /// `application/x-www-form-urlencoded`.
    Form(Bytes),
    /// `text/xml`, UTF-8, as SOAP 1.1 travels.
    Xml(Bytes),
    /// `application/x-protobuf`, as OTLP travels.
    Protobuf(Bytes),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Json(body) => write!(f, "Json({} bytes)", body.len()),
            Self::Form(body) => write!(f, "Form({} bytes)", body.len()),
            Self::Xml(body) => write!(f, "Xml({} bytes)", body.len()),
            Self::Protobuf(body) => write!(f, "Protobuf({} bytes)", body.len()),
        }
    }
}

/// A complete answer, whatever its status. Its body is printed by its size only.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, lower case, without parameters.
    pub content_type: Option<String>,
    /// `Retry-After`, seconds or date, as a wait from the answer's own `Date`; not yet bounded.
    pub retry_after: Option<Duration>,
    /// The body, at most the cap. Under a status other than 2xx it may be cut: there it only explains the status.
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("retry_after", &self.retry_after)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// Whether a request can have left us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Provably not: refused, name not found, no connection, TLS refused.
    No,
    /// It may have arrived.
    Maybe,
}
