//! Orders and cancels as they are planned, written anew, and taken back.
//!
//! Each function makes one step true in the plan and in the leg's state together. Which step a leg needs is decided in
//! `legs`.

use super::draft::Draft;
use super::{Born, Change, Open, Stage, cure, label};
use crate::event::Snapshot;
use crate::handoff::{Cancel, Content, HandoffKind, Leg, Partner};
use crate::ids::{AccountName, OrderNumber};
use crate::port::partner_number;
use crate::state::{LegStage, LegState};
use jiff::Timestamp;

/// What legs and their orders are judged by.
pub(super) struct View<'a> {
    /// The newest snapshot.
    pub(super) snapshot: &'a Snapshot,
    /// The one before it.
    pub(super) before: Option<&'a Snapshot>,
    /// Dossier code or slip that new numbers begin with.
    pub(super) base: &'a str,
    /// When the event behind the newest snapshot happened.
    pub(super) as_of: Timestamp,
    /// The desk registered the return anew: another receiver is meant.
    pub(super) registered: bool,
}

/// Longest order number in characters: the post's tracking feed gives numbers back as they were sent, so a longer one is
/// cut, with a hash, before it is stored. 50 is the limit of the dossier code upstream (provincial system of 2023–2024).
const ORDER_NUMBER_LIMIT: usize = 50;

/// Plans an order. Its number is the leg's next, or the present one when that order never left.
pub(super) fn order(draft: &mut Draft<'_>, view: &View<'_>, leg: Leg) {
    let n = match draft.state.legs.get(&leg) {
        None => 1,
        Some(state) if state.stage == LegStage::Free => state.n,
        Some(state) => state.n + 1,
    };
    let full = OrderNumber::new(format!("{}-{}-{n}", view.base, leg.name()));
    let number = OrderNumber::new(partner_number(&full, ORDER_NUMBER_LIMIT));
    let base = view.base.to_owned();
    let label = label::write(leg, number.clone(), base, view.snapshot, view.as_of, draft.tables);
    for flag in label.flags {
        draft.inform(flag);
    }
    let account = post_account(draft, view).cloned().unwrap_or_else(|| AccountName::new("none"));
    let cash = label.order.cash;
    let order = draft.hand_off(&account, Content::Order(Box::new(label.order)), label.refusal);
    let state = LegState {
        n,
        number,
        order,
        account,
        ordered_at: view.as_of,
        cash,
        wanted: true,
        stage: LegStage::Ordered,
        tracked: None,
        cashed: None,
    };
    draft.state.legs.insert(leg, state);
}

/// An agency without an account at the post has none to plan for: its orders are born dead and never sent.
fn post_account<'a>(draft: &Draft<'a>, view: &View<'_>) -> Option<&'a AccountName> {
    draft.account(&view.snapshot.agency.code, Partner::Post)
}

/// Whether the agency orders through another account by now than the one that the leg's order was planned for.
fn has_moved(draft: &Draft<'_>, view: &View<'_>, state: &LegState) -> bool {
    post_account(draft, view).is_some_and(|account| *account != state.account)
}

/// Plans an order that never left anew, under its number: a handoff cannot change its account.
fn take_over(draft: &mut Draft<'_>, view: &View<'_>, leg: Leg, open: &Open) {
    annihilate(draft, leg, open);
    order(draft, view, leg);
}

/// Gives an unsent order its present content, or the account that is in force now.
pub(super) fn rewrite(draft: &mut Draft<'_>, view: &View<'_>, leg: Leg, open: &Open) {
    let Some(Content::Order(old)) = &open.content else { return };
    let (number, name) = (old.number.clone(), old.label.clone());
    let label = label::write(leg, number, name, view.snapshot, view.as_of, draft.tables);
    // Nothing is taken back by a snapshot that knows less: an address that is missing now was known before.
    let Some(state) = draft.state.legs.get(&leg).filter(|_| label.refusal.is_none()) else { return };
    if has_moved(draft, view, state) {
        take_over(draft, view, leg, open);
    } else if !label::says_the_same(old, &label.order) {
        let account = state.account.clone();
        replan(draft, leg, open, &account, label);
    }
}

