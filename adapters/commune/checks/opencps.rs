//! OpenCPS's dossier: its fixtures, its rules column by column, and that its secret goes nowhere.

use super::files;
use crate::opencps::Sites;
use crate::{
    BAD_VALUE, CONTENT_TYPE, DRAFT, DUPLICATE_FIELD, Dialect, Family, Headers, Limits, MISSING_FIELD,
    NO_DOSSIER, NOT_UTF8, REASONS, Reader, Refusal, TOO_DEEP, TOO_LARGE, TRUNCATED, UNKNOWN_DIALECT,
    UNMAPPED_STATUS, WRONG_TYPE, without_secrets,
};
use lienthong_core::event::{ApplicantKind, Channel, Event, EventKind, PickupTold, PostTold};
use lienthong_core::identity::EventHash;
use lienthong_core::ids::{AgencyCode, Source};
use lienthong_core::status::Status;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What stands under `password` in each fixture.
const SECRET: &str = "7KX-bien-nhan-93";
const SOURCE: &str = "urn:lienthong:opencps:H11.01";

/// File, code, field.
pub(super) const BAD: &[(&str, &str, Option<&str>)] = &[
    ("array.json", WRONG_TYPE, None),
    ("broken-profile.json", TRUNCATED, Some("vnpostalProfile")),
    ("draft.json", DRAFT, Some("dossierStatus")),
    ("no-number.json", NO_DOSSIER, Some("dossierNo")),
    ("number-in-profile.json", WRONG_TYPE, Some("vnpostalProfile.postalTelNo")),
    ("password-twice.json", UNMAPPED_STATUS, Some("dossierStatus")),
    ("pausing.json", UNMAPPED_STATUS, Some("dossierStatus")),
    ("torn.json", TRUNCATED, None),
    ("twice.json", DUPLICATE_FIELD, Some("dossierNo")),
    ("windows-1258.json", NOT_UTF8, None),
];

fn reader() -> Reader {
    let mut sites = Sites::default();
    let own = BTreeMap::from([("processing_300".to_owned(), Status::SupplementAsked)]);
    sites.add(&Source::new(SOURCE), &[AgencyCode::new("H11.01.07")], own).unwrap();
    sites.add(&Source::new("urn:other"), &[AgencyCode::new("H11.01.08")], BTreeMap::new()).unwrap();
    Reader { limits: Limits::default(), unnamed: Family::CloudEvents, sites }
}

fn headers() -> Headers<'static> {
    Headers { content_type: Some("application/json"), dialect: Some("opencps"), source: None }
}

pub(super) fn read(body: &[u8]) -> Result<Event, Refusal> {
    reader().read(&headers(), body)
}

fn body(name: &str) -> Value {
    let (_, body) = files("opencps/valid").into_iter().find(|(file, _)| file == name).expect(name);
    serde_json::from_slice(&body).unwrap()
}

/// The example with some columns changed; `null` stands for itself.
fn changed(name: &str, columns: &Value) -> Value {
    let mut dossier = body(name);
    for (column, value) in columns.as_object().unwrap() {
        dossier[column] = value.clone();
    }
    dossier
}

fn event(name: &str, columns: &Value) -> Event {
    read(changed(name, columns).to_string().as_bytes()).unwrap()
}

