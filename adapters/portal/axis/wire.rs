//! What the exchange axis has of its own: the login, the envelope, and the status of a dossier that was lodged at the
//! portal.
//!
//! Source: OpenCPS v2, DVCQGIntegrationActionImpl.java and DVCQGIntegrationActionTerm.java, read 08/2026.

use crate::wire::OtherPaper;
use serde::Serialize;
use serde_json::value::RawValue;

/// What every call but the login carries.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope<'a> {
    /// Left out where an envelope is shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<&'a str>,
    pub(crate) madonvi: &'a str,
    pub(crate) service: &'static str,
    /// `"True"` or `"False"`: a string, capitalised.
    #[serde(rename = "isUpdating", skip_serializing_if = "Option::is_none")]
    pub(crate) is_updating: Option<&'static str>,
    /// Of `DongBoTrangThaiHoSo` alone.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mahoso: Option<&'a str>,
}

/// `data` of `DongBoTrangThaiHoSo`: an object, where the other services have an array.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StatusNote {
    /// The portal's number.
    pub(crate) ma_ho_so: String,
    /// Ours.
    pub(crate) ma_ho_so_don_vi: String,
    pub(crate) ma_doi_tuong: String,
    pub(crate) noi_dung: String,
    pub(crate) ngay_xu_ly: String,
    /// From this service's own list, which is not that of the ten statuses.
    pub(crate) trang_thai: String,
    /// Events hold nothing that belongs there, so the list is always empty.
    pub(crate) tai_lieu_xu_ly: Vec<OtherPaper>,
}

/// The login.
#[derive(Serialize)]
pub(crate) struct LoginCall<'a> {
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
}
