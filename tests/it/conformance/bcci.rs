//! The interface with waybills against its mock: the post's columns of the one table, in both flavours.
//!
//! What a trouble means for a call of the order service does not depend on the way to it; so the cells of NGSP hold here
//! under another prefix. In the direct flavour there is no token: its column is left out, and what would be renewed is not.

use super::operation::Operation;
use super::samples;
use super::shown::{shown, shown_page};
use super::stage::{self, Setup};
use super::table::{self, Row, Trouble};
use crate::support::Dossier;
use lienthong_core::handoff::{Cancel, Content, Handoff, Leg};
use lienthong_core::ids::OrderNumber;
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::port::{Port, Uniqueness};
use lienthong_core::receipt::Receipt;
use lienthong_post::bcci::BcciPort;
use lienthong_post::bcci::config::{BcciSettings, Flavour, defaults};
use mock_bcci::{Config, Direct, Lgsp, Running};
use mock_kit::{Deed, Fault, Stage as ResetAt};
use secrecy::SecretString;

/// A waybill of the mock's range.
const WAYBILL: &str = "CH100200000VN";

const OPERATIONS: [Operation; 3] = [Operation::Order, Operation::Cancel, Operation::Feed];

/// The way to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Direct,
    Lgsp,
}

struct Stage {
    post: Running,
    port: BcciPort,
    dossier: Dossier,
}

impl Stage {
    async fn new(way: Way) -> Self {
        let flavour = match way {
            Way::Direct => mock_bcci::Flavour::Direct(Direct::default()),
            Way::Lgsp => mock_bcci::Flavour::Lgsp(Lgsp::default()),
        };
        let post = mock_bcci::Mock::start(Config { flavour, ..Config::default() }).await.unwrap();
        let port = BcciPort::build(settings(way, &post.url())).unwrap();
        Self { post, port, dossier: Dossier::new(41) }
    }

    /// With a token where there are tokens, and what the operation needs.
    async fn prepared(way: Way, operation: Operation) -> Self {
        let stage = Self::new(way).await;
        assert_eq!(stage.act(Operation::Token).await, "accepted BCCI-OK");
        if operation != Operation::Order {
            assert_eq!(stage.act(Operation::Order).await, "accepted BCCI-OK");
        }
        stage.post.partner().post().advance(&mock_post::Advance::default());
        stage
    }

    async fn act(&self, operation: Operation) -> String {
        let number = OrderNumber::new(self.dossier.order("TRA"));
        let content = match operation {
            Operation::Token => return shown(&self.port.probe().await),
            Operation::Feed => return shown_page(&self.port.read_feed(None).await),
            Operation::Cancel => Content::Cancel(Cancel { number, leg: Leg::Return }),
            Operation::Order
            | Operation::Login
            | Operation::Create
            | Operation::Update
            | Operation::Row
            | Operation::Rows
            | Operation::LookUp
            | Operation::Inspect => Content::Order(Box::new(samples::order(number.as_str()))),
        };
        let receipt = Receipt { reference: None, waybill: Some(WAYBILL.to_owned()) };
        let handoff = Handoff { receipt, ..samples::handoff_of(&self.dossier, content) };
        shown(&self.port.send(&[handoff], None).await.outcome)
    }
}

fn settings(way: Way, url: &str) -> BcciSettings {
    let ngsp = stage::post_settings(url, Setup::default(), samples::client());
    let flavour = match way {
        Way::Direct => Flavour::Direct {
            order_url: format!("{url}/bcci/orders/waybill"),
            cancel_url: Some(format!("{url}/bcci/orders/cancel")),
            tracking_url: Some(format!("{url}/bcci/orders/tracking")),
            access_token: SecretString::from("the-vao-thu"),
        },
        Way::Lgsp => Flavour::Lgsp {
            token_url: format!("{url}/token"),
            service_url: format!("{url}/lgsp/vnpost"),
            order_service: "OrderPost".to_owned(),
            cancel_service: Some("OrderCancel".to_owned()),
            tracking_service: Some("OrderTracking".to_owned()),
            client_id: "khach-hang-thu".to_owned(),
            client_secret: SecretString::from("bi-mat-thu"),
            token_quiet: defaults::TOKEN_QUIET,
        },
    };
    BcciSettings {
        flavour,
        customer_code: "LC_XA_TIENTHANH".to_owned(),
        flag_config: defaults::FLAG_CONFIG,
        number_unique: Uniqueness::Yes,
        visibility_delay: defaults::VISIBILITY_DELAY,
        uncertain_limit: defaults::UNCERTAIN_LIMIT,
        codes: defaults::CODES.iter().map(|(code, meaning)| ((*code).to_owned(), *meaning)).collect(),
        tracking_codes: ngsp.tracking_codes,
        feed_page_size: defaults::FEED_PAGE_SIZE,
        no_district: ngsp.no_district,
        areas: ngsp.areas,
        client: ngsp.client,
    }
}

