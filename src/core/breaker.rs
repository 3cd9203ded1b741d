//! The breaker of one operation of a partner, through one account.
//!
//! ```text
//!            enough failures                    probe well          successes, permits double
//!  closed ───────────────────▶ open ─── wait ──▶ probing ─────────▶ trying ──────────────────▶ closed
//!                               ▲                  │ probe in vain     │ a failure with one permit
//!                               └──────────────────┴───────────────────┘ (the wait doubles)
//! ```
//!
//! While it is open nothing is sent. The probe is a safe call (a login, a token), never an order; after a good one the
//! operation itself is tried with one attempt at a time, and the permits double with each success until the account's
//! concurrency is reached. What a partner answers, a refusal too, shows that it is up; what it asks us to wait for, and
//! what is our own fault, shows nothing.
//!
//! The breaker is the outage clock too: a failure costs a handoff something only when the operation showed itself alive
//! since the failure before ([`Breaker::was_up_since`]). The journal keeps it, so that a restart neither hammers nor
//! forgets; it is decided here alone.

use crate::outcome::{Outcome, gateway};
use crate::schedule::later;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Calls in a window at least, before their failures are weighed.
const WEIGHED_CALLS: u32 = 20;

/// How long calls are weighed together, from the first failure on.
const WINDOW: Duration = Duration::from_secs(60);

/// When a breaker opens, and how long it stays so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerRules {
    /// Failures in a row that open it.
    pub failures: u32,
    /// Wait before the first probe, and how long a probe is waited for; it doubles with each probe in vain.
    pub first_wait: Duration,
    /// Longest wait between probes.
    pub longest_wait: Duration,
}

impl Default for BreakerRules {
    /// 5 in a row; 30 s, doubling to 10 min.
    fn default() -> Self {
        Self { failures: 5, first_wait: Duration::from_secs(30), longest_wait: Duration::from_secs(600) }
    }
}

/// What an outcome says about the partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answers.
    Up,
    /// It does not.
    Away,
    /// Nothing: it asked for a wait, nobody may pass, or the fault was ours.
    Nothing,
}

impl Sign {
    /// Reads an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Accepted(_) | Outcome::Rejected(_) => Self::Up,
            Outcome::Uncertain(reason) if reason.code.as_str() == gateway::PANIC => Self::Nothing,
            Outcome::Unavailable { wait: None, .. } | Outcome::Uncertain(_) => Self::Away,
            Outcome::Unavailable { wait: Some(_), .. } | Outcome::Blocked(_) => Self::Nothing,
        }
    }
}

/// A call that ended.
#[derive(Clone, Copy, Debug)]
pub struct Observed {
    /// What it says about the partner.
    pub sign: Sign,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Calls that the account may have under way at once.
    pub concurrency: u32,
}

impl Observed {
    /// Whether it began after that; a clock that was set back since then has it so.
    fn began_after(&self, since: Timestamp) -> bool {
        self.started_at >= since || self.ended_at < since
    }
}

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Phase {
    /// Everything may go.
    #[default]
    Closed,
    /// Nothing may go; then a probe.
    Open {
        /// When a probe is due.
        until: Timestamp,
    },
    /// A probe is under way.
    Probing {
        /// When it is given up and another is due.
        until: Timestamp,
    },
    /// Few may go.
    Trying {
        /// Attempts under way at once.
        permits: u32,
        /// Since when; what began before says nothing.
        since: Timestamp,
    },
}

/// What may go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// As much as the account allows.
    Free,
    /// So many attempts under way at once.
    Permits(u32),
    /// Nothing before a probe, which is due.
    Probe,
    /// Nothing, and no probe, before this time.
    Not(Timestamp),
}

/// A change that people are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It has opened.
    Opened,
    /// It has closed.
    Closed,
}

/// A breaker with what it has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breaker {
    /// Where it stands.
    pub phase: Phase,
    /// Since when it is not closed.
    pub opened_at: Option<Timestamp>,
    /// Failures in a row while it was closed.
    in_a_row: u32,
    /// What is weighed together.
    window: Option<Window>,
    /// Times it opened since it was closed.
    openings: u32,
    /// When the partner first answered after a call that it had not answered.
    up_at: Option<Timestamp>,
    /// A call has ended without an answer since then: the next answer is worth remembering. Others are not, so that a
    /// partner that works costs the journal nothing.
    unanswered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    since: Timestamp,
    calls: u32,
    failures: u32,
}

impl Breaker {
    /// Whether everything may go.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// What may go now. A clock that was set back prolongs no wait beyond the longest.
    pub fn room(&self, now: Timestamp, rules: &BreakerRules) -> Room {
        let waits = |until: Timestamp| now < until && until <= later(now, rules.longest_wait);
        match self.phase {
            Phase::Closed => Room::Free,
            Phase::Open { until } | Phase::Probing { until } if waits(until) => Room::Not(until),
            Phase::Open { .. } | Phase::Probing { .. } => Room::Probe,
            Phase::Trying { permits, .. } => Room::Permits(permits),
        }
    }

