//! The dossiers of a period that the portal has acknowledged no record of: why, and who must act.

use super::super::{Error, known, millis, rows};
use super::figures::{Asked, DossierFacts, speaks_for};
use super::{JournalReport, time};
use jiff::Timestamp;
use lienthong_core::event::Snapshot;
use lienthong_core::figures::{Missing, Record, RecordState};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AgencyCode;
use lienthong_core::plan::again;
use lienthong_core::state::DossierState;
use lienthong_core::tables::Tables;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

/// Longest code of a dossier that is shown of a message that was set aside.
const LONGEST_CODE: usize = 50;

/// A dossier whose record the portal has not acknowledged, or a message that never became one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MissingLine {
    /// Code of the dossier; of a message that was set aside only where it can be read.
    pub dossier: Option<String>,
    /// Agency that received it.
    pub agency: String,
    /// Accepted at the desk.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub received_at: Option<Timestamp>,
    /// Why, one of the words of `docs/figures.md`.
    pub why: &'static str,
    /// `desk`, `ops`, `post` or `nobody`.
    pub who: &'static str,
    /// Reason code.
    pub code: Option<String>,
    /// Field of the event to correct.
    pub field: Option<String>,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Attempts made.
    pub attempts: u32,
    /// The record that is not there.
    pub handoff: Option<String>,
    /// Number of the message in the quarantine.
    pub quarantine: Option<i64>,
}

/// Missing dossiers, and whether there are more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MissingPage {
    /// The lines, oldest first, set-aside messages last.
    pub lines: Vec<MissingLine>,
    /// There are more than were asked for.
    pub more: bool,
}

impl JournalReport {
    /// The dossiers of a period that the portal has acknowledged no record of, and the messages that were set aside.
    ///
    /// # Errors
    /// When the store fails.
    pub fn missing(
        &self,
        agency: &str,
        asked: &Asked,
        tables: &Tables,
        most: usize,
    ) -> Result<MissingPage, Error> {
        let mut page = MissingPage::default();
        self.each_received(agency, asked, |dossier| {
            if dossier.acknowledged {
                return Ok(true);
            }
            if page.lines.len() == most {
                page.more = true;
                return Ok(false);
            }
            page.lines.push(self.missing_dossier(agency, dossier, asked, tables)?);
            Ok(true)
        })?;
        if !page.more {
            self.missing_messages(agency, asked, most, &mut page)?;
        }
        Ok(page)
    }

