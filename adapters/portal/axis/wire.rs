//! What stands around dossiers and rows on the exchange axis: the login and the envelope.
//!
//! Source: OpenCPS v2, DVCQGIntegrationActionImpl.java and DVCQGIntegrationActionTerm.java, read 08/2026.

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mahoso: Option<&'a str>,
}

/// The login.
#[derive(Serialize)]
pub(crate) struct LoginCall<'a> {
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
}
