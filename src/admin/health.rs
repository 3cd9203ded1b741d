//! What the parts of the daemon say of themselves.

use crate::reasons;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// `/live` says no when the dispatcher has not gone round for this long. It goes round at least once a second when
/// nothing is to do; a round that takes longer than this is stuck.
pub const LIVE_WITHIN: SignedDuration = SignedDuration::from_secs(30);

/// What the gateway cannot work without; everything else is an account, of which the others are independent.
const ESSENTIAL: [&str; 2] = ["broker", "journal"];

/// What `/live` and `/ready` are answered from; shared by all parts of the daemon.
#[derive(Debug, Default)]
pub struct Health {
    ticked: Mutex<Option<Timestamp>>,
    dependencies: Mutex<BTreeMap<String, Dependency>>,
}

/// The answer of `/live`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Liveness {
    /// Whether the dispatcher went round lately.
    pub live: bool,
    /// When it last did.
    pub ticked: Option<Timestamp>,
}

/// The answer of `/ready`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether broker and journal are ready. An account that is paused or blocked is shown and leaves this true: the
    /// others go on.
    pub ready: bool,
    /// Each dependency: `broker`, `journal`, and each account as `account:<name>`.
    pub dependencies: BTreeMap<String, Dependency>,
}

/// How a dependency is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Whether it is ready.
    pub ready: bool,
    /// Why not: a stable code.
    pub reason: Option<String>,
    /// Where the runbook says what to do.
    pub runbook: Option<String>,
    /// Since when this is so; `None` before it said anything.
    pub since: Option<Timestamp>,
}

impl Dependency {
    fn new(reason: Option<&str>, since: Option<Timestamp>) -> Self {
        let runbook = reason.map(reasons::page);
        Self { ready: reason.is_none(), reason: reason.map(str::to_owned), runbook, since }
    }
}

impl Health {
    /// Broker and journal are not ready until they say so, and nothing has ticked.
    pub fn new() -> Self {
        let starting = Dependency::new(Some(reasons::STARTING), None);
        let dependencies = ESSENTIAL.map(|name| (name.to_owned(), starting.clone()));
        Self { ticked: Mutex::default(), dependencies: Mutex::new(dependencies.into()) }
    }

    /// The dispatcher went round.
    pub fn tick(&self, now: Timestamp) {
        *guard(&self.ticked) = Some(now);
    }

    /// The dependency works.
    pub fn up(&self, name: &str, now: Timestamp) {
        self.set(name, None, now);
    }

    /// The dependency does not work, for this reason.
    pub fn down(&self, name: &str, reason: &str, now: Timestamp) {
        self.set(name, Some(reason), now);
    }

    /// Shows as metrics how long what is not ready has not been.
    pub fn show_durations(&self, now: Timestamp) {
        for (name, dependency) in guard(&self.dependencies).iter() {
            let since = dependency.since.filter(|_| !dependency.ready);
            let seconds = since.map_or(0.0, |since| now.duration_since(since).as_secs_f64().max(0.0));
            metrics::gauge!("lienthong_dependency_down_seconds", "dependency" => name.clone()).set(seconds);
        }
    }

    /// What `/live` answers.
    pub fn liveness(&self, now: Timestamp) -> Liveness {
        let ticked = *guard(&self.ticked);
        let live = ticked.is_some_and(|ticked| now.duration_since(ticked) <= LIVE_WITHIN);
        Liveness { live, ticked }
    }

    /// What `/ready` answers.
    pub fn readiness(&self) -> Readiness {
        let dependencies = guard(&self.dependencies).clone();
        let ready = ESSENTIAL.iter().all(|name| dependencies.get(*name).is_some_and(|found| found.ready));
        Readiness { ready, dependencies }
    }

    /// The dependency works, or does not for this reason; `since` moves only when that changes.
    pub fn set(&self, name: &str, reason: Option<&str>, now: Timestamp) {
        let value = if reason.is_none() { 1.0 } else { 0.0 };
        metrics::gauge!("lienthong_dependency_ready", "dependency" => name.to_owned()).set(value);
        let mut dependencies = guard(&self.dependencies);
        let unchanged = |found: &Dependency| found.since.is_some() && found.reason.as_deref() == reason;
        if dependencies.get(name).is_some_and(unchanged) {
            return;
        }
        dependencies.insert(name.to_owned(), Dependency::new(reason, Some(now)));
    }
}

/// A panic elsewhere leaves whole values here: each change is one assignment.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_blocked_account_is_shown_and_leaves_the_gateway_ready() {
        let health = Health::new();
        assert!(!health.readiness().ready);
        health.up("broker", at(1));
        assert!(!health.readiness().ready);
        health.up("journal", at(1));
        health.down("account:post-tien-thanh", "POST-LOGIN", at(2));
        let readiness = health.readiness();
        assert!(readiness.ready);
        let account = &readiness.dependencies["account:post-tien-thanh"];
        assert_eq!((account.ready, account.reason.as_deref()), (false, Some("POST-LOGIN")));
        assert_eq!(account.runbook.as_deref(), Some("docs/runbook.md#post-login"));
    }

    #[test]
    fn since_moves_only_when_the_state_changes() {
        let health = Health::new();
        let since = |health: &Health| health.readiness().dependencies["broker"].since;
        assert_eq!(since(&health), None);
        health.down("broker", "GATEWAY-BROKER-LOST", at(5));
        health.down("broker", "GATEWAY-BROKER-LOST", at(9));
        assert_eq!(since(&health), Some(at(5)));
        health.up("broker", at(11));
        assert_eq!(since(&health), Some(at(11)));
    }

    #[test]
    fn a_dispatcher_that_is_silent_is_not_live() {
        let health = Health::new();
        assert!(!health.liveness(at(0)).live);
        health.tick(at(100));
        assert!(health.liveness(at(130)).live);
        assert!(!health.liveness(at(131)).live);
        assert!(health.liveness(at(50)).live, "a clock that went back does not kill the process");
    }
}
