//! Admission: a batch of messages becomes inbox rows, plans and quarantine rows in one transaction.
//!
//! Only after that is the broker told. A message that cannot be read, that conflicts, or that speaks for an agency that
//! is not its own, goes to the quarantine in the same transaction; it never stops its neighbours.

use super::apart::apart;
use super::{Error, Journal, Surroundings, Transition, millis, rows};
use crate::intake::{
    Admission, AdmissionError, AdmittedCounts, Admitting as Pending, Arrival, Read, ReadEvent,
};
use crate::reasons;
use crate::telemetry::traces;
use jiff::Timestamp;
use lienthong_core::event::{Event, EventKind};
use lienthong_core::outcome::gateway;
use lienthong_core::tables::Tables;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// Why an event that could be read is set aside.
struct SetAside {
    code: &'static str,
    field: Option<&'static str>,
    detail: String,
}

impl Admission for Journal {
    fn admit(&self, batch: Vec<Arrival>) -> Pending<'_> {
        Box::pin(self.admit_batch(batch))
    }

    fn open(&self) -> Result<(), &'static str> {
        self.pressure.open()
    }
}

impl Journal {
    /// Stores a batch, plans included.
    ///
    /// # Errors
    /// When the store fails; nothing of the batch stands then.
    pub(super) async fn admit_batch(&self, batch: Vec<Arrival>) -> Result<AdmittedCounts, AdmissionError> {
        let around = Arc::clone(&self.around);
        let admitting = self
            .writer
            .hand_over(move |tx| {
                let mut admitting = Admitting::new(tx, &around);
                for arrival in &batch {
                    admitting.admit(arrival)?;
                }
                crash_point!("intake.before_commit");
                Ok((admitting.counts, admitting.transitions, admitting.stored))
            })
            .await
            .map_err(AdmissionError::new)?;
        // A claim that comes in time finds what the batch brings and shares its commit; another one comes afterwards.
        self.wake.notify_one();
        let admitted = admitting.written().await;
        let (counts, transitions, stored) = admitted.map_err(AdmissionError::new)?;
        super::log::transitions(&transitions);
        traces::received(stored);
        self.wake.notify_one();
        Ok(counts)
    }
}

/// Admission within one transaction.
pub(super) struct Admitting<'a> {
    pub(super) tx: &'a Connection,
    pub(super) around: &'a Surroundings,
    pub(super) counts: AdmittedCounts,
    pub(super) transitions: Vec<Transition>,
    stored: Vec<traces::Received>,
}

impl<'a> Admitting<'a> {
    pub(super) fn new(tx: &'a Connection, around: &'a Surroundings) -> Self {
        Self { tx, around, counts: AdmittedCounts::default(), transitions: Vec::new(), stored: Vec::new() }
    }
}

