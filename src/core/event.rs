//! A dossier event: what happened to a citizen's dossier, immutable.
//!
//! The snapshot in it is always the whole dossier as it then was (state transfer). Lists are cumulative: `None` means
//! *not known*, an empty list means *none*. Adapters of the commune's dialects build these types and have normalised
//! everything before: text is NFC and trimmed, codes are opaque, money is whole đồng, instants are UTC.
//!
//! The serialised form of [`Event`] is canonical: it is what the journal stores and what the identity hash covers.

use crate::ids::{
    AgencyCode, DossierCode, DossierKey, EventId, PortalAccountId, PortalCode, ProcedureCode, SlipNumber,
    Source, UnitCode,
};
use crate::status::Status;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What happened to a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Who published it.
    pub source: Source,
    /// Unique within the source.
    pub id: EventId,
    /// What kind of change it tells of.
    pub kind: EventKind,
    /// The dossier or slip concerned.
    pub subject: Subject,
    /// When it happened at the desk.
    pub time: Timestamp,
    /// Position within (source, subject), where the source counts.
    pub sequence: Option<u64>,
    /// The whole dossier as it then was.
    pub snapshot: Snapshot,
}

impl Event {
    /// What the gateway files the dossier under.
    pub fn dossier_key(&self) -> DossierKey {
        match &self.subject {
            Subject::Dossier(code) => DossierKey::of_code(code),
            Subject::Slip(slip) => DossierKey::of_slip(slip),
        }
    }
}

/// What an event speaks of: CloudEvents `subject`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A dossier that has its code.
    Dossier(DossierCode),
    /// A home pickup before there is a code: `phieu:<number of the sending slip>`.
    Slip(SlipNumber),
}

/// The kinds of event, by their CloudEvents type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The dossier took one of the ten statuses.
    StatusChanged,
    /// The citizen asks the post to collect the papers at home.
    PickupRequested,
    /// The collection is called off.
    PickupCancelled,
    /// The citizen asks for the result by post.
    ReturnRegistered,
    /// The return by post is called off.
    ReturnWithdrawn,
    /// Papers go on to another agency.
    PapersForwarded,
    /// Fees were added, changed or paid.
    FeesChanged,
    /// The desk asks for a new return order after one that came back.
    ReorderRequested,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::StatusChanged,
        Self::PickupRequested,
        Self::PickupCancelled,
        Self::ReturnRegistered,
        Self::ReturnWithdrawn,
        Self::PapersForwarded,
        Self::FeesChanged,
        Self::ReorderRequested,
    ];

    /// The CloudEvents `type` without its prefix `vn.dossier.`.
    pub fn name(self) -> &'static str {
        match self {
            Self::StatusChanged => "status-changed",
            Self::PickupRequested => "pickup-requested",
            Self::PickupCancelled => "pickup-cancelled",
            Self::ReturnRegistered => "return-registered",
            Self::ReturnWithdrawn => "return-withdrawn",
            Self::PapersForwarded => "papers-forwarded",
            Self::FeesChanged => "fees-changed",
            Self::ReorderRequested => "reorder-requested",
        }
    }

    /// The CloudEvents `type`, such as `vn.dossier.status-changed`.
    pub fn type_name(self) -> String {
        format!("vn.dossier.{}", self.name())
    }
}

/// The whole dossier at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The agency that received it.
    pub agency: Agency,
    /// The dossier itself.
    pub dossier: Dossier,
    /// Whose dossier it is.
    pub applicant: Applicant,
    /// The step that caused this event.
    pub step: Step,
    /// Addresses for the post.
    pub postal: Postal,
    /// Fees; `None` when not known.
    pub fees: Option<Vec<Fee>>,
}

/// The agency that received a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// Its identifier.
    pub code: AgencyCode,
    /// Its name, as it is shown at the portal.
    pub name: String,
}

/// The dossier's own fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// `None` only while there is a slip.
    pub code: Option<DossierCode>,
    /// The sending slip that this dossier began with.
    pub slip: Option<SlipNumber>,
    /// The portal's own number, of a dossier that was lodged there; `None` when there is none or it is not known. Events
    /// from before there was this field have the canonical form that they had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal_code: Option<PortalCode>,
    /// Local or national code of the procedure.
    pub procedure_code: ProcedureCode,
    /// Name of the procedure.
    pub procedure_name: String,
    /// Code of the field of administration (lĩnh vực); empty where the source does not tell it.
    pub field_code: String,
    /// Name of the field; empty with its code.
    pub field_name: String,
    /// Summary (trích yếu).
    pub subject: String,
    /// `None` only for a slip.
    pub status: Option<Status>,
    /// How it was lodged.
    pub channel: Channel,
    /// Whether the result is to come back by post.
    pub return_by_post: bool,
    /// Lodged at.
    pub submitted_at: Option<Timestamp>,
    /// Accepted at.
    pub received_at: Option<Timestamp>,
    /// Promised for.
    pub due_at: Option<Timestamp>,
    /// Processing ended at.
    pub finished_at: Option<Timestamp>,
    /// Handed to the citizen at.
    pub returned_at: Option<Timestamp>,
    /// Papers handed in.
    pub documents: Option<Vec<Document>>,
    /// Result papers.
    pub results: Option<Vec<ResultPaper>>,
    /// Rounds of supplements.
    pub supplements: Option<Vec<Supplement>>,
}

