//! National portal, adapter on the exchange axis: the keys of an account.

use crate::config::reader::Section;
use crate::config::rules::{choice, duration, endpoint, flag, http_url, number, text};
use lienthong_core::status::Status;
use lienthong_portal::axis::config::{AxisSettings, DstcodePlace, defaults};
use std::collections::BTreeMap;

const PLACES: &[(&str, DstcodePlace)] = &[("header", DstcodePlace::Header), ("query", DstcodePlace::Query)];

pub(super) fn settings(section: &Section<'_>) -> AxisSettings {
    let words = |key, defaults: &[&str]| super::words(section, key, defaults);
    let adapter = "http://axis.example:8080/XrdAdapter/RestService/forward";
    AxisSettings {
        adapter_url: section.required("adapter_url", http_url(adapter)),
        auth_endpoint: section.required("auth_endpoint", endpoint("/mapi/login")),
        integration_endpoint: section.required("integration_endpoint", endpoint("/mapi/g")),
        share_endpoint: section.required("share_endpoint", endpoint("/mapi/s")),
        username: section.required("username", text("000.00.25.H56")),
        password: section.secret("password"),
        madonvi: section.required("madonvi", text("000.00.25.H56")),
        dstcode: section
            .optional("dstcode", text("VN:GOV:000.00.00.G22:vpcpdvcprovider"))
            .unwrap_or_default(),
        dstcode_place: section.or("dstcode_place", choice(PLACES), DstcodePlace::Header),
        session_life: section.or("session_life", duration().such_as("9m"), defaults::SESSION_LIFE),
        login_quiet: section.or("login_quiet", duration().such_as("15m"), defaults::LOGIN_QUIET),
        session_words: words("session_words", defaults::SESSION_WORDS),
        exists_phrases: words("exists_phrases", defaults::EXISTS_PHRASES),
        missing_phrases: words("missing_phrases", defaults::MISSING_PHRASES),
        success_codes: words("success_codes", defaults::SUCCESS_CODES),
        status_codes: status_codes(section),
        field_set: super::field_set(section),
        rows_per_call: section.or("rows_per_call", number(1..=10, 10), defaults::ROWS_PER_CALL),
        client: super::client(section),
    }
}

/// The codes of the service for dossiers that were lodged at the portal; none while it is not used.
fn status_codes(section: &Section<'_>) -> BTreeMap<Status, String> {
    let used = section.or("status_service", flag().such_as(false), false);
    let mut codes = BTreeMap::new();
    for (word, code) in section.map("status_codes", &text("2")) {
        let status = word.parse::<u8>().ok().and_then(|number| Status::try_from(number).ok());
        match status {
            Some(status) => drop(codes.insert(status, code)),
            None => section.problem("status_codes", format!("{word:?} is no status; write \"1\" to \"10\"")),
        }
    }
    if used && codes.is_empty() {
        codes = defaults::STATUS_CODES.iter().map(|(status, code)| (*status, (*code).to_owned())).collect();
    }
    if used { codes } else { BTreeMap::new() }
}
