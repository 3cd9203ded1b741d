//! Reads JSON: CloudEvents 1.0 in structured mode, and any object of another dialect.
//!
//! The body is read once on the way that nearly all messages take. Only when that fails is it read again, slower, to
//! find the path of what was wrong. Whether an unknown version or type explains the failure better is asked first: a
//! message of version 2 is refused as such, not for the first field that changed.

use crate::convert::check_envelope;
use crate::leaf::Object;
use crate::refusal::{DUPLICATE_FIELD, Fault, NOT_JSON, TOO_DEEP, TRUNCATED, WRONG_TYPE};
use crate::wire::{WireData, WireEvent};
use crate::{Dialect, Limits};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

/// Reads the wire form of an event.
pub(crate) fn read(body: &str, limits: &Limits) -> Result<WireEvent<WireData>, Fault> {
    object(body, limits).map_err(|fault| {
        let envelope = serde_json::from_str::<Object<WireEvent<IgnoredAny>>>(body).ok();
        let better = envelope.and_then(|Object(envelope)| check_envelope(&envelope, Dialect::Json).err());
        better.unwrap_or(fault)
    })
}

/// Reads an object.
pub(crate) fn object<T: DeserializeOwned>(body: &str, limits: &Limits) -> Result<T, Fault> {
    if nests_deeper_than(body, limits.depth) {
        return Err(Fault::new(TOO_DEEP, format!("at most {} levels are read", limits.depth)));
    }
    match serde_json::from_str::<Object<T>>(body) {
        Ok(Object(object)) => Ok(object),
        Err(error) => Err(why::<T>(body, &error)),
    }
}

fn why<T: DeserializeOwned>(body: &str, error: &serde_json::Error) -> Fault {
    match error.classify() {
        Category::Eof => return Fault::new(TRUNCATED, "the JSON ends before the event does"),
        Category::Syntax | Category::Io => {
            let (line, column) = (error.line(), error.column());
            return Fault::new(NOT_JSON, format!("no JSON at line {line}, column {column}"));
        }
        Category::Data => {}
    }
    let mut deserializer = serde_json::Deserializer::from_str(body);
    match serde_path_to_error::deserialize::<_, Object<T>>(&mut deserializer) {
        Err(error) => data_fault(&error),
        // The same bytes failed a moment ago; without a path there is still the code.
        Ok(_) => Fault::new(WRONG_TYPE, expected(error)),
    }
}

/// The same question for an event that came as XML and was put together as a value.
pub(crate) fn read_value(value: &serde_json::Value) -> Result<WireEvent<WireData>, Fault> {
    if let Ok(Object(event)) = Object::<WireEvent<WireData>>::deserialize(value) {
        return Ok(event);
    }
    if let Ok(Object(envelope)) = Object::<WireEvent<IgnoredAny>>::deserialize(value) {
        check_envelope(&envelope, Dialect::Xml)?;
    }
    match serde_path_to_error::deserialize::<_, Object<WireEvent<WireData>>>(value) {
        Err(error) => Err(data_fault(&error)),
        Ok(Object(event)) => Ok(event),
    }
}

/// Tells a data error by serde's own sentences (`serde::de::Error`): only what they say of our types is repeated, since
/// the rest may quote a person.
fn data_fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let path = error.path().to_string();
    let sentence = error.inner().to_string();
    let Some(twice) = sentence.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next())
    else {
        return Fault::at(WRONG_TYPE, &path, expected(error.inner()));
    };
    let path = if path == "." { twice.to_owned() } else { format!("{path}.{twice}") };
    Fault::at(DUPLICATE_FIELD, &path, "this field is given twice")
}

fn expected(error: &serde_json::Error) -> String {
    let sentence = error.to_string();
    let shape = sentence.rsplit_once(", expected ").map_or("another type", |(_, shape)| shape);
    let shape = shape.split(" at line ").next().unwrap_or(shape);
    format!("expected {shape}")
}

/// Counts brackets outside of strings. serde_json's own limit is wider and does not hold for fields that are skipped.
fn nests_deeper_than(body: &str, limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in body.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_strings_do_not_nest() {
        assert!(!nests_deeper_than(r#"{"a":"[[[[\"[[["}"#, 2));
        assert!(nests_deeper_than(r#"{"a":[[1]]}"#, 2));
        assert!(!nests_deeper_than(r#"[[1]],[[1]]"#, 2));
    }
}
