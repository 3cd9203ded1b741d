//! Watchdogs: what must not stand in silence, and when it is said.
//!
//! ```text
//! thresholds + calendars + now ─▶ Bounds ─(journal reads)─▶ Vec<Found> ─changes(standing)─▶ raised · grown · cleared
//! ```
//!
//! A watchdog turns a standing condition into an alarm, once: raised when the condition is found, said again only when it
//! has grown tenfold, cleared when it is gone. The caller logs the changes and remembers what stands, so that a restart
//! neither repeats nor forgets. Ages of what people must act on are counted in working hours, ages of what the machine
//! must do in plain time.
//!
//! Promise 6 rests on [`Watchdog::Old`]: every handoff that is not final is older than its limit at some time, whatever
//! state it stands in, and is counted then.

mod heads;

pub use heads::{Head, Heads};

use crate::calendar::Calendars;
use crate::ids::Source;
use crate::reconcile::OffPeak;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A kind of condition that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watchdog {
    /// A handoff stays at the head of its open account and nobody takes it up.
    Unclaimed,
    /// A handoff may have been taken, and it is not known for too long.
    Uncertain,
    /// A person was asked whether a handoff was taken, and has not answered.
    Unanswered,
    /// A handoff is not final although it is old.
    Old,
    /// A dossier's promised date is near, and the portal has not been told all.
    DueSoon,
    /// Handoffs of one account stopped for one reason.
    Stopped,
    /// Messages were set aside for one reason.
    Quarantine,
    /// Events wait behind a gap that should have been given up.
    Gap,
    /// Orders are under way and the tracking feed has not been read.
    FeedUnread,
    /// Orders are under way and the tracking feed brings nothing.
    FeedSilent,
    /// Orders are under way and the tracking feed answers without moving on.
    FeedStuck,
    /// A source that used to speak is silent.
    SourceSilent,
    /// The calendar's days off end soon.
    CalendarEnds,
    /// The comparison of a night that is over has not ended.
    Unreconciled,
    /// The comparison of a night found differences that nobody has had repaired.
    Differing,
    /// An account has few free waybills left.
    WaybillsLow,
    /// Orders wait for a waybill.
    WaybillsOut,
}

impl Watchdog {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Unclaimed,
        Self::Uncertain,
        Self::Unanswered,
        Self::Old,
        Self::DueSoon,
        Self::Stopped,
        Self::Quarantine,
        Self::Gap,
        Self::FeedUnread,
        Self::FeedSilent,
        Self::FeedStuck,
        Self::SourceSilent,
        Self::CalendarEnds,
        Self::Unreconciled,
        Self::Differing,
        Self::WaybillsLow,
        Self::WaybillsOut,
    ];

    /// Its reason code, in logs, metrics, the journal and the runbook.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unclaimed => "WATCH-UNCLAIMED",
            Self::Uncertain => "WATCH-UNCERTAIN",
            Self::Unanswered => "WATCH-UNANSWERED",
            Self::Old => "WATCH-HANDOFF-OLD",
            Self::DueSoon => "WATCH-DUE-SOON",
            Self::Stopped => "WATCH-DEAD-LETTERS",
            Self::Quarantine => "WATCH-QUARANTINE",
            Self::Gap => "WATCH-GAP",
            Self::FeedUnread => "WATCH-FEED-UNREAD",
            Self::FeedSilent => "WATCH-FEED-SILENT",
            Self::FeedStuck => "WATCH-FEED-STUCK",
            Self::SourceSilent => "WATCH-SOURCE-SILENT",
            Self::CalendarEnds => "WATCH-CALENDAR-ENDS",
            Self::Unreconciled => "WATCH-RECONCILE-UNFINISHED",
            Self::Differing => "WATCH-RECONCILE-FOUND",
            Self::WaybillsLow => "WATCH-WAYBILLS-LOW",
            Self::WaybillsOut => "WATCH-WAYBILLS-OUT",
        }
    }

    /// The watchdog of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|watchdog| watchdog.code() == code)
    }

    /// Whether a person must act; else something is unexpected and nothing is lost by waiting.
    pub fn needs_a_person(self) -> bool {
        match self {
            Self::Unclaimed
            | Self::Unanswered
            | Self::Old
            | Self::DueSoon
            | Self::Gap
            | Self::FeedUnread
            | Self::FeedStuck
            | Self::WaybillsOut => true,
            Self::Uncertain
            | Self::Stopped
            | Self::Quarantine
            | Self::FeedSilent
            | Self::SourceSilent
            | Self::CalendarEnds
            | Self::Unreconciled
            | Self::Differing
            | Self::WaybillsLow => false,
        }
    }
}

