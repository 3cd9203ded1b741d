//! A slip's row becomes the dossier's, or is merged into it.

use super::{Dossier, Memory, next_id};
use lienthong_core::event::{Event, Subject};
use lienthong_core::handoff::Leg;
use lienthong_core::ids::{DossierKey, HandoffId};
use lienthong_core::state::DossierState;
use std::rc::Rc;

impl Memory {
    pub(super) fn dossier_of(&mut self, event: &Event) -> i64 {
        let named = match &event.subject {
            Subject::Slip(slip) => match self.slips.get(slip.as_str()) {
                Some(joined) => return *joined,
                None => None,
            },
            Subject::Dossier(_) => event.snapshot.dossier.slip.clone(),
        };
        let found = self.find(&event.dossier_key());
        let Some(slip) = named.filter(|slip| !self.slips.contains_key(slip.as_str())) else {
            return found.unwrap_or_else(|| self.make(event));
        };
        let dossier = match (found, self.find(&DossierKey::of_slip(&slip))) {
            (Some(dossier), Some(of_slip)) => {
                self.merge(dossier, of_slip);
                dossier
            }
            (Some(dossier), None) => dossier,
            (None, Some(of_slip)) => {
                let row = self.dossiers.get_mut(&of_slip).expect("it was just found");
                row.key = event.dossier_key();
                row.agency = event.snapshot.agency.code.clone();
                of_slip
            }
            (None, None) => self.make(event),
        };
        self.slips.insert(slip.as_str().to_owned(), dossier);
        dossier
    }

    fn find(&self, key: &DossierKey) -> Option<i64> {
        self.dossiers.iter().find(|(_, row)| row.key == *key).map(|(id, _)| *id)
    }

    fn make(&mut self, event: &Event) -> i64 {
        let id = next_id(&self.dossiers);
        let row = Dossier {
            key: event.dossier_key(),
            agency: event.snapshot.agency.code.clone(),
            state: DossierState::default(),
            basis: None,
        };
        self.dossiers.insert(id, row);
        id
    }

    fn merge(&mut self, dossier: i64, of_slip: i64) {
        let slip = self.dossiers.remove(&of_slip).expect("it was just found");
        let mut slip_state = slip.state;
        self.end_rival(dossier, &mut slip_state);
        let own = self.dossiers.get_mut(&dossier).expect("it was just found");
        own.state = own.state.clone().join(slip_state);
        own.basis = match (own.basis.take(), slip.basis) {
            (Some(kept), Some(theirs)) if kept.postal.pickup.is_none() => {
                let mut kept = (*kept).clone();
                kept.postal.pickup.clone_from(&theirs.postal.pickup);
                kept.dossier.slip = kept.dossier.slip.or_else(|| theirs.dossier.slip.clone());
                Some(Rc::new(kept))
            }
            (own, theirs) => own.or(theirs),
        };
        self.inbox.values_mut().filter(|row| row.dossier == of_slip).for_each(|row| row.dossier = dossier);
        self.rows.values_mut().filter(|row| row.dossier == of_slip).for_each(|row| row.dossier = dossier);
        self.flags.iter_mut().filter(|flag| flag.0 == of_slip).for_each(|flag| flag.0 = dossier);
        self.slips.values_mut().filter(|joined| **joined == of_slip).for_each(|joined| *joined = dossier);
        let pauses = std::mem::take(&mut self.lane_pauses).into_iter();
        let (of_the_slip, others): (Vec<_>, Vec<_>) = pauses.partition(|((of, _), _)| *of == of_slip);
        self.lane_pauses.extend(others);
        self.lane_pauses
            .extend(of_the_slip.into_iter().map(|((_, partner), until)| ((dossier, partner), until)));
        self.refresh(dossier);
    }

    /// Of two pickups one stands: the other never left, or a person must phone.
    fn end_rival(&mut self, dossier: i64, slip: &mut DossierState) {
        let own = &self.dossiers[&dossier].state;
        let under_way = |state: &DossierState| {
            state.legs.get(&Leg::Pickup).filter(|leg| leg.stage.is_under_way()).map(|leg| leg.order.clone())
        };
        let (Some(own_order), Some(slip_order)) = (under_way(own), under_way(slip)) else { return };
        if self.hope_of(&slip_order) < self.hope_of(&own_order) {
            slip.legs.remove(&Leg::Pickup);
            return self.supersede(&slip_order);
        }
        let joined = own.clone().join(slip.clone());
        let slip_stands = joined.legs.get(&Leg::Pickup).is_some_and(|leg| leg.order == slip_order);
        let rival = if slip_stands { own_order } else { slip_order };
        if self.hope_of(&rival) < 2 {
            return self.supersede(&rival);
        }
        self.flags.push((dossier, "DESK-OLD-PARCEL".to_owned()));
    }

    /// How much an order still promises: 0 refused, 1 unsent, 2 the post may have it.
    fn hope_of(&self, order: &HandoffId) -> u8 {
        let Some(row) = self.row_of(order).map(|row| &self.rows[&row]) else { return 2 };
        match row.state {
            _ if self.attempted(row) => 2,
            "dead" => 0,
            "waiting" | "held" => 1,
            _ => 2,
        }
    }

    fn supersede(&mut self, order: &HandoffId) {
        if let Some(row) = self.row_of(order) {
            self.end(row, "superseded", None);
        }
    }
}
