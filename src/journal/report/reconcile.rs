//! Comparisons of both sides, as commands show them: codes, numbers and states, no person.

use super::super::Error;
use super::{JournalReport, optional_time, time};
use jiff::Timestamp;
use lienthong_core::reconcile::{Act, Kind, Repair, repairs_itself};
use rusqlite::{Row, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// A run.
#[derive(Clone, Debug, Serialize)]
pub struct RunLine {
    /// Its number.
    pub run: i64,
    /// With whom.
    pub partner: String,
    /// The night that it is of, when it is nightly.
    pub night: Option<String>,
    /// Who began it.
    pub who: String,
    /// Of this agency only.
    pub agency: Option<String>,
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// When it was begun.
    pub made_at: Timestamp,
    /// Where it stands.
    pub state: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Account by account.
    pub parts: Vec<PartLine>,
    /// What was found, by kind.
    pub findings: BTreeMap<String, i64>,
    /// Findings that nobody has had repaired.
    pub open: i64,
    /// Repairs under way.
    pub repairing: i64,
}

impl RunLine {
    /// Whether it goes on.
    pub fn is_running(&self) -> bool {
        self.ended_at.is_none()
    }

    /// What was to be compared, as far as it is known.
    pub fn total(&self) -> i64 {
        self.parts.iter().map(|part| part.total).sum()
    }

    /// How much of it is over.
    pub fn over(&self) -> i64 {
        self.parts.iter().map(PartLine::over).sum()
    }
}

/// What is compared through one account.
#[derive(Clone, Debug, Serialize)]
pub struct PartLine {
    /// The account.
    pub account: String,
    /// Where it stands.
    pub state: String,
    /// Whether the partner's own list of orders was read to its end.
    pub listed: bool,
    /// Things to compare.
    pub total: i64,
    /// Both sides agree.
    pub agreed: i64,
    /// They differ.
    pub differing: i64,
    /// There was nothing to compare, or a change is under way.
    pub not_compared: i64,
    /// Nobody could say.
    pub left_out: i64,
    /// Why the last question was not answered.
    pub code: Option<String>,
    /// It is not asked before.
    pub not_before: Option<Timestamp>,
}

impl PartLine {
    fn over(&self) -> i64 {
        self.agreed + self.differing + self.not_compared + self.left_out
    }
}

/// A difference that was found.
#[derive(Clone, Debug, Serialize)]
pub struct FindingLine {
    /// Its number.
    pub finding: i64,
    /// Which kind.
    pub kind: String,
    /// What exactly.
    pub code: String,
    /// How far the evidence goes.
    pub grade: String,
    /// Through which account.
    pub account: String,
    /// The agency, where it is known.
    pub agency: Option<String>,
    /// The dossier, where it is known.
    pub dossier: Option<String>,
    /// Code of the dossier, or number of the order, as it was compared.
    pub name: String,
    /// The record or order that we hold.
    pub handoff: Option<String>,
    /// What we hold.
    pub ours: String,
    /// What they say.
    pub theirs: String,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What repairs it.
    pub repair: String,
    /// What the gateway does for that: send, ask, nothing.
    pub act: &'static str,
    /// Whether the night repairs it by itself.
    pub automatic: bool,
    /// Who had it repaired.
    pub chosen_by: Option<String>,
    /// The record that was sent.
    pub sent: Option<String>,
    /// What came of it.
    pub result: Option<String>,
    /// When.
    pub result_at: Option<Timestamp>,
}

const RUN: &str = "SELECT id, partner, night, who, agency, from_at, to_at, made_at, state, ended_at,
     (SELECT count(*) FROM reconcile_finding WHERE run = r.id AND result IS NULL AND chosen_by IS NULL),
     (SELECT count(*) FROM reconcile_finding WHERE run = r.id AND result IS NULL AND chosen_by IS NOT NULL)
     FROM reconcile_run r";

impl JournalReport {
    /// The newest runs.
    ///
    /// # Errors
    /// When the store fails.
    pub fn reconciliations(&self, limit: u32) -> Result<Vec<RunLine>, Error> {
        let mut runs = self.list(&format!("{RUN} ORDER BY id DESC LIMIT ?1"), [limit], run)?;
        runs.iter_mut().try_for_each(|run| self.fill(run))?;
        Ok(runs)
    }

    /// One run.
    ///
    /// # Errors
    /// When the store fails.
    pub fn reconciliation(&self, number: i64) -> Result<Option<RunLine>, Error> {
        let Some(mut run) = self.list(&format!("{RUN} WHERE id = ?1"), [number], run)?.pop() else {
            return Ok(None);
        };
        self.fill(&mut run)?;
        Ok(Some(run))
    }

    fn fill(&self, run: &mut RunLine) -> Result<(), Error> {
        let parts = "SELECT account, state, listed, total, agreed, differing, not_compared, left_out, code, not_before
             FROM reconcile_part WHERE run = ?1 ORDER BY account";
        run.parts = self.list(parts, [run.run], |row| {
            Ok(PartLine {
                account: row.get(0)?,
                state: row.get(1)?,
                listed: row.get(2)?,
                total: row.get(3)?,
                agreed: row.get(4)?,
                differing: row.get(5)?,
                not_compared: row.get(6)?,
                left_out: row.get(7)?,
                code: row.get(8)?,
                not_before: optional_time(row, 9)?,
            })
        })?;
        let kinds = "SELECT kind, count(*) FROM reconcile_finding WHERE run = ?1 GROUP BY kind";
        run.findings =
            self.list(kinds, [run.run], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect();
        Ok(())
    }

    /// What a run found, all of it or one kind.
    ///
    /// # Errors
    /// When the store fails.
    pub fn findings(&self, run: i64, kind: Option<Kind>) -> Result<Vec<FindingLine>, Error> {
        let sql = "SELECT f.id, f.kind, f.code, f.grade, f.account, f.agency, d.key, f.name, f.ours, f.theirs, f.since,
                 f.repair, f.chosen_by, h.handoff_id, f.result, f.result_at, b.handoff_id
             FROM reconcile_finding f LEFT JOIN dossier d ON d.id = f.dossier LEFT JOIN handoff h ON h.id = f.sent
                 LEFT JOIN handoff b ON b.id = f.basis
             WHERE f.run = ?1 AND (?2 IS NULL OR f.kind = ?2) ORDER BY f.kind, f.code, f.account, f.name";
        self.list(sql, params![run, kind.map(Kind::name)], finding)
    }

    /// What a run could not compare: name, account, why.
    ///
    /// # Errors
    /// When the store fails.
    pub fn left_out(&self, run: i64) -> Result<Vec<(String, String, String)>, Error> {
        let sql =
            "SELECT name, account, left_out FROM reconcile_item WHERE run = ?1 AND left_out IS NOT NULL";
        self.list(sql, [run], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunLine> {
    Ok(RunLine {
        run: row.get(0)?,
        partner: row.get(1)?,
        night: row.get(2)?,
        who: row.get(3)?,
        agency: row.get(4)?,
        from: time(row, 5)?,
        to: time(row, 6)?,
        made_at: time(row, 7)?,
        state: row.get(8)?,
        ended_at: optional_time(row, 9)?,
        open: row.get(10)?,
        repairing: row.get(11)?,
        parts: Vec::new(),
        findings: BTreeMap::new(),
    })
}

fn finding(row: &Row<'_>) -> rusqlite::Result<FindingLine> {
    let (kind, repair): (String, String) = (row.get(1)?, row.get(11)?);
    let known = Kind::from_name(&kind).zip(Repair::from_name(&repair));
    Ok(FindingLine {
        finding: row.get(0)?,
        code: row.get(2)?,
        grade: row.get(3)?,
        account: row.get(4)?,
        agency: row.get(5)?,
        dossier: row.get(6)?,
        name: row.get(7)?,
        handoff: row.get(16)?,
        ours: row.get(8)?,
        theirs: row.get(9)?,
        since: optional_time(row, 10)?,
        act: known.map_or("nothing", |(_, repair)| act_name(repair.act())),
        automatic: known.is_some_and(|(kind, repair)| repairs_itself(kind, repair)),
        kind,
        repair,
        chosen_by: row.get(12)?,
        sent: row.get(13)?,
        result: row.get(14)?,
        result_at: optional_time(row, 15)?,
    })
}

fn act_name(act: Act) -> &'static str {
    match act {
        Act::Send => "send",
        Act::Ask => "ask",
        Act::Nothing => "nothing",
    }
}
