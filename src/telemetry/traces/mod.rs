//! Traces: what became of an event, from its publisher to the partners, as spans that OpenTelemetry's tools show.
//!
//! ```text
//! publisher's span ◀─ receive ◀─┬─ post.order, attempt 1        ◀─ the partner's spans, if it has any
//!   (traceparent)   (consumer)  ├─ post.order, attempt 2 ··link··▶ attempt 1
//!                               └─ commune.event, attempt 1     ◀─ the commune's own system
//! ```
//!
//! A handoff may be sent days and restarts after its event came, so no span lives in memory. What is stored of an event is
//! the context of its `receive` span (the column `inbox.trace`), and the id of an attempt's span is a hash of the handoff's
//! id and the number of the attempt: whoever has the journal's row knows the span, the one before it, and what to tell the
//! partner. An event without a context begins a trace whose id is a hash of its source and id; a handoff without an event
//! begins one of its own.
//!
//! Spans carry the fields of the log's lines and the names of OpenTelemetry's conventions where there are some; never a
//! person, a body, a partner's words or a token. Who calls it: admission, claims and the dispatcher, one line each; `run`
//! starts and ends the export. All of that is nothing without the feature `otel`, and next to nothing without `[traces]`.
//!
//! **Not guaranteed.** A span is told when what it stands for has ended, and once: an attempt that a kill cut off has
//! none, though the next attempt links to it. What the collector does not take while the queue is full is dropped and
//! counted (`export`). Work never waits for it.

#[cfg(feature = "otel")]
mod context;
#[cfg(feature = "otel")]
mod export;
#[cfg(not(feature = "otel"))]
mod off;
#[cfg(feature = "otel")]
mod on;
#[cfg(feature = "otel")]
mod spans;

#[cfg(not(feature = "otel"))]
pub(crate) use off::{Received, attempted, is_on, kept, received, start, stored, told};
#[cfg(feature = "otel")]
pub(crate) use on::{Received, attempted, is_on, kept, received, start, stored, told};

/// Whether this build can export traces.
pub(crate) const AVAILABLE: bool = cfg!(feature = "otel");

/// What a trace needs to know of a handoff in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Traced {
    /// What is stored with the event behind it.
    pub(crate) trace: Option<String>,
    /// Attempts made, this one included.
    pub(crate) attempt: u32,
    /// Whether the attempt before was made for the same event, and so lies in the same trace.
    pub(crate) again: bool,
}