    fn missing_dossier(
        &self,
        agency: &str,
        dossier: &DossierFacts,
        asked: &Asked,
        tables: &Tables,
    ) -> Result<MissingLine, Error> {
        let line = MissingLine {
            dossier: Some(dossier.key.clone()),
            agency: agency.to_owned(),
            received_at: Some(dossier.received_at()),
            why: "",
            who: "",
            code: None,
            field: None,
            since: None,
            attempts: 0,
            handoff: None,
            quarantine: None,
        };
        let found = self
            .connection
            .prepare_cached(
                "SELECT h.handoff_id, h.state, h.attempts, coalesce(a.blocked_code, h.code,
                         (SELECT t.code FROM attempt t WHERE t.handoff = h.id ORDER BY t.n DESC LIMIT 1)), h.field,
                     coalesce(h.dead_at, h.uncertain_since, h.ended_at, h.planned_at),
                     a.blocked_code IS NOT NULL
                         OR EXISTS (SELECT 1 FROM pause WHERE scope IN (h.partner, h.account) AND ifnull(until, ?2) >= ?2)
                         OR EXISTS (SELECT 1 FROM lane_pause l WHERE l.dossier = h.dossier AND l.partner = h.partner
                             AND ifnull(l.until, ?2) >= ?2)
                 FROM handoff h INDEXED BY handoff_dossier LEFT JOIN account a ON a.name = h.account
                 WHERE h.dossier = ?1 AND h.kind = 'portal.record' AND h.state <> 'superseded'
                 ORDER BY h.place DESC, h.id DESC LIMIT 1",
            )?
            .query_row(params![dossier.id, millis(asked.now)], |row| of_record(row, line.clone()))
            .optional()?
            .flatten();
        match found {
            Some(line) => Ok(line),
            None => Ok(because(line, self.unplanned(agency, dossier.id, asked.now, tables)?)),
        }
    }

    /// Why a dossier has no record at all.
    fn unplanned(
        &self,
        agency: &str,
        dossier: i64,
        now: Timestamp,
        tables: &Tables,
    ) -> Result<Missing, Error> {
        let (planned, waiting, aside): (bool, bool, bool) = self
            .connection
            .prepare_cached(
                "SELECT ifnull(max(state = 'planned'), 0), ifnull(max(state = 'waiting'), 0), ifnull(max(state = 'aside'), 0)
                 FROM inbox INDEXED BY inbox_dossier WHERE dossier = ?1",
            )?
            .query_row([dossier], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        if !planned && waiting {
            return Ok(Missing::Gap);
        }
        if !planned && aside {
            return Ok(Missing::Aside);
        }
        let row = known::dossier(&self.connection, dossier)?;
        let at =
            known::readable(known::state_of(&row).map(Some))?.and_then(|state: DossierState| state.as_of);
        if tables.account(&AgencyCode::new(agency), Partner::Portal, at.unwrap_or(now)).is_none() {
            return Ok(Missing::NoAccount);
        }
        let basis = known::readable(rows::payload::<Snapshot>(&self.connection, row.basis))?;
        let reported = basis.zip(at).map(|(basis, at)| again::is_reported(&basis, at, tables, now));
        Ok(if reported == Some(false) { Missing::Elsewhere } else { Missing::Unplanned })
    }

    /// Messages of the period that were set aside, unless the portal has their dossier all the same.
    fn missing_messages(
        &self,
        agency: &str,
        asked: &Asked,
        most: usize,
        page: &mut MissingPage,
    ) -> Result<(), Error> {
        let mut statement = self.connection.prepare(
            "SELECT q.id, q.arrived_at, q.code, q.field, CASE WHEN json_valid(CAST(p.body AS TEXT)) THEN
                 coalesce(json_extract(CAST(p.body AS TEXT), '$.data.dossier.code'),
                     json_extract(CAST(p.body AS TEXT), '$.snapshot.dossier.code')) END
             FROM quarantine q INDEXED BY quarantine_arrived LEFT JOIN payload p ON p.id = q.payload
             WHERE q.arrived_at >= ?1 AND q.arrived_at < ?2 AND instr(q.routing_key, ?3) = 1 ORDER BY q.arrived_at",
        )?;
        let (from, to) = (millis(asked.period.begins()), millis(asked.period.ends()));
        let mut rows = statement.query(params![from, to, speaks_for(agency)])?;
        while let Some(row) = rows.next()? {
            let dossier = row.get_ref(4)?.as_str().ok().filter(|code| is_code(code)).map(str::to_owned);
            if let Some(code) = &dossier
                && self.is_acknowledged(code)?
            {
                continue;
            }
            if page.lines.len() == most {
                page.more = true;
                return Ok(());
            }
            let line = MissingLine {
                dossier,
                agency: agency.to_owned(),
                received_at: None,
                why: "",
                who: "",
                code: row.get(2)?,
                field: row.get(3)?,
                since: Some(time(row, 1)?),
                attempts: 0,
                handoff: None,
                quarantine: row.get(0)?,
            };
            page.lines.push(because(line, Missing::Quarantined));
        }
        Ok(())
    }

    fn is_acknowledged(&self, code: &str) -> Result<bool, Error> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM dossier d JOIN handoff h ON h.dossier = d.id
                     WHERE d.key = ?1 AND h.kind = 'portal.record' AND h.state IN ('accepted', 'resolved'))",
            )?
            .query_row([code], |row| row.get(0))?)
    }
}

fn because(line: MissingLine, why: Missing) -> MissingLine {
    MissingLine { why: why.name(), who: why.who().name(), ..line }
}

/// The line of a dossier whose newest record is this; `None` of a state that is no reason to be missing.
fn of_record(row: &Row<'_>, line: MissingLine) -> rusqlite::Result<Option<MissingLine>> {
    let state: String = row.get(1)?;
    let state = match state.as_str() {
        "waiting" => RecordState::Waiting,
        "sending" => RecordState::Sending,
        "uncertain" => RecordState::Uncertain,
        "dead" => RecordState::Dead,
        "held" => RecordState::Held,
        "dismissed" => RecordState::Dismissed,
        "observed" => RecordState::Observed,
        _final => return Ok(None),
    };
    let (attempts, field): (u32, Option<String>) = (row.get(2)?, row.get(4)?);
    let record = Record { state, tried: attempts > 0, closed: row.get(6)?, field: field.is_some() };
    let line = MissingLine {
        handoff: row.get(0)?,
        attempts,
        code: row.get(3)?,
        field,
        since: Some(time(row, 5)?),
        ..line
    };
    Ok(Some(because(line, record.missing())))
}

/// Whether a text can be the code of a dossier: whoever publishes could write a name there.
fn is_code(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    text.len() <= LONGEST_CODE && text.chars().all(plain) && text.chars().any(|c| c.is_ascii_digit())
}
