//! Claims: the write-ahead attempt.
//!
//! A claim commits an open attempt for each handoff *before* the first byte leaves. A process that dies afterwards
//! leaves an open attempt, which counts as made (`recover`).

use super::apart::apart;
use super::breakers::{Probe, Rooms};
use super::rows::{self, HandoffRow};
use super::settle::Settling;
use super::traced;
use super::turns::{self, Queue};
use super::waybills::{self, Provided};
use super::{Error, Journal, Surroundings, Transition, accounts, lanes, millis, quota};
use crate::telemetry::traces::{self, Traced};
use jiff::Timestamp;
use lienthong_core::handoff::{Handoff, HandoffKind, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::lane;
use lienthong_core::next::Next;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use lienthong_core::plan::Stage;
use lienthong_core::schedule::later;
use lienthong_core::status::Status;
use lienthong_core::tables::Mode;
use lienthong_core::turns::{Class, Turns};
use rusqlite::{Connection, params};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// When a handoff of an agency that is only observed is looked at again: a change of mode needs a restart.
const OBSERVED_LOOK: Duration = Duration::from_secs(600);

/// When a question whose answer was never settled is asked again: longer than any call's deadline.
const QUESTION_LOOK: Duration = Duration::from_secs(180);

/// What an account could take on now.
#[derive(Clone, Debug)]
pub struct Want {
    /// Which account.
    pub account: AccountName,
    /// Whose it is.
    pub partner: Partner,
    /// Calls at most that begin at once.
    pub calls: usize,
    /// Calls at most that are claimed beyond these and wait for room, so that a commit serves more of them. Each is made,
    /// or handed back ([`Journal::hand_back`]).
    pub ahead: usize,
    /// Progress rows that travel in one call.
    pub rows_per_call: usize,
}

/// Work claimed for an account.
#[derive(Debug)]
pub enum Work {
    /// Make an attempt.
    Send(Call),
    /// Ask the partner about an uncertain handoff.
    Ask(Box<Question>),
    /// See whether the account works again.
    Probe(Probe),
}

/// One call: a handoff, or several progress rows of one dossier.
#[derive(Debug)]
pub struct Call {
    /// What to send, in order.
    pub handoffs: Vec<Handoff>,
    /// The open attempts, in the same order: (handoff row, attempt row).
    pub(super) attempts: Vec<(i64, i64)>,
    /// Attempts made with the first handoff, this one included.
    pub attempt: u32,
    /// Trace context of the event behind it.
    pub trace: Option<String>,
    /// What traces need to know of each handoff; empty where none are exported.
    pub(crate) traced: Vec<Traced>,
    /// When the attempt was committed; of one that waited for room, when it began.
    pub started_at: Timestamp,
}

#[cfg(feature = "crash-points")]
impl Call {
    /// What it carries, for crash points.
    pub(crate) fn name(&self) -> String {
        crate::proof::crash::name_of(&self.handoffs)
    }
}

/// An uncertain handoff to ask about.
#[derive(Debug)]
pub struct Question {
    /// Which.
    pub handoff: Handoff,
    pub(super) row: i64,
}

/// What a claim found.
#[derive(Debug, Default)]
pub struct Claimed {
    /// Work by account.
    pub work: Vec<(AccountName, Work)>,
    /// When the next handoff of an open account is due, at the latest scan.
    pub next_due: Option<Timestamp>,
    /// What became of handoffs that could not be claimed.
    transitions: Vec<Transition>,
}

impl Journal {
    /// Claims work for accounts that have room. Accounts that are paused or blocked get none.
    ///
    /// # Errors
    /// When the store fails; nothing is claimed then.
    pub async fn claim(&self, wants: Vec<Want>, now: Timestamp) -> Result<Claimed, Error> {
        let live: Vec<_> = wants.into_iter().filter(|want| self.is_live(&want.account, now)).collect();
        let (around, turns) = (Arc::clone(&self.around), Arc::clone(&self.turns));
        let claimed = self
            .writer
            .write_last(move |tx| {
                let mut claimed = Claimed::default();
                // A panic elsewhere leaves turns that are unfair at worst.
                let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
                for want in &live {
                    if accounts::closed(tx, &around, &want.account, want.partner, now)?.is_none() {
                        let turns = turns.entry(want.account.clone()).or_default();
                        claim_account(tx, &around, turns, want, now, &mut claimed)?;
                    }
                }
                Ok(claimed)
            })
            .await?;
        super::log::transitions(&claimed.transitions);
        Ok(claimed)
    }
}

fn claim_account(
    tx: &Connection,
    around: &Surroundings,
    turns: &mut Turns,
    want: &Want,
    now: Timestamp,
    claimed: &mut Claimed,
) -> Result<(), Error> {
    let Some(account) = around.partners.get(&want.account) else { return Ok(()) };
    let begun = claimed.work.len();
    let (mut calls, mut ahead) = (want.calls, want.ahead);
    if let Some(limit) = account.quota_per_day {
        calls = calls.min(usize::try_from(quota::left(tx, &account.name, limit, now)?).unwrap_or(0));
        ahead = 0;
    }
    let mut rooms = Rooms::of(tx, &account.name, want.partner, &account.breaker, now)?;
    if calls > 0
        && let Some(probe) = rooms.probe(tx, &account.name, &account.breaker, now)?
    {
        claimed.work.push((want.account.clone(), Work::Probe(probe)));
        calls -= 1;
    }
    let mut queues = turns::queues(tx, &want.account)?;
    for n in 0..calls + ahead {
        let waits = n >= calls;
        let may_go = |queue: &Queue| if waits { rooms.may_wait(queue) } else { rooms.may_go(queue) };
        let due = queues.iter_mut().filter(|queue| may_go(queue));
        let due: Vec<(&mut Queue, i64)> =
            due.filter_map(|queue| queue.due(now).map(|id| (queue, id))).collect();
        let waiting: Vec<(Class, &str)> =
            due.iter().map(|(queue, _)| (queue.class, queue.agency.as_str())).collect();
        let Some((queue, id)) = turns.pick(&waiting).and_then(|index| due.into_iter().nth(index)) else {
            break;
        };
        match try_claim(tx, around, id, want, waits, now)? {
            Ok(Some(work)) => {
                if let Work::Send(_) = work {
                    rooms.take(queue.kind);
                }
                claimed.work.push((want.account.clone(), work));
            }
            Ok(None) if waits => break,
            Ok(None) => {}
            Err(damage) => claimed.transitions.extend(set_aside(tx, around, id, &damage, now)?),
        }
        queue.advance(tx, &want.account)?;
    }
    if let Some(limit) = account.quota_per_day {
        quota::count(tx, &account.name, limit, claimed.work.len() - begun, now)?;
    }
    // What waits for room is found when a call ends.
    let ready = queues.iter().filter(|queue| rooms.may_go(queue)).filter_map(|queue| queue.head);
    let next = ready.map(|(_, ready_at)| ready_at).chain(rooms.next_probe).min();
    claimed.next_due = [claimed.next_due, next].into_iter().flatten().min();
    Ok(())
}

/// Claims one handoff; when it cannot be read, nothing of its claim stands.
fn try_claim(
    tx: &Connection,
    around: &Surroundings,
    id: i64,
    want: &Want,
    waits: bool,
    now: Timestamp,
) -> Result<Result<Option<Work>, Error>, Error> {
    match apart(tx, "claiming a handoff", || claim_one(tx, around, id, want, waits, now)) {
        Err(error) if error.is_of_the_store() => Err(error),
        claimed => Ok(claimed),
    }
}

/// Makes a handoff that cannot be read a dead letter: its lane and the others go on.
fn set_aside(
    tx: &Connection,
    around: &Surroundings,
    id: i64,
    damage: &Error,
    now: Timestamp,
) -> Result<Vec<Transition>, Error> {
    tracing::error!(row = id, error = damage.told(), "a handoff cannot be read and is a dead letter");
    let because = |code| Reason::new(ReasonCode::known(code));
    match rows::handoff_row(tx, id) {
        Ok(row) => {
            // What may have been taken is never set right by a later event.
            let in_doubt = row.stage() == Some(Stage::Uncertain);
            let code = if in_doubt { gateway::UNCERTAIN } else { gateway::UNPLANNABLE };
            // It is not sent again, so chance has no part in it.
            Settling { tx, around, now, draw: 0.5 }.become_what(&row, &Next::Dead(because(code)))
        }
        Err(error) if error.is_of_the_store() => Err(error),
        Err(_damaged) => rows::bury(tx, id, &because(gateway::UNPLANNABLE), now).map(|()| Vec::new()),
    }
}

fn claim_one(
    tx: &Connection,
    around: &Surroundings,
    id: i64,
    want: &Want,
    waits: bool,
    now: Timestamp,
) -> Result<Option<Work>, Error> {
    let head = rows::handoff_row(tx, id)?;
    if waits && head.row_status == Some(Status::SupplementAsked) {
        // A claim counts as an attempt when the process dies, and such a row that was attempted is a matter for a person.
        return Ok(None);
    }
    let Some((mut handoff, trace)) = head.traced(tx)? else {
        rows::bury(tx, id, &Reason::new(ReasonCode::known(gateway::ERASED)), now)?;
        lanes::refresh(tx, head.dossier, &around.tables)?;
        return Ok(None);
    };
    let mode = around.tables.agency(&handoff.agency).map(|agency| agency.mode);
    if mode == Some(Mode::Observe) {
        look_again(tx, id, later(now, OBSERVED_LOOK))?;
        return Ok(None);
    }
    if head.stage() == Some(Stage::Uncertain) {
        // Asked again by itself if the answer is never settled.
        look_again(tx, id, later(now, QUESTION_LOOK))?;
        crash_point!("claim.before_commit", "question");
        return Ok(Some(Work::Ask(Box::new(Question { handoff, row: id }))));
    }
    match waybills::provide(tx, around, &head, now)? {
        Provided::NotNeeded => {}
        Provided::With(waybill) => handoff.receipt.waybill = Some(waybill),
        Provided::Waits => return Ok(None),
    }
    let mut members = vec![(head.clone(), handoff)];
    if head.kind == HandoffKind::PortalProgress {
        for row in companions(tx, &head, want.rows_per_call, now)? {
            match row.handoff(tx) {
                Ok(Some(handoff)) => members.push((row, handoff)),
                Err(error) if error.is_of_the_store() => return Err(error),
                // Erased or damaged, it is set aside when its own turn comes, and until then nothing passes it.
                Ok(None) | Err(_) => break,
            }
        }
    }
    let call = open_attempts(tx, members, trace, now)?;
    crash_point!("claim.before_commit", &call.name());
    Ok(Some(Work::Send(call)))
}

fn look_again(tx: &Connection, id: i64, at: Timestamp) -> Result<(), Error> {
    tx.prepare_cached("UPDATE handoff SET ready_at = ?2 WHERE id = ?1")?.execute(params![id, millis(at)])?;
    Ok(())
}

fn companions(
    tx: &Connection,
    head: &HandoffRow,
    most: usize,
    now: Timestamp,
) -> Result<Vec<HandoffRow>, Error> {
    let lane: Vec<_> = rows::open_rows(tx, head.dossier)?
        .into_iter()
        .filter(|row| row.kind.partner() == Partner::Portal)
        .collect();
    let entries: Vec<_> = lane.iter().filter_map(HandoffRow::entry).collect();
    let Some(index) = lane.iter().position(|row| row.id == head.id) else { return Ok(Vec::new()) };
    let chosen = lane::companions(&entries, index, most, now);
    let travels = |(index, row): &(usize, HandoffRow)| chosen.contains(index) && row.account == head.account;
    // A row of another account in between ends the call: nothing passes it.
    Ok(lane.into_iter().enumerate().skip(index + 1).take_while(travels).map(|(_, row)| row).collect())
}

fn open_attempts(
    tx: &Connection,
    members: Vec<(HandoffRow, Handoff)>,
    trace: Option<String>,
    now: Timestamp,
) -> Result<Call, Error> {
    let attempt = members.first().map_or(1, |(row, _)| row.attempts + 1);
    let mut call = Call {
        handoffs: Vec::with_capacity(members.len()),
        attempts: Vec::new(),
        attempt,
        trace,
        traced: Vec::new(),
        started_at: now,
    };
    let mut call_id = None;
    for (row, handoff) in members {
        if traces::is_on() {
            call.traced.push(traced::of(tx, &row)?);
        }
        tx.prepare_cached(
            "UPDATE handoff SET state = 'sending', ready_at = NULL, attempts = attempts + 1 WHERE id = ?1",
        )?
        .execute([row.id])?;
        // The call bears the number of its first attempt, which is the next one.
        tx.prepare_cached(
            "INSERT INTO attempt (handoff, call, n, started_at)
             VALUES (?1, coalesce(?2, (SELECT ifnull(max(id), 0) + 1 FROM attempt)), ?3, ?4)",
        )?
        .execute(params![row.id, call_id, row.attempts + 1, millis(now)])?;
        let attempt = tx.last_insert_rowid();
        call_id = call_id.or(Some(attempt));
        call.attempts.push((row.id, attempt));
        call.handoffs.push(handoff);
    }
    Ok(call)
}
