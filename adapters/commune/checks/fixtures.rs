use super::{decode_file, files, valid};
use crate::{
    BAD_VALUE, CONTENT_TYPE, DTD, DUPLICATE_FIELD, EMPTY, ENTITY, Limits, MISSING_FIELD, NO_DOSSIER,
    NOT_JSON, NOT_UTF8, NOT_XML, REASONS, Refusal, TOO_DEEP, TOO_LARGE, TRUNCATED, UNKNOWN_TYPE,
    UNKNOWN_VERSION, WRONG_TYPE, decode,
};
use lienthong_core::event::{Event, EventKind, Subject};
use lienthong_core::identity::EventHash;
use lienthong_core::ids::{PortalAccountId, PortalCode, SlipNumber};
use lienthong_core::status::Status;
use std::collections::BTreeSet;

type Row = (&'static str, &'static str, Option<&'static str>);

/// File, code, field.
const BAD_JSON: &[Row] = &[
    ("another-slip.json", BAD_VALUE, Some("dossier.slip")),
    ("array-instead-of-event.json", WRONG_TYPE, None),
    ("array-instead-of-object.json", WRONG_TYPE, Some("agency")),
    ("blank-applicant-name.json", MISSING_FIELD, Some("applicant.name")),
    ("blank.json", EMPTY, None),
    ("compact-time.json", BAD_VALUE, Some("dossier.received_at")),
    ("control-character-in-code.json", BAD_VALUE, Some("agency.code")),
    ("deep-ignored-field.json", TOO_DEEP, None),
    ("duplicate-field.json", DUPLICATE_FIELD, Some("fees[0].code")),
    ("empty.json", EMPTY, None),
    ("fractional-amount.json", BAD_VALUE, Some("fees[0].amount")),
    ("long-dossier-code.json", BAD_VALUE, Some("dossier.code")),
    ("missing-data.json", MISSING_FIELD, Some("data")),
    ("missing-fee-amount.json", MISSING_FIELD, Some("fees[0].amount")),
    ("missing-status.json", MISSING_FIELD, Some("dossier.status")),
    ("missing-time.json", MISSING_FIELD, Some("time")),
    ("negative-amount.json", BAD_VALUE, Some("fees[0].amount")),
    ("neither-code-nor-slip.json", NO_DOSSIER, Some("subject")),
    ("no-dossier-code.json", NO_DOSSIER, Some("dossier.code")),
    ("not-json.json", NOT_JSON, None),
    ("null-procedure-code.json", MISSING_FIELD, Some("dossier.procedure_code")),
    ("number-as-name.json", WRONG_TYPE, Some("applicant.name")),
    ("number-sequence.json", WRONG_TYPE, Some("sequence")),
    ("other-data-content-type.json", CONTENT_TYPE, Some("datacontenttype")),
    ("reused-3.json", BAD_VALUE, Some("dossier.documents[0].reused")),
    ("sequence-too-large.json", BAD_VALUE, Some("sequence")),
    ("sequence-with-letters.json", BAD_VALUE, Some("sequence")),
    ("slip-with-code.json", BAD_VALUE, Some("dossier.code")),
    ("slip-with-status-event.json", BAD_VALUE, Some("type")),
    ("slip-with-status.json", BAD_VALUE, Some("dossier.status")),
    ("slip-without-number.json", NO_DOSSIER, Some("subject")),
    ("status-0.json", BAD_VALUE, Some("dossier.status")),
    ("status-11.json", BAD_VALUE, Some("dossier.status")),
    ("subject-of-another-dossier.json", BAD_VALUE, Some("subject")),
    ("text-instead-of-list.json", WRONG_TYPE, Some("fees")),
    ("text-status.json", WRONG_TYPE, Some("dossier.status")),
    ("time-without-offset.json", BAD_VALUE, Some("time")),
    ("trailing-text.json", NOT_JSON, None),
    ("truncated-in-character.json", TRUNCATED, None),
    ("truncated.json", TRUNCATED, None),
    ("unknown-applicant-kind.json", BAD_VALUE, Some("applicant.kind")),
    ("unknown-channel.json", BAD_VALUE, Some("dossier.channel")),
    ("unknown-specversion.json", UNKNOWN_VERSION, Some("specversion")),
    ("unknown-type.json", UNKNOWN_TYPE, Some("type")),
    ("unknown-version-with-other-fields.json", UNKNOWN_VERSION, Some("dataschema")),
    ("utf-16.json", NOT_UTF8, None),
    ("windows-1258.json", NOT_UTF8, None),
];

const BAD_XML: &[Row] = &[
    ("deep-ignored-element.xml", TOO_DEEP, None),
    ("duplicate-attribute.xml", NOT_XML, None),
    ("duplicate-element.xml", DUPLICATE_FIELD, Some("applicant.kind")),
    ("element-in-text.xml", WRONG_TYPE, Some("dossier.field_name")),
    ("entity-bomb.xml", DTD, None),
    ("entity-in-attribute.xml", ENTITY, None),
    ("external-dtd.xml", DTD, None),
    ("json-data-content-type.xml", CONTENT_TYPE, Some("datacontenttype")),
    ("many-attributes.xml", TOO_LARGE, None),
    ("mismatched-tags.xml", NOT_XML, None),
    ("missing-specversion.xml", MISSING_FIELD, Some("specversion")),
    ("namespace-of-version-2.xml", UNKNOWN_VERSION, None),
    ("negative-amount.xml", BAD_VALUE, Some("fees[0].amount")),
    ("nil-item.xml", WRONG_TYPE, Some("fees[0]")),
    ("no-namespace.xml", WRONG_TYPE, None),
    ("not-xml.xml", NOT_XML, None),
    ("other-encoding.xml", NOT_UTF8, None),
    ("other-root.xml", WRONG_TYPE, None),
    ("second-root.xml", NOT_XML, None),
    ("text-after-root.xml", NOT_XML, None),
    ("text-in-list.xml", WRONG_TYPE, Some("dossier.supplements")),
    ("truncated-in-tag.xml", TRUNCATED, None),
    ("truncated.xml", TRUNCATED, None),
    ("undeclared-entity.xml", ENTITY, None),
    ("unknown-channel.xml", BAD_VALUE, Some("dossier.channel")),
    ("word-as-amount.xml", WRONG_TYPE, Some("fees[0].amount")),
];

#[test]
fn each_bad_file_is_refused_for_its_reason() {
    let mut wrong = Vec::new();
    let table: Vec<&Row> = BAD_JSON.iter().chain(BAD_XML).collect();
    for (name, body) in files("bad") {
        let expected = table.iter().find(|row| row.0 == name).map(|(_, code, field)| (*code, *field));
        let refusal = decode_file(&name, &body).expect_err(&name);
        if expected != Some((refusal.reason.as_str(), refusal.field.as_deref())) {
            wrong.push(format!("{name}: expected {expected:?}, found {refusal}"));
        }
        assert!(!refusal.detail.is_empty(), "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(table.len(), files("bad").len(), "the table and the folder have the same files");
}

#[test]
fn every_reason_has_sentences_a_bad_file_and_a_row_in_the_readme() {
    let files = BAD_JSON.iter().chain(BAD_XML).chain(super::opencps::BAD);
    let mut used: BTreeSet<&str> = files.map(|row| row.1).collect();
    // A header, and so no file.
    used.insert(crate::UNKNOWN_DIALECT);
    let told: BTreeSet<&str> = REASONS.iter().map(|row| row.code).collect();
    assert_eq!(used, told);
    assert_eq!(told.len(), REASONS.len(), "no code twice");
    let rows = include_str!("../README.md").lines().filter_map(|line| line.strip_prefix("| `COMMUNE-"));
    let documented: BTreeSet<String> =
        rows.filter_map(|row| row.split('`').next()).map(|code| format!("COMMUNE-{code}")).collect();
    assert_eq!(documented, told.into_iter().map(str::to_owned).collect());
}

#[test]
fn no_refusal_repeats_what_may_name_a_person() {
    for (name, body) in files("bad") {
        let refusal = decode_file(&name, &body).unwrap_err();
        for personal in ["Lò", "Bưởi", "999199", "0510000", "Lạc Long"] {
            assert!(!refusal.detail.contains(personal), "{name}: {refusal}");
        }
    }
    let text = String::from_utf8(files("valid").remove(0).1).unwrap();
    let nested = text.replace("\"8000\"", "8000").replace("8000", "\"x, expected Lò Thị Bưởi\"");
    let refusal = decode_file("a.json", nested.as_bytes()).unwrap_err();
    assert_eq!(refusal.detail, "expected a JSON number");
}

#[test]
fn every_kind_of_event_has_an_example_that_is_read() {
    let kinds: Vec<EventKind> = EventKind::ALL
        .into_iter()
        .filter(|kind| valid(&format!("{}.json", kind.name())).kind == *kind)
        .collect();
    assert_eq!(kinds, EventKind::ALL);
}

#[test]
fn the_example_of_the_contract_is_read_field_by_field() {
    let event = valid("status-changed.json");
    assert_eq!(event.dossier_key().as_str(), "H11.01.07-220915-0041");
    assert_eq!(event.time.to_string(), "2022-09-15T03:12:00Z");
    assert_eq!(event.sequence, Some(5));
    let dossier = &event.snapshot.dossier;
    assert_eq!(dossier.status, Some(Status::Done));
    assert_eq!(dossier.documents, None, "null is not known");
    assert_eq!(dossier.supplements, Some(vec![]), "an empty list is none");
    assert_eq!(event.snapshot.fees.as_ref().unwrap()[0].amount, 8000);
    assert_eq!(
        event.snapshot.postal.return_to.as_ref().unwrap().district_code.as_ref().unwrap().as_str(),
        "593"
    );
    assert!(event.snapshot.postal.pickup.is_none());
}

#[test]
fn a_slip_stands_for_the_dossier_until_there_is_a_code() {
    let event = valid("slip-pickup.json");
    assert_eq!(event.subject, Subject::Slip(SlipNumber::new("EZ000041993VN")));
    assert_eq!(event.dossier_key().as_str(), "phieu:EZ000041993VN");
    assert_eq!((event.snapshot.dossier.code, event.snapshot.dossier.status), (None, None));
    assert_eq!(valid("pickup-requested.json").snapshot.dossier.slip, Some(SlipNumber::new("EZ000041993VN")));
}

#[test]
fn a_dossier_that_was_lodged_at_the_portal_has_its_number_and_others_are_what_they_were() {
    let event = valid("lodged-at-the-portal.json");
    assert_eq!(event.snapshot.dossier.portal_code, Some(PortalCode::new("G22.99.1-220912-0142")));
    assert_eq!(event.snapshot.applicant.portal_id, Some(PortalAccountId::new("a81f-77c2")));
    // An event without them has the canonical form, and so the identity, from before there were such fields.
    for (name, _) in files("valid").iter().filter(|(name, _)| !name.starts_with("lodged-")) {
        let canonical = serde_json::to_value(valid(name)).unwrap();
        let snapshot = &canonical["snapshot"];
        assert!(snapshot["dossier"].get("portal_code").is_none(), "{name}");
        assert!(snapshot["applicant"].get("portal_id").is_none(), "{name}");
        assert_eq!(serde_json::from_value::<Event>(canonical).unwrap(), valid(name));
    }
}

#[test]
fn the_same_event_has_one_hash_in_all_its_forms() {
    fn check(one: &Event, other: &Event) {
        assert_eq!(one, other);
        assert_eq!(EventHash::of(one), EventHash::of(other));
    }
    for (name, body) in files("otherwise") {
        check(&valid("status-changed.json"), &decode_file(&name, &body).unwrap());
    }
    for (name, _) in files("valid") {
        if let Some(stem) = name.strip_suffix(".json") {
            check(&valid(&name), &valid(&format!("{stem}.xml")));
        }
    }
}

#[test]
fn texts_and_codes_are_normalised_once() {
    fn check(change: impl Fn(&mut serde_json::Value), read: impl Fn(&Event)) {
        let (_, body) = files("valid").into_iter().find(|(name, _)| name == "status-changed.json").unwrap();
        let mut event: serde_json::Value = serde_json::from_slice(&body).unwrap();
        change(&mut event);
        read(&decode_file("a.json", event.to_string().as_bytes()).unwrap());
    }
    check(
        |event| {
            event["subject"] = " h11.01.07-220915-0041".into();
            event["data"]["dossier"]["code"] = "H11.01.07-220915-0041\t".into();
        },
        |event| assert_eq!(event.dossier_key().as_str(), "H11.01.07-220915-0041"),
    );
    for dummy in ["000000001", "000000000000", " 0 ", ""] {
        check(
            |event| event["data"]["applicant"]["id_number"] = dummy.into(),
            |event| assert_eq!(event.snapshot.applicant.id_number, None, "{dummy}"),
        );
    }
    check(
        |event| event["data"]["applicant"]["phone"] = "  ".into(),
        |event| assert_eq!(event.snapshot.applicant.phone, None),
    );
    check(|event| event["sequence"] = "0005".into(), |event| assert_eq!(event.sequence, Some(5)));
    check(
        |event| drop(event["data"].as_object_mut().unwrap().remove("postal")),
        |event| {
            assert!(event.snapshot.postal.return_to.is_none());
        },
    );
    check(|event| event["dataschema"] = serde_json::Value::Null, |event| assert_eq!(event.sequence, Some(5)));
}

#[test]
fn content_types_tell_the_dialect_or_are_refused() {
    fn check(content_type: Option<&str>, expected: Result<&str, &str>) {
        let found = crate::dialect_of(content_type);
        let found = found.as_ref().map(|d| d.name()).map_err(|refusal: &Refusal| refusal.reason.as_str());
        assert_eq!(found, expected, "{content_type:?}");
    }
    check(Some("application/cloudevents+json"), Ok("json"));
    check(Some("application/json"), Ok("json"));
    check(Some("Application/CloudEvents+JSON; charset=UTF-8"), Ok("json"));
    check(Some("application/json;charset=\"utf-8\";profile=a"), Ok("json"));
    check(Some("application/xml"), Ok("xml"));
    check(Some(" text/xml ; charset = utf8"), Ok("xml"));
    check(Some("text/xml; charset=windows-1258"), Err(CONTENT_TYPE));
    check(Some("application/json; charset=utf-16"), Err(CONTENT_TYPE));
    check(Some("application/cloudevents-batch+json"), Err(CONTENT_TYPE));
    check(Some("application/octet-stream"), Err(CONTENT_TYPE));
    check(Some("text/plain"), Err(CONTENT_TYPE));
    check(Some(""), Err(CONTENT_TYPE));
    check(None, Err(CONTENT_TYPE));
}

#[test]
fn what_is_too_large_is_refused_where_it_is() {
    fn check(body: &str, limits: Limits, field: Option<&str>) {
        let refusal = decode(Some("application/json"), body.as_bytes(), &limits).unwrap_err();
        assert_eq!((refusal.reason.as_str(), refusal.field.as_deref()), (TOO_LARGE, field));
    }
    let limits = Limits::default();
    let (_, body) = files("valid").into_iter().find(|(name, _)| name == "status-changed.json").unwrap();
    let body = String::from_utf8(body).unwrap();
    check(&format!("{body}{}", " ".repeat(10_000_000)), limits, None);
    check(&body, Limits { body_bytes: body.len() - 1, ..limits }, None);
    check(&body.replace("12 Lạc Long Quân", &"ố".repeat(10_001)), limits, Some("postal.return.address"));
    let fee = r#"{ "code": "LP", "name": "Lệ phí", "amount": 1, "paid": true },"#;
    let many = body.replace("\"fees\": [", &format!("\"fees\": [{}", fee.repeat(3)));
    check(&many, Limits { list_items: 3, ..limits }, Some("fees"));
    assert!(decode(Some("application/json"), many.as_bytes(), &limits).is_ok());
}
