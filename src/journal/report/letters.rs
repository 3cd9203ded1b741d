//! Dead letters in groups, and what persons made of one.

use super::{HandoffLine, JournalReport, time};
use crate::journal::{Error, rows};
use crate::users::Agencies;
use jiff::Timestamp;
use lienthong_core::handoff::HandoffKind;
use lienthong_core::letters::{Class, class, fingerprint};
use lienthong_core::outcome::{Reason, ReasonCode};
use lienthong_core::plan::Stage;
use rusqlite::Row;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Hours that a [`Trend`] looks back on one by one.
const HOURS: usize = 24;

/// Days that a [`Trend`] looks back on one by one.
const DAYS: usize = 7;

/// Dead letters of one cause.
#[derive(Clone, Debug, Serialize, ToSchema)]
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
    /// How many of each agency.
    pub agencies: BTreeMap<String, usize>,
    /// When they stopped, lately.
    pub trend: Trend,
}

/// When those that stand stopped; what was mended meanwhile is not counted any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Trend {
    /// In each of the last 24 hours, the newest last.
    pub hours: [u32; HOURS],
    /// In each of the last seven times 24 hours, the newest last.
    pub days: [u32; DAYS],
}

impl Trend {
    fn count(&mut self, since: Timestamp, now: Timestamp) {
        let hours = usize::try_from(now.duration_since(since).as_hours()).unwrap_or(0);
        add(&mut self.hours, hours);
        add(&mut self.days, hours / 24);
    }
}

/// Counts one so many steps before the last.
fn add(counts: &mut [u32], before_the_last: usize) {
    if let Some(count) = counts.iter_mut().rev().nth(before_the_last) {
        *count += 1;
    }
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
    /// Agency of the dossier.
    pub agency: String,
    /// When it stopped.
    pub since: Timestamp,
}

/// What a person made of a content.
#[derive(Clone, Debug, Serialize, ToSchema)]
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

    fn class(&self) -> Class {
        class(self.stage, self.reason.as_ref().map_or("", |reason| reason.code.as_str()))
    }
}

impl JournalReport {
    /// What stopped, by cause: the largest group first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn groups(&self, agencies: &Agencies, now: Timestamp) -> Result<Vec<GroupLine>, Error> {
        let mut groups: BTreeMap<String, GroupLine> = BTreeMap::new();
        for stopped in self.stopped_ones(agencies)? {
            let group = stopped.fingerprint();
            let line = groups.entry(group.clone()).or_insert_with(|| begun(group, &stopped));
            let Member { since, agency, .. } = stopped.member;
            line.count += 1;
            line.first = line.first.min(since);
            line.last = line.last.max(since);
            *line.agencies.entry(agency).or_default() += 1;
            line.trend.count(since, now);
        }
        let mut lines: Vec<GroupLine> = groups.into_values().collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.count));
        Ok(lines)
    }

    /// The dead letters of a group, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn members(&self, group: &str, agencies: &Agencies) -> Result<Vec<Member>, Error> {
        let stopped =
            self.stopped_ones(agencies)?.into_iter().filter(|stopped| stopped.fingerprint() == group);
        Ok(stopped.map(|stopped| stopped.member).collect())
    }

    /// All dead letters by their group, oldest first.
    pub(super) fn members_by_group(
        &self,
        agencies: &Agencies,
    ) -> Result<BTreeMap<String, Vec<Member>>, Error> {
        let mut groups: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for stopped in self.stopped_ones(agencies)? {
            groups.entry(stopped.fingerprint()).or_default().push(stopped.member);
        }
        Ok(groups)
    }

    /// Those of a group as lines, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stopped_of(
        &self,
        group: &str,
        limit: usize,
        agencies: &Agencies,
    ) -> Result<Vec<HandoffLine>, Error> {
        let members = self.members(group, agencies)?;
        self.lines_of(members.iter().take(limit))
    }

    /// What a partner may have and only a person can find out, or nobody yet, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn uncertain(&self, limit: usize, agencies: &Agencies) -> Result<Vec<HandoffLine>, Error> {
        let stopped = self.stopped_ones(agencies)?;
        let uncertain = stopped.iter().filter(|stopped| stopped.class() == Class::Uncertain);
        self.lines_of(uncertain.take(limit).map(|stopped| &stopped.member))
    }

    fn lines_of<'a>(&self, members: impl Iterator<Item = &'a Member>) -> Result<Vec<HandoffLine>, Error> {
        let lines = members.map(|member| self.handoffs("h.id = ?1", [member.row]));
        Ok(lines.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn stopped_ones(&self, agencies: &Agencies) -> Result<Vec<Stopped>, Error> {
        let sql = "SELECT h.id, h.handoff_id, d.key, h.kind, h.state, h.code, h.field,
                 coalesce(h.dead_at, h.uncertain_since, h.planned_at) AS since, d.agency
             FROM handoff h JOIN dossier d ON d.id = h.dossier
             WHERE (h.state = 'dead' OR h.state = 'held' OR h.state = 'uncertain') ORDER BY since, h.id";
        let read = |row: &Row<'_>| {
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
                    agency: row.get(8)?,
                    since: time(row, 7)?,
                },
                kind: row.get(3)?,
                stage,
                reason: code.map(|code| Reason { code: ReasonCode::stored(code), field, said: None }),
            })
        };
        self.first(sql, usize::MAX, read, |stopped| agencies.has(&stopped.member.agency))
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
}

/// The line of a group that has counted nobody yet, with its first one as the example.
fn begun(group: String, first: &Stopped) -> GroupLine {
    GroupLine {
        group,
        kind: first.kind.clone(),
        class: first.class().name(),
        code: first.reason.as_ref().map(|reason| reason.code.as_str().to_owned()),
        field: first.reason.as_ref().and_then(|reason| reason.field.clone()),
        count: 0,
        first: first.member.since,
        last: first.member.since,
        sample: first.member.handoff.clone(),
        agencies: BTreeMap::new(),
        trend: Trend::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_counts_hours_and_days_back_from_now() {
        let now: Timestamp = "2022-09-15T04:00:00Z".parse().unwrap();
        let mut trend = Trend::default();
        for (minutes, hour, day) in [
            (0, Some(23), Some(6)),
            (59, Some(23), Some(6)),
            (60, Some(22), Some(6)),
            (24 * 60 - 1, Some(0), Some(6)),
            (24 * 60, None, Some(5)),
            (7 * 24 * 60 - 1, None, Some(0)),
            (7 * 24 * 60, None, None),
            // A clock that went back.
            (-5, Some(23), Some(6)),
            (-300, Some(23), Some(6)),
        ] {
            let before = trend.clone();
            trend.count(now - jiff::SignedDuration::from_mins(minutes), now);
            let grown = |before: &[u32], after: &[u32]| before.iter().zip(after).position(|(b, a)| a > b);
            assert_eq!(grown(&before.hours, &trend.hours), hour, "{minutes} minutes");
            assert_eq!(grown(&before.days, &trend.days), day, "{minutes} minutes");
        }
    }
}
