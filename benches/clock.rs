//! The clock that all processes of a run share: the machine's monotonic one, in nanoseconds.
//!
//! The runner reads it when it publishes, the stand-ins when a call has been read; the difference is the latency, with no
//! clock of another machine in between.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since the machine started.
pub(crate) fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// From one reading to a later one, in seconds; zero the other way round.
pub(crate) fn seconds(from: u64, to: u64) -> f64 {
    std::time::Duration::from_nanos(to.saturating_sub(from)).as_secs_f64()
}