#[test]
fn the_example_is_read_column_by_column() {
    let event = event("releasing.json", &json!({}));
    assert_eq!((event.source.as_str(), event.id.as_str()), (SOURCE, "771204-910240"));
    assert_eq!((event.kind, event.sequence), (EventKind::StatusChanged, Some(910_240)));
    assert_eq!(event.dossier_key().as_str(), "H11.01.07-220913-0041");
    assert_eq!(event.time.to_string(), "2022-09-15T03:12:00Z", "releaseDate, not modifiedDate");
    let dossier = &event.snapshot.dossier;
    assert_eq!((dossier.status, dossier.channel), (Some(Status::Done), Channel::Direct));
    assert_eq!((dossier.procedure_code.as_str(), dossier.field_code.as_str()), ("1.004873.H11", ""));
    assert_eq!(dossier.received_at.unwrap().to_string(), "2022-09-13T01:30:15Z");
    assert_eq!(dossier.due_at.unwrap().to_string(), "2022-09-16T10:00:00Z");
    assert_eq!(dossier.finished_at, Some(event.time));
    assert_eq!(dossier.returned_at, None, "0 is no date");
    let lists = (&dossier.documents, &dossier.results, &dossier.supplements, &event.snapshot.fees);
    assert_eq!(lists, (&None, &None, &None, &None), "what it does not carry is not known");
    let applicant = &event.snapshot.applicant;
    assert_eq!((applicant.kind, applicant.name.as_str()), (ApplicantKind::Citizen, "Lò Thị Bưởi"));
    assert_eq!((applicant.phone.as_deref(), applicant.email.as_deref()), (Some("0510000111"), None));
    let step = &event.snapshot.step;
    assert_eq!((step.officer.as_str(), step.text.as_str()), ("UBND xã Tiến Thành", "Có kết quả"));
    let address = event.snapshot.postal.return_to.as_ref().unwrap();
    assert_eq!((address.name.as_str(), address.address.as_str()), ("Lò Thị Bưởi", "12 Lạc Long Quân"));
    assert_eq!((address.province_code.as_str(), address.commune_code.as_str()), ("60", "22966"));
    assert!(dossier.return_by_post && event.snapshot.postal.pickup.is_none());
}

#[test]
fn a_collection_is_read_from_the_json_within() {
    let event = event("pickup.json", &json!({}));
    let pickup = event.snapshot.postal.pickup.as_ref().unwrap();
    assert_eq!((pickup.address.as_str(), pickup.phone.as_deref()), ("5 Trần Phú", Some("0510000113")));
    assert_eq!((pickup.name.as_str(), pickup.district_code.as_ref()), ("Lò Thị Bưởi", None));
    let told = PostTold { pickup: Some(PickupTold::Wanted), return_ordered: false };
    assert_eq!(event.snapshot.postal.told, Some(told));
    assert_eq!(event.snapshot.postal.return_to, None);
    assert_eq!(event.snapshot.dossier.channel, Channel::Online);
}

#[test]
fn the_columns_about_the_post_say_what_is_wanted() {
    fn check(columns: &Value, by_post: bool, pickup: Option<PickupTold>, ordered: bool, channel: Channel) {
        let event = event("new.json", columns);
        let dossier = &event.snapshot.dossier;
        let told = Some(PostTold { pickup, return_ordered: ordered });
        assert_eq!((dossier.return_by_post, event.snapshot.postal.told), (by_post, told), "{columns}");
        assert_eq!(dossier.channel, channel, "{columns}");
    }
    use PickupTold::{NotWanted, UnderWay, Wanted};
    let no = Some(NotWanted);
    check(&json!({ "viaPostal": 0 }), false, no, false, Channel::Direct);
    check(&json!({ "viaPostal": 1 }), false, no, false, Channel::Direct);
    check(&json!({ "viaPostal": 2 }), true, no, false, Channel::Direct);
    check(&json!({ "viaPostal": 3 }), true, no, true, Channel::Direct);
    check(&json!({ "viaPostal": 4 }), true, no, true, Channel::Direct);
    check(&json!({ "vnpostalStatus": null }), true, None, false, Channel::Direct);
    check(&json!({ "vnpostalStatus": 1 }), true, Some(Wanted), false, Channel::Post);
    check(&json!({ "vnpostalStatus": 2 }), true, Some(UnderWay), false, Channel::Post);
    check(&json!({ "vnpostalStatus": 3 }), true, Some(UnderWay), false, Channel::Post);
    check(&json!({ "vnpostalStatus": 4 }), true, no, false, Channel::Direct);
    check(&json!({ "fromViaPostal": 1 }), true, no, false, Channel::Post);
    check(&json!({ "fromViaPostal": 1, "online": true }), true, no, false, Channel::Online);
}

