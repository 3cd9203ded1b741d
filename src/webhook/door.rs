//! What an account takes: who judges, and how many in a minute.

use lienthong_core::nudge::{Judge, Judged};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Messages of an account that are stored in a minute: a province's day has some 10 of them in a minute, and the readings
/// that they cause are fewer anyway.
const IN_A_MINUTE: u32 = 60;

const MINUTE: Duration = Duration::from_secs(60);

/// One account's door.
pub(super) struct Door {
    judge: Arc<dyn Judge>,
    /// Since when it is counted, and what.
    counted: Mutex<Option<(Instant, u32)>>,
}

impl Door {
    pub(super) fn new(judge: Arc<dyn Judge>) -> Self {
        Self { judge, counted: Mutex::default() }
    }

    pub(super) fn judge(&self, body: &[u8]) -> Judged {
        self.judge.judge(body)
    }

    /// Takes one of the minute's messages, if one is left.
    pub(super) fn has_room(&self) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) =
            counted.filter(|(since, _)| since.elapsed() < MINUTE).unwrap_or((Instant::now(), 0));
        *counted = Some((since, count.saturating_add(1)));
        count < IN_A_MINUTE
    }
}
