//! Desks that change their minds, and the wire that carries what they say: late, twice, out of order, not at all.

use super::town::{AGENCIES, NOWHERE, SOURCES, moment};
use crate::intake::{Arrival, Read};
use jiff::{SignedDuration, Timestamp};
use lienthong_commune::{Limits, Refusal};
use lienthong_core::event::{Event, EventKind, ForwardAddress, PostalAddress, Subject};
use lienthong_core::ids::{AgencyCode, DossierCode, EventId, PortalCode, SlipNumber, Source, UnitCode};
use lienthong_core::outcome::ReasonCode;
use lienthong_core::status::Status;
use rand::Rng as _;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use std::sync::OnceLock;

const FIXTURE: &str = include_str!("../../../adapters/commune/fixtures/valid/status-changed.json");

/// What a desk said once: all that the end of a life is judged by.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) id: String,
    pub(super) sequence: u64,
    pub(super) kind: EventKind,
    pub(super) status: u8,
    pub(super) time: Timestamp,
    pub(super) by_post: bool,
    pub(super) subject: String,
    pub(super) of_slip: bool,
}

/// A dossier at its desk.
pub(super) struct Desk {
    pub(super) code: String,
    pub(super) agency: usize,
    pub(super) source: usize,
    /// It was lodged at the portal.
    pub(super) lodged: bool,
    slip: Option<String>,
    slipped: bool,
    status: u8,
    by_post: bool,
    pickup: bool,
    phone: bool,
    area: bool,
    paid: bool,
    emptied: bool,
    sequence: u64,
    slip_sequence: u64,
    time: Timestamp,
    pub(super) said: Vec<Said>,
}

/// A message on the wire.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) arrival: Arrival,
    pub(super) what: String,
}

impl Desk {
    pub(super) fn draw(chance: &mut SmallRng, index: usize, agency: Option<usize>) -> Self {
        let agency = agency.unwrap_or_else(|| chance.random_range(0..AGENCIES.len()));
        Self {
            code: format!("{}-220915-{index:04}", AGENCIES[agency]),
            agency,
            source: chance.random_range(0..SOURCES.len()),
            lodged: chance.random_bool(0.4),
            slip: chance.random_bool(0.25).then(|| format!("EB{index:09}VN")),
            slipped: false,
            status: 1,
            by_post: chance.random_bool(0.7),
            pickup: false,
            phone: true,
            area: true,
            paid: true,
            emptied: false,
            sequence: 0,
            slip_sequence: 0,
            time: moment(0),
            said: Vec::new(),
        }
    }

    /// The next thing that the desk says.
    pub(super) fn say(&mut self, chance: &mut SmallRng, now: Timestamp) -> Event {
        self.time = (self.time + SignedDuration::from_secs(1)).max(now);
        if self.slip.is_some() && self.sequence == 0 && self.slip_sequence < 2 && chance.random_bool(0.7) {
            return self.say_of_slip(chance);
        }
        let kind = self.decide(chance);
        self.vary(chance);
        self.sequence += 1;
        let id = format!("{}/{}", self.code, self.sequence);
        let slip = self.slip.clone().filter(|_| self.slipped || self.sequence > 1);
        let mut event = self.event(id, kind, Subject::Dossier(DossierCode::new(self.code.as_str())));
        event.snapshot.dossier.code = Some(DossierCode::new(self.code.as_str()));
        // Not every event knows it.
        let known = self.lodged && (self.sequence == 1 || chance.random_bool(0.7));
        event.snapshot.dossier.portal_code = known.then(|| PortalCode::new(format!("G22-{}", self.code)));
        event.snapshot.dossier.slip = slip.map(SlipNumber::new);
        event.snapshot.dossier.status = Status::try_from(self.status).ok();
        event.sequence = Some(self.sequence);
        self.note(&event, false);
        event
    }

    fn say_of_slip(&mut self, chance: &mut SmallRng) -> Event {
        let slip = self.slip.clone().expect("asked for with a slip only");
        self.slip_sequence += 1;
        self.slipped = true;
        let off = self.slip_sequence > 1 && chance.random_bool(0.5);
        self.pickup = !off;
        let kind = if off { EventKind::PickupCancelled } else { EventKind::PickupRequested };
        let id = format!("{slip}/{}", self.slip_sequence);
        let mut event = self.event(id, kind, Subject::Slip(SlipNumber::new(slip.as_str())));
        event.snapshot.dossier.code = None;
        event.snapshot.dossier.slip = Some(SlipNumber::new(slip));
        event.snapshot.dossier.status = None;
        event.sequence = Some(self.slip_sequence);
        self.note(&event, true);
        event
    }

    fn decide(&mut self, chance: &mut SmallRng) -> EventKind {
        match chance.random_range(0..24) {
            0 => {
                self.pickup = true;
                EventKind::PickupRequested
            }
            1 => {
                self.pickup = false;
                EventKind::PickupCancelled
            }
            2 => {
                self.by_post = true;
                EventKind::ReturnRegistered
            }
            3 => {
                self.by_post = false;
                EventKind::ReturnWithdrawn
            }
            4 => {
                self.paid = !self.paid;
                EventKind::FeesChanged
            }
            5 => EventKind::ReorderRequested,
            6 => EventKind::PapersForwarded,
            _ => {
                self.step(chance);
                EventKind::StatusChanged
            }
        }
    }

