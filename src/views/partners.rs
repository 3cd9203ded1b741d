//! *Đối tác*: each account with its limits, what holds it up, and what will run out.

use super::Sentence;
use super::certificates::{self, Certificate};
use super::overview::Around;
use super::stops::{self, Stop};
use crate::config::settings::{AccountSettings, Settings};
use crate::journal::Error;
use crate::journal::report::{AccountState, JournalReport, PoolLine};
use crate::users::{Actor, Agencies, Right};
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, AgencyCode};
use lienthong_core::port::{LookUpAbility, Waybills};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// All accounts that somebody sees.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Partners {
    /// Until when the figures go.
    pub as_of: Timestamp,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// Partners and accounts that the asker may pause and resume.
    pub may_pause: Vec<String>,
}

/// An account: one credential at one interface of a partner.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    /// Its name.
    pub account: String,
    /// Whose it is.
    pub partner: String,
    /// Agencies that it is configured for, today or on another day, as far as the asker sees them.
    pub agencies: Vec<String>,
    /// Attempts under way at once.
    pub concurrency: usize,
    /// Attempts a second at most.
    pub rate: u32,
    /// Calls a day at most; `None`: no quota, and none counted.
    pub quota_per_day: Option<u32>,
    /// Calls of today.
    pub used_today: Option<u32>,
    /// When an attempt is made again.
    pub schedule: Schedule,
    /// What holds it up, of its own or of its partner; none: it is open.
    pub stops: Vec<Stop>,
    /// What that means; or that it is open.
    pub means: Sentence,
    /// Its last success.
    pub last_success_at: Option<Timestamp>,
    /// The reading of its tracking feed; `None` where it has none.
    pub feed: Option<Feed>,
    /// Its pool of waybills; `None` where it has none.
    pub waybills: Option<Pool>,
    /// Certificates that it calls with or trusts, of its own.
    pub certificates: Vec<Certificate>,
}

/// When an attempt is made again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Schedule {
    /// Waits in seconds; the last one repeats.
    pub waits_seconds: Vec<u64>,
    /// Chance in percent of a wait, both ways.
    pub jitter_percent: u8,
    /// Attempts at most.
    pub attempts: u32,
    /// Hours at most.
    pub hours: i64,
}

/// The reading of a tracking feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Feed {
    /// When it was last read.
    pub read_at: Option<Timestamp>,
    /// When it last brought a new row.
    pub row_at: Option<Timestamp>,
    /// Since when it answers and does not move on.
    pub stuck_at: Option<Timestamp>,
    /// How often it is read while orders are under way, in seconds.
    pub busy_seconds: u64,
    /// How often else, in seconds.
    pub idle_seconds: u64,
}

/// A pool of waybills.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pool {
    /// For the next orders.
    pub free: u32,
    /// Of orders.
    pub bound: u32,
    /// Orders that wait for one.
    pub waiting: u32,
    /// Below how many an alarm is raised.
    pub low: u32,
}

/// The accounts that the actor sees: those that her agencies use.
pub(crate) fn partners(report: &JournalReport, actor: &Actor, around: Around<'_>) -> Result<Partners, Error> {
    let states = report.account_states(around.now)?;
    let stops = stops::stops(report, around)?;
    let mut accounts = Vec::new();
    for settings in around.settings.accounts.values() {
        let agencies = agencies(actor, &settings.name, around);
        if agencies.is_empty() && !actor.sees_all() {
            continue;
        }
        let name = settings.name.as_str();
        let state = states.iter().find(|state| state.account == name).cloned().unwrap_or_default();
        let pool = has_pool(around, &settings.name).then(|| report.waybill_pool(name)).transpose()?;
        accounts.push(account(settings, agencies, state, (&stops, pool), around));
    }
    Ok(Partners { as_of: around.now, accounts, may_pause: may_pause(actor, around.settings) })
}

