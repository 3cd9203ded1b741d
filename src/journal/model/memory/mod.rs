//! The journal's contract once more, in plain maps: no statements, no savepoints, no payloads, no observing.
//!
//! It asks the same pure functions of the core what to do (`plan`, `may_go`, `next`); what it writes by itself is all that
//! the journal writes around them. After every step both must stand the same: a mark that the journal forgot, a row that
//! a statement missed, a commit that left half of itself behind is a difference.

mod acts;
mod admit;
mod breakers;
mod claim;
mod plan;
mod settle;
mod slips;
mod track;

use super::store::{AccountStands, Act, BreakerStands, Failed, Handoff, Received, Stands, Store, Told};
use super::town::Town;
use crate::intake::{AdmittedCounts, Arrival};
use crate::journal::{Answered, Call, FeedProgress, FeedReading, Probe, Question, Want, Work};
use crate::partners::Partners;
use jiff::Timestamp;
use lienthong_core::breaker::{Breaker, Phase};
use lienthong_core::event::{Event, Snapshot};
use lienthong_core::handoff::{Content, HandoffKind, Leg};
use lienthong_core::ids::{AccountName, AgencyCode, DossierKey, HandoffId, OrderNumber};
use lienthong_core::lane::Entry;
use lienthong_core::outcome::Outcome;
use lienthong_core::plan::Stage;
use lienthong_core::port::LookUp;
use lienthong_core::state::DossierState;
use lienthong_core::status::Status;
use lienthong_core::storm::Storm;
use lienthong_core::tables::Tables;
use lienthong_core::tracking::Money;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// The model.
pub(super) struct Memory {
    tables: Arc<Tables>,
    partners: Partners,
    refused: u32,
    dossiers: BTreeMap<i64, Dossier>,
    slips: BTreeMap<String, i64>,
    inbox: BTreeMap<i64, InRow>,
    quarantine: Vec<(String, Vec<u8>)>,
    rows: BTreeMap<i64, Row>,
    attempts: BTreeMap<i64, Attempt>,
    accounts: BTreeMap<String, Account>,
    breakers: BTreeMap<(String, HandoffKind), Breaker>,
    pauses: BTreeMap<String, Option<Timestamp>>,
    lane_pauses: BTreeMap<(i64, &'static str), Option<Timestamp>>,
    feed: BTreeSet<(String, String)>,
    tracking: BTreeMap<String, (Timestamp, String, String)>,
    /// How far the cash of an order got.
    cash: BTreeMap<String, Money>,
    flags: Vec<(i64, String)>,
}

struct Dossier {
    key: DossierKey,
    agency: AgencyCode,
    state: DossierState,
    basis: Option<Rc<Snapshot>>,
}

struct InRow {
    event: Rc<Event>,
    hash: [u8; 32],
    dossier: i64,
    state: &'static str,
    plan_at: Option<Timestamp>,
}

#[derive(Clone)]
struct Row {
    id: i64,
    handoff: HandoffId,
    dossier: i64,
    account: AccountName,
    kind: HandoffKind,
    leg: Option<Leg>,
    number: Option<OrderNumber>,
    status: Option<Status>,
    place: i64,
    state: &'static str,
    alone: bool,
    maybe_doubled: bool,
    attempts: u32,
    failures: u32,
    counted_attempts: u32,
    counted_age: i64,
    last_attempt_at: Option<Timestamp>,
    planned_at: Timestamp,
    due_at: Timestamp,
    ready_at: Option<Timestamp>,
    uncertain_since: Option<Timestamp>,
    absent_looks: u32,
    code: Option<String>,
    field: Option<String>,
    dead_at: Option<Timestamp>,
    inbox: Option<i64>,
    content: Rc<Content>,
}

struct Attempt {
    row: i64,
    ended: bool,
    outcome: Option<&'static str>,
}

#[derive(Default)]
struct Account {
    blocked: Option<String>,
    not_before: Option<Timestamp>,
    last_success: Option<Timestamp>,
    storm: Storm,
    cursor: Option<String>,
}

impl Row {
    fn stage(&self) -> Option<Stage> {
        Some(match self.state {
            "waiting" => Stage::Waiting,
            "sending" => Stage::Sending,
            "uncertain" => Stage::Uncertain,
            "dead" => Stage::Dead,
            "held" => Stage::Held,
            _ => return None,
        })
    }

