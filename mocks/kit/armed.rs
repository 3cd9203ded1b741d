//! Faults that were added, and what is drawn of them for a request.
//!
//! For one request every matching delay is added up, and the first other matching fault decides; faults are tried in the
//! order in which they were added. A fault that resets before reading and names only an endpoint is drawn from the head
//! alone, so the body is left unread; if it names an operation or key that only the body tells, the body is read and
//! thrown away, which looks the same to the client.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::fault::{Deed, Fault};
use crate::partner::Call;

/// A fault with what is left of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Armed {
    pub(crate) id: u64,
    /// How often it has struck.
    pub(crate) hits: u32,
    passed: u32,
    #[serde(skip)]
    since: Instant,
    fault: Fault,
}

impl Armed {
    fn lives(&self, now: Instant) -> bool {
        self.fault.times.is_none_or(|times| self.hits < times)
            && self.fault.for_ms.is_none_or(|ms| now < self.since + Duration::from_millis(ms))
    }

    fn strike(&mut self) -> bool {
        if self.passed < self.fault.skip {
            self.passed += 1;
            return false;
        }
        self.hits += 1;
        true
    }
}

/// What was drawn for one request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// Wait before the effect.
    pub(crate) before: Duration,
    /// Wait between effect and answer.
    pub(crate) after: Duration,
    /// Misbehaviour besides waiting.
    pub(crate) deed: Option<Deed>,
}

/// All faults that were added and not cleared; spent ones stay, so that their hits can be read.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Vec<Armed>,
    added: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault, now: Instant) -> u64 {
        self.added += 1;
        self.armed.push(Armed { id: self.added, hits: 0, passed: 0, since: now, fault });
        self.added
    }

    pub(crate) fn clear(&mut self, id: Option<u64>) {
        self.armed.retain(|armed| id.is_some_and(|id| id != armed.id));
    }

    pub(crate) fn all(&self) -> &[Armed] {
        &self.armed
    }

    /// Whether a request is to be cut off when only its head is known.
    pub(crate) fn draw_head(&mut self, endpoint: &str, now: Instant) -> bool {
        self.armed
            .iter_mut()
            .filter(|armed| armed.lives(now) && armed.fault.strikes_head(endpoint))
            .any(Armed::strike)
    }

    /// What is to happen to a request that has been read.
    pub(crate) fn draw(&mut self, endpoint: &str, call: &Call, now: Instant) -> Drawn {
        let mut drawn = Drawn::default();
        for armed in self.armed.iter_mut().filter(|armed| armed.lives(now)) {
            let head_only = armed.fault.strikes_head(endpoint);
            if head_only || !armed.fault.fits(endpoint, call) {
                continue;
            }
            if let Deed::Delay { ms, taken } = armed.fault.does {
                if armed.strike() {
                    let wait = if taken { &mut drawn.after } else { &mut drawn.before };
                    *wait += Duration::from_millis(ms);
                }
            } else if drawn.deed.is_none() && armed.strike() {
                drawn.deed = Some(armed.fault.does.clone());
            }
        }
        drawn
    }
}
