//! What the commands show: lines of the journal without personal data.

use super::AuditLine;
use crate::journal::Error;
use crate::reasons;
use jiff::Timestamp;
use lienthong_core::state::DossierState;
use lienthong_core::tracking::Money;
use lienthong_core::watch::Alarm;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A dossier with everything that happened to it.
#[derive(Clone, Debug, Serialize)]
pub struct DossierReport {
    /// Its code, or its slip.
    pub dossier: String,
    /// Its agency.
    pub agency: String,
    /// When anything last changed.
    pub updated_at: Timestamp,
    /// Events of the desk, in the order of their arrival.
    pub events: Vec<EventLine>,
    /// Handoffs, in the order in which they were planned.
    pub handoffs: Vec<HandoffLine>,
    /// What the post reported, oldest first.
    pub tracking: Vec<TrackingLine>,
    /// Orders whose cash the postman collects, or is reported to have collected.
    pub cash: Vec<CashLine>,
    /// What the desk should see.
    pub flags: Vec<FlagLine>,
    /// What operators did.
    pub acts: Vec<AuditLine>,
}

/// An event of the desk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventLine {
    /// Its id.
    pub event: String,
    /// Kind.
    pub kind: String,
    /// Status in it.
    pub status: Option<u8>,
    /// Position that the source gave it.
    pub sequence: Option<i64>,
    /// When it happened at the desk.
    pub happened_at: Timestamp,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// `planned`, or `waiting` behind a gap.
    pub state: String,
}

/// A handoff.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HandoffLine {
    /// Its identity.
    pub handoff: String,
    /// Its dossier.
    pub dossier: String,
    /// Agency of the dossier.
    pub agency: String,
    /// Partner.
    pub partner: String,
    /// Account.
    pub account: String,
    /// Kind.
    pub kind: String,
    /// Leg, of postal handoffs.
    pub leg: Option<String>,
    /// Order number, of postal handoffs.
    pub number: Option<String>,
    /// Status, of progress rows.
    pub row_status: Option<u8>,
    /// Where it stands.
    pub state: String,
    /// It may be there twice.
    pub maybe_doubled: bool,
    /// Why it stands there.
    pub code: Option<String>,
    /// Field of the event to correct.
    pub field: Option<String>,
    /// Attempts made.
    pub attempts: u32,
    /// When it was planned.
    pub planned_at: Timestamp,
    /// When it is due.
    pub due_at: Timestamp,
    /// When it stopped.
    pub dead_at: Option<Timestamp>,
    /// Since when the partner may have it.
    pub uncertain_since: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The partner's number, of what a person resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_number: Option<String>,
    /// Its attempts, where they are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<AttemptLine>,
}

/// One attempt.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttemptLine {
    /// Which one, from 1.
    pub n: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// What was known after it; `None` while it is open.
    pub outcome: Option<String>,
    /// Reason.
    pub code: Option<String>,
    /// HTTP status of the last answer.
    pub http_status: Option<u16>,
    /// How long it took.
    pub duration_ms: Option<i64>,
}

/// A report of the post.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrackingLine {
    /// The order.
    pub number: String,
    /// State of the parcel in our words; `None` of a report about the cash alone.
    pub state: Option<String>,
    /// The post's own code.
    pub wire_code: String,
    /// When it happened.
    pub at: Timestamp,
    /// Waybill, once known.
    pub waybill: Option<String>,
    /// What became of the cash, when the report speaks of it.
    pub cash: Option<String>,
}

/// The cash of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CashLine {
    /// The order.
    pub number: String,
    /// What the postman is to collect, in đồng; `None` of an order that a newer one of its leg has replaced.
    pub expected: Option<u64>,
    /// When it was collected, as the post reported first.
    pub collected_at: Option<Timestamp>,
    /// When it was settled, as the post reported first.
    pub settled_at: Option<Timestamp>,
}

