//! Logs and metrics: where they go and in which form.
//!
//! Logs are the product for the person who runs the gateway: one line per transition, readable alone, with stable field
//! names. Every message and every metric stands in `docs/log-catalogue.md`; the tests of this module compare the
//! document with the code, both ways. No name, address, phone, identity number, body or token is ever a field or a label.
//!
//! Traces are an optional feature: [`traces`].
//!
//! [`init`] is called once by `main`, before anything else speaks; [`measures::install`] once by `run`. Log lines go to
//! standard error, so that the output of a command stays clean.

#[cfg(test)]
mod catalogue;
pub mod measures;
mod panics;
pub(crate) mod traces;

pub use panics::tell_panics;

use crate::config::settings::{LogFormat, LogSettings};
use std::io::IsTerminal as _;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

/// Logs that could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The filter is not one.
    #[error("failed to read the log filter")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// This process logs already.
    #[error("failed to install the log: there is one already")]
    Installed(#[source] tracing_subscriber::util::TryInitError),
}

/// Sends log lines to standard error from here on.
///
/// # Errors
/// When the filter cannot be read, or this process logs already.
pub fn init(settings: &LogSettings) -> Result<(), InitError> {
    let filter = EnvFilter::builder().parse(&settings.filter).map_err(InitError::Filter)?;
    let filter = filter.and(filter_fn(is_ours_or_an_error));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry();
    match settings.format {
        LogFormat::Json => {
            let json = lines.json().flatten_event(true).with_current_span(true).with_span_list(false);
            registry.with(json.with_filter(filter)).try_init()
        }
        LogFormat::Text => {
            let ansi = std::io::stderr().is_terminal();
            registry.with(lines.with_ansi(ansi).with_filter(filter)).try_init()
        }
    }
    .map_err(InitError::Installed)
}

/// Libraries do not know what is personal: at finer levels the broker's client prints message bodies and the HTTP client
/// headers. Whatever the configured filter says, only their errors come through; not those of the broker's client, which
/// writes two for every attempt to connect: intake and publisher have each as a cause, and tell it once.
fn is_ours_or_an_error(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target.starts_with("lienthong") || (*metadata.level() == Level::ERROR && !target.starts_with("lapin"))
}
