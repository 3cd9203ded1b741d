//! Messages that could not be taken in, as they are shown.

use super::letters::sentences;
use crate::journal::Error;
use crate::journal::report::{JournalReport, QuarantineLine};
use crate::partners::Partners;
use crate::users::Agencies;
use lienthong_core::text::is_code_like;
use serde::Serialize;
use utoipa::ToSchema;

/// What stands in the place of a routing key that does not look like one: whoever publishes can write anything there.
const WITHHELD: &str = "(…)";

/// One message as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownMessage {
    /// The message.
    pub message: QuarantineLine,
    /// Why it was set aside, in Vietnamese.
    pub vi: Option<&'static str>,
    /// The same in English.
    pub en: Option<&'static str>,
    /// Its bytes as text, for whoever asked for persons; `None` where they are erased.
    pub body: Option<String>,
}

/// The newest messages of agencies that are shown.
///
/// # Errors
/// When the store fails.
pub fn messages(
    report: &JournalReport,
    partners: &Partners,
    limit: usize,
    agencies: &Agencies,
) -> Result<Vec<ShownMessage>, Error> {
    let lines = report.quarantine(limit, agencies)?;
    Ok(lines.into_iter().map(|line| shown(partners, line, None)).collect())
}

/// One message; `personal`: with its bytes, which may name persons.
///
/// # Errors
/// When the store fails.
pub fn message(
    report: &JournalReport,
    partners: &Partners,
    id: i64,
    personal: bool,
    agencies: &Agencies,
) -> Result<Option<ShownMessage>, Error> {
    let Some(line) = report.quarantined_message(id, agencies)? else { return Ok(None) };
    let bytes = if personal { report.quarantined_bytes(id)? } else { None };
    let body = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Some(shown(partners, line, body)))
}

fn shown(partners: &Partners, mut message: QuarantineLine, body: Option<String>) -> ShownMessage {
    let (vi, en) = sentences(partners, Some(&message.code));
    if !is_code_like(&message.routing_key) {
        WITHHELD.clone_into(&mut message.routing_key);
    }
    ShownMessage { message, vi, en, body }
}
