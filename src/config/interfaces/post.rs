//! Vietnam Post, NGSP order API: the keys of an account, and those that it shares with the post's other interfaces.

use crate::config::reader::Section;
use crate::config::rules::{choice, duration, http_url, meaning, number, text};
use crate::config::settings::AreaTables;
use lienthong_core::port::Uniqueness;
use lienthong_core::tracking::{Meaning, TrackingState};
use lienthong_post::ngsp::config::{AreaTable, CodeMeaning, NgspSettings, NoDistrict, OPERATIONAL, defaults};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const UNIQUE: &[(&str, Uniqueness)] =
    &[("unknown", Uniqueness::Unknown), ("yes", Uniqueness::Yes), ("no", Uniqueness::No)];
pub(super) const NO_DISTRICT: &[(&str, NoDistrict)] =
    &[("zero", NoDistrict::Zero), ("null", NoDistrict::Null)];
const MEANINGS: &[(&str, CodeMeaning)] = &[
    ("done", CodeMeaning::Done),
    ("already-there", CodeMeaning::AlreadyThere),
    ("unknown-order", CodeMeaning::UnknownOrder),
    ("already-collected", CodeMeaning::AlreadyCollected),
];
pub(super) fn settings(section: &Section<'_>, areas: &AreaTables) -> NgspSettings {
    let url = |key, call: &str| section.required(key, http_url(&format!("https://ngsp.example/{call}")));
    NgspSettings {
        token_url: url("token_url", "token"),
        order_url: url("order_url", "order"),
        cancel_url: url("cancel_url", "cancel"),
        tracking_url: url("tracking_url", "tracking"),
        customer_code: section.required("customer_code", text("BT_XA_TIENTHANH")),
        customer_key: section.required("customer_key", text("tien-thanh")),
        customer_secret: section.secret("customer_secret"),
        token_quiet: section.or("token_quiet", duration().such_as("15m"), defaults::TOKEN_QUIET),
        number_unique: section.or("number_unique", choice(UNIQUE), Uniqueness::Unknown),
        visibility_delay: section.or(
            "visibility_delay",
            duration().such_as("10m"),
            defaults::VISIBILITY_DELAY,
        ),
        uncertain_limit: section.or("uncertain_limit", duration().such_as("24h"), defaults::UNCERTAIN_LIMIT),
        codes: with_defaults(section.map("codes", &choice(MEANINGS)), defaults::CODES),
        tracking_codes: tracking_codes(section, "4", defaults::TRACKING_CODES),
        feed_page_size: section.or("feed_page_size", number(1..=1000, 500), defaults::FEED_PAGE_SIZE),
        no_district: section.or("no_district", choice(NO_DISTRICT), NoDistrict::Zero),
        areas: family(section, areas),
        client: super::client(section),
    }
}

/// The areas of the account's family of numbers. Without a row of it no order can be addressed.
pub(super) fn family(section: &Section<'_>, areas: &AreaTables) -> Arc<AreaTable> {
    let family = section.or("area_family", text(OPERATIONAL), OPERATIONAL.to_owned());
    if let Some(table) = areas.get(&family) {
        return Arc::clone(table);
    }
    let known = areas.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    section.warning(
        "area_family",
        format!("no row of the postal areas is of the family {family:?}; it has rows of: {known}"),
    );
    Arc::new(AreaTable::of_family(&family, []))
}

/// Sources disagree on the code that means *delivered*: it has no default, and a guess would tell citizens and portal of
/// parcels that never came. `example` is a code that might be it at this interface.
pub(super) fn tracking_codes(
    section: &Section<'_>,
    example: &str,
    defaults: &[(&str, TrackingState)],
) -> BTreeMap<String, Meaning> {
    let codes = section.map("tracking_codes", &meaning());
    if !codes.values().any(|meaning| meaning.parcel == Some(TrackingState::Delivered)) {
        let rule = "has no code that means delivered; ask the post which it is and write it, as in";
        section.problem("tracking_codes", format!("{rule} {example:?} = \"delivered\""));
    }
    with_defaults(codes, defaults)
}

pub(super) fn with_defaults<T, D: Copy + Into<T>>(
    configured: BTreeMap<String, T>,
    defaults: &[(&str, D)],
) -> BTreeMap<String, T> {
    let mut all: BTreeMap<String, T> =
        defaults.iter().map(|(code, meaning)| ((*code).to_owned(), (*meaning).into())).collect();
    all.extend(configured);
    all
}
