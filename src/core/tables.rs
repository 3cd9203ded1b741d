//! Configured facts that decisions need: agencies, procedures, units and accounts, with their validity.
//!
//! The daemon reads them from the files beside the configuration and checks them as a whole; here they are only looked
//! up. Rows have a first and a last day: an event is planned with the rows in force at its own time, so an event of 2022
//! is read with the units of 2022. Each set has a [`TablesVersion`], which every handoff remembers.

use crate::dated::Dated;
use crate::handoff::Partner;
use crate::ids::{AccountName, AgencyCode, ProcedureCode, Source, TablesVersion, UnitCode};
use crate::status::Status;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Offset of Việt Nam, which has no summer time.
pub const VIETNAM: jiff::tz::Offset = jiff::tz::Offset::constant(7);

/// The calendar day in Việt Nam at an instant.
pub fn day_in_vietnam(at: Timestamp) -> Date {
    VIETNAM.to_datetime(at).date()
}

/// From when until when a row holds; both days inclusive, `None` is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

impl Validity {
    /// Whether the row holds on that day.
    pub fn covers(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// All configured facts that planning needs.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Short hash over the content.
    pub version: TablesVersion,
    /// One profile an agency.
    pub agencies: BTreeMap<AgencyCode, AgencyProfile>,
    /// Rows of a procedure, oldest first.
    pub procedures: BTreeMap<ProcedureCode, Vec<ProcedureRow>>,
    /// Communes and provinces by code, oldest row first.
    pub units: BTreeMap<UnitCode, Vec<UnitRow>>,
    /// Rules per event source.
    pub sources: BTreeMap<Source, SourceRules>,
    /// Statuses that an account's interface takes for dossiers that were lodged at the portal; an account that is not here
    /// has no such service, or none that is used.
    pub status_services: BTreeMap<AccountName, BTreeSet<Status>>,
    /// Texts of the progress rows that tracking causes.
    pub tracking_texts: TrackingTexts,
    /// How long a dead progress row holds the rows behind it.
    pub dead_row_holds: jiff::SignedDuration,
}

impl Tables {
    /// The agency's profile.
    pub fn agency(&self, code: &AgencyCode) -> Option<&AgencyProfile> {
        self.agencies.get(code)
    }

    /// The agency's account at a partner at that time; `None`: nothing goes there.
    pub fn account(&self, agency: &AgencyCode, partner: Partner, at: Timestamp) -> Option<&AccountName> {
        Some(self.agency(agency)?.accounts(partner)?.at(at))
    }

    /// Whether any agency's own system is told anything.
    pub fn tell_communes(&self) -> bool {
        self.agencies.values().any(|agency| agency.commune_account.is_some())
    }

    /// The procedure's row in force at that time.
    pub fn procedure(&self, code: &ProcedureCode, at: Timestamp) -> Option<&ProcedureRow> {
        let day = day_in_vietnam(at);
        self.procedures.get(code)?.iter().rev().find(|row| row.validity.covers(day))
    }

    /// The unit's row in force at that time.
    pub fn unit(&self, code: &UnitCode, at: Timestamp) -> Option<&UnitRow> {
        let day = day_in_vietnam(at);
        self.units.get(code)?.iter().rev().find(|row| row.validity.covers(day))
    }

    /// Whether the account's interface takes that status of dossiers that were lodged at the portal.
    pub fn takes_status(&self, account: &AccountName, status: Status) -> bool {
        self.status_services.get(account).is_some_and(|taken| taken.contains(&status))
    }

    /// The rules of an event source.
    pub fn source(&self, source: &Source) -> Option<&SourceRules> {
        self.sources.get(source)
    }
}

/// What the gateway knows of an agency.
#[derive(Clone, Debug)]
pub struct AgencyProfile {
    /// Its identifier.
    pub code: AgencyCode,
    /// Its name.
    pub name: String,
    /// The desk as a sender and receiver of parcels; `None`: no postal service.
    pub desk: Option<Desk>,
    /// Account at the portal; `None`: nothing is reported.
    pub portal_account: Option<Dated<AccountName>>,
    /// Account at the post; `None`: no postal orders.
    pub post_account: Option<Dated<AccountName>>,
    /// Account at the commune's own system; `None`: it is told nothing.
    pub commune_account: Option<Dated<AccountName>>,
    /// Whether unpaid fees are collected by the postman.
    pub cash: CashOnDelivery,
    /// Whether anything is sent at all.
    pub mode: Mode,
}

impl AgencyProfile {
    /// Its account at a partner, which may change by days; `None`: nothing goes there.
    pub fn accounts(&self, partner: Partner) -> Option<&Dated<AccountName>> {
        match partner {
            Partner::Portal => self.portal_account.as_ref(),
            Partner::Post => self.post_account.as_ref(),
            Partner::Commune => self.commune_account.as_ref(),
        }
    }
}

/// The desk as the post knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Name on the label.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Street and house, with the commune in the text.
    pub address: String,
    /// E-mail.
    pub email: Option<String>,
    /// Province.
    pub province_code: UnitCode,
    /// District, of old addresses.
    pub district_code: Option<UnitCode>,
    /// Commune.
    pub commune_code: UnitCode,
}

