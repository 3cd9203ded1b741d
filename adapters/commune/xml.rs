//! Reads the XML dialect as a stream: root `event` in the schema's namespace, elements named as the JSON fields.
//!
//! Built against hostile input: no document type, so no entities but XML's own five and character references; depth,
//! attributes, namespace bindings and texts are capped; nothing that is unknown is kept. Elements that are unknown, or in
//! another namespace, are skipped with all that is in them; comments and processing instructions are skipped. An absent
//! element, or one with `xsi:nil="true"`, is `null`; an empty list element is `[]`. An element given twice is refused.
//!
//! The outcome is the value that the JSON of the same event would have, so that wire form and conversion are shared. A
//! number that is none stays a text, and is then refused as any text in the place of a number.

use crate::Limits;
use crate::json;
use crate::refusal::{
    DTD, DUPLICATE_FIELD, ENTITY, Fault, NOT_UTF8, NOT_XML, TOO_DEEP, TOO_LARGE, TRUNCATED, UNKNOWN_VERSION,
    WRONG_TYPE, quoted,
};
use crate::shape::{self, Field, Shape};
use crate::wire::{WireData, WireEvent};
use crate::words::{DATASCHEMA, DATASCHEMA_FAMILY};
use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::escape::{EscapeError, unescape};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, ResolveResult};
use serde_json::{Map, Value};

/// Attributes of one element: the root has one and its namespaces.
const ATTRIBUTES: usize = 16;
/// Characters of one attribute.
const ATTRIBUTE_CHARS: usize = 1_000;
/// Namespace bindings in force at one place: each name is looked up among them.
const NAMESPACE_BINDINGS: usize = 32;

const ROOT: &str = "event";
const ITEM: &str = "item";
const SPECVERSION: &str = "specversion";
const XSI: Namespace<'static> = Namespace("http://www.w3.org/2001/XMLSchema-instance");

/// Reads the wire form of an event.
pub(crate) fn read(body: &str, limits: &Limits) -> Result<WireEvent<WireData>, Fault> {
    let mut reader = Reader::from_str(body);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    let mut builder = Builder::new(limits);
    loop {
        match reader.read_event().map_err(|error| why(&error))? {
            Event::Start(start) | Event::Empty(start) => builder.open(&start)?,
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text.xml10_content())?,
            Event::CData(text) => builder.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => builder.text(&resolve(&reference)?)?,
            Event::Decl(declaration) => check_encoding(&declaration)?,
            Event::DocType(_) => return Err(Fault::new(DTD, "a document type declaration is not read")),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    json::read_value(&builder.finish()?)
}

/// What is open, from the root to where the reader stands.
struct Builder<'l> {
    limits: &'l Limits,
    namespaces: NamespaceResolver,
    open: Vec<Element>,
    /// Levels of an element that is skipped.
    skipped: usize,
    event: Option<Value>,
}

struct Element {
    name: &'static str,
    content: Content,
    nil: bool,
}

