//! What the service manager is told: that the start is over, how the gateway is, that it lives, that it stops.
//!
//! Under systemd with `Type=notify` (`sd_notify(3)`): `READY=1` when the listeners are bound and everything runs, whether
//! the broker is there or not; `STATUS=` in one line, for `systemctl status`; `WATCHDOG=1` several times within
//! `WatchdogSec=`, and only while `/live` would say yes, so that a gateway that is stuck is started again; `STOPPING=1`
//! when it drains. Without a service manager nothing is told. It never stops the gateway: a manager that cannot be told
//! is logged once. The two variables that say where to tell, `NOTIFY_SOCKET` and `WATCHDOG_USEC`, are read by `sd-notify`.

use crate::admin::{Health, Readiness};
use crate::clock;
use jiff::Timestamp;
use sd_notify::NotifyState;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the status is looked at where no watchdog asks for more.
const LOOK: Duration = Duration::from_secs(5);

/// Signs of life within the watchdog's time: one or two may come late on a busy machine.
const SIGNS: u32 = 4;

/// Tells the service manager until `stop`, and then that it stops.
///
/// # Cancel safety
/// Dropping it leaves the manager with what it was told last.
pub(crate) async fn tell(health: Arc<Health>, stop: CancellationToken) {
    let watchdog = sd_notify::watchdog_enabled();
    let pause = watchdog.map_or(LOOK, |within| LOOK.min(within / SIGNS));
    let mut manager = Manager { told: true, status: String::new() };
    manager.notify(&[NotifyState::Ready]);
    loop {
        if watchdog.is_some() && lives(&health, clock::now()) {
            manager.notify(&[NotifyState::Watchdog]);
        }
        manager.show(status(&health.readiness()));
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            break;
        }
    }
    manager.notify(&[NotifyState::Stopping, NotifyState::Status("đang dừng: làm xong việc đang gửi")]);
}

/// Whether there is a sign of life to give: a dispatcher that does not go round is not kept alive by this loop.
fn lives(health: &Health, now: Timestamp) -> bool {
    health.liveness(now).live
}

struct Manager {
    /// Whether the last word reached it.
    told: bool,
    status: String,
}

impl Manager {
    fn show(&mut self, status: String) {
        if status != self.status {
            self.notify(&[NotifyState::Status(&status)]);
            self.status = status;
        }
    }

    fn notify(&mut self, states: &[NotifyState<'_>]) {
        match sd_notify::notify(states) {
            Ok(()) => self.told = true,
            Err(error) if self.told => {
                tracing::warn!(error = %error, "the service manager cannot be told how the gateway is");
                self.told = false;
            }
            Err(_again) => {}
        }
    }
}

/// The readiness in one line: codes only.
fn status(readiness: &Readiness) -> String {
    let waits: Vec<String> = readiness
        .dependencies
        .iter()
        .filter(|(_, dependency)| !dependency.ready)
        .map(|(name, dependency)| format!("{name} ({})", dependency.reason.as_deref().unwrap_or("?")))
        .collect();
    match (readiness.ready, waits.is_empty()) {
        (true, true) => "sẵn sàng".to_owned(),
        (true, false) => format!("sẵn sàng, trừ {}", waits.join(", ")),
        (false, _) => format!("chưa sẵn sàng: {}", waits.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::LIVE_WITHIN;
    use jiff::SignedDuration;

    #[test]
    fn a_gateway_that_is_stuck_gives_no_sign_of_life() {
        let (health, now) = (Health::new(), clock::now());
        assert!(!lives(&health, now));
        health.tick(now);
        assert!(lives(&health, now + LIVE_WITHIN));
        assert!(!lives(&health, now + LIVE_WITHIN + SignedDuration::from_secs(1)));
    }

    #[test]
    fn a_status_names_what_is_missing() {
        let health = Health::new();
        let check = |wanted: &str| assert_eq!(status(&health.readiness()), wanted);
        check("chưa sẵn sàng: broker (GATEWAY-STARTING), journal (GATEWAY-STARTING)");
        health.up("journal", clock::now());
        health.down("broker", "GATEWAY-BROKER-LOST", clock::now());
        check("chưa sẵn sàng: broker (GATEWAY-BROKER-LOST)");
        health.up("broker", clock::now());
        health.down("account:post-tien-thanh", "POST-LOGIN", clock::now());
        check("sẵn sàng, trừ account:post-tien-thanh (POST-LOGIN)");
        health.up("account:post-tien-thanh", clock::now());
        check("sẵn sàng");
    }
}
