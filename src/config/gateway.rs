//! The sections of `gateway.toml` that every daemon has: broker, intake, journal, admin listener, logs.

use super::reader::Section;
use super::rules::{
    self, choice, duration, flag, list, listen, memory_size, number, patience, pause, size, text,
};
use super::settings::{
    AccountSettings, BrokerSettings, ConnectionSettings, IntakeSettings, JournalSettings, LogFormat,
    LogSettings, ReconcileSettings, WatchSettings, WebhookSettings,
};
use super::tables::Silences;
use lienthong_core::breaker::BreakerRules;
use lienthong_core::ids::AccountName;
use lienthong_core::schedule::Schedule;
use lienthong_core::tables::{Mode, TrackingTexts};
use lienthong_core::watch::Thresholds;
use std::collections::BTreeMap;
use std::time::Duration;

/// Live, or only observing.
pub(super) const MODES: &[(&str, Mode)] = &[("live", Mode::Live), ("observe", Mode::Observe)];

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn broker(section: &Section<'_>) -> BrokerSettings {
    BrokerSettings {
        connection: connection(section),
        exchange: section.or("exchange", text("dossier.events"), "dossier.events".to_owned()),
        queue: section.or("queue", text("lienthong.dossier-events"), "lienthong.dossier-events".to_owned()),
        bindings: section.or("bindings", list(text("#")), vec!["#".to_owned()]),
        declare: section.or("declare", flag(), true),
        connection_name: section.or("connection_name", text("lienthong"), "lienthong".to_owned()),
        reconnect_first: section.or("reconnect_first", duration().such_as("500ms"), SECOND / 2),
        reconnect_longest: section.or("reconnect_longest", duration(), 30 * SECOND),
    }
}

/// How a broker is reached; the same keys wherever there is one.
pub(super) fn connection(section: &Section<'_>) -> ConnectionSettings {
    ConnectionSettings {
        url: section.secret_or_plain("url", holds_no_password),
        heartbeat: section.or("heartbeat", duration(), 30 * SECOND),
        authority: section.optional_path("authority", "ca.pem"),
    }
}

/// Whether a broker's URL holds no password: no user part, or one without a colon.
fn holds_no_password(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    host.rsplit_once('@').is_none_or(|(user, _)| !user.contains(':'))
}

pub(super) fn intake(section: &Section<'_>) -> IntakeSettings {
    IntakeSettings {
        prefetch: section.or("prefetch", number(1..=65_535, 1000), 1000),
        batch_most: section.or("batch_most", number(1..=10_000, 256), 256),
        batch_wait: section.or("batch_wait", pause(), Duration::from_millis(3)),
        message_cap: section.or("message_cap", memory_size().such_as("1MiB"), 1 << 20),
        quarantine_keep: section.or("quarantine_keep", memory_size(), 64 << 10),
        quarantine_days: section.or("quarantine_days", number(1..=90, 90), 90),
        memory_ceiling: section.or("memory_ceiling", size().such_as("512MiB"), 512 << 20),
    }
}

pub(super) fn journal(section: &Section<'_>) -> JournalSettings {
    JournalSettings {
        path: section.path_or("path", "data/journal.db"),
        disk_floor: section.or("disk_floor", size().such_as("512MiB"), 512 << 20),
        payload_days: section.or("payload_days", number(1..=3650, 30), 30),
        commit_limit: section.or("commit_limit", duration().such_as("5s"), 5 * SECOND),
    }
}

/// The watchdogs; sources without a measure of their own share one.
pub(super) fn watch(
    section: &Section<'_>,
    silences: Silences,
    reconcile: &ReconcileSettings,
) -> WatchSettings {
    let default = Thresholds::default();
    let thresholds = Thresholds {
        unclaimed: section.or("unclaimed", patience(), default.unclaimed),
        uncertain: section.or("uncertain", patience(), default.uncertain),
        unanswered: section.or("unanswered", patience(), default.unanswered),
        old: section.or("handoff_old", patience(), default.old),
        due_soon: section.or("due_soon", patience(), default.due_soon),
        stopped: section.or("dead_letters", flag(), default.stopped),
        quarantine: section.or("quarantine", patience(), default.quarantine),
        gap: section.or("gap", patience(), default.gap),
        feed_unread: section.or("feed_unread", patience(), default.feed_unread),
        feed_silent: section.or("feed_silent", patience(), default.feed_silent),
        feed_stuck: section.or("feed_stuck", patience(), default.feed_stuck),
        source_silent: section.or("source_silent", patience(), default.source_silent),
        calendar: section.or("calendar_ends", patience(), default.calendar),
        nights: reconcile.nightly.then_some(reconcile.off_peak),
        waybills: section.or("waybills_low", number(0..=1_000_000, 200), default.waybills),
    };
    let shared = thresholds.source_silent;
    WatchSettings {
        every: section.or("every", duration().such_as("10s"), 10 * SECOND),
        sources: silences.into_iter().map(|(source, own)| (source, own.unwrap_or(shared))).collect(),
        thresholds,
    }
}

