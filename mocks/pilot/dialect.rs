//! The two ways in which communes write an event: CloudEvents JSON, and the same fields as XML.

use crate::SOURCE;
use crate::event::Event;
use serde_json::{Value, json};

/// Version of the event's schema, which is also the XML namespace.
const SCHEMA: &str = "urn:lienthong:schema:dossier-event:1";

/// How an event is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// CloudEvents 1.0 in structured JSON.
    Json,
    /// The same as XML, for buses that carry XML.
    Xml,
}

impl Dialect {
    /// Content type of the message.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/cloudevents+json",
            Self::Xml => "application/xml",
        }
    }
}

impl Event {
    /// The message body.
    #[must_use]
    pub fn written(&self, dialect: Dialect) -> Vec<u8> {
        match dialect {
            Dialect::Json => self.fields("application/json").to_string().into_bytes(),
            Dialect::Xml => xml(&self.fields("application/xml")).into_bytes(),
        }
    }

    /// The routing key it is published under.
    #[must_use]
    pub fn routing_key(&self) -> String {
        format!("{}.{}", self.data.agency.code, self.kind.type_name())
    }

    fn fields(&self, data_type: &str) -> Value {
        json!({
            "specversion": "1.0", "id": self.id, "source": SOURCE, "type": self.kind.type_name(),
            "subject": self.subject, "time": self.time, "sequence": self.sequence.to_string(),
            "datacontenttype": data_type, "dataschema": SCHEMA, "data": self.data,
        })
    }
}

/// The fields as XML: objects are elements, list entries are `item`, what is null is left out.
fn xml(event: &Value) -> String {
    let mut text =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<event xmlns=\"{SCHEMA}\" specversion=\"1.0\">");
    for (name, value) in event.as_object().into_iter().flatten().filter(|(name, _)| *name != "specversion") {
        element(&mut text, name, value);
    }
    text.push_str("</event>\n");
    text
}

fn element(text: &mut String, name: &str, value: &Value) {
    let content = match value {
        Value::Null => return,
        Value::Object(fields) => {
            let mut inner = String::new();
            fields.iter().for_each(|(name, value)| element(&mut inner, name, value));
            inner
        }
        Value::Array(items) => {
            let mut inner = String::new();
            items.iter().for_each(|item| element(&mut inner, "item", item));
            inner
        }
        Value::String(words) => escaped(words),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    text.push_str(&format!("<{name}>{content}</{name}>"));
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
