//! Health, metrics and the operator's desk over HTTP, on a listener of their own.
//!
//! | path | says |
//! |---|---|
//! | `/live` | 200 while the dispatcher goes round; 503 when it is stuck: restart the process |
//! | `/ready` | 200 or 503, and per dependency whether it is ready, why not, and since when |
//! | `/metrics` | Prometheus text |
//! | `/api/v1/…` | the desk for programs (`src/api`), where users are configured |
//! | everything else | the desk for people (`src/page`), where users are configured |
//!
//! The first three change nothing, show no dossier, agency or person, and ask for no login. `run` binds with [`listen`] and
//! calls [`serve`] with the [`Health`] that the broker supervisor, the journal and the dispatcher write to. It listens on
//! loopback unless it was told otherwise; trouble here never stops the gateway.

pub(crate) mod gate;
mod headers;
mod health;
#[cfg(test)]
pub(crate) mod tests;
mod tls;

pub use health::{Dependency, Health, LIVE_WITHIN, Liveness, Readiness};
pub use tls::TlsError;

use crate::acts::Desk;
use crate::clock;
use crate::config::settings::TlsSettings;
use crate::telemetry::measures;
use crate::{api, page};
use axum::Router;
use axum::extract::State;
use axum::extract::connect_info::Connected;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use axum::serve::IncomingStream;
use std::net::SocketAddr;
use std::sync::Arc;
use tls::TlsListener;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Whether a certificate and its key can be used.
///
/// # Errors
/// When they cannot.
pub(crate) fn check(settings: &TlsSettings) -> Result<(), TlsError> {
    tls::acceptor(settings).map(drop)
}

/// A listener that is bound.
pub struct Bound {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Bound {
    /// The address that it is bound to.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// Why the listener cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be bound.
    #[error("failed to bind {0}")]
    Bind(SocketAddr, #[source] std::io::Error),
    /// Certificate or key cannot be used.
    #[error("failed to speak TLS")]
    Tls(#[from] TlsError),
}

/// Binds the listener; port 0 takes a free one.
///
/// # Errors
/// When the address cannot be bound, or the certificate cannot be used.
pub async fn listen(address: SocketAddr, tls: Option<&TlsSettings>) -> Result<Bound, ListenError> {
    let tls = tls.map(tls::acceptor).transpose()?;
    let tcp = TcpListener::bind(address).await.map_err(|error| ListenError::Bind(address, error))?;
    Ok(Bound { tcp, tls })
}

/// Serves until `stop` is cancelled.
///
/// # Cancel safety
/// Dropping it closes the listener and every connection; nothing is lost.
pub(crate) async fn serve(bound: Bound, health: Arc<Health>, desk: Option<Desk>, stop: CancellationToken) {
    let service = router(health, desk).into_make_service_with_connect_info::<Peer>();
    let stopped = stop.cancelled_owned();
    let served = match bound.tls {
        None => axum::serve(bound.tcp, service).with_graceful_shutdown(stopped).await,
        Some(acceptor) => {
            axum::serve(TlsListener::new(bound.tcp, acceptor), service).with_graceful_shutdown(stopped).await
        }
    };
    if let Err(error) = served {
        tracing::error!(error = %error, "the listener for health and metrics has ended");
    }
}

fn router(health: Arc<Health>, desk: Option<Desk>) -> Router {
    let open = Router::new()
        .route("/live", get(live))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(health);
    let all = match desk {
        None => open,
        Some(desk) => open.merge(api::router(&desk)).merge(page::router(&desk)),
    };
    all.layer(axum::middleware::from_fn(headers::set))
}

async fn live(State(health): State<Arc<Health>>) -> Response {
    let liveness = health.liveness(clock::now());
    (status(liveness.live), Json(liveness)).into_response()
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let readiness = health.readiness();
    (status(readiness.ready), Json(readiness)).into_response()
}

async fn metrics_text() -> Response {
    match measures::render() {
        Some(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn status(good: bool) -> StatusCode {
    if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
