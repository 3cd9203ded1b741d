//! The partners as they would be: a post with parcels and a feed, a portal with records and rows. Their ledgers are the
//! judge of what really happened.

use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::ids::OrderNumber;
use lienthong_core::tracking::{Meaning, Money, TrackingEvent, TrackingState};
use rand::Rng as _;
use rand::rngs::SmallRng;
use std::collections::{BTreeMap, BTreeSet};

/// A parcel, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) state: TrackingState,
    /// A look-up shows it from then on.
    pub(super) visible_at: Timestamp,
}

impl Parcel {
    /// Whether it may still reach somebody.
    pub(super) fn lives(&self) -> bool {
        !self.state.is_final()
    }
}

/// One account at the post.
#[derive(Default)]
pub(super) struct Post {
    pub(super) unique: bool,
    pub(super) parcels: BTreeMap<String, Vec<Parcel>>,
    /// Everything that the feed shows, oldest first.
    pub(super) feed: Vec<TrackingEvent>,
    /// Numbers that it was told of in the feed as delivered, with the time.
    pub(super) delivered: BTreeMap<String, Timestamp>,
}

/// What a partner makes of a handoff that reached it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Taken,
    /// Of a cancel: there is no such order.
    NoSuchOrder,
    /// Of a cancel: the parcel was collected.
    Collected,
    /// Of a row: there is no record.
    NoRecord,
}

impl Post {
    /// An order or a cancel reaches the post.
    pub(super) fn take(&mut self, handoff: &Handoff, now: Timestamp, chance: &mut SmallRng) -> Verdict {
        match &handoff.content {
            Content::Order(order) => {
                let parcels = self.parcels.entry(order.number.as_str().to_owned()).or_default();
                if parcels.is_empty() || !self.unique {
                    let visible_at = now + SignedDuration::from_secs(chance.random_range(0..60));
                    parcels.push(Parcel { state: TrackingState::Requested, visible_at });
                }
                Verdict::Taken
            }
            Content::Cancel(cancel) => self.cancel(&cancel.number, now, chance),
            Content::Record(_) | Content::Row(_) | Content::Status(_) | Content::News(_) => {
                panic!("the post gets no {:?}", handoff.kind())
            }
        }
    }

    fn cancel(&mut self, number: &OrderNumber, now: Timestamp, chance: &mut SmallRng) -> Verdict {
        let parcels = self.parcels.get_mut(number.as_str());
        let Some(parcel) = parcels.and_then(|parcels| parcels.last_mut()) else {
            return Verdict::NoSuchOrder;
        };
        if parcel.state == TrackingState::Cancelled {
            return Verdict::Taken;
        }
        if parcel.state.is_collected() {
            return Verdict::Collected;
        }
        parcel.state = TrackingState::Cancelled;
        if chance.random_bool(0.5) {
            self.tell(number.as_str().to_owned(), TrackingState::Cancelled, now);
        }
        Verdict::Taken
    }

    /// Some parcel moves on.
    pub(super) fn move_on(&mut self, now: Timestamp, chance: &mut SmallRng) -> Option<String> {
        let moving: Vec<_> = self.parcels.iter().filter(|(_, all)| all.iter().any(Parcel::lives)).collect();
        if moving.is_empty() {
            return None;
        }
        let number = moving[chance.random_range(0..moving.len())].0.clone();
        let parcel = self.parcels.get_mut(&number)?.last_mut()?;
        let next = next_state(parcel.state, chance)?;
        parcel.state = next;
        let paid_at_the_door = next == TrackingState::Delivered && chance.random_bool(0.3);
        let money = paid_at_the_door.then_some(Money::Collected);
        self.tell(number.clone(), Meaning { parcel: Some(next), money }, now);
        Some(format!("{number} {}", next.name()))
    }

    /// The cash of some order that was delivered moves on: with a day's delay, twice, or settled before it was collected.
    pub(super) fn pay(&mut self, now: Timestamp, chance: &mut SmallRng) -> Option<String> {
        let paid: Vec<_> = self.delivered.keys().collect();
        let number = paid.get(chance.random_range(0..paid.len().max(1)))?.to_string();
        let money = Money::ALL[chance.random_range(0..2)];
        self.tell(number.clone(), money, now);
        Some(format!("{number} {}", money.word()))
    }

    fn tell(&mut self, number: String, says: impl Into<Meaning>, at: Timestamp) {
        let meaning = says.into();
        if meaning.parcel == Some(TrackingState::Delivered) {
            self.delivered.insert(number.clone(), at);
        }
        self.feed.push(TrackingEvent {
            feed_id: (self.feed.len() + 1).to_string(),
            number: OrderNumber::new(number),
            meaning,
            wire_code: "0".to_owned(),
            at,
            waybill: None,
        });
    }

