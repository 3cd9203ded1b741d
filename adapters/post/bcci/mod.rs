//! Vietnam Post: the BCCI order service with waybills that the post gave beforehand.
//!
//! [`BcciPort`] speaks for one account, that is one `CustomerCode` with its credential, at the post itself or through a
//! province's LGSP: orders, and where they are configured cancels and the tracking feed. What it shares with NGSP stands
//! in [`orders`](crate::orders).
//!
//! An order is told which waybill it has: the number ranges are the agency's, and whoever sends must know which of them
//! is free. That is the journal's business; the adapter sends the waybill that comes with the handoff, and nothing
//! without one (test `an_order_without_a_waybill_never_leaves`).
//!
//! Guarantee: the post answers a second order of one number with *already there*, which is success here, so that a resend
//! is safe; where a contract does not keep that, `number_unique` says so, and an uncertain order is asked about instead.
//! Not guaranteed, because no public source settles it: the form of cancels and of the feed (assumed to be NGSP's).

pub mod config;

mod classify;
#[cfg(test)]
pub(crate) mod testing;
mod translate;

pub use classify::REASONS;

use crate::BuildError;
use crate::orders::client::{Caller, refused, untranslated};
use config::BcciSettings;
use lienthong_core::handoff::{Content, Handoff, HandoffKind};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, Reason, ReasonCode, ReasonText};
use lienthong_core::port::{Abilities, FeedPage, LookUp, LookUpAbility, Pending, Port, Sent, Waybills};
use lienthong_http::Client;

/// One account at the BCCI order service.
pub struct BcciPort {
    settings: BcciSettings,
    caller: Caller,
}

impl BcciPort {
    /// Builds an account; nothing is sent yet.
    ///
    /// # Errors
    /// When settings or certificates cannot be used.
    pub fn build(settings: BcciSettings) -> Result<Self, BuildError> {
        let service = settings.service().map_err(BuildError::Settings)?;
        let http = Client::build(settings.client.clone()).map_err(BuildError::Client)?;
        Ok(Self { caller: Caller::new(service, http), settings })
    }

    async fn attempt(&self, handoffs: &[Handoff], trace: Option<&str>) -> Sent {
        let contents: Vec<&Content> = handoffs.iter().map(|handoff| &handoff.content).collect();
        let waybill = handoffs.first().and_then(|handoff| handoff.receipt.waybill.as_deref());
        let cargo = match translate::cargo(&contents, waybill, &self.settings) {
            Ok(cargo) => cargo,
            Err(problems) => return untranslated(problems, translate::WRONG_CONTENT),
        };
        let is_order = handoffs.iter().any(|handoff| handoff.kind() == HandoffKind::PostOrder);
        if is_order && waybill.is_none() {
            return refused(Reason::new(ReasonCode::known(translate::NO_WAYBILL)));
        }
        self.caller.send(&cargo, trace).await
    }
}

impl Port for BcciPort {
    fn abilities(&self) -> Abilities {
        let settings = &self.settings;
        let look_up =
            if settings.flavour.has_feed() { LookUpAbility::PositiveOnly } else { LookUpAbility::None };
        Abilities {
            look_up,
            number_unique: settings.number_unique,
            rows_per_call: 1,
            visibility_delay: settings.visibility_delay,
            absent_looks: 1,
            uncertain_limit: settings.uncertain_limit,
            waybills: Waybills::Pool(classify::POOL),
        }
    }

    /// Shows an order as its body, without its waybill, and a cancel as the members of its query.
    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        translate::cargo(contents, None, &self.settings).map(|cargo| cargo.shown())
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], trace: Option<&'a str>) -> Pending<'a, Sent> {
        Box::pin(self.attempt(handoffs, trace))
    }

    fn look_up<'a>(&'a self, _handoff: &'a Handoff) -> Pending<'a, LookUp> {
        Box::pin(std::future::ready(LookUp::AskTheFeed))
    }

    /// It has neither a question about one order nor a list of orders: the feed is all that it shows.
    fn inspect<'a>(&'a self, _inspection: &'a Inspection) -> Pending<'a, Inspected> {
        Box::pin(std::future::ready(Inspected::NoQuestion))
    }

    fn probe(&self) -> Pending<'_, Outcome> {
        Box::pin(self.caller.probe())
    }

    fn read_feed<'a>(&'a self, after: Option<&'a str>) -> Pending<'a, FeedPage> {
        Box::pin(self.caller.read_feed(after))
    }

    fn reasons(&self) -> &'static [ReasonText] {
        classify::REASONS
    }
}

#[cfg(test)]
#[path = "port_tests.rs"]
mod tests;
