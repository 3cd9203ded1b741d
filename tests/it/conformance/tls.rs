//! TLS in front of a mock, with a certificate that can be exchanged for a wrong one.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the partner shows, or wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certificate {
    /// One that is trusted.
    Good,
    /// One of an authority that nobody trusts.
    Untrusted,
    /// One of another host.
    OtherName,
    /// One whose time is over.
    Expired,
    /// A good one; the partner asks for the gateway's, which has none.
    WantsOurs,
}

/// A listener with TLS in front of another.
pub(super) struct Front {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Ends the listener.
    _stop: tokio_util::sync::DropGuard,
}

struct Shared {
    behind: SocketAddr,
    authority: Authority,
    config: Mutex<Arc<ServerConfig>>,
    cut: Mutex<CancellationToken>,
    connections: TaskTracker,
}

/// An authority that signs nothing.
pub(super) static ANY_AUTHORITY: LazyLock<Vec<u8>> =
    LazyLock::new(|| Authority::new().certificate.pem().into_bytes());

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    fn config(&self, shown: Certificate) -> Arc<ServerConfig> {
        let name = if shown == Certificate::OtherName { "other.example" } else { "127.0.0.1" };
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if shown == Certificate::Expired {
            params.not_before = date_time_ymd(2021, 1, 1);
            params.not_after = date_time_ymd(2022, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let stranger = (shown == Certificate::Untrusted).then(Self::new);
        let issuer = stranger.as_ref().map_or(&self.issuer, |stranger| &stranger.issuer);
        let certificate: CertificateDer<'static> = params.signed_by(&key, issuer).unwrap().into();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let builder = if shown == Certificate::WantsOurs {
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        Arc::new(builder.with_single_cert(vec![certificate], key).unwrap())
    }
}

impl Front {
    /// Listens with a good certificate.
    pub(super) async fn start(behind: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let authority = Authority::new();
        let shared = Arc::new(Shared {
            behind,
            config: Mutex::new(authority.config(Certificate::Good)),
            authority,
            cut: Mutex::default(),
            connections: TaskTracker::new(),
        });
        let stop = CancellationToken::new();
        let accepting = stop.clone().run_until_cancelled_owned(accept(listener, Arc::clone(&shared)));
        TaskTracker::new().spawn(accepting);
        Self { shared, address, _stop: stop.drop_guard() }
    }

    pub(super) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The authority that a client is to trust, in PEM.
    pub(super) fn authority(&self) -> Vec<u8> {
        self.shared.authority.certificate.pem().into_bytes()
    }

    /// Shows another certificate from now on; returns when the client has given up the connections that it had.
    pub(super) async fn show(&self, certificate: Certificate) {
        *self.shared.config.lock().unwrap() = self.shared.authority.config(certificate);
        std::mem::take(&mut *self.shared.cut.lock().unwrap()).cancel();
        self.shared.connections.close();
        self.shared.connections.wait().await;
        self.shared.connections.reopen();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let config = Arc::clone(&shared.config.lock().unwrap());
        let (behind, cut) = (shared.behind, shared.cut.lock().unwrap().clone());
        shared.connections.spawn(async move {
            // A handshake that fails is what some tests are after.
            let Ok(mut stream) = tokio_rustls::TlsAcceptor::from(config).accept(stream).await else { return };
            let Ok(mut inner) = TcpStream::connect(behind).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut stream, &mut inner) => {}
                () = cut.cancelled() => outwait(stream).await,
            }
        });
    }
}

/// Says goodbye and waits until the client has left.
async fn outwait(mut stream: TlsStream<TcpStream>) {
    let mut scrap = [0_u8; 1024];
    if stream.shutdown().await.is_ok() {
        while matches!(stream.read(&mut scrap).await, Ok(read) if read > 0) {}
    }
}