    /// Statuses repeat, step back and re-open.
    fn step(&mut self, chance: &mut SmallRng) {
        let moves: &[u8] = match self.status {
            1 if self.sequence == 0 => &[1, 2, 2, 4, 9],
            1 => &[2, 2, 2, 3],
            2 => &[4, 4, 9, 5, 5, 1, 7],
            3 | 7 | 8 => &[2, 4],
            4 => &[5, 5, 6, 9, 9, 4, 2, 8],
            5 | 6 => &[4, 5, 9],
            9 => &[4, 9, 10, 10],
            _ => &[4, 10],
        };
        self.status = *moves.choose(chance).expect("there are moves");
    }

    fn vary(&mut self, chance: &mut SmallRng) {
        self.phone = chance.random_bool(0.93);
        self.area = chance.random_bool(0.93);
        self.emptied = chance.random_bool(0.04);
    }

    fn event(&self, id: String, kind: EventKind, subject: Subject) -> Event {
        let mut event = base().clone();
        event.source = Source::new(SOURCES[self.source]);
        event.kind = kind;
        event.subject = subject;
        event.time = self.time;
        let snapshot = &mut event.snapshot;
        snapshot.agency.code = AgencyCode::new(AGENCIES[self.agency]);
        snapshot.dossier.return_by_post = self.by_post;
        snapshot.dossier.subject = format!("bản {}", self.sequence);
        snapshot.step.text.clone_from(&id);
        event.id = EventId::new(id);
        let address = snapshot.postal.return_to.clone().expect("the fixture has a return address");
        if !self.phone {
            snapshot.applicant.phone = None;
        }
        let address = self.reached(address);
        snapshot.postal.pickup = self.pickup.then(|| address.clone());
        if kind == EventKind::PapersForwarded {
            let agency_code = AgencyCode::new("H11.01");
            snapshot.postal.forward = Some(ForwardAddress { agency_code, address: address.clone() });
        }
        snapshot.postal.return_to = Some(address);
        snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = self.paid);
        if self.emptied {
            snapshot.dossier.results = Some(Vec::new());
        }
        event
    }

    fn reached(&self, mut address: PostalAddress) -> PostalAddress {
        if !self.phone {
            address.phone = None;
        }
        if !self.area {
            address.province_code = UnitCode::new(NOWHERE);
        }
        address
    }

    fn note(&mut self, event: &Event, of_slip: bool) {
        self.said.push(Said {
            id: event.id.as_str().to_owned(),
            sequence: event.sequence.unwrap_or_default(),
            kind: event.kind,
            status: self.status,
            time: event.time,
            by_post: self.by_post,
            subject: event.snapshot.dossier.subject.clone(),
            of_slip,
        });
    }
}

fn base() -> &'static Event {
    static BASE: OnceLock<Event> = OnceLock::new();
    BASE.get_or_init(|| {
        let limits = Limits::default();
        lienthong_commune::decode(Some("application/json"), FIXTURE.as_bytes(), &limits).expect("a fixture")
    })
}

/// The message that carries an event.
pub(super) fn message(event: Event, now: Timestamp) -> Message {
    let what = format!("{} {} {:?}", event.id, event.kind.name(), event.snapshot.dossier.status);
    let routing_key = format!("{}.{}", event.snapshot.agency.code, event.kind.type_name());
    Message { arrival: arrival(routing_key, Read::Event(Box::new(event.into())), now), what }
}

/// The same id with other content.
pub(super) fn conflicting(message: &Message) -> Option<Message> {
    let Read::Event(read) = &message.arrival.read else { return None };
    let mut event = read.event.clone();
    event.snapshot.step.officer.push('X');
    let read = Read::Event(Box::new(event.into()));
    let arrival = Arrival { read, ..message.arrival.clone() };
    Some(Message { arrival, what: format!("conflict with {}", message.what) })
}

/// A message under somebody else's routing key.
pub(super) fn stranger(message: &Message) -> Message {
    let arrival = Arrival { routing_key: "H99.x".to_owned(), ..message.arrival.clone() };
    Message { arrival, what: format!("stranger {}", message.what) }
}

/// Bytes that nobody can read.
pub(super) fn unreadable(n: u8, now: Timestamp) -> Message {
    let refusal = Refusal {
        reason: ReasonCode::known("TEST-MALFORMED"),
        field: None,
        detail: "it is no JSON".to_owned(),
        dialect: None,
    };
    let read = Read::Refused { refusal, bytes: vec![n], size: 1, sha256: [n; 32] };
    Message { arrival: arrival("H11.01.07.x".to_owned(), read, now), what: format!("unreadable {n}") }
}

fn arrival(routing_key: String, read: Read, arrived_at: Timestamp) -> Arrival {
    Arrival {
        arrived_at,
        routing_key,
        user_id: None,
        content_type: None,
        trace: None,
        headers: Vec::new(),
        redelivered: false,
        read,
    }
}
