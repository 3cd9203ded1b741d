//! What an account says about the order service, at either interface.

use lienthong_core::tracking::{Meaning, TrackingState};
use lienthong_http::settings::SettingProblem;
use std::collections::BTreeMap;

/// What a `Status` code of the post means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMeaning {
    /// Done.
    Done,
    /// An order with this number is there already.
    AlreadyThere,
    /// No order with this number is known.
    UnknownOrder,
    /// The parcel has been collected: too late for a cancel.
    AlreadyCollected,
    /// The waybill of the order cannot be used; nothing was taken.
    WaybillUnusable,
    /// The order is refused; nothing was taken.
    Refused,
}

/// What stands in a district's field when the address has none: since 01/07/2025 no new address has one, and the API has
/// no value for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDistrict {
    /// The number 0.
    Zero,
    /// JSON null.
    Null,
}

/// Refuses codes among which none means success.
pub(crate) fn check_codes(codes: &BTreeMap<String, CodeMeaning>, problems: &mut Vec<SettingProblem>) {
    if !codes.values().any(|meaning| *meaning == CodeMeaning::Done) {
        problems.push(SettingProblem {
            key: "codes",
            rule: "must name the code of success, as in 100 = \"done\"",
        });
    }
}

/// Refuses a feed that is read by pages of no size, or in which nothing is ever delivered.
pub(crate) fn check_feed(
    page_size: u16,
    codes: &BTreeMap<String, Meaning>,
    problems: &mut Vec<SettingProblem>,
) {
    if !(1..=1000).contains(&page_size) {
        problems.push(SettingProblem { key: "feed_page_size", rule: "must be 1 to 1000, as in 500" });
    }
    if !codes.values().any(|meaning| meaning.parcel == Some(TrackingState::Delivered)) {
        let rule =
            "must name the code that means delivered, as in 4 = \"delivered\"; ask the post which it is";
        problems.push(SettingProblem { key: "tracking_codes", rule });
    }
}
