//! Postal orders as they are listed, masked or not, and the slip with which they are handed over.

use super::persons;
use super::{Desk, Trouble, Weight, days};
use crate::users::{Actor, Right};
use crate::views::post::{self, OrderView, OrdersView, Persons, Question};
use crate::views::slip::{self, MOST_HANDED_OVER, NoSlip, SlipView};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// About one of so many dossiers has an order.
const DOSSIERS_AN_ORDER: usize = 5;

/// Orders by where their parcels are, persons masked; of the actor's agencies.
///
/// # Errors
/// When the actor may not see any, or the store fails.
pub(crate) async fn listed(
    desk: &Desk,
    actor: &Actor,
    question: Question,
    now: Timestamp,
) -> Result<OrdersView, Trouble> {
    actor.need(Right::See)?;
    read(desk, actor, question, Persons::Masked, now).await
}

/// The same with persons, which goes into the audit of each dossier before anybody is shown.
///
/// # Errors
/// When persons are not for the actor, no reason is given, or the store fails.
pub(crate) async fn unmasked(
    desk: &Desk,
    actor: &Actor,
    question: Question,
    why: &str,
    now: Timestamp,
) -> Result<OrdersView, Trouble> {
    let why = persons::allowed(actor, why)?;
    let seen = read(desk, actor, question, Persons::Shown, now).await?;
    let subject = format!("orders {}", seen.tab.name());
    persons::note_all(desk, actor, &subject, dossiers(&seen.orders), why).await?;
    Ok(seen)
}

/// The slip of one agency's items: it names persons on paper, so it needs the right, and it stands in the audit of each.
///
/// # Errors
/// When persons are not for the actor, no reason is given, there is no such slip, or the store fails.
pub(crate) async fn slip(
    desk: &Desk,
    actor: &Actor,
    question: Question,
    why: &str,
    now: Timestamp,
) -> Result<SlipView, Trouble> {
    let why = persons::allowed(actor, why)?;
    let (around, by) = (desk.clone(), actor.clone());
    let made = desk.read(weight(desk, actor, &question), move |report| {
        slip::slip(report, around.settings(), &question, |agency| by.sees(agency), &by.name, now)
    });
    let seen = made.await?.map_err(refused)?;
    let subject = format!("slip {}", seen.tab.name());
    persons::note_all(desk, actor, &subject, dossiers(&seen.items), why).await?;
    Ok(seen)
}

async fn read(
    desk: &Desk,
    actor: &Actor,
    question: Question,
    persons: Persons,
    now: Timestamp,
) -> Result<OrdersView, Trouble> {
    let weight = weight(desk, actor, &question);
    let (around, actor) = (desk.clone(), actor.clone());
    let sees = move |agency: &str| actor.sees(agency);
    desk.read(weight, move |report| post::orders(report, around.settings(), &question, sees, persons, now))
        .await
}

/// How much is gone through for it: the orders of the days that are asked for, at each agency.
pub(crate) fn weight(desk: &Desk, actor: &Actor, question: &Question) -> Weight {
    let agencies = desk.settings().tables.agencies.keys().filter(|agency| actor.sees(agency.as_str()));
    let agencies = if question.agency.is_some() { 1 } else { agencies.count() };
    Weight::of(agencies, days(question.from, question.to) / DOSSIERS_AN_ORDER)
}

fn dossiers(orders: &[OrderView]) -> BTreeSet<String> {
    orders.iter().map(|order| order.dossier.clone()).collect()
}

fn refused(no: NoSlip) -> Trouble {
    match no {
        NoSlip::WhichAgency => {
            Trouble::input("Hãy chọn một cơ quan để lập phiếu.", "Choose one agency for the slip.")
        }
        NoSlip::Nothing => Trouble::refused(
            "Không có bưu gửi nào để bàn giao; hãy chọn thẻ hoặc ngày khác.",
            "There is nothing to hand over; choose another tab or day.",
        ),
        NoSlip::TooMany => Trouble::refused(
            format!("Một phiếu có nhiều nhất {MOST_HANDED_OVER} bưu gửi; hãy chọn theo ngày."),
            format!("A slip has {MOST_HANDED_OVER} items at most; choose by day."),
        ),
    }
}
