//! Finding an order by our number, and whether it says what ours says: pure.
//!
//! MyVNPost cannot be asked for a number of the caller's; its list of orders can be read by the days on which their records
//! changed. An order's record changes no earlier than it is made, so the days from the order's own on hold it. The list
//! shows people masked (`+`): what is masked is not compared.

use crate::myvnpost::config::MyVnPostSettings;
use crate::myvnpost::wire::Record;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::Order;
use lienthong_core::ids::OrderNumber;
use lienthong_core::inspect::{Inspected, Theirs};
use lienthong_core::receipt::Receipt;
use lienthong_core::tables::day_in_vietnam;
use lienthong_core::text;
use lienthong_core::tracking::Meaning;
use std::collections::BTreeSet;

/// How far a cancel looks back that knows no more of its order than the number: one that was not collected within a month
/// is not waiting for a postman.
const CANCEL_LOOKS_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Pages that one search reads at most; a list that goes on is not searched to its end.
pub(crate) const PAGES: u32 = 50;

/// The first day on which the record of an order can have changed.
pub(crate) fn first_day(order: &Order, now: Timestamp) -> Date {
    let day = day_in_vietnam(order.as_of.min(now));
    day.yesterday().unwrap_or(day)
}

/// The first day on which an order that is to be cancelled can have changed.
pub(crate) fn first_day_of_cancel(now: Timestamp) -> Date {
    day_in_vietnam(now.checked_sub(CANCEL_LOOKS_BACK).unwrap_or(Timestamp::MIN))
}

/// A search under way.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    number: &'a OrderNumber,
    listed: BTreeSet<String>,
    /// The orders that have our number.
    pub(crate) found: Vec<Record>,
}

impl<'a> Search<'a> {
    /// Looks for a number.
    pub(crate) fn of(number: &'a OrderNumber) -> Self {
        Self { number, listed: BTreeSet::new(), found: Vec::new() }
    }

    /// Takes in a page; says whether the next one must be read. An order that moved to another page meanwhile is one.
    pub(crate) fn take_in(&mut self, records: Vec<Record>, page_size: u16) -> bool {
        let full = records.len() >= usize::from(page_size);
        let mut grew = false;
        for record in records {
            let is_new = record.name().is_none_or(|name| self.listed.insert(name.to_owned()));
            grew |= is_new;
            if is_new && record.number.as_deref() == Some(self.number.as_str()) {
                self.found.push(record);
            }
        }
        full && grew
    }
}

/// What is known of an order beside our number.
pub(crate) fn receipt(record: &Record) -> Receipt {
    Receipt { reference: record.reference.clone(), waybill: record.waybill.clone() }
}

/// Whether a record agrees with our order, as far as it shows what it says.
pub(crate) fn is_same(order: &Order, record: &Record) -> bool {
    let lower = |name: &str| text::normalise(name).to_lowercase();
    let name = record.receiver_name.as_deref().map(lower);
    let phone = record.receiver_phone.as_deref().and_then(text::phone);
    record.cash.is_none_or(|cash| cash == order.cash)
        && name.is_none_or(|name| name == lower(&order.to.name))
        && phone.is_none_or(|phone| Some(phone) == text::phone(&order.to.phone))
}

/// What a page of the list shows to the comparison of both sides. Parcels without a number of the caller's are not ours.
pub(crate) fn held(records: &[Record], page: u32, settings: &MyVnPostSettings) -> Inspected {
    let state = |status: &String| settings.tracking_codes.get(status).copied();
    let thing = |record: &Record| {
        Some(Theirs {
            name: record.number.clone()?,
            state: record.status.as_ref().and_then(|status| state(status).unwrap_or(Meaning::UNKNOWN).parcel),
            status: record.status.clone(),
            waybill: record.waybill.clone(),
            cash: record.cash,
        })
    };
    let things: Vec<Theirs> = records.iter().filter_map(thing).collect();
    Inspected::Held {
        unreadable: records.len() - things.len(),
        things,
        next: (records.len() >= usize::from(settings.page_size)).then(|| (page + 1).to_string()),
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
