//! Strict reading of JSON by declarative field tables.
//!
//! A table lists every field of a message; nothing else may be there, and nothing may be missing. The problem that is
//! reported names the field and the rule, never the value (values are personal data). The mocks refuse with these words.

use serde_json::{Map, Value};

/// One field of a message.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name as the partner spells it.
    pub name: &'static str,
    /// JSON type and bounds.
    pub kind: Kind,
    /// Whether the field must carry a value: neither null nor empty.
    pub required: bool,
    /// Whether null is allowed.
    pub nullable: bool,
    /// How a text that is not empty must look.
    pub format: Format,
}

/// JSON type of a field, with its bounds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A string of at most so many characters.
    Text {
        /// Upper bound in characters.
        max: usize,
    },
    /// A whole number, bounds included.
    Integer {
        /// Lower bound.
        min: i64,
        /// Upper bound.
        max: i64,
    },
    /// A list of objects that follow a table.
    List {
        /// Fields of an item.
        items: &'static [Field],
        /// Upper bound of items.
        max: usize,
    },
    /// One object that follows a table.
    Object {
        /// Its fields.
        members: &'static [Field],
    },
    /// A list of objects whose members are strings of any name: the partner's table is not public.
    Loose {
        /// Upper bound of items.
        max: usize,
    },
}

/// How a text must look.
#[derive(Debug, Clone, Copy)]
pub enum Format {
    /// Anything.
    Free,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A rule of the partner's own, with the sentence that states it.
    Rule(&'static str, fn(&str) -> bool),
}

impl Field {
    /// A text of at most `max` characters, which may be empty.
    #[must_use]
    pub const fn text(name: &'static str, max: usize) -> Self {
        Self::of(name, Kind::Text { max })
    }

    /// A whole number.
    #[must_use]
    pub const fn integer(name: &'static str, min: i64, max: i64) -> Self {
        Self::of(name, Kind::Integer { min, max })
    }

    /// A list of objects.
    #[must_use]
    pub const fn list(name: &'static str, items: &'static [Field], max: usize) -> Self {
        Self::of(name, Kind::List { items, max })
    }

    /// An object inside the message.
    #[must_use]
    pub const fn object(name: &'static str, members: &'static [Field]) -> Self {
        Self::of(name, Kind::Object { members })
    }

    /// A list of objects whose members are not public.
    #[must_use]
    pub const fn loose(name: &'static str, max: usize) -> Self {
        Self::of(name, Kind::Loose { max })
    }

    const fn of(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, nullable: false, format: Format::Free }
    }

    /// The same field, which must carry a value.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same field, null allowed.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The same field with a format.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }
}

/// Joins tables into one.
///
/// # Panics
/// When `N` is not the number of fields; in a constant this is a compile error.
#[must_use]
pub const fn join<const N: usize>(parts: &[&[Field]]) -> [Field; N] {
    let mut joined = [Field::text("", 0); N];
    let (mut part, mut filled) = (0, 0);
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            joined[filled] = parts[part][index];
            index += 1;
            filled += 1;
        }
        part += 1;
    }
    assert!(filled == N, "the number of fields is not the one that was declared");
    joined
}

/// A text member; empty if there is none.
#[must_use]
pub fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A query or form as an object.
///
/// # Errors
/// A name that stands twice.
pub fn as_object(pairs: &[(String, String)]) -> Result<Value, String> {
    let mut object = Map::new();
    for (name, value) in pairs {
        if object.insert(name.clone(), Value::from(value.as_str())).is_some() {
            return Err(format!("{name}: xuất hiện hai lần"));
        }
    }
    Ok(Value::Object(object))
}

/// Checks that `value` is an object with precisely the fields of the table.
///
/// # Errors
/// The first problem: the field's path under `at`, and the rule that it breaks.
pub fn check(fields: &[Field], value: &Value, at: &str) -> Result<(), String> {
    let Some(object) = value.as_object() else {
        return Err(format!("{}: phải là một đối tượng", if at.is_empty() { "body" } else { at }));
    };
    let path = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    if let Some(stranger) = object.keys().find(|key| fields.iter().all(|field| field.name != *key)) {
        return Err(format!("{}: trường không có trong tài liệu", path(stranger)));
    }
    fields.iter().try_for_each(|field| check_field(field, object, &path(field.name)))
}

