//! The storm guard: an outage that speaks politely must not kill a day's work.
//!
//! The same refusal on several dossiers of one account, with no success between them, is taken for an outage: the
//! account is blocked and the refused handoffs go back to due. Somebody looks and lets the account go on: what is refused
//! alike once more then stays refused, and makes no storm again. Otherwise five bad dossiers would block it for ever.

use crate::handoff::HandoffKind;
use crate::ids::{DossierKey, HandoffId};
use crate::outcome::Reason;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many dossiers make a storm (DESIGN of the gateway; no partner names a number).
pub const STORM_DOSSIERS: usize = 5;

/// Kinds of refusal that are counted side by side, the oldest dropped: other refusals in between are no success.
const FINGERPRINTS: usize = 8;

/// Handoffs remembered of one kind of refusal.
const REMEMBERED: usize = 100;

/// Refusals of one account since its last success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Storm {
    gathering: Vec<Gathering>,
    /// What the last storm set due again, by fingerprint.
    weathered: Vec<(String, HandoffId)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Gathering {
    fingerprint: String,
    refused: Vec<(DossierKey, HandoffId)>,
}

impl Gathering {
    fn dossiers(&self) -> usize {
        self.refused.iter().map(|(dossier, _)| dossier).collect::<BTreeSet<_>>().len()
    }
}

impl Storm {
    /// A success ends what was gathering.
    pub fn calm(&mut self) {
        *self = Self::default();
    }

    /// Whether anything is gathering.
    pub fn is_calm(&self) -> bool {
        self.gathering.is_empty()
    }

    /// Remembers a refusal that was under way when the storm broke.
    pub fn weather(&mut self, kind: HandoffKind, reason: &Reason, handoff: &HandoffId) {
        if self.weathered.len() < FINGERPRINTS * REMEMBERED {
            self.weathered.push((fingerprint(kind, reason), handoff.clone()));
        }
    }

    /// Counts a refusal. The answer lists the handoffs to set due again when this one makes it a storm, those of other
    /// refusals that gathered too; the guard is calm afterwards.
    pub fn refuse(
        &mut self,
        kind: HandoffKind,
        reason: &Reason,
        dossier: &DossierKey,
        handoff: &HandoffId,
    ) -> Option<Vec<HandoffId>> {
        let fingerprint = fingerprint(kind, reason);
        let again = self.weathered.iter().position(|(print, id)| *print == fingerprint && id == handoff);
        if let Some(again) = again {
            self.weathered.remove(again);
            return None;
        }
        let gathering = self.gathering_of(fingerprint);
        if gathering.refused.len() < REMEMBERED {
            gathering.refused.push((dossier.clone(), handoff.clone()));
        }
        if gathering.dossiers() < STORM_DOSSIERS {
            return None;
        }
        let gathered = std::mem::take(&mut self.gathering).into_iter().flat_map(|gathering| {
            let refused = gathering.refused.into_iter();
            refused.map(move |(_, handoff)| (gathering.fingerprint.clone(), handoff))
        });
        let gathered: Vec<(String, HandoffId)> = gathered.collect();
        let refused = gathered.iter().map(|(_, handoff)| handoff.clone()).collect();
        self.weathered.extend(gathered);
        self.weathered.truncate(FINGERPRINTS * REMEMBERED);
        Some(refused)
    }

    fn gathering_of(&mut self, fingerprint: String) -> &mut Gathering {
        let known = self.gathering.iter().position(|gathering| gathering.fingerprint == fingerprint);
        let gathering = match known {
            Some(index) => self.gathering.remove(index),
            None => Gathering { fingerprint, refused: Vec::new() },
        };
        if self.gathering.len() == FINGERPRINTS {
            self.gathering.remove(0);
        }
        self.gathering.push(gathering);
        self.gathering.last_mut().expect("one was pushed")
    }
}

/// What makes two failures the same: operation, code and field; names and numbers never.
pub fn fingerprint(kind: HandoffKind, reason: &Reason) -> String {
    format!("{} {} {}", kind.name(), reason.code, reason.field.as_deref().unwrap_or("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::ReasonCode;

    fn refuse(storm: &mut Storm, code: &'static str, dossier: &str) -> Option<usize> {
        let reason = Reason::new(ReasonCode::known(code));
        let (key, id) = (DossierKey::new(dossier), HandoffId::new(dossier));
        storm.refuse(HandoffKind::PortalRecord, &reason, &key, &id).map(|refused| refused.len())
    }

    #[test]
    fn five_dossiers_with_one_refusal_are_a_storm() {
        let mut storm = Storm::default();
        for dossier in ["a", "b", "c", "d"] {
            assert_eq!(refuse(&mut storm, "X", dossier), None);
        }
        assert_eq!(refuse(&mut storm, "X", "e"), Some(5));
        assert!(storm.is_calm());
    }

    #[test]
    fn one_dossier_refused_often_is_no_storm() {
        let mut storm = Storm::default();
        for _ in 0..10 {
            assert_eq!(refuse(&mut storm, "X", "a"), None);
        }
    }

    #[test]
    fn other_refusals_in_between_do_not_hide_a_storm() {
        let mut storm = Storm::default();
        for dossier in ["a", "b", "c", "d"] {
            assert_eq!(refuse(&mut storm, "X", dossier), None);
            assert_eq!(refuse(&mut storm, "Y", dossier), None);
        }
        assert_eq!(refuse(&mut storm, "X", "e"), Some(9), "what was refused otherwise is ridden out too");
    }

    #[test]
    fn what_is_refused_again_after_a_storm_stays_refused_and_makes_no_storm() {
        let mut storm = Storm::default();
        for dossier in ["a", "b", "c", "d", "e"] {
            refuse(&mut storm, "X", dossier);
        }
        let late = Reason::new(ReasonCode::known("X"));
        storm.weather(HandoffKind::PortalRecord, &late, &HandoffId::new("f"));
        for dossier in ["a", "b", "c", "d", "e", "f"] {
            assert_eq!(refuse(&mut storm, "X", dossier), None);
        }
        for dossier in ["g", "h", "i", "j"] {
            assert_eq!(refuse(&mut storm, "X", dossier), None);
        }
        assert_eq!(refuse(&mut storm, "X", "k"), Some(5), "others are a storm of their own");
    }

    #[test]
    fn a_success_starts_anew() {
        let mut storm = Storm::default();
        for dossier in ["a", "b", "c", "d"] {
            assert_eq!(refuse(&mut storm, "X", dossier), None);
        }
        storm.calm();
        assert_eq!(refuse(&mut storm, "X", "e"), None);
    }
}
