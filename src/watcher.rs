//! The watcher: looks whether anything stands in silence, and says so once.
//!
//! ```text
//! bounds of now ─▶ Journal::look ─▶ conditions ─▶ changes ─▶ log line · gauge · row in the journal
//! ```
//!
//! It decides nothing: what is a condition and when it is said stands in the core (`watch`). A change is logged first and
//! stored afterwards; what could not be stored is kept and stored with the next round, so that a failing store makes no
//! alarm twice. A process that dies between the line and the commit says it once more after the start: twice is better
//! than never. Alarms change neither readiness nor what is sent.

use crate::clock;
use crate::config::settings::{Settings, WatchSettings};
use crate::journal::{Error, Journal};
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::calendar::Calendars;
use lienthong_core::watch::{self, Alarm, Bounds, Change, Heads, Watchdog};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What stands, and what was last seen.
pub struct Watcher {
    journal: Arc<Journal>,
    settings: WatchSettings,
    calendars: Calendars,
    standing: Vec<Alarm>,
    heads: Heads,
    unsaved: Vec<Change>,
}

impl Watcher {
    /// Takes up the alarms that stood when the last process ended.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn new(journal: Arc<Journal>, settings: &Settings) -> Result<Self, Error> {
        let standing = journal.alarms().await?;
        Ok(Self {
            journal,
            settings: settings.watch.clone(),
            calendars: settings.calendars.clone(),
            heads: Heads::remembered(&standing),
            standing,
            unsaved: Vec::new(),
        })
    }

    /// Looks again and again until told to stop. The first look waits too: a gateway that was down has to catch up.
    pub async fn run(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(self.settings.every)).await.is_some() {
            let told = self.round(clock::now()).await;
            if let Err(error) = told {
                tracing::error!(error = error.told(), "failed to look for what stands in silence");
            }
        }
    }

    /// One look; says and gives what changed.
    ///
    /// # Errors
    /// When the journal cannot be read, or what was said cannot be stored yet.
    pub async fn round(&mut self, now: Timestamp) -> Result<Vec<Change>, Error> {
        let thresholds = &self.settings.thresholds;
        let bounds = Bounds::at(now, thresholds, &self.calendars, &self.settings.sources);
        let sight = self.journal.look(bounds).await?;
        for (account, free) in &sight.waybills {
            metrics::gauge!("lienthong_waybills_free", "account" => account.to_string())
                .set(f64::from(*free));
        }
        let mut found = sight.found;
        found.extend(self.heads.look(&sight.heads, thresholds.unclaimed, now));
        found.extend(watch::calendar_ends(self.calendars.known_until, thresholds.calendar, now));
        let changes = watch::changes(&self.standing, &found, now);
        changes.iter().for_each(say);
        watch::apply(&mut self.standing, &changes);
        self.show();
        self.unsaved.extend(changes.iter().cloned());
        if !self.unsaved.is_empty() {
            self.journal.keep_alarms(self.unsaved.clone()).await?;
            self.unsaved.clear();
        }
        Ok(changes)
    }

    fn show(&self) {
        for watchdog in Watchdog::ALL {
            let standing = self.standing.iter().filter(|alarm| alarm.watchdog == watchdog).count();
            let standing = u32::try_from(standing).unwrap_or(u32::MAX);
            metrics::gauge!("lienthong_alarm", "alarm" => watchdog.code()).set(f64::from(standing));
        }
    }
}

fn say(change: &Change) {
    let (Change::Raised(alarm) | Change::Grown(alarm) | Change::Cleared(alarm)) = change;
    let Alarm { watchdog, scope, raised_at, since, count, mark: _ } = alarm;
    let reason = watchdog.code();
    let runbook = reasons::page(reason);
    match change {
        Change::Raised(_) if watchdog.needs_a_person() => {
            tracing::error!(reason, scope, %since, count, runbook, "an alarm is raised");
        }
        Change::Raised(_) => tracing::warn!(reason, scope, %since, count, runbook, "an alarm is raised"),
        Change::Grown(_) if watchdog.needs_a_person() => {
            tracing::error!(reason, scope, %since, count, runbook, "an alarm that stands has grown tenfold");
        }
        Change::Grown(_) => {
            tracing::warn!(reason, scope, %since, count, runbook, "an alarm that stands has grown tenfold");
        }
        Change::Cleared(_) => tracing::info!(reason, scope, %raised_at, runbook, "an alarm is cleared"),
    }
}
