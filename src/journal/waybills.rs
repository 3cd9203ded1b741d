//! The pool of waybills: bound to an order in the transaction of its first claim, kept with it, given back only when
//! provably unused. What may become of a waybill the core decides (`waybill`).
//!
//! Crash windows: binding and open attempt are one commit, so a process that dies behind it leaves an attempt that counts
//! as made and an order that has its waybill; the next attempt carries the same. A process that dies before it has bound
//! nothing. Giving back is one commit with the end of the order.

use super::rows::HandoffRow;
use super::settle::Settling;
use super::{Error, Surroundings, Transition, lanes, millis};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::HandoffKind;
use lienthong_core::ids::{AccountName, OrderNumber};
use lienthong_core::next::Next;
use lienthong_core::outcome::{Outcome, Reason, ReasonCode, gateway};
use lienthong_core::port::{PoolRules, Waybills};
use lienthong_core::waybill::{self, AfterUnusable, Trial};
use rusqlite::{Connection, OptionalExtension, params};

/// When an order that found the pool empty looks again. An import and a waybill that comes back wake it before.
const LOOK: SignedDuration = SignedDuration::from_mins(10);

/// Free waybills counted at most: the metric shows no more.
pub(super) const MOST_COUNTED: u32 = 1_000_000;

/// The rules of the account's pool; `None` where its orders are told no waybill.
pub(super) fn rules(around: &Surroundings, account: &AccountName) -> Option<PoolRules> {
    match around.partners.get(account)?.port.abilities().waybills {
        Waybills::Pool(rules) => Some(rules),
        Waybills::Partner => None,
    }
}

/// What a claim finds out about an order's waybill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Provided {
    /// It needs none.
    NotNeeded,
    /// It has this one.
    With(String),
    /// The pool is empty: the order waits, no attempt made.
    Waits,
}

/// Sees to it that a handoff that is about to be sent has its waybill.
pub(super) fn provide(
    tx: &Connection,
    around: &Surroundings,
    row: &HandoffRow,
    now: Timestamp,
) -> Result<Provided, Error> {
    let (HandoffKind::PostOrder, Some(number)) = (row.kind, &row.number) else {
        return Ok(Provided::NotNeeded);
    };
    if rules(around, &row.account).is_none() {
        return Ok(Provided::NotNeeded);
    }
    let waits = row.reason.as_ref().is_some_and(|reason| reason.code.as_str() == gateway::NO_WAYBILL);
    let has = match bound(tx, &row.account, number)? {
        None => bind(tx, &row.account, number, now)?,
        has => has,
    };
    let Some(waybill) = has else {
        let look = now.checked_add(LOOK).unwrap_or(Timestamp::MAX);
        tx.prepare_cached("UPDATE handoff SET code = ?2, ready_at = ?3 WHERE id = ?1")?.execute(params![
            row.id,
            gateway::NO_WAYBILL,
            millis(look)
        ])?;
        if !waits {
            tracing::warn!(
                handoff.id = %row.handoff_id, account = %row.account, reason = gateway::NO_WAYBILL,
                "an order waits for a waybill: the pool is empty"
            );
        }
        return Ok(Provided::Waits);
    };
    if waits {
        forget_wait(tx, row.id)?;
    }
    Ok(Provided::With(waybill))
}

