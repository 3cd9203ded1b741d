//! The published schemas and the decoder say the same.

use super::strategy::event;
use super::{decode_file, files};
use crate::shape::{self, Field, Shape};
use crate::{XSD, encode_json, encode_xml, json_schema};
use jsonschema::Validator;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Fields that hold a text and must not be empty.
const FILLED: &[&str] = &[
    "/id",
    "/source",
    "/subject",
    "/time",
    "/type",
    "/specversion",
    "/data/agency/code",
    "/data/agency/name",
    "/data/dossier/code",
    "/data/dossier/procedure_code",
    "/data/dossier/procedure_name",
    "/data/dossier/field_code",
    "/data/dossier/field_name",
    "/data/dossier/subject",
    "/data/dossier/channel",
    "/data/dossier/documents/0/id",
    "/data/dossier/documents/0/name",
    "/data/dossier/results/0/code",
    "/data/dossier/results/0/name",
    "/data/dossier/supplements/0/id",
    "/data/dossier/supplements/0/asked_at",
    "/data/applicant/kind",
    "/data/applicant/name",
    "/data/step/officer",
    "/data/step/text",
    "/data/postal/return/name",
    "/data/postal/return/address",
    "/data/postal/return/province_code",
    "/data/postal/return/commune_code",
    "/data/postal/forward/agency_code",
    "/data/postal/forward/name",
    "/data/postal/forward/commune_code",
    "/data/fees/0/code",
    "/data/fees/0/name",
];

fn validator() -> Validator {
    jsonschema::draft202012::options().should_validate_formats(true).build(&json_schema()).unwrap()
}

