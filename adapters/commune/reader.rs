//! Which dialect a message is in, and reading it.
//!
//! The header `x-dialect` says it; where it is missing, what the queue's configuration says. Within CloudEvents the
//! content type tells JSON from XML. A content type that only CloudEvents has wins over the queue's default, so that one
//! queue may carry both.

use crate::opencps::Sites;
use crate::refusal::{CONTENT_TYPE, Fault, UNKNOWN_DIALECT, quoted};
use crate::{Dialect, Limits, Refusal, dialect_of, media_type, words};
use lienthong_core::event::Event;

/// Header that names the family of the message: `cloudevents`, `opencps`.
pub const DIALECT_HEADER: &str = "x-dialect";
/// Header that names the source of a message whose body does not.
pub const SOURCE_HEADER: &str = "x-source";

/// What stands beside a body and says how to read it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'m> {
    /// Content type.
    pub content_type: Option<&'m str>,
    /// `x-dialect`.
    pub dialect: Option<&'m str>,
    /// `x-source`.
    pub source: Option<&'m str>,
}

impl<'m> Headers<'m> {
    /// Of a message that has a content type and nothing else.
    pub fn of(content_type: Option<&'m str>) -> Self {
        Self { content_type, dialect: None, source: None }
    }
}

/// Dialects that one header names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// CloudEvents: its content type tells JSON from XML.
    #[default]
    CloudEvents,
    /// OpenCPS's flat dossier object.
    OpenCps,
}

/// The families by the word of the header and of the configuration.
pub const FAMILIES: &[(&str, Family)] = &[("cloudevents", Family::CloudEvents), ("opencps", Family::OpenCps)];

/// Reads the messages of a queue.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// How much of a message is read.
    pub limits: Limits,
    /// Family of messages that name none.
    pub unnamed: Family,
    /// The sources that publish OpenCPS's object.
    pub sites: Sites,
}

impl Reader {
    /// Tells the dialect of a message.
    ///
    /// # Errors
    ///
    /// `COMMUNE-UNKNOWN-DIALECT` when the header names none that is known; `COMMUNE-CONTENT-TYPE` as [`dialect_of`], or
    /// when the content type is not that of the dialect.
    pub fn dialect_of(&self, headers: &Headers<'_>) -> Result<Dialect, Refusal> {
        let named = headers.dialect.map(str::trim).filter(|word| !word.is_empty());
        let family = match named {
            None => self.unnamed,
            Some(word) => words::meaning(FAMILIES, &word.to_ascii_lowercase()).ok_or_else(|| {
                let known = words::listed(FAMILIES).join(", ");
                let detail = format!("{} is none of: {known}", quoted(word));
                Fault::at(UNKNOWN_DIALECT, DIALECT_HEADER, detail).refusal(None)
            })?,
        };
        let dialect = dialect_of(headers.content_type)?;
        match family {
            Family::CloudEvents => Ok(dialect),
            Family::OpenCps if is_plain_json(headers.content_type) => Ok(Dialect::OpenCps),
            Family::OpenCps if named.is_none() => Ok(dialect),
            Family::OpenCps => {
                let detail = "a dossier of OpenCPS has the content type application/json";
                Err(Fault::new(CONTENT_TYPE, detail).refusal(Some(Dialect::OpenCps)))
            }
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with the code, the field and what was expected, when the message is no event in its dialect. The
    /// first problem found is the one told.
    pub fn read(&self, headers: &Headers<'_>, body: &[u8]) -> Result<Event, Refusal> {
        let dialect = self.dialect_of(headers)?;
        let read = crate::read(dialect, body, &self.limits, headers.source, &self.sites);
        read.map_err(|fault| fault.refusal(Some(dialect)))
    }
}

/// The content type that both families have.
fn is_plain_json(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|told| media_type(told) == "application/json")
}