/// Gives a dead order its present content, when that cures it, or the account that is in force now: what one interface
/// refused may pass at another.
pub(super) fn revive(draft: &mut Draft<'_>, view: &View<'_>, leg: Leg, open: &Open) {
    let Some(reason) = cure::refused(open) else { return };
    let Some(state) = draft.state.legs.get(&leg) else { return };
    let (number, account) = (state.number.clone(), state.account.clone());
    let moved = has_moved(draft, view, state);
    let old = match &open.content {
        Some(Content::Order(order)) => Some(order),
        Some(
            Content::Record(_) | Content::Row(_) | Content::Status(_) | Content::Cancel(_) | Content::News(_),
        )
        | None => None,
    };
    let name = old.map_or_else(|| view.base.to_owned(), |order| order.label.clone());
    let label = label::write(leg, number, name, view.snapshot, view.as_of, draft.tables);
    let same = old.is_some_and(|order| label::says_the_same(order, &label.order));
    if label::lacks_profile(reason) {
        // It was planned for no account.
        if label.refusal.as_ref() != Some(reason) {
            take_over(draft, view, leg, open);
        }
        return;
    }
    if moved && label.refusal.is_none() {
        take_over(draft, view, leg, open);
        return;
    }
    let cured = if cure::is_our_own(reason) {
        label.refusal.is_none()
            && draft.judge(&account, &Content::Order(Box::new(label.order.clone()))) == Born::Due
    } else {
        // The content must differ as well, or the same refusal would come back for ever.
        !same && cure::field_changed(open, reason, view.snapshot)
    };
    if cured || (cure::is_our_own(reason) && !same) {
        replan(draft, leg, open, &account, label);
    }
}

fn replan(draft: &mut Draft<'_>, leg: Leg, open: &Open, account: &AccountName, label: label::Label) {
    for flag in label.flags {
        draft.inform(flag);
    }
    let cash = label.order.cash;
    let content = Content::Order(Box::new(label.order));
    let born = label.refusal.map_or_else(|| draft.judge(account, &content), Born::Dead);
    draft.change(Change::Replan { id: open.id.clone(), content: Box::new(content), born });
    if let Some(state) = draft.state.legs.get_mut(&leg) {
        state.cash = cash;
    }
}

pub(super) fn cancel(draft: &mut Draft<'_>, leg: Leg) {
    let Some(state) = draft.state.legs.get_mut(&leg) else { return };
    state.stage = LegStage::Cancelling;
    let (account, number) = (state.account.clone(), state.number.clone());
    draft.hand_off(&account, Content::Cancel(Cancel { number, leg }), None);
}

pub(super) fn annihilate(draft: &mut Draft<'_>, leg: Leg, open: &Open) {
    draft.change(Change::Annihilate { id: open.id.clone() });
    if let Some(state) = draft.state.legs.get_mut(&leg) {
        state.stage = LegStage::Free;
    }
}

/// The post confirmed that it called the order off: an order that still stands open, because it may have been taken,
/// must never be sent again.
pub(super) fn close_order(draft: &mut Draft<'_>, leg: Leg) {
    let Some(state) = draft.state.legs.get(&leg) else { return };
    if let Some(open) = draft.open(&state.order).filter(|open| open.stage != Stage::Sending) {
        draft.change(Change::Supersede { id: open.id.clone() });
    }
}

/// Takes back a cancel that was not tried yet; says whether none is left.
pub(super) fn drop_unsent_cancel(draft: &mut Draft<'_>, leg: Leg) -> bool {
    let Some(state) = draft.state.legs.get(&leg) else { return true };
    let number = Some(state.number.clone());
    let cancels = draft.known.open.iter();
    let mut cancels = cancels.filter(|open| open.kind == HandoffKind::PostCancel && open.number == number);
    let Some(open) = cancels.next() else { return true };
    let unsent = open.stage == Stage::Waiting && !open.attempted;
    if unsent {
        draft.change(Change::Supersede { id: open.id.clone() });
    }
    unsent
}
