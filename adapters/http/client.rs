//! The client itself: the only place in the gateway that writes to a partner's socket.

use crate::failure::{Failure, FailureKind};
use crate::{Answer, Body, ClientSettings, Connection, LIVELY, Method, Request, retry_after};
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long an idle connection is kept. Shorter than the 5 s after which Apache, with the shortest of the usual
/// defaults, closes from its side: so a kept connection is rarely stale.
const IDLE_KEPT: Duration = Duration::from_secs(4);

/// Makes calls for one account; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    kept: reqwest::Client,
    lively: reqwest::Client,
    new: reqwest::Client,
    deadline: Duration,
    body_cap: usize,
    always: HeaderMap,
}

/// A client that cannot be made from its settings.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A certificate authority is not PEM.
    #[error("read a certificate authority as PEM")]
    Authority(#[source] reqwest::Error),
    /// The client certificate or its key is not PEM.
    #[error("read the client certificate and its key as PEM")]
    Identity(#[source] reqwest::Error),
    /// The TLS settings do not go together, or the system has no certificate authorities.
    #[error("set up the HTTP client; are the system's certificate authorities installed?")]
    Client(#[source] reqwest::Error),
    /// A header that goes with every call cannot be written.
    #[error("write the account's own header")]
    Header(#[source] Failure),
}

impl Client {
    /// Makes a client.
    ///
    /// # Errors
    /// When a certificate or key cannot be read, or the system has no certificate authorities and none are given.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the settings end here; their bytes of keys are not kept"
    )]
    pub fn build(settings: ClientSettings) -> Result<Self, BuildError> {
        Ok(Self {
            kept: inner(&settings, Connection::Kept)?,
            lively: inner(&settings, Connection::Lively)?,
            new: inner(&settings, Connection::New)?,
            deadline: settings.deadline,
            body_cap: settings.body_cap,
            always: HeaderMap::new(),
        })
    }

    /// Sends a header of the account with every call, whose value may not be printed.
    ///
    /// # Errors
    /// When HTTP cannot carry it.
    pub fn always_sending(mut self, name: &str, value: &SecretString) -> Result<Self, BuildError> {
        let name = header_name(name).map_err(BuildError::Header)?;
        let value = secret_value(value).map_err(BuildError::Header)?;
        self.always.insert(name, value);
        Ok(self)
    }

    /// Makes one call and waits for the complete answer.
    ///
    /// # Errors
    /// When there is no complete answer; [`Failure::left`] says whether the partner may have the request all the same.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection; whether the partner has the request is then not known.
    pub async fn call(&self, request: Request) -> Result<Answer, Failure> {
        let ends = Instant::now() + self.deadline;
        let inner = match request.connection {
            Connection::Kept => &self.kept,
            Connection::Lively => &self.lively,
            Connection::New => &self.new,
        };
        let request = written(inner, &self.always, request)?;
        let response = match timeout_at(ends, inner.execute(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(Failure::reported(error, None)),
            Err(elapsed) => return Err(Failure::new(FailureKind::Deadline, None, Some(Box::new(elapsed)))),
        };
        self.read(response, ends).await
    }

    async fn read(&self, mut response: reqwest::Response, ends: Instant) -> Result<Answer, Failure> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let mut body = BytesMut::new();
        let end = match timeout_at(ends, read_body(&mut response, &mut body, self.body_cap)).await {
            Ok(end) => end,
            Err(elapsed) => {
                Err(Failure::new(FailureKind::Deadline, Some(status.as_u16()), Some(Box::new(elapsed))))
            }
        };
        match end {
            // A refusal stands in its status line; a page behind it that is endless or broken changes nothing.
            Err(failure) if status.is_success() => Err(failure),
            Err(_) | Ok(()) => Ok(answer(status.as_u16(), &headers, body.freeze())),
        }
    }
}

fn inner(settings: &ClientSettings, connection: Connection) -> Result<reqwest::Client, BuildError> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where HTTP clients are made")]
    let builder = reqwest::Client::builder();
    let mut builder = builder
        .user_agent(concat!("lienthong/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .no_gzip()
        .referer(false)
        .connect_timeout(settings.connect_deadline.min(settings.deadline * 3 / 4));
    builder = match connection {
        Connection::Kept => builder.pool_idle_timeout(IDLE_KEPT),
        Connection::Lively => builder.pool_idle_timeout(LIVELY),
        Connection::New => builder.pool_max_idle_per_host(0),
    };
    if !settings.authorities.is_empty() {
        let mut authorities = Vec::new();
        for pem in &settings.authorities {
            authorities.extend(reqwest::Certificate::from_pem_bundle(pem).map_err(BuildError::Authority)?);
        }
        builder = builder.tls_certs_only(authorities);
    }
    if let Some(pem) = &settings.identity {
        builder = builder.identity(reqwest::Identity::from_pem(pem).map_err(BuildError::Identity)?);
    }
    builder.build().map_err(BuildError::Client)
}

fn written(
    client: &reqwest::Client,
    always: &HeaderMap,
    request: Request,
) -> Result<reqwest::Request, Failure> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
    };
    let mut headers = always.clone();
    for (name, value) in &request.headers {
        headers.append(header_name(name)?, header_value(value)?);
    }
    for (name, value) in &request.secret_headers {
        headers.append(header_name(name)?, secret_value(value)?);
    }
    // A message's header can carry what a header of HTTP cannot.
    if let Some(trace) = request.trace.filter(|trace| trace.bytes().all(|byte| byte.is_ascii_graphic())) {
        headers.insert("traceparent", header_value(&trace)?);
    }
    let (content_type, body) = match request.body {
        Body::Empty => (None, Bytes::new()),
        Body::Json(body) => (Some("application/json"), body),
        Body::Form(body) => (Some("application/x-www-form-urlencoded"), body),
        Body::Xml(body) => (Some("text/xml; charset=utf-8"), body),
        Body::Protobuf(body) => (Some("application/x-protobuf"), body),
    };
    let mut builder = client.request(method, request.url);
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        builder = builder.body(body);
    }
    builder.headers(headers).build().map_err(|error| Failure::reported(error, None))
}

fn header_name(name: &str) -> Result<HeaderName, Failure> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|error| Failure::new(FailureKind::Unbuildable, None, Some(Box::new(error))))
}

fn header_value(text: &str) -> Result<HeaderValue, Failure> {
    // Bytes, not `from_str`: partners' tokens and our codes may hold letters beyond ASCII.
    HeaderValue::from_bytes(text.as_bytes())
        .map_err(|error| Failure::new(FailureKind::Unbuildable, None, Some(Box::new(error))))
}

fn secret_value(secret: &SecretString) -> Result<HeaderValue, Failure> {
    let mut value = header_value(secret.expose_secret())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Reads up to the cap; what was read before a failure stays in `body`.
async fn read_body(response: &mut reqwest::Response, body: &mut BytesMut, cap: usize) -> Result<(), Failure> {
    let status = Some(response.status().as_u16());
    let too_large = || Failure::new(FailureKind::BodyTooLarge, status, None);
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |announced| announced > cap) {
        return Err(too_large());
    }
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::reported(error, status))? {
        if chunk.len() > cap - body.len() {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(())
}

fn answer(status: u16, headers: &HeaderMap, body: Bytes) -> Answer {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    Answer { status, content_type, retry_after: retry_after::wait(headers), body }
}