/// How long each condition may stand; zero turns its watchdog off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// At the head of an open account, unclaimed.
    pub unclaimed: SignedDuration,
    /// Uncertain, before it goes to a person.
    pub uncertain: SignedDuration,
    /// Waiting for a person's answer: working hours of the agencies.
    pub unanswered: SignedDuration,
    /// Not final: working hours of the agencies.
    pub old: SignedDuration,
    /// Before the date promised to the citizen: working hours of the agencies.
    pub due_soon: SignedDuration,
    /// Whether a group of stopped handoffs is told as soon as there is one.
    pub stopped: bool,
    /// Since the last message was set aside for a reason.
    pub quarantine: SignedDuration,
    /// Beyond the time at which a gap should have been given up.
    pub gap: SignedDuration,
    /// Feed not read.
    pub feed_unread: SignedDuration,
    /// Feed without rows: working hours of the post.
    pub feed_silent: SignedDuration,
    /// Feed that answers without moving on.
    pub feed_stuck: SignedDuration,
    /// Source without events: working hours of the agencies.
    pub source_silent: SignedDuration,
    /// Before the end of the calendar.
    pub calendar: SignedDuration,
    /// When both sides are compared by night; `None`: they are not.
    pub nights: Option<OffPeak>,
    /// Free waybills of an account.
    pub waybills: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            unclaimed: SignedDuration::from_mins(10),
            uncertain: SignedDuration::from_hours(4),
            unanswered: SignedDuration::from_hours(4),
            old: SignedDuration::from_hours(8),
            due_soon: SignedDuration::from_hours(4),
            stopped: true,
            quarantine: SignedDuration::from_hours(24),
            gap: SignedDuration::from_mins(5),
            feed_unread: SignedDuration::from_hours(1),
            feed_silent: SignedDuration::from_hours(16),
            feed_stuck: SignedDuration::from_hours(1),
            source_silent: SignedDuration::from_hours(16),
            calendar: SignedDuration::from_hours(24 * 30),
            nights: None,
            waybills: 200,
        }
    }
}

/// The instants that part what may stand from what may not, as of one moment; `None` where a watchdog is off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// As of when.
    pub now: Timestamp,
    /// Uncertain since this or before.
    pub uncertain: Option<Timestamp>,
    /// A person was asked at this or before.
    pub unanswered: Option<Timestamp>,
    /// Planned at this or before.
    pub old: Option<Timestamp>,
    /// Promised for this or before.
    pub due_soon: Option<Timestamp>,
    /// Stopped at this or before: now.
    pub stopped: Option<Timestamp>,
    /// Set aside after this.
    pub quarantine: Option<Timestamp>,
    /// To be planned at this or before.
    pub gap: Option<Timestamp>,
    /// Feed read at this or before.
    pub feed_unread: Option<Timestamp>,
    /// Last row of the feed at this or before.
    pub feed_silent: Option<Timestamp>,
    /// Feed does not move on since this or before.
    pub feed_stuck: Option<Timestamp>,
    /// When the newest night that is over ended; `None` where nothing is compared by night.
    pub night: Option<Timestamp>,
    /// Last event at this or before, for each source.
    pub sources: Vec<(Source, Timestamp)>,
    /// Fewer free waybills than these.
    pub waybills: Option<u32>,
}