impl Admitting<'_> {
    fn admit(&mut self, arrival: &Arrival) -> Result<(), Error> {
        match &arrival.read {
            Read::Refused { refusal, bytes, size, sha256 } => {
                let aside = Aside {
                    code: refusal.reason.as_str(),
                    field: refusal.field.as_deref(),
                    detail: &refusal.detail,
                    bytes,
                    size: *size,
                    sha256: sha256.as_slice(),
                };
                self.quarantine(arrival, &aside)
            }
            Read::Event(read) => match self.check(arrival, read)? {
                Verdict::New => match self.or_take_back(|this| this.store(arrival, read)) {
                    Err(error) if !error.is_of_the_store() => self.set_unplannable(arrival, read, &error),
                    stored => {
                        stored?;
                        self.stored.extend(traces::stored(arrival, &read.event));
                        Ok(())
                    }
                },
                Verdict::Duplicate => {
                    self.counts.duplicates += 1;
                    Ok(())
                }
                Verdict::Aside(why) => self.set_aside(arrival, read, &why),
            },
        }
    }

    /// Does the work of one event; what failed half-way is taken back, so that its neighbours are unharmed.
    pub(super) fn or_take_back(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (tx, counts, changes) = (self.tx, self.counts, self.transitions.len());
        let done = apart(tx, "planning an event", || work(self));
        if done.is_err() {
            self.counts = counts;
            self.transitions.truncate(changes);
        }
        done
    }

    fn set_unplannable(&mut self, arrival: &Arrival, read: &ReadEvent, error: &Error) -> Result<(), Error> {
        let detail = unplannable(error);
        self.set_aside(arrival, read, &SetAside { code: gateway::UNPLANNABLE, field: None, detail })
    }

    /// When what arrived now leaves the quarantine.
    pub(super) fn erase_at(&self, now: Timestamp) -> Timestamp {
        let keep = jiff::SignedDuration::from_hours(24 * i64::from(self.around.quarantine_days));
        now.checked_add(keep).unwrap_or(Timestamp::MAX)
    }

    fn set_aside(&mut self, arrival: &Arrival, read: &ReadEvent, why: &SetAside) -> Result<(), Error> {
        let aside = Aside {
            code: why.code,
            field: why.field,
            detail: &why.detail,
            bytes: &read.canonical,
            size: read.canonical.len(),
            sha256: read.hash.as_bytes(),
        };
        self.quarantine(arrival, &aside)
    }

    fn check(&self, arrival: &Arrival, read: &ReadEvent) -> Result<Verdict, Error> {
        let ReadEvent { event, hash, .. } = read;
        let seen: Option<Vec<u8>> = self
            .tx
            .prepare_cached("SELECT hash FROM inbox WHERE source = ?1 AND event_id = ?2")?
            .query_row([event.source.as_str(), event.id.as_str()], |row| row.get(0))
            .optional()?;
        Ok(match seen {
            Some(_) if sabotaged!("dedupe") => Verdict::New,
            Some(seen) if seen == hash.as_bytes() || sabotaged!("conflict") => Verdict::Duplicate,
            Some(_) => Verdict::Aside(SetAside {
                code: reasons::CONFLICT,
                field: Some("id"),
                detail: format!(
                    "the id {} was used before for other content: give each event an id of its own",
                    event.id
                ),
            }),
            None if sabotaged!("may-speak") => Verdict::New,
            None => match may_speak(self.around, arrival, event) {
                Ok(()) => Verdict::New,
                Err(why) => Verdict::Aside(why),
            },
        })
    }

    fn quarantine(&mut self, arrival: &Arrival, aside: &Aside<'_>) -> Result<(), Error> {
        if arrival.redelivered && self.is_set_aside(aside)? {
            self.counts.duplicates += 1;
            return Ok(());
        }
        self.counts.quarantined += 1;
        let payload = rows::put_bytes(self.tx, aside.bytes)?;
        let erase_at = self.erase_at(arrival.arrived_at);
        self.tx
            .prepare_cached("UPDATE payload SET erase_at = ?2 WHERE id = ?1")?
            .execute(params![payload, millis(erase_at)])?;
        let headers = serde_json::to_string(&arrival.headers)
            .map_err(|source| Error::Unreadable { what: "headers to store", source })?;
        self.tx
            .prepare_cached(
                "INSERT INTO quarantine (arrived_at, code, field, detail, sha256, size, routing_key, content_type,
                     headers, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                millis(arrival.arrived_at),
                aside.code,
                aside.field,
                aside.detail,
                aside.sha256,
                i64::try_from(aside.size).unwrap_or(i64::MAX),
                arrival.routing_key,
                arrival.content_type,
                headers,
                payload,
            ])?;
        let routing_key = told_key(&self.around.tables, &arrival.routing_key);
        tracing::warn!(reason = aside.code, routing_key, "a message was set aside in the quarantine");
        Ok(())
    }

    /// Whether the same bytes were set aside for the same reason, and their acknowledgement was lost.
    fn is_set_aside(&self, aside: &Aside<'_>) -> Result<bool, Error> {
        Ok(self
            .tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM quarantine WHERE sha256 = ?1 AND code = ?2)")?
            .query_row(params![aside.sha256, aside.code], |row| row.get(0))?)
    }
}

/// Logs that an event could not be planned, and says so.
pub(super) fn unplannable(error: &Error) -> String {
    tracing::error!(error = error.told(), "an event could not be planned");
    format!("the gateway failed to plan the event ({error}): tell the administrator")
}

/// A routing key as the log may tell it: whoever publishes can write anything into one.
pub(super) fn told_key<'a>(tables: &Tables, key: &'a str) -> &'a str {
    let known = |(agency, kind): (&str, &str)| {
        tables.agencies.keys().any(|code| code.as_str() == agency)
            && EventKind::ALL.iter().any(|known| known.name() == kind)
    };
    if key.split_once(".vn.dossier.").is_some_and(known) { key } else { "unexpected" }
}

struct Aside<'a> {
    code: &'a str,
    field: Option<&'a str>,
    detail: &'a str,
    bytes: &'a [u8],
    size: usize,
    sha256: &'a [u8],
}

enum Verdict {
    New,
    Duplicate,
    Aside(SetAside),
}

/// Whether this source, over this routing key and broker user, may speak for the event's agency.
fn may_speak(around: &Surroundings, arrival: &Arrival, event: &Event) -> Result<(), SetAside> {
    let agency = &event.snapshot.agency.code;
    let refuse = |field, detail| Err(SetAside { code: reasons::NOT_ALLOWED, field: Some(field), detail });
    let Some(rules) = around.tables.source(&event.source) else {
        return refuse("source", format!("the source {} is not configured", event.source));
    };
    if !rules.agencies.contains(agency) {
        return refuse(
            "agency.code",
            format!("the source {} may not speak for agency {agency}", event.source),
        );
    }
    if arrival.routing_key != format!("{agency}.{}", event.kind.type_name()) {
        let detail = format!("the routing key must be {agency}.{}", event.kind.type_name());
        return refuse("routing key", detail);
    }
    match &rules.user_id {
        Some(user) if arrival.user_id.as_ref() != Some(user) => {
            refuse("user_id", format!("the source {} must publish as its own broker user", event.source))
        }
        Some(_) | None => Ok(()),
    }
}
