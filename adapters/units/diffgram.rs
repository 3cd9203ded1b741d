//! The answers: a stream of XML events from the SOAP envelope down to the rows of the diffgram.
//!
//! ```text
//! Envelope / Body / <op>Response / <op>Result / diffgram / (any) / TABLE / MaTinh …
//!                 \ Fault
//! ```
//!
//! Nothing is kept but the row that is being read and the units read so far. An answer counts when it is whole, in this
//! order of elements and namespaces, and has a diffgram: an empty one is a list without units. The schema in front of it,
//! and all that is unknown, is skipped. As everywhere: no document type, no entities but XML's own, caps on depth, texts
//! and rows.

use crate::envelope::{Operation, SERVICE};
use lienthong_core::ids::UnitCode;
use lienthong_core::text::{cut, normalise};
use lienthong_core::units::Listed;
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, ResolveResult};

/// Levels of elements: an answer has eight, its schema a few more.
const DEPTH: usize = 64;
/// Units of one answer: four times those of before the reform of 2025.
const ROWS: usize = 50_000;
/// Bytes of one text: names have forty characters at most.
const TEXT: usize = 1_000;
/// Characters of a fault's text that are passed on.
const FAULT_SHOWN: usize = 200;

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
const DIFFGRAM: &str = "urn:schemas-microsoft-com:xml-diffgram-v1";

/// An answer that says nothing about units.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The service refuses in its own words.
    #[error("the service answers with a fault: {0}")]
    Fault(String),
    /// It is not UTF-8.
    #[error("the answer is not UTF-8")]
    NotUtf8,
    /// It is not XML, or ends too early.
    #[error("the answer is not XML, or breaks off")]
    NotXml,
    /// It has what no answer needs.
    #[error("the answer has {0}, which is not read")]
    NotAllowed(&'static str),
    /// It is XML, and no answer to the question.
    #[error("the answer has no {0}; is this the address of the catalogue?")]
    Lacks(&'static str),
    /// A row lacks a value.
    #[error("row {row} has no {field}")]
    Row {
        /// Which row, from 1.
        row: usize,
        /// What it lacks.
        field: &'static str,
    },
}

/// Reads the units of an answer.
pub(crate) fn units(body: &[u8], operation: Operation) -> Result<Vec<Listed>, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_invalid| Unreadable::NotUtf8)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut descent = Descent::new(operation);
    loop {
        match reader.read_event().map_err(|_malformed| Unreadable::NotXml)? {
            Event::Start(start) | Event::Empty(start) => descent.open(&start)?,
            Event::End(_) => descent.close()?,
            Event::Text(text) => descent.text(&text.xml10_content())?,
            Event::CData(text) => descent.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => descent.text(&resolved(&reference)?)?,
            Event::Decl(declaration) => check_encoding(&declaration)?,
            Event::DocType(_) => return Err(Unreadable::NotAllowed("a document type")),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return descent.finish(),
        }
    }
}

/// Where in the answer an element stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Envelope,
    Body,
    Fault,
    FaultText,
    Response,
    Result,
    Diffgram,
    Rows,
    Row,
    Value(Field),
    Skipped,
}

/// What is read of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    ProvinceCode,
    ProvinceName,
    CommuneCode,
    CommuneName,
}

impl Field {
    const ALL: [Self; 4] = [Self::ProvinceCode, Self::ProvinceName, Self::CommuneCode, Self::CommuneName];

    fn name(self) -> &'static str {
        match self {
            Self::ProvinceCode => "MaTinh",
            Self::ProvinceName => "TenTinh",
            Self::CommuneCode => "MaPhuongXa",
            Self::CommuneName => "TenPhuongXa",
        }
    }
}

/// The values of the row that is being read.
#[derive(Default)]
struct Row {
    province_code: String,
    province_name: String,
    commune_code: String,
    commune_name: String,
}

impl Row {
    fn value(&mut self, field: Field) -> &mut String {
        match field {
            Field::ProvinceCode => &mut self.province_code,
            Field::ProvinceName => &mut self.province_name,
            Field::CommuneCode => &mut self.commune_code,
            Field::CommuneName => &mut self.commune_name,
        }
    }

    /// The unit of the row: its texts trimmed, composed, and with single blanks.
    fn unit(mut self, operation: Operation, row: usize) -> Result<Listed, Unreadable> {
        let mut needed = |field: Field| {
            let text = normalise(&self.value(field).split_whitespace().collect::<Vec<_>>().join(" "));
            if text.is_empty() { Err(Unreadable::Row { row, field: field.name() }) } else { Ok(text) }
        };
        Ok(match operation {
            Operation::Provinces => Listed {
                code: UnitCode::new(needed(Field::ProvinceCode)?),
                name: needed(Field::ProvinceName)?,
                province_code: None,
            },
            Operation::Communes => Listed {
                code: UnitCode::new(needed(Field::CommuneCode)?),
                name: needed(Field::CommuneName)?,
                province_code: Some(UnitCode::new(needed(Field::ProvinceCode)?)),
            },
        })
    }
}

/// The way from the envelope to where the reader stands.
struct Descent {
    operation: Operation,
    namespaces: NamespaceResolver,
    open: Vec<Place>,
    seen_diffgram: bool,
    ended: bool,
    fault: String,
    row: Row,
    units: Vec<Listed>,
}

