//! Vietnam Post, MyVNPost: the keys of an account.

use super::post::{UNIQUE, family, tracking_codes};
use crate::config::reader::Section;
use crate::config::rules::{choice, duration, http_url, number, text};
use crate::config::settings::AreaTables;
use lienthong_core::port::{LookUpAbility, Uniqueness};
use lienthong_post::myvnpost::config::{AMOUNT, MyVnPostSettings, SendType, defaults};
use lienthong_post::myvnpost::webhook::{PublicKey, Signature};

const LOOK_UPS: &[(&str, LookUpAbility)] =
    &[("positive-only", LookUpAbility::PositiveOnly), ("authoritative", LookUpAbility::Authoritative)];
const SEND_TYPES: &[(&str, SendType)] = &[("collected", SendType::Collected), ("brought", SendType::Brought)];

pub(super) fn settings(section: &Section<'_>, areas: &AreaTables) -> MyVnPostSettings {
    let word = |key, default: &str| section.or(key, text(default), default.to_owned());
    let time = |key, example: &str, default| section.or(key, duration().such_as(example), default);
    MyVnPostSettings {
        base_url: section
            .required("base_url", http_url("https://connect-my.vnpost.example/customer-partner")),
        username: section.required("username", text("tienthanh_mc")),
        password: section.secret("password"),
        customer_code: section.required("customer_code", text("T000180000")),
        contract_code: section.optional("contract_code", text("HD-2026-01")),
        token_life: time("token_life", "15m", defaults::TOKEN_LIFE),
        token_quiet: time("token_quiet", "15m", defaults::TOKEN_QUIET),
        service_code: word("service_code", defaults::SERVICE_CODE),
        weight: section.or("weight", number(1..=30_000, 100), defaults::WEIGHT),
        vehicle: word("vehicle", defaults::VEHICLE),
        send_type: section.or("send_type", choice(SEND_TYPES), SendType::Collected),
        cash_service: word("cash_service", defaults::CASH_SERVICE),
        cash_properties: cash_properties(section),
        no_district: word("no_district", defaults::NO_DISTRICT),
        number_unique: section.or("number_unique", choice(UNIQUE), Uniqueness::No),
        look_up: section.or("look_up", choice(LOOK_UPS), LookUpAbility::PositiveOnly),
        absent_looks: section.or("absent_looks", number(1..=100, 3), defaults::ABSENT_LOOKS),
        visibility_delay: time("visibility_delay", "10m", defaults::VISIBILITY_DELAY),
        uncertain_limit: time("uncertain_limit", "24h", defaults::UNCERTAIN_LIMIT),
        tracking_codes: tracking_codes(section, "14", defaults::TRACKING_CODES),
        page_size: section.or("feed_page_size", number(1..=500, 100), defaults::PAGE_SIZE),
        areas: family(section, areas),
        webhook: webhook(section),
        client: super::client(section),
    }
}

#[derive(Clone, Copy)]
enum Signed {
    Rsa,
    Not,
}

const SIGNATURES: &[(&str, Signed)] = &[("rsa-sha256", Signed::Rsa), ("none", Signed::Not)];

/// Whether the account takes webhooks, and how they are judged.
fn webhook(section: &Section<'_>) -> Option<Signature> {
    let key = section.optional_file("webhook_key", "tls/myvnpost-webhook.pem");
    match (section.optional("webhook_signature", choice(SIGNATURES)), key) {
        (Some(Signed::Rsa), Some(pem)) => {
            let key = PublicKey::from_pem(&pem);
            if key.is_none() {
                section.problem("webhook_key", "holds no public RSA key of 2048 bits or more in PEM");
            }
            key.map(Signature::Rsa)
        }
        (Some(Signed::Rsa), None) => {
            section.problem("webhook_key", "is missing; write the file of the post's public key in PEM");
            None
        }
        (Some(Signed::Not), None) => Some(Signature::None),
        (Some(Signed::Not) | None, Some(_)) => {
            section.problem("webhook_key", "is for webhook_signature = \"rsa-sha256\" only");
            None
        }
        (None, None) => None,
    }
}

/// Without the amount in it, every parcel would collect the same money.
fn cash_properties(section: &Section<'_>) -> String {
    let default = defaults::CASH_PROPERTIES;
    let properties = section.or("cash_properties", text(default), default.to_owned());
    if !properties.contains(AMOUNT) {
        section
            .problem("cash_properties", format!("does not say where the amount stands, as in {default:?}"));
    }
    properties
}
