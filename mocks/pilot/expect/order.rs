//! The post's side of the table: one leg has one living order at a time.

use super::{CashEnd, ExpectedOrder, OrderEnd};
use crate::event::{Address, Data};
use crate::people::DESK;
use crate::script::Move;
use std::collections::BTreeMap;

/// Orders of one dossier.
#[derive(Default)]
pub(super) struct Post {
    legs: BTreeMap<&'static str, Leg>,
    orders: BTreeMap<String, ExpectedOrder>,
}

struct Leg {
    n: u32,
    number: String,
    stands: Stands,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Neither receiver nor applicant can be called: it cannot be ordered.
    Refused,
    /// Called off before it could be ordered.
    Free,
    Waiting,
    Cancelled,
    Underway,
    Ended,
}

impl Post {
    /// A parcel is wanted on this leg: ordered unless there is one.
    pub(super) fn want(&mut self, leg: &'static str, base: &str, data: &Data) {
        let stands = self.legs.get(leg).map(|leg| leg.stands);
        match stands {
            None | Some(Stands::Refused | Stands::Free | Stands::Cancelled) => self.order(leg, base, data),
            Some(Stands::Waiting | Stands::Underway | Stands::Ended) => {}
        }
    }

    /// One more order of this leg; what was never ordered keeps its number.
    pub(super) fn order(&mut self, leg: &'static str, base: &str, data: &Data) {
        let n = match self.legs.get(leg) {
            None => 1,
            Some(Leg { n, stands: Stands::Refused | Stands::Free, .. }) => *n,
            Some(Leg {
                n,
                stands: Stands::Waiting | Stands::Cancelled | Stands::Underway | Stands::Ended,
                ..
            }) => n + 1,
        };
        let number = format!("{base}-{leg}-{n}");
        let ends = ends(leg, data);
        let stands = if ends.is_some() { Stands::Waiting } else { Stands::Refused };
        if let Some((from, to)) = ends {
            let (cash, end, cash_end) = (cash(leg, data), OrderEnd::Taken, CashEnd::Open);
            let order = ExpectedOrder { from, to, cash, end, cash_end };
            self.orders.insert(number.clone(), order);
        }
        self.legs.insert(leg, Leg { n, number, stands });
    }

    /// No parcel is wanted on this leg: cancelled unless the postman has it.
    pub(super) fn drop(&mut self, leg: &'static str) {
        let Some(leg) = self.legs.get_mut(leg) else { return };
        match leg.stands {
            Stands::Refused => leg.stands = Stands::Free,
            Stands::Waiting => {
                leg.stands = Stands::Cancelled;
                if let Some(order) = self.orders.get_mut(&leg.number) {
                    order.end = OrderEnd::Cancelled;
                }
            }
            Stands::Free | Stands::Cancelled | Stands::Underway | Stands::Ended => {}
        }
    }

    /// Another sum is to be collected: a parcel that still lies at the desk goes under another number.
    pub(super) fn charge(&mut self, leg: &'static str, base: &str, data: &Data) {
        let Some(Leg { number, stands: Stands::Waiting, .. }) = self.legs.get(leg) else { return };
        if self.orders.get(number).is_some_and(|order| order.cash != cash(leg, data)) {
            self.drop(leg);
            self.order(leg, base, data);
        }
    }

    pub(super) fn moved(&mut self, number: &str, to: Move) {
        let cash_end = match to {
            Move::CashCollected => Some(CashEnd::Collected),
            Move::CashSettled => Some(CashEnd::Settled),
            Move::Accepted
            | Move::Collected
            | Move::LeftOffice
            | Move::ArrivedOffice
            | Move::OutForDelivery
            | Move::FailedAttempt
            | Move::Returning
            | Move::Returned
            | Move::Delivered => None,
        };
        if let Some(order) = self.orders.get_mut(number) {
            match cash_end {
                Some(cash_end) => order.cash_end = cash_end,
                None => order.end = OrderEnd::Moved(to),
            }
        }
        if let Some(leg) = self.legs.values_mut().find(|leg| leg.number == number) {
            leg.stands = match to {
                Move::Accepted | Move::CashCollected | Move::CashSettled => leg.stands,
                Move::Delivered | Move::Returned => Stands::Ended,
                Move::Collected
                | Move::LeftOffice
                | Move::ArrivedOffice
                | Move::OutForDelivery
                | Move::FailedAttempt
                | Move::Returning => Stands::Underway,
            };
        }
    }

    /// Whether the post has, or had, the papers of this leg.
    pub(super) fn has_come(&self, leg: &str) -> bool {
        self.legs.get(leg).is_some_and(|leg| matches!(leg.stands, Stands::Underway | Stands::Ended))
    }

    /// The orders, and whether one could not be ordered.
    pub(super) fn close(self) -> (BTreeMap<String, ExpectedOrder>, bool) {
        let refused = self.legs.values().any(|leg| leg.stands == Stands::Refused);
        (self.orders, refused)
    }
}

/// The fees that the postman collects: those that are not paid, where the result goes home.
fn cash(leg: &str, data: &Data) -> u64 {
    let unpaid = data.fees.iter().flatten().filter(|fee| leg == "TRA" && !fee.paid);
    unpaid.map(|fee| fee.amount).sum()
}

type End = (String, String);

/// Sender and receiver; `None` when nobody can be called.
fn ends(leg: &str, data: &Data) -> Option<(End, End)> {
    let desk = (DESK.0.to_owned(), DESK.1.to_owned());
    let postal = &data.postal;
    let other = match leg {
        "GOM" | "HOAN" => postal.pickup.as_ref(),
        "CHUYEN" => postal.forward.as_ref(),
        _ => postal.back.as_ref(),
    };
    let citizen = end(other?, data)?;
    Some(if leg == "GOM" { (citizen, desk) } else { (desk, citizen) })
}

fn end(address: &Address, data: &Data) -> Option<End> {
    let phones = [&address.phone, &data.applicant.phone];
    let phone = phones.into_iter().flatten().find_map(|phone| dialled(phone))?;
    Some((address.name.clone(), phone))
}

/// As the post dials it: 0 and nine or ten more digits.
fn dialled(phone: &str) -> Option<String> {
    let plain: String = phone.chars().filter(|char| !" .-()".contains(*char)).collect();
    let national = plain.strip_prefix("+84").map_or_else(|| plain.clone(), |rest| format!("0{rest}"));
    let digits = national.chars().all(|char| char.is_ascii_digit());
    (digits && national.starts_with('0') && matches!(national.len(), 10 | 11)).then_some(national)
}
