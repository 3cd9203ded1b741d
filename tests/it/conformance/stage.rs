//! One account before one mock: what is asked of it, and what the mock's ledger says of that.

use super::operation::Operation;
use super::samples;
use super::shown::{shown, shown_inspected, shown_look_up, shown_page};
use super::tls::{Certificate, Front};
use crate::support::{AGENCY, DEADLINE, Dossier};
use lienthong_core::handoff::{Cancel, Content, Handoff, Leg};
use lienthong_core::ids::{DossierCode, OrderNumber, UnitCode};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::port::{Port, Uniqueness};
use lienthong_core::status::Status;
use lienthong_core::tables::Validity;
use lienthong_core::tracking::TrackingState;
use lienthong_http::ClientSettings;
use lienthong_portal::FieldSet;
use lienthong_portal::axis::AxisPort;
use lienthong_portal::axis::config::{AxisSettings, DstcodePlace};
use lienthong_post::ngsp::NgspPort;
use lienthong_post::ngsp::config::{Area, AreaRow, AreaTable, NgspSettings, NoDistrict};
use mock_kit::{Entry, Fault};
use mock_post::Advance;
use secrecy::SecretString;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a stage differs from the usual one.
#[derive(Clone, Copy, Default)]
pub(super) struct Setup {
    pub(super) wrong_password: bool,
    pub(super) number_unique: bool,
    /// Code under which the agency speaks; not its own: it may log in and no more.
    pub(super) code: Option<&'static str>,
    /// Whether the partner is reached by TLS.
    pub(super) tls: bool,
}

/// An adapter before its mock.
pub(super) struct Stage {
    pub(super) portal: mock_portal::Running,
    pub(super) post: mock_post::Running,
    pub(super) dossier: Dossier,
    front: Option<Front>,
    port: Box<dyn Port>,
    setup: Setup,
    told: AtomicUsize,
}

impl Stage {
    /// Both mocks, and the adapter that the operation belongs to; nothing is sent yet.
    pub(super) async fn new(operation: Operation, setup: Setup) -> Self {
        let portal = mock_portal::Mock::start(mock_portal::Config::default()).await.unwrap();
        let post = mock_post::Config { number_unique: setup.number_unique, ..mock_post::Config::default() };
        let post = mock_post::Mock::start(post).await.unwrap();
        let behind = if operation.is_portals() { portal.address() } else { post.address() };
        let front = if setup.tls { Some(Front::start(behind).await) } else { None };
        let port = port(operation, setup, &portal.url(), &post.url(), front.as_ref());
        Self { portal, post, front, port, setup, dossier: Dossier::new(41), told: AtomicUsize::new(0) }
    }

    /// Shows another certificate from now on.
    pub(super) async fn show(&self, certificate: Certificate) {
        self.front.as_ref().expect("a stage with TLS").show(certificate).await;
    }

    /// With everything there that the operation needs: a session or token, and what it changes or asks for.
    pub(super) async fn prepared(operation: Operation, setup: Setup) -> Self {
        let stage = Self::new(operation, setup).await;
        let before: &[Operation] = match operation {
            Operation::Login | Operation::Token => &[],
            Operation::Create => &[Operation::Login],
            Operation::Update | Operation::Row | Operation::Rows | Operation::LookUp | Operation::Inspect => {
                &[Operation::Create]
            }
            Operation::Order => &[Operation::Token],
            Operation::Cancel | Operation::Feed => &[Operation::Order],
        };
        for before in before {
            let outcome = stage.act(*before).await;
            assert!(outcome.starts_with("accepted"), "{before:?}: {outcome}");
        }
        stage.post.partner().advance(&Advance::default());
        stage.calls();
        stage
    }

    /// The same account after a restart: an adapter that remembers nothing.
    pub(super) fn restart(&mut self, operation: Operation) {
        let (portal, post) = (self.portal.url(), self.post.url());
        self.port = port(operation, self.setup, &portal, &post, self.front.as_ref());
    }

    /// The portal forgets everything, the session too.
    pub(super) fn wipe_portal(&self) {
        self.portal.reset();
        self.told.store(self.entries().len(), Ordering::SeqCst);
    }

    /// Misbehaviour of whichever mock knows the operation.
    pub(super) fn fault(&self, fault: Fault) {
        self.portal.fault(fault.clone());
        self.post.fault(fault);
    }

    /// Asks once, and says what is known afterwards.
    pub(super) async fn act(&self, operation: Operation) -> String {
        let number = self.dossier.order("TRA");
        let contents = match operation {
            Operation::Login | Operation::Token => return shown(&self.port.probe().await),
            Operation::Feed => return shown_page(&self.port.read_feed(None).await),
            Operation::LookUp => return shown_look_up(self.port.look_up(&self.handoff(self.record())).await),
            Operation::Inspect => {
                let question = Inspection::Dossier(DossierCode::new(&*self.dossier.code));
                return shown_inspected(&self.inspect(&question).await);
            }
            Operation::Create | Operation::Update => vec![self.record()],
            Operation::Row => vec![self.row(Status::Received)],
            Operation::Rows => vec![self.row(Status::Received), self.row(Status::Processing)],
            Operation::Order => vec![Content::Order(Box::new(samples::order(&number)))],
            Operation::Cancel => {
                vec![Content::Cancel(Cancel { number: OrderNumber::new(number), leg: Leg::Return })]
            }
        };
        let handoffs: Vec<Handoff> = contents.into_iter().map(|content| self.handoff(content)).collect();
        shown(&self.port.send(&handoffs, None).await.outcome)
    }

    /// Asks what the comparison of both sides asks.
    pub(super) async fn inspect(&self, question: &Inspection) -> Inspected {
        self.port.inspect(question).await
    }