fn check_field(field: &Field, object: &Map<String, Value>, path: &str) -> Result<(), String> {
    let Some(value) = object.get(field.name) else {
        return Err(format!("{path}: thiếu trường"));
    };
    if value.is_null() {
        return if field.nullable { Ok(()) } else { Err(format!("{path}: không được là null")) };
    }
    match field.kind {
        Kind::Text { max } => check_text(field, value, max, path),
        Kind::Integer { min, max } => match value.as_i64() {
            Some(number) if (min..=max).contains(&number) => Ok(()),
            Some(_) => Err(format!("{path}: phải từ {min} đến {max}")),
            None => Err(format!("{path}: phải là số nguyên")),
        },
        Kind::List { items, max } => {
            let list = check_list(field, value, max, path)?;
            list.iter()
                .enumerate()
                .try_for_each(|(index, item)| check(items, item, &format!("{path}[{index}]")))
        }
        Kind::Object { members } => check(members, value, path),
        Kind::Loose { max } => {
            let list = check_list(field, value, max, path)?;
            let all_text =
                |item: &Value| item.as_object().is_some_and(|members| members.values().all(Value::is_string));
            match list.iter().position(|item| !all_text(item)) {
                Some(index) => Err(format!("{path}[{index}]: phải là đối tượng gồm các chuỗi")),
                None => Ok(()),
            }
        }
    }
}

fn check_list<'a>(field: &Field, value: &'a Value, max: usize, path: &str) -> Result<&'a [Value], String> {
    match value.as_array() {
        None => Err(format!("{path}: phải là danh sách")),
        Some(list) if list.len() > max => Err(format!("{path}: có {} phần tử, tối đa {max}", list.len())),
        Some(list) if field.required && list.is_empty() => Err(format!("{path}: không được để trống")),
        Some(list) => Ok(list),
    }
}

fn check_text(field: &Field, value: &Value, max: usize, path: &str) -> Result<(), String> {
    let Some(text) = value.as_str() else {
        return Err(format!("{path}: phải là chuỗi"));
    };
    if text.trim().is_empty() {
        let has_format = !matches!(field.format, Format::Free);
        return match (field.required, field.nullable && has_format) {
            (true, _) => Err(format!("{path}: không được để trống")),
            (false, true) => Err(format!("{path}: để null khi không có")),
            (false, false) => Ok(()),
        };
    }
    let length = text.chars().count();
    if length > max {
        return Err(format!("{path}: dài {length} ký tự, tối đa {max}"));
    }
    match field.format {
        Format::Free => Ok(()),
        Format::OneOf(words) if words.contains(&text) => Ok(()),
        Format::OneOf(words) => Err(format!("{path}: phải là một trong {}", words.join(", "))),
        Format::Rule(_, fits) if fits(text) => Ok(()),
        Format::Rule(rule, _) => Err(format!("{path}: {rule}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ITEM: &[Field] = &[Field::text("id", 3).required()];
    const TABLE: &[Field] = &[
        Field::text("name", 5).required(),
        Field::text("mail", 20).nullable().format(Format::Rule("phải có @", |text| text.contains('@'))),
        Field::text("kind", 5).format(Format::OneOf(&["a", "b"])),
        Field::integer("count", 0, 9),
        Field::list("items", ITEM, 2),
        Field::object("inner", ITEM),
        Field::loose("notes", 1),
    ];

    fn good() -> Value {
        json!({ "name": "đđđđđ", "mail": null, "kind": "", "count": 0, "items": [{ "id": "1" }],
                "inner": { "id": "1" }, "notes": [{ "x": "y" }] })
    }

    #[test]
    fn a_message_is_refused_with_the_field_and_the_rule() {
        assert_eq!(check(TABLE, &good(), ""), Ok(()));
        assert_eq!(check(TABLE, &json!([]), ""), Err("body: phải là một đối tượng".to_owned()));
        let check = |name: &str, value: Value, expected: &str| {
            let mut message = good();
            message[name] = value;
            assert_eq!(check(TABLE, &message, ""), Err(expected.to_owned()), "{name}");
        };
        check("Name", json!("x"), "Name: trường không có trong tài liệu");
        check("name", json!(" "), "name: không được để trống");
        check("name", json!("đđđđđđ"), "name: dài 6 ký tự, tối đa 5");
        check("name", json!(1), "name: phải là chuỗi");
        check("name", json!(null), "name: không được là null");
        check("mail", json!(""), "mail: để null khi không có");
        check("mail", json!("x"), "mail: phải có @");
        check("kind", json!("c"), "kind: phải là một trong a, b");
        check("count", json!("1"), "count: phải là số nguyên");
        check("count", json!(1.5), "count: phải là số nguyên");
        check("count", json!(10), "count: phải từ 0 đến 9");
        check("items", json!({}), "items: phải là danh sách");
        check("items", json!([{}]), "items[0].id: thiếu trường");
        check("items", json!([1]), "items[0]: phải là một đối tượng");
        check("items", json!([{ "id": "1" }, { "id": "1" }, { "id": "1" }]), "items: có 3 phần tử, tối đa 2");
        check("inner", json!([]), "inner: phải là một đối tượng");
        check("inner", json!({}), "inner.id: thiếu trường");
        check("inner", json!({ "id": "" }), "inner.id: không được để trống");
        check("notes", json!([{ "x": 1 }]), "notes[0]: phải là đối tượng gồm các chuỗi");
    }
}