    /// Whether the partner was up since then: it is not away now, and it answered somebody since. Only then does a
    /// failure cost a handoff a part of its budget.
    pub fn was_up_since(&self, since: Timestamp) -> bool {
        self.is_closed() && self.up_at.is_some_and(|up| up >= since)
    }

    /// Takes in a call that ended.
    pub fn observe(&mut self, call: &Observed, rules: &BreakerRules) -> Option<Change> {
        match (self.phase, call.sign) {
            (_, Sign::Nothing) => {
                self.unanswered = true;
                None
            }
            (Phase::Closed, Sign::Up) => {
                self.note_success(call.ended_at);
                None
            }
            (Phase::Closed, Sign::Away) => self.note_failure(call.ended_at, rules),
            (Phase::Trying { permits, since }, sign) if call.began_after(since) => match sign {
                Sign::Up => self.widen(permits, since, call),
                Sign::Away => {
                    self.narrow(permits, since, call.ended_at, rules);
                    None
                }
                Sign::Nothing => None,
            },
            // What began before it opened tells of then.
            (Phase::Open { .. } | Phase::Probing { .. } | Phase::Trying { .. }, Sign::Up | Sign::Away) => {
                None
            }
        }
    }

    /// A probe begins; it is given up after the first wait.
    pub fn begin_probe(&mut self, now: Timestamp, rules: &BreakerRules) {
        self.phase = Phase::Probing { until: later(now, rules.first_wait) };
    }

    /// Takes in a probe's end: a good one lets the operation itself be tried.
    pub fn end_probe(&mut self, outcome: &Outcome, now: Timestamp, rules: &BreakerRules) {
        match (self.phase, Sign::of(outcome)) {
            (Phase::Closed | Phase::Open { .. } | Phase::Trying { .. }, _) => {}
            (Phase::Probing { .. }, Sign::Up) => self.phase = Phase::Trying { permits: 1, since: now },
            (Phase::Probing { .. }, Sign::Away) => self.open(now, rules),
            // The account waits or is blocked: the next probe is due when it goes on, and it is not this one's fault.
            (Phase::Probing { .. }, Sign::Nothing) => {
                self.phase = Phase::Open { until: later(now, rules.first_wait) };
            }
        }
    }

    /// Somebody says that the partner is back: the probe is due now.
    pub fn hurry(&mut self, now: Timestamp) {
        if let Phase::Open { .. } | Phase::Probing { .. } = self.phase {
            self.phase = Phase::Open { until: now };
        }
    }

    fn note_success(&mut self, now: Timestamp) {
        if self.unanswered || self.up_at.is_none() {
            self.up_at = Some(now);
        }
        self.unanswered = false;
        self.in_a_row = 0;
        self.window = self.window.filter(|window| window.is_open(now));
        if let Some(window) = &mut self.window {
            window.calls = window.calls.saturating_add(1);
        }
    }

    fn note_failure(&mut self, now: Timestamp, rules: &BreakerRules) -> Option<Change> {
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.unanswered = true;
        let empty = Window { since: now, calls: 0, failures: 0 };
        let mut window = self.window.filter(|window| window.is_open(now)).unwrap_or(empty);
        window.calls = window.calls.saturating_add(1);
        window.failures = window.failures.saturating_add(1);
        self.window = Some(window);
        if self.in_a_row < rules.failures && !window.tips() {
            return None;
        }
        self.open(now, rules);
        self.opened_at = Some(now);
        Some(Change::Opened)
    }

    fn open(&mut self, now: Timestamp, rules: &BreakerRules) {
        let doubled = 1u32.checked_shl(self.openings).unwrap_or(u32::MAX);
        let wait = rules.first_wait.saturating_mul(doubled).min(rules.longest_wait);
        self.openings = self.openings.saturating_add(1);
        self.phase = Phase::Open { until: later(now, wait) };
    }

    fn widen(&mut self, permits: u32, since: Timestamp, call: &Observed) -> Option<Change> {
        let permits = permits.saturating_mul(2);
        if permits < call.concurrency {
            self.phase = Phase::Trying { permits, since };
            return None;
        }
        *self = Self { up_at: Some(call.ended_at), ..Self::default() };
        Some(Change::Closed)
    }

    /// Back to one permit; a failure there opens again.
    fn narrow(&mut self, permits: u32, since: Timestamp, now: Timestamp, rules: &BreakerRules) {
        if permits > 1 {
            self.phase = Phase::Trying { permits: 1, since };
        } else {
            self.open(now, rules);
        }
    }
}

impl Window {
    fn is_open(&self, now: Timestamp) -> bool {
        now < later(self.since, WINDOW)
    }

    /// Half or more of enough calls have failed.
    fn tips(&self) -> bool {
        self.calls >= WEIGHED_CALLS && self.failures.saturating_mul(2) >= self.calls
    }
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;
