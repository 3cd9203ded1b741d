//! The inbox: events stored once, planned in order, held over a gap.

use super::admit::{Admitting, unplannable};
use super::{Error, known, millis, planning, rows};
use crate::intake::{Arrival, ReadEvent};
use crate::telemetry::traces;
use jiff::Timestamp;
use lienthong_core::event::Event;
use lienthong_core::outcome::gateway;
use lienthong_core::plan::Cause;
use lienthong_core::plan::sequence::{self, Position};
use lienthong_core::state::DossierState;
use rusqlite::{OptionalExtension, params};

impl Admitting<'_> {
    pub(super) fn store(&mut self, arrival: &Arrival, read: &ReadEvent) -> Result<(), Error> {
        let (event, now) = (&read.event, arrival.arrived_at);
        let found = self.dossier_of(event, now)?;
        let (dossier, position) = (found.row.id, self.position(event, &found.state));
        let plan_at = match position {
            Position::Gap => {
                let hold = self
                    .around
                    .tables
                    .source(&event.source)
                    .map_or(jiff::SignedDuration::ZERO, |s| s.gap_hold);
                Some(now.checked_add(hold).unwrap_or(Timestamp::MAX))
            }
            Position::First | Position::InOrder | Position::Late => None,
        };
        let payload = rows::put_bytes(self.tx, &read.canonical)?;
        self.tx
            .prepare_cached(
                "INSERT INTO inbox (source, event_id, hash, dossier, kind, status, happened_at, sequence, arrived_at,
                     state, plan_at, trace, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                event.source.as_str(),
                event.id.as_str(),
                read.hash.as_bytes().as_slice(),
                dossier,
                event.kind.name(),
                event.snapshot.dossier.status.map(u8::from),
                millis(event.time),
                event.sequence.and_then(|sequence| i64::try_from(sequence).ok()),
                millis(now),
                if plan_at.is_some() { "waiting" } else { "planned" },
                plan_at.map(millis),
                traces::kept(arrival.trace.as_deref(), event),
                payload,
            ])?;
        let inbox = self.tx.last_insert_rowid();
        self.counts.stored += 1;
        if plan_at.is_some() {
            self.counts.waiting += 1;
            return Ok(());
        }
        let cause = Cause::Desk(event);
        self.transitions.extend(planning::plan(self.tx, self.around, &found, Some(inbox), cause, now)?);
        // Events that wait for this one came before it.
        if found.is_new { Ok(()) } else { self.plan_followers(dossier, now) }
    }

    /// Plans stored events that waited for the one just planned, in order.
    pub(super) fn plan_followers(&mut self, dossier: i64, now: Timestamp) -> Result<(), Error> {
        loop {
            let next: Option<i64> = self
                .tx
                .prepare_cached(
                    "SELECT id FROM inbox INDEXED BY inbox_gap WHERE dossier = ?1 AND state = 'waiting'
                     ORDER BY sequence LIMIT 1",
                )?
                .query_row([dossier], |row| row.get(0))
                .optional()?;
            let Some(inbox) = next else { return Ok(()) };
            match self.is_next(inbox, dossier) {
                Ok(true) => self.plan_stored(inbox, dossier, now)?,
                Ok(false) => return Ok(()),
                Err(error) if !error.is_of_the_store() => self.set_stored_aside(inbox, now, &error)?,
                Err(error) => return Err(error),
            }
        }
    }

    fn is_next(&self, inbox: i64, dossier: i64) -> Result<bool, Error> {
        let event = self.stored_event(inbox)?;
        Ok(self.position(&event, &known::find(self.tx, dossier)?.state) != Position::Gap)
    }

    /// Plans a stored event, if it still waits; one that cannot be planned is set aside.
    pub(super) fn plan_stored(&mut self, inbox: i64, dossier: i64, now: Timestamp) -> Result<(), Error> {
        let planned = self.or_take_back(|this| {
            let waited = this
                .tx
                .prepare_cached(
                    "UPDATE inbox SET state = 'planned', plan_at = NULL WHERE id = ?1 AND state = 'waiting'",
                )?
                .execute([inbox])?;
            if waited == 0 {
                return Ok(());
            }
            let event = this.stored_event(inbox)?;
            let (cause, found) = (Cause::Desk(&event), known::find(this.tx, dossier)?);
            this.transitions.extend(planning::plan(this.tx, this.around, &found, Some(inbox), cause, now)?);
            Ok(())
        });
        match planned {
            Err(error) if !error.is_of_the_store() => self.set_stored_aside(inbox, now, &error),
            planned => planned,
        }
    }

    /// Sets aside an event that was stored and cannot be planned: it must not hold up those that wait with it. The
    /// quarantine takes over its payload.
    fn set_stored_aside(&self, inbox: i64, now: Timestamp, error: &Error) -> Result<(), Error> {
        let detail = unplannable(error);
        self.tx
            .prepare_cached(
                "INSERT INTO quarantine (arrived_at, code, detail, sha256, size, routing_key, headers, payload)
                 SELECT inbox.arrived_at, ?2, ?3, inbox.hash, ifnull(length(payload.body), 0),
                        dossier.agency || '.vn.dossier.' || inbox.kind, '[]', inbox.payload
                 FROM inbox JOIN dossier ON dossier.id = inbox.dossier LEFT JOIN payload ON payload.id = inbox.payload
                 WHERE inbox.id = ?1",
            )?
            .execute(params![inbox, gateway::UNPLANNABLE, detail])?;
        self.tx
            .prepare_cached(
                "UPDATE payload SET erase_at = ?2 WHERE id = (SELECT payload FROM inbox WHERE id = ?1)",
            )?
            .execute(params![inbox, millis(self.erase_at(now))])?;
        self.tx
            .prepare_cached("UPDATE inbox SET state = 'aside', plan_at = NULL, payload = NULL WHERE id = ?1")?
            .execute([inbox])?;
        Ok(())
    }

    fn stored_event(&self, inbox: i64) -> Result<Event, Error> {
        let payload: Option<i64> = self
            .tx
            .prepare_cached("SELECT payload FROM inbox WHERE id = ?1")?
            .query_row([inbox], |row| row.get(0))?;
        rows::payload(self.tx, payload)?.ok_or(Error::Missing("the payload of a waiting event"))
    }

    fn position(&self, event: &Event, state: &DossierState) -> Position {
        sequence::place_of(event, state, self.around.tables.source(&event.source))
    }
}
