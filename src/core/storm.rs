//! The storm guard: an outage that speaks politely must not kill a day's work.
//!
//! The same refusal on several dossiers of one account, with no success between them, is taken for an outage: the
//! account is blocked and the refused handoffs go back to due.

use crate::handoff::HandoffKind;
use crate::ids::{DossierKey, HandoffId};
use crate::outcome::Reason;
use serde::{Deserialize, Serialize};

/// How many dossiers make a storm (DESIGN of the gateway; no partner names a number).
pub const STORM_DOSSIERS: usize = 5;

/// Refusals of one account since its last success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storm {
    fingerprint: String,
    refused: Vec<(DossierKey, HandoffId)>,
}

impl Storm {
    /// A success ends what was gathering.
    pub fn calm(&mut self) {
        *self = Self::default();
    }

    /// Whether anything is gathering.
    pub fn is_calm(&self) -> bool {
        self.refused.is_empty()
    }

    /// Counts a refusal. The answer lists the handoffs to set due again when this one makes it a storm; the guard is
    /// calm afterwards.
    pub fn refuse(
        &mut self,
        kind: HandoffKind,
        reason: &Reason,
        dossier: &DossierKey,
        handoff: &HandoffId,
    ) -> Option<Vec<HandoffId>> {
        let fingerprint = fingerprint(kind, reason);
        if self.fingerprint != fingerprint {
            *self = Self { fingerprint, refused: Vec::new() };
        }
        if self.refused.iter().all(|(seen, _)| seen != dossier) {
            self.refused.push((dossier.clone(), handoff.clone()));
        }
        if self.refused.len() < STORM_DOSSIERS {
            return None;
        }
        let refused = std::mem::take(self).refused;
        Some(refused.into_iter().map(|(_, handoff)| handoff).collect())
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
    fn a_success_or_another_refusal_starts_anew() {
        let mut storm = Storm::default();
        for dossier in ["a", "b", "c", "d"] {
            assert_eq!(refuse(&mut storm, "X", dossier), None);
        }
        storm.calm();
        assert_eq!(refuse(&mut storm, "X", "e"), None);
        assert_eq!(refuse(&mut storm, "Y", "f"), None);
        assert_eq!(refuse(&mut storm, "X", "g"), None);
    }
}
