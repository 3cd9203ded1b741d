//! Waiting for a condition, with a deadline.

use std::time::Duration;
use tokio::time::Instant;

/// Long enough for a busy machine; a condition that holds is seen within milliseconds.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// How often a condition is looked at that nothing announces.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Waits until `condition` holds.
///
/// # Panics
/// After the deadline.
pub(crate) async fn until(what: &str, deadline: Duration, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + deadline;
    while !condition() {
        assert!(Instant::now() < end, "not within {deadline:?}: {what}");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
