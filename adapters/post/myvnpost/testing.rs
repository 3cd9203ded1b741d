//! What the tests of this module share: settings, a clock, and a stand-in that answers as it is told.

use crate::areas::{Area, AreaRow, AreaTable};
use crate::myvnpost::config::{MyVnPostSettings, SendType, defaults};
pub(crate) use crate::ngsp::testing::{DOSSIER, SECRET, cancel, order, pickup_order, return_order};
use jiff::Timestamp;
use lienthong_core::ids::UnitCode;
use lienthong_core::port::{LookUpAbility, Uniqueness};
use lienthong_core::tables::Validity;
use lienthong_core::tracking::TrackingState;
use lienthong_http::testing::{Arrived, StandIn, client_settings};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

/// A file under `fixtures`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/myvnpost/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A file under `fixtures`, read.
pub(crate) fn sample(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

/// The clock of these tests: the morning of 6 November 2026 in Việt Nam.
pub(crate) fn now() -> Timestamp {
    "2026-11-06T01:00:00Z".parse().unwrap()
}

pub(crate) fn settings(url: &str) -> MyVnPostSettings {
    MyVnPostSettings {
        base_url: url.to_owned(),
        username: "yenbinh_mc".to_owned(),
        password: SecretString::from(SECRET),
        customer_code: "T000180000".to_owned(),
        contract_code: None,
        token_life: defaults::TOKEN_LIFE,
        token_quiet: defaults::TOKEN_QUIET,
        service_code: defaults::SERVICE_CODE.to_owned(),
        weight: defaults::WEIGHT,
        vehicle: defaults::VEHICLE.to_owned(),
        send_type: SendType::Collected,
        cash_service: defaults::CASH_SERVICE.to_owned(),
        cash_properties: defaults::CASH_PROPERTIES.to_owned(),
        no_district: defaults::NO_DISTRICT.to_owned(),
        number_unique: Uniqueness::No,
        look_up: LookUpAbility::PositiveOnly,
        absent_looks: defaults::ABSENT_LOOKS,
        visibility_delay: defaults::VISIBILITY_DELAY,
        uncertain_limit: defaults::UNCERTAIN_LIMIT,
        tracking_codes: defaults::TRACKING_CODES
            .iter()
            .copied()
            .chain([("14", TrackingState::Delivered)])
            .map(|(code, state)| (code.to_owned(), state.into()))
            .collect(),
        page_size: defaults::PAGE_SIZE,
        areas: Arc::new(areas()),
        webhook: None,
        client: client_settings(),
    }
}

fn areas() -> AreaTable {
    let row = |unit: &str, district, commune: Option<&str>| AreaRow {
        unit: UnitCode::new(unit),
        area: Area { province: 33, district },
        commune: commune.map(str::to_owned),
        validity: Validity::default(),
    };
    AreaTable::new([
        row("15", None, None),
        row("04375", None, Some("33112")),
        row("04380", None, Some("33140")),
        row("04390", Some(3330), Some("33150")),
    ])
}

/// One request that the stand-in saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) token: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) trace: Option<String>,
    pub(crate) peer: SocketAddr,
    pub(crate) body: String,
}

impl Seen {
    /// A member of the query.
    pub(crate) fn asks(&self, pair: &str) -> bool {
        self.line.split(['?', '&']).skip(1).any(|part| part == pair)
    }
}

impl lienthong_http::testing::Seen for Seen {
    fn read(arrived: Arrived) -> Self {
        Self {
            token: arrived.header("token"),
            authorization: arrived.header("authorization"),
            content_type: arrived.header("content-type"),
            trace: arrived.header("traceparent"),
            peer: arrived.peer,
            body: String::from_utf8(arrived.body).unwrap(),
            line: arrived.line,
        }
    }

    /// `GetAccessToken`, `CreateOrder` and so on.
    fn what(&self) -> String {
        self.line.split(['/', '?']).nth(1).unwrap_or_default().to_owned()
    }
}

/// An answer of the stand-in: status and body. Status 0: no answer, the connection is closed.
pub(crate) type Says = (u16, Value);

/// A stand-in for the post.
pub(crate) type Partner = StandIn<Seen>;

/// A token, numbered so that tests can tell tokens apart.
pub(crate) fn token(number: usize) -> Says {
    (200, json!({ "success": true, "errorMessage": null, "token": format!("ma-{number}") }))
}

/// The receipt of the sample order with something else in it.
pub(crate) fn record(changes: Value) -> Value {
    let mut record = sample("sample-created.json");
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}
