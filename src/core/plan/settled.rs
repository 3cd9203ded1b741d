//! What follows from a handoff that came to an end: the portal has a record, a cancel is confirmed or failed, a record
//! died with a newer one behind it.
//!
//! Most settlements change nothing, or a word in the state; [`Settlement::follows`] says so cheaply, so that the journal
//! need not read what planning needs.

use super::draft::Draft;
use super::superseding::{self, succession};
use super::{Born, Change, Ended, Place, Settlement, legs, lists, news, orders, portal, reasons};
use crate::handoff::{HandoffKind, Leg};
use crate::news::{Became, PortalNews, Told, Update};
use crate::state::{DossierState, LegStage, LegState};
use crate::tables::CashOnDelivery;

/// What follows from a settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Nothing: planning it changes nothing.
    Nothing,
    /// This state, and nothing else: planning it changes the state alone.
    State(Box<DossierState>),
    /// What planning it says.
    Plan,
}

impl Settlement {
    /// What follows from it, as far as the state tells without planning. The state, and whether the commune's system is
    /// told, are asked for only where they matter.
    ///
    /// # Errors
    /// Those of reading the state.
    pub fn follows<E>(
        &self,
        commune_is_told: impl FnOnce() -> Result<bool, E>,
        state: impl FnOnce() -> Result<DossierState, E>,
    ) -> Result<Follows, E> {
        if news::of_settlement(self).is_some() && commune_is_told()? {
            return Ok(Follows::Plan);
        }
        Ok(match (self.kind, &self.ended) {
            (HandoffKind::PortalRecord, Ended::Accepted(_)) => self.follows_record(state()?),
            (HandoffKind::PortalStatus, Ended::Accepted(_)) => follows_status(&state()?),
            (HandoffKind::PortalRecord | HandoffKind::PortalStatus, Ended::Dead(_))
            | (HandoffKind::PostOrder, Ended::Dead(_) | Ended::ByHand | Ended::Reopened)
            | (HandoffKind::PostCancel, _)
            | (HandoffKind::PortalProgress, Ended::SentLate(_)) => Follows::Plan,
            (
                HandoffKind::PortalRecord | HandoffKind::PortalStatus,
                Ended::ByHand | Ended::Reopened | Ended::SentLate(_),
            )
            | (
                HandoffKind::PortalProgress,
                Ended::Accepted(_) | Ended::Dead(_) | Ended::ByHand | Ended::Reopened,
            )
            | (HandoffKind::PostOrder, Ended::Accepted(_) | Ended::SentLate(_))
            | (HandoffKind::CommuneEvent, _) => Follows::Nothing,
        })
    }

    fn follows_record(&self, mut state: DossierState) -> Follows {
        if state.portal.emptying.as_ref().is_some_and(|held| held.record == self.handoff) {
            return Follows::Plan;
        }
        if state.portal.acknowledged {
            return Follows::Nothing;
        }
        state.portal.acknowledged = true;
        Follows::State(Box::new(state))
    }
}

/// A status was taken: that matters only to a commune's system that was told that it stopped.
fn follows_status(state: &DossierState) -> Follows {
    if state.portal.status_stopped { Follows::Plan } else { Follows::Nothing }
}

/// Plans a settlement.
pub(super) fn plan_settlement(draft: &mut Draft<'_>, settlement: &Settlement) {
    if settlement.kind == HandoffKind::PortalStatus
        && matches!(settlement.ended, Ended::Dead(_))
        && superseding::is_overtaken(&draft.known.open, &settlement.handoff)
    {
        draft.change(Change::Supersede { id: settlement.handoff.clone() });
        return;
    }
    if let Some(told) = news::of_settlement(settlement) {
        draft.tell(told);
    }
    match settlement.kind {
        HandoffKind::PortalRecord => plan_record(draft, settlement),
        HandoffKind::PortalProgress => match settlement.ended {
            Ended::SentLate(_) => refresh_record(draft),
            Ended::Accepted(_) | Ended::Dead(_) | Ended::ByHand | Ended::Reopened => {}
        },
        HandoffKind::PortalStatus => plan_status(draft, settlement),
        HandoffKind::PostOrder => {
            if let Some((_, state)) = leg_of(draft, settlement) {
                state.stage = match (&settlement.ended, state.stage) {
                    (Ended::ByHand, LegStage::Ordered) => LegStage::ByHand,
                    (Ended::Reopened, LegStage::ByHand) => LegStage::Ordered,
                    (_, stage) => stage,
                };
            }
            look_again(draft);
        }
        HandoffKind::PostCancel => plan_cancel(draft, settlement),
        HandoffKind::CommuneEvent => {}
    }
}

fn plan_record(draft: &mut Draft<'_>, settlement: &Settlement) {
    match settlement.ended {
        Ended::Accepted(_) => {
            draft.state.portal.acknowledged = true;
            confirm_emptying(draft, settlement);
        }
        Ended::Dead(_) => renew(draft, settlement),
        Ended::ByHand | Ended::Reopened | Ended::SentLate(_) => {}
    }
}