impl Descent {
    fn new(operation: Operation) -> Self {
        Self {
            operation,
            namespaces: NamespaceResolver::default(),
            open: Vec::new(),
            seen_diffgram: false,
            ended: false,
            fault: String::new(),
            row: Row::default(),
            units: Vec::new(),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Unreadable> {
        if self.open.len() >= DEPTH {
            return Err(Unreadable::NotAllowed("too many levels"));
        }
        if self.ended {
            return Err(Unreadable::NotXml);
        }
        self.namespaces.push(start).map_err(|_malformed| Unreadable::NotXml)?;
        let (namespace, name) = self.namespaces.resolve_element(start.name());
        let namespace = match namespace {
            ResolveResult::Bound(Namespace(namespace)) => Some(namespace),
            ResolveResult::Unbound => None,
            ResolveResult::Unknown(_) => return Err(Unreadable::NotXml),
        };
        let place = self.place(namespace, name.into_inner())?;
        match place {
            Place::Diffgram => self.seen_diffgram = true,
            Place::Row if self.units.len() >= ROWS => return Err(Unreadable::NotAllowed("too many rows")),
            Place::Row => self.row = Row::default(),
            Place::Value(field) if !self.row.value(field).is_empty() => {
                return Err(Unreadable::NotAllowed("a value twice in one row"));
            }
            Place::Envelope
            | Place::Body
            | Place::Fault
            | Place::FaultText
            | Place::Response
            | Place::Result
            | Place::Rows
            | Place::Value(_)
            | Place::Skipped => {}
        }
        self.open.push(place);
        Ok(())
    }

    /// What an element is, by where it stands.
    fn place(&self, namespace: Option<&str>, name: &str) -> Result<Place, Unreadable> {
        let soap = namespace.is_some_and(|namespace| matches!(namespace, SOAP_11 | SOAP_12));
        let service = namespace == Some(SERVICE);
        let operation = self.operation.name();
        let Some(parent) = self.open.last() else {
            let envelope = soap && name == "Envelope";
            return if envelope { Ok(Place::Envelope) } else { Err(Unreadable::Lacks("SOAP envelope")) };
        };
        Ok(match parent {
            Place::Envelope if soap && name == "Body" => Place::Body,
            Place::Body if soap && name == "Fault" => Place::Fault,
            Place::Body if service && name.strip_prefix(operation) == Some("Response") => Place::Response,
            Place::Response if service && name.strip_prefix(operation) == Some("Result") => Place::Result,
            Place::Result if namespace == Some(DIFFGRAM) && name == "diffgram" => Place::Diffgram,
            Place::Diffgram if namespace.is_none() => Place::Rows,
            Place::Rows if namespace.is_none() && name == "TABLE" => Place::Row,
            Place::Row if namespace.is_none() => {
                let field = Field::ALL.into_iter().find(|field| field.name() == name);
                field.map_or(Place::Skipped, Place::Value)
            }
            Place::Fault | Place::FaultText => match name {
                "faultstring" | "Reason" | "Text" => Place::FaultText,
                _ => Place::Skipped,
            },
            Place::Envelope
            | Place::Body
            | Place::Response
            | Place::Result
            | Place::Diffgram
            | Place::Rows
            | Place::Row
            | Place::Value(_)
            | Place::Skipped => Place::Skipped,
        })
    }

    fn close(&mut self) -> Result<(), Unreadable> {
        self.namespaces.pop();
        match self.open.pop().ok_or(Unreadable::NotXml)? {
            Place::Row => {
                let unit = std::mem::take(&mut self.row).unit(self.operation, self.units.len() + 1)?;
                self.units.push(unit);
            }
            Place::Fault => {
                let text = self.fault.split_whitespace().collect::<Vec<_>>().join(" ");
                return Err(Unreadable::Fault(cut(&text, FAULT_SHOWN)));
            }
            Place::Envelope => self.ended = true,
            Place::Body
            | Place::FaultText
            | Place::Response
            | Place::Result
            | Place::Diffgram
            | Place::Rows
            | Place::Value(_)
            | Place::Skipped => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Unreadable> {
        let known = match self.open.last() {
            Some(Place::Value(field)) => self.row.value(*field),
            Some(Place::FaultText) => &mut self.fault,
            Some(_) | None => return Ok(()),
        };
        if known.len() + text.len() > TEXT {
            return Err(Unreadable::NotAllowed("a text that is too long"));
        }
        known.push_str(text);
        Ok(())
    }

    fn finish(self) -> Result<Vec<Listed>, Unreadable> {
        match (self.ended, self.seen_diffgram) {
            (false, _) => Err(Unreadable::NotXml),
            (true, false) => Err(Unreadable::Lacks("data set")),
            (true, true) => Ok(self.units),
        }
    }
}

fn check_encoding(declaration: &BytesDecl<'_>) -> Result<(), Unreadable> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(Ok(_)) => Err(Unreadable::NotAllowed("another encoding than UTF-8")),
        Some(Err(_malformed)) => Err(Unreadable::NotXml),
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, Unreadable> {
    let character = reference.resolve_char_ref().map_err(|_malformed| Unreadable::NotXml)?;
    let name = reference.xml10_content();
    let character = character.or(match &*name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    });
    character.map(String::from).ok_or(Unreadable::NotAllowed("an entity of its own"))
}

#[cfg(test)]
#[path = "diffgram_tests.rs"]
mod tests;
