//! National portal behind a province's wrapper: the keys of an account.

use crate::config::reader::Section;
use crate::config::rules::{choice, http_url, number, text};
use lienthong_portal::wrapper::config::{Addresses, WrapperSettings, defaults};
use secrecy::SecretString;

#[derive(Clone, Copy)]
enum Style {
    Urls,
    Query,
}

const STYLES: &[(&str, Style)] = &[("urls", Style::Urls), ("query", Style::Query)];

pub(super) fn settings(section: &Section<'_>) -> WrapperSettings {
    let words = |key, defaults: &[&str]| super::words(section, key, defaults);
    let (header_name, header_value) = header(section);
    WrapperSettings {
        addresses: addresses(section),
        probe_url: section.optional("probe_url", http_url("https://lgsp.example/health")).unwrap_or_default(),
        header_name,
        header_value,
        exists_phrases: words("exists_phrases", defaults::EXISTS_PHRASES),
        missing_phrases: words("missing_phrases", defaults::MISSING_PHRASES),
        success_phrases: words("success_phrases", defaults::SUCCESS_PHRASES),
        failure_phrases: words("failure_phrases", defaults::FAILURE_PHRASES),
        success_codes: words("success_codes", defaults::SUCCESS_CODES),
        field_set: super::field_set(section),
        rows_per_call: section.or("rows_per_call", number(1..=10, 10), defaults::ROWS_PER_CALL),
        client: super::client(section),
    }
}

fn addresses(section: &Section<'_>) -> Addresses {
    let url = |key, path: &str| {
        section.required(key, http_url(&format!("https://lgsp.example/KetNoiMotCuaQuocGia/{path}")))
    };
    match section.or("style", choice(STYLES), Style::Urls) {
        Style::Urls => Addresses::Urls {
            create: url("create_url", "ThemMoi"),
            update: url("update_url", "CapNhat"),
            progress: url("progress_url", "DongBoTienTrinh"),
        },
        Style::Query => Addresses::Query {
            record: url("record_url", "DongBoHoSoMC"),
            progress: url("progress_url", "DongBoTienTrinh"),
            agency: section.required("agency_code", text("000.00.25.H56")),
        },
    }
}

/// A header has a name and a value, or there is none.
fn header(section: &Section<'_>) -> (String, SecretString) {
    match section.optional("header_name", text("X-Api-Key")) {
        Some(name) => (name, section.secret("header_value")),
        None => (String::new(), SecretString::default()),
    }
}
