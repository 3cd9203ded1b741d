//! Cancelling an order: read it first, then ask for its end.
//!
//! A second cancel of one order is harmless only because the order is read before: one that is cancelled needs none, one
//! that is collected takes none, and one whose cancel waits for the post office's approval is not asked about twice by this
//! process. After a restart it is asked once more.

use super::calls::Call;
use super::{Attempt, Caller};
use crate::myvnpost::classify::{OK, TABLE, WAITS_FOR_APPROVAL, of_found};
use crate::myvnpost::search::{first_day_of_cancel, receipt};
use crate::myvnpost::wire::{Record, order};
use lienthong_core::ids::OrderNumber;
use lienthong_core::outcome::Outcome;
use lienthong_core::receipt::Receipt;
use lienthong_http::classify::{Effect, Usual, Verdict};
use std::collections::BTreeSet;
use std::sync::{MutexGuard, PoisonError};

/// Cancels that wait for an approval, at most: beyond it the post is asked for all of them once more.
const APPROVALS: usize = 1_000;

impl Caller {
    pub(super) async fn cancel(
        &self,
        attempt: &mut Attempt<'_>,
        number: &OrderNumber,
        known: &Receipt,
    ) -> (Outcome, Receipt) {
        let (verdict, record) = match self.order_to_cancel(attempt, number, known).await {
            Ok(found) => found,
            Err(outcome) => return (outcome, Receipt::default()),
        };
        let shown = record.as_ref().map(receipt).unwrap_or_default();
        let Some(record) = record.filter(|_| verdict.row.text.code == OK) else {
            self.approvals().remove(number);
            return (verdict.outcome(), shown);
        };
        if self.approvals().contains(number) {
            return (TABLE.verdict(Effect::Writes, WAITS_FOR_APPROVAL).outcome(), shown);
        }
        let Some(reference) = record.reference.as_ref().or(known.reference.as_ref()) else {
            // An order without the post's own name for it cannot be named in a cancel.
            return (TABLE.usual(Effect::Writes, Usual::Unreadable).outcome(), shown);
        };
        match self.ask(attempt, &Call::Cancel { reference }).await {
            Ok((verdict, _)) => {
                self.note(number, &verdict);
                (verdict.outcome(), shown)
            }
            Err(outcome) => (outcome, shown),
        }
    }

    /// Reads the order that is to end, and says what that means for its cancel.
    async fn order_to_cancel(
        &self,
        attempt: &mut Attempt<'_>,
        number: &OrderNumber,
        known: &Receipt,
    ) -> Result<(Verdict, Option<Record>), Outcome> {
        let states = &self.settings.tracking_codes;
        match &known.waybill {
            Some(waybill) => {
                let (verdict, body) = self.ask(attempt, &Call::Order { waybill }).await?;
                Ok((verdict, order(&body).flatten()))
            }
            None => {
                let found = self.find(attempt, number, first_day_of_cancel((self.now)())).await?;
                Ok((of_found(&found, states), found.into_iter().next()))
            }
        }
    }

    fn note(&self, number: &OrderNumber, verdict: &Verdict) {
        let mut approvals = self.approvals();
        if verdict.row.text.code == WAITS_FOR_APPROVAL {
            if approvals.len() >= APPROVALS {
                approvals.clear();
            }
            approvals.insert(number.clone());
        } else {
            approvals.remove(number);
        }
    }

    fn approvals(&self) -> MutexGuard<'_, BTreeSet<OrderNumber>> {
        self.approvals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
