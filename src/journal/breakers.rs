//! Breakers as the journal keeps them: what a claim may take, what a call that ended says, and probes.
//!
//! Deciding is the core's ([`Breaker`]); here it is read and written in the transaction of the claim or settlement it
//! belongs to. An operation of which nothing bad is known has no row. Look-ups and the feed have no breaker: they are
//! harmless reads, spaced by their own schedules.

use super::rows::HandoffRow;
use super::settle::Settling;
use super::turns::Queue;
use super::{Answered, Error, Journal, Surroundings, accounts};
use jiff::Timestamp;
use lienthong_core::breaker::{Breaker, BreakerRules, Change, Observed, Room, Sign};
use lienthong_core::handoff::{Handoff, HandoffKind, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::turns::Class;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// A safe call that is to show whether an account works again.
#[derive(Debug)]
pub struct Probe {
    /// Through which account.
    pub account: AccountName,
    /// The operations that wait for it.
    pub(super) kinds: Vec<HandoffKind>,
}

/// How an operation stands.
#[derive(Clone, Debug)]
pub struct OperationStanding {
    /// Through which account.
    pub account: AccountName,
    /// Which.
    pub kind: HandoffKind,
    /// Whether its breaker is not closed.
    pub away: bool,
}

/// More room than any breaker gives that tries a partner carefully.
const FREE: usize = usize::MAX / 2;

/// What a claim may take of an account, by operation.
pub(super) struct Rooms {
    rooms: Vec<(HandoffKind, usize)>,
    /// Operations whose probe is due.
    due: Vec<(HandoffKind, Breaker)>,
    /// When the next probe is due.
    pub(super) next_probe: Option<Timestamp>,
}

impl Rooms {
    /// Looks at all operations of an account.
    pub(super) fn of(
        tx: &Connection,
        account: &AccountName,
        partner: Partner,
        rules: &BreakerRules,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let mut rooms = Self { rooms: Vec::new(), due: Vec::new(), next_probe: None };
        for (kind, breaker) in of_account(tx, account, partner)? {
            let room = match breaker.room(now, rules) {
                Room::Free => usize::MAX,
                Room::Permits(permits) => usize::try_from(permits)
                    .unwrap_or(usize::MAX)
                    .saturating_sub(under_way(tx, account, kind)?),
                Room::Probe => {
                    rooms.due.push((kind, breaker));
                    0
                }
                Room::Not(until) => {
                    rooms.next_probe = [rooms.next_probe, Some(until)].into_iter().flatten().min();
                    0
                }
            };
            rooms.rooms.push((kind, room));
        }
        Ok(rooms)
    }

    /// Whether something of this queue may begin: questions always, attempts while their operation has room.
    pub(super) fn may_go(&self, queue: &Queue) -> bool {
        queue.class == Class::Question || self.rooms.iter().any(|(of, room)| *of == queue.kind && *room > 0)
    }

    /// Whether something of this queue may be claimed and wait for room: a first attempt whose repetition harms nobody, of an
    /// operation of which nothing bad is known.
    pub(super) fn may_wait(&self, queue: &Queue) -> bool {
        let harmless = match queue.kind {
            HandoffKind::PortalRecord | HandoffKind::PortalProgress | HandoffKind::CommuneEvent => true,
            HandoffKind::PortalStatus | HandoffKind::PostOrder | HandoffKind::PostCancel => false,
        };
        let free = self.rooms.iter().any(|(of, room)| *of == queue.kind && *room > FREE);
        harmless && free && queue.class == Class::Live
    }

    /// An attempt of this operation has begun.
    pub(super) fn take(&mut self, kind: HandoffKind) {
        for (_, room) in self.rooms.iter_mut().filter(|(of, _)| *of == kind) {
            *room = room.saturating_sub(1);
        }
    }

    /// Begins the probe of the operations for which it is due; there is one for all of them.
    pub(super) fn probe(
        &mut self,
        tx: &Connection,
        account: &AccountName,
        rules: &BreakerRules,
        now: Timestamp,
    ) -> Result<Option<Probe>, Error> {
        let mut kinds = Vec::new();
        for (kind, mut breaker) in std::mem::take(&mut self.due) {
            breaker.begin_probe(now, rules);
            store(tx, account, kind, &breaker)?;
            kinds.push(kind);
        }
        Ok((!kinds.is_empty()).then(|| Probe { account: account.clone(), kinds }))
    }
}

impl Journal {
    /// Settles a probe.
    ///
    /// # Errors
    /// When the store fails; another probe is due after the first wait then.
    pub async fn settle_probe(&self, probe: Probe, outcome: Outcome, now: Timestamp) -> Result<(), Error> {
        let around = Arc::clone(&self.around);
        self.writer
            .write(move |tx| {
                let rules = rules(&around, &probe.account);
                for &kind in &probe.kinds {
                    let mut breaker = breaker(tx, &probe.account, kind)?;
                    breaker.end_probe(&outcome, now, &rules);
                    store(tx, &probe.account, kind, &breaker)?;
                }
                accounts::note_refused_call(tx, &around, &probe.account, &outcome, now)
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }
}

impl Settling<'_> {
    /// Takes in what a call says about its operation. Comes before the handoffs are judged: the outage clock rests on it.
    pub(super) fn note_on_breaker(&self, handoff: &Handoff, answered: &Answered) -> Result<(), Error> {
        let (account, kind) = (&handoff.account, handoff.kind());
        let Some(configured) = self.around.partners.get(account) else { return Ok(()) };
        let before = breaker(self.tx, account, kind)?;
        let mut breaker = before.clone();
        let call = Observed {
            sign: Sign::of(&answered.sent.outcome),
            started_at: answered.call.started_at,
            ended_at: self.now,
            concurrency: u32::try_from(configured.concurrency).unwrap_or(u32::MAX),
        };
        let change = breaker.observe(&call, &configured.breaker);
        if breaker != before {
            store(self.tx, account, kind, &breaker)?;
        }
        let operation = kind.name();
        match change {
            Some(Change::Opened) => {
                let reason = &answered.sent.outcome.reason().code;
                tracing::warn!(account = %account, operation, reason = %reason, "a partner does not answer, its operation is left alone");
            }
            Some(Change::Closed) => {
                tracing::info!(account = %account, operation, "a partner answers again, its operation goes on");
            }
            None => {}
        }
        Ok(())
    }

    /// Whether the partner was up since the handoff's attempt before, for this operation.
    pub(super) fn partner_was_up(&self, row: &HandoffRow) -> Result<bool, Error> {
        let since = row.last_attempt_at.unwrap_or(row.planned_at);
        Ok(breaker(self.tx, &row.account, row.kind)?.was_up_since(since))
    }
}

/// How all operations of an account stand.
pub(super) fn standing(
    tx: &Connection,
    account: &AccountName,
    partner: Partner,
) -> Result<Vec<OperationStanding>, Error> {
    let operations = of_account(tx, account, partner)?.into_iter();
    let standing = |(kind, breaker): (HandoffKind, Breaker)| OperationStanding {
        account: account.clone(),
        kind,
        away: !breaker.is_closed(),
    };
    Ok(operations.map(standing).collect())
}

/// Makes the probes of an account, or of all accounts of a partner, due now; says how many were waiting.
pub(super) fn hurry(tx: &Connection, scope: &str, now: Timestamp) -> Result<usize, Error> {
    let mut hurried = 0;
    for (account, kind, mut breaker) in all(tx)? {
        if (account.as_str() == scope || kind.partner().name() == scope) && !breaker.is_closed() {
            breaker.hurry(now);
            store(tx, &account, kind, &breaker)?;
            hurried += 1;
        }
    }
    Ok(hurried)
}

/// All breakers that have ever seen a failure.
pub(super) fn all(connection: &Connection) -> Result<Vec<(AccountName, HandoffKind, Breaker)>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT account, operation, state FROM breaker ORDER BY account, operation")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    let mut breakers = Vec::new();
    for row in rows {
        let (account, operation, state) = row?;
        let Some(kind) = HandoffKind::from_name(&operation) else { continue };
        breakers.push((AccountName::new(account), kind, read(&state)?));
    }
    Ok(breakers)
}

fn rules(around: &Surroundings, account: &AccountName) -> BreakerRules {
    around.partners.get(account).map(|account| account.breaker.clone()).unwrap_or_default()
}

fn breaker(tx: &Connection, account: &AccountName, kind: HandoffKind) -> Result<Breaker, Error> {
    let state: Option<String> = tx
        .prepare_cached("SELECT state FROM breaker WHERE account = ?1 AND operation = ?2")?
        .query_row(params![account.as_str(), kind.name()], |row| row.get(0))
        .optional()?;
    state.map_or_else(|| Ok(Breaker::default()), |state| read(&state))
}

/// The breakers of all operations of an account.
fn of_account(
    tx: &Connection,
    account: &AccountName,
    partner: Partner,
) -> Result<Vec<(HandoffKind, Breaker)>, Error> {
    let kinds = HandoffKind::ALL.into_iter().filter(|kind| kind.partner() == partner);
    let mut breakers: Vec<_> = kinds.map(|kind| (kind, Breaker::default())).collect();
    let mut statement = tx.prepare_cached("SELECT operation, state FROM breaker WHERE account = ?1")?;
    let rows = statement
        .query_map([account.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    for row in rows {
        let (operation, state) = row?;
        if let Some((_, breaker)) = breakers.iter_mut().find(|(kind, _)| kind.name() == operation) {
            *breaker = read(&state)?;
        }
    }
    Ok(breakers)
}

fn read(state: &str) -> Result<Breaker, Error> {
    serde_json::from_str(state).map_err(|source| Error::Unreadable { what: "a breaker", source })
}

fn store(tx: &Connection, account: &AccountName, kind: HandoffKind, breaker: &Breaker) -> Result<(), Error> {
    let state =
        serde_json::to_string(breaker).map_err(|source| Error::Unreadable { what: "a breaker", source })?;
    tx.prepare_cached(
        "INSERT INTO breaker (account, operation, state) VALUES (?1, ?2, ?3)
         ON CONFLICT (account, operation) DO UPDATE SET state = ?3",
    )?
    .execute(params![account.as_str(), kind.name(), state])?;
    Ok(())
}

/// Calls of an operation that are under way.
fn under_way(tx: &Connection, account: &AccountName, kind: HandoffKind) -> Result<usize, Error> {
    let calls: u32 = tx
        .prepare_cached(
            "SELECT count(DISTINCT attempt.call) FROM handoff INDEXED BY handoff_state
             JOIN attempt ON attempt.handoff = handoff.id AND attempt.ended_at IS NULL
             WHERE handoff.state = 'sending' AND handoff.ended_at IS NULL AND handoff.account = ?1 AND handoff.kind = ?2",
        )?
        .query_row(params![account.as_str(), kind.name()], |row| row.get(0))?;
    Ok(usize::try_from(calls).unwrap_or(usize::MAX))
}