/// The cash of a dossier's orders: what its state says is to be collected, and what the reports say of it.
pub(super) fn cash(state: &str, tracking: &[TrackingLine]) -> Result<Vec<CashLine>, Error> {
    let state: DossierState = serde_json::from_str(state)
        .map_err(|source| Error::Unreadable { what: "the state of a dossier", source })?;
    let legs = state.legs.values();
    let mut expected: BTreeMap<&str, Option<u64>> =
        legs.clone().filter(|leg| leg.cash > 0).map(|leg| (leg.number.as_str(), Some(leg.cash))).collect();
    for line in tracking.iter().filter(|line| line.cash.is_some()) {
        let newest = legs.clone().find(|leg| leg.number.as_str() == line.number);
        expected.entry(&line.number).or_insert(newest.map(|leg| leg.cash));
    }
    let first = |number: &str, money: Money| {
        let of = |line: &&TrackingLine| line.number == number && line.cash.as_deref() == Some(money.name());
        tracking.iter().find(of).map(|line| line.at)
    };
    let line = |(number, expected): (&str, Option<u64>)| CashLine {
        number: number.to_owned(),
        expected,
        collected_at: first(number, Money::Collected),
        settled_at: first(number, Money::Settled),
    };
    Ok(expected.into_iter().map(line).collect())
}

/// Something the desk should see.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlagLine {
    /// Its number, to close it by.
    pub id: i64,
    /// Its code.
    pub code: String,
    /// It asks a person to act.
    pub task: bool,
    /// When it was raised.
    pub at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// A message that was set aside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuarantineLine {
    /// Its number.
    pub id: i64,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// Why.
    pub code: String,
    /// Field concerned.
    pub field: Option<String>,
    /// What was expected.
    pub detail: String,
    /// Its routing key.
    pub routing_key: String,
    /// Its content type.
    pub content_type: Option<String>,
    /// Its size in bytes.
    pub size: i64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// The journal as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// Open handoffs by partner and state.
    pub open: Vec<OpenLine>,
    /// Accounts that the journal knows.
    pub accounts: Vec<AccountLine>,
    /// Pauses in force or planned to end.
    pub pauses: Vec<PauseLine>,
    /// Announced maintenance that is under way.
    pub maintenance: Vec<PauseLine>,
    /// Operations of partners that are left alone or carefully tried.
    pub breakers: Vec<BreakerLine>,
    /// Events taken in.
    pub events: i64,
    /// Events that wait behind a gap.
    pub waiting_events: i64,
    /// When the last event arrived.
    pub last_event_at: Option<Timestamp>,
    /// Alarms of the watchdogs that stand.
    pub alarms: Vec<AlarmLine>,
    /// Messages in the quarantine.
    pub quarantined: i64,
    /// Tasks of the desk that are not closed.
    pub tasks: i64,
}

/// Open handoffs of a partner in one state.
#[derive(Clone, Debug, Serialize)]
pub struct OpenLine {
    /// Partner.
    pub partner: String,
    /// State.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest was planned.
    pub oldest: Timestamp,
}

/// An account.
#[derive(Clone, Debug, Serialize)]
pub struct AccountLine {
    /// Its name.
    pub account: String,
    /// Why it is blocked.
    pub blocked: Option<String>,
    /// Since when.
    pub blocked_at: Option<Timestamp>,
    /// Its last success.
    pub last_success_at: Option<Timestamp>,
    /// When its tracking feed was last read.
    pub feed_read_at: Option<Timestamp>,
}

/// An alarm that stands.
#[derive(Clone, Debug, Serialize)]
pub struct AlarmLine {
    /// Its reason code.
    pub alarm: &'static str,
    /// Of what.
    pub scope: String,
    /// Since when the oldest of it stood, as it was last said.
    pub since: Timestamp,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// How many stood, as it was last said; counted up to 1000.
    pub count: u32,
    /// What it means, in Vietnamese.
    pub meaning: &'static str,
    /// Where the runbook says what to do.
    pub runbook: String,
}

impl AlarmLine {
    pub(super) fn of(alarm: Alarm) -> Self {
        let code = alarm.watchdog.code();
        Self {
            alarm: code,
            meaning: reasons::text(code).map_or("", |text| text.vi),
            runbook: reasons::page(code),
            scope: alarm.scope,
            since: alarm.since,
            raised_at: alarm.raised_at,
            count: alarm.count,
        }
    }
}

/// An operation of a partner that is left alone or carefully tried.
#[derive(Clone, Debug, Serialize)]
pub struct BreakerLine {
    /// Through which account.
    pub account: String,
    /// Which.
    pub operation: &'static str,
    /// `open`, `probing` or `trying`.
    pub state: &'static str,
    /// Since when the partner does not answer.
    pub since: Option<Timestamp>,
    /// When the next probe is due.
    pub next_probe_at: Option<Timestamp>,
}

/// An operator's pause.
#[derive(Clone, Debug, Serialize)]
pub struct PauseLine {
    /// Partner or account.
    pub scope: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None`: until resumed.
    pub until: Option<Timestamp>,
}
