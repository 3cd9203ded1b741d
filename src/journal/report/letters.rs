//! Dead letters in groups, what persons made of one, and bulk replays.

use super::{HandoffLine, JournalReport, optional_time, time};
use crate::journal::{Error, millis, rows};
use jiff::Timestamp;
use lienthong_core::handoff::HandoffKind;
use lienthong_core::letters::{class, fingerprint};
use lienthong_core::outcome::{Reason, ReasonCode};
use lienthong_core::plan::Stage;
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Dead letters of one cause.
#[derive(Clone, Debug, Serialize)]
pub struct GroupLine {
    /// Its fingerprint: what `--group` takes.
    pub group: String,
    /// Kind of its handoffs.
    pub kind: String,
    /// What stopped them, roughly.
    pub class: &'static str,
    /// Reason.
    pub code: Option<String>,
    /// Field of the event to correct.
    pub field: Option<String>,
    /// How many.
    pub count: usize,
    /// When the first stopped.
    pub first: Timestamp,
    /// When the last stopped.
    pub last: Timestamp,
    /// One of them.
    pub sample: String,
}

/// A dead letter of a group, as a bulk replay freezes it.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its row.
    pub row: i64,
    /// Its identity.
    pub handoff: String,
    /// Its dossier.
    pub dossier: String,
    /// When it stopped.
    pub since: Timestamp,
}

/// What a person made of a content.
#[derive(Clone, Debug, Serialize)]
pub struct EditLine {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// `edited`, or `replanned`.
    pub how: String,
    /// Why.
    pub reason: Option<String>,
    /// The content before. Names persons.
    pub original: Option<Value>,
    /// The patch. Names persons.
    pub patch: Option<Value>,
}

/// A bulk replay.
#[derive(Clone, Debug, Serialize)]
pub struct TaskLine {
    /// Its number.
    pub task: i64,
    /// What it replays.
    pub group: String,
    /// Who began it.
    pub who: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub made_at: Timestamp,
    /// `running`, `stopped` or `done`.
    pub state: String,
    /// What stopped it: `same-failure`, `hand` or `fault`.
    pub stopped_by: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Batches begun.
    pub batches: u32,
    /// Handoffs in it.
    pub total: usize,
    /// Handoffs under way.
    pub under_way: usize,
    /// Handoffs with a result, by result.
    pub results: BTreeMap<String, usize>,
    /// Dead letters of the group that are not in it.
    pub new_since: usize,
}

impl TaskLine {
    /// Handoffs that have a result.
    pub fn concluded(&self) -> usize {
        self.results.values().sum()
    }
}

/// A handoff of a bulk replay.
#[derive(Clone, Debug, Serialize)]
pub struct ItemLine {
    /// The handoff.
    pub handoff: String,
    /// Its dossier.
    pub dossier: String,
    /// The batch it went with.
    pub batch: Option<u32>,
    /// What became of it.
    pub result: Option<String>,
}

struct Stopped {
    member: Member,
    kind: String,
    stage: Stage,
    reason: Option<Reason>,
}

impl Stopped {
    fn fingerprint(&self) -> String {
        let kind = HandoffKind::from_name(&self.kind);
        kind.map_or_else(|| self.kind.clone(), |kind| fingerprint(kind, self.stage, self.reason.as_ref()))
    }
}

