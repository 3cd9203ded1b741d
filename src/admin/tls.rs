//! TLS for the listener: handshakes beside each other, bounded in number and time.

use super::Peer;
use crate::config::settings::TlsSettings;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use secrecy::ExposeSecret as _;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// Handshakes under way at once.
const AT_ONCE: usize = 64;

/// How long one may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Why a certificate and its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate's file has none.
    #[error("failed to read admin.certificate")]
    Certificate(#[source] rustls::pki_types::pem::Error),
    /// The key's file has none.
    #[error("failed to read admin.key")]
    Key(#[source] rustls::pki_types::pem::Error),
    /// They do not belong together, or are of an unknown kind.
    #[error("failed to use admin.certificate with admin.key")]
    Pair(#[source] rustls::Error),
}

type Handshake = Pin<Box<dyn Future<Output = Option<(TlsStream<TcpStream>, SocketAddr)>> + Send>>;

/// A listener whose connections have shaken hands.
pub(super) struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: FuturesUnordered<Handshake>,
}

impl TlsListener {
    pub(super) fn new(tcp: TcpListener, acceptor: TlsAcceptor) -> Self {
        Self { tcp, acceptor, handshakes: FuturesUnordered::new() }
    }
}

/// Reads certificate and key.
///
/// # Errors
/// When they cannot be used.
pub(super) fn acceptor(settings: &TlsSettings) -> Result<TlsAcceptor, TlsError> {
    let chain = CertificateDer::pem_slice_iter(&settings.certificate).collect::<Result<Vec<_>, _>>();
    let key = PrivateKeyDer::from_pem_slice(settings.key.expose_secret().as_bytes());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain.map_err(TlsError::Certificate)?, key.map_err(TlsError::Key)?)
        .map_err(TlsError::Pair)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.tcp), if self.handshakes.len() < AT_ONCE => {
                    let shaking = self.acceptor.accept(stream);
                    self.handshakes.push(Box::pin(async move {
                        let shaken = tokio::time::timeout(DEADLINE, shaking).await;
                        shaken.ok()?.ok().map(|stream| (stream, address))
                    }));
                }
                // Who does not speak TLS is let go without a word.
                Some(shaken) = self.handshakes.next() => {
                    if let Some(connection) = shaken {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}