    fn entry(&self) -> Entry {
        Entry {
            kind: self.kind,
            leg: self.leg,
            number: self.number.clone(),
            stage: self.stage().expect("lanes hold what is open"),
            attempted: self.attempts > 0,
            due: self.due_at,
            dead_since: self.dead_at,
            alone: self.alone || self.status == Some(Status::SupplementAsked),
        }
    }
}

/// A time as it is stored.
fn stored(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).expect("it was one before")
}

fn stands_as(breaker: &Breaker) -> Option<BreakerStands> {
    match breaker.phase {
        Phase::Closed => None,
        Phase::Trying { permits, .. } => Some(BreakerStands::Trying(u64::from(permits))),
        Phase::Open { until } | Phase::Probing { until } => Some(BreakerStands::Open(until.as_millisecond())),
    }
}

fn next_id<T>(rows: &BTreeMap<i64, T>) -> i64 {
    rows.last_key_value().map_or(1, |(id, _)| id + 1)
}

impl Memory {
    pub(super) fn open(town: &Town) -> Self {
        Self {
            tables: Arc::clone(&town.settings.tables),
            partners: town.partners.clone(),
            refused: 0,
            dossiers: BTreeMap::new(),
            slips: BTreeMap::new(),
            inbox: BTreeMap::new(),
            quarantine: Vec::new(),
            rows: BTreeMap::new(),
            attempts: BTreeMap::new(),
            accounts: BTreeMap::new(),
            breakers: BTreeMap::new(),
            pauses: BTreeMap::new(),
            lane_pauses: BTreeMap::new(),
            feed: BTreeSet::new(),
            tracking: BTreeMap::new(),
            cash: BTreeMap::new(),
            flags: Vec::new(),
        }
    }

    /// Runs one commit: nothing of a refused one stands, so it need not run.
    fn commit<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Told<T> {
        let refused = self.refused == 1;
        self.refused = self.refused.saturating_sub(1);
        if refused { Err(Failed) } else { Ok(work(self)) }
    }

    /// Runs a call of one commit.
    fn call<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Told<T> {
        let told = self.commit(work);
        self.refused = 0;
        told
    }

    fn row(&mut self, id: i64) -> &mut Row {
        self.rows.get_mut(&id).expect("rows never vanish")
    }

    fn row_of(&self, handoff: &HandoffId) -> Option<i64> {
        self.rows.values().find(|row| row.handoff == *handoff).map(|row| row.id)
    }

    fn account(&mut self, name: &AccountName) -> &mut Account {
        self.accounts.entry(name.as_str().to_owned()).or_default()
    }
}

impl Store for Memory {
    fn admit(&mut self, batch: &[Arrival]) -> Told<AdmittedCounts> {
        self.call(|this| this.admit_all(batch))
    }

    fn claim(&mut self, wants: &[Want], heads: &[i64], now: Timestamp) -> Told<Vec<(AccountName, Work)>> {
        self.call(|this| this.claim_all(wants, heads, now))
    }

    fn hand_back(&mut self, call: &Call) -> Told<()> {
        self.call(|this| this.take_back(call))
    }

    fn settle(&mut self, answered: &Arc<Answered>) -> Told<()> {
        self.call(|this| this.settle_call(answered))
    }

    fn settle_look_up(
        &mut self,
        question: &Question,
        answer: &LookUp,
        now: Timestamp,
        draw: f64,
    ) -> Told<()> {
        self.call(|this| this.look_up(question.row, answer, now, draw))
    }

    fn settle_probe(&mut self, probe: &Probe, outcome: &Outcome, now: Timestamp) -> Told<()> {
        self.call(|this| this.probed(probe, outcome, now))
    }

