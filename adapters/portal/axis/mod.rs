//! National Public Service Portal (DVCQG): the adapter on the exchange axis.
//!
//! [`AxisPort`] speaks for one account of an agency at the agency's own adapter: a login for a session, records as
//! `DongBoHoSoMC`, progress rows as `CapNhatTienDoHoSoMC`, statuses of dossiers that were lodged at the portal as
//! `DongBoTrangThaiHoSo`, look-ups as `TraCuuHoSo`. The daemon's dispatcher calls it
//! through the core's [`Port`]; it knows neither journal nor broker nor another adapter and repeats nothing on its own.
//!
//! ```text
//! Content ─translate─▶ wire ─client (session)─▶ answer ─classify─▶ Outcome
//! ```
//!
//! Guarantee: a record is idempotent and converges whether the portal knows the dossier or not (tests
//! `a_dossier_that_is_there_already_is_updated`, `a_dossier_that_went_missing_is_created_again`). Not guaranteed: rows
//! have no key at the portal, so a row whose answer was lost may be there twice when it is sent again.

#[cfg(feature = "testing")]
pub mod answers;
pub mod config;

mod classify;
mod client;
mod inspect;
mod standing;
#[cfg(test)]
mod testing;
mod wire;

pub use classify::REASONS;

use crate::translate::{self, Cargo};
use crate::{FieldSet, connection_of_rows, json, refused};
use classify::{Operation, codes};
use client::{Caller, Draft};
use config::{AxisSettings, SettingProblem};
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, Reason, ReasonCode, ReasonText, gateway};
use lienthong_core::port::{
    Abilities, FeedPage, LookUp, LookUpAbility, Pending, Port, Sent, Uniqueness, Waybills,
};
use lienthong_core::status::Status;
use lienthong_http::Client;
use lienthong_http::settings::listed;
use std::collections::BTreeMap;
use std::time::Duration;

/// A record may take this long to be found by a look-up; no public source says, so it is generous.
const VISIBILITY_DELAY: Duration = Duration::from_secs(60);

/// Uncertain for a day: a working day has passed in which somebody could have looked.
const UNCERTAIN_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// One account at the portal's adapter.
pub struct AxisPort {
    caller: Caller,
    fields: FieldSet,
    rows_per_call: usize,
    status_codes: BTreeMap<Status, String>,
}

/// An account that cannot be built from its settings.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Settings that cannot be used, all of them.
    #[error("use the portal's settings: {}", listed(.0))]
    Settings(Vec<SettingProblem>),
    /// Certificates or keys that cannot be used.
    #[error("set up calls to the portal")]
    Client(#[source] lienthong_http::BuildError),
}

impl AxisPort {
    /// Builds an account; nothing is sent yet.
    ///
    /// # Errors
    /// When settings or certificates cannot be used.
    pub fn build(settings: AxisSettings) -> Result<Self, BuildError> {
        let endpoints = settings.endpoints().map_err(BuildError::Settings)?;
        let http = Client::build(settings.client.clone()).map_err(BuildError::Client)?;
        Ok(Self {
            fields: settings.field_set,
            rows_per_call: settings.rows_per_call,
            status_codes: settings.status_codes.clone(),
            caller: Caller::new(settings, endpoints, http),
        })
    }

    async fn attempt(&self, handoffs: &[Handoff], trace: Option<&str>) -> Sent {
        let contents: Vec<&Content> = handoffs.iter().map(|handoff| &handoff.content).collect();
        if let [Content::Status(status)] = contents.as_slice() {
            return match standing::note(status, &self.status_codes) {
                Ok(note) => self.caller.set_status(&json(&note), trace).await,
                Err(problems) => refused(problems),
            };
        }
        match translate::cargo(&contents, self.fields, codes::WRONG_CONTENT) {
            Ok(Cargo::Record(item)) => self.caller.write_record(&item.ma_ho_so, &json(&[&item]), trace).await,
            Ok(Cargo::Rows(rows)) => {
                self.caller.append_rows(&json(&rows), connection_of_rows(&contents), trace).await
            }
            Err(problems) => refused(problems),
        }
    }

    async fn ask(&self, handoff: &Handoff) -> LookUp {
        match &handoff.content {
            Content::Record(record) => match &record.snapshot.dossier.code {
                Some(code) => self.caller.look_up(code.as_str(), record).await,
                None => {
                    let reason = Reason::new(ReasonCode::known(gateway::MISSING_FIELD));
                    LookUp::CouldNotAsk(reason.at("dossier.code"))
                }
            },
            Content::Row(_) | Content::Status(_) => {
                LookUp::CouldNotAsk(Reason::new(ReasonCode::known(codes::NO_QUESTION)))
            }
            Content::Order(_) | Content::Cancel(_) | Content::News(_) => {
                LookUp::CouldNotAsk(Reason::new(ReasonCode::known(codes::WRONG_CONTENT)))
            }
        }
    }
}

impl Port for AxisPort {
    fn abilities(&self) -> Abilities {
        Abilities {
            look_up: LookUpAbility::Authoritative,
            number_unique: Uniqueness::Unknown,
            rows_per_call: self.rows_per_call,
            visibility_delay: VISIBILITY_DELAY,
            absent_looks: 2,
            uncertain_limit: UNCERTAIN_LIMIT,
            waybills: Waybills::Partner,
        }
    }

    /// Shows a record as the create of a dossier that the portal does not know; an update differs in `isUpdating` alone.
    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        let (operation, data) = if let [Content::Status(status)] = contents {
            (Operation::SetStatus, json(&standing::note(status, &self.status_codes)?))
        } else {
            match translate::cargo(contents, self.fields, codes::WRONG_CONTENT)? {
                Cargo::Record(item) => (Operation::Create, json(&[&item])),
                Cargo::Rows(rows) => (Operation::AppendRows, json(&rows)),
            }
        };
        let draft = match operation {
            Operation::AppendRows => Draft::rows(&data),
            Operation::SetStatus => Draft::status(&data),
            Operation::Login | Operation::Create | Operation::Update | Operation::LookUp => {
                Draft::record(&data)
            }
        };
        let envelope = self.caller.envelope(operation, &draft, None);
        Ok(serde_json::to_value(envelope).expect("messages have string keys only"))
    }

    fn check(&self, contents: &[&Content]) -> Result<(), Vec<Problem>> {
        match contents {
            [Content::Status(status)] => standing::note(status, &self.status_codes).map(drop),
            _others => translate::cargo(contents, self.fields, codes::WRONG_CONTENT).map(drop),
        }
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], trace: Option<&'a str>) -> Pending<'a, Sent> {
        Box::pin(self.attempt(handoffs, trace))
    }

    fn look_up<'a>(&'a self, handoff: &'a Handoff) -> Pending<'a, LookUp> {
        Box::pin(self.ask(handoff))
    }

    fn inspect<'a>(&'a self, inspection: &'a Inspection) -> Pending<'a, Inspected> {
        match inspection {
            Inspection::Dossier(code) => Box::pin(self.caller.inspect(code)),
            Inspection::Orders { .. } => Box::pin(std::future::ready(Inspected::NoQuestion)),
        }
    }

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
