//! Vietnam Post: the NGSP order API.
//!
//! [`NgspPort`] speaks for one account, that is one `CustomerCode` with its credential: orders, cancels, and the tracking
//! feed. The daemon's dispatcher and tracker call it through the core's [`Port`]; it knows neither journal nor broker nor
//! another adapter and repeats nothing on its own.
//!
//! What it shares with the other way to the post's order service stands in [`orders`](crate::orders).
//!
//! Guarantee: an order that the post may have taken is never sent twice by one attempt (test
//! `a_create_without_an_answer_is_uncertain_and_is_not_repeated`). Not guaranteed, because the interface gives no means:
//! whether the post has an order can be learned from the feed alone, and the feed may be silent until the parcel is
//! collected; whether a second order with the same number is refused must be asked of the post (`number_unique`).

#[cfg(feature = "testing")]
pub mod answers;
pub mod config;

mod classify;
#[cfg(test)]
pub(crate) mod testing;
mod translate;

pub use classify::REASONS;

use crate::BuildError;
use crate::orders::client::{Caller, untranslated};
use config::NgspSettings;
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, ReasonText};
use lienthong_core::port::{Abilities, FeedPage, LookUp, LookUpAbility, Pending, Port, Sent, Waybills};
use lienthong_http::Client;

/// One account at the NGSP order API.
pub struct NgspPort {
    settings: NgspSettings,
    caller: Caller,
}

impl NgspPort {
    /// Builds an account; nothing is sent yet.
    ///
    /// # Errors
    /// When settings or certificates cannot be used.
    pub fn build(settings: NgspSettings) -> Result<Self, BuildError> {
        let service = settings.service().map_err(BuildError::Settings)?;
        let http = Client::build(settings.client.clone()).map_err(BuildError::Client)?;
        Ok(Self { caller: Caller::new(service, http), settings })
    }

    async fn attempt(&self, handoffs: &[Handoff], trace: Option<&str>) -> Sent {
        let contents: Vec<&Content> = handoffs.iter().map(|handoff| &handoff.content).collect();
        match translate::cargo(&contents, &self.settings) {
            Ok(cargo) => self.caller.send(&cargo, trace).await,
            Err(problems) => untranslated(problems, translate::WRONG_CONTENT),
        }
    }
}

impl Port for NgspPort {
    fn abilities(&self) -> Abilities {
        let settings = &self.settings;
        Abilities {
            look_up: LookUpAbility::PositiveOnly,
            number_unique: settings.number_unique,
            rows_per_call: 1,
            visibility_delay: settings.visibility_delay,
            absent_looks: 1,
            uncertain_limit: settings.uncertain_limit,
            waybills: Waybills::Partner,
        }
    }

    /// Shows an order as its body and a cancel as the members of its query.
    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        translate::cargo(contents, &self.settings).map(|cargo| cargo.shown())
    }

    fn check(&self, contents: &[&Content]) -> Result<(), Vec<Problem>> {
        translate::cargo(contents, &self.settings).map(drop)
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
