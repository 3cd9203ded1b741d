//! Cumulative lists: `null` keeps what is known, `[]` says that there is none.
//!
//! An update that would empty a list which the portal holds is not believed at once: the known list stays the basis, and
//! the record that would empty it is held for a person.

use crate::event::{Dossier, Snapshot};
use crate::state::List;
use std::collections::BTreeSet;

impl List {
    const ALL: [Self; 4] = [Self::Documents, Self::Results, Self::Supplements, Self::Fees];

    /// Path of the event's field.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Documents => "dossier.documents",
            Self::Results => "dossier.results",
            Self::Supplements => "dossier.supplements",
            Self::Fees => "fees",
        }
    }

    /// How many entries the snapshot gives; `None` when it does not say.
    fn count(self, snapshot: &Snapshot) -> Option<usize> {
        match self {
            Self::Documents => snapshot.dossier.documents.as_ref().map(Vec::len),
            Self::Results => snapshot.dossier.results.as_ref().map(Vec::len),
            Self::Supplements => snapshot.dossier.supplements.as_ref().map(Vec::len),
            Self::Fees => snapshot.fees.as_ref().map(Vec::len),
        }
    }

    /// Takes the list from another snapshot.
    fn copy(self, from: &Snapshot, to: &mut Snapshot) {
        match self {
            Self::Documents => to.dossier.documents.clone_from(&from.dossier.documents),
            Self::Results => to.dossier.results.clone_from(&from.dossier.results),
            Self::Supplements => to.dossier.supplements.clone_from(&from.dossier.supplements),
            Self::Fees => to.fees.clone_from(&from.fees),
        }
    }

    fn clear(self, snapshot: &mut Snapshot) {
        let Snapshot { dossier: Dossier { documents, results, supplements, .. }, fees, .. } = snapshot;
        match self {
            Self::Documents => *documents = Some(Vec::new()),
            Self::Results => *results = Some(Vec::new()),
            Self::Supplements => *supplements = Some(Vec::new()),
            Self::Fees => *fees = Some(Vec::new()),
        }
    }
}

/// Fills what a snapshot leaves open, lists, addresses and the portal's own numbers, with what an older one knew.
pub(super) fn fill(snapshot: &mut Snapshot, older: &Snapshot) {
    for list in List::ALL {
        if list.count(snapshot).is_none() {
            list.copy(older, snapshot);
        }
    }
    if snapshot.dossier.portal_code.is_none() {
        snapshot.dossier.portal_code.clone_from(&older.dossier.portal_code);
    }
    if snapshot.applicant.portal_id.is_none() {
        snapshot.applicant.portal_id.clone_from(&older.applicant.portal_id);
    }
    // A forward address belongs to its own event: papers never go to the agency of an earlier one.
    if snapshot.postal.pickup.is_none() {
        snapshot.postal.pickup.clone_from(&older.postal.pickup);
    }
    if snapshot.postal.return_to.is_none() {
        snapshot.postal.return_to.clone_from(&older.postal.return_to);
    }
}

/// Lists with entries.
pub(super) fn filled(snapshot: &Snapshot) -> BTreeSet<List> {
    List::ALL.into_iter().filter(|list| list.count(snapshot).is_some_and(|count| count > 0)).collect()
}

/// Those of `held` that the snapshot would empty: it says that they are, or nobody knows them any more.
pub(super) fn emptied(snapshot: &Snapshot, held: &BTreeSet<List>) -> BTreeSet<List> {
    held.iter().copied().filter(|list| list.count(snapshot).unwrap_or(0) == 0).collect()
}

/// Puts back the lists that an older snapshot knew.
pub(super) fn restore(snapshot: &mut Snapshot, lists: &BTreeSet<List>, older: Option<&Snapshot>) {
    for list in lists {
        if let Some(older) = older {
            list.copy(older, snapshot);
        }
    }
}

/// Empties lists, once a person has said so.
pub(super) fn clear(snapshot: &mut Snapshot, lists: &BTreeSet<List>) {
    for list in lists {
        list.clear(snapshot);
    }
}
