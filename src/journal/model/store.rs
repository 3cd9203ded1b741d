//! What a journal is to this test: the same calls as the daemon's, and what stands after each.
//!
//! Two stores answer to it: the journal itself ([`super::disk`]) and a model in memory ([`super::memory`]).

use crate::intake::{AdmittedCounts, Arrival};
use crate::journal::{Answered, Call, FeedProgress, FeedReading, Probe, Question, Want, Work};
use jiff::Timestamp;
use lienthong_core::handoff::{HandoffKind, Leg, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::LookUp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The commit failed: nothing of it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed;

/// What a call tells.
pub(super) type Told<T> = Result<T, Failed>;

/// An operator's act.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Pause { scope: String, until: Option<Timestamp> },
    Resume { scope: String },
    Replay { id: String, not_there: bool },
    Dismiss { id: String },
    Skip { id: String, not_there: bool },
    Resolve { id: String },
    PauseLane { dossier: i64, partner: Partner, until: Option<Timestamp> },
    ReleaseLane { dossier: i64, partner: Partner },
}

/// A journal as the dispatcher, the intake, the tracker and the operator use it.
pub(super) trait Store {
    fn admit(&mut self, batch: &[Arrival]) -> Told<AdmittedCounts>;
    /// `heads` are those whose turn it is, for a store that does not take turns by itself.
    fn claim(&mut self, wants: &[Want], heads: &[i64], now: Timestamp) -> Told<Vec<(AccountName, Work)>>;
    fn hand_back(&mut self, call: &Call) -> Told<()>;
    fn settle(&mut self, answered: &Arc<Answered>) -> Told<()>;
    fn settle_look_up(&mut self, question: &Question, answer: &LookUp, now: Timestamp, draw: f64)
    -> Told<()>;
    fn settle_probe(&mut self, probe: &Probe, outcome: &Outcome, now: Timestamp) -> Told<()>;
    fn track(&mut self, reading: &FeedReading, draw: f64) -> Told<FeedProgress>;
    fn cursor(&mut self, account: &AccountName) -> Option<String>;
    fn release_gaps(&mut self, now: Timestamp) -> Told<()>;
    fn recover(&mut self, now: Timestamp, draw: f64) -> Told<usize>;
    /// What it answered, in a word.
    fn act(&mut self, act: &Act, now: Timestamp) -> String;
    /// The process dies, and another opens what it left.
    fn die(&mut self);
    /// The n-th commit from now fails.
    fn refuse_commit(&mut self, n: u32);
    fn stands(&mut self) -> Stands;
}

/// Everything that stands and matters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stands {
    pub(super) handoffs: Vec<Handoff>,
    pub(super) inbox: Vec<Received>,
    /// Code of each message that was set aside.
    pub(super) quarantine: Vec<String>,
    pub(super) accounts: BTreeMap<String, AccountStands>,
    pub(super) pauses: BTreeMap<String, Option<i64>>,
    /// Operations that are left alone or carefully tried, by account and kind.
    pub(super) breakers: BTreeMap<(String, String), BreakerStands>,
    /// Until when lanes are paused, by dossier and partner.
    pub(super) lane_pauses: BTreeMap<(i64, String), Option<i64>>,
    pub(super) dossiers: BTreeMap<i64, String>,
    /// Newest state of each number in the feed.
    pub(super) tracking: BTreeMap<String, String>,
    /// How far the cash of an order got.
    pub(super) cash: BTreeMap<String, String>,
    /// Codes of flags, by dossier.
    pub(super) flags: Vec<(i64, String)>,
}

impl Stands {
    /// How the handoff's operation stands; `None` when nothing is against it.
    pub(super) fn breaker(&self, handoff: &Handoff) -> Option<BreakerStands> {
        self.breakers.get(&(handoff.account.clone(), handoff.kind.name().to_owned())).copied()
    }

    /// When something can happen to the handoff: a question is held by no breaker.
    pub(super) fn soonest(&self, handoff: &Handoff) -> Option<i64> {
        let ready = handoff.ready_at?;
        match self.breaker(handoff) {
            Some(BreakerStands::Open(until)) if !handoff.is("uncertain") => Some(ready.max(until)),
            Some(BreakerStands::Open(_) | BreakerStands::Trying(_)) | None => Some(ready),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AccountStands {
    pub(super) blocked: Option<String>,
    pub(super) not_before: Option<i64>,
    pub(super) last_success: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum BreakerStands {
    /// Nothing goes, and no probe before this time.
    Open(i64),
    /// So many go at once.
    Trying(u64),
}

/// An event in the inbox.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Received {
    pub(super) id: i64,
    pub(super) event: String,
    pub(super) dossier: i64,
    pub(super) state: String,
    pub(super) plan_at: Option<i64>,
}

/// A handoff, as it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Handoff {
    pub(super) row: i64,
    pub(super) id: String,
    pub(super) dossier: i64,
    pub(super) account: String,
    pub(super) kind: HandoffKind,
    pub(super) leg: Option<Leg>,
    pub(super) number: Option<String>,
    pub(super) status: Option<u8>,
    pub(super) place: i64,
    pub(super) state: String,
    pub(super) alone: bool,
    pub(super) maybe_doubled: bool,
    pub(super) attempts: u32,
    pub(super) failures: u32,
    pub(super) counted_attempts: u32,
    pub(super) counted_age: i64,
    pub(super) due_at: i64,
    pub(super) ready_at: Option<i64>,
    pub(super) uncertain_since: Option<i64>,
    pub(super) absent_looks: u32,
    pub(super) code: Option<String>,
    pub(super) field: Option<String>,
    pub(super) dead_at: Option<i64>,
    pub(super) inbox: Option<i64>,
    pub(super) open_attempts: u32,
}

impl Handoff {
    pub(super) fn partner(&self) -> Partner {
        self.kind.partner()
    }

    pub(super) fn is(&self, state: &str) -> bool {
        self.state == state
    }

    pub(super) fn is_open(&self) -> bool {
        ["waiting", "sending", "uncertain", "dead", "held"].contains(&self.state.as_str())
    }
}

impl Stands {
    pub(super) fn handoff(&self, id: &str) -> Option<&Handoff> {
        self.handoffs.iter().find(|handoff| handoff.id == id)
    }

    /// A lane, in its order.
    pub(super) fn lane(&self, dossier: i64, partner: Partner) -> Vec<&Handoff> {
        let of_it = |handoff: &&Handoff| handoff.dossier == dossier && handoff.partner() == partner;
        let mut lane: Vec<_> = self.handoffs.iter().filter(of_it).collect();
        lane.sort_by_key(|handoff| (handoff.place, handoff.row));
        lane
    }
}