/// The commune's system hears of a status only when it stops, and when one is taken after that.
fn plan_status(draft: &mut Draft<'_>, settlement: &Settlement) {
    match settlement.ended {
        Ended::Accepted(_) if draft.state.portal.status_stopped => {
            draft.state.portal.status_stopped = false;
            let news =
                PortalNews { update: Update::Status, status: settlement.status, became: Became::Accepted };
            draft.tell(Told::Portal(news));
        }
        Ended::Dead(_) => draft.state.portal.status_stopped = true,
        Ended::Accepted(_) | Ended::ByHand | Ended::Reopened | Ended::SentLate(_) => {}
    }
}

/// A row goes out after later ones: a fresh record follows it, so that the portal does not end on the old status.
fn refresh_record(draft: &mut Draft<'_>) {
    let (Some(basis), Some(at)) = (draft.known.basis.as_ref(), draft.state.as_of) else { return };
    if let Some(side) = portal::side(draft, basis, at) {
        portal::add_record(draft, &side, basis, [].into());
    }
}

/// A person released a record that empties lists: now the portal's are empty, and so are ours.
fn confirm_emptying(draft: &mut Draft<'_>, settlement: &Settlement) {
    let portal = &mut draft.state.portal;
    let Some(emptying) = portal.emptying.take_if(|held| held.record == settlement.handoff) else { return };
    portal.lists.retain(|list| !emptying.lists.contains(list));
    if let Some(mut basis) = draft.known.basis.clone() {
        lists::clear(&mut basis, &emptying.lists);
        draft.set_basis(basis);
    }
}

/// A dead record holds the rows behind it although a newer record waits behind them: a fresh one takes its place.
fn renew(draft: &mut Draft<'_>, settlement: &Settlement) {
    let Some(basis) = draft.known.basis.as_ref() else { return };
    let Some(at) = draft.state.as_of else { return };
    let Some(side) = portal::side(draft, basis, at) else { return };
    let Some(content) = portal::record(draft, &side, basis) else { return };
    let open = &draft.known.open;
    let decided = succession(open, draft.state.portal.acknowledged, &Born::Due);
    let replaces = decided.place == Place::Of(settlement.handoff.clone());
    let newer = open
        .iter()
        .skip_while(|open| open.id != settlement.handoff)
        .skip(1)
        .any(|open| open.kind == HandoffKind::PortalRecord && decided.superseded.contains(&open.id));
    if replaces && newer && portal::judge(draft, &side, &content) == Born::Due {
        portal::add_record(draft, &side, basis, [].into());
    }
}

fn plan_cancel(draft: &mut Draft<'_>, settlement: &Settlement) {
    let Some((leg, state)) = leg_of(draft, settlement) else { return };
    let waited = matches!(state.stage, LegStage::Cancelling | LegStage::CancelFailed | LegStage::ByHand);
    match settlement.ended {
        Ended::Accepted(_) if waited => {
            state.stage = LegStage::Cancelled;
            orders::close_order(draft, leg);
        }
        Ended::Dead(_) if state.stage == LegStage::Cancelling => {
            state.stage = LegStage::CancelFailed;
            tell_failure(draft, leg);
        }
        Ended::ByHand if waited => state.stage = LegStage::ByHand,
        Ended::Reopened if state.stage == LegStage::ByHand => state.stage = LegStage::CancelFailed,
        Ended::Accepted(_) | Ended::Dead(_) | Ended::ByHand | Ended::Reopened | Ended::SentLate(_) => {}
    }
    look_again(draft);
}

/// The parcel may go on: a person must act, and at once when the postman would ask for money that was paid.
fn tell_failure(draft: &mut Draft<'_>, leg: Leg) {
    draft.ask(reasons::CANCEL_TOO_LATE);
    let Some(basis) = draft.known.basis.as_ref() else { return };
    let collects = draft.tables.agency(&basis.agency.code).map(|profile| profile.cash);
    let uncollected = draft.state.legs.get(&leg).filter(|state| state.cashed.is_none());
    let asked = uncollected.map_or(0, |state| state.cash);
    if collects == Some(CashOnDelivery::UnpaidFees) && super::label::cash(leg, basis, draft.tables) < asked {
        draft.ask(reasons::CASH_PAID_LATE);
    }
}

fn leg_of<'a>(draft: &'a mut Draft<'_>, settlement: &Settlement) -> Option<(Leg, &'a mut LegState)> {
    let leg = settlement.leg?;
    let state = draft.state.legs.get_mut(&leg)?;
    (settlement.number.as_ref() == Some(&state.number)).then_some((leg, state))
}

fn look_again(draft: &mut Draft<'_>) {
    if let Some(basis) = draft.known.basis.as_ref() {
        legs::look_again(draft, basis);
    }
}
