//! The event as it stands on the wire: what serde reads and writes, and what the JSON Schema is made from.
//!
//! Every field is optional here, so that *missing*, *null* and *empty* meet one rule in `convert`, with one path and one
//! code. What is required is said by `#[schemars(required)]`; `checks::agreement` holds schema and decoder together.
//! The comments of the fields are the descriptions in the published schema.

use crate::leaf::{Code, Filled, Instant, Object};
use crate::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Number;

/// A dossier event of the commune: CloudEvents 1.0, structured mode. Fields that are not listed are ignored.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(title = "Dossier event, version 1", rename = "DossierEvent")]
pub(crate) struct WireEvent<D> {
    /// Version of CloudEvents.
    #[schemars(required, extend("const" = words::SPECVERSION))]
    pub(crate) specversion: Option<Filled>,
    /// Unique within `source`; the same event sent again keeps its id.
    #[schemars(required, extend("maxLength" = 128))]
    pub(crate) id: Option<Filled>,
    /// Who publishes, such as `urn:lienthong:commune:H11.01.07`.
    #[schemars(required, extend("maxLength" = 256))]
    pub(crate) source: Option<Filled>,
    /// What happened.
    #[serde(rename = "type")]
    #[schemars(required, extend("enum" = words::types()))]
    pub(crate) kind: Option<Filled>,
    /// The dossier code, or `phieu:<number of the sending slip>` while there is no code.
    #[schemars(required)]
    pub(crate) subject: Option<Filled>,
    /// When it happened at the desk.
    #[schemars(required)]
    pub(crate) time: Option<Instant>,
    /// Position within (`source`, `subject`), where the source counts: digits.
    #[schemars(extend("pattern" = "^\\d{1,20}$"))]
    pub(crate) sequence: Option<String>,
    /// Type of `data`, if given.
    pub(crate) datacontenttype: Option<String>,
    /// Version of this schema; version 1 when missing.
    #[schemars(extend("enum" = [Some(words::DATASCHEMA), None::<&str>]))]
    pub(crate) dataschema: Option<String>,
    /// The whole dossier as it then was.
    #[schemars(required)]
    pub(crate) data: Option<Object<D>>,
}

/// The whole dossier at one moment. In lists, null means *not known* and [] means *none*.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Data")]
pub(crate) struct WireData {
    /// The agency that received the dossier.
    #[schemars(required)]
    pub(crate) agency: Option<Object<WireAgency>>,
    /// The dossier itself.
    #[schemars(required)]
    pub(crate) dossier: Option<Object<WireDossier>>,
    /// Whose dossier it is.
    #[schemars(required)]
    pub(crate) applicant: Option<Object<WireApplicant>>,
    /// The step that caused this event.
    #[schemars(required)]
    pub(crate) step: Option<Object<WireStep>>,
    /// Addresses for the post.
    pub(crate) postal: Option<Object<WirePostal>>,
    /// Fees (phí, lệ phí), all of them so far.
    pub(crate) fees: Option<Vec<Object<WireFee>>>,
}

/// The agency that received a dossier.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Agency")]
pub(crate) struct WireAgency {
    /// Its identifier (mã định danh), such as `H11.01.07`.
    #[schemars(required)]
    pub(crate) code: Option<Code>,
    /// Its name, as the portal shows it.
    #[schemars(required)]
    pub(crate) name: Option<Filled>,
}

/// The dossier's own fields.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Dossier")]
pub(crate) struct WireDossier {
    /// Its code (mã hồ sơ), equal to the event's `subject`; null only while there is a slip.
    pub(crate) code: Option<Code>,
    /// Number of the sending slip (số phiếu gửi) it began with.
    pub(crate) slip: Option<Code>,
    /// The portal's own number of a dossier that was lodged at the portal; null when there is none or it is not known.
    pub(crate) portal_code: Option<Code>,
    /// Local or national code of the procedure (mã TTHC).
    #[schemars(required)]
    pub(crate) procedure_code: Option<Code>,
    /// Name of the procedure.
    #[schemars(required)]
    pub(crate) procedure_name: Option<Filled>,
    /// Code of the field of administration (lĩnh vực).
    #[schemars(required)]
    pub(crate) field_code: Option<Code>,
    /// Name of the field.
    #[schemars(required)]
    pub(crate) field_name: Option<Filled>,
    /// Summary (trích yếu).
    #[schemars(required)]
    pub(crate) subject: Option<Filled>,
    /// The portal's status, 1 to 10; null only for a slip.
    #[schemars(with = "Option<u8>", range(min = 1, max = 10))]
    pub(crate) status: Option<Number>,
    /// How it was lodged.
    #[schemars(required, extend("enum" = words::listed(&words::CHANNELS)))]
    pub(crate) channel: Option<Filled>,
    /// Whether the result is to come back by post.
    #[schemars(required)]
    pub(crate) return_by_post: Option<bool>,
    /// Lodged at.
    pub(crate) submitted_at: Option<Instant>,
    /// Accepted at.
    pub(crate) received_at: Option<Instant>,
    /// Promised for.
    pub(crate) due_at: Option<Instant>,
    /// Processing ended at.
    pub(crate) finished_at: Option<Instant>,
    /// Handed to the citizen at.
    pub(crate) returned_at: Option<Instant>,
    /// Papers handed in, all of them so far.
    pub(crate) documents: Option<Vec<Object<WireDocument>>>,
    /// Result papers, all of them so far.
    pub(crate) results: Option<Vec<Object<WireResultPaper>>>,
    /// Rounds of supplements, all of them so far.
    pub(crate) supplements: Option<Vec<Object<WireSupplement>>>,
}

