//! What operators did, tasks of the desk, and lanes.

use super::{HandoffLine, JournalReport, optional_time, time};
use crate::journal::{Error, millis, rows};
use crate::users::Agencies;
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::HandoffId;
use lienthong_core::lane;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use utoipa::ToSchema;

/// An act of an operator.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditLine {
    /// Its number; later acts have higher ones.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What was done.
    pub act: String,
    /// To what.
    pub subject: String,
    /// The dossier concerned.
    pub dossier: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Codes and numbers worth knowing.
    pub detail: Option<String>,
}

/// A task of the desk that is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeskTaskLine {
    /// Its number.
    pub number: i64,
    /// Its dossier.
    pub dossier: String,
    /// Agency of the dossier.
    pub agency: String,
    /// Its code.
    pub code: String,
    /// When it was raised.
    pub at: Timestamp,
}

/// A lane: what one partner is still to be told of a dossier.
#[derive(Clone, Debug, Serialize)]
pub struct LaneLine {
    /// The partner.
    pub partner: String,
    /// Why it is paused, if it is.
    pub paused: Option<String>,
    /// Since when.
    pub paused_since: Option<Timestamp>,
    /// Until when; `None`: until released.
    pub paused_until: Option<Timestamp>,
    /// Its open handoffs, in their order.
    pub handoffs: Vec<LanePlace>,
}

/// An open handoff in its lane.
#[derive(Clone, Debug, Serialize)]
pub struct LanePlace {
    /// The handoff.
    pub handoff: HandoffLine,
    /// The handoff ahead that holds it.
    pub held_by: Option<String>,
}

const AUDIT: &str = "SELECT id, at, who, act, subject, dossier, reason, detail FROM audit";

/// Since a time: no row before the first of these is looked at, and none of them is left out, however the clock went.
const SINCE: &str = "at >= ?1 AND id >= (SELECT min(id) FROM audit INDEXED BY audit_at WHERE at >= ?1)";

