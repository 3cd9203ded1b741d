//! Every way in which a good message can be spoilt, computed from its field table.
//!
//! Used by tests that hold a mock to "mutating any field is refused". A field that allows null is not nulled; a loose or
//! empty list is not descended into.

use serde_json::{Map, Value, json};

use crate::fields::{Field, Kind};

/// One spoilt message.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// Path of the field.
    pub field: String,
    /// `drop`, `rename`, `null`, `retype` or `lengthen`.
    pub way: &'static str,
    /// The spoilt message.
    pub message: Value,
}

/// All mutations of `good`, which must follow the table; lists and objects are descended into.
#[must_use]
pub fn mutations(fields: &[Field], good: &Value) -> Vec<Mutation> {
    let Some(object) = good.as_object() else {
        return Vec::new();
    };
    fields.iter().flat_map(|field| of_field(field, object)).collect()
}

fn of_field(field: &Field, good: &Map<String, Value>) -> Vec<Mutation> {
    let old = good.get(field.name).cloned().unwrap_or_default();
    let mut found = Vec::new();
    let mut add = |way: &'static str, name: &str, value: Option<Value>| {
        let mut message = good.clone();
        message.remove(field.name);
        if let Some(value) = value {
            message.insert(name.to_owned(), value);
        }
        found.push(Mutation { field: field.name.to_owned(), way, message: Value::Object(message) });
    };
    add("drop", field.name, None);
    add("rename", &misspelt(field.name), Some(old.clone()));
    if !field.nullable {
        add("null", field.name, Some(Value::Null));
    }
    add("retype", field.name, Some(retyped(field.kind)));
    if let Some(value) = lengthened(field.kind, &old) {
        add("lengthen", field.name, Some(value));
    }
    for (path, inner) in inside(field, &old) {
        let mut message = good.clone();
        message.insert(field.name.to_owned(), inner.message);
        found.push(Mutation { field: path, way: inner.way, message: Value::Object(message) });
    }
    found
}

/// The mutations of what the field holds, each with its path.
fn inside(field: &Field, old: &Value) -> Vec<(String, Mutation)> {
    let (at, of_one, as_list) = match field.kind {
        Kind::List { items, .. } => {
            let first = old.as_array().and_then(|list| list.first());
            ("[0]", first.map(|item| mutations(items, item)).unwrap_or_default(), true)
        }
        Kind::Object { members } => ("", mutations(members, old), false),
        Kind::Text { .. } | Kind::Integer { .. } | Kind::Loose { .. } => return Vec::new(),
    };
    let whole = |message| if as_list { json!([message]) } else { message };
    of_one
        .into_iter()
        .map(|inner| {
            let path = format!("{}{at}.{}", field.name, inner.field);
            (path, Mutation { message: whole(inner.message), ..inner })
        })
        .collect()
}

fn misspelt(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) if first.is_uppercase() => first.to_lowercase().chain(letters).collect(),
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "_".to_owned(),
    }
}

fn retyped(kind: Kind) -> Value {
    match kind {
        Kind::Text { .. } => json!(1),
        Kind::Integer { .. } => json!("1"),
        Kind::List { .. } | Kind::Object { .. } | Kind::Loose { .. } => json!("[]"),
    }
}

fn lengthened(kind: Kind, old: &Value) -> Option<Value> {
    match kind {
        Kind::Text { max } => {
            let text = old.as_str().unwrap_or_default();
            let missing = max.saturating_sub(text.chars().count()) + 1;
            Some(json!(format!("{text}{}", "a".repeat(missing))))
        }
        Kind::Integer { max, .. } => Some(json!(max.saturating_add(1))),
        Kind::Object { .. } => None,
        Kind::List { max, .. } | Kind::Loose { max } => {
            let item = old.as_array().and_then(|list| list.first())?;
            Some(Value::Array(vec![item.clone(); max + 1]))
        }
    }
}
