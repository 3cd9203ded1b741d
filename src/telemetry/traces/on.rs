//! The interface of a build with the feature: looks whether traces are exported, and hands spans over.
//!
//! Where spans go is the process's own, as metrics and log lines are: there is one place, set at the start.

use super::export::{Outlet, Shipper};
use super::spans::{self, Tried};
use crate::clock;
use crate::config::settings::TracesSettings;
use crate::intake::Arrival;
use crate::journal::Call;
use crate::partners::Account;
use jiff::Timestamp;
use lienthong_core::event::Event;
use lienthong_core::port::Sent;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What is told of, once `[traces]` says where to.
static TOLD: OnceLock<Told> = OnceLock::new();

struct Told {
    outlet: Outlet,
    /// Of the queue that events come from.
    queue: String,
    percent: u8,
}

/// The export that runs.
pub(crate) struct Exporting {
    shipping: TaskTracker,
    stop: CancellationToken,
}

impl Exporting {
    /// Exports what is left, as far as that can be done within this time.
    pub(crate) async fn finish(self, within: Duration) {
        self.stop.cancel();
        self.shipping.close();
        // What the collector has not taken by then ends with the process.
        tokio::time::timeout(within, self.shipping.wait()).await.ok();
    }
}

/// Starts the export where it is configured.
///
/// # Errors
/// When the client of the collector cannot be made from its settings.
pub(crate) fn start(
    settings: Option<&TracesSettings>,
    queue: &str,
) -> Result<Exporting, lienthong_http::BuildError> {
    let exporting = Exporting { shipping: TaskTracker::new(), stop: CancellationToken::new() };
    let Some(settings) = settings else { return Ok(exporting) };
    let (outlet, shipper) = Shipper::new(settings)?;
    let told = Told { outlet, queue: queue.to_owned(), percent: settings.sampled_percent };
    // A second start in one process goes on telling the first: there is none.
    TOLD.set(told).ok();
    tracing::info!(endpoint = %settings.endpoint, "traces are exported");
    exporting.shipping.spawn(shipper.run(exporting.stop.clone()));
    Ok(exporting)
}

/// Whether anybody is told.
pub(crate) fn is_on() -> bool {
    TOLD.get().is_some()
}

/// What is stored with an event: the context of its `receive` span, of which its handoffs' spans are children.
pub(crate) fn kept<'a>(header: Option<&'a str>, event: &Event) -> Option<Cow<'a, str>> {
    match TOLD.get() {
        Some(told) => Some(Cow::Owned(spans::context_of(header, event, told.percent).written())),
        None => header.map(Cow::Borrowed),
    }
}

/// An event that is being stored.
pub(crate) struct Received(Span);

/// Remembers an event until it is on disk; `None` when its trace is not recorded.
pub(crate) fn stored(arrival: &Arrival, event: &Event) -> Option<Received> {
    let told = TOLD.get()?;
    spans::receive(arrival, event, &told.queue, told.percent).map(Received)
}

/// Tells of events that are on disk.
pub(crate) fn received(stored: Vec<Received>) {
    let Some(told) = TOLD.get() else { return };
    let end = spans::nanos(clock::now());
    told.outlet.put(stored.into_iter().map(|Received(span)| Span { end_time_unix_nano: end, ..span }));
}

/// What the partner is told with a call: the span of this attempt; where the trace is not recorded, what is stored.
pub(crate) fn told(call: &Call) -> Option<Cow<'_, str>> {
    let own = TOLD
        .get()
        .and_then(|told| spans::traceparent(call.handoffs.first()?, call.traced.first()?, told.percent));
    own.map(Cow::Owned).or(call.trace.as_deref().map(Cow::Borrowed))
}

/// Tells of an attempt that has ended.
pub(crate) fn attempted(account: &Account, call: &Call, sent: &Sent, ended_at: Timestamp) {
    let Some(told) = TOLD.get() else { return };
    let tried = Tried {
        partner: account.partner,
        account: &account.name,
        handoffs: &call.handoffs,
        traced: &call.traced,
        started_at: call.started_at,
    };
    told.outlet.put(tried.spans(sent, ended_at, told.percent));
}
