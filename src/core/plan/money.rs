//! What the post reports about the cash of an order: collected, settled.
//!
//! Money is an axis of its own beside the parcel, the portal and the desk. It comes with *delivered* or weeks later, only
//! goes on, and changes nothing of where the parcel is. The portal is not told: cash at the door is no payment there. The
//! commune's system is, once for each step; the desk, where the report cannot be right.

use super::draft::Draft;
use super::reasons;
use crate::handoff::Leg;
use crate::news::{CashNews, Told};
use crate::state::{Cashed, LegStage, LegState};
use crate::tracking::{Money, TrackingEvent};

/// Plans what a report about the leg's newest order says of its cash.
pub(super) fn plan_money(draft: &mut Draft<'_>, leg: Leg, report: &TrackingEvent) {
    let Some(money) = report.meaning.money else { return };
    let Some(state) = draft.state.legs.get_mut(&leg) else { return };
    // Settled may be told before collected, or alone: what is behind already is never told again.
    if state.cashed.is_some_and(|known| known.money >= money) {
        return;
    }
    let first = state.cashed.is_none();
    state.cashed = Some(Cashed { money, at: report.at });
    let doubt = if first { doubt(state) } else { None };
    tell_commune(draft, leg, money, report);
    if let Some(code) = doubt {
        draft.ask(code);
    }
}

/// Why the cash of an order cannot have been collected, or must be given back.
fn doubt(state: &LegState) -> Option<&'static str> {
    let called_off = matches!(state.stage, LegStage::Cancelled | LegStage::CancelledByPost);
    if state.cash == 0 || called_off {
        return Some(reasons::CASH_UNEXPECTED);
    }
    (state.stage == LegStage::Returned).then_some(reasons::CASH_RETURNED)
}

/// A parcel came back although its receiver paid.
pub(super) fn look_at_return(draft: &mut Draft<'_>, leg: Leg) {
    let paid = draft.state.legs.get(&leg).is_some_and(|state| state.cashed.is_some());
    if paid {
        draft.ask(reasons::CASH_RETURNED);
    }
}

/// Cash of an order that a newer one of its leg has replaced: settled late is everyday life, collected is not.
pub(super) fn look_at_stray(draft: &mut Draft<'_>, leg: Option<Leg>, report: &TrackingEvent) {
    let Some(money) = report.meaning.money else { return };
    if let Some(leg) = leg {
        tell_commune(draft, leg, money, report);
    }
    match money {
        Money::Collected => draft.ask(reasons::CASH_UNEXPECTED),
        Money::Settled => {}
    }
}

fn tell_commune(draft: &mut Draft<'_>, leg: Leg, money: Money, report: &TrackingEvent) {
    draft.tell(Told::Cash(CashNews { leg, number: report.number.clone(), money }));
}
