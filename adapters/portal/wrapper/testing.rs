//! What the tests of this interface share: settings, and a stand-in that answers as it is told.

use super::config::{Addresses, WrapperSettings, defaults};
use crate::FieldSet;
use lienthong_http::testing::{Arrived, StandIn, client_settings};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::net::SocketAddr;

pub(crate) const HEADER: &str = "khoa-cua-don-vi";

/// Three addresses, no header.
pub(crate) fn settings(url: &str) -> WrapperSettings {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    WrapperSettings {
        addresses: Addresses::Urls {
            create: format!("{url}/ThemMoi"),
            update: format!("{url}/CapNhat"),
            progress: format!("{url}/TienTrinh"),
        },
        probe_url: String::new(),
        header_name: String::new(),
        header_value: SecretString::default(),
        exists_phrases: owned(defaults::EXISTS_PHRASES),
        missing_phrases: owned(defaults::MISSING_PHRASES),
        success_phrases: owned(defaults::SUCCESS_PHRASES),
        failure_phrases: owned(defaults::FAILURE_PHRASES),
        success_codes: owned(defaults::SUCCESS_CODES),
        field_set: FieldSet::Y2023,
        rows_per_call: defaults::ROWS_PER_CALL,
        client: client_settings(),
    }
}

/// One address with a query, and a header.
pub(crate) fn by_query(url: &str) -> WrapperSettings {
    WrapperSettings {
        addresses: Addresses::Query {
            record: format!("{url}/DongBoHoSoMC?ma=1"),
            progress: format!("{url}/TienTrinh"),
            agency: "000.00.25.H56".to_owned(),
        },
        probe_url: format!("{url}/suc-khoe"),
        header_name: "X-Khoa".to_owned(),
        header_value: SecretString::from(HEADER),
        ..settings(url)
    }
}

/// One request that the stand-in saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method, path and query.
    pub(crate) line: String,
    pub(crate) header: Option<String>,
    pub(crate) trace: Option<String>,
    pub(crate) peer: SocketAddr,
    /// Null where there is none.
    pub(crate) body: Value,
}

impl lienthong_http::testing::Seen for Seen {
    fn read(arrived: Arrived) -> Self {
        Self {
            header: arrived.header("x-khoa"),
            trace: arrived.header("traceparent"),
            peer: arrived.peer,
            body: serde_json::from_slice(&arrived.body).unwrap_or_default(),
            line: arrived.line,
        }
    }

    fn what(&self) -> String {
        self.line.clone()
    }
}

/// A stand-in for the wrapper.
pub(crate) type Partner = StandIn<Seen>;

/// An answer of the stand-in.
pub(crate) type Says = (u16, Value);

pub(crate) fn taken() -> Says {
    (200, json!({"error_code": "0", "message": "Thêm mới thành công"}))
}

pub(crate) fn refused(code: &str, message: &str) -> Says {
    (200, json!({"error_code": code, "message": message}))
}

/// A text, as rows are answered.
pub(crate) fn text(words: &str) -> Says {
    (200, json!(words))
}
