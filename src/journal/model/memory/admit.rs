//! Admission, gaps, and what waits behind them.

use super::{InRow, Memory, next_id, stored};
use crate::intake::{AdmittedCounts, Arrival, Read};
use jiff::Timestamp;
use lienthong_core::event::Event;
use lienthong_core::identity::EventHash;
use lienthong_core::plan::Cause;
use lienthong_core::plan::sequence::{Position, place_of};
use std::rc::Rc;

impl Memory {
    pub(super) fn admit_all(&mut self, batch: &[Arrival]) -> AdmittedCounts {
        let mut counts = AdmittedCounts::default();
        for arrival in batch {
            self.admit_one(arrival, &mut counts);
        }
        counts
    }

    fn admit_one(&mut self, arrival: &Arrival, counts: &mut AdmittedCounts) {
        let (event, hash) = match &arrival.read {
            Read::Refused { refusal, sha256, .. } => {
                return self.set_aside(arrival, refusal.reason.as_str(), sha256, counts);
            }
            Read::Event(read) => (&read.event, &read.hash),
        };
        let mut known = self.inbox.values();
        match known.find(|row| row.event.source == event.source && row.event.id == event.id) {
            Some(row) if row.hash == *hash.as_bytes() => counts.duplicates += 1,
            Some(_) => self.set_aside(arrival, "COMMUNE-CONFLICT", hash.as_bytes(), counts),
            None if !self.may_speak(arrival, event) => {
                self.set_aside(arrival, "COMMUNE-NOT-ALLOWED", hash.as_bytes(), counts);
            }
            None => self.store(arrival, event, *hash, counts),
        }
    }

    fn set_aside(&mut self, arrival: &Arrival, code: &str, hash: &[u8], counts: &mut AdmittedCounts) {
        let known = self.quarantine.iter().any(|(kept, of)| kept == code && of == hash);
        if arrival.redelivered && known {
            counts.duplicates += 1;
            return;
        }
        counts.quarantined += 1;
        self.quarantine.push((code.to_owned(), hash.to_vec()));
    }

    fn may_speak(&self, arrival: &Arrival, event: &Event) -> bool {
        let agency = &event.snapshot.agency.code;
        let allowed = self.tables.source(&event.source).is_some_and(|rules| rules.agencies.contains(agency));
        allowed && arrival.routing_key == format!("{agency}.{}", event.kind.type_name())
    }

    fn store(&mut self, arrival: &Arrival, event: &Event, hash: EventHash, counts: &mut AdmittedCounts) {
        let now = stored(arrival.arrived_at);
        let dossier = self.dossier_of(event);
        let event = Rc::new(event.clone());
        let gap = self.position(&event, dossier) == Position::Gap;
        let hold = self.tables.source(&event.source).map(|rules| rules.gap_hold).unwrap_or_default();
        let plan_at = gap.then(|| now + hold);
        let id = next_id(&self.inbox);
        let state = if gap { "waiting" } else { "planned" };
        let row = InRow { event: Rc::clone(&event), hash: *hash.as_bytes(), dossier, state, plan_at };
        self.inbox.insert(id, row);
        counts.stored += 1;
        if gap {
            counts.waiting += 1;
            return;
        }
        self.plan(dossier, Some(id), Cause::Desk(&event), now);
        self.plan_followers(dossier, now);
    }

    fn position(&self, event: &Event, dossier: i64) -> Position {
        place_of(event, &self.dossiers[&dossier].state, self.tables.source(&event.source))
    }

    fn plan_followers(&mut self, dossier: i64, now: Timestamp) {
        loop {
            let waiting =
                self.inbox.iter().filter(|(_, row)| row.dossier == dossier && row.state == "waiting");
            let next = waiting
                .min_by_key(|(_, row)| row.event.sequence)
                .map(|(id, row)| (*id, Rc::clone(&row.event)));
            let Some((id, event)) = next else { return };
            if self.position(&event, dossier) == Position::Gap {
                return;
            }
            self.plan_stored(id, dossier, now);
        }
    }

    fn plan_stored(&mut self, id: i64, dossier: i64, now: Timestamp) {
        let row = self.inbox.get_mut(&id).expect("rows never vanish");
        if row.state != "waiting" {
            return;
        }
        (row.state, row.plan_at) = ("planned", None);
        let event = Rc::clone(&row.event);
        self.plan(dossier, Some(id), Cause::Desk(&event), now);
    }

    pub(super) fn release(&mut self, now: Timestamp) {
        let waiting = self.inbox.iter().filter(|(_, row)| row.state == "waiting");
        let due = waiting.filter(|(_, row)| row.plan_at.is_some_and(|at| at <= now));
        let mut due: Vec<_> = due.map(|(id, row)| (row.dossier, row.event.sequence, *id)).collect();
        due.sort_unstable();
        for (dossier, _, id) in due {
            self.plan_stored(id, dossier, now);
            self.plan_followers(dossier, now);
        }
    }
}
