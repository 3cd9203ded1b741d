//! Lanes by hand: paused, released, and a head that is skipped.

use super::super::recover::may_be_there;
use super::super::replay::Refusal;
use super::super::{Error, known, lanes, millis, rows};
use super::{Acted, Acting, CommandJournal, refused};
use jiff::Timestamp;
use lienthong_core::handoff::{HandoffKind, Partner};
use lienthong_core::ids::HandoffId;
use lienthong_core::lane;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use lienthong_core::plan::Stage;
use rusqlite::params;

impl CommandJournal {
    /// Sends nothing in these lanes of a dossier until they are released, or until the time given. The dossier is its
    /// row in the journal.
    ///
    /// # Errors
    /// When the store fails.
    pub fn pause_lanes(
        &mut self,
        dossier: i64,
        partners: &[Partner],
        reason: &str,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Acted, Error> {
        self.act("lane-pause", now, |acting| {
            for partner in partners {
                acting
                    .tx
                    .prepare_cached(
                        "INSERT INTO lane_pause (dossier, partner, reason, since, until) VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT (dossier, partner) DO UPDATE SET reason = ?3, until = ?5",
                    )?
                    .execute(params![dossier, partner.name(), reason, millis(now), until.map(millis)])?;
            }
            acting.note_lanes(dossier, partners, Some(reason))?;
            lanes::refresh(acting.tx, dossier, &acting.around.tables)?;
            Ok(Acted::Done)
        })
    }

    /// Ends the pause of these lanes.
    ///
    /// # Errors
    /// When the store fails.
    pub fn release_lanes(
        &mut self,
        dossier: i64,
        partners: &[Partner],
        now: Timestamp,
    ) -> Result<Acted, Error> {
        self.act("lane-release", now, |acting| {
            let mut released = 0;
            for partner in partners {
                released += acting
                    .tx
                    .prepare_cached("DELETE FROM lane_pause WHERE dossier = ?1 AND partner = ?2")?
                    .execute(params![dossier, partner.name()])?;
            }
            if released == 0 {
                return refused(Refusal::Unknown);
            }
            acting.note_lanes(dossier, partners, None)?;
            lanes::refresh(acting.tx, dossier, &acting.around.tables)?;
            Ok(Acted::Done)
        })
    }

    /// Ends the head of a lane by hand, whatever it waits for, so that what stands behind it goes on. An order that may
    /// be at the partner needs `not_there`; else it is to be resolved.
    ///
    /// # Errors
    /// When the store fails.
    pub fn skip(
        &mut self,
        id: &HandoffId,
        reason: &str,
        not_there: bool,
        now: Timestamp,
    ) -> Result<Acted, Error> {
        self.act("skip", now, |acting| {
            let Some(row) = rows::handoff_row_of(acting.tx, id)? else { return refused(Refusal::Unknown) };
            acting.skip(&row, reason, not_there)
        })
    }
}

impl Acting<'_> {
    fn skip(&self, row: &rows::HandoffRow, reason: &str, not_there: bool) -> Result<Acted, Error> {
        let Some(stage) = row.stage() else { return refused(Refusal::NotDead) };
        if stage == Stage::Sending {
            return refused(Refusal::UnderWay);
        }
        let in_doubt = stage == Stage::Uncertain || may_be_there(row);
        if in_doubt && row.kind == HandoffKind::PostOrder && !not_there {
            return refused(Refusal::MayBeThere);
        }
        if !self.is_head(row)? {
            return refused(Refusal::NotHead);
        }
        self.note(row, Some(reason), in_doubt.then_some("not there"))?;
        if !matches!(stage, Stage::Dead | Stage::Held) {
            // Whoever reopens it finds a dead letter that tells what it was.
            let code = if in_doubt { gateway::UNCERTAIN } else { gateway::SKIPPED };
            rows::bury(self.tx, row.id, &Reason::new(ReasonCode::known(code)), self.now)?;
        }
        self.end_by_hand(row)
    }

    fn is_head(&self, row: &rows::HandoffRow) -> Result<bool, Error> {
        let mut open = rows::open_rows(self.tx, row.dossier)?;
        open.retain(|other| other.kind.partner() == row.kind.partner());
        let entries: Vec<_> = open.iter().filter_map(rows::HandoffRow::entry).collect();
        let index = open.iter().position(|other| other.id == row.id);
        let holds = self.around.tables.dead_row_holds;
        Ok(index.is_some_and(|index| lane::holder(&entries, index, holds).is_none()))
    }

    fn note_lanes(&self, dossier: i64, partners: &[Partner], reason: Option<&str>) -> Result<(), Error> {
        let key = known::key(self.tx, dossier)?;
        let names: Vec<&str> = partners.iter().map(|partner| partner.name()).collect();
        self.note_on(key.as_str(), Some(key.as_str()), reason, Some(&names.join(" ")))
    }
}
