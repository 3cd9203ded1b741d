//! What the tests of this interface share beside those of the order service.

use crate::bcci::config::{BcciSettings, Flavour, defaults};
use crate::ngsp::testing::{areas, handoff, return_order};
use crate::orders::settings::{CodeMeaning, NoDistrict};
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::port::Uniqueness;
use lienthong_core::receipt::Receipt;
use lienthong_core::tracking::TrackingState;
use lienthong_http::testing::client_settings;
use secrecy::SecretString;
use std::sync::Arc;

pub(crate) const SECRET: &str = "mat-khau-bcci";

/// The waybill of the contract's sample.
pub(crate) const WAYBILL: &str = "CH100200305VN";

/// A file under `fixtures`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/bcci/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// An account at the post itself. 102 stands for a refusal that the post has confirmed to take nothing.
pub(crate) fn settings(url: &str) -> BcciSettings {
    let at = |call: &str| format!("{url}/{call}");
    let flavour = Flavour::Direct {
        order_url: at("order"),
        cancel_url: Some(at("cancel")),
        tracking_url: Some(at("tracking")),
        access_token: SecretString::from(SECRET),
    };
    let codes = defaults::CODES.iter().copied().chain([("102", CodeMeaning::Refused)]);
    let states = defaults::TRACKING_CODES.iter().copied().chain([("4", TrackingState::Delivered)]);
    BcciSettings {
        flavour,
        customer_code: "TH_XA102".to_owned(),
        flag_config: defaults::FLAG_CONFIG,
        number_unique: Uniqueness::Yes,
        visibility_delay: defaults::VISIBILITY_DELAY,
        uncertain_limit: defaults::UNCERTAIN_LIMIT,
        codes: codes.map(|(code, meaning)| (code.to_owned(), meaning)).collect(),
        tracking_codes: states.map(|(code, state)| (code.to_owned(), state.into())).collect(),
        feed_page_size: defaults::FEED_PAGE_SIZE,
        no_district: NoDistrict::Zero,
        areas: Arc::new(areas()),
        client: client_settings(),
    }
}

/// The same account through an LGSP.
pub(crate) fn lgsp(url: &str) -> BcciSettings {
    let flavour = Flavour::Lgsp {
        token_url: format!("{url}/token"),
        service_url: format!("{url}/lgsp?v=1"),
        order_service: "order".to_owned(),
        cancel_service: Some("cancel".to_owned()),
        tracking_service: Some("tracking".to_owned()),
        client_id: "khoa".to_owned(),
        client_secret: SecretString::from(SECRET),
        token_quiet: defaults::TOKEN_QUIET,
    };
    BcciSettings { flavour, ..settings(url) }
}

/// An order that has its waybill.
pub(crate) fn order() -> Handoff {
    let receipt = Receipt { reference: None, waybill: Some(WAYBILL.to_owned()) };
    Handoff { receipt, ..handoff(Content::Order(Box::new(return_order()))) }
}
