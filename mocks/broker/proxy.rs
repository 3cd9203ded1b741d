//! A TCP proxy that stands between a client and the broker, and is a bad network on command.
//!
//! ```text
//! client ──upward──▶ proxy ──▶ broker        each direction: open, slow, silent
//! client ◀─downward─ proxy ◀── broker        the door: open, hanging (accepted, never dialled), refusing (reset)
//! ```
//!
//! *Silent* is a black hole: connections stay open, bytes stay where they are, nobody is told; only heartbeats notice.
//! When the way opens again, what was held back goes on, as TCP sends again after a partition. [`Proxy::cut`] resets every
//! connection at once, as a firewall does. An end that one side sends is passed on only while that direction is not silent.
//!
//! It knows nothing of AMQP: what it carries are bytes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// What goes on in one piece; small, so that a slow way is slow for small messages, too.
const PIECE: usize = 4 * 1024;

/// What a slow way waits before each piece: 200 KiB a second.
const PACE: Duration = Duration::from_millis(20);

/// How bytes go in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// At once.
    Open,
    /// 4 KiB every 20 ms.
    Slow,
    /// Not at all, and nobody is told.
    Silent,
}

/// What becomes of a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It is joined to the broker.
    Open,
    /// It is accepted, and nothing follows.
    Hanging,
    /// It is reset.
    Refusing,
}

/// The network as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// From the client to the broker.
    pub upward: Flow,
    /// From the broker to the client.
    pub downward: Flow,
    /// New connections.
    pub door: Door,
}

impl Network {
    /// Everything works.
    pub const CLEAR: Self = Self { upward: Flow::Open, downward: Flow::Open, door: Door::Open };
    /// Nothing is carried either way.
    pub const BLACK_HOLE: Self = Self { upward: Flow::Silent, downward: Flow::Silent, door: Door::Open };
    /// The broker hears nothing.
    pub const UPWARD_SILENT: Self = Self { upward: Flow::Silent, ..Self::CLEAR };
    /// The client hears nothing.
    pub const DOWNWARD_SILENT: Self = Self { downward: Flow::Silent, ..Self::CLEAR };
    /// Everything takes its time.
    pub const SLOW: Self = Self { upward: Flow::Slow, downward: Flow::Slow, door: Door::Open };
    /// New connections are accepted and left alone; those that stand go on.
    pub const HANGING: Self = Self { door: Door::Hanging, ..Self::CLEAR };
    /// New connections are reset; those that stand go on.
    pub const REFUSING: Self = Self { door: Door::Refusing, ..Self::CLEAR };
}

/// A proxy that runs; all its connections end with it.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

struct Shared {
    target: SocketAddr,
    network: watch::Sender<Network>,
    /// Ends the connections that stand now; replaced when it is used.
    standing: Mutex<CancellationToken>,
    accepted: Mutex<Vec<Instant>>,
    tasks: TaskTracker,
}

impl Proxy {
    /// Listens on a free port of loopback for a client of the broker at `target`.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            target,
            network: watch::Sender::new(Network::CLEAR),
            standing: Mutex::new(stop.child_token()),
            accepted: Mutex::default(),
            tasks: TaskTracker::new(),
        });
        let accepting = accept(listener, Arc::clone(&shared), stop.clone());
        shared.tasks.spawn(stop.clone().run_until_cancelled_owned(accepting));
        Ok(Self { address, shared, _stop: stop.drop_guard() })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same URL, with this proxy in between.
    ///
    /// # Panics
    ///
    /// When `url` is not the URL of a host.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        let mut url = url::Url::parse(url).expect("a broker's URL is a URL");
        url.set_ip_host(self.address.ip()).expect("the URL of a broker has a host");
        url.set_port(Some(self.address.port())).expect("the URL of a broker has a host");
        url.into()
    }

    /// Makes the network as given, for connections that stand and for new ones.
    pub fn set(&self, network: Network) {
        self.shared.network.send_replace(network);
    }

    /// Everything works again.
    pub fn heal(&self) {
        self.set(Network::CLEAR);
    }

    /// Resets every connection that stands, on both sides.
    pub fn cut(&self) {
        let mut standing = guard(&self.shared.standing);
        let next = CancellationToken::new();
        std::mem::replace(&mut *standing, next).cancel();
    }

    /// When connections were accepted, whatever became of them.
    #[must_use]
    pub fn accepted(&self) -> Vec<Instant> {
        guard(&self.shared.accepted).clone()
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // Out of descriptors: the connections that end make room.
            sleep(PACE).await;
            continue;
        };
        guard(&shared.accepted).push(Instant::now());
        let cut = guard(&shared.standing).clone();
        let carrying = carry(client, Arc::clone(&shared), cut);
        shared.tasks.spawn(stop.clone().run_until_cancelled_owned(carrying));
    }
}

/// One client's connection, until one side ends it or it is cut.
async fn carry(client: TcpStream, shared: Arc<Shared>, cut: CancellationToken) {
    let door = shared.network.borrow().door;
    match door {
        Door::Open => {}
        Door::Hanging => return cut.cancelled().await,
        Door::Refusing => return reset([&client]),
    }
    let Ok(broker) = TcpStream::connect(shared.target).await else { return reset([&client]) };
    client.set_nodelay(true).ok();
    broker.set_nodelay(true).ok();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_broker, mut to_broker) = broker.into_split();
    let mut upward = Direction { network: shared.network.subscribe(), flow: |network| network.upward };
    let mut downward = Direction { network: shared.network.subscribe(), flow: |network| network.downward };
    let both = async {
        tokio::try_join!(
            upward.pump(&mut from_client, &mut to_broker),
            downward.pump(&mut from_broker, &mut to_client)
        )
    };
    // Cut, or broken on one side: what stands is reset rather than closed in good order.
    if !matches!(cut.run_until_cancelled(both).await, Some(Ok(_))) {
        reset([to_client.as_ref(), to_broker.as_ref()]);
    }
}

fn reset<'a>(streams: impl IntoIterator<Item = &'a TcpStream>) {
    for stream in streams {
        // Without the option the other side sees an orderly end, which ends the connection as well.
        stream.set_zero_linger().ok();
    }
}

/// One direction of a connection.
struct Direction {
    network: watch::Receiver<Network>,
    flow: fn(&Network) -> Flow,
}

impl Direction {
    /// Carries until the sender ends; then tells the receiver.
    async fn pump(&mut self, from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        loop {
            self.opens().await?;
            let read = from.read(&mut piece).await;
            // Even the end of a connection is news that a silent network does not carry.
            if self.opens().await? == Flow::Slow {
                sleep(PACE).await;
            }
            let length = read?;
            if length == 0 {
                return to.shutdown().await;
            }
            to.write_all(piece.get(..length).unwrap_or_default()).await?;
        }
    }

    /// Waits until something is carried, and says how.
    async fn opens(&mut self) -> io::Result<Flow> {
        let flow = self.flow;
        let network = self.network.wait_for(|network| flow(network) != Flow::Silent).await;
        network.map(|network| flow(&network)).map_err(io::Error::other)
    }
}
