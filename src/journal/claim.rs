//! Claims: the write-ahead attempt.
//!
//! A claim commits an open attempt for each handoff *before* the first byte leaves. A process that dies afterwards
//! leaves an open attempt, which counts as made (`recover`).

use super::rows::{self, HandoffRow};
use super::{Error, Journal, accounts, millis, timestamp};
use jiff::Timestamp;
use lienthong_core::handoff::{Handoff, HandoffKind, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::lane;
use lienthong_core::plan::Stage;
use rusqlite::{Connection, OptionalExtension, params};

/// What an account could take on now.
#[derive(Clone, Debug)]
pub struct Want {
    /// Which account.
    pub account: AccountName,
    /// Whose it is.
    pub partner: Partner,
    /// Calls at most.
    pub calls: usize,
    /// Progress rows that travel in one call.
    pub rows_per_call: usize,
}

/// Work claimed for an account.
#[derive(Debug)]
pub enum Work {
    /// Make an attempt.
    Send(Call),
    /// Ask the partner about an uncertain handoff.
    Ask(Question),
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
    /// When the attempt was committed.
    pub started_at: Timestamp,
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
}

impl Journal {
    /// Claims work for accounts that have room. Accounts that are paused or blocked get none.
    ///
    /// # Errors
    /// When the store fails; nothing is claimed then.
    pub async fn claim(&self, wants: Vec<Want>, now: Timestamp) -> Result<Claimed, Error> {
        self.writer
            .write(move |tx| {
                let mut claimed = Claimed::default();
                for want in &wants {
                    if accounts::is_open(tx, &want.account, want.partner, now)? {
                        claim_account(tx, want, now, &mut claimed)?;
                    }
                }
                Ok(claimed)
            })
            .await
    }
}

fn claim_account(tx: &Connection, want: &Want, now: Timestamp, claimed: &mut Claimed) -> Result<(), Error> {
    let most = i64::try_from(want.calls).unwrap_or(i64::MAX);
    let ready: Vec<i64> = tx
        .prepare_cached(
            "SELECT id FROM handoff WHERE account = ?1 AND ready_at <= ?2 ORDER BY ready_at LIMIT ?3",
        )?
        .query_map(params![want.account.as_str(), millis(now), most], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in ready {
        if let Some(work) = claim_one(tx, id, want, now)? {
            claimed.work.push((want.account.clone(), work));
        }
    }
    let next: Option<i64> = tx
        .prepare_cached("SELECT min(ready_at) FROM handoff WHERE account = ?1 AND ready_at IS NOT NULL")?
        .query_row([want.account.as_str()], |row| row.get(0))?;
    claimed.next_due = [claimed.next_due, next.map(timestamp)].into_iter().flatten().min();
    Ok(())
}

fn claim_one(tx: &Connection, id: i64, want: &Want, now: Timestamp) -> Result<Option<Work>, Error> {
    let head = rows::handoff_row(tx, id)?;
    let Some(handoff) = head.handoff(tx)? else {
        rows::bury(tx, id, &erased(), now)?;
        return Ok(None);
    };
    if head.stage() == Some(Stage::Uncertain) {
        tx.prepare_cached("UPDATE handoff SET ready_at = NULL WHERE id = ?1")?.execute([id])?;
        return Ok(Some(Work::Ask(Question { handoff, row: id })));
    }
    let mut members = vec![(head.clone(), handoff)];
    if head.kind == HandoffKind::PortalProgress {
        for row in companions(tx, &head, want.rows_per_call, now)? {
            if let Some(handoff) = row.handoff(tx)? {
                members.push((row, handoff));
            }
        }
    }
    open_attempts(tx, members, now).map(|call| Some(Work::Send(call)))
}

fn companions(
    tx: &Connection,
    head: &HandoffRow,
    most: usize,
    now: Timestamp,
) -> Result<Vec<HandoffRow>, Error> {
    let lane: Vec<_> = rows::open_rows(tx, head.dossier)?
        .into_iter()
        .filter(|row| row.kind.partner() == Partner::Portal && row.account == head.account)
        .collect();
    let entries: Vec<_> = lane.iter().filter_map(HandoffRow::entry).collect();
    let Some(index) = lane.iter().position(|row| row.id == head.id) else { return Ok(Vec::new()) };
    let chosen = lane::companions(&entries, index, most, now);
    Ok(lane.into_iter().enumerate().filter(|(index, _)| chosen.contains(index)).map(|(_, row)| row).collect())
}

fn open_attempts(
    tx: &Connection,
    members: Vec<(HandoffRow, Handoff)>,
    now: Timestamp,
) -> Result<Call, Error> {
    let trace = trace_of(tx, members.first().and_then(|(row, _)| row.inbox))?;
    let attempt = members.first().map_or(1, |(row, _)| row.attempts + 1);
    let mut call = Call {
        handoffs: Vec::with_capacity(members.len()),
        attempts: Vec::new(),
        attempt,
        trace,
        started_at: now,
    };
    let mut call_id = None;
    for (row, handoff) in members {
        tx.prepare_cached(
            "UPDATE handoff SET state = 'sending', ready_at = NULL, attempts = attempts + 1 WHERE id = ?1",
        )?
        .execute([row.id])?;
        tx.prepare_cached("INSERT INTO attempt (handoff, call, n, started_at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![row.id, call_id.unwrap_or(0), row.attempts + 1, millis(now)])?;
        let attempt = tx.last_insert_rowid();
        call_id = call_id.or(Some(attempt));
        call.attempts.push((row.id, attempt));
        call.handoffs.push(handoff);
    }
    if let [(_, first), ..] = call.attempts.as_slice() {
        tx.prepare_cached("UPDATE attempt SET call = id WHERE id = ?1")?.execute([first])?;
    }
    Ok(call)
}

fn trace_of(tx: &Connection, inbox: Option<i64>) -> Result<Option<String>, Error> {
    let Some(inbox) = inbox else { return Ok(None) };
    Ok(tx
        .prepare_cached("SELECT trace FROM inbox WHERE id = ?1")?
        .query_row([inbox], |row| row.get(0))
        .optional()?
        .flatten())
}

fn erased() -> lienthong_core::outcome::Reason {
    use lienthong_core::outcome::{Reason, ReasonCode, gateway};
    Reason::new(ReasonCode::known(gateway::ERASED))
}