    fn track(&mut self, reading: &FeedReading, _draw: f64) -> Told<FeedProgress> {
        self.call(|this| this.track_all(reading))
    }

    fn cursor(&mut self, account: &AccountName) -> Option<String> {
        self.accounts.get(account.as_str())?.cursor.clone()
    }

    fn release_gaps(&mut self, now: Timestamp) -> Told<()> {
        self.call(|this| this.release(now))
    }

    fn recover(&mut self, now: Timestamp, draw: f64) -> Told<usize> {
        let told = self.recover_all(now, draw);
        self.refused = 0;
        told
    }

    fn act(&mut self, act: &Act, now: Timestamp) -> String {
        self.do_act(act, now)
    }

    fn die(&mut self) {
        self.refused = 0;
    }

    fn refuse_commit(&mut self, n: u32) {
        self.refused = n;
    }

    fn stands(&mut self) -> Stands {
        let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        let accounts = self.accounts.iter().map(|(name, account)| {
            let stands = AccountStands {
                blocked: account.blocked.clone(),
                not_before: millis(account.not_before),
                last_success: millis(account.last_success),
            };
            (name.clone(), stands)
        });
        let inbox = self.inbox.iter().map(|(id, row)| Received {
            id: *id,
            event: row.event.id.as_str().to_owned(),
            dossier: row.dossier,
            state: row.state.to_owned(),
            plan_at: millis(row.plan_at),
        });
        let breakers = self.breakers.iter().filter_map(|((account, kind), breaker)| {
            Some(((account.clone(), kind.name().to_owned()), stands_as(breaker)?))
        });
        let lane_pauses = self.lane_pauses.iter();
        let lane_pauses = lane_pauses
            .map(|((dossier, partner), until)| ((*dossier, (*partner).to_owned()), millis(*until)));
        let tracking = self.tracking.iter().map(|(number, (_, _, state))| (number.clone(), state.clone()));
        Stands {
            handoffs: self.rows.values().map(|row| self.stands_as(row)).collect(),
            inbox: inbox.collect(),
            quarantine: self.quarantine.iter().map(|(code, _)| code.clone()).collect(),
            accounts: accounts.filter(|(_, stands)| *stands != AccountStands::default()).collect(),
            pauses: self.pauses.iter().map(|(scope, until)| (scope.clone(), millis(*until))).collect(),
            breakers: breakers.collect(),
            lane_pauses: lane_pauses.collect(),
            dossiers: self.dossiers.iter().map(|(id, row)| (*id, row.key.as_str().to_owned())).collect(),
            tracking: tracking.collect(),
            cash: self.cash.iter().map(|(number, money)| (number.clone(), money.name().to_owned())).collect(),
            flags: self.flags.clone(),
        }
    }
}

impl Memory {
    fn stands_as(&self, row: &Row) -> Handoff {
        let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        let open = self.attempts.values().filter(|attempt| attempt.row == row.id && !attempt.ended).count();
        Handoff {
            row: row.id,
            id: row.handoff.as_str().to_owned(),
            dossier: row.dossier,
            account: row.account.as_str().to_owned(),
            kind: row.kind,
            leg: row.leg,
            number: row.number.as_ref().map(|number| number.as_str().to_owned()),
            status: row.status.map(Status::code),
            place: row.place,
            state: row.state.to_owned(),
            alone: row.alone,
            maybe_doubled: row.maybe_doubled,
            attempts: row.attempts,
            failures: row.failures,
            counted_attempts: row.counted_attempts,
            counted_age: row.counted_age,
            due_at: row.due_at.as_millisecond(),
            ready_at: millis(row.ready_at),
            uncertain_since: millis(row.uncertain_since),
            absent_looks: row.absent_looks,
            code: row.code.clone(),
            field: row.field.clone(),
            dead_at: millis(row.dead_at),
            inbox: row.inbox,
            open_attempts: u32::try_from(open).expect("a handful"),
        }
    }
}
