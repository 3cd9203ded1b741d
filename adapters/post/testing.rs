//! What the tests of this crate share: settings, invented orders, and a stand-in that answers as it is told.

use crate::config::{Area, AreaRow, AreaTable, NoDistrict, PostSettings, defaults};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use lienthong_core::handoff::{Cancel, Content, Handoff, Leg, Order, Party};
use lienthong_core::ids::{
    AccountName, AgencyCode, DossierCode, DossierKey, HandoffId, OrderNumber, UnitCode,
};
use lienthong_core::port::Uniqueness;
use lienthong_core::tables::Validity;
use lienthong_core::tracking::TrackingState;
use lienthong_http::ClientSettings;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(crate) const SECRET: &str = "mat-khau-buu-dien";
pub(crate) const DOSSIER: &str = "000.00.25.H56-261102-00041";

/// A file under `fixtures`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

pub(crate) fn settings(url: &str) -> PostSettings {
    PostSettings {
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
            .map(|(code, state)| (code.to_owned(), state))
            .collect(),
        feed_page_size: defaults::FEED_PAGE_SIZE,
        no_district: NoDistrict::Zero,
        areas: Arc::new(areas()),
        client: ClientSettings {
            deadline: Duration::from_secs(20),
            connect_deadline: Duration::from_secs(10),
            body_cap: 1 << 20,
            authorities: Vec::new(),
            identity: None,
        },
    }
}

fn areas() -> AreaTable {
    let row = |unit: &str, province, district| AreaRow {
        unit: UnitCode::new(unit),
        area: Area { province, district },
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

fn handoff(content: Content) -> Handoff {
    Handoff {
        id: HandoffId::new("00112233445566778899"),
        dossier: DossierKey::of_code(&DossierCode::new(DOSSIER)),
        agency: AgencyCode::new("000.00.25.H56"),
        account: AccountName::new("buu-dien"),
        content,
    }
}

/// One request that the stand-in saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) authorization: String,
    pub(crate) content_type: String,
    pub(crate) trace: Option<String>,
    pub(crate) peer: SocketAddr,
    pub(crate) body: String,
}

impl Seen {
    /// `token`, `order`, `cancel` or `tracking`.
    pub(crate) fn what(&self) -> &str {
        self.line.split(['/', '?']).nth(1).unwrap_or_default()
    }
}

/// An answer of the stand-in: status, seconds to wait, body. Status 0: no answer, the connection is closed.
pub(crate) type Says = (u16, Option<u64>, Value);

/// A token, numbered so that tests can tell tokens apart.
pub(crate) fn token(number: usize) -> Says {
    (200, None, json!({ "access_token": format!("ma-{number}"), "token_type": "Bearer", "expires_in": 3600 }))
}

/// An envelope.
pub(crate) fn says(http: u16, status: u16) -> Says {
    (http, None, json!({ "Status": status, "Message": "" }))
}

type Script = dyn Fn(&Seen, usize) -> Says + Send + Sync;

#[derive(Clone)]
struct Stage {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A stand-in for the post on a free port; it ends when it is dropped.
pub(crate) struct Partner {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    _server: JoinSet<()>,
}

impl Partner {
    /// Answers each request with what `script` says; it is told how many requests of the kind came before.
    pub(crate) async fn start(script: impl Fn(&Seen, usize) -> Says + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stage = Stage { script: Arc::new(script), seen: seen.clone() };
        let router = axum::Router::new().fallback(answer).with_state(stage);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { url, seen, _server: server }
    }

    /// Every request so far, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The kinds of the requests so far, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.seen().iter().map(|seen| seen.what().to_owned()).collect()
    }
}

async fn answer(
    State(stage): State<Stage>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let seen = Seen {
        line: format!("{method} {uri}"),
        authorization: header("authorization").unwrap_or_default(),
        content_type: header("content-type").unwrap_or_default(),
        trace: header("traceparent"),
        peer,
        body,
    };
    let before = {
        let mut all = stage.seen.lock().unwrap();
        let before = all.iter().filter(|other| other.what() == seen.what()).count();
        all.push(seen.clone());
        before
    };
    let (status, wait, body) = (stage.script)(&seen, before);
    // No status has the number 0: the panic closes the connection without an answer.
    let status = StatusCode::from_u16(status).expect("a status, or a connection that is closed");
    let mut response =
        (status, body.as_str().map_or_else(|| body.to_string(), str::to_owned)).into_response();
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    response
}