/// What the row means here. A header that is dead stays dead: there is nothing to renew.
fn expected(row: &Row, way: Way, operation: Operation) -> String {
    match (&row.trouble, way) {
        (Trouble::DeadCredential, Way::Direct) => "blocked BCCI-HTTP-401".to_owned(),
        _same => row.expected(operation).replace("POST-", "BCCI-"),
    }
}

/// Rows that are played here: a partner that is slow or silent until the deadline costs a deadline a cell, and a
/// certificate is the client's business; both are played for NGSP, whose client it is.
fn is_played(row: &Row) -> bool {
    match &row.trouble {
        Trouble::Shows(_) => false,
        Trouble::Does(Deed::Silence { .. } | Deed::Slow { .. } | Deed::SlowHead { .. }) => false,
        // Once is told apart from always by the renewal alone, which only tokens have.
        Trouble::DoesOnce(_) => false,
        Trouble::None | Trouble::Down | Trouble::DeadCredential | Trouble::Does(_) => true,
    }
}

async fn check(row: &Row, way: Way, operation: Operation) {
    let stage = Stage::prepared(way, operation).await;
    let unread = Deed::Reset { stage: ResetAt::BeforeReading };
    let fault = |deed: &Deed, on: &str| stage.post.fault(Fault::new(deed.clone()).on(on));
    match &row.trouble {
        Trouble::Down => stage.post.go_down().await,
        Trouble::Does(deed) if *deed == unread => {
            fault(deed, operation.endpoint());
        }
        Trouble::Does(deed) => {
            fault(deed, operation.wire());
        }
        Trouble::DeadCredential => stage.post.partner().expire_tokens(None),
        Trouble::None | Trouble::DoesOnce(_) | Trouble::Shows(_) => {}
    }
    let before = stage.post.count(operation.wire());
    let outcome = stage.act(operation).await;
    assert_eq!(outcome, expected(row, way, operation), "{}: {way:?} {operation:?}", row.name);
    if outcome.starts_with("uncertain") {
        assert!(stage.post.count(operation.wire()) <= before + 1, "{}: repeated on a guess", row.name);
    }
}

#[tokio::test]
async fn every_trouble_means_what_it_means_for_the_order_service() {
    let rows: Vec<Row> = table::all().into_iter().filter(is_played).collect();
    assert!(rows.len() >= 30, "{} rows", rows.len());
    for row in &rows {
        for way in [Way::Direct, Way::Lgsp] {
            for operation in OPERATIONS {
                check(row, way, operation).await;
            }
        }
    }
}

#[tokio::test]
async fn a_second_order_of_one_number_is_there_already_and_no_second_parcel() {
    for way in [Way::Direct, Way::Lgsp] {
        let stage = Stage::prepared(way, Operation::Cancel).await;
        assert_eq!(stage.act(Operation::Order).await, "accepted BCCI-101", "{way:?}");
        let number = stage.dossier.order("TRA");
        assert_eq!(stage.post.partner().post().parcels(&number).len(), 1);
        assert!(stage.post.partner().violations().is_empty());
    }
}

#[tokio::test]
async fn it_has_no_question_for_the_comparison_and_is_not_called() {
    for way in [Way::Direct, Way::Lgsp] {
        let stage = Stage::prepared(way, Operation::Feed).await;
        let before = stage.post.ledger().len();
        let at = |text: &str| text.parse().unwrap();
        let (from, to) = (at("2022-09-14T00:00:00Z"), at("2022-09-16T00:00:00Z"));
        let orders = Inspection::Orders { from, to, after: None };
        assert_eq!(stage.port.inspect(&orders).await, Inspected::NoQuestion, "{way:?}");
        assert_eq!(stage.post.ledger().len(), before, "{way:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_cancelled_is_said_as_it_is() {
    for way in [Way::Direct, Way::Lgsp] {
        let stage = Stage::new(way).await;
        assert_eq!(stage.act(Operation::Cancel).await, "rejected BCCI-103", "{way:?}");
        let stage = Stage::prepared(way, Operation::Cancel).await;
        stage.post.partner().post().advance_to(&stage.dossier.order("TRA"), mock_post::Step::Collected);
        assert_eq!(stage.act(Operation::Cancel).await, "rejected BCCI-104", "{way:?}");
    }
}
