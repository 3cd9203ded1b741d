//! Reads dossier events of the commune: bytes from the queue become the core's [`Event`], or a [`Refusal`]; and writes the
//! [`Outcome`]s that its system is told.
//!
//! ```text
//! bytes ─ admit ─┬─ json ──────────────┐
//!                ├─ xml ─ json value ──┴─ wire ─ convert ─▶ Event
//!                └─ opencps ─────────────────────────────▶ Event
//! ```
//!
//! Two dialects carry the same event: CloudEvents 1.0 in structured JSON, and an XML of the same fields. Both end in one
//! wire form and one conversion, so that an event has the same hash whichever way it came. The third is the dossier as
//! OpenCPS has it (`opencps`). The intake calls [`Reader::read`] and writes a refusal into quarantine, the bytes through
//! [`without_secrets`]; the demo calls the encoders; `schema` prints [`json_schema`] and [`XSD`].
//!
//! Pure: no IO, no clock, no state. It decides only whether a message can be read, never what follows from it. Whatever
//! the bytes, it neither panics nor reads beyond its [`Limits`] (`checks::hostile`); no refusal repeats the value of a
//! field that can name a person.

#[cfg(test)]
mod checks;
mod convert;
mod encode;
mod json;
mod leaf;
pub mod opencps;
mod outcome;
mod reader;
mod refusal;
mod rules;
mod schema;
mod shape;
mod wire;
mod withhold;
mod words;
mod xml;

pub use encode::{encode_json, encode_xml};
pub use outcome::{OUTCOME_CONTENT_TYPE, Outcome, Sentences, encode_outcome, outcome_data, outcome_schema};
pub use reader::{DIALECT_HEADER, FAMILIES, Family, Headers, Reader, SOURCE_HEADER};
pub use refusal::{
    BAD_VALUE, CONTENT_TYPE, DRAFT, DTD, DUPLICATE_FIELD, EMPTY, ENTITY, MISSING_FIELD, NO_DOSSIER, NOT_JSON,
    NOT_UTF8, NOT_XML, REASONS, Refusal, TOO_DEEP, TOO_LARGE, TRUNCATED, UNKNOWN_DIALECT, UNKNOWN_TYPE,
    UNKNOWN_VERSION, UNMAPPED_STATUS, WRONG_TYPE,
};
pub use schema::{XSD, json_schema};
pub use withhold::without_secrets;

use lienthong_core::event::Event;
use opencps::Sites;
use refusal::{Fault, quoted};

/// How much of a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the body. A dossier with hundreds of papers stays below 200 KiB, since papers are links.
    pub body_bytes: usize,
    /// Levels of nesting; the event itself needs six.
    pub depth: usize,
    /// Characters of one text; the partners' longest field has 4,000.
    pub text_chars: usize,
    /// Items of one list.
    pub list_items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 1024 * 1024, depth: 32, text_chars: 10_000, list_items: 2_000 }
    }
}

/// How an event is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// CloudEvents 1.0, structured JSON.
    Json,
    /// The same event as XML.
    Xml,
    /// OpenCPS's flat dossier object.
    OpenCps,
}

impl Dialect {
    /// Name in logs, metrics and the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
            Self::OpenCps => "opencps",
        }
    }

    /// The content type to publish it with.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/cloudevents+json",
            Self::Xml => "application/xml",
            Self::OpenCps => "application/json",
        }
    }

    /// Whether `data` of this media type stands in a message of this dialect.
    fn carries(self, media_type: &str) -> bool {
        match self {
            Self::Json | Self::OpenCps => media_type == "application/json",
            Self::Xml => matches!(media_type, "application/xml" | "text/xml"),
        }
    }
}

/// Tells the dialect of CloudEvents by the content type of the message; parameters are tolerated, a character set other than UTF-8 is
/// not.
///
/// # Errors
///
/// `COMMUNE-CONTENT-TYPE` when it is missing, is none of the four, or names another character set.
pub fn dialect_of(content_type: Option<&str>) -> Result<Dialect, Refusal> {
    let told = content_type.map(str::trim).filter(|told| !told.is_empty());
    let expected = "expected application/cloudevents+json, application/json, application/xml or text/xml";
    let Some(told) = told else {
        return Err(Fault::new(CONTENT_TYPE, format!("there is no content type; {expected}")).refusal(None));
    };
    let media_type = media_type(told);
    let dialect = match media_type.as_str() {
        "application/cloudevents+json" | "application/json" => Dialect::Json,
        "application/xml" | "text/xml" => Dialect::Xml,
        _ => {
            return Err(Fault::new(CONTENT_TYPE, format!("{} is not read; {expected}", quoted(&media_type)))
                .refusal(None));
        }
    };
    match told.split(';').skip(1).find_map(charset).filter(|charset| !is_utf8(charset)) {
        Some(charset) => {
            let detail = format!("the character set {} is not read; expected utf-8", quoted(&charset));
            Err(Fault::new(CONTENT_TYPE, detail).refusal(Some(dialect)))
        }
        None => Ok(dialect),
    }
}

/// Reads a message of CloudEvents: what [`Reader::read`] does where nothing else is configured or named.
///
/// # Errors
///
/// A [`Refusal`] with the code, the field and what was expected, when the message is not an event of version 1. The
/// first problem found is the one told.
pub fn decode(content_type: Option<&str>, body: &[u8], limits: &Limits) -> Result<Event, Refusal> {
    let dialect = dialect_of(content_type)?;
    let read = read(dialect, body, limits, None, &Sites::default());
    read.map_err(|fault| fault.refusal(Some(dialect)))
}

fn read(
    dialect: Dialect,
    body: &[u8],
    limits: &Limits,
    source: Option<&str>,
    sites: &Sites,
) -> Result<Event, Fault> {
    let text = admit(body, limits)?;
    let wire = match dialect {
        Dialect::Json => json::read(text, limits)?,
        Dialect::Xml => xml::read(text, limits)?,
        Dialect::OpenCps => return opencps::read(text, source, sites, limits),
    };
    convert::event(wire, dialect, limits)
}

/// Size, emptiness, character set: what can be said of the bytes alone. A byte order mark in front is skipped.
fn admit<'b>(body: &'b [u8], limits: &Limits) -> Result<&'b str, Fault> {
    if body.len() > limits.body_bytes {
        let (size, limit) = (body.len(), limits.body_bytes);
        return Err(Fault::new(TOO_LARGE, format!("the body has {size} bytes; at most {limit} are read")));
    }
    let text = std::str::from_utf8(body).map_err(|error| match error.error_len() {
        None => Fault::new(TRUNCATED, "the body ends in the middle of a character"),
        Some(_) => Fault::new(NOT_UTF8, format!("the byte at {} is not UTF-8", error.valid_up_to())),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Fault::new(EMPTY, "the body is empty"));
    }
    Ok(text)
}

/// The media type without its parameters, in lower case.
fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn charset(parameter: &str) -> Option<String> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
}

fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}
