//! Reads the dossier of OpenCPS: one flat object with the columns of its table, as its engine hands it out.
//!
//! ```text
//! text ─ json ─▶ WireDossier ─ convert ─▶ Event (always status-changed, always the whole dossier)
//!                                 ├ statuses: the table, and the site's own
//!                                 └ Sites: whose dossier it is
//! ```
//!
//! OpenCPS tells states, not requests: every message is a `status-changed` with what the post is to do in
//! [`PostTold`], and the core finds by comparing what is newly asked. The object has no event id and no event time: the
//! first is made of `dossierId` and `dossierActionId`, the second is said in `convert`. `dossierActionId` grows within a
//! dossier and is the sequence.
//!
//! `password`, the secret of the receipt, has no place in the wire type: it is skipped where it is read.
//!
//! [`PostTold`]: lienthong_core::event::PostTold

mod convert;
mod statuses;
mod wire;

pub use statuses::{STATUSES, is_mappable};

use crate::refusal::{BAD_VALUE, Fault, quoted};
use crate::{Limits, json};
use lienthong_core::event::Event;
use lienthong_core::ids::{AgencyCode, Source};
use lienthong_core::status::Status;
use std::collections::BTreeMap;
use wire::WireDossier;

/// The sources that publish this object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sites {
    sites: BTreeMap<Source, BTreeMap<String, Status>>,
    agencies: BTreeMap<AgencyCode, Source>,
}

impl Sites {
    /// Adds a source with its agencies, and with what its own statuses mean.
    ///
    /// # Errors
    ///
    /// The agencies that another source speaks for already: the body alone could not tell whose dossier it is.
    pub fn add(
        &mut self,
        source: &Source,
        agencies: &[AgencyCode],
        statuses: BTreeMap<String, Status>,
    ) -> Result<(), Vec<AgencyCode>> {
        let mut taken = Vec::new();
        for agency in agencies {
            let before = self.agencies.insert(agency.clone(), source.clone());
            if before.is_some_and(|before| before != *source) {
                taken.push(agency.clone());
            }
        }
        self.sites.insert(source.clone(), statuses);
        if taken.is_empty() { Ok(()) } else { Err(taken) }
    }

    /// The source that the header names, else the one that speaks for the agency; with its own statuses.
    fn of(
        &self,
        named: Option<&str>,
        agency: &AgencyCode,
    ) -> Result<(&Source, &BTreeMap<String, Status>), Fault> {
        if let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) {
            return self.sites.get_key_value(&Source::new(named)).ok_or_else(|| {
                let detail = format!("{} is no source of the dialect opencps", quoted(named));
                Fault::at(BAD_VALUE, crate::SOURCE_HEADER, detail)
            });
        }
        let source = self.agencies.get(agency).and_then(|source| self.sites.get_key_value(source));
        source.ok_or_else(|| {
            let agency = quoted(agency.as_str());
            let detail = format!("no source of the dialect opencps speaks for agency {agency}");
            Fault::at(BAD_VALUE, "govAgencyCode", detail)
        })
    }
}

/// Reads a dossier: the object itself, or an envelope that holds it under `dossier`.
pub(crate) fn read(body: &str, source: Option<&str>, sites: &Sites, limits: &Limits) -> Result<Event, Fault> {
    let mut wire: WireDossier = json::object(body, limits)?;
    match wire.dossier.take() {
        Some(inner) => convert::event(&inner.0, source, sites, limits),
        None => convert::event(&wire, source, sites, limits),
    }
}
