//! Vietnam Post: the NGSP order API.
//!
//! [`NgspPort`] speaks for one account, that is one `CustomerCode` with its credential: orders, cancels, and the tracking
//! feed. The daemon's dispatcher and tracker call it through the core's [`Port`]; it knows neither journal nor broker nor
//! another adapter and repeats nothing on its own.
//!
//! ```text
//! Content ─translate─▶ wire ─client (token)─▶ answer ─classify─▶ Outcome
//!                                 feed page ─track─▶ TrackingEvents
//! ```
//!
//! Guarantee: an order that the post may have taken is never sent twice by one attempt (test
//! `a_create_without_an_answer_is_uncertain_and_is_not_repeated`). Not guaranteed, because the interface gives no means:
//! whether the post has an order can be learned from the feed alone, and the feed may be silent until the parcel is
//! collected; whether a second order with the same number is refused must be asked of the post (`number_unique`).

#[cfg(feature = "testing")]
pub mod answers;
pub mod config;

mod classify;
mod client;
#[cfg(test)]
pub(crate) mod testing;
mod token;
mod track;
mod translate;
mod wire;

pub use classify::REASONS;

use client::Caller;
use config::{NgspSettings, SettingProblem};
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, Reason, ReasonText};
use lienthong_core::port::{Abilities, FeedPage, LookUp, LookUpAbility, Pending, Port, Sent};
use lienthong_core::receipt::Receipt;
use lienthong_http::Client;
use lienthong_http::settings::listed;
use translate::Cargo;

/// One account at the NGSP order API.
pub struct NgspPort {
    caller: Caller,
}

/// An account that cannot be built from its settings.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Settings that cannot be used, all of them.
    #[error("use the post's settings: {}", listed(.0))]
    Settings(Vec<SettingProblem>),
    /// Certificates or keys that cannot be used.
    #[error("set up calls to the post")]
    Client(#[source] lienthong_http::BuildError),
}

impl NgspPort {
    /// Builds an account; nothing is sent yet.
    ///
    /// # Errors
    /// When settings or certificates cannot be used.
    pub fn build(settings: NgspSettings) -> Result<Self, BuildError> {
        let endpoints = settings.endpoints().map_err(BuildError::Settings)?;
        let http = Client::build(settings.client.clone()).map_err(BuildError::Client)?;
        Ok(Self { caller: Caller::new(settings, endpoints, http) })
    }

    async fn attempt(&self, handoffs: &[Handoff], trace: Option<&str>) -> Sent {
        let contents: Vec<&Content> = handoffs.iter().map(|handoff| &handoff.content).collect();
        match translate::cargo(&contents, self.caller.settings()) {
            Ok(cargo) => self.caller.send(&cargo, trace).await,
            Err(problems) => Sent {
                outcome: refused(problems),
                http_status: None,
                steps: Vec::new(),
                receipt: Receipt::default(),
            },
        }
    }
}

impl Port for NgspPort {
    fn abilities(&self) -> Abilities {
        let settings = self.caller.settings();
        Abilities {
            look_up: LookUpAbility::PositiveOnly,
            number_unique: settings.number_unique,
            rows_per_call: 1,
            visibility_delay: settings.visibility_delay,
            absent_looks: 1,
            uncertain_limit: settings.uncertain_limit,
        }
    }

    /// Shows an order as its body and a cancel as the members of its query.
    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        let message = match translate::cargo(contents, self.caller.settings())? {
            Cargo::Create(order) => serde_json::to_value(order),
            Cargo::Cancel(order) => serde_json::to_value(order),
        };
        Ok(message.expect("messages have string keys only"))
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

/// An attempt that our own translation refuses; the first problem names the field.
fn refused(problems: Vec<Problem>) -> Outcome {
    let problem =
        problems.into_iter().next().unwrap_or_else(|| Problem::new(translate::WRONG_CONTENT, "type"));
    Outcome::Rejected(Reason::new(problem.code).at(problem.field))
}
