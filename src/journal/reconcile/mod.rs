//! Comparisons of both sides: durable runs that the daemon moves forward, question by question.
//!
//! ```text
//! begin ─▶ gathering ─▶ asking ─▶ (post: comparing, strangers) ─▶ done ─▶ repairs of what was chosen
//!          a chunk a      an answer and what it says: one
//!          transaction    transaction
//! ```
//!
//! A run is a row with a cursor; what it still has to compare stands in `reconcile_item` and goes away with its answer. A
//! process that dies asks again what it was asking, once an account at most, and finds nothing twice
//! (`reconciled::a_kill_in_the_middle_asks_one_question_again_at_most`). Questions only read at the partner. What a run
//! sends it sends as handoffs, through lanes, gates and breakers like everything else (`repair`).

mod begin;
mod gather;
mod ours;
mod post;
mod questions;
mod repair;
mod settle;

pub use begin::{Asked, Scope};
pub use questions::Query;

use super::{Error, Journal, millis};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// A run as its steps see it.
#[derive(Clone, Debug)]
struct Run {
    id: i64,
    partner: String,
    night: Option<String>,
    agency: Option<String>,
    accounts: Option<String>,
    from_at: i64,
    to_at: i64,
    visible_before: i64,
    made_at: i64,
    state: String,
    cursor: i64,
    upto: i64,
}

impl Run {
    /// Whether this account is compared.
    fn takes(&self, account: &str) -> bool {
        self.accounts.as_deref().is_none_or(|accounts| accounts.split(' ').any(|one| one == account))
    }
}

/// The runs that have not ended.
fn running(tx: &Connection) -> Result<Vec<Run>, Error> {
    let mut statement = tx.prepare_cached(
        "SELECT id, partner, night, agency, accounts, from_at, to_at, visible_before, made_at, state, cursor, upto
         FROM reconcile_run WHERE ended_at IS NULL ORDER BY id",
    )?;
    let runs = statement.query_map([], |row| {
        Ok(Run {
            id: row.get(0)?,
            partner: row.get(1)?,
            night: row.get(2)?,
            agency: row.get(3)?,
            accounts: row.get(4)?,
            from_at: row.get(5)?,
            to_at: row.get(6)?,
            visible_before: row.get(7)?,
            made_at: row.get(8)?,
            state: row.get(9)?,
            cursor: row.get(10)?,
            upto: row.get(11)?,
        })
    })?;
    Ok(runs.collect::<Result<_, _>>()?)
}

impl Journal {
    /// Moves every run forward by one step that needs no answer of a partner; says whether there is more to do at once.
    /// `automatic`: what a nightly run finds is repaired as far as it repairs itself.
    ///
    /// # Errors
    /// When the store fails; nothing of the step stands then.
    pub async fn advance_reconciliation(&self, automatic: bool, now: Timestamp) -> Result<bool, Error> {
        let around = Arc::clone(&self.around);
        let (more, transitions) = self
            .writer
            .write(move |tx| {
                let mut more = false;
                for run in running(tx)? {
                    more |= advance(tx, &around, &run, automatic, now)?;
                }
                let (repairing, transitions) = repair::advance(tx, &around, now)?;
                crash_point!("reconcile.before_commit", "step");
                Ok((more || repairing, transitions))
            })
            .await?;
        super::log::transitions(&transitions);
        if !transitions.is_empty() {
            self.wake.notify_one();
        }
        Ok(more)
    }
}

fn advance(
    tx: &Connection,
    around: &super::Surroundings,
    run: &Run,
    automatic: bool,
    now: Timestamp,
) -> Result<bool, Error> {
    match run.state.as_str() {
        "gathering" => gather::advance(tx, around, run, now).map(|()| true),
        "asking" if is_open(tx, run, "asking")? => Ok(false),
        "asking" if run.partner == "post" => enter(tx, run, "comparing").map(|()| true),
        "comparing" if post::advance(tx, around, run)? => Ok(true),
        _compared => end(tx, run, automatic, now).map(|()| true),
    }
}

fn is_open(tx: &Connection, run: &Run, state: &str) -> Result<bool, Error> {
    Ok(tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM reconcile_part WHERE run = ?1 AND state = ?2)")?
        .query_row(params![run.id, state], |row| row.get(0))?)
}

fn enter(tx: &Connection, run: &Run, state: &str) -> Result<(), Error> {
    tx.prepare_cached("UPDATE reconcile_run SET state = ?2 WHERE id = ?1")?
        .execute(params![run.id, state])?;
    Ok(())
}

fn end(tx: &Connection, run: &Run, automatic: bool, now: Timestamp) -> Result<(), Error> {
    if run.night.is_some() && automatic {
        repair::choose_what_repairs_itself(tx, run.id)?;
    }
    forget(tx, run.id)?;
    tx.prepare_cached("UPDATE reconcile_run SET state = 'done', ended_at = ?2 WHERE id = ?1")?
        .execute(params![run.id, millis(now)])?;
    let (compared, left_out, findings): (i64, i64, i64) = tx
        .prepare_cached(
            "SELECT ifnull(sum(agreed + differing), 0), ifnull(sum(left_out), 0),
                 (SELECT count(*) FROM reconcile_finding WHERE run = ?1) FROM reconcile_part WHERE run = ?1",
        )?
        .query_row([run.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    tracing::info!(
        run = run.id,
        partner = run.partner,
        compared,
        left_out,
        findings,
        "a comparison of both sides has ended"
    );
    tell(tx, run)
}

/// Counts what was found, by kind.
fn tell(tx: &Connection, run: &Run) -> Result<(), Error> {
    let mut statement =
        tx.prepare_cached("SELECT kind, count(*) FROM reconcile_finding WHERE run = ?1 GROUP BY kind")?;
    let mut rows = statement.query([run.id])?;
    while let Some(row) = rows.next()? {
        let (kind, count): (String, u32) = (row.get(0)?, row.get(1)?);
        metrics::counter!("lienthong_reconcile_findings_total", "partner" => run.partner.clone(), "kind" => kind)
            .increment(u64::from(count));
    }
    Ok(())
}

/// Stops a run: no further question is asked. Says whether it ran.
pub(super) fn stop(tx: &Connection, run: i64, now: Timestamp) -> Result<bool, Error> {
    let ended = tx
        .prepare_cached(
            "UPDATE reconcile_run SET state = 'stopped', ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL",
        )?
        .execute(params![run, millis(now)])?;
    if ended > 0 {
        forget(tx, run)?;
    }
    Ok(ended > 0)
}

/// Forgets what only a run that goes on needs.
fn forget(tx: &Connection, run: i64) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM reconcile_theirs WHERE run = ?1")?.execute([run])?;
    tx.prepare_cached("DELETE FROM reconcile_item WHERE run = ?1 AND left_out IS NULL")?.execute([run])?;
    Ok(())
}

pub(super) use begin::begin;
pub(super) use repair::choose;

/// The row of a dossier by the code that it is filed under.
fn dossier_of(tx: &Connection, code: &str) -> Result<Option<i64>, Error> {
    Ok(tx
        .prepare_cached("SELECT id FROM dossier WHERE key = ?1")?
        .query_row([code], |row| row.get(0))
        .optional()?)
}