fn forget_wait(tx: &Connection, id: i64) -> Result<(), Error> {
    tx.prepare_cached("UPDATE handoff SET code = NULL WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// The waybill of an order.
pub(super) fn bound(
    tx: &Connection,
    account: &AccountName,
    number: &OrderNumber,
) -> Result<Option<String>, Error> {
    Ok(tx
        .prepare_cached("SELECT code FROM waybill WHERE number = ?1 AND account = ?2 AND retired_at IS NULL")?
        .query_row([number.as_str(), account.as_str()], |row| row.get(0))
        .optional()?)
}

/// Takes the first free waybill out of the pool for an order.
fn bind(
    tx: &Connection,
    account: &AccountName,
    number: &OrderNumber,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    Ok(tx
        .prepare_cached(
            "UPDATE waybill SET number = ?1, bound_at = ?3 WHERE code =
                 (SELECT code FROM waybill INDEXED BY waybill_free
                  WHERE account = ?2 AND number IS NULL AND retired_at IS NULL ORDER BY code LIMIT 1)
             RETURNING code",
        )?
        .query_row(params![number.as_str(), account.as_str(), millis(now)], |row| row.get(0))
        .optional()?)
}

/// Gives the waybill of an order that ended without being accepted back to the pool, if it is provably unused. Call it
/// in the transaction that ends the order.
pub(super) fn give_back(tx: &Connection, around: &Surroundings, row: &HandoffRow) -> Result<(), Error> {
    let (HandoffKind::PostOrder, Some(number)) = (row.kind, &row.number) else { return Ok(()) };
    let Some(rules) = rules(around, &row.account) else { return Ok(()) };
    if bound(tx, &row.account, number)?.is_none() || !is_unused(tx, row, number, rules)? {
        return Ok(());
    }
    tx.prepare_cached(
        "UPDATE waybill SET number = NULL, bound_at = NULL
         WHERE number = ?1 AND account = ?2 AND retired_at IS NULL",
    )?
    .execute([number.as_str(), row.account.as_str()])?;
    wake(tx, around, &row.account)
}

/// Whether no attempt of the order, under whichever handoff, can have used its waybill, and the feed does not show it.
fn is_unused(
    tx: &Connection,
    row: &HandoffRow,
    number: &OrderNumber,
    rules: PoolRules,
) -> Result<bool, Error> {
    if sabotaged!("waybill-proof") {
        return Ok(true);
    }
    let shown: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM tracking WHERE number = ?1)")?
        .query_row([number.as_str()], |row| row.get(0))?;
    let trials: Vec<Trial> = tx
        .prepare_cached(
            "SELECT attempt.outcome, ifnull(attempt.code, '') FROM attempt JOIN handoff ON handoff.id = attempt.handoff
             WHERE handoff.dossier = ?1 AND handoff.kind = 'post.order' AND handoff.number = ?2",
        )?
        .query_map(params![row.dossier, number.as_str()], |row| {
            Ok(Trial { outcome: row.get(0)?, code: row.get(1)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(!shown && waybill::is_unused(&trials, rules))
}

/// Lets as many orders look again as there are free waybills, the oldest first.
pub(super) fn wake(tx: &Connection, around: &Surroundings, account: &AccountName) -> Result<(), Error> {
    let waiting: Vec<(i64, i64)> = tx
        .prepare_cached(
            "SELECT id, dossier FROM handoff INDEXED BY handoff_no_waybill
             WHERE account = ?1 AND state = 'waiting' AND code = 'GATEWAY-NO-WAYBILL' ORDER BY planned_at, id
             LIMIT (SELECT count(*) FROM waybill INDEXED BY waybill_free
                    WHERE account = ?1 AND number IS NULL AND retired_at IS NULL)",
        )?
        .query_map([account.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, dossier) in waiting {
        forget_wait(tx, id)?;
        lanes::refresh(tx, dossier, &around.tables)?;
    }
    Ok(())
}

/// Free waybills of an account, counted up to a bound.
pub(super) fn free(tx: &Connection, account: &AccountName) -> Result<u32, Error> {
    Ok(tx
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM waybill INDEXED BY waybill_free
                 WHERE account = ?1 AND number IS NULL AND retired_at IS NULL LIMIT ?2)",
        )?
        .query_row(params![account.as_str(), MOST_COUNTED], |row| row.get(0))?)
}

/// Takes a waybill that cannot be used out of the pool for ever.
pub(super) fn retire(tx: &Connection, code: &str, reason: &str, now: Timestamp) -> Result<(), Error> {
    tx.prepare_cached("UPDATE waybill SET retired_at = ?2, reason = ?3 WHERE code = ?1")?
        .execute(params![code, millis(now), reason])?;
    Ok(())
}

impl Settling<'_> {
    /// Settles an order whose waybill the partner cannot use; `None` when the outcome says something else. The waybill is
    /// retired in any case.
    pub(super) fn settle_unusable_waybill(
        &self,
        row: &HandoffRow,
        outcome: &Outcome,
    ) -> Result<Option<Vec<Transition>>, Error> {
        let Outcome::Rejected(reason) = outcome else { return Ok(None) };
        let (Some(number), Some(rules)) = (&row.number, rules(self.around, &row.account)) else {
            return Ok(None);
        };
        if row.kind != HandoffKind::PostOrder || reason.code.as_str() != rules.unusable {
            return Ok(None);
        }
        if let Some(waybill) = bound(self.tx, &row.account, number)? {
            retire(self.tx, &waybill, rules.unusable, self.now)?;
        }
        tracing::warn!(
            handoff.id = %row.handoff_id, account = %row.account, reason = %reason.code,
            "a waybill cannot be used and was retired"
        );
        let unused = is_unused(self.tx, row, number, rules)?;
        let next = match waybill::after_unusable(unused, self.refused_for(row, number, rules)?) {
            AfterUnusable::Another => match self.ride_out(row, reason)? {
                Some(transitions) => return Ok(Some(transitions)),
                None => self.next(row, 1, |at| {
                    let due = at.schedule.due_again(outcome, at.failures, at.now, at.draw);
                    Next::Again { due, maybe_doubled: false }
                }),
            },
            AfterUnusable::InDoubt => {
                let doubt = ReasonCode::known(gateway::UNCERTAIN);
                Next::Dead(Reason { code: doubt, ..reason.clone() })
            }
            AfterUnusable::Enough => Next::Dead(reason.clone()),
        };
        self.become_what(row, &next).map(Some)
    }

    /// Waybills that the partner refused for this order.
    fn refused_for(&self, row: &HandoffRow, number: &OrderNumber, rules: PoolRules) -> Result<u32, Error> {
        Ok(self
            .tx
            .prepare_cached(
                "SELECT count(*) FROM waybill INDEXED BY waybill_retired
                 WHERE number = ?1 AND account = ?2 AND retired_at IS NOT NULL AND reason = ?3",
            )?
            .query_row([number.as_str(), row.account.as_str(), rules.unusable], |row| row.get(0))?)
    }
}