#[test]
fn the_time_is_that_of_the_status_and_else_of_the_row() {
    fn check(columns: &Value, expected: &str) {
        assert_eq!(event("done.json", columns).time.to_string(), expected, "{columns}");
    }
    check(&json!({}), "2022-09-17T00:45:00Z");
    check(&json!({ "dossierStatus": "cancelled" }), "2022-09-17T00:45:00Z");
    check(&json!({ "dossierStatus": "releasing" }), "2022-09-15T03:12:00Z");
    check(&json!({ "dossierStatus": "waiting" }), "2022-09-17T01:00:00Z");
    check(&json!({ "finishDate": 0 }), "2022-09-17T01:00:00Z");
    let undated = json!({ "finishDate": 0, "modifiedDate": 0 });
    check(&undated, "2022-09-15T03:12:00Z");
    check(&json!({ "finishDate": null, "modifiedDate": null, "releaseDate": null }), "2022-09-13T02:00:00Z");
}

#[test]
fn an_address_with_gaps_is_no_reason_to_stop_the_dossier() {
    let gaps = event("new.json", &json!({ "postalAddress": "", "postalWardCode": null }));
    let address = gaps.snapshot.postal.return_to.unwrap();
    assert_eq!((address.address.as_str(), address.commune_code.as_str()), ("", ""));
    assert_eq!(address.province_code.as_str(), "60");
    let empty =
        json!({ "postalAddress": "", "postalCityCode": "", "postalDistrictCode": "", "postalWardCode": "" });
    assert_eq!(event("new.json", &empty).snapshot.postal.return_to, None);
    // Only what is to be collected now has an address that matters.
    let done = json!({ "vnpostalStatus": 3, "vnpostalProfile": "{\"vnpostInfo\":" });
    assert_eq!(event("new.json", &done).snapshot.postal.pickup, None);
}

#[test]
fn the_same_dossier_has_one_hash_in_all_its_forms() {
    let (_, new) = files("opencps/valid").into_iter().find(|(name, _)| name == "new.json").unwrap();
    let new = read(&new).unwrap();
    for (name, body) in files("opencps/otherwise") {
        let other = read(&body).unwrap();
        // The short one does not say that no collection is wanted, nor all dates: it says less and is compared as such.
        assert_eq!(other, new, "{name}");
        assert_eq!(EventHash::of(&other), EventHash::of(&new), "{name}");
    }
}

