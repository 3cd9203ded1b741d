//! What the tests of this interface share: settings, and a stand-in that answers as it is told.

use super::config::{AxisSettings, DstcodePlace, defaults};
use crate::FieldSet;
use lienthong_http::testing::{Arrived, StandIn, client_settings};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::net::SocketAddr;

pub(crate) const PASSWORD: &str = "mat-khau-cua-don-vi";

pub(crate) fn settings(adapter_url: &str) -> AxisSettings {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    AxisSettings {
        adapter_url: adapter_url.to_owned(),
        auth_endpoint: "/mapi/login".to_owned(),
        integration_endpoint: "/mapi/g".to_owned(),
        share_endpoint: "/mapi/s".to_owned(),
        username: "000.00.25.H56".to_owned(),
        password: SecretString::from(PASSWORD),
        madonvi: "000.00.25.H56".to_owned(),
        dstcode: "VN:GOV:000.00.00.G22:vpcpdvcprovider".to_owned(),
        dstcode_place: DstcodePlace::Header,
        session_life: defaults::SESSION_LIFE,
        login_quiet: defaults::LOGIN_QUIET,
        session_words: owned(defaults::SESSION_WORDS),
        exists_phrases: owned(defaults::EXISTS_PHRASES),
        missing_phrases: owned(defaults::MISSING_PHRASES),
        success_codes: owned(defaults::SUCCESS_CODES),
        status_codes: defaults::STATUS_CODES
            .iter()
            .map(|(status, code)| (*status, (*code).to_owned()))
            .collect(),
        field_set: FieldSet::Y2023,
        rows_per_call: defaults::ROWS_PER_CALL,
        client: client_settings(),
    }
}

/// One request that the stand-in saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) dstcode: Option<String>,
    pub(crate) trace: Option<String>,
    pub(crate) peer: SocketAddr,
    pub(crate) body: Value,
}

impl lienthong_http::testing::Seen for Seen {
    fn read(arrived: Arrived) -> Self {
        Self {
            path: arrived.line.split([' ', '?']).nth(1).unwrap_or_default().to_owned(),
            dstcode: arrived.header("dstcode"),
            trace: arrived.header("traceparent"),
            peer: arrived.peer,
            body: serde_json::from_slice(&arrived.body).unwrap(),
        }
    }

    /// `login`, or the service with its `isUpdating`.
    fn what(&self) -> String {
        match (self.body["service"].as_str(), self.body["isUpdating"].as_str()) {
            (Some(service), Some(updating)) => format!("{service} {updating}"),
            (Some(service), None) => service.to_owned(),
            (None, _) => "login".to_owned(),
        }
    }
}

/// A stand-in for the adapter.
pub(crate) type Partner = StandIn<Seen>;

/// An answer of the stand-in.
pub(crate) type Says = (u16, Value);

/// A login that succeeds with a new session each time.
pub(crate) fn logged_in(before: usize) -> Says {
    (200, json!({"session": format!("phien-{}", before + 1), "error_code": 0}))
}

pub(crate) fn taken() -> Says {
    (200, json!({"error_code": "0", "message": "thành công"}))
}

pub(crate) fn refused(code: i64, message: &str) -> Says {
    (200, json!({"error_code": code, "message": message}))
}