/// Where partners' webhooks are listened for, and whether the accounts that take them can be reached.
pub(super) fn webhook(
    section: &Section<'_>,
    accounts: &BTreeMap<AccountName, Option<AccountSettings>>,
) -> WebhookSettings {
    let settings = WebhookSettings {
        listen: section.optional("listen", listen().such_as("0.0.0.0:8086")),
        body_cap: section.or("body_cap", memory_size().such_as("64KiB"), 64 << 10),
    };
    let mut taking = accounts
        .iter()
        .filter(|(_, account)| account.as_ref().is_some_and(|account| account.judge().is_some()));
    if let Some((name, _)) = taking.next().filter(|_| settings.listen.is_none()) {
        section.warning("listen", format!("is not set, so that account {name} gets no webhook"));
    }
    settings
}

pub(super) fn log(section: &Section<'_>) -> LogSettings {
    const FORMATS: &[(&str, LogFormat)] = &[("json", LogFormat::Json), ("text", LogFormat::Text)];
    LogSettings {
        format: section.or("format", choice(FORMATS), LogFormat::Json),
        filter: section.or("filter", filter(), "info".to_owned()),
    }
}

/// A filter that `tracing-subscriber` understands.
fn filter() -> rules::Rule<String> {
    let mut rule = text("info,lienthong=debug");
    rule.what = "a log filter".to_owned();
    rule.hint = "write a level, or levels by module";
    rule.parse = Box::new(|value| {
        let text = value.as_str()?;
        let known = tracing_subscriber::EnvFilter::builder().parse(text).is_ok();
        known.then(|| text.to_owned())
    });
    rule
}

/// When an account that failed is tried again; the core's defaults.
pub(super) fn schedule(section: &Section<'_>) -> Schedule {
    let default = Schedule::default();
    Schedule {
        waits: section.or("waits", list(duration()), default.waits),
        jitter_percent: section.or("jitter_percent", number(0..=50, 20), default.jitter_percent),
        longest_wait: section.or("longest_wait", duration().such_as("2h"), default.longest_wait),
        attempts: section.or("attempts", number(1..=1000, 12), default.attempts),
        age: section.or("age", rules::age(), default.age),
    }
}

/// When an operation that fails is left alone; the core's defaults.
pub(super) fn breaker(section: &Section<'_>) -> BreakerRules {
    let default = BreakerRules::default();
    let rules = BreakerRules {
        failures: section.or("failures", number(1..=1000, 5), default.failures),
        first_wait: section.or("first_wait", duration().such_as("30s"), default.first_wait),
        longest_wait: section.or("longest_wait", duration().such_as("10m"), default.longest_wait),
    };
    if rules.longest_wait < rules.first_wait {
        section.problem("longest_wait", "is shorter than first_wait; it must be as long at least");
    }
    rules
}

pub(super) fn tracking_texts(section: &Section<'_>) -> TrackingTexts {
    let words = |key, default: &str| section.or(key, text(default), default.to_owned());
    TrackingTexts {
        officer: words("officer", "Bưu điện"),
        collected: words("collected", "Bưu điện đã nhận bưu gửi"),
        failed_attempt: words("failed_attempt", "Bưu điện phát chưa thành công"),
        returned: words("returned", "Bưu gửi đã chuyển hoàn về Bộ phận Một cửa"),
        delivered: words("delivered", "Bưu điện đã phát kết quả cho công dân"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_url_without_password_may_be_written_out() {
        assert!(holds_no_password("amqp://localhost:5672/%2f"));
        assert!(holds_no_password("amqps://gateway@mq.example/dossiers"));
        assert!(!holds_no_password("amqp://gateway:word@mq.example:5672/%2f"));
        assert!(!holds_no_password("amqp://gateway:w@rd@mq.example"));
    }
}
