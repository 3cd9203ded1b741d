//! Repairs: what was chosen, by a person or by the night, one after another, each with its result.
//!
//! ```text
//! chosen ─▶ Send: a record planned (handoff, row in the audit: one transaction) ─▶ its end is the result
//!        ├▶ Ask:  a task of the desk ─▶ asked
//!        └▶ Nothing to do here ─▶ by-hand
//! ```
//!
//! The record's id is made of the run and the dossier, and its finding points to it from the transaction that plans it, so
//! that no restart plans one twice. It goes out in the class of replays, behind the day's own work.

use super::super::apart::apart;
use super::super::audit::{self, Act};
use super::super::{Error, Surroundings, Transition, known, millis, planning, turns};
use super::begin::NIGHTLY;
use super::ours;
use jiff::Timestamp;
use lienthong_core::plan::{Plan, again};
use lienthong_core::reconcile::{self as core, Kind, Repair, codes};
use lienthong_core::tables::Mode;
use rusqlite::{Connection, OptionalExtension, params};

/// Records of repairs under way at once: a cause that meets all of them shows on the first.
const AT_ONCE: i64 = 25;

/// Records of one run that may stop before the rest of it is left alone.
const MAY_STOP: i64 = 5;

/// Chooses findings of a run that nobody has chosen yet; says how many.
pub(in crate::journal) fn choose(
    tx: &Connection,
    run: i64,
    kind: Option<Kind>,
    (who, reason): (&str, Option<&str>),
) -> Result<usize, Error> {
    Ok(tx
        .prepare_cached(
            "UPDATE reconcile_finding SET chosen_by = ?2, reason = ?3
             WHERE run = ?1 AND chosen_by IS NULL AND result IS NULL AND (?4 IS NULL OR kind = ?4)",
        )?
        .execute(params![run, who, reason, kind.map(Kind::name)])?)
}

/// Chooses what needs nobody's word.
pub(super) fn choose_what_repairs_itself(tx: &Connection, run: i64) -> Result<(), Error> {
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT kind, repair FROM reconcile_finding WHERE run = ?1 AND result IS NULL",
    )?;
    let found: Vec<(String, String)> =
        statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (kind, repair) in found {
        let known = Kind::from_name(&kind).zip(Repair::from_name(&repair));
        if known.is_some_and(|(kind, repair)| core::repairs_itself(kind, repair)) {
            tx.prepare_cached(
                "UPDATE reconcile_finding SET chosen_by = ?2 WHERE run = ?1 AND kind = ?3 AND repair = ?4
                 AND chosen_by IS NULL AND result IS NULL",
            )?
            .execute(params![run, NIGHTLY, kind, repair])?;
        }
    }
    Ok(())
}

/// A finding that was chosen.
struct Chosen {
    id: i64,
    run: i64,
    dossier: Option<i64>,
    name: String,
    code: String,
    repair: String,
    basis: Option<i64>,
    who: String,
    reason: Option<String>,
}