impl JournalReport {
    /// What operators did since a time, oldest first; the newest when there are more than `limit`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn audit(&self, since: Timestamp, limit: u32) -> Result<Vec<AuditLine>, Error> {
        let sql = format!("{AUDIT} WHERE {SINCE} ORDER BY id DESC LIMIT ?2");
        let mut acts = self.list(&sql, params![millis(since), limit], act)?;
        acts.reverse();
        Ok(acts)
    }

    /// What operators did before an act and since a time, newest first: to dossiers of these agencies only. An act on a slip
    /// is its dossier's, also after the slip was joined.
    ///
    /// # Errors
    /// When the store fails.
    pub fn audit_of(
        &self,
        agencies: &Agencies,
        (since, before): (Timestamp, Option<i64>),
        limit: u32,
    ) -> Result<Vec<AuditLine>, Error> {
        let before = before.unwrap_or(i64::MAX);
        if agencies.is_all() {
            let sql = format!("{AUDIT} WHERE {SINCE} AND id < ?2 ORDER BY id DESC LIMIT ?3");
            return self.list(&sql, params![millis(since), before, limit], act);
        }
        let sql = format!(
            "{AUDIT} WHERE {SINCE} AND id < ?2 AND EXISTS (
                 SELECT 1 FROM dossier d, json_each(?4) AS pattern WHERE d.agency GLOB pattern.value
                 AND d.id IN (SELECT id FROM dossier WHERE key = audit.dossier
                     UNION ALL SELECT slip.dossier FROM slip
                     WHERE audit.dossier LIKE 'phieu:%' AND slip.slip = substr(audit.dossier, 7)))
             ORDER BY id DESC LIMIT ?3"
        );
        self.list(&sql, params![millis(since), before, limit, agencies.globs()], act)
    }

    /// What operators did to a dossier, under its code or as a slip.
    pub(super) fn acts_on(&self, dossier: i64) -> Result<Vec<AuditLine>, Error> {
        let sql = format!(
            "{AUDIT} WHERE dossier IN (SELECT key FROM dossier WHERE id = ?1
                 UNION SELECT 'phieu:' || slip FROM slip WHERE dossier = ?1) ORDER BY id"
        );
        self.list(&sql, [dossier], act)
    }

    /// Tasks of the desk that are open, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn desk_tasks(&self, limit: usize, agencies: &Agencies) -> Result<Vec<DeskTaskLine>, Error> {
        let sql = "SELECT f.id, d.key, d.agency, f.code, f.at FROM flag f JOIN dossier d ON d.id = f.dossier
             WHERE f.task = 1 AND f.closed_at IS NULL ORDER BY f.id";
        let read = |row: &Row<'_>| {
            Ok(DeskTaskLine {
                number: row.get(0)?,
                dossier: row.get(1)?,
                agency: row.get(2)?,
                code: row.get(3)?,
                at: time(row, 4)?,
            })
        };
        self.first(sql, limit, read, |task| agencies.has(&task.agency))
    }

    /// The agency whose desk a task is for, open or closed.
    ///
    /// # Errors
    /// When the store fails.
    pub fn agency_of_desk_task(&self, number: i64) -> Result<Option<String>, Error> {
        let sql =
            "SELECT d.agency FROM flag f JOIN dossier d ON d.id = f.dossier WHERE f.id = ?1 AND f.task = 1";
        Ok(self.connection.query_row(sql, [number], |row| row.get(0)).optional()?)
    }

    /// The row of a dossier, for the commands that act on its lanes.
    ///
    /// # Errors
    /// When the store fails.
    pub fn dossier_row(&self, name: &str) -> Result<Option<i64>, Error> {
        self.dossier_id(name)
    }

    /// Both lanes of a dossier.
    ///
    /// # Errors
    /// When the store fails.
    pub fn lanes(
        &self,
        dossier: i64,
        dead_row_holds: SignedDuration,
        now: Timestamp,
    ) -> Result<Vec<LaneLine>, Error> {
        let open = rows::open_rows(&self.connection, dossier)?;
        let mut lanes = Vec::new();
        for partner in Partner::ALL {
            let lane: Vec<_> = open.iter().filter(|row| row.kind.partner() == partner).collect();
            let entries: Vec<_> = lane.iter().filter_map(|row| row.entry()).collect();
            let mut line = self.pause_of(dossier, partner, now)?;
            for (index, row) in lane.iter().enumerate() {
                let holder = lane::holder(&entries, index, dead_row_holds).and_then(|index| lane.get(index));
                let held_by = holder.map(|row| row.handoff_id.as_str().to_owned());
                let lines = self.handoffs("h.handoff_id = ?1", [HandoffId::as_str(&row.handoff_id)])?;
                line.handoffs
                    .extend(lines.into_iter().map(|handoff| LanePlace { handoff, held_by: held_by.clone() }));
            }
            lanes.push(line);
        }
        Ok(lanes)
    }

    fn pause_of(&self, dossier: i64, partner: Partner, now: Timestamp) -> Result<LaneLine, Error> {
        let sql = "SELECT reason, since, until FROM lane_pause
             WHERE dossier = ?1 AND partner = ?2 AND (until IS NULL OR until > ?3)";
        let paused = self.list(sql, params![dossier, partner.name(), millis(now)], |row| {
            Ok(LaneLine {
                partner: partner.name().to_owned(),
                paused: row.get(0)?,
                paused_since: optional_time(row, 1)?,
                paused_until: optional_time(row, 2)?,
                handoffs: Vec::new(),
            })
        })?;
        Ok(paused.into_iter().next().unwrap_or_else(|| LaneLine {
            partner: partner.name().to_owned(),
            paused: None,
            paused_since: None,
            paused_until: None,
            handoffs: Vec::new(),
        }))
    }
}

fn act(row: &Row<'_>) -> rusqlite::Result<AuditLine> {
    Ok(AuditLine {
        number: row.get(0)?,
        at: time(row, 1)?,
        who: row.get(2)?,
        act: row.get(3)?,
        subject: row.get(4)?,
        dossier: row.get(5)?,
        reason: row.get(6)?,
        detail: row.get(7)?,
    })
}
