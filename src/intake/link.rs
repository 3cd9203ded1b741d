//! One connection to the broker with one channel: opened within a deadline, closed politely, never repaired.
//!
//! lapin's own recovery stays off: it is silent about what it lost (a recovered consumer gets the same messages again
//! under other tags). Whoever holds a link finds out that it is over, drops it, and opens another.
//!
//! lapin gives a connection a thread of its own, which waits for ever when a peer accepts and then says nothing. So the
//! socket is kept here as well, and shut down when the opening takes too long or is given up
//! (`a_silent_peer_is_left_within_the_deadline`).

use crate::config::settings::ConnectionSettings;
use crate::reasons::{BROKER_LOST, BROKER_QUEUE, BROKER_REFUSED};
use lapin::tcp::{AsyncTcpStream, OwnedTLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties};
use secrecy::ExposeSecret as _;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// From the first packet to the open channel. A broker that starts, or runs under an alarm, answers within seconds; the
/// heartbeat watches only after the handshake. From there to the consumer as long again: an answer may be lost with the
/// client's own end of the connection.
pub(super) const OPENING: Duration = Duration::from_secs(15);

/// For the goodbye; a broker that does not answer it notices the closed socket.
const CLOSING: Duration = Duration::from_secs(2);

/// Why there is no connection. No message holds the URL: it carries the password.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The URL cannot be read.
    #[error("read the broker's URL: {0}")]
    Url(String),
    /// The file with the authority's certificates cannot be read.
    #[error("read the certificates in {path}")]
    Authority {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// No connection with an open channel within the deadline.
    #[error("reach the broker: no open channel within {} s", OPENING.as_secs())]
    Late,
    /// The broker or the network refuses.
    #[error("reach the broker")]
    Refused(#[from] lapin::Error),
}

impl LinkError {
    /// What readiness says of it.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Refused(error) => reason(error),
            Self::Url(_) | Self::Authority { .. } | Self::Late => BROKER_LOST,
        }
    }
}

/// What readiness says of an error of the broker's client. The numbers are AMQP's (0-9-1, section 1.2): 403 and 530 are
/// said to who may not come in, 404 to 406 of queues and exchanges that are missing, in another's hands, or different.
pub(crate) fn reason(error: &lapin::Error) -> &'static str {
    let lapin::ErrorKind::ProtocolError(error) = error.kind() else { return BROKER_LOST };
    match error.get_id() {
        403 | 530 => BROKER_REFUSED,
        404..=406 => BROKER_QUEUE,
        _other => BROKER_LOST,
    }
}

/// A connection and its channel.
pub(crate) struct Link {
    connection: Connection,
    /// The channel, for everything.
    pub(crate) channel: Channel,
}

impl Link {
    /// Connects under the given name, which the broker shows in its list of connections.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    pub(crate) async fn open(settings: &ConnectionSettings, name: &str) -> Result<Self, LinkError> {
        let uri = uri(settings)?;
        let tls = tls(settings, &uri).await?;
        let opening = Opening::default();
        let opened =
            tokio::time::timeout(OPENING, connect(uri, tls, name, Arc::clone(&opening.socket))).await;
        let Ok(link) = opened else { return Err(LinkError::Late) };
        let link = link?;
        opening.done();
        Ok(link)
    }

    /// Whether the broker can still hear us.
    pub(crate) fn is_up(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// What the broker says about the connection as a whole.
    pub(crate) fn events(&self) -> impl futures_lite::Stream<Item = lapin::Event> + Send + use<'_> {
        self.connection.events_listener()
    }

    /// Says goodbye. What is unacknowledged goes back to the queue.
    pub(crate) async fn close(self) {
        let goodbye = self.connection.close(200, "closed by the gateway".into());
        match tokio::time::timeout(CLOSING, goodbye).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "connection was over before it was closed"),
            Err(_elapsed) => tracing::debug!("broker did not answer the goodbye"),
        }
    }
}

async fn connect(
    uri: AMQPUri,
    tls: OwnedTLSConfig,
    name: &str,
    socket: Arc<Mutex<Socket>>,
) -> Result<Link, LinkError> {
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let runtime = lapin::runtime::default_runtime()?;
    let connection = Connection::connector(
        uri,
        runtime,
        async move |uri, runtime| {
            let address = runtime.to_socket_addrs((uri.authority.host.clone(), uri.authority.port));
            let stream = AsyncTcpStream::connect(&runtime, address).await?;
            if let AsyncTcpStream::Plain(plain) = &stream {
                let plain = plain.get_ref();
                plain.set_nodelay(true)?;
                keep(&socket, plain)?;
            }
            match uri.scheme {
                AMQPScheme::AMQP => Ok(stream),
                AMQPScheme::AMQPS => Ok(stream.into_tls(&uri.authority.host, tls.as_ref()).await?),
            }
        },
        properties,
    )
    .await?;
    let channel = connection.create_channel().await?;
    Ok(Link { connection, channel })
}