/// How a dossier was lodged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// At the desk.
    Direct,
    /// Online.
    Online,
    /// Through the public postal service.
    Post,
}

/// A paper handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Identifier of the file.
    pub id: String,
    /// Name of the file.
    pub name: String,
    /// Which part of the dossier it is (mã thành phần hồ sơ).
    pub part_code: Option<String>,
    /// Where the portal can read it.
    pub url: Option<String>,
    /// It was digitised.
    pub digitised: bool,
    /// 0 not, 1 and 2 in the portal's ways of re-use.
    pub reused: u8,
    /// It came from the national store.
    pub from_store: bool,
}

/// A result paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultPaper {
    /// Code of the result (mã giấy tờ kết quả).
    pub code: String,
    /// Its name.
    pub name: String,
    /// Which part it is.
    pub part_code: Option<String>,
    /// Where the portal can read it.
    pub url: Option<String>,
}

/// One round of supplements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    /// Identifier of the round.
    pub id: String,
    /// Asked at.
    pub asked_at: Timestamp,
    /// Asked by.
    pub asked_by: Option<String>,
    /// What was asked for.
    pub text: Option<String>,
    /// Handed in at.
    pub received_at: Option<Timestamp>,
    /// Promised date before.
    pub due_before: Option<Timestamp>,
    /// Promised date after.
    pub due_after: Option<Timestamp>,
}

/// Whose dossier it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// Person or body.
    pub kind: ApplicantKind,
    /// Full name.
    pub name: String,
    /// Identity number; dummies have become `None`.
    pub id_number: Option<String>,
    /// Phone, as the desk wrote it.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Account at the portal; `None` when there is none or it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal_id: Option<PortalAccountId>,
}

/// Kind of applicant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicantKind {
    /// Công dân.
    Citizen,
    /// Doanh nghiệp.
    Business,
    /// Cơ quan nhà nước.
    State,
    /// Tổ chức khác.
    Organisation,
}

/// The step that caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Officer who did it.
    pub officer: String,
    /// Position of the officer.
    pub position: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// What was done.
    pub text: String,
    /// Step began at.
    pub started_at: Option<Timestamp>,
    /// Step must end at.
    pub due_at: Option<Timestamp>,
}

/// Addresses for the post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postal {
    /// Where papers are collected.
    pub pickup: Option<PostalAddress>,
    /// Where papers go on to.
    pub forward: Option<ForwardAddress>,
    /// Where the result goes.
    #[serde(rename = "return")]
    pub return_to: Option<PostalAddress>,
    /// How the post's work stands, of a source that tells states; `None` where what is asked of the post has events of
    /// its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<PostTold>,
}

/// How the post's work stands as the desk's system has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostTold {
    /// The collection of papers; `None` when it does not say.
    pub pickup: Option<PickupTold>,
    /// Somebody ordered the parcel with the result, or it has arrived.
    pub return_ordered: bool,
}

/// How a collection stands as the desk's system has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PickupTold {
    /// None is wanted, or no longer.
    NotWanted,
    /// It is wanted.
    Wanted,
    /// It is on its way, or done.
    UnderWay,
}

/// Somebody's address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    /// Name of the person or desk.
    pub name: String,
    /// Phone, as the desk wrote it.
    pub phone: Option<String>,
    /// House, street, hamlet.
    pub address: String,
    /// Province.
    pub province_code: UnitCode,
    /// District; `None` in two-level addresses.
    pub district_code: Option<UnitCode>,
    /// Commune.
    pub commune_code: UnitCode,
    /// Note to the postman.
    pub note: Option<String>,
}

/// Address of the agency that papers go on to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForwardAddress {
    /// That agency.
    pub agency_code: AgencyCode,
    /// Its address.
    pub address: PostalAddress,
}

/// One fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// Code of the fee.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whole đồng.
    pub amount: u64,
    /// It has been paid.
    pub paid: bool,
}
