//! Vietnam Post, BCCI order service: the keys of an account.

use super::post::{NO_DISTRICT, UNIQUE, family, tracking_codes, with_defaults};
use crate::config::reader::Section;
use crate::config::rules::{choice, duration, http_url, meaning, number, text};
use crate::config::settings::AreaTables;
use lienthong_core::port::Uniqueness;
use lienthong_post::bcci::config::{BcciSettings, CodeMeaning, Flavour, NoDistrict, defaults};
use lienthong_post::ngsp::config::defaults as ngsp;
use std::collections::BTreeMap;

#[derive(Clone, Copy)]
enum Way {
    Direct,
    Lgsp,
}

const WAYS: &[(&str, Way)] = &[("direct", Way::Direct), ("lgsp", Way::Lgsp)];
const MEANINGS: &[(&str, CodeMeaning)] = &[
    ("done", CodeMeaning::Done),
    ("already-there", CodeMeaning::AlreadyThere),
    ("unknown-order", CodeMeaning::UnknownOrder),
    ("already-collected", CodeMeaning::AlreadyCollected),
    ("waybill-unusable", CodeMeaning::WaybillUnusable),
    ("refused", CodeMeaning::Refused),
];

/// Reads an account; `None` when it is not said which way it goes, and its keys cannot be judged.
pub(super) fn settings(section: &Section<'_>, areas: &AreaTables) -> Option<BcciSettings> {
    let flavour = match section.needed("flavour", &choice(WAYS))? {
        Way::Direct => direct(section),
        Way::Lgsp => lgsp(section),
    };
    // What no feed can bring needs no table.
    let tracking_codes =
        if flavour.has_feed() { tracking_codes(section, "4", ngsp::TRACKING_CODES) } else { unread(section) };
    Some(BcciSettings {
        flavour,
        customer_code: section.required("customer_code", text("BT_XA_TIENTHANH")),
        flag_config: section.or("flag_config", number(0..=9, 2), defaults::FLAG_CONFIG),
        number_unique: section.or("number_unique", choice(UNIQUE), Uniqueness::Yes),
        visibility_delay: section.or(
            "visibility_delay",
            duration().such_as("10m"),
            defaults::VISIBILITY_DELAY,
        ),
        uncertain_limit: section.or("uncertain_limit", duration().such_as("24h"), defaults::UNCERTAIN_LIMIT),
        codes: with_defaults(section.map("codes", &choice(MEANINGS)), defaults::CODES),
        tracking_codes,
        feed_page_size: section.or("feed_page_size", number(1..=1000, 500), defaults::FEED_PAGE_SIZE),
        no_district: section.or("no_district", choice(NO_DISTRICT), NoDistrict::Zero),
        areas: family(section, areas),
        client: super::client(section),
    })
}

fn direct(section: &Section<'_>) -> Flavour {
    let url = |call: &str| http_url(&format!("https://bcci.example/vnpost/{call}"));
    Flavour::Direct {
        order_url: section.required("order_url", url("order")),
        cancel_url: section.optional("cancel_url", url("cancel")),
        tracking_url: section.optional("tracking_url", url("tracking")),
        access_token: section.secret("access_token"),
    }
}

fn lgsp(section: &Section<'_>) -> Flavour {
    Flavour::Lgsp {
        token_url: section.required("token_url", http_url("https://lgsp.example/token")),
        service_url: section.required("service_url", http_url("https://lgsp.example/vnpost")),
        order_service: section.required("order_service", text("ORDER_POST")),
        cancel_service: section.optional("cancel_service", text("ORDER_CANCEL")),
        tracking_service: section.optional("tracking_service", text("ORDER_TRACKING")),
        client_id: section.required("client_id", text("tien-thanh")),
        client_secret: section.secret("client_secret"),
        token_quiet: section.or("token_quiet", duration().such_as("15m"), defaults::TOKEN_QUIET),
    }
}

/// A table that may stand there and is not used.
fn unread(section: &Section<'_>) -> BTreeMap<String, lienthong_core::tracking::Meaning> {
    section.map("tracking_codes", &meaning())
}