/// A paper handed in.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Document")]
pub(crate) struct WireDocument {
    /// Identifier of the file.
    #[schemars(required)]
    pub(crate) id: Option<Filled>,
    /// Name of the file.
    #[schemars(required)]
    pub(crate) name: Option<Filled>,
    /// Which part of the dossier it is (mã thành phần hồ sơ).
    pub(crate) part_code: Option<String>,
    /// Where the portal can read it.
    pub(crate) url: Option<String>,
    /// It was digitised; false when missing.
    pub(crate) digitised: Option<bool>,
    /// 0 not re-used, 1 and 2 in the portal's ways of re-use; 0 when missing.
    #[schemars(with = "Option<u8>", range(min = 0, max = 2))]
    pub(crate) reused: Option<Number>,
    /// It came from the national store; false when missing.
    pub(crate) from_store: Option<bool>,
}

/// A result paper.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "ResultPaper")]
pub(crate) struct WireResultPaper {
    /// Code of the result (mã giấy tờ kết quả).
    #[schemars(required)]
    pub(crate) code: Option<Filled>,
    /// Its name.
    #[schemars(required)]
    pub(crate) name: Option<Filled>,
    /// Which part it is.
    pub(crate) part_code: Option<String>,
    /// Where the portal can read it.
    pub(crate) url: Option<String>,
}

/// One round of supplements.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Supplement")]
pub(crate) struct WireSupplement {
    /// Identifier of the round.
    #[schemars(required)]
    pub(crate) id: Option<Filled>,
    /// Asked at.
    #[schemars(required)]
    pub(crate) asked_at: Option<Instant>,
    /// Asked by.
    pub(crate) asked_by: Option<String>,
    /// What was asked for.
    pub(crate) text: Option<String>,
    /// Handed in at.
    pub(crate) received_at: Option<Instant>,
    /// Promised date before.
    pub(crate) due_before: Option<Instant>,
    /// Promised date after.
    pub(crate) due_after: Option<Instant>,
}

/// Whose dossier it is.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Applicant")]
pub(crate) struct WireApplicant {
    /// Person or body.
    #[schemars(required, extend("enum" = words::listed(&words::APPLICANT_KINDS)))]
    pub(crate) kind: Option<Filled>,
    /// Full name.
    #[schemars(required)]
    pub(crate) name: Option<Filled>,
    /// Identity number; dummies such as 000000001 are read as null.
    pub(crate) id_number: Option<String>,
    /// Phone.
    pub(crate) phone: Option<String>,
    /// E-mail.
    pub(crate) email: Option<String>,
    /// The applicant's account at the portal (MaDoiTuong); null when there is none or it is not known.
    pub(crate) portal_id: Option<Code>,
}

/// The step that caused an event.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Step")]
pub(crate) struct WireStep {
    /// Officer who did it.
    #[schemars(required)]
    pub(crate) officer: Option<Filled>,
    /// Position of the officer.
    pub(crate) position: Option<String>,
    /// Department.
    pub(crate) department: Option<String>,
    /// What was done.
    #[schemars(required)]
    pub(crate) text: Option<Filled>,
    /// Step began at.
    pub(crate) started_at: Option<Instant>,
    /// Step must end at.
    pub(crate) due_at: Option<Instant>,
}

/// Addresses for the post.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Postal")]
pub(crate) struct WirePostal {
    /// Where papers are collected.
    pub(crate) pickup: Option<Object<WireAddress>>,
    /// Where papers go on to.
    pub(crate) forward: Option<Object<WireForward>>,
    /// Where the result goes.
    #[serde(rename = "return")]
    pub(crate) return_to: Option<Object<WireAddress>>,
}

/// Somebody's address.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Address")]
pub(crate) struct WireAddress {
    /// Name of the person or desk.
    #[schemars(required)]
    pub(crate) name: Option<Filled>,
    /// Phone.
    pub(crate) phone: Option<String>,
    /// House, street, hamlet.
    #[schemars(required)]
    pub(crate) address: Option<Filled>,
    /// Province.
    #[schemars(required)]
    pub(crate) province_code: Option<Code>,
    /// District; null in two-level addresses.
    pub(crate) district_code: Option<Code>,
    /// Commune.
    #[schemars(required)]
    pub(crate) commune_code: Option<Code>,
    /// Note to the postman.
    pub(crate) note: Option<String>,
}

/// Address of the agency that papers go on to.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "ForwardAddress")]
pub(crate) struct WireForward {
    /// That agency.
    #[schemars(required)]
    pub(crate) agency_code: Option<Code>,
    /// Name of the person or desk.
    #[schemars(required)]
    pub(crate) name: Option<Filled>,
    /// Phone.
    pub(crate) phone: Option<String>,
    /// House, street, hamlet.
    #[schemars(required)]
    pub(crate) address: Option<Filled>,
    /// Province.
    #[schemars(required)]
    pub(crate) province_code: Option<Code>,
    /// District; null in two-level addresses.
    pub(crate) district_code: Option<Code>,
    /// Commune.
    #[schemars(required)]
    pub(crate) commune_code: Option<Code>,
    /// Note to the postman.
    pub(crate) note: Option<String>,
}

/// One fee.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Fee")]
pub(crate) struct WireFee {
    /// Code of the fee.
    #[schemars(required)]
    pub(crate) code: Option<Filled>,
    /// Its name.
    #[schemars(required)]
    pub(crate) name: Option<Filled>,
    /// Whole đồng.
    #[schemars(required, with = "u64")]
    pub(crate) amount: Option<Number>,
    /// It has been paid.
    #[schemars(required)]
    pub(crate) paid: Option<bool>,
}
