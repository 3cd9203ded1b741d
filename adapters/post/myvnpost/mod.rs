//! Vietnam Post: MyVNPost, the API for contract customers.
//!
//! [`MyVnPostPort`] speaks for one account, that is one login with its customer code: orders, cancels, questions, and a feed
//! made of the list of orders and the histories behind it. The daemon's dispatcher and tracker call it through the core's
//! [`Port`]; it knows neither journal nor broker nor another adapter and repeats nothing on its own.
//!
//! ```text
//! Content ─translate─▶ wire ─client (token)─▶ answer ─classify─▶ Outcome, Receipt
//!         number ─search the list─▶ Found | Absent        list, histories ─track─▶ TrackingEvents
//! webhook ─judge─▶ worth a reading, or not
//! ```
//!
//! Guarantee: an order that the post may have taken is never sent twice by one attempt (test
//! `a_create_without_an_answer_is_uncertain_and_is_not_repeated`). Not guaranteed, because the interface gives no means: a
//! second order with our number is a second parcel unless the post says otherwise (`number_unique`), and an order that the
//! list does not show may be there all the same unless the post says otherwise (`look_up`).

#[cfg(feature = "testing")]
pub mod answers;
pub mod config;
pub mod webhook;

mod classify;
mod client;
mod search;
#[cfg(test)]
mod testing;
mod track;
mod translate;
mod wire;

pub use classify::REASONS;

use crate::BuildError;
use client::Caller;
use config::MyVnPostSettings;
use jiff::Timestamp;
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, Reason, ReasonText};
use lienthong_core::port::{Abilities, FeedPage, LookUp, Pending, Port, Sent, Waybills};
use lienthong_core::receipt::Receipt;
use lienthong_http::Client;
use serde_json::json;
use translate::Cargo;

/// One account at MyVNPost.
pub struct MyVnPostPort {
    caller: Caller,
}

impl MyVnPostPort {
    /// Builds an account; nothing is sent yet. `now` is the clock: orders are listed by days.
    ///
    /// # Errors
    /// When settings or certificates cannot be used.
    pub fn build(settings: MyVnPostSettings, now: fn() -> Timestamp) -> Result<Self, BuildError> {
        let endpoints = settings.endpoints().map_err(BuildError::Settings)?;
        let http = Client::build(settings.client.clone()).map_err(BuildError::Client)?;
        Ok(Self { caller: Caller::new(settings, endpoints, http, now) })
    }

    async fn attempt(&self, handoffs: &[Handoff], trace: Option<&str>) -> Sent {
        let contents: Vec<&Content> = handoffs.iter().map(|handoff| &handoff.content).collect();
        let nothing = Receipt::default();
        match translate::cargo(&contents, self.caller.settings()) {
            Ok(cargo) => {
                let known = handoffs.first().map_or(&nothing, |handoff| &handoff.receipt);
                self.caller.send(&cargo, known, trace).await
            }
            Err(problems) => {
                Sent { outcome: refused(problems), http_status: None, steps: Vec::new(), receipt: nothing }
            }
        }
    }

    async fn question(&self, handoff: &Handoff) -> LookUp {
        match &handoff.content {
            Content::Order(order) => self.caller.look_up(order).await,
            // A cancel is harmless to repeat; nobody has to ask about it.
            Content::Cancel(_)
            | Content::Record(_)
            | Content::Row(_)
            | Content::Status(_)
            | Content::News(_) => LookUp::AskTheFeed,
        }
    }
}

impl Port for MyVnPostPort {
    fn abilities(&self) -> Abilities {
        let settings = self.caller.settings();
        Abilities {
            look_up: settings.look_up,
            number_unique: settings.number_unique,
            rows_per_call: 1,
            visibility_delay: settings.visibility_delay,
            absent_looks: settings.absent_looks,
            uncertain_limit: settings.uncertain_limit,
            waybills: Waybills::Partner,
        }
    }

    /// Shows an order as its body. A cancel is shown by our number: what goes out names the order as the post does, which
    /// is read before.
    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        Ok(match translate::cargo(contents, self.caller.settings())? {
            Cargo::Create { message, .. } => {
                serde_json::to_value(message).expect("messages have string keys only")
            }
            Cargo::Cancel(number) => json!({ "saleOrderCode": number.as_str() }),
        })
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], trace: Option<&'a str>) -> Pending<'a, Sent> {
        Box::pin(self.attempt(handoffs, trace))
    }

    fn look_up<'a>(&'a self, handoff: &'a Handoff) -> Pending<'a, LookUp> {
        Box::pin(self.question(handoff))
    }

    /// Shows what the list of orders shows of an account; there is no question about a dossier.
    fn inspect<'a>(&'a self, inspection: &'a Inspection) -> Pending<'a, Inspected> {
        match inspection {
            Inspection::Orders { from, to, after } => {
                Box::pin(self.caller.orders(*from, *to, after.as_deref()))
            }
            Inspection::Dossier(_) => Box::pin(std::future::ready(Inspected::NoQuestion)),
        }
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

/// An attempt that our own translation refuses; the first problem names the field.
fn refused(problems: Vec<Problem>) -> Outcome {
    let problem =
        problems.into_iter().next().unwrap_or_else(|| Problem::new(translate::WRONG_CONTENT, "type"));
    Outcome::Rejected(Reason::new(problem.code).at(problem.field))
}
