//! The dossier as OpenCPS writes it: the columns that mean something here, under its own names.
//!
//! All others are skipped, `password` among them. Every field is optional, so that *missing*, *null* and *empty* meet one
//! rule in `convert`.

use crate::leaf::Object;
use serde::Deserialize;
use serde_json::Number;

/// A row of OpenCPS's table of dossiers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireDossier {
    /// The dossier, where this is the engine's envelope.
    pub(super) dossier: Option<Box<Object<WireDossier>>>,
    pub(super) dossier_id: Option<Number>,
    pub(super) dossier_action_id: Option<Number>,
    pub(super) dossier_no: Option<String>,
    pub(super) service_code: Option<String>,
    pub(super) service_name: Option<String>,
    pub(super) gov_agency_code: Option<String>,
    pub(super) gov_agency_name: Option<String>,
    pub(super) dossier_name: Option<String>,
    pub(super) online: Option<bool>,
    pub(super) applicant_name: Option<String>,
    pub(super) applicant_id_type: Option<String>,
    pub(super) applicant_id_no: Option<String>,
    pub(super) contact_tel_no: Option<String>,
    pub(super) contact_email: Option<String>,
    pub(super) dossier_status: Option<String>,
    pub(super) dossier_status_text: Option<String>,
    pub(super) dossier_sub_status: Option<String>,
    pub(super) dossier_sub_status_text: Option<String>,
    pub(super) create_date: Option<Number>,
    pub(super) modified_date: Option<Number>,
    pub(super) submit_date: Option<Number>,
    pub(super) receive_date: Option<Number>,
    pub(super) process_date: Option<Number>,
    pub(super) due_date: Option<Number>,
    pub(super) release_date: Option<Number>,
    pub(super) finish_date: Option<Number>,
    pub(super) via_postal: Option<Number>,
    pub(super) postal_address: Option<String>,
    pub(super) postal_city_code: Option<String>,
    pub(super) postal_district_code: Option<String>,
    pub(super) postal_ward_code: Option<String>,
    pub(super) postal_tel_no: Option<String>,
    pub(super) vnpostal_status: Option<Number>,
    /// JSON text.
    pub(super) vnpostal_profile: Option<String>,
    pub(super) from_via_postal: Option<Number>,
}

/// Where papers are collected, as `vnpostalProfile` holds it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireProfile {
    pub(super) postal_address: Option<String>,
    pub(super) postal_city_code: Option<String>,
    pub(super) postal_district_code: Option<String>,
    pub(super) postal_ward_code: Option<String>,
    pub(super) postal_tel_no: Option<String>,
}
