//! What the test knows of its own: what was acknowledged, what was sent and how that ended. The judge's notes, kept apart
//! from whatever the journal believes.

use super::desk::Message;
use crate::intake::Read;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The test's own notes.
#[derive(Default)]
pub(super) struct Book {
    /// Events that were acknowledged first under their id, with their hash.
    pub(super) stored: BTreeMap<String, [u8; 32]>,
    /// Events, with their hash, that a process took with it into its death: they may be stored.
    unheard: BTreeSet<(String, [u8; 32])>,
    /// What had to be set aside: code and hash.
    pub(super) aside: BTreeSet<(&'static str, [u8; 32])>,
    /// How attempts ended, by handoff.
    pub(super) handoffs: BTreeMap<String, Past>,
    /// Legs, and dossiers at the portal, that a person dealt with: they are no longer the gateway's alone.
    pub(super) by_hand: BTreeSet<String>,
}

/// What is known of a handoff's attempts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past {
    pub(super) sent: u32,
    /// The partner may have it, as far as the gateway can know.
    pub(super) doubt: Option<Doubt>,
    /// Somebody who asked the partner said that it is not there.
    pub(super) word: bool,
}

/// Since when a handoff may have been taken, and what was found out since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubt {
    pub(super) since: Timestamp,
    pub(super) absent: u32,
    pub(super) last_absent: Option<Timestamp>,
}

/// What an acknowledged message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    New,
    Duplicate,
    Conflict,
    Stranger,
    Unreadable,
}

impl Book {
    /// Notes messages that were given to the gateway and not acknowledged.
    pub(super) fn deliver_in_vain(&mut self, batch: &[Message]) {
        for message in batch.iter().filter(|message| !is_of_a_stranger(message)) {
            if let Read::Event(read) = &message.arrival.read {
                self.unheard.insert((read.event.id.as_str().to_owned(), *read.hash.as_bytes()));
            }
        }
    }

    /// Notes a message that was acknowledged.
    pub(super) fn acknowledge(&mut self, message: &Message) -> Kind {
        let arrival = &message.arrival;
        match &arrival.read {
            Read::Refused { sha256, .. } => {
                self.aside.insert(("TEST-MALFORMED", *sha256));
                Kind::Unreadable
            }
            Read::Event(read) => match self.stored.get(read.event.id.as_str()) {
                Some(known) if known == read.hash.as_bytes() => Kind::Duplicate,
                Some(_) => {
                    self.aside.insert(("COMMUNE-CONFLICT", *read.hash.as_bytes()));
                    Kind::Conflict
                }
                // The same bytes may be stored already: then nobody is harmed, whoever says them again.
                None if is_of_a_stranger(message)
                    && self.unheard.contains(&(read.event.id.as_str().to_owned(), *read.hash.as_bytes())) =>
                {
                    Kind::Duplicate
                }
                None if is_of_a_stranger(message) => {
                    self.aside.insert(("COMMUNE-NOT-ALLOWED", *read.hash.as_bytes()));
                    Kind::Stranger
                }
                None => {
                    self.stored.insert(read.event.id.as_str().to_owned(), *read.hash.as_bytes());
                    Kind::New
                }
            },
        }
    }

    pub(super) fn past(&mut self, handoff: &str) -> &mut Past {
        self.handoffs.entry(handoff.to_owned()).or_default()
    }

    /// An attempt ended without anybody knowing whether it was taken.
    pub(super) fn doubt(&mut self, handoff: &str, now: Timestamp) {
        let past = self.past(handoff);
        past.doubt = Some(match past.doubt {
            Some(doubt) => doubt,
            None => Doubt { since: now, absent: 0, last_absent: None },
        });
    }
}

/// Whether it came over a routing key that is not its agency's.
fn is_of_a_stranger(message: &Message) -> bool {
    message.arrival.routing_key.starts_with("H99")
}