impl Bounds {
    /// The bounds as of `now`; sources that are listed have a threshold of their own.
    pub fn at(
        now: Timestamp,
        thresholds: &Thresholds,
        calendars: &Calendars,
        sources: &BTreeMap<Source, SignedDuration>,
    ) -> Self {
        let plain =
            |age: SignedDuration| age.is_positive().then(|| now.checked_sub(age).unwrap_or(Timestamp::MIN));
        let working = |age: SignedDuration| age.is_positive().then(|| calendars.agencies.before(now, age));
        let ahead = |age: SignedDuration| age.is_positive().then(|| calendars.agencies.later(now, age));
        let of_post = |age: SignedDuration| age.is_positive().then(|| calendars.post.before(now, age));
        Self {
            now,
            uncertain: plain(thresholds.uncertain),
            unanswered: working(thresholds.unanswered),
            old: working(thresholds.old),
            due_soon: ahead(thresholds.due_soon),
            stopped: thresholds.stopped.then_some(now),
            quarantine: plain(thresholds.quarantine),
            gap: plain(thresholds.gap),
            feed_unread: plain(thresholds.feed_unread),
            feed_silent: of_post(thresholds.feed_silent),
            feed_stuck: plain(thresholds.feed_stuck),
            night: thresholds.nights.and_then(|nights| nights.end_of(nights.last_over(now)?)),
            sources: sources
                .iter()
                .filter_map(|(source, age)| Some((source.clone(), working(*age)?)))
                .collect(),
            waybills: (thresholds.waybills > 0).then_some(thresholds.waybills),
        }
    }
}

/// A condition that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which kind.
    pub watchdog: Watchdog,
    /// Of what: an account, a source, a code.
    pub scope: String,
    /// Since when the oldest of it stands.
    pub since: Timestamp,
    /// How many stand, counted up to a bound.
    pub count: u32,
    /// What exactly, where one thing stands for the condition.
    pub mark: Option<i64>,
}

/// An alarm that was raised and stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Which kind.
    pub watchdog: Watchdog,
    /// Of what.
    pub scope: String,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Since when the condition stood, as it was last said.
    pub since: Timestamp,
    /// How many, as it was last said.
    pub count: u32,
    /// What exactly.
    pub mark: Option<i64>,
}

/// What is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stands, and did not before.
    Raised(Alarm),
    /// It stands still, and has grown tenfold since it was last said.
    Grown(Alarm),
    /// It stood, and is gone.
    Cleared(Alarm),
}

/// What changed between the alarms that stand and the conditions that were found.
pub fn changes(standing: &[Alarm], found: &[Found], now: Timestamp) -> Vec<Change> {
    let same = |alarm: &Alarm, found: &Found| alarm.watchdog == found.watchdog && alarm.scope == found.scope;
    let gone = standing.iter().filter(|alarm| !found.iter().any(|found| same(alarm, found)));
    let cleared = gone.cloned().map(Change::Cleared);
    let said = found.iter().filter_map(|found| {
        let alarm = |raised_at| Alarm {
            watchdog: found.watchdog,
            scope: found.scope.clone(),
            raised_at,
            since: found.since,
            count: found.count,
            mark: found.mark,
        };
        match standing.iter().find(|alarm| same(alarm, found)) {
            None => Some(Change::Raised(alarm(now))),
            Some(before) if magnitude(found.count) > magnitude(before.count) => {
                Some(Change::Grown(alarm(before.raised_at)))
            }
            Some(_) => None,
        }
    });
    cleared.chain(said).collect()
}

/// Alarms after the changes.
pub fn apply(standing: &mut Vec<Alarm>, changes: &[Change]) {
    for change in changes {
        let (Change::Raised(alarm) | Change::Grown(alarm) | Change::Cleared(alarm)) = change;
        standing.retain(|other| (other.watchdog, &other.scope) != (alarm.watchdog, &alarm.scope));
        match change {
            Change::Raised(alarm) | Change::Grown(alarm) => standing.push(alarm.clone()),
            Change::Cleared(_) => {}
        }
    }
}

/// Digits of a number.
fn magnitude(count: u32) -> u32 {
    count.checked_ilog10().map_or(0, |tens| tens + 1)
}

/// Whether the days off that are known end within the threshold.
pub fn calendar_ends(known_until: Option<Date>, within: SignedDuration, now: Timestamp) -> Option<Found> {
    let last = crate::tables::VIETNAM.to_timestamp(known_until?.to_datetime(jiff::civil::Time::MAX)).ok()?;
    let warns_at = last.checked_sub(within).ok()?;
    (within.is_positive() && now >= warns_at).then(|| Found {
        watchdog: Watchdog::CalendarEnds,
        scope: "calendar".to_owned(),
        since: warns_at,
        count: 1,
        mark: None,
    })
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