fn uri(settings: &ConnectionSettings) -> Result<AMQPUri, LinkError> {
    let mut uri: AMQPUri = settings.url.expose_secret().parse().map_err(LinkError::Url)?;
    uri.query.heartbeat = Some(u16::try_from(settings.heartbeat.as_secs()).unwrap_or(u16::MAX));
    Ok(uri)
}

async fn tls(settings: &ConnectionSettings, uri: &AMQPUri) -> Result<OwnedTLSConfig, LinkError> {
    let path = match &settings.authority {
        Some(path) if uri.scheme == AMQPScheme::AMQPS => path,
        Some(_) | None => return Ok(OwnedTLSConfig::default()),
    };
    let pem = tokio::fs::read_to_string(path).await;
    let pem = pem.map_err(|source| LinkError::Authority { path: path.clone(), source })?;
    Ok(OwnedTLSConfig { cert_chain: Some(pem), ..OwnedTLSConfig::default() })
}

/// A connection that is being opened: given up when this is dropped before [`Opening::done`].
#[derive(Default)]
struct Opening {
    socket: Arc<Mutex<Socket>>,
}

#[derive(Default)]
enum Socket {
    #[default]
    Dialling,
    Dialled(TcpStream),
    Done,
    GivenUp,
}

impl Opening {
    fn done(self) {
        self.replace(Socket::Done);
    }

    fn replace(&self, state: Socket) -> Socket {
        let mut socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut socket, state)
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        match self.replace(Socket::GivenUp) {
            Socket::Dialled(stream) => {
                if let Err(error) = stream.shutdown(Shutdown::Both) {
                    tracing::debug!(%error, "socket was closed before it was given up");
                }
            }
            Socket::Dialling | Socket::Done | Socket::GivenUp => {}
        }
    }
}

/// Keeps a second handle of the socket, or refuses: lapin's thread may still dial when nobody waits for it any more.
fn keep(socket: &Mutex<Socket>, stream: &tokio::net::TcpStream) -> std::io::Result<()> {
    let mut socket = socket.lock().unwrap_or_else(PoisonError::into_inner);
    match &*socket {
        Socket::Dialling => {
            *socket = Socket::Dialled(stream.as_fd().try_clone_to_owned()?.into());
            Ok(())
        }
        Socket::Dialled(_) | Socket::Done | Socket::GivenUp => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::settings::BrokerSettings;
    use tokio::io::AsyncReadExt as _;

    pub(crate) fn settings(url: String) -> BrokerSettings {
        BrokerSettings {
            connection: ConnectionSettings {
                url: url.into(),
                heartbeat: Duration::from_secs(10),
                authority: None,
            },
            exchange: "dossier.events".into(),
            queue: "lienthong.dossier-events".into(),
            bindings: vec!["#".into()],
            declare: true,
            connection_name: "lienthong".into(),
            reconnect_first: Duration::from_millis(10),
            reconnect_longest: Duration::from_millis(100),
        }
    }

    /// Time stands still while the peer's socket is read, and moves on by itself when there is nothing else to do.
    #[tokio::test(start_paused = true)]
    async fn a_silent_peer_is_left_within_the_deadline() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = settings(format!("amqp://{}", listener.local_addr().unwrap()));
        let silent = async {
            let (mut peer, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            peer.read_to_end(&mut heard).await.unwrap();
            heard
        };
        let (opened, heard) = tokio::join!(Link::open(&settings.connection, "test"), silent);
        assert!(matches!(opened, Err(LinkError::Late)));
        assert!(heard.is_empty() || heard.starts_with(b"AMQP"), "{heard:?}");
    }

    #[tokio::test]
    async fn an_unreadable_url_is_named_without_its_password() {
        let error = Link::open(&settings("amqp://user:s3cret@host:port/".into()).connection, "test")
            .await
            .err()
            .unwrap();
        assert!(!error.to_string().contains("s3cret"), "{error}");
        assert!(matches!(error, LinkError::Url(_)));
    }

    #[tokio::test]
    async fn a_refused_connection_is_an_error_at_once() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = settings(format!("amqp://{}", listener.local_addr().unwrap()));
        drop(listener);
        let error = Link::open(&settings.connection, "test").await.err().unwrap();
        assert!(matches!(error, LinkError::Refused(_)));
        assert_eq!(error.reason(), BROKER_LOST);
    }
}
