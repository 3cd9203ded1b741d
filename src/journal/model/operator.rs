//! The operator: pauses, lets go on, replays, dismisses. Asked whether something is there, the partner's ledger answers,
//! as a person who phones would find out.

use super::life::{Broken, Life};
use super::promises::leg_of;
use super::store::{Act, Handoff, Store as _};
use super::town::{PORTALS, POSTS};
use jiff::SignedDuration;
use lienthong_core::handoff::HandoffKind;
use rand::Rng as _;

impl Life<'_> {
    /// The operator does something.
    pub(super) fn operate(&mut self) -> Result<(), Broken> {
        let act = match self.chance.random_range(0..10) {
            0..2 => {
                let minutes = self.chance.random_range(1..300);
                let until =
                    self.chance.random_bool(0.6).then(|| self.now + SignedDuration::from_mins(minutes));
                self.tally.count("pauses");
                Some(Act::Pause { scope: self.scope(), until })
            }
            2..5 => Some(Act::Resume { scope: self.scope() }),
            5..9 => self.letter().map(|letter| self.replay(&letter)),
            _ => self.letter().map(|letter| self.dismiss(&letter)),
        };
        if let Some(act) = act {
            let told = self.store.act(&act, self.now);
            self.tell(format!("the operator: {act:?}: {told}"));
        }
        Ok(())
    }

    fn scope(&mut self) -> String {
        let scopes = [PORTALS[0], PORTALS[1], POSTS[0], POSTS[1], "post", "portal"];
        scopes[self.chance.random_range(0..scopes.len())].to_owned()
    }

    /// Some dead letter.
    fn letter(&mut self) -> Option<Handoff> {
        let letters: Vec<_> =
            self.stands.handoffs.iter().filter(|one| one.is("dead") || one.is("held")).cloned().collect();
        if letters.is_empty() {
            return None;
        }
        Some(letters[self.chance.random_range(0..letters.len())].clone())
    }

    fn replay(&mut self, letter: &Handoff) -> Act {
        self.tally.count("replays");
        let not_there = !self.has(letter);
        if not_there {
            self.book.past(&letter.id).word = true;
        }
        Act::Replay { id: letter.id.clone(), not_there }
    }

    fn dismiss(&mut self, letter: &Handoff) -> Act {
        self.tally.count("dismissals");
        if let Some(number) = &letter.number {
            self.book.by_hand.insert(leg_of(number).to_owned());
        } else if let Some(key) = self.stands.dossiers.get(&letter.dossier) {
            self.book.by_hand.insert(key.clone());
        }
        Act::Dismiss { id: letter.id.clone() }
    }

    /// Whether the partner has it, by its ledger.
    fn has(&self, letter: &Handoff) -> bool {
        match letter.kind {
            HandoffKind::PostOrder => {
                let number = letter.number.as_deref().unwrap_or_default();
                self.posts.iter().any(|post| post.parcels.contains_key(number))
            }
            HandoffKind::PortalProgress => {
                self.portals.iter().flat_map(|portal| &portal.rows).any(|row| row.handoff == letter.id)
            }
            HandoffKind::PortalRecord | HandoffKind::PostCancel => false,
        }
    }
}