/// What becomes of a repair that is begun.
enum Begun {
    /// Its record is on its way.
    Sent(i64, Vec<Transition>),
    /// It has ended.
    Ended(&'static str),
}

/// Moves repairs forward; says whether any was begun or ended.
pub(super) fn advance(
    tx: &Connection,
    around: &Surroundings,
    now: Timestamp,
) -> Result<(bool, Vec<Transition>), Error> {
    let ended = conclude_sent(tx, now)? + leave_alone(tx, now)?;
    let mut transitions = Vec::new();
    let next = next(tx)?;
    for chosen in &next {
        let begun = match apart(tx, "a repair", || begin(tx, around, chosen, now)) {
            Err(error) if !error.is_of_the_store() => {
                tracing::error!(
                    run = chosen.run,
                    name = chosen.name,
                    error = error.told(),
                    "a repair failed"
                );
                Begun::Ended("fault")
            }
            begun => begun?,
        };
        match begun {
            Begun::Sent(handoff, changes) => {
                tx.prepare_cached("UPDATE reconcile_finding SET sent = ?2 WHERE id = ?1")?
                    .execute(params![chosen.id, handoff])?;
                transitions.extend(changes);
            }
            Begun::Ended(result) => conclude(tx, chosen.id, result, now)?,
        }
    }
    Ok((ended > 0 || !next.is_empty(), transitions))
}

/// Writes down what became of the records that were sent.
fn conclude_sent(tx: &Connection, now: Timestamp) -> Result<usize, Error> {
    Ok(tx
        .prepare_cached(
            "UPDATE reconcile_finding SET result = (SELECT state FROM handoff WHERE id = sent), result_at = ?1
             WHERE chosen_by IS NOT NULL AND result IS NULL AND sent IS NOT NULL
               AND (SELECT state FROM handoff WHERE id = sent) NOT IN ('waiting', 'sending', 'uncertain')",
        )?
        .execute([millis(now)])?)
}

/// Leaves the rest of a run alone whose records stop.
fn leave_alone(tx: &Connection, now: Timestamp) -> Result<usize, Error> {
    Ok(tx
        .prepare_cached(
            "UPDATE reconcile_finding SET result = 'not-begun', result_at = ?1
             WHERE chosen_by IS NOT NULL AND result IS NULL AND sent IS NULL AND repair = 'send-record'
               AND (SELECT count(*) FROM reconcile_finding AS other
                    WHERE other.run = reconcile_finding.run AND other.result IN ('dead', 'held')) >= ?2",
        )?
        .execute(params![millis(now), MAY_STOP])?)
}

fn next(tx: &Connection) -> Result<Vec<Chosen>, Error> {
    let under_way: i64 = tx
        .prepare_cached(
            "SELECT count(*) FROM reconcile_finding WHERE chosen_by IS NOT NULL AND result IS NULL AND sent IS NOT NULL",
        )?
        .query_row([], |row| row.get(0))?;
    let mut statement = tx.prepare_cached(
        "SELECT id, run, dossier, name, code, repair, basis, chosen_by, reason FROM reconcile_finding
         WHERE chosen_by IS NOT NULL AND result IS NULL AND sent IS NULL ORDER BY run, id LIMIT ?1",
    )?;
    let next = statement.query_map([(AT_ONCE - under_way).max(0)], |row| {
        Ok(Chosen {
            id: row.get(0)?,
            run: row.get(1)?,
            dossier: row.get(2)?,
            name: row.get(3)?,
            code: row.get(4)?,
            repair: row.get(5)?,
            basis: row.get(6)?,
            who: row.get(7)?,
            reason: row.get(8)?,
        })
    })?;
    Ok(next.collect::<Result<_, _>>()?)
}

fn conclude(tx: &Connection, finding: i64, result: &str, now: Timestamp) -> Result<(), Error> {
    tx.prepare_cached("UPDATE reconcile_finding SET result = ?2, result_at = ?3 WHERE id = ?1")?
        .execute(params![finding, result, millis(now)])?;
    Ok(())
}

fn begin(tx: &Connection, around: &Surroundings, chosen: &Chosen, now: Timestamp) -> Result<Begun, Error> {
    let (Some(repair), Some(dossier)) = (Repair::from_name(&chosen.repair), chosen.dossier) else {
        return Ok(Begun::Ended("by-hand"));
    };
    match repair.act() {
        core::Act::Send => send(tx, around, chosen, dossier, now),
        core::Act::Ask => ask(tx, around, chosen, dossier, now),
        core::Act::Nothing => Ok(Begun::Ended("by-hand")),
    }
}

/// Plans the record, unless the portal was told something newer since both sides were compared.
fn send(
    tx: &Connection,
    around: &Surroundings,
    chosen: &Chosen,
    id: i64,
    now: Timestamp,
) -> Result<Begun, Error> {
    if ours::newest_told(tx, id)?.map(|(row, _, _)| row) != chosen.basis {
        return Ok(Begun::Ended("overtaken"));
    }
    let dossier = known::dossier(tx, id)?;
    let live = around.tables.agency(&dossier.agency).map(|agency| agency.mode) == Some(Mode::Live);
    if around.mode == Mode::Observe || !live {
        return Ok(Begun::Ended("observed"));
    }
    let known = known::of(tx, &dossier)?;
    let repair = format!("{}/{}", chosen.run, chosen.name);
    let plan = match again::record(&repair, &known, &around.tables, &around.partners, now) {
        Ok(plan) => plan,
        Err(not) => return Ok(Begun::Ended(not.name())),
    };
    let transitions = planning::write(tx, around, id, &plan, now)?;
    let handoff = planned(tx, &plan)?;
    turns::mark_replayed(tx, handoff)?;
    note(tx, chosen, dossier.key.as_str(), now)?;
    Ok(Begun::Sent(handoff, transitions))
}

fn planned(tx: &Connection, plan: &Plan) -> Result<i64, Error> {
    let id = plan.handoffs.first().ok_or(Error::Missing("the record of a repair"))?.id.as_str();
    let row = tx
        .prepare_cached("SELECT id FROM handoff WHERE handoff_id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    row.ok_or(Error::Missing("the record of a repair"))
}

/// Asks a person, unless the same is asked already.
fn ask(
    tx: &Connection,
    around: &Surroundings,
    chosen: &Chosen,
    id: i64,
    now: Timestamp,
) -> Result<Begun, Error> {
    let Some(code) = codes::ALL.into_iter().find(|code| *code == chosen.code) else {
        return Ok(Begun::Ended("by-hand"));
    };
    let asked: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM flag WHERE dossier = ?1 AND code = ?2 AND task = 1 AND closed_at IS NULL)",
        )?
        .query_row(params![id, code], |row| row.get(0))?;
    if !asked {
        let dossier = known::dossier(tx, id)?;
        let known = known::of(tx, &dossier)?;
        let plan = again::task(code, &known, &around.tables, &around.partners, now);
        planning::write(tx, around, id, &plan, now)?;
        note(tx, chosen, dossier.key.as_str(), now)?;
    }
    Ok(Begun::Ended("asked"))
}

fn note(tx: &Connection, chosen: &Chosen, dossier: &str, now: Timestamp) -> Result<(), Error> {
    let detail = format!("run {}, {}, {}", chosen.run, chosen.code, chosen.repair);
    let act = Act {
        who: &chosen.who,
        act: "repair",
        subject: &chosen.name,
        dossier: Some(dossier),
        reason: chosen.reason.as_deref(),
        detail: Some(&detail),
    };
    audit::note(tx, &act, now)
}
