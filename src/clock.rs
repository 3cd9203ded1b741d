//! The clock: the one place where the daemon asks for the time.
//!
//! Decisions take `now` as an argument; loops ask here.

use jiff::Timestamp;

/// The time now, in UTC.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
