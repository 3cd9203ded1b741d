//! The published schemas: JSON Schema from the wire types, XSD as a file beside them.
//!
//! They tell a publisher what the decoder takes; `checks::agreement` holds them to it. What they cannot tell stands in
//! the adapter's README: the subject equals the dossier code, texts are trimmed before they are judged.

use crate::wire::{WireData, WireEvent};
use crate::words::{DATASCHEMA, SLIP_PREFIX};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The XML Schema of the XML dialect.
pub const XSD: &str = include_str!("dossier-event.xsd");

/// The JSON Schema (draft 2020-12) of the JSON dialect.
pub fn json_schema() -> Value {
    let schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<WireEvent<WireData>>();
    let mut schema = schema.to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$id".to_owned(), json!(DATASCHEMA));
        root.insert("if".to_owned(), about_a_slip());
        root.insert("then".to_owned(), with_a_slip_alone());
        root.insert("else".to_owned(), with_a_code());
    }
    schema
}

fn about_a_slip() -> Value {
    json!({ "properties": { "subject": { "pattern": format!("^\\s*{SLIP_PREFIX}") } }, "required": ["subject"] })
}

fn with_a_slip_alone() -> Value {
    json!({ "properties": {
        "type": { "enum": ["vn.dossier.pickup-requested", "vn.dossier.pickup-cancelled"] },
        "data": { "properties": { "dossier": { "properties": {
            "code": { "type": "null" },
            "status": { "type": "null" }
        } } } }
    } })
}

fn with_a_code() -> Value {
    json!({ "properties": { "data": { "properties": { "dossier": {
        "properties": { "code": { "type": "string" }, "status": { "type": "integer" } },
        "required": ["code", "status"]
    } } } } })
}
