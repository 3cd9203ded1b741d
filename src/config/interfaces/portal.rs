//! National portal, adapter on the exchange axis: the keys of an account.

use crate::config::reader::Section;
use crate::config::rules::{choice, duration, endpoint, http_url, number, text};
use lienthong_portal::axis::config::{AxisSettings, DstcodePlace, defaults};

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
        field_set: super::field_set(section),
        rows_per_call: section.or("rows_per_call", number(1..=10, 10), defaults::ROWS_PER_CALL),
        client: super::client(section),
    }
}