fn example(name: &str) -> Value {
    let (_, body) = files("valid").into_iter().find(|(file, _)| file == name).unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn read(event: &Value) -> bool {
    decode_file("a.json", event.to_string().as_bytes()).is_ok()
}

/// Some arbitrary events, the same in every run.
fn some_events() -> Vec<lienthong_core::event::Event> {
    let mut runner = TestRunner::deterministic();
    (0..40).map(|_| event().new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn examples_and_written_events_satisfy_the_json_schema() {
    let validator = validator();
    let examples = files("valid").into_iter().filter(|(name, _)| name.ends_with(".json"));
    let written =
        some_events().iter().map(|event| (event.id.to_string(), encode_json(event))).collect::<Vec<_>>();
    for (name, body) in examples.chain(written) {
        let event: Value = serde_json::from_slice(&body).unwrap();
        let errors: Vec<String> = validator.iter_errors(&event).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn schema_and_decoder_agree_on_every_single_change() {
    let validator = validator();
    let check = |pointer: &str, value: Value, expected: bool| {
        let mut event = example("fees-changed.json");
        let document = example("papers-forwarded.json");
        event["data"]["dossier"]["supplements"] = document["data"]["dossier"]["supplements"].clone();
        event["data"]["dossier"]["results"] = json!([{ "code": "KQ1", "name": "Giấy" }]);
        event["data"]["postal"]["forward"] = document["data"]["postal"]["forward"].clone();
        *event.pointer_mut(pointer).expect(pointer) = value.clone();
        assert_eq!(read(&event), expected, "decoder, {pointer} = {value}");
        assert_eq!(validator.is_valid(&event), expected, "schema, {pointer} = {value}");
    };
    for (pointer, values) in accepted() {
        values.into_iter().for_each(|value| check(pointer, value, true));
    }
    for (pointer, values) in refused() {
        values.into_iter().for_each(|value| check(pointer, value, false));
    }
}

fn accepted() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("/type", crate::words::types().into_iter().map(Value::from).collect()),
        ("/sequence", vec![json!(null), json!("0"), json!("0017")]),
        ("/dataschema", vec![json!(null)]),
        ("/data/dossier/status", (1..=10).map(Value::from).collect()),
        ("/data/dossier/channel", vec![json!("direct"), json!("online"), json!("post")]),
        (
            "/data/applicant/kind",
            vec![json!("citizen"), json!("business"), json!("state"), json!("organisation")],
        ),
        ("/data/dossier/documents", vec![json!(null), json!([]), json!([{ "id": "1", "name": "Tờ khai" }])]),
        ("/data/dossier/documents/0/reused", vec![json!(null), json!(0), json!(1), json!(2)]),
        ("/data/postal", vec![json!(null), json!({})]),
        ("/data/fees", vec![json!(null), json!([])]),
        ("/data/fees/0/amount", vec![json!(0), json!(u64::MAX)]),
        ("/data/applicant/email", vec![json!(null), json!("")]),
        ("/data/dossier/due_at", vec![json!(null), json!("2022-09-16T10:00:00Z")]),
    ]
}

fn refused() -> Vec<(&'static str, Vec<Value>)> {
    let null_or_blank = || vec![json!(null), json!(""), json!(" "), json!(7), json!(["a"])];
    let mut rows: Vec<_> = FILLED.iter().map(|pointer| (*pointer, null_or_blank())).collect();
    rows.extend([
        ("/specversion", vec![json!("0.3"), json!("1")]),
        ("/type", vec![json!("status-changed"), json!("vn.dossier.archived")]),
        ("/dataschema", vec![json!("urn:lienthong:schema:dossier-event:2")]),
        ("/time", vec![json!("2022-09-15T10:12:00"), json!("2022-13-15T10:12:00Z"), json!("15/09/2022")]),
        ("/sequence", vec![json!("5a"), json!(5), json!("-1")]),
        ("/data", vec![json!(null), json!([]), json!("x")]),
        ("/data/agency", vec![json!(null), json!([]), json!(["H11", "UBND"]), json!({})]),
        ("/data/dossier", vec![json!(null), json!({})]),
        ("/data/applicant", vec![json!(null), json!({})]),
        ("/data/step", vec![json!(null), json!({})]),
        ("/data/dossier/code", vec![json!("0".repeat(51))]),
        ("/data/dossier/status", vec![json!(null), json!(0), json!(11), json!(-1), json!("9"), json!(4.5)]),
        ("/data/dossier/channel", vec![json!("fax"), json!("DIRECT")]),
        ("/data/dossier/return_by_post", vec![json!(null), json!("true"), json!(1)]),
        ("/data/dossier/due_at", vec![json!("20220913083015"), json!(1793583015000_u64)]),
        ("/data/dossier/documents", vec![json!("không"), json!([null]), json!({})]),
        ("/data/dossier/documents/0/reused", vec![json!(3), json!(-1), json!("1")]),
        ("/data/dossier/documents/0/digitised", vec![json!("true")]),
        ("/data/applicant/kind", vec![json!("person"), json!("organization")]),
        ("/data/applicant/phone", vec![json!(510_000_111)]),
        ("/data/fees/0/amount", vec![json!(null), json!(-8000), json!(0.5), json!("8000")]),
        ("/data/fees/0/paid", vec![json!(null), json!("yes")]),
    ]);
    rows
}

#[test]
fn schema_and_decoder_agree_on_every_field_that_is_left_out() {
    let validator = validator();
    let event = example("status-changed.json");
    for pointer in pointers(&event, "") {
        let mut less = event.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let Some(Value::Object(object)) = less.pointer_mut(parent) else { continue };
        object.remove(name);
        assert_eq!(read(&less), validator.is_valid(&less), "without {pointer}");
    }
}

fn pointers(value: &Value, here: &str) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (format!("{here}/{name}"), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(n, value)| (format!("{here}/{n}"), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    children
        .into_iter()
        .flat_map(|(path, value)| [vec![path.clone()], pointers(value, &path)].concat())
        .collect()
}

#[test]
fn schema_and_decoder_agree_on_slips() {
    let validator = validator();
    let check = |pointer: &str, value: Value, expected: bool| {
        let mut event = example("slip-pickup.json");
        *event.pointer_mut(pointer).expect(pointer) = value;
        assert_eq!((read(&event), validator.is_valid(&event)), (expected, expected), "{pointer}");
    };
    check("/data/dossier/slip", Value::Null, true);
    check("/type", json!("vn.dossier.pickup-cancelled"), true);
    check("/type", json!("vn.dossier.status-changed"), false);
    check("/data/dossier/code", json!("H11.01.07-220915-0041"), false);
    check("/data/dossier/status", json!(1), false);
}

#[test]
fn the_json_schema_names_every_element_of_the_xml_and_no_other() {
    let schema = json_schema();
    let mut expected = names_of(&schema, &schema, "");
    assert!(expected.remove("/specversion"), "specversion is an attribute in XML");
    let mut found = BTreeSet::new();
    names_in(shape::EVENT, "", &mut found);
    assert_eq!(found, expected);
    assert!(schema["properties"]["data"]["description"].is_string());
}

fn names_of(root: &Value, schema: &Value, here: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(target) = schema["$ref"].as_str() {
        let definition = root.pointer(target.strip_prefix('#').unwrap()).unwrap();
        found.extend(names_of(root, definition, here));
    }
    for branch in schema["anyOf"].as_array().into_iter().flatten() {
        found.extend(names_of(root, branch, here));
    }
    found.extend(schema.get("items").map(|items| names_of(root, items, here)).unwrap_or_default());
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{here}/{name}");
        found.extend(names_of(root, field, &path));
        found.insert(path);
    }
    found
}

fn names_in(fields: &[Field], here: &str, found: &mut BTreeSet<String>) {
    for (name, shape) in fields {
        let path = format!("{here}/{name}");
        match shape {
            Shape::Record(inner) | Shape::List(inner) => names_in(inner, &path, found),
            Shape::Text | Shape::Number | Shape::Flag => {}
        }
        found.insert(path);
    }
}

/// Asks xmllint (libxml2), so that the XSD is judged by another reader than ours.
fn satisfies_the_xsd(folder: &Path, name: &str, body: &[u8]) -> Result<(), String> {
    let (schema, file) = (folder.join("dossier-event.xsd"), folder.join(name));
    fs::write(&schema, XSD).unwrap();
    fs::write(&file, body).unwrap();
    let run =
        Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).args([&schema, &file]).output();
    let run = run.expect("xmllint is needed for this test: install libxml2-utils");
    if run.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&run.stderr).into_owned()) }
}

