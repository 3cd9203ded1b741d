//! The metrics of the gateway, for Prometheus.
//!
//! Labels are few and bounded: partner, account, kind, outcome, reason code, dependency. Never a dossier, an agency or a
//! person. What each metric means stands in `docs/log-catalogue.md`.

use metrics::Unit;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// What a metric counts or shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution.
    Histogram,
}

/// A metric with its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Name, with its unit.
    pub name: &'static str,
    /// What kind it is.
    pub kind: Kind,
    /// Unit.
    pub unit: Unit,
    /// One sentence.
    pub help: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> Measure {
    Measure { name, kind: Kind::Counter, unit: Unit::Count, help }
}

const fn gauge(name: &'static str, help: &'static str) -> Measure {
    Measure { name, kind: Kind::Gauge, unit: Unit::Count, help }
}

const fn seconds(name: &'static str, help: &'static str) -> Measure {
    Measure { name, kind: Kind::Histogram, unit: Unit::Seconds, help }
}

/// All metrics.
pub const MEASURES: &[Measure] = &[
    gauge("lienthong_dependency_ready", "1 when the dependency is ready, else 0"),
    gauge(
        "lienthong_dependency_down_seconds",
        "for how long the dependency has not been ready; 0 when it is",
    ),
    gauge("lienthong_alarm", "alarms of the watchdogs that stand, by their code"),
    gauge("lienthong_breaker_open", "1 while a partner's operation is left alone or carefully tried, else 0"),
    counter("lienthong_webhooks_total", "webhooks that arrived, by account and verdict"),
    counter("lienthong_intake_connections_total", "connections to the broker that stood"),
    counter("lienthong_intake_connections_lost_total", "connections to the broker that were lost"),
    counter("lienthong_intake_messages_total", "messages taken in, by verdict"),
    counter("lienthong_intake_redelivered_total", "messages that the broker delivered again"),
    counter(
        "lienthong_intake_acks_lost_total",
        "stored messages whose acknowledgement did not reach the broker",
    ),
    counter("lienthong_intake_store_failures_total", "batches that the journal did not take"),
    seconds("lienthong_intake_commit_seconds", "time from a full batch to its commit"),
    seconds("lienthong_journal_commit_seconds", "time of a group commit, fsync included"),
    gauge("lienthong_journal_disk_free_bytes", "free disk where the journal lies"),
    gauge("lienthong_memory_resident_bytes", "resident memory of the process"),
    counter("lienthong_handoffs_total", "changes of handoffs, by the state entered"),
    gauge("lienthong_handoffs_open", "handoffs that are not final, by state; counted up to 100000"),
    gauge("lienthong_handoff_oldest_seconds", "age of the oldest handoff that is not final, by state"),
    gauge("lienthong_waybills_free", "waybills left in the pool of an account; counted up to 1000000"),
    counter("lienthong_trace_spans_total", "spans of traces, by verdict"),
    counter("lienthong_attempts_total", "attempts, by outcome"),
    counter("lienthong_reconcile_questions_total", "questions of comparisons, by how they ended"),
    counter("lienthong_reconcile_findings_total", "differences between both sides, by kind"),
    seconds("lienthong_attempt_seconds", "time of an attempt, login and second steps included"),
];

/// Bounds of the histograms, in seconds: a group commit takes milliseconds, a partner may take its whole deadline.
const SECONDS: &[f64] =
    &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0];

/// The recorder of this process: there is one, as there is one set of metrics.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// All metrics as Prometheus reads them; `None` before [`install`].
pub fn render() -> Option<String> {
    let handle = RECORDER.get()?;
    handle.run_upkeep();
    Some(handle.render())
}

/// Counters whose first step is an alert: a series that begins at one has never increased for Prometheus.
fn begin_at_zero() {
    for verdict in ["stored", "duplicate", "quarantined"] {
        metrics::counter!("lienthong_intake_messages_total", "verdict" => verdict).increment(0);
    }
    metrics::counter!("lienthong_intake_store_failures_total").increment(0);
    metrics::counter!("lienthong_intake_connections_lost_total").increment(0);
}

/// Installs the recorder of this process and describes all metrics.
///
/// # Errors
/// When there is a recorder already.
pub fn install() -> Result<(), BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .install_recorder()?;
    for measure in MEASURES {
        match measure.kind {
            Kind::Counter => metrics::describe_counter!(measure.name, measure.unit, measure.help),
            Kind::Gauge => metrics::describe_gauge!(measure.name, measure.unit, measure.help),
            Kind::Histogram => metrics::describe_histogram!(measure.name, measure.unit, measure.help),
        }
    }
    begin_at_zero();
    // The line above refuses a second recorder, so this cell is empty.
    RECORDER.get_or_init(|| handle);
    Ok(())
}
