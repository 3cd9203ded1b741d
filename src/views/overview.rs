//! *Tổng quan*: whether all is well, what is stuck and why, how much comes and goes.
//!
//! Lamps are the gateway's as a whole. What is counted is counted at the agencies that somebody sees; stops and alarms that
//! name an account or a source are shown to whom it concerns. No dossier is named.

use super::Sentence;
use super::lamps::{self, Lamp};
use crate::admin::Readiness;
use crate::config::settings::Settings;
use crate::journal::Error;
use crate::journal::report::{Flow, JournalReport, MOST_OPEN, Slices, Times};
use crate::partners::Partners;
use crate::reasons;
use crate::users::Agencies;
use crate::views::partners;
use crate::views::stops::{self, Stop};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, Source};
use lienthong_core::tables::{SourceRules, VIETNAM, day_in_vietnam};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Slices of the last hours: six hours in steps of five minutes.
const SLICES: usize = 72;

/// Length of a slice.
const SLICE: SignedDuration = SignedDuration::from_mins(5);

/// Everything at a glance.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Overview {
    /// Until when the figures go.
    pub as_of: Timestamp,
    /// Queue, store, post, portal and clock.
    pub lamps: Vec<Lamp>,
    /// Alarms that stand.
    pub alarms: Vec<Alarm>,
    /// What is not called now, and why.
    pub stops: Vec<Stop>,
    /// Of each partner, the oldest that has not got there.
    pub oldest: Vec<Oldest>,
    /// Since midnight in Việt Nam.
    pub today: Today,
    /// The last six hours, in steps of five minutes.
    pub hours: Vec<Slice>,
    /// Whether more stand open than were counted.
    pub more_open: bool,
}

/// An alarm of a watchdog that stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Alarm {
    /// Its reason code.
    pub code: String,
    /// Of what: an account, a source, or a code.
    pub scope: String,
    /// Since when the oldest of it stood.
    pub since: Timestamp,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// How many; counted up to 1000.
    pub count: u32,
    /// What it means and what to do.
    pub means: Sentence,
    /// Where the runbook goes on.
    pub runbook: String,
}

/// The oldest handoff that a partner has not got, or of which nobody knows whether it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Oldest {
    /// The partner; for who sees all agencies the account's name, where the configuration does not know it any more.
    pub partner: String,
    /// When it was planned; `None`: nothing waits.
    pub planned_at: Option<Timestamp>,
    /// How old it is, in seconds.
    pub age_seconds: i64,
}

/// Counts since midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Today {
    /// Midnight in Việt Nam.
    pub since: Timestamp,
    /// Events that arrived.
    pub events: u32,
    /// Handoffs that were accepted, by partner.
    pub accepted: BTreeMap<String, u32>,
    /// Handoffs that ended otherwise: superseded, dismissed, resolved or observed.
    pub ended_otherwise: u32,
    /// Handoffs that stopped and still stand so.
    pub stopped: u32,
    /// Messages that were set aside; `None` for who is bound to agencies, because they belong to none.
    pub quarantined: Option<u32>,
}

/// Five minutes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Slice {
    /// When they began.
    pub at: Timestamp,
    /// Events that arrived in them.
    pub events: u32,
    /// The same a minute.
    pub events_per_minute: f64,
    /// Handoffs that stood open at their end.
    pub open: u32,
}

/// What the overview is made of beside the journal.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) partners: &'a Partners,
    pub(crate) readiness: &'a Readiness,
    pub(crate) now: Timestamp,
}

/// How everything stands, as far as somebody sees it.
pub(crate) fn overview(
    report: &JournalReport,
    agencies: &Agencies,
    around: Around<'_>,
) -> Result<Overview, Error> {
    let now = around.now;
    let slices = slices(now);
    let flow = report.flow(agencies, slices)?;
    let concerns = |scope: &str| is_seen(scope, agencies, around.settings);
    let alarms = report.alarms()?.into_iter().filter(|line| concerns(&line.scope)).map(|line| {
        let text = reasons::text(line.alarm);
        Alarm {
            code: line.alarm.to_owned(),
            means: text.map_or_else(Sentence::default, Sentence::from),
            scope: line.scope,
            since: line.since,
            raised_at: line.raised_at,
            count: line.count,
            runbook: line.runbook,
        }
    });
    Ok(Overview {
        as_of: now,
        lamps: lamps::lamps(around, &times(report, &concerns)?),
        alarms: alarms.collect(),
        stops: stops::stops(report, around)?.into_iter().filter(|stop| concerns(&stop.scope)).collect(),
        oldest: oldest(&report.oldest_undelivered()?, agencies, around.settings, now),
        today: today(report, agencies, now)?,
        more_open: flow.open >= MOST_OPEN,
        hours: hours(&flow, slices, now),
    })
}

/// Whether what a scope begins with concerns these agencies: an account that they have, a source that speaks for them, or
/// what belongs to nobody. A name that the configuration does not know is shown to who sees all.
pub(super) fn is_seen(scope: &str, agencies: &Agencies, settings: &Settings) -> bool {
    let name = scope.split(' ').next().unwrap_or(scope);
    let account = AccountName::new(name);
    if settings.accounts.contains_key(&account) {
        return partners::is_seen(&account, agencies, settings);
    }
    let source = settings.tables.sources.get(&Source::new(name));
    let speaks_for_them =
        |rules: &SourceRules| rules.agencies.iter().any(|agency| agencies.has(agency.as_str()));
    agencies.is_all() || source.map_or_else(|| belongs_to_nobody(name), speaks_for_them)
}

/// A partner as a whole, the inbox, the calendar, or a reason code.
fn belongs_to_nobody(name: &str) -> bool {
    Partner::ALL.iter().any(|partner| partner.name() == name)
        || matches!(name, "inbox" | "calendar")
        || !name.chars().any(char::is_lowercase)
}