#[test]
fn examples_and_written_events_satisfy_the_xsd() {
    let folder = tempfile::tempdir().unwrap();
    let examples = files("valid").into_iter().filter(|(name, _)| name.ends_with(".xml"));
    let written = some_events();
    let written = written.iter().enumerate().map(|(n, event)| (format!("{n}.xml"), encode_xml(event)));
    for (name, body) in examples.chain(written) {
        satisfies_the_xsd(folder.path(), &name, &body).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn the_xsd_refuses_what_the_decoder_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let (_, body) = files("valid").into_iter().find(|(name, _)| name == "fees-changed.xml").unwrap();
    let example = String::from_utf8(body).unwrap();
    let check = |from: &str, to: &str| {
        let body = example.replacen(from, to, 1);
        assert_ne!(body, example, "{from} is in the example");
        assert!(decode_file("a.xml", body.as_bytes()).is_err(), "decoder: {from} → {to}");
        assert!(satisfies_the_xsd(folder.path(), "a.xml", body.as_bytes()).is_err(), "xsd: {from} → {to}");
    };
    check("specversion=\"1.0\"", "specversion=\"0.3\"");
    check("dossier-event:1", "dossier-event:2");
    check("fees-changed", "archived");
    check("<channel>post", "<channel>fax");
    check("<kind>citizen", "<kind>person");
    check("<status>6", "<status>11");
    check("<status>6", "<status>sáu");
    check("<amount>8000", "<amount>-8000");
    check("<paid>true", "<paid>yes");
    check("<reused>0", "<reused>3");
    check("<time>2022-09-13T09:00:00+07:00", "<time>2022-09-13T09:00:00");
    check("<name>Lò Thị Bưởi", "<name> ");
    check("<kind>", "<kind>citizen</kind><kind>");
    check("<procedure_code>1.004873</procedure_code>", "");
}
