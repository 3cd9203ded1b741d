//! A mock that runs: its address, its ledger, its faults, and its end.
//!
//! Every connection is a task on a tracked set; [`Running::shutdown`] and [`Running::go_down`] cut all of them and wait.
//! What the partner holds survives going down and coming back.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::fault::Fault;
use crate::ledger::Entry;
use crate::now;
use crate::partner::Partner;
use crate::server::{Shared, serve};
use crate::wire::Wire;

/// How a mock is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long an unused connection is kept; `None` keeps it for ever.
    pub idle: Option<Duration>,
    /// Interval at which the partner's own life moves on; `None` leaves it to commands.
    pub tick: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), idle: None, tick: None }
    }
}

/// Binds the address and serves `partner` until [`Running::shutdown`], or until the value is dropped.
///
/// # Errors
/// The address cannot be bound.
pub async fn start<P: Partner>(partner: P, options: Options) -> io::Result<Running<P>> {
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared::new(partner, options.idle));
    let listening = Listening::begin(listener, shared.clone(), options.tick);
    Ok(Running { shared, address, tick: options.tick, listening: tokio::sync::Mutex::new(Some(listening)) })
}

/// A mock that runs.
pub struct Running<P> {
    shared: Arc<Shared<P>>,
    address: SocketAddr,
    tick: Option<Duration>,
    listening: tokio::sync::Mutex<Option<Listening>>,
}

impl<P: Partner> Running<P> {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base URL without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The partner and what it holds.
    #[must_use]
    pub fn partner(&self) -> &P {
        &self.shared.partner
    }

    /// Everything received, in the order in which it took effect.
    #[must_use]
    pub fn ledger(&self) -> Vec<Arc<Entry>> {
        self.shared.entries()
    }

    /// What was received for one operation.
    #[must_use]
    pub fn received(&self, operation: &str) -> Vec<Arc<Entry>> {
        self.ledger().into_iter().filter(|entry| entry.operation == operation).collect()
    }

    /// How often one operation was asked for, without copying the ledger.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.shared.count(operation)
    }

    /// Adds a fault and returns its number.
    pub fn fault(&self, fault: Fault) -> u64 {
        self.shared.faults().add(fault, Instant::now())
    }

    /// How often a fault has struck; `None` once it is cleared.
    #[must_use]
    pub fn hits(&self, fault: u64) -> Option<u32> {
        self.shared.faults().all().iter().find(|armed| armed.id == fault).map(|armed| armed.hits)
    }

    /// Clears one fault.
    pub fn clear_fault(&self, fault: u64) {
        self.shared.faults().clear(Some(fault));
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.shared.faults().clear(None);
    }

    /// Forgets ledger, faults, and all that the partner holds.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Waits until `condition` holds, looking again whenever something was received; false after `deadline`.
    pub async fn until(&self, deadline: Duration, condition: impl Fn(&Self) -> bool) -> bool {
        let mut changes = self.shared.watch();
        let end = Instant::now() + deadline;
        loop {
            changes.mark_unchanged();
            if condition(self) {
                return true;
            }
            if !matches!(tokio::time::timeout_at(end, changes.changed()).await, Ok(Ok(()))) {
                return condition(self);
            }
        }
    }

    /// Stops listening and cuts all connections: new ones are refused. State, ledger and faults stay.
    pub async fn go_down(&self) {
        if let Some(listening) = self.listening.lock().await.take() {
            listening.end().await;
        }
    }

    /// Stops listening: new connections are refused. One that is open has its next call answered and is closed then, so
    /// that no call is cut off half-way.
    pub async fn refuse_connections(&self) {
        self.shared.leave();
        if let Some(listening) = self.listening.lock().await.as_mut() {
            listening.close_door().await;
        }
    }

    /// Listens again at the same address.
    ///
    /// # Errors
    /// Somebody else took the address meanwhile.
    pub async fn come_back(&self) -> io::Result<()> {
        let mut listening = self.listening.lock().await;
        match listening.as_mut() {
            Some(listening) if listening.door.is_some() => {}
            Some(listening) => {
                listening.open_door(TcpListener::bind(self.address).await?, self.shared.clone());
            }
            None => {
                let listener = TcpListener::bind(self.address).await?;
                *listening = Some(Listening::begin(listener, self.shared.clone(), self.tick));
            }
        }
        self.shared.stay();
        Ok(())
    }

    /// Cuts all connections and ends.
    pub async fn shutdown(self) {
        self.go_down().await;
    }
}

/// Prints the address on standard output and serves until SIGINT or SIGTERM; the body of both programs.
///
/// # Errors
/// Standard output or the signal handlers are not to be had.
pub async fn serve_until_signal<P: Partner>(running: Running<P>) -> io::Result<()> {
    use std::io::Write as _;
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    writeln!(io::stdout(), "{} listens on {}", running.partner().name(), running.url())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    running.shutdown().await;
    Ok(())
}

/// A listener with its connections.
struct Listening {
    tasks: TaskTracker,
    stop: CancellationToken,
    _stops: DropGuard,
    door: Option<Door>,
}

/// Where connections come in.
struct Door {
    open: DropGuard,
    accepting: JoinHandle<()>,
}

impl Listening {
    fn begin<P: Partner>(listener: TcpListener, shared: Arc<Shared<P>>, tick: Option<Duration>) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        if let Some(interval) = tick {
            tasks.spawn(stop.clone().run_until_cancelled_owned(live(shared.clone(), interval)));
        }
        let mut listening = Self { tasks, stop: stop.clone(), _stops: stop.drop_guard(), door: None };
        listening.open_door(listener, shared);
        listening
    }

    fn open_door<P: Partner>(&mut self, listener: TcpListener, shared: Arc<Shared<P>>) {
        let open = self.stop.child_token();
        let (tasks, stop) = (self.tasks.clone(), self.stop.clone());
        let accepting = self.tasks.spawn(accept(listener, shared, tasks, stop, open.clone()));
        self.door = Some(Door { open: open.drop_guard(), accepting });
    }

    async fn close_door(&mut self) {
        if let Some(Door { open, accepting }) = self.door.take() {
            drop(open);
            // A panic in there is seen by whoever connects.
            accepting.await.ok();
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Serves who comes in while the door is open, and after that who had come before it closed.
async fn accept<P: Partner>(
    listener: TcpListener,
    shared: Arc<Shared<P>>,
    tasks: TaskTracker,
    stop: CancellationToken,
    open: CancellationToken,
) {
    let serve = |stream| {
        let serving = serve(Wire::new(stream, shared.idle()), shared.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(serving));
    };
    while let Some(accepted) = open.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _client)) => serve(stream),
            // Out of descriptors: the connections that end make room.
            Err(_no_room) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    while let Ok(Ok((stream, _client))) = timeout(Duration::ZERO, listener.accept()).await {
        serve(stream);
    }
}

async fn live<P: Partner>(shared: Arc<Shared<P>>, interval: Duration) {
    let mut beats = tokio::time::interval(interval);
    loop {
        beats.tick().await;
        shared.partner.tick(now());
        shared.changed();
    }
}
