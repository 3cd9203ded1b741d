//! `lienthong run`: the daemon, from start to drain.
//!
//! Order of the start: journal (lock, migrations), recovery of what a dead process left, health listener, dispatcher and
//! tracker, intake last: nothing is taken in before it can be stored and sent on. The stop goes the other way: intake
//! first, then the dispatcher finishes the attempts under way, within the grace period; what is cut off stays open in the
//! journal and is settled by the next start.

use crate::acts::Desk;
use crate::admin::{self, Health};
use crate::clock;
use crate::config::settings::Settings;
use crate::dispatcher::{Dispatcher, Gates};
use crate::house;
use crate::intake::{Intake, IntakeWatch};
use crate::journal::Journal;
use crate::partners::{self, Partners};
use crate::reconciler::Reconciler;
use crate::replays;
use crate::rotation;
use crate::service;
use crate::telemetry::traces;
use crate::tracker::{self, Nudges};
use crate::watcher::Watcher;
use crate::webhook::{self, Webhooks};
use lienthong_commune::{Headers, Reader, Refusal};
use lienthong_core::event::Event;
use lienthong_core::outcome::{ReasonCode, gateway};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Why the daemon could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An adapter could not be built.
    #[error("failed to build the partners")]
    Partners(#[from] partners::BuildError),
    /// The journal could not be opened or recovered.
    #[error("failed to open the journal")]
    Journal(#[from] crate::journal::Error),
    /// The listener for health and desk could not be opened.
    #[error("failed to listen for health, metrics and the desk")]
    Admin(#[from] admin::ListenError),
    /// The system does not tell where it listens.
    #[error("failed to find out where the admin listener is")]
    Address(#[source] std::io::Error),
    /// The collector of traces cannot be called.
    #[error("failed to make the client of the collector of traces")]
    Traces(#[source] lienthong_http::BuildError),
    /// The listener for webhooks could not be opened.
    #[error("failed to listen for webhooks")]
    Webhook(#[source] std::io::Error),
}

/// Runs the daemon until `stop`.
///
/// # Errors
/// When it cannot start; afterwards every failure is handled inside.
pub async fn run(settings: Settings, stop: CancellationToken) -> Result<(), StartError> {
    let (partners, rotation) = rotation::prepare(&settings, &partners::build(&settings.accounts)?);
    let journal = Arc::new(Journal::open(&settings, partners.clone(), clock::now())?);
    let recovered = journal.recover(clock::now(), rand::random()).await?;
    if recovered > 0 {
        tracing::warn!(attempts = recovered, "attempts were open when the gateway stopped and were settled");
    }
    let exporting =
        traces::start(settings.traces.as_ref(), &settings.broker.queue).map_err(StartError::Traces)?;
    let watcher = Watcher::new(Arc::clone(&journal), &settings).await?;
    let health = Arc::new(Health::new());
    let tasks = TaskTracker::new();
    let listener = admin::listen(settings.admin.listen, settings.admin.tls.as_ref()).await?;
    let address = listener.address().map_err(StartError::Address)?;
    tracing::info!(admin = %address, journal = %settings.journal.path.display(), "the gateway has started");
    let intake_stop = stop.child_token();
    let dispatch_stop = CancellationToken::new();
    let desk = Desk::where_configured(&settings, &partners, &health);
    tasks.spawn(admin::serve(listener, Arc::clone(&health), desk, dispatch_stop.clone()));
    let nudges = Nudges::new(&partners);
    listen_for_webhooks(&settings, &journal, &nudges, &tasks, &dispatch_stop).await?;
    start_loops(&settings, &journal, &partners, &health, &nudges, &tasks, &dispatch_stop);
    tasks.spawn(watcher.run(dispatch_stop.clone()));
    tasks.spawn(service::tell(Arc::clone(&health), stop.child_token()));
    tasks.spawn(rotation.run(Arc::clone(&journal), dispatch_stop.clone()));
    let asked = async {
        stop.cancelled().await;
        Instant::now()
    };
    let ((), asked) =
        tokio::join!(intake(&settings, &journal, &health).run(intake_stop, settings.grace), asked);
    tracing::info!("intake has stopped, attempts under way are finished");
    dispatch_stop.cancel();
    tasks.close();
    let rest = settings.grace.saturating_sub(asked.elapsed());
    if tokio::time::timeout(rest, tasks.wait()).await.is_err() {
        tracing::warn!("the grace period ended with attempts under way; the next start settles them");
    }
    exporting.finish(settings.grace.saturating_sub(asked.elapsed())).await;
    // Attempts that were cut off still hold the journal; then the end of the process closes it.
    if let Some(journal) = Arc::into_inner(journal) {
        journal.close()?;
    }
    tracing::info!("the gateway has stopped");
    Ok(())
}

fn intake(settings: &Settings, journal: &Arc<Journal>, health: &Arc<Health>) -> Intake {
    let reader = settings.reader.clone();
    Intake {
        broker: settings.broker.clone(),
        settings: settings.intake.clone(),
        admission: Arc::<Journal>::clone(journal),
        watch: Arc::new(BrokerWatch { health: Arc::clone(health) }),
        decode: Arc::new(move |headers, body| decode(headers, body, &reader)),
        now: clock::now,
    }
}

/// Reads a message; one that breaks the decoder is refused like any other that cannot be read.
fn decode(headers: &Headers<'_>, body: &[u8], reader: &Reader) -> Result<Event, Refusal> {
    let decoding = || reader.read(headers, body);
    catch_unwind(AssertUnwindSafe(decoding)).unwrap_or_else(|_panic| {
        Err(Refusal {
            reason: ReasonCode::known(gateway::UNPLANNABLE),
            field: None,
            detail: "the gateway failed to read the message: tell the administrator".to_owned(),
            dialect: None,
        })
    })
}

/// Listens for what partners send by themselves, where that is configured.
async fn listen_for_webhooks(
    settings: &Settings,
    journal: &Arc<Journal>,
    nudges: &Nudges,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), StartError> {
    let Some(listen) = settings.webhook.listen else { return Ok(()) };
    let listener = TcpListener::bind(listen).await.map_err(StartError::Webhook)?;
    let address = listener.local_addr().map_err(StartError::Webhook)?;
    let judges = settings.accounts.values();
    let judges = judges.filter_map(|account| Some((account.name.clone(), account.judge()?)));
    let webhooks = Webhooks::new(Arc::clone(journal), nudges.clone(), judges, settings.webhook.body_cap);
    tracing::info!(webhook = %address, "the gateway listens for webhooks");
    tasks.spawn(webhook::serve(listener, webhooks, stop.clone()));
    Ok(())
}

fn start_loops(
    settings: &Settings,
    journal: &Arc<Journal>,
    partners: &Partners,
    health: &Arc<Health>,
    nudges: &Nudges,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let gates = Arc::new(Gates::new(partners));
    let dispatcher =
        Dispatcher::new(Arc::clone(journal), partners.clone(), Arc::clone(&gates), Arc::clone(health));
    let dispatch_stop = stop.clone();
    tasks.spawn(async move { dispatcher.run(dispatch_stop).await });
    tracker::start(tasks, journal, partners, &gates, nudges, stop);
    let reconciler = Reconciler {
        journal: Arc::clone(journal),
        partners: partners.clone(),
        gates,
        settings: settings.reconcile.clone(),
    };
    tasks.spawn(reconciler.run(stop.clone()));
    tasks.spawn(replays::run(Arc::clone(journal), stop.clone()));
    house::start(tasks, journal, health, stop);
}

struct BrokerWatch {
    health: Arc<Health>,
}

impl IntakeWatch for BrokerWatch {
    fn connected(&self, _epoch: u64) {
        self.health.up("broker", clock::now());
    }

    fn lost(&self, reason: &'static str, _cause: &str) {
        self.paused(reason);
    }

    fn paused(&self, reason: &'static str) {
        self.health.down("broker", reason, clock::now());
    }
}