    /// Asks once, and the partner does as asked.
    pub(super) async fn succeed(&self, operation: Operation) {
        let outcome = self.act(operation).await;
        let good = ["accepted ", "found same=true", "held 1 ", "rows 1 "]
            .iter()
            .any(|good| outcome.starts_with(good));
        assert!(good, "{operation:?}: {outcome}");
    }

    /// What was received since this was asked last, in order: `+` took effect, `-` did not.
    pub(super) fn calls(&self) -> String {
        let entries = self.entries();
        let new = entries.iter().skip(self.told.swap(entries.len(), Ordering::SeqCst));
        new.map(|entry| told(entry)).collect::<Vec<_>>().join(" ")
    }

    /// The same, once so many were received: a client that was cut off may be ahead of the mock.
    pub(super) async fn calls_of(&self, count: usize) -> String {
        self.received(count).await;
        self.calls()
    }

    /// Waits until so many were received.
    pub(super) async fn received(&self, count: usize) {
        let wanted = self.told.load(Ordering::SeqCst) + count;
        let (portal, post) = (self.portal.ledger().len(), self.post.ledger().len());
        let at_portal = self.portal.until(DEADLINE, |portal| portal.ledger().len() + post >= wanted);
        let at_post = self.post.until(DEADLINE, |post| post.ledger().len() + portal >= wanted);
        tokio::select! {
            _ = at_portal => {}
            _ = at_post => {}
        }
    }

    fn entries(&self) -> Vec<Arc<Entry>> {
        [self.portal.ledger(), self.post.ledger()].concat()
    }

    fn record(&self) -> Content {
        samples::record(&self.dossier)
    }

    fn row(&self, status: Status) -> Content {
        samples::row(&self.dossier, status)
    }

    fn handoff(&self, content: Content) -> Handoff {
        samples::handoff_of(&self.dossier, content)
    }
}

fn port(
    operation: Operation,
    setup: Setup,
    portal: &str,
    post: &str,
    front: Option<&Front>,
) -> Box<dyn Port> {
    let url = |plain: &str| front.map_or_else(|| plain.to_owned(), Front::url);
    let client = client(front);
    if operation.is_portals() {
        Box::new(AxisPort::build(portal_settings(&url(portal), setup, client)).unwrap())
    } else {
        Box::new(NgspPort::build(post_settings(&url(post), setup, client)).unwrap())
    }
}

/// The usual account at the agency's own adapter.
pub(super) fn axis(url: &str, client: ClientSettings) -> Box<dyn Port> {
    Box::new(AxisPort::build(portal_settings(url, Setup::default(), client)).unwrap())
}

fn client(front: Option<&Front>) -> ClientSettings {
    match front {
        Some(front) => ClientSettings { authorities: vec![front.authority()], ..samples::client() },
        None => samples::client(),
    }
}

fn secret(setup: Setup, right: &str) -> SecretString {
    SecretString::from(if setup.wrong_password { "sai" } else { right })
}

fn portal_settings(url: &str, setup: Setup, client: ClientSettings) -> AxisSettings {
    use lienthong_portal::axis::config::defaults;
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    AxisSettings {
        adapter_url: format!("{url}/XrdAdapter/RestService/forward"),
        auth_endpoint: "/mapi/login".to_owned(),
        integration_endpoint: "/mapi/g".to_owned(),
        share_endpoint: "/mapi/s".to_owned(),
        username: AGENCY.to_owned(),
        password: secret(setup, "mat-khau-thu"),
        madonvi: setup.code.unwrap_or(AGENCY).to_owned(),
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
        client,
    }
}

pub(super) fn post_settings(url: &str, setup: Setup, client: ClientSettings) -> NgspSettings {
    use lienthong_post::ngsp::config::defaults;
    let delivered = [("4", TrackingState::Delivered)];
    let tracking = defaults::TRACKING_CODES.iter().chain(&delivered);
    let area = Area { province: 80, district: None };
    NgspSettings {
        token_url: format!("{url}/token"),
        order_url: format!("{url}/ngsp/orders"),
        cancel_url: format!("{url}/ngsp/orders/cancel"),
        tracking_url: format!("{url}/ngsp/orders/tracking"),
        customer_code: setup.code.unwrap_or("LC_XA_TIENTHANH").to_owned(),
        customer_key: "khach-hang-thu".to_owned(),
        customer_secret: secret(setup, "bi-mat-thu"),
        token_quiet: defaults::TOKEN_QUIET,
        number_unique: if setup.number_unique { Uniqueness::Yes } else { Uniqueness::No },
        visibility_delay: defaults::VISIBILITY_DELAY,
        uncertain_limit: defaults::UNCERTAIN_LIMIT,
        codes: defaults::CODES.iter().map(|(code, meaning)| ((*code).to_owned(), *meaning)).collect(),
        tracking_codes: tracking.map(|(code, state)| ((*code).to_owned(), (*state).into())).collect(),
        feed_page_size: defaults::FEED_PAGE_SIZE,
        no_district: NoDistrict::Zero,
        areas: Arc::new(AreaTable::new([AreaRow {
            unit: UnitCode::new("60"),
            area,
            commune: None,
            validity: Validity::default(),
        }])),
        client,
    }
}

fn told(entry: &Entry) -> String {
    let name = match (entry.operation.as_str(), entry.json()["isUpdating"].as_str()) {
        ("DongBoHoSoMC", Some("False")) => "create",
        ("DongBoHoSoMC", Some("True")) => "update",
        ("CapNhatTienDoHoSoMC", _) => "rows",
        ("TraCuuHoSo", _) => "look-up",
        (operation, _) => operation,
    };
    format!("{name}{}", if entry.took_effect() { '+' } else { '-' })
}
