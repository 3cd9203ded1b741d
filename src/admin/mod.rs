//! Health and metrics over HTTP, on a listener of their own.
//!
//! | path | says |
//! |---|---|
//! | `/live` | 200 while the dispatcher goes round; 503 when it is stuck: restart the process |
//! | `/ready` | 200 or 503, and per dependency whether it is ready, why not, and since when |
//! | `/metrics` | Prometheus text |
//!
//! It changes nothing and shows no dossier, agency or person. `run` binds with [`listen`] and calls [`serve`] with the
//! [`Health`] that the broker supervisor, the journal and the dispatcher write to. It listens on loopback unless it was
//! told otherwise; trouble here never stops the gateway.

mod health;

pub use health::{Dependency, Health, LIVE_WITHIN, Liveness, Readiness};

use crate::clock;
use crate::telemetry::measures;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Binds the listener; port 0 takes a free one.
///
/// # Errors
/// When the address cannot be bound.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until `stop` is cancelled.
///
/// # Cancel safety
/// Dropping it closes the listener and every connection; nothing is lost.
pub async fn serve(listener: TcpListener, health: Arc<Health>, stop: CancellationToken) {
    let router = Router::new()
        .route("/live", get(live))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(health);
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(error = %error, "the listener for health and metrics has ended");
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn asked(address: SocketAddr, path: &str) -> (u16, String) {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer.split_whitespace().nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    #[tokio::test]
    async fn each_path_tells_the_truth() {
        let listener = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (health, stop) = (Arc::new(Health::new()), CancellationToken::new());
        measures::install().unwrap();
        let serving = serve(listener, Arc::clone(&health), stop.clone());
        let asking = async {
            assert_eq!(asked(address, "/live").await.0, 503);
            assert_eq!(asked(address, "/ready").await.0, 503);
            health.tick(clock::now());
            health.up("journal", clock::now());
            health.down("broker", "GATEWAY-BROKER-LOST", clock::now());
            assert_eq!(asked(address, "/live").await.0, 200);
            let (status, body) = asked(address, "/ready").await;
            assert_eq!(status, 503);
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body["dependencies"]["broker"]["reason"], "GATEWAY-BROKER-LOST");
            health.up("broker", clock::now());
            assert_eq!(asked(address, "/ready").await.0, 200);
            let (status, text) = asked(address, "/metrics").await;
            assert_eq!(status, 200);
            assert!(text.contains("lienthong_dependency_ready{dependency=\"broker\"} 1"), "{text}");
            assert_eq!(asked(address, "/secrets").await.0, 404);
            stop.cancel();
        };
        tokio::join!(serving, asking);
    }
}
