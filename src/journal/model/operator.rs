//! The operator: pauses, lets go on, replays, dismisses, skips, resolves. Asked whether something is there, the partner's ledger answers,
//! as a person who phones would find out.

use super::life::{Broken, Life};
use super::promises::leg_of;
use super::store::{Act, Handoff, Store as _};
use super::town::{COMMUNES, PORTALS, POSTS};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::HandoffKind;
use rand::Rng as _;

impl Life<'_> {
    /// The operator does something.
    pub(super) fn operate(&mut self) -> Result<(), Broken> {
        let act = match self.chance.random_range(0..20) {
            0..4 => {
                self.tally.count("pauses");
                let until = self.until();
                Some(Act::Pause { scope: self.scope(), until })
            }
            4..9 => Some(Act::Resume { scope: self.scope() }),
            9..14 => self.letter().map(|letter| self.replay(&letter)),
            14 => self.letter().map(|letter| self.dismiss(&letter)),
            15 => self.letter().map(|letter| self.resolve(&letter)),
            16 => self.open().map(|one| self.skip(&one)),
            _ => self.open().map(|one| self.pause_or_release(&one)),
        };
        if let Some(act) = act {
            let told = self.store.act(&act, self.now);
            if let Act::Replay { id, .. } = &act
                && told.starts_with("Refused")
            {
                self.book.past(id).word = false;
            }
            self.tell(format!("the operator: {act:?}: {told}"));
        }
        Ok(())
    }

    fn until(&mut self) -> Option<Timestamp> {
        let minutes = self.chance.random_range(1..300);
        self.chance.random_bool(0.6).then(|| self.now + SignedDuration::from_mins(minutes))
    }

    fn pause_or_release(&mut self, one: &Handoff) -> Act {
        let (dossier, partner) = (one.dossier, one.partner());
        if self.chance.random_bool(0.5) {
            return Act::ReleaseLane { dossier, partner };
        }
        self.tally.count("lanes paused");
        Act::PauseLane { dossier, partner, until: self.until() }
    }

    /// Ends what stands at the head of its lane.
    fn skip(&mut self, one: &Handoff) -> Act {
        self.tally.count("skips");
        self.take_over(one);
        Act::Skip { id: one.id.clone(), not_there: !self.has(one) }
    }

    /// Says that the partner has it, if its ledger says so; else dismisses it.
    fn resolve(&mut self, letter: &Handoff) -> Act {
        if !self.has(letter) {
            return self.dismiss(letter);
        }
        self.tally.count("resolved by hand");
        self.take_over(letter);
        Act::Resolve { id: letter.id.clone() }
    }

    fn open(&mut self) -> Option<Handoff> {
        let open: Vec<_> = self.stands.handoffs.iter().filter(|one| one.is_open()).cloned().collect();
        if open.is_empty() {
            return None;
        }
        Some(open[self.chance.random_range(0..open.len())].clone())
    }

    fn scope(&mut self) -> String {
        let scopes = [PORTALS[0], PORTALS[1], POSTS[0], POSTS[1], COMMUNES[0], "post", "portal", "commune"];
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
        self.take_over(letter);
        Act::Dismiss { id: letter.id.clone() }
    }

    /// From now on the leg, or the dossier at the portal, is not the gateway's alone.
    fn take_over(&mut self, letter: &Handoff) {
        if let Some(number) = &letter.number {
            self.book.by_hand.insert(leg_of(number).to_owned());
        } else if letter.kind != HandoffKind::CommuneEvent
            && let Some(key) = self.stands.dossiers.get(&letter.dossier)
        {
            self.book.by_hand.insert(key.clone());
        }
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
            HandoffKind::PortalRecord
            | HandoffKind::PortalStatus
            | HandoffKind::PostCancel
            | HandoffKind::CommuneEvent => false,
        }
    }
}