/// What the actor may pause and resume: with the right, accounts that no other agency uses; partners only who sees all.
pub(crate) fn may_pause(actor: &Actor, settings: &Settings) -> Vec<String> {
    if !actor.may(Right::Pause) {
        return Vec::new();
    }
    let mut scopes = Vec::new();
    if actor.sees_all() {
        let partners = settings.accounts.values().map(|account| account.partner().name().to_owned());
        scopes.extend(partners);
        scopes.sort();
        scopes.dedup();
    }
    let accounts = settings.accounts.keys().filter(|name| {
        let users = users_of(name, settings);
        actor.sees_all() || (!users.is_empty() && users.iter().all(|agency| actor.sees(agency.as_str())))
    });
    scopes.extend(accounts.map(|name| name.as_str().to_owned()));
    scopes
}

/// Agencies that use an account, did, or will.
fn users_of<'a>(account: &AccountName, settings: &'a Settings) -> Vec<&'a AgencyCode> {
    let agencies = settings.tables.agencies.values();
    let uses = agencies.filter(|agency| {
        let own = Partner::ALL.into_iter().filter_map(|partner| agency.accounts(partner));
        own.flat_map(|own| own.until(Date::MAX)).any(|own| own == account)
    });
    uses.map(|agency| &agency.code).collect()
}

/// Whether an account is one that these agencies have.
pub(super) fn is_seen(account: &AccountName, agencies: &Agencies, settings: &Settings) -> bool {
    let users = users_of(account, settings);
    agencies.is_all() || users.iter().any(|agency| agencies.has(agency.as_str()))
}

/// Those of them that the actor sees.
fn agencies(actor: &Actor, account: &AccountName, around: Around<'_>) -> Vec<String> {
    let users = users_of(account, around.settings).into_iter().filter(|agency| actor.sees(agency.as_str()));
    users.map(|agency| agency.as_str().to_owned()).collect()
}

fn has_pool(around: Around<'_>, account: &AccountName) -> bool {
    around.partners.get(account).is_some_and(|account| match account.port.abilities().waybills {
        Waybills::Pool(_) => true,
        Waybills::Partner => false,
    })
}

fn account(
    settings: &AccountSettings,
    agencies: Vec<String>,
    state: AccountState,
    (stops, pool): (&[Stop], Option<PoolLine>),
    around: Around<'_>,
) -> Account {
    let (name, partner) = (settings.name.as_str(), settings.partner().name());
    let own = |stop: &&Stop| stop.scope == name || stop.scope == partner;
    let stops: Vec<Stop> = stops.iter().filter(own).cloned().collect();
    let open = Sentence::new("Mở: cổng kết nối đang gửi bình thường.", "Open: the gateway sends as usual.");
    let schedule = &settings.schedule;
    Account {
        account: name.to_owned(),
        partner: partner.to_owned(),
        agencies,
        concurrency: settings.concurrency,
        rate: settings.rate,
        quota_per_day: settings.quota_per_day,
        used_today: settings.quota_per_day.map(|_| state.used_today),
        schedule: Schedule {
            waits_seconds: schedule.waits.iter().map(Duration::as_secs).collect(),
            jitter_percent: schedule.jitter_percent,
            attempts: schedule.attempts,
            hours: schedule.age.as_hours(),
        },
        means: stops.first().map_or(open, |stop| stop.means.clone()),
        stops,
        last_success_at: state.last_success_at,
        feed: feed(settings, &state, around),
        waybills: pool.map(|pool| Pool {
            free: pool.free,
            bound: pool.bound,
            waiting: pool.waiting,
            low: around.settings.watch.thresholds.waybills,
        }),
        certificates: settings.client().map_or_else(Vec::new, |client| certificates::of(client, around.now)),
    }
}

fn feed(settings: &AccountSettings, state: &AccountState, around: Around<'_>) -> Option<Feed> {
    let port = &around.partners.get(&settings.name)?.port;
    // Without any look-up there is no feed either.
    let has_feed = settings.partner() == Partner::Post && port.abilities().look_up != LookUpAbility::None;
    has_feed.then_some(Feed {
        read_at: state.feed_read_at,
        row_at: state.feed_row_at,
        stuck_at: state.feed_stuck_at,
        busy_seconds: settings.feed_busy.as_secs(),
        idle_seconds: settings.feed_idle.as_secs(),
    })
}
