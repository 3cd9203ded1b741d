//! Finding an order by our number in the list of orders.

use super::calls::Call;
use super::{Attempt, Caller};
use crate::myvnpost::classify::TOO_MANY_ORDERS;
use crate::myvnpost::search::{PAGES, Search, first_day, held, is_same, receipt};
use crate::myvnpost::wire::{Record, listed};
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::handoff::Order;
use lienthong_core::ids::OrderNumber;
use lienthong_core::inspect::Inspected;
use lienthong_core::outcome::{Outcome, Reason, ReasonCode, gateway};
use lienthong_core::port::LookUp;
use lienthong_core::receipt::Receipt;
use lienthong_core::tables::day_in_vietnam;
use lienthong_http::classify::Ends;

impl Caller {
    /// Asks whether the post has an order. Two with our number are none that can be adopted.
    pub(crate) async fn look_up(&self, order: &Order) -> LookUp {
        let from = first_day(order, (self.now)());
        match self.find(&mut Attempt::default(), &order.number, from).await {
            Ok(found) => match &*found {
                [] => LookUp::Absent,
                [one] => LookUp::Found { same: is_same(order, one), receipt: receipt(one) },
                _ => LookUp::found(false),
            },
            Err(outcome) => LookUp::CouldNotAsk(outcome.reason().clone()),
        }
    }

    /// A refused order that is there is ours: an earlier attempt made it, whose answer was lost.
    pub(super) async fn ours_already(
        &self,
        attempt: &mut Attempt<'_>,
        order: &Order,
        refused: Outcome,
    ) -> (Outcome, Receipt) {
        let from = first_day(order, (self.now)());
        match self.find(attempt, &order.number, from).await.as_deref() {
            Ok([one]) if is_same(order, one) => {
                (Outcome::Accepted(Reason::new(ReasonCode::known(gateway::FOUND))), receipt(one))
            }
            Ok(_) | Err(_) => (refused, Receipt::default()),
        }
    }

    /// Reads a page of the orders that changed between two instants, taken as whole days.
    pub(crate) async fn orders(&self, from: Timestamp, to: Timestamp, after: Option<&str>) -> Inspected {
        let page = after.and_then(|page| page.parse().ok()).unwrap_or(0);
        let call = Call::List { from: day_in_vietnam(from), to: day_in_vietnam(to), page };
        match self.ask(&mut Attempt::default(), &call).await {
            Ok((verdict, body)) => match listed(&body).filter(|_| verdict.row.ends == Ends::Accepted) {
                Some(records) => held(&records, page, self.settings()),
                None => Inspected::Failed(verdict.outcome()),
            },
            Err(outcome) => Inspected::Failed(outcome),
        }
    }

    /// Reads the list from a day on and keeps the orders that have our number.
    pub(super) async fn find(
        &self,
        attempt: &mut Attempt<'_>,
        number: &OrderNumber,
        from: Date,
    ) -> Result<Vec<Record>, Outcome> {
        let mut search = Search::of(number);
        for page in 0..PAGES {
            let call = self.list_call(from, page);
            let (verdict, body) = self.ask(attempt, &call).await?;
            let Some(records) = listed(&body).filter(|_| verdict.row.ends == Ends::Accepted) else {
                return Err(verdict.outcome());
            };
            if !search.take_in(records, self.settings.page_size) {
                return Ok(search.found);
            }
        }
        let reason = Reason::new(ReasonCode::known(TOO_MANY_ORDERS));
        Err(Outcome::Unavailable { reason, wait: None, unsent: false })
    }
}

#[cfg(test)]
#[path = "finding_tests.rs"]
mod tests;
