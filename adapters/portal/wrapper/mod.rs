//! National Public Service Portal (DVCQG): the wrapper that some provinces put in front of it.
//!
//! [`WrapperPort`] speaks for one account of an agency at its province's wrapper: records and progress rows as bare
//! arrays, at addresses of their own, without a login. The daemon's dispatcher calls it through the core's [`Port`]; it
//! knows neither journal nor broker nor another adapter and repeats nothing on its own.
//!
//! ```text
//! Content ─translate─▶ [item, …] ─client─▶ answer ─classify─▶ Outcome
//! ```
//!
//! Guarantee: a record is idempotent and converges whether the portal knows the dossier or not (tests
//! `a_dossier_that_is_there_already_is_updated`, `a_dossier_that_went_missing_is_created_again`). Not guaranteed, because
//! the interface gives no means: nothing can be asked about; a row whose answer was lost may be there twice when it is sent
//! again; and no call shows without effect that the wrapper *works*, so the probe shows only that somebody answers.

#[cfg(feature = "testing")]
pub mod answers;
pub mod config;

mod classify;
mod client;
#[cfg(test)]
mod testing;

pub use classify::REASONS;

use crate::translate::{self, Cargo};
use crate::{FieldSet, connection_of_rows, json, refused};
use classify::codes;
use client::Caller;
use config::{PROBE_DEADLINE, SettingProblem, WrapperSettings};
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, Reason, ReasonCode, ReasonText};
use lienthong_core::port::{
    Abilities, FeedPage, LookUp, LookUpAbility, Pending, Port, Sent, Uniqueness, Waybills,
};
use lienthong_http::settings::listed;
use lienthong_http::{Client, ClientSettings};
use std::time::Duration;

/// Uncertain for a day: a working day has passed in which somebody could have looked.
const UNCERTAIN_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// One account at a province's wrapper.
pub struct WrapperPort {
    caller: Caller,
    fields: FieldSet,
    rows_per_call: usize,
}

/// An account that cannot be built from its settings.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Settings that cannot be used, all of them.
    #[error("use the wrapper's settings: {}", listed(.0))]
    Settings(Vec<SettingProblem>),
    /// Certificates, keys or a header that cannot be used.
    #[error("set up calls to the wrapper")]
    Client(#[source] lienthong_http::BuildError),
}

impl WrapperPort {
    /// Builds an account; nothing is sent yet.
    ///
    /// # Errors
    /// When settings, certificates or the header cannot be used.
    pub fn build(settings: &WrapperSettings) -> Result<Self, BuildError> {
        let endpoints = settings.endpoints().map_err(BuildError::Settings)?;
        let http = client(settings, settings.client.clone()).map_err(BuildError::Client)?;
        let deadline = settings.client.deadline.min(PROBE_DEADLINE);
        let probing = client(settings, ClientSettings { deadline, ..settings.client.clone() });
        let probing = probing.map_err(BuildError::Client)?;
        Ok(Self {
            fields: settings.field_set,
            rows_per_call: settings.rows_per_call,
            caller: Caller::new(settings, endpoints, http, probing),
        })
    }

    async fn attempt(&self, handoffs: &[Handoff], trace: Option<&str>) -> Sent {
        let contents: Vec<&Content> = handoffs.iter().map(|handoff| &handoff.content).collect();
        match translate::cargo(&contents, self.fields, codes::WRONG_CONTENT) {
            Ok(Cargo::Record(item)) => self.caller.write_record(&item.ma_ho_so, &json(&[&item]), trace).await,
            Ok(Cargo::Rows(rows)) => {
                self.caller.append_rows(&json(&rows), connection_of_rows(&contents), trace).await
            }
            Err(problems) => refused(problems),
        }
    }
}

fn client(settings: &WrapperSettings, client: ClientSettings) -> Result<Client, lienthong_http::BuildError> {
    let client = Client::build(client)?;
    if settings.header_name.is_empty() {
        return Ok(client);
    }
    client.always_sending(&settings.header_name, &settings.header_value)
}

impl Port for WrapperPort {
    fn abilities(&self) -> Abilities {
        Abilities {
            look_up: LookUpAbility::None,
            number_unique: Uniqueness::Unknown,
            rows_per_call: self.rows_per_call,
            visibility_delay: Duration::ZERO,
            absent_looks: 1,
            uncertain_limit: UNCERTAIN_LIMIT,
            waybills: Waybills::Partner,
        }
    }

    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        let data = match translate::cargo(contents, self.fields, codes::WRONG_CONTENT)? {
            Cargo::Record(item) => serde_json::to_value([item]),
            Cargo::Rows(rows) => serde_json::to_value(rows),
        };
        Ok(data.expect("messages have string keys only"))
    }

    fn check(&self, contents: &[&Content]) -> Result<(), Vec<Problem>> {
        translate::cargo(contents, self.fields, codes::WRONG_CONTENT).map(drop)
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], trace: Option<&'a str>) -> Pending<'a, Sent> {
        Box::pin(self.attempt(handoffs, trace))
    }

    fn look_up<'a>(&'a self, _handoff: &'a Handoff) -> Pending<'a, LookUp> {
        let reason = Reason::new(ReasonCode::known(codes::NO_QUESTION));
        Box::pin(std::future::ready(LookUp::CouldNotAsk(reason)))
    }

    /// It has no question.
    fn inspect<'a>(&'a self, _inspection: &'a Inspection) -> Pending<'a, Inspected> {
        Box::pin(std::future::ready(Inspected::NoQuestion))
    }

    /// Shows that somebody answers at the wrapper's address. Nothing safer than a record or a row could show that it
    /// works, and those are no probes.
    fn probe(&self) -> Pending<'_, Outcome> {
        Box::pin(self.caller.probe())
    }

    fn read_feed<'a>(&'a self, _after: Option<&'a str>) -> Pending<'a, FeedPage> {
        Box::pin(std::future::ready(FeedPage::NoFeed))
    }

    fn reasons(&self) -> &'static [ReasonText] {
        classify::REASONS
    }
}