/// Whether the postman collects unpaid fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CashOnDelivery {
    /// Never.
    Off,
    /// The sum of the fees not yet paid.
    UnpaidFees,
}

/// Whether handoffs are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Stored, planned, sent.
    Live,
    /// Stored, planned, logged; nothing is sent.
    Observe,
}

/// What the gateway knows of a procedure at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureRow {
    /// Code at the portal.
    pub national_code: ProcedureCode,
    /// Who reports dossiers of it to the portal.
    pub reported_by: Reporter,
    /// Its field of administration, for dossiers that do not tell it.
    pub field: Option<Field>,
    /// When this row holds.
    pub validity: Validity,
}

/// A field of administration (lĩnh vực).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its code at the portal.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Who reports a procedure's dossiers to the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporter {
    /// This gateway.
    Gateway,
    /// A ministry's own system: only the postal side is planned.
    Ministry,
}

/// An administrative unit at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRow {
    /// Its name.
    pub name: String,
    /// Province of a commune; `None` for a province.
    pub province_code: Option<UnitCode>,
    /// When this row holds.
    pub validity: Validity,
    /// Units that took it in.
    pub successors: Vec<UnitCode>,
}

/// How a source counts and what its words mean.
#[derive(Clone, Debug)]
pub struct SourceRules {
    /// How its events are ordered.
    pub sequence: SequenceRule,
    /// How long a gap holds an event.
    pub gap_hold: jiff::SignedDuration,
    /// What its status 10 means for dossiers that go back by post.
    pub done_means: DoneMeans,
    /// Agencies it may speak for.
    pub agencies: Vec<AgencyCode>,
    /// Broker user that must have published, where the broker validates it.
    pub user_id: Option<String>,
}

/// How a source orders the events of a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceRule {
    /// Each number one higher: a gap is a missing event.
    Contiguous,
    /// Higher is newer; gaps mean nothing.
    Increasing,
    /// No numbers: `time` orders, else arrival.
    None,
}

/// What a source's status 10 means for a dossier that goes back by post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneMeans {
    /// The citizen has the result.
    HandedOver,
    /// The parcel has left the desk.
    Dispatched,
}

/// Texts of the progress rows that tracking causes.
#[derive(Clone, Debug)]
pub struct TrackingTexts {
    /// Officer's name in such rows.
    pub officer: String,
    /// Parcel collected.
    pub collected: String,
    /// Delivery attempt failed.
    pub failed_attempt: String,
    /// Parcel came back.
    pub returned: String,
    /// Parcel delivered.
    pub delivered: String,
}

/// Whether a code has the national shape, such as `1.004873`: one digit, a dot, six digits.
pub fn is_national_procedure(code: &ProcedureCode) -> bool {
    let bytes = code.as_str().as_bytes();
    matches!(bytes, [first, b'.', rest @ ..]
        if first.is_ascii_digit() && rest.len() == 6 && rest.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_national_shape_is_one_digit_dot_six_digits() {
        for (code, expected) in [
            ("1.004873", true),
            ("2.000635", true),
            ("1.004873.H56", false),
            ("TS_lop1", false),
            ("1.00487", false),
            ("", false),
        ] {
            assert_eq!(is_national_procedure(&ProcedureCode::new(code)), expected, "{code}");
        }
    }

    #[test]
    fn days_are_vietnamese_days() {
        let late: Timestamp = "2022-09-15T17:30:00Z".parse().unwrap();
        assert_eq!(day_in_vietnam(late).to_string(), "2022-09-16");
    }
}