    /// A page after the cursor, with an overlap: rows are told apart by their feed id.
    pub(super) fn page(&self, cursor: Option<&str>, overlap: usize, most: usize) -> Vec<TrackingEvent> {
        let read = cursor.map_or(0, |cursor| cursor.parse::<usize>().expect("our own cursor"));
        self.feed.iter().skip(read.saturating_sub(overlap)).take(most).cloned().collect()
    }

    /// The gateway's clock was moved: the post's own did not move with it, so what is to be seen comes no later.
    pub(super) fn keep_pace(&mut self, moved: SignedDuration) {
        for parcel in self.parcels.values_mut().flatten() {
            parcel.visible_at += moved;
        }
    }

    /// Whether a look-up shows the order now.
    pub(super) fn shows(&self, number: &str, now: Timestamp) -> bool {
        self.parcels.get(number).is_some_and(|parcels| parcels.iter().any(|parcel| parcel.visible_at <= now))
    }
}

fn next_state(state: TrackingState, chance: &mut SmallRng) -> Option<TrackingState> {
    use TrackingState as T;
    Some(match state {
        T::Requested => T::Accepted,
        T::Accepted if chance.random_bool(0.05) => T::Cancelled,
        T::Accepted => T::Collected,
        T::Collected | T::FailedAttempt => match chance.random_range(0..10) {
            0..6 => T::Delivered,
            6..8 => T::FailedAttempt,
            _ => T::Returned,
        },
        T::Collecting | T::InTransit | T::OutForDelivery | T::Returning | T::Unknown => T::Delivered,
        T::Delivered | T::Returned | T::Cancelled => return None,
    })
}

/// A record that the portal took.
#[derive(Clone, Debug)]
pub(super) struct RecordSeen {
    pub(super) status: u8,
    pub(super) subject: String,
}

/// A row that the portal took.
#[derive(Clone, Debug)]
pub(super) struct RowSeen {
    pub(super) handoff: String,
    pub(super) dossier: String,
    pub(super) status: u8,
    pub(super) text: String,
}

/// One account at the portal.
#[derive(Default)]
pub(super) struct Portal {
    pub(super) records: BTreeMap<String, Vec<RecordSeen>>,
    pub(super) rows: Vec<RowSeen>,
    /// Statuses that were set at its own copies of dossiers that were lodged there, oldest first.
    pub(super) own: BTreeMap<String, Vec<u8>>,
}

impl Portal {
    /// A record, a row or a status reaches the portal.
    pub(super) fn take(&mut self, handoff: &Handoff) -> Verdict {
        match &handoff.content {
            Content::Record(record) => {
                let seen = RecordSeen {
                    status: record.status.code(),
                    subject: record.snapshot.dossier.subject.clone(),
                };
                self.records.entry(handoff.dossier.as_str().to_owned()).or_default().push(seen);
                Verdict::Taken
            }
            Content::Row(row) => {
                if !self.records.contains_key(handoff.dossier.as_str()) {
                    return Verdict::NoRecord;
                }
                self.rows.push(RowSeen {
                    handoff: handoff.id.as_str().to_owned(),
                    dossier: handoff.dossier.as_str().to_owned(),
                    status: row.status.code(),
                    text: row.text.clone(),
                });
                Verdict::Taken
            }
            Content::Status(standing) => {
                let code = handoff.dossier.as_str().to_owned();
                self.own.entry(code).or_default().push(standing.status.code());
                Verdict::Taken
            }
            Content::Order(_) | Content::Cancel(_) | Content::News(_) => {
                panic!("the portal gets no {:?}", handoff.kind())
            }
        }
    }
}

/// A commune's own system: it keeps the ids that it has heard.
#[derive(Default)]
pub(super) struct Commune {
    pub(super) heard: BTreeSet<String>,
}

impl Commune {
    /// News reaches the commune's system.
    pub(super) fn take(&mut self, handoff: &Handoff) -> Verdict {
        match &handoff.content {
            Content::News(_) => {
                self.heard.insert(handoff.id.as_str().to_owned());
                Verdict::Taken
            }
            Content::Record(_)
            | Content::Row(_)
            | Content::Status(_)
            | Content::Order(_)
            | Content::Cancel(_) => {
                panic!("a commune's system gets no {:?}", handoff.kind())
            }
        }
    }
}