impl JournalReport {
    /// What stopped, by cause: the largest group first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn groups(&self) -> Result<Vec<GroupLine>, Error> {
        let mut groups: BTreeMap<String, GroupLine> = BTreeMap::new();
        for stopped in self.stopped_ones()? {
            let code = stopped.reason.as_ref().map(|reason| reason.code.as_str().to_owned());
            let since = stopped.member.since;
            let group = stopped.fingerprint();
            let line = groups.entry(group.clone()).or_insert_with(|| GroupLine {
                group,
                kind: stopped.kind.clone(),
                class: class(stopped.stage, code.as_deref().unwrap_or_default()).name(),
                code,
                field: stopped.reason.as_ref().and_then(|reason| reason.field.clone()),
                count: 0,
                first: since,
                last: since,
                sample: stopped.member.handoff.clone(),
            });
            line.count += 1;
            line.first = line.first.min(since);
            line.last = line.last.max(since);
        }
        let mut lines: Vec<GroupLine> = groups.into_values().collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.count));
        Ok(lines)
    }

    /// The dead letters of a group, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn members(&self, group: &str) -> Result<Vec<Member>, Error> {
        let stopped = self.stopped_ones()?.into_iter().filter(|stopped| stopped.fingerprint() == group);
        Ok(stopped.map(|stopped| stopped.member).collect())
    }

    /// Those of a group as lines, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stopped_of(&self, group: &str, limit: usize) -> Result<Vec<HandoffLine>, Error> {
        let members = self.members(group)?;
        let lines = members.iter().take(limit).map(|member| self.handoffs("h.id = ?1", [member.row]));
        Ok(lines.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn stopped_ones(&self) -> Result<Vec<Stopped>, Error> {
        let sql = "SELECT h.id, h.handoff_id, d.key, h.kind, h.state, h.code, h.field,
                 coalesce(h.dead_at, h.uncertain_since, h.planned_at) AS since
             FROM handoff h JOIN dossier d ON d.id = h.dossier
             WHERE h.state IN ('dead', 'held', 'uncertain') ORDER BY since, h.id";
        self.list(sql, [], |row| {
            let code: Option<String> = row.get(5)?;
            let field: Option<String> = row.get(6)?;
            let stage = match row.get::<_, String>(4)?.as_str() {
                "held" => Stage::Held,
                "uncertain" => Stage::Uncertain,
                _dead => Stage::Dead,
            };
            Ok(Stopped {
                member: Member {
                    row: row.get(0)?,
                    handoff: row.get(1)?,
                    dossier: row.get(2)?,
                    since: time(row, 7)?,
                },
                kind: row.get(3)?,
                stage,
                reason: code.map(|code| Reason { code: ReasonCode::stored(code), field, said: None }),
            })
        })
    }

    /// What persons made of a handoff's content, oldest first. Names persons.
    ///
    /// # Errors
    /// When the store fails.
    pub fn edits(&self, handoff: &str) -> Result<Vec<EditLine>, Error> {
        let sql = "SELECT e.at, e.who, e.how, e.reason, e.original, e.patch FROM edit e
             JOIN handoff h ON h.id = e.handoff WHERE h.handoff_id = ?1 ORDER BY e.id";
        let rows = self.list(sql, [handoff], |row| {
            let payloads: (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
            let line = EditLine {
                at: time(row, 0)?,
                who: row.get(1)?,
                how: row.get(2)?,
                reason: row.get(3)?,
                original: None,
                patch: None,
            };
            Ok((line, payloads))
        })?;
        rows.into_iter()
            .map(|(line, (original, patch))| {
                let payload = |id| rows::payload(&self.connection, id);
                Ok(EditLine { original: payload(original)?, patch: payload(patch)?, ..line })
            })
            .collect()
    }

    /// The newest bulk replays.
    ///
    /// # Errors
    /// When the store fails.
    pub fn tasks(&self, limit: u32) -> Result<Vec<TaskLine>, Error> {
        let newest =
            self.list("SELECT id FROM replay_task ORDER BY id DESC LIMIT ?1", [limit], |row| row.get(0))?;
        Ok(newest
            .into_iter()
            .map(|task| self.task(task))
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// One bulk replay.
    ///
    /// # Errors
    /// When the store fails.
    pub fn task(&self, task: i64) -> Result<Option<TaskLine>, Error> {
        let sql =
            "SELECT fingerprint, who, reason, made_at, state, stopped_by, ended_at, batches FROM replay_task
             WHERE id = ?1";
        let line = self.connection.query_row(sql, [task], |row| {
            Ok(TaskLine {
                task,
                group: row.get(0)?,
                who: row.get(1)?,
                reason: row.get(2)?,
                made_at: time(row, 3)?,
                state: row.get(4)?,
                stopped_by: row.get(5)?,
                ended_at: optional_time(row, 6)?,
                batches: row.get(7)?,
                total: 0,
                under_way: 0,
                results: BTreeMap::new(),
                new_since: 0,
            })
        });
        let Some(mut line) = line.optional()? else { return Ok(None) };
        for item in self.items(task)? {
            line.total += 1;
            match (item.batch, item.result) {
                (_, Some(result)) => *line.results.entry(result).or_default() += 1,
                (Some(_), None) => line.under_way += 1,
                (None, None) => {}
            }
        }
        line.new_since = self.new_since(&line)?;
        Ok(Some(line))
    }

    /// The handoffs of a bulk replay, in their order.
    ///
    /// # Errors
    /// When the store fails.
    pub fn items(&self, task: i64) -> Result<Vec<ItemLine>, Error> {
        let sql = "SELECT h.handoff_id, d.key, i.batch, i.result FROM replay_item i JOIN handoff h ON h.id = i.handoff
             JOIN dossier d ON d.id = h.dossier WHERE i.task = ?1 ORDER BY i.n";
        self.list(sql, [task], |row| {
            Ok(ItemLine {
                handoff: row.get(0)?,
                dossier: row.get(1)?,
                batch: row.get(2)?,
                result: row.get(3)?,
            })
        })
    }

    fn new_since(&self, task: &TaskLine) -> Result<usize, Error> {
        let sql = "SELECT handoff FROM replay_item WHERE task = ?1";
        let frozen: BTreeSet<i64> =
            self.list(sql, params![task.task], |row| row.get(0))?.into_iter().collect();
        let members = self.members(&task.group)?;
        let until = task.ended_at.map_or(i64::MAX, millis);
        let new = |member: &&Member| !frozen.contains(&member.row) && millis(member.since) <= until;
        Ok(members.iter().filter(new).count())
    }
}
