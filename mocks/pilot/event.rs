//! A dossier event as the commune's system publishes it: the fields of the published schema, and nothing of the gateway.

use crate::calendar::At;
use serde::Serialize;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The dossier took a status.
    StatusChanged,
    /// The citizen asks for a pickup at home.
    PickupRequested,
    /// … and calls it off.
    PickupCancelled,
    /// The citizen wants the result by post.
    ReturnRegistered,
    /// … and no longer.
    ReturnWithdrawn,
    /// Papers go on to another agency.
    PapersForwarded,
    /// Fees were added or paid.
    FeesChanged,
    /// A parcel that came back is to be sent again.
    ReorderRequested,
}

impl Kind {
    /// The CloudEvents type.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::StatusChanged => "vn.dossier.status-changed",
            Self::PickupRequested => "vn.dossier.pickup-requested",
            Self::PickupCancelled => "vn.dossier.pickup-cancelled",
            Self::ReturnRegistered => "vn.dossier.return-registered",
            Self::ReturnWithdrawn => "vn.dossier.return-withdrawn",
            Self::PapersForwarded => "vn.dossier.papers-forwarded",
            Self::FeesChanged => "vn.dossier.fees-changed",
            Self::ReorderRequested => "vn.dossier.reorder-requested",
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Unique within the source.
    pub id: String,
    /// What happened.
    pub kind: Kind,
    /// Dossier code, or `phieu:<slip>`.
    pub subject: String,
    /// When.
    pub time: At,
    /// Position within the subject, from 1.
    pub sequence: u64,
    /// The whole dossier as it then was.
    pub data: Data,
}

/// The whole dossier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Data {
    /// Who received it.
    pub agency: Agency,
    /// Itself.
    pub dossier: Dossier,
    /// Whose it is.
    pub applicant: Applicant,
    /// The step that caused the event.
    pub step: StepDone,
    /// Addresses for the post.
    pub postal: Postal,
    /// Fees so far; `None` before there is a code.
    pub fees: Option<Vec<Fee>>,
}

/// Who received a dossier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agency {
    /// Identifier.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
}

/// The dossier's own fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dossier {
    /// Its code; `None` for a slip.
    pub code: Option<String>,
    /// The sending slip it began with.
    pub slip: Option<String>,
    /// Local or national code of the procedure.
    pub procedure_code: String,
    /// Name of the procedure.
    pub procedure_name: &'static str,
    /// Field of administration.
    pub field_code: &'static str,
    /// Its name.
    pub field_name: &'static str,
    /// Summary.
    pub subject: String,
    /// One of the ten statuses; `None` for a slip.
    pub status: Option<u8>,
    /// `direct`, `online` or `post`.
    pub channel: &'static str,
    /// Whether the result goes back by post.
    pub return_by_post: bool,
    /// Lodged online at.
    pub submitted_at: Option<At>,
    /// Accepted at.
    pub received_at: Option<At>,
    /// Promised for.
    pub due_at: Option<At>,
    /// Finished at.
    pub finished_at: Option<At>,
    /// Handed over at the desk.
    pub returned_at: Option<At>,
    /// Papers handed in.
    pub documents: Option<Vec<Paper>>,
    /// Results.
    pub results: Option<Vec<ResultPaper>>,
    /// Rounds of supplements.
    pub supplements: Option<Vec<Supplement>>,
}

/// A paper handed in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paper {
    /// Identifier of the file.
    pub id: String,
    /// Its name.
    pub name: &'static str,
    /// Part of the dossier.
    pub part_code: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// Digitised.
    pub digitised: bool,
    /// 0, 1 or 2.
    pub reused: u8,
    /// From the national store.
    pub from_store: bool,
}

/// A result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResultPaper {
    /// Code of the result.
    pub code: String,
    /// Its name.
    pub name: &'static str,
    /// Part of the dossier.
    pub part_code: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
}

/// A round of supplements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Supplement {
    /// Identifier of the round.
    pub id: String,
    /// Asked at.
    pub asked_at: At,
    /// Asked by.
    pub asked_by: &'static str,
    /// What was asked for.
    pub text: &'static str,
    /// Handed in at.
    pub received_at: Option<At>,
    /// Promised before.
    pub due_before: Option<At>,
    /// Promised now.
    pub due_after: Option<At>,
}

/// Whose dossier it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Applicant {
    /// `citizen`, …
    pub kind: &'static str,
    /// Name.
    pub name: String,
    /// Identity number.
    pub id_number: Option<String>,
    /// Phone as the desk wrote it.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
}

/// The step that caused an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepDone {
    /// Who.
    pub officer: &'static str,
    /// Position.
    pub position: &'static str,
    /// Department.
    pub department: &'static str,
    /// What was done.
    pub text: String,
    /// Began at.
    pub started_at: Option<At>,
    /// Must end at.
    pub due_at: Option<At>,
}

/// Addresses for the post.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Postal {
    /// Where papers are collected.
    pub pickup: Option<Address>,
    /// Where papers go on to.
    pub forward: Option<Address>,
    /// Where the result goes.
    #[serde(rename = "return")]
    pub back: Option<Address>,
}

/// An address.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Address {
    /// The agency, of papers that go on to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency_code: Option<&'static str>,
    /// Name.
    pub name: String,
    /// Phone as the desk wrote it.
    pub phone: Option<String>,
    /// House and street.
    pub address: String,
    /// Province.
    pub province_code: &'static str,
    /// District.
    pub district_code: Option<&'static str>,
    /// Commune.
    pub commune_code: &'static str,
    /// Note to the postman.
    pub note: Option<String>,
}

/// A fee.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fee {
    /// Code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Whole đồng.
    pub amount: u64,
    /// Paid.
    pub paid: bool,
}