enum Content {
    Leaf(Shape, String),
    Record(&'static [Field], Map<String, Value>),
    List(&'static [Field], Vec<Value>),
}

/// What the attributes of an element say.
struct Attributes {
    nil: bool,
    specversion: Option<String>,
}

impl<'l> Builder<'l> {
    fn new(limits: &'l Limits) -> Self {
        let mut namespaces = NamespaceResolver::default();
        namespaces.set_max_namespace_bindings(NAMESPACE_BINDINGS);
        Self { limits, namespaces, open: Vec::new(), skipped: 0, event: None }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        if self.open.len() + self.skipped >= self.limits.depth {
            return Err(Fault::new(TOO_DEEP, format!("at most {} levels are read", self.limits.depth)));
        }
        if start.attributes().with_checks(false).take(ATTRIBUTES + 1).count() > ATTRIBUTES {
            return Err(Fault::new(TOO_LARGE, format!("an element has at most {ATTRIBUTES} attributes")));
        }
        self.namespaces.push(start).map_err(not_well_formed)?;
        let attributes = self.attributes(start)?;
        if self.skipped > 0 {
            self.skipped += 1;
            return Ok(());
        }
        let (namespace, name) = self.namespaces.resolve_element(start.name());
        let ours = matches!(namespace, ResolveResult::Bound(Namespace(DATASCHEMA)));
        let name = name.into_inner();
        let found = match self.open.last() {
            None => {
                check_root(self.event.is_some(), &namespace, name)?;
                let mut record = Map::new();
                record.insert(
                    SPECVERSION.to_owned(),
                    attributes.specversion.map_or(Value::Null, Value::String),
                );
                Some((ROOT, Content::Record(shape::EVENT, record)))
            }
            Some(parent) if ours => self.child(parent, name)?,
            Some(parent) => parent.unknown(|| self.path())?,
        };
        match found {
            Some((name, content)) => self.open.push(Element { name, content, nil: attributes.nil }),
            None => self.skipped = 1,
        }
        Ok(())
    }

    /// The element that a name opens here; `None` when it is unknown.
    fn child(&self, parent: &Element, name: &str) -> Result<Option<(&'static str, Content)>, Fault> {
        match &parent.content {
            Content::Leaf(..) => parent.unknown(|| self.path()),
            Content::List(fields, items) if name == ITEM => {
                if items.len() >= self.limits.list_items {
                    let detail = format!("a list has at most {} items", self.limits.list_items);
                    return Err(Fault::at(TOO_LARGE, &self.path(), detail));
                }
                Ok(Some((ITEM, Content::Record(fields, Map::new()))))
            }
            Content::List(..) => Ok(None),
            Content::Record(fields, known) => {
                let Some((name, shape)) = fields.iter().find(|(listed, _)| *listed == name) else {
                    return Ok(None);
                };
                if known.contains_key(*name) {
                    let path = format!("{}.{name}", self.path());
                    return Err(Fault::at(
                        DUPLICATE_FIELD,
                        path.trim_start_matches('.'),
                        "this field is given twice",
                    ));
                }
                Ok(Some((name, Content::of(*shape))))
            }
        }
    }

    fn close(&mut self) -> Result<(), Fault> {
        self.namespaces.pop();
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        let Some(Element { name, content, nil }) = self.open.pop() else {
            return Err(Fault::new(NOT_XML, "an element ends that never began"));
        };
        let value = if nil { Value::Null } else { content.value() };
        match self.open.last_mut().map(|parent| &mut parent.content) {
            None => self.event = Some(value),
            Some(Content::Record(_, known)) => drop(known.insert(name.to_owned(), value)),
            Some(Content::List(_, items)) => items.push(value),
            Some(Content::Leaf(..)) => return Err(Fault::new(NOT_XML, "an element stands inside a text")),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        if self.skipped > 0 {
            return Ok(());
        }
        // Four bytes a character at most; the exact limit is counted when the text is whole.
        let room = self.limits.text_chars.saturating_mul(4);
        match self.open.last_mut().map(|element| &mut element.content) {
            Some(Content::Leaf(_, known)) if known.len() + text.len() <= room => {
                known.push_str(text);
                Ok(())
            }
            Some(Content::Leaf(..)) => {
                let detail = format!("a text has at most {} characters", self.limits.text_chars);
                Err(Fault::at(TOO_LARGE, &self.path(), detail))
            }
            _ if text.chars().all(char::is_whitespace) => Ok(()),
            Some(_) => Err(Fault::at(WRONG_TYPE, &self.path(), "expected elements, found text")),
            None => Err(Fault::new(NOT_XML, "there is text outside of the root element")),
        }
    }

    fn attributes(&self, start: &BytesStart<'_>) -> Result<Attributes, Fault> {
        let mut known = Attributes { nil: false, specversion: None };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(not_well_formed)?;
            if attribute.value.chars().nth(ATTRIBUTE_CHARS).is_some() {
                let detail = format!("an attribute has at most {ATTRIBUTE_CHARS} characters");
                return Err(Fault::new(TOO_LARGE, detail));
            }
            let value = match unescape(&attribute.value) {
                Ok(value) => value,
                Err(EscapeError::UnrecognizedEntity(..)) => return Err(entity_fault()),
                Err(error) => return Err(not_well_formed(error)),
            };
            let (namespace, name) = self.namespaces.resolve_attribute(attribute.key);
            match (namespace, name.into_inner()) {
                (ResolveResult::Unbound, SPECVERSION) => known.specversion = Some(value.into_owned()),
                (ResolveResult::Bound(XSI), "nil") => known.nil = matches!(value.trim(), "true" | "1"),
                (ResolveResult::Unbound | ResolveResult::Bound(_) | ResolveResult::Unknown(_), _) => {}
            }
        }
        Ok(known)
    }

    /// Where the reader stands, as in JSON.
    fn path(&self) -> String {
        let mut path = String::new();
        for (parent, element) in self.open.iter().zip(self.open.iter().skip(1)) {
            match &parent.content {
                Content::List(_, items) => path.push_str(&format!("[{}]", items.len())),
                Content::Record(..) | Content::Leaf(..) if path.is_empty() => path.push_str(element.name),
                Content::Record(..) | Content::Leaf(..) => path.push_str(&format!(".{}", element.name)),
            }
        }
        path
    }

    fn finish(self) -> Result<Value, Fault> {
        if !self.open.is_empty() {
            return Err(Fault::new(TRUNCATED, "the XML ends before the event does"));
        }
        self.event.ok_or_else(|| Fault::new(NOT_XML, "there is no element"))
    }
}

impl Element {
    /// An element that is not known is skipped, but not inside a text, which would lose half of it.
    fn unknown(&self, path: impl Fn() -> String) -> Result<Option<(&'static str, Content)>, Fault> {
        match &self.content {
            Content::Leaf(..) => Err(Fault::at(WRONG_TYPE, &path(), "expected text, found an element")),
            Content::Record(..) | Content::List(..) => Ok(None),
        }
    }
}

impl Content {
    fn of(shape: Shape) -> Self {
        match shape {
            Shape::Text | Shape::Number | Shape::Flag => Self::Leaf(shape, String::new()),
            Shape::Record(fields) => Self::Record(fields, Map::new()),
            Shape::List(fields) => Self::List(fields, Vec::new()),
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Record(_, known) => Value::Object(known),
            Self::List(_, items) => Value::Array(items),
            Self::Leaf(Shape::Number, text) => number(text),
            Self::Leaf(Shape::Flag, text) => match text.trim() {
                "true" | "1" => Value::Bool(true),
                "false" | "0" => Value::Bool(false),
                _ => Value::String(text),
            },
            Self::Leaf(Shape::Text | Shape::Record(_) | Shape::List(_), text) => Value::String(text),
        }
    }
}

/// An empty element of a number is as `null`: XML has no other way to write an empty cell.
fn number(text: String) -> Value {
    let digits = text.trim();
    if let Ok(whole) = digits.parse::<u64>() {
        return Value::from(whole);
    }
    match digits.parse::<serde_json::Number>() {
        Ok(number) => Value::Number(number),
        Err(_) if digits.is_empty() => Value::Null,
        Err(_) => Value::String(text),
    }
}

fn check_root(second: bool, namespace: &ResolveResult<'_>, name: &str) -> Result<(), Fault> {
    if second {
        return Err(Fault::new(NOT_XML, "there is more than one root element"));
    }
    match namespace {
        ResolveResult::Bound(Namespace(DATASCHEMA)) if name == ROOT => Ok(()),
        ResolveResult::Bound(Namespace(other))
            if *other != DATASCHEMA && other.starts_with(DATASCHEMA_FAMILY) =>
        {
            Err(Fault::new(UNKNOWN_VERSION, format!("the namespace {} is not {DATASCHEMA}", quoted(other))))
        }
        ResolveResult::Bound(_) | ResolveResult::Unbound | ResolveResult::Unknown(_) => {
            let found = quoted(name);
            let detail =
                format!("expected the root element event in the namespace {DATASCHEMA}, found {found}");
            Err(Fault::new(WRONG_TYPE, detail))
        }
    }
}

fn check_encoding(declaration: &BytesDecl<'_>) -> Result<(), Fault> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(Ok(encoding)) => Err(Fault::new(
            NOT_UTF8,
            format!("the encoding {} is not read; expected UTF-8", quoted(&encoding)),
        )),
        Some(Err(error)) => Err(not_well_formed(error)),
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, Fault> {
    let character = reference.resolve_char_ref().map_err(not_well_formed)?;
    let name = reference.xml10_content();
    let character = character.or(match &*name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    });
    character.map(String::from).ok_or_else(entity_fault)
}

fn entity_fault() -> Fault {
    Fault::new(ENTITY, "only amp, lt, gt, quot, apos and character references are read")
}

/// Repeats nothing of what the parser says: it quotes what it found, which may be anything.
fn not_well_formed(_: impl std::error::Error) -> Fault {
    Fault::new(NOT_XML, "an attribute, a namespace or a reference is not well formed")
}

/// What the parser says, without the names it quotes: an element's name may be anything.
fn why(error: &Error) -> Fault {
    match error {
        Error::Syntax(_) => Fault::new(TRUNCATED, format!("the XML ends too early: {error}")),
        Error::IllFormed(_) => {
            Fault::new(NOT_XML, "start and end tags, references or the declaration do not fit")
        }
        Error::Io(_)
        | Error::InvalidAttr(_)
        | Error::Encoding(_)
        | Error::Escape(_)
        | Error::Namespace(_) => Fault::new(NOT_XML, "the XML is not well formed"),
    }
}