#[test]
fn two_dossiers_with_one_action_are_two_events() {
    let ids: Vec<_> = [1, 2].iter().map(|id| event("new.json", &json!({ "dossierId": id })).id).collect();
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn each_bad_file_is_refused_for_its_reason() {
    for (name, body) in files("opencps/bad") {
        let expected = BAD.iter().find(|row| row.0 == name).map(|(_, code, field)| (*code, *field));
        let refusal = read(&body).expect_err(&name);
        assert_eq!(expected, Some((refusal.reason.as_str(), refusal.field.as_deref())), "{name}: {refusal}");
        assert_eq!(refusal.dialect, Some(Dialect::OpenCps), "{name}");
        for personal in ["Lò", "Bưởi", "999199", "0510000", "Lạc Long", "Trần Phú", SECRET] {
            assert!(!refusal.detail.contains(personal), "{name}: {refusal}");
        }
    }
    assert_eq!(BAD.len(), files("opencps/bad").len(), "the table and the folder have the same files");
}

#[test]
fn each_column_is_held_to_its_rule() {
    fn check(column: &str, values: &[Value], code: &str, field: &str) {
        for value in values {
            let dossier = changed("new.json", &json!({ column: value }));
            let refusal = read(dossier.to_string().as_bytes()).expect_err(column);
            let found = (refusal.reason.as_str(), refusal.field.as_deref());
            assert_eq!(found, (code, Some(field)), "{column} = {value}: {refusal}");
            assert!(REASONS.iter().any(|row| row.code == code));
        }
    }
    let blank = [json!(null), json!(""), json!(" ")];
    for column in ["serviceCode", "serviceName", "govAgencyCode", "govAgencyName", "applicantName"] {
        check(column, &blank, MISSING_FIELD, column);
    }
    check("applicantIdType", &blank, MISSING_FIELD, "applicantIdType");
    check("dossierStatusText", &blank, MISSING_FIELD, "dossierStatusText");
    check("dossierNo", &blank, NO_DOSSIER, "dossierNo");
    check("dossierStatus", &[json!(null)], MISSING_FIELD, "dossierStatus");
    check("dossierStatus", &[json!(""), json!(" ")], DRAFT, "dossierStatus");
    check("dossierStatus", &[json!("archived"), json!("Lò Thị Bưởi")], UNMAPPED_STATUS, "dossierStatus");
    for column in ["dossierId", "dossierActionId"] {
        check(column, &[json!(null)], MISSING_FIELD, column);
        check(column, &[json!(0), json!(-1), json!(1.5), json!(u64::MAX), json!(1e300)], BAD_VALUE, column);
        check(column, &[json!("771204"), json!([1]), json!(true)], WRONG_TYPE, column);
    }
    for column in ["modifiedDate", "receiveDate", "dueDate", "finishDate", "submitDate", "createDate"] {
        // Seconds, microseconds, a fraction, before 1970, beyond all counting.
        let wrong =
            [json!(1_663_038_615), json!(1_663_038_615_000_000_i64), json!(1.5), json!(-1), json!(1e300)];
        check(column, &wrong, BAD_VALUE, column);
        check(column, &[json!("1663038615000"), json!("2022-09-13")], WRONG_TYPE, column);
    }
    check("viaPostal", &[json!(null)], MISSING_FIELD, "viaPostal");
    check("viaPostal", &[json!(5), json!(-1), json!(2.0)], BAD_VALUE, "viaPostal");
    check("viaPostal", &[json!("2"), json!(true)], WRONG_TYPE, "viaPostal");
    check("vnpostalStatus", &[json!(5), json!(-1)], BAD_VALUE, "vnpostalStatus");
    check("online", &[json!(null)], MISSING_FIELD, "online");
    check("online", &[json!(1), json!("true")], WRONG_TYPE, "online");
    check("applicantIdType", &[json!("person"), json!("Citizen")], BAD_VALUE, "applicantIdType");
    check("govAgencyCode", &[json!("H99.99.99")], BAD_VALUE, "govAgencyCode");
    check("applicantName", &[json!("ố".repeat(10_001))], TOO_LARGE, "applicantName");
    check("dossierNo", &[json!("0".repeat(51)), json!("a\u{7}b")], BAD_VALUE, "dossierNo");
}

#[test]
fn the_json_within_has_the_same_limits() {
    fn check(profile: String, code: &str) {
        let dossier = changed("pickup.json", &json!({ "vnpostalProfile": profile }));
        let refusal = read(dossier.to_string().as_bytes()).unwrap_err();
        let field = refusal.field.as_deref().unwrap_or_default();
        assert!(field.starts_with("vnpostalProfile"), "{refusal}");
        assert_eq!(refusal.reason.as_str(), code, "{refusal}");
    }
    check("[".repeat(5_000), TOO_DEEP);
    check(format!("{{\"postalAddress\":\"{}\"}}", "ố".repeat(10_001)), TOO_LARGE);
    check("[]".to_owned(), WRONG_TYPE);
    check("{\"postalAddress\":\"a\",\"postalAddress\":\"b\"}".to_owned(), DUPLICATE_FIELD);
    check(format!("{{\"postalCityCode\":\"{}\"}}", "0".repeat(51)), BAD_VALUE);
}

#[test]
fn a_site_says_what_its_own_sub_statuses_mean_and_the_header_whose_they_are() {
    let dossier = changed("processing.json", &json!({ "dossierSubStatus": "processing_300" })).to_string();
    let status = |source| {
        let event = reader().read(&Headers { source, ..headers() }, dossier.as_bytes());
        event.map(|event| (event.source.to_string(), event.snapshot.dossier.status.unwrap().code()))
    };
    assert_eq!(status(None).unwrap(), (SOURCE.to_owned(), 5));
    assert_eq!(status(Some(SOURCE)).unwrap(), (SOURCE.to_owned(), 5));
    assert_eq!(status(Some("urn:other")).unwrap(), ("urn:other".to_owned(), 4));
    let refusal = status(Some("urn:lienthong:commune:H11.01.07")).unwrap_err();
    assert_eq!((refusal.reason.as_str(), refusal.field.as_deref()), (BAD_VALUE, Some("x-source")));
    assert_eq!(event("processing.json", &json!({})).snapshot.step.text, "Chờ ký duyệt");
}

#[test]
fn one_agency_has_one_source() {
    let mut sites = reader().sites;
    let taken = sites.add(&Source::new("urn:third"), &[AgencyCode::new("H11.01.08")], BTreeMap::new());
    assert_eq!(taken, Err(vec![AgencyCode::new("H11.01.08")]));
}

#[test]
fn the_header_tells_the_dialect_and_else_the_queue() {
    use Family::{CloudEvents, OpenCps};
    fn check(unnamed: Family, dialect: Option<&str>, content_type: &str, expected: Result<Dialect, &str>) {
        let reader = Reader { unnamed, ..Reader::default() };
        let headers = Headers { content_type: Some(content_type), dialect, source: None };
        let found = reader.dialect_of(&headers);
        let found = found.as_ref().map_err(|refusal| refusal.reason.as_str()).copied();
        assert_eq!(found, expected, "{unnamed:?} {dialect:?} {content_type}");
    }
    check(CloudEvents, None, "application/json", Ok(Dialect::Json));
    check(CloudEvents, Some("opencps"), "application/json; charset=utf-8", Ok(Dialect::OpenCps));
    check(CloudEvents, Some(" OpenCPS "), "application/json", Ok(Dialect::OpenCps));
    check(CloudEvents, Some("opencps"), "application/cloudevents+json", Err(CONTENT_TYPE));
    check(CloudEvents, Some("opencps"), "text/xml", Err(CONTENT_TYPE));
    check(CloudEvents, Some("opencps"), "application/json; charset=utf-16", Err(CONTENT_TYPE));
    check(CloudEvents, Some(""), "text/xml", Ok(Dialect::Xml));
    check(CloudEvents, Some("igate"), "application/json", Err(UNKNOWN_DIALECT));
    check(OpenCps, None, "application/json", Ok(Dialect::OpenCps));
    check(OpenCps, None, "application/cloudevents+json", Ok(Dialect::Json));
    check(OpenCps, None, "application/xml", Ok(Dialect::Xml));
    check(OpenCps, Some("cloudevents"), "application/json", Ok(Dialect::Json));
}

#[test]
fn the_secret_reaches_neither_the_event_nor_what_is_kept_of_a_bad_message() {
    let all = ["opencps/valid", "opencps/bad", "opencps/otherwise"].map(files).concat();
    let mut held = 0;
    for (name, body) in &all {
        held += usize::from(String::from_utf8_lossy(body).contains(SECRET));
        let kept = without_secrets(body);
        assert!(!String::from_utf8_lossy(&kept).contains(SECRET), "{name}");
        // Torn anywhere, too.
        for length in 0..body.len() {
            let torn = without_secrets(&body[..length]);
            assert!(!String::from_utf8_lossy(&torn).contains("7KX"), "{name} cut at {length}");
        }
        if let Ok(event) = read(body) {
            assert!(!serde_json::to_string(&event).unwrap().contains(SECRET), "{name}");
            assert!(!format!("{event:?}").contains(SECRET), "{name}");
        }
    }
    assert!(held >= 10, "the fixtures hold the secret: {held}");
}