/// What the clock is judged by; a source of others is not named.
fn times(report: &JournalReport, concerns: &impl Fn(&str) -> bool) -> Result<Times, Error> {
    let mut times = report.times()?;
    if let Some((source, ..)) = times.ahead.as_mut().filter(|(source, ..)| !concerns(source)) {
        "…".clone_into(source);
    }
    Ok(times)
}

/// The last hours up to the end of the slice that is under way.
fn slices(now: Timestamp) -> Slices {
    let step = SLICE.as_secs();
    let end = (now.as_second() / step + 1) * step;
    let since = end - step * i64::try_from(SLICES).unwrap_or(0);
    let since = Timestamp::from_second(since).unwrap_or(Timestamp::UNIX_EPOCH);
    Slices { since, each: SLICE, count: SLICES }
}

/// What stands open is known now; what stood open before is counted back from it.
fn hours(flow: &Flow, slices: Slices, now: Timestamp) -> Vec<Slice> {
    let mut open = i64::from(flow.open);
    let mut hours = Vec::with_capacity(slices.count);
    for place in (0..slices.count).rev() {
        let step = i32::try_from(place).unwrap_or(0);
        let at = slices.since + slices.each * step;
        let of = |counts: &[u32]| counts.get(place).copied().unwrap_or(0);
        let events = of(&flow.events);
        let lasted = now.duration_since(at).min(slices.each).as_secs_f64().max(60.0);
        let events_per_minute = (f64::from(events) * 600.0 / lasted).round() / 10.0;
        let stood = u32::try_from(open.max(0)).unwrap_or(u32::MAX);
        hours.push(Slice { at, events, events_per_minute, open: stood });
        open += i64::from(of(&flow.ended)) - i64::from(of(&flow.planned)) - i64::from(of(&flow.reopened));
    }
    hours.reverse();
    hours
}

/// Of the accounts that these agencies have; an account that is configured no more is shown to who sees all.
fn oldest(
    found: &[(String, Timestamp)],
    agencies: &Agencies,
    settings: &Settings,
    now: Timestamp,
) -> Vec<Oldest> {
    let seen =
        settings.accounts.values().filter(|account| partners::is_seen(&account.name, agencies, settings));
    let mut oldest: BTreeMap<String, Option<Timestamp>> =
        seen.map(|account| (account.partner().name().to_owned(), None)).collect();
    for (account, planned_at) in found {
        let name = AccountName::new(account);
        let known = settings.accounts.get(&name);
        let concerns = known.map_or(agencies.is_all(), |_| partners::is_seen(&name, agencies, settings));
        if !concerns {
            continue;
        }
        let partner = known.map_or(account.as_str(), |account| account.partner().name());
        let place = oldest.entry(partner.to_owned()).or_default();
        *place = Some(place.map_or(*planned_at, |before| before.min(*planned_at)));
    }
    let line = |(partner, planned_at): (String, Option<Timestamp>)| Oldest {
        partner,
        planned_at,
        age_seconds: planned_at.map_or(0, |planned_at| now.duration_since(planned_at).as_secs().max(0)),
    };
    oldest.into_iter().map(line).collect()
}

fn today(report: &JournalReport, agencies: &Agencies, now: Timestamp) -> Result<Today, Error> {
    let midnight = VIETNAM.to_timestamp(day_in_vietnam(now).to_datetime(Time::midnight()));
    let since = midnight.unwrap_or(now);
    let counts = report.counts(agencies, since)?;
    let mut accepted = BTreeMap::new();
    let mut ended_otherwise = 0;
    for (partner, state, count) in counts.ended {
        if state == "accepted" {
            *accepted.entry(partner).or_insert(0) += count;
        } else {
            ended_otherwise += count;
        }
    }
    Ok(Today {
        since,
        events: counts.events,
        accepted,
        ended_otherwise,
        stopped: counts.stopped,
        quarantined: agencies.is_all().then_some(counts.quarantined),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stood_open_is_counted_back_from_what_stands_open() {
        let now: Timestamp = "2022-09-15T04:02:00Z".parse().unwrap();
        let slices = Slices { since: "2022-09-15T03:50:00Z".parse().unwrap(), each: SLICE, count: 3 };
        let flow = Flow {
            events: vec![10, 0, 6],
            planned: vec![20, 0, 12],
            ended: vec![5, 10, 4],
            reopened: vec![0, 1, 2],
            open: 15,
        };
        let hours = hours(&flow, slices, now);
        let open: Vec<u32> = hours.iter().map(|slice| slice.open).collect();
        assert_eq!(open, [14, 5, 15]);
        let rates: Vec<f64> = hours.iter().map(|slice| slice.events_per_minute).collect();
        assert_eq!(rates, [2.0, 0.0, 3.0], "the last slice has lasted two minutes");
        assert_eq!(hours[2].at, "2022-09-15T04:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_name_that_nobody_knows_is_an_account_of_somebody() {
        for (name, expected) in [
            ("post", true),
            ("inbox", true),
            ("calendar", true),
            ("COMMUNE-CONFLICT", true),
            ("post-xa-cu", false),
            ("urn:lienthong:commune:xa-cu", false),
        ] {
            assert_eq!(belongs_to_nobody(name), expected, "{name}");
        }
    }

    #[test]
    fn the_last_hours_end_with_the_slice_that_is_under_way() {
        let slices = slices("2022-09-15T04:02:00Z".parse().unwrap());
        assert_eq!(slices.until(), "2022-09-15T04:05:00Z".parse().unwrap());
        assert_eq!(slices.since, "2022-09-14T22:05:00Z".parse().unwrap());
    }
}
