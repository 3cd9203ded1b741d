//! What XML cannot tell by itself: which element is a number, a list, an object.
//!
//! The names are those of the JSON; `checks::agreement` compares this table with the JSON Schema, so that neither can
//! change alone. The order is the order of writing; reading takes any.

/// What stands in an element.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Text, codes, words and instants included.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// Elements with names.
    Record(&'static [Field]),
    /// Elements `item`, each a record.
    List(&'static [Field]),
}

/// An element: its name and what stands in it.
pub(crate) type Field = (&'static str, Shape);

use Shape::{Flag, List, Number, Record, Text};

/// The event; `specversion` is an attribute of the root instead.
pub(crate) const EVENT: &[Field] = &[
    ("id", Text),
    ("source", Text),
    ("type", Text),
    ("subject", Text),
    ("time", Text),
    ("sequence", Text),
    ("datacontenttype", Text),
    ("dataschema", Text),
    ("data", Record(DATA)),
];

const DATA: &[Field] = &[
    ("agency", Record(&[("code", Text), ("name", Text)])),
    ("dossier", Record(DOSSIER)),
    ("applicant", Record(APPLICANT)),
    ("step", Record(STEP)),
    (
        "postal",
        Record(&[("pickup", Record(ADDRESS)), ("forward", Record(FORWARD)), ("return", Record(ADDRESS))]),
    ),
    ("fees", List(&[("code", Text), ("name", Text), ("amount", Number), ("paid", Flag)])),
];

const DOSSIER: &[Field] = &[
    ("code", Text),
    ("slip", Text),
    ("portal_code", Text),
    ("procedure_code", Text),
    ("procedure_name", Text),
    ("field_code", Text),
    ("field_name", Text),
    ("subject", Text),
    ("status", Number),
    ("channel", Text),
    ("return_by_post", Flag),
    ("submitted_at", Text),
    ("received_at", Text),
    ("due_at", Text),
    ("finished_at", Text),
    ("returned_at", Text),
    ("documents", List(DOCUMENT)),
    ("results", List(&[("code", Text), ("name", Text), ("part_code", Text), ("url", Text)])),
    ("supplements", List(SUPPLEMENT)),
];

const DOCUMENT: &[Field] = &[
    ("id", Text),
    ("name", Text),
    ("part_code", Text),
    ("url", Text),
    ("digitised", Flag),
    ("reused", Number),
    ("from_store", Flag),
];

const SUPPLEMENT: &[Field] = &[
    ("id", Text),
    ("asked_at", Text),
    ("asked_by", Text),
    ("text", Text),
    ("received_at", Text),
    ("due_before", Text),
    ("due_after", Text),
];

const APPLICANT: &[Field] = &[
    ("kind", Text),
    ("name", Text),
    ("id_number", Text),
    ("phone", Text),
    ("email", Text),
    ("portal_id", Text),
];

const STEP: &[Field] = &[
    ("officer", Text),
    ("position", Text),
    ("department", Text),
    ("text", Text),
    ("started_at", Text),
    ("due_at", Text),
];

const ADDRESS: &[Field] = &[
    ("name", Text),
    ("phone", Text),
    ("address", Text),
    ("province_code", Text),
    ("district_code", Text),
    ("commune_code", Text),
    ("note", Text),
];

const FORWARD: &[Field] = &[
    ("agency_code", Text),
    ("name", Text),
    ("phone", Text),
    ("address", Text),
    ("province_code", Text),
    ("district_code", Text),
    ("commune_code", Text),
    ("note", Text),
];
