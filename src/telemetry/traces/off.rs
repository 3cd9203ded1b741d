//! No traces: what a build without the feature `otel` has in their place.

use crate::config::settings::TracesSettings;
use crate::intake::Arrival;
use crate::journal::Call;
use crate::partners::Account;
use jiff::Timestamp;
use lienthong_core::event::Event;
use lienthong_core::port::Sent;
use std::borrow::Cow;
use std::time::Duration;

/// Nothing is exported.
pub(crate) struct Exporting;

impl Exporting {
    /// Nothing waits.
    pub(crate) fn finish(self, _within: Duration) -> std::future::Ready<()> {
        std::future::ready(())
    }
}

/// Starts nothing: the configuration has refused `[traces]`.
pub(crate) fn start(
    _settings: Option<&TracesSettings>,
    _queue: &str,
) -> Result<Exporting, lienthong_http::BuildError> {
    Ok(Exporting)
}

/// Never.
pub(crate) const fn is_on() -> bool {
    false
}

/// The publisher's context as it came.
pub(crate) fn kept<'a>(header: Option<&'a str>, _event: &Event) -> Option<Cow<'a, str>> {
    header.map(Cow::Borrowed)
}

/// Takes no place.
pub(crate) struct Received;

/// Nothing is remembered.
pub(crate) fn stored(_arrival: &Arrival, _event: &Event) -> Option<Received> {
    None
}

/// Nothing is told.
pub(crate) fn received(_stored: Vec<Received>) {}

/// The stored context as it is.
pub(crate) fn told(call: &Call) -> Option<Cow<'_, str>> {
    call.trace.as_deref().map(Cow::Borrowed)
}

/// Nothing is told.
pub(crate) fn attempted(_account: &Account, _call: &Call, _sent: &Sent, _ended_at: Timestamp) {}
