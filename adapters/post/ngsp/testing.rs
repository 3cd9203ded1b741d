//! What the tests of this crate share: settings, invented orders, and a stand-in that answers as it is told.

use crate::ngsp::config::{Area, AreaRow, AreaTable, NgspSettings, NoDistrict, defaults};
use lienthong_core::handoff::{Cancel, Content, Handoff, Leg, Order, Party};
use lienthong_core::ids::{
    AccountName, AgencyCode, DossierCode, DossierKey, HandoffId, OrderNumber, UnitCode,
};
use lienthong_core::port::Uniqueness;
use lienthong_core::receipt::Receipt;
use lienthong_core::tables::Validity;
use lienthong_core::tracking::TrackingState;
use lienthong_http::testing::{Arrived, StandIn, client_settings};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

pub(crate) const SECRET: &str = "mat-khau-buu-dien";
pub(crate) const DOSSIER: &str = "000.00.25.H56-261102-00041";

/// A file under `fixtures`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/ngsp/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

pub(crate) fn settings(url: &str) -> NgspSettings {
    NgspSettings {
        token_url: format!("{url}/token"),
        order_url: format!("{url}/order"),
        cancel_url: format!("{url}/cancel?v=1"),
        tracking_url: format!("{url}/tracking"),
        customer_code: "YB_XA041".to_owned(),
        customer_key: "khoa".to_owned(),
        customer_secret: SecretString::from(SECRET),
        token_quiet: defaults::TOKEN_QUIET,
        number_unique: Uniqueness::Unknown,
        visibility_delay: defaults::VISIBILITY_DELAY,
        uncertain_limit: defaults::UNCERTAIN_LIMIT,
        codes: defaults::CODES.iter().map(|(code, meaning)| ((*code).to_owned(), *meaning)).collect(),
        tracking_codes: defaults::TRACKING_CODES
            .iter()
            .copied()
            .chain([("4", TrackingState::Delivered)])
            .map(|(code, state)| (code.to_owned(), state.into()))
            .collect(),
        feed_page_size: defaults::FEED_PAGE_SIZE,
        no_district: NoDistrict::Zero,
        areas: Arc::new(areas()),
        client: client_settings(),
    }
}

pub(crate) fn areas() -> AreaTable {
    let row = |unit: &str, province, district| AreaRow {
        unit: UnitCode::new(unit),
        area: Area { province, district },
        commune: None,
        validity: Validity::default(),
    };
    AreaTable::new([row("15", 33, None), row("04375", 33, Some(3300)), row("04380", 33, Some(3330))])
}

pub(crate) fn desk() -> Party {
    Party {
        name: "Bộ phận một cửa xã Yên Bình".to_owned(),
        phone: "02163000111".to_owned(),
        address: "UBND xã Yên Bình".to_owned(),
        email: None,
        province_code: UnitCode::new("15"),
        district_code: None,
        commune_code: UnitCode::new("04375"),
        commune_name: Some("Xã Yên Bình".to_owned()),
    }
}

pub(crate) fn citizen() -> Party {
    Party {
        name: "Lò Thị Bưởi".to_owned(),
        phone: "0510000111".to_owned(),
        address: "Bản Nà Khoang".to_owned(),
        email: None,
        province_code: UnitCode::new("15"),
        district_code: None,
        commune_code: UnitCode::new("04380"),
        commune_name: None,
    }
}

/// The order of the contract's first sample.
pub(crate) fn return_order() -> Order {
    Order {
        number: OrderNumber::new(format!("{DOSSIER}-TRA")),
        leg: Leg::Return,
        label: DOSSIER.to_owned(),
        from: desk(),
        to: citizen(),
        cash: 8000,
        note: Some("Phát tận tay, xem căn cước".to_owned()),
        as_of: "2026-11-05T03:00:00Z".parse().unwrap(),
    }
}

/// The order of the contract's second sample.
pub(crate) fn pickup_order() -> Order {
    Order {
        number: OrderNumber::new("000.00.25.H56-261110-00003-GOM"),
        leg: Leg::Pickup,
        label: "000.00.25.H56-261110-00003".to_owned(),
        from: citizen(),
        to: desk(),
        cash: 0,
        note: Some("Gọi trước 30 phút".to_owned()),
        as_of: "2026-11-10T03:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn order() -> Handoff {
    handoff(Content::Order(Box::new(return_order())))
}

pub(crate) fn cancel(number: &str) -> Handoff {
    handoff(Content::Cancel(Cancel { number: OrderNumber::new(number), leg: Leg::Return }))
}

pub(crate) fn handoff(content: Content) -> Handoff {
    Handoff {
        id: HandoffId::new("00112233445566778899"),
        dossier: DossierKey::of_code(&DossierCode::new(DOSSIER)),
        agency: AgencyCode::new("000.00.25.H56"),
        account: AccountName::new("buu-dien"),
        content,
        receipt: Receipt::default(),
    }
}

/// One request that the stand-in saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) authorization: String,
    pub(crate) access_token: Option<String>,
    pub(crate) content_type: String,
    pub(crate) trace: Option<String>,
    pub(crate) peer: SocketAddr,
    pub(crate) body: String,
}

impl lienthong_http::testing::Seen for Seen {
    fn read(arrived: Arrived) -> Self {
        let header = |name| arrived.header(name).unwrap_or_default();
        Self {
            authorization: header("authorization"),
            access_token: arrived.header("access_token"),
            content_type: header("content-type"),
            trace: arrived.header("traceparent"),
            peer: arrived.peer,
            body: String::from_utf8(arrived.body).unwrap(),
            line: arrived.line,
        }
    }

    /// `token`, `order`, `cancel` or `tracking`; of services at one address their names.
    fn what(&self) -> String {
        let service = self.line.split(['?', '&']).find_map(|part| part.strip_prefix("service="));
        service.or_else(|| self.line.split(['/', '?']).nth(1)).unwrap_or_default().to_owned()
    }
}

/// An answer of the stand-in: status, seconds to wait, body. Status 0: no answer, the connection is closed.
pub(crate) type Says = (u16, Option<u64>, Value);

/// A stand-in for the post.
pub(crate) type Partner = StandIn<Seen>;

/// A token, numbered so that tests can tell tokens apart.
pub(crate) fn token(number: usize) -> Says {
    (200, None, json!({ "access_token": format!("ma-{number}"), "token_type": "Bearer", "expires_in": 3600 }))
}

/// An envelope.
pub(crate) fn says(http: u16, status: u16) -> Says {
    (http, None, json!({ "Status": status, "Message": "" }))
}
